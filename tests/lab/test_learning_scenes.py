"""Every scene of trainings opens as it is written, and what it claims is what the core computes."""

import dataclasses
from functools import cache
from itertools import permutations

import numpy as np
import pytest

from lab.lessons import course
from lab.recipe import Recipe
from lab.scenes import STUDIES, Scene, load, scenes
from lab.scenes.learning_claims import LEARNT, Outcome, Outcomes, check
from lab.study import Study
from optim_core.networks import Training, train

LESSONS = [scene for scene in scenes() if scene.page in STUDIES]
every_lesson = pytest.mark.parametrize("scene", LESSONS, ids=lambda scene: scene.id)


def study(scene: Scene) -> Study:
    return Study.from_query(scene.link)[0]


@cache
def record(recipe: Recipe) -> Training:
    return train(course(recipe)[1])


def outcomes(scene: Scene) -> Outcomes:
    """The patience is only read, so trainings that differ in it are one."""
    return tuple(Outcome(recipe, record(dataclasses.replace(recipe, patience=0))) for recipe in study(scene).recipes)


def still(run: Outcome) -> Outcome:
    """Nothing was learnt."""
    frozen = {
        name: np.repeat(values[:1], len(values), axis=0)
        for name, values in run.record._asdict().items()
        if isinstance(values, np.ndarray) and name not in ("at", "epoch_at", "best_w", "best_stats")
    }
    return run._replace(record=run.record._replace(**frozen, best=0))


def broken(made: Outcomes) -> list[Outcomes]:
    """Nothing is learnt; the first training learns nothing; the trainings are exchanged; every training is the same."""
    frozen = tuple(map(still, made))
    return [frozen, (frozen[0], *made[1:]), *list(permutations(made))[1:], *[(run,) * len(made) for run in made]]


@every_lesson
def test_link_is_canonical(scene: Scene) -> None:
    opened, problems = Study.from_query(scene.link)
    assert not problems
    assert list(opened.to_query().items()) == list(scene.link.items())


@every_lesson
def test_claims_hold(scene: Scene) -> None:
    verdicts = [(dict(claim), *check(claim, outcomes(scene))) for claim in scene.claims]
    failed = [f"{claim}: {measured}" for claim, holds, measured in verdicts if not holds]
    assert not failed, "\n".join(failed)


@every_lesson
def test_every_claim_can_fail(scene: Scene) -> None:
    """A claim that holds of every broken study too says nothing of the right one."""
    wrong = broken(outcomes(scene))
    assert not [dict(claim) for claim in scene.claims if all(check(claim, made)[0] for made in wrong)]
    assert not all(check(claim, wrong[0])[0] for claim in scene.claims), "holds even where nothing is learnt"


def test_every_kind_of_claim_is_used() -> None:
    assert {kind for scene in LESSONS for claim in scene.claims for kind in claim if kind in LEARNT} == set(LEARNT)


def test_the_newcomer_sees_a_line_and_a_hidden_layer() -> None:
    """The first scene is what the page shows to a reader who has nothing of their own yet."""
    assert LESSONS[0].id == "line_or_layer"
    assert "B1" in LESSONS[0].rows


@pytest.mark.parametrize("seed", range(10))
def test_the_spiral_is_learnt_whatever_the_seed(seed: int) -> None:
    """The hardest picture of TensorFlow Playground, with the preset's settings; the seed draws data, first weights and batches."""
    recipe = next(study(scene).recipe for scene in LESSONS if scene.id == "spiral")
    made = train(course(dataclasses.replace(recipe, data_seed=seed, weights_seed=seed, batch_seed=seed))[1])
    assert made.valid_accuracy[-1] >= 0.97


def test_a_claim_about_a_missing_training_is_an_error() -> None:
    with pytest.raises(ValueError, match="names run 5"):
        check({"run": 5, "fits": 1.0}, outcomes(LESSONS[0]))


WRONG = {"{ run = 1, within_by = 3 }": "exactly one", "{ run = 1, better = 0.5 }": "two runs", "{ run = 1 }": "shapes"}
GOOD = """
title = "T"
topic = "Networks"
rows = ["B1"]
page = "training"
question = "Q"
notice = "N"
link = "v=1"
claims = [{ run = 1, fits = 1.0 }]
"""


@pytest.mark.parametrize(("claim", "named"), WRONG.items())
def test_a_claim_of_another_kind_of_scene_is_named(tmp_path, claim: str, named: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert load(path).page == "training"
    path.write_text(GOOD.replace("{ run = 1, fits = 1.0 }", claim), encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.toml") as raised:
        load(path)
    assert named in str(raised.value)
