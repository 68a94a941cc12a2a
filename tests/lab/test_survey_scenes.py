"""Every scene of landscapes opens as it is written, and what it claims is what the core computes."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from itertools import permutations

import jax
import numpy as np
import pytest

from lab.cut import CELLS, Cut
from lab.lessons import course
from lab.scenes import CUTS, Scene, load, scenes
from lab.scenes.survey_claims import SURVEYED, Sight, Sights, check, sights
from lab.study import iterations
from optim_core.landscape import Ground, Heights, leading
from optim_core.networks import train
from tests.unoptimised import unoptimised

LANDSCAPES = [scene for scene in scenes() if scene.page in CUTS]
every_landscape = pytest.mark.parametrize("scene", LANDSCAPES, ids=lambda scene: scene.id)


LONG = 1000
"""Iterations."""


@pytest.fixture(scope="module", autouse=True)
def quick_to_compile() -> Iterator[None]:
    with unoptimised():
        yield


@contextmanager
def optimised() -> Iterator[None]:
    """Meanwhile XLA optimises after all: a training of thousands of iterations is worth it."""
    jax.config.update("jax_disable_most_optimizations", False)
    try:
        yield
    finally:
        jax.config.update("jax_disable_most_optimizations", True)


def seen(scene: Scene) -> Sights:
    """On a coarser grid than the scene's: no claim hangs on the number of places."""
    return _seen(dataclasses.replace(Cut.from_query(scene.link)[0], cells=CELLS[0]))


@cache
def _seen(cut: Cut) -> Sights:
    with optimised() if max(map(iterations, cut.study.recipes)) > LONG else nullcontext():
        return sights(cut)


def blank(sight: Sight) -> Sight:
    """A plain as high as the highest place of the landscape. The path never leaves its first place, which lies outside the plane, nothing becomes sharper,
    and nothing changes along the gradient."""
    relief, track = sight.relief, sight.track
    level = float(np.nanmax(relief.heights.loss))
    still = track.shadow._replace(at=np.repeat(track.shadow.at[:1], len(track.shadow.at), axis=0))
    made = sight._replace(
        relief=relief._replace(heights=_flat(relief.heights, level)),
        track=track._replace(shadow=still, explained=0.0, drawn=_flat(track.drawn, level)),
        lines={kind: line._replace(heights=_flat(line.heights, level)) for kind, line in sight.lines.items()},
    )
    if sight.curvature is not None:
        leading = sight.curvature.leading
        made = made._replace(curvature=sight.curvature._replace(leading=np.repeat(leading[:1], len(leading), axis=0)))
    if sight.smoothness is not None:
        zeros = {name: np.zeros_like(getattr(sight.smoothness, name)) for name in ("loss", "change", "beta")}
        made = made._replace(smoothness=sight.smoothness._replace(**zeros))
    return made


def _flat(heights: Heights, level: float) -> Heights:
    return Heights(*(np.full_like(values, level) for values in heights))


def held(sight: Sight) -> Sight:
    """A plane that holds all of the path."""
    return sight._replace(track=sight.track._replace(explained=1.0))


def broken(made: Sights) -> list[Sights]:
    """Nothing is seen; the first training is not seen; every plane holds everything; the trainings are exchanged; every training is the same."""
    plain = tuple(map(blank, made))
    return [plain, (plain[0], *made[1:]), tuple(map(held, made)), *list(permutations(made))[1:], *[(run,) * len(made) for run in made]]


@every_landscape
def test_link_is_canonical(scene: Scene) -> None:
    opened, problems = Cut.from_query(scene.link)
    assert not problems
    assert list(opened.to_query().items()) == list(scene.link.items())


@every_landscape
def test_claims_hold(scene: Scene) -> None:
    verdicts = [(dict(claim), *check(claim, seen(scene))) for claim in scene.claims]
    failed = [f"{claim}: {measured}" for claim, holds, measured in verdicts if not holds]
    assert not failed, "\n".join(failed)


@every_landscape
def test_every_claim_can_fail(scene: Scene) -> None:
    """A claim that holds of every broken landscape too says nothing of the right one."""
    wrong = broken(seen(scene))
    assert not [dict(claim) for claim in scene.claims if all(check(claim, made)[0] for made in wrong)]
    assert not all(check(claim, wrong[0])[0] and check(claim, wrong[2])[0] for claim in scene.claims), "holds even where nothing is seen"


def test_every_kind_of_claim_is_used() -> None:
    assert {kind for scene in LANDSCAPES for claim in scene.claims for kind in claim if kind in SURVEYED} == set(SURVEYED)


def test_the_newcomer_sees_a_path_in_its_own_plane() -> None:
    """The first scene is what the page shows to a reader who has nothing of their own yet."""
    assert LANDSCAPES[0].id == "a_path_in_its_plane"
    assert Cut.from_query(LANDSCAPES[0].link)[0].plane == "path"


@pytest.mark.parametrize("seed", range(1, 11))
def test_gradient_descent_settles_at_the_edge_of_stability_whatever_the_seed(seed: int) -> None:
    """Cohen et al. 2021, with the preset's settings; the seed draws the first weights. The median as in the claim, over fewer points."""
    recipe = next(Cut.from_query(scene.link)[0].study.recipe for scene in LANDSCAPES if scene.id == "edge_of_stability_network")
    made = course(dataclasses.replace(recipe, weights_seed=seed))[1]
    with optimised():
        record = train(made)
    ground = Ground(made.network, made.x, made.y, made.valid_x, made.valid_y)
    late = record.w[record.at >= 0.75 * record.n_steps][::3]
    sharpest = [leading(ground, w, 1)[0][0] for w in late]
    assert len(late) >= 5
    assert 0.9 <= float(np.median(sharpest)) * recipe.run.lr / 2 <= 1.2


def test_a_claim_about_a_missing_path_is_an_error() -> None:
    with pytest.raises(ValueError, match="names run 5"):
        check({"run": 5, "plane_holds": 0.5}, seen(LANDSCAPES[0]))


WRONG = {"{ run = 1, fits = 1.0 }": "exactly one", "{ run = 1, flatter = 0.5 }": "two runs", "{ run = 1 }": "smoother"}
GOOD = """
title = "T"
topic = "Landscapes"
rows = ["A15"]
page = "landscape"
question = "Q"
notice = "N"
link = "v=1"
claims = [{ run = 1, plane_holds = 0.5 }]
"""


@pytest.mark.parametrize(("claim", "named"), WRONG.items())
def test_a_claim_of_another_kind_of_scene_is_named(tmp_path, claim: str, named: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert load(path).page == "landscape"
    path.write_text(GOOD.replace("{ run = 1, plane_holds = 0.5 }", claim), encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.toml") as raised:
        load(path)
    assert named in str(raised.value)
