"""Every scene opens as it is written, and what it claims is what the core computes."""

import dataclasses
from typing import Any

import pytest

from lab.compute import picture
from lab.experiment import Experiment
from lab.runs import CONSTANT, LR, MAX_RUNS
from lab.scenes import CUTS, STUDIES, TOPICS, Scene, load, scenes
from lab.scenes.claims import CLAIMS, check
from optim_core import optimizers, schedules
from optim_core.clipping import CLIPS, ClipByNorm
from optim_core.schedules.exponential import Exponential

LAST_ROW = {"A": 17, "B": 12, "C": 12, "D": 15, "E": 6}
ALL_ROWS = {f"{lecture}{number}" for lecture, last in LAST_ROW.items() for number in range(1, last + 1)}
TAUGHT = {
    "trajectories": {"A4", "A7", "A10", "A11", "A12", "A13", "A14", "C4", "C6", "C7", "C8", "D4", "D5", "D6", "D9", "D10", "E1", "E4"},
    "schedules": {"A5", "A6", "A11", "C10", "C11", "D1", "D5", "E3"},
    "training": {"A1", "A16", "B1", "B2", "B4", "B6", "C10", "D3", "D11", "D12", "D14"},
    "landscape": {"A15", "D13"},
}
"""Lecture rows of each page; `ALL_ROWS` are those of the five lectures."""

EXPERIMENTS = [scene for scene in scenes() if scene.page not in (*STUDIES, *CUTS)]
every_scene = pytest.mark.parametrize("scene", EXPERIMENTS, ids=lambda scene: scene.id)
"""Those of trainings are in `test_learning_scenes`, those of landscapes in `test_survey_scenes`."""


def experiment(scene: Scene) -> Experiment:
    return Experiment.from_query(scene.link)[0]


@every_scene
def test_link_is_canonical(scene: Scene) -> None:
    opened, problems = Experiment.from_query(scene.link)
    assert not problems
    assert list(opened.to_query().items()) == list(scene.link.items())


@every_scene
def test_claims_hold(scene: Scene) -> None:
    shown = picture(experiment(scene))
    verdicts = [(dict(claim), *check(claim, shown)) for claim in scene.claims]
    failed = [f"{claim}: {measured}" for claim, holds, measured in verdicts if not holds]
    assert not failed, "\n".join(failed)


def with_lr(e: Experiment, factor: float) -> Experiment:
    return dataclasses.replace(e, runs=tuple(dataclasses.replace(run, lr=min(max(factor * run.lr, LR.low), LR.high)) for run in e.runs))


def still(e: Experiment) -> Experiment:
    """Nothing moves; or hardly anything, where η is what a map varies."""
    return dataclasses.replace(e, n_steps=1) if e.chart is not None and e.chart.kind == "plane" else with_lr(e, 0.0)


def with_runs(e: Experiment, **values: Any) -> Experiment:
    return dataclasses.replace(e, runs=tuple(dataclasses.replace(run, **values) for run in e.runs))


def broken_ones(e: Experiment) -> list[Experiment]:
    """Nothing moves; η far too large; a few times too small; runs exchanged; every run the same; a stopping rule that never or always holds; what changes
    along a run is missing, is another, or is so in one run only; the noise is missing, another, or far too strong."""
    same = [dataclasses.replace(e, runs=(run,) * len(e.runs)) for run in e.runs]
    stops = [dataclasses.replace(e, tolerance=1e-12, patience=e.n_steps), dataclasses.replace(e, tolerance=1.0, patience=1)]
    timed = [with_runs(e, schedule=CONSTANT, warmup=None), with_runs(e, schedule=Exponential(0.9)), with_runs(e, clip=None), with_runs(e, clip=ClipByNorm(0.1))]
    timed += [dataclasses.replace(e, runs=(other.runs[0], *e.runs[1:])) for other in timed]
    noisy = []
    if e.chance is not None:
        changed = ({"seed": e.chance.seed + 1}, {"sigma": e.chance.sigma / 20}, {"sigma": e.chance.sigma * 20})
        noisy = [dataclasses.replace(e, chance=chance) for chance in (None, *(dataclasses.replace(e.chance, **values) for values in changed))]
    return [still(e), with_lr(e, 50.0), with_lr(e, 0.1), dataclasses.replace(e, runs=e.runs[::-1]), *same, *stops, *timed, *noisy]


@every_scene
def test_every_claim_can_fail(scene: Scene) -> None:
    """A claim that holds of every broken experiment too says nothing of the right one."""
    broken = [picture(e) for e in broken_ones(experiment(scene))]
    empty = [dict(claim) for claim in scene.claims if all(check(claim, shown)[0] for shown in broken)]
    assert not empty
    assert not all(check(claim, broken[0])[0] for claim in scene.claims), "holds even where nothing moves"


def test_every_kind_of_claim_is_used() -> None:
    used = {kind for scene in EXPERIMENTS for claim in scene.claims for kind in claim if kind in CLAIMS}
    assert used == set(CLAIMS)


def test_rows_are_those_of_the_lectures_and_all_taught() -> None:
    served = [row for scene in scenes() for row in scene.rows]
    assert set(served) <= ALL_ROWS
    for page, rows in TAUGHT.items():
        assert {row for scene in scenes() if scene.page == page for row in scene.rows} >= rows, page
    for scene in scenes():
        assert list(scene.rows) == sorted(set(scene.rows), key=lambda row: (row[0], int(row[1:]))), scene.id


def test_every_lecture_optimizer_is_in_a_scene() -> None:
    shown = {run.key for scene in EXPERIMENTS for run in experiment(scene).runs}
    assert shown >= {key for key, cls in optimizers.REGISTRY.items() if TAUGHT["trajectories"] & set(cls.rows)}


def test_every_lecture_schedule_warm_up_and_clip_is_in_a_scene() -> None:
    runs = [run for scene in EXPERIMENTS for run in experiment(scene).runs]
    assert {type(run.schedule) for run in runs} >= {cls for cls in schedules.REGISTRY.values() if cls.rows}
    assert {type(run.clip) for run in runs} >= set(CLIPS.values())
    assert any(run.warmup for run in runs)


def test_first_visit_is_a_scene() -> None:
    first, problems = Experiment.from_query({})
    assert not problems
    race = next(scene for scene in scenes() if scene.id == "race")
    assert dict(race.link) == first.to_query()
    assert {"A10", "A14"} <= set(race.rows)


def test_order_and_names() -> None:
    rows = [(scene.rows[0][0], int(scene.rows[0][1:])) for scene in scenes()]
    assert rows == sorted(rows)
    assert len({scene.title for scene in scenes()}) == len(scenes()) == len({tuple(scene.link.items()) for scene in scenes()})
    assert {scene.topic for scene in scenes()} == set(TOPICS)
    assert all(len(experiment(scene).runs) <= MAX_RUNS for scene in EXPERIMENTS)


GOOD = """
title = "T"
topic = "Momentum"
rows = ["A4"]
page = "trajectories"
question = "Q"
notice = "N"
link = "v=1"
claims = [{ run = 1, within_by = 3 }]
"""


@pytest.mark.parametrize(
    ("line", "instead", "named"),
    [
        ('title = "T"', 'title = ""', "title"),
        ('title = "T"', f'title = "{"x" * 51}"', "50"),
        ('question = "Q"', f'question = "{"x" * 141}"', "140"),
        ('notice = "N"', "notice = 1", "notice"),
        ('notice = "N"', "", "notice"),
        ('title = "T"', 'title = "T"\ncolour = "red"', "colour"),
        ('topic = "Momentum"', 'topic = "Cooking"', "Cooking"),
        ('page = "trajectories"', 'page = "attic"', "attic"),
        ('rows = ["A4"]', "rows = []", "rows"),
        ('rows = ["A4"]', 'rows = ["F1"]', "F1"),
        ('link = "v=1"', 'link = "v"', "v"),
        ('link = "v=1"', 'link = ""', "link"),
        ('link = "v=1"', 'link = "v=1&v=1"', "v"),
        ("claims = [{ run = 1, within_by = 3 }]", "claims = []", "claim"),
        ("claims = [{ run = 1, within_by = 3 }]", "claims = [1]", "claim"),
        ("{ run = 1, within_by = 3 }", "{ run = 1, flies = true }", "flies"),
        ("{ run = 1, within_by = 3 }", "{ run = 1, within_by = 3, overflows = true }", "exactly one"),
        ("{ run = 1, within_by = 3 }", "{ run = 0, within_by = 3 }", "run"),
        ("{ run = 1, within_by = 3 }", "{ runs = [1, 2], within_by = 3 }", "one run"),
        ("{ run = 1, within_by = 3 }", "{ run = 1, same_path = 0.1 }", "two runs"),
        ("{ run = 1, within_by = 3 }", "{ run = 1, within_by = 3, tolerance = 1 }", "nothing"),
        ("{ run = 1, within_by = 3 }", "{ run = 1, ends_at = [0, 0] }", "tolerance"),
        ('title = "T"', "title = ", "bad.toml"),
    ],
)
def test_a_malformed_file_is_named(tmp_path, line: str, instead: str, named: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert load(path).id == "bad"
    assert line in GOOD
    path.write_text(GOOD.replace(line, instead), encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.toml") as raised:
        load(path)
    assert named in str(raised.value)


def test_a_claim_about_a_missing_run_is_an_error() -> None:
    with pytest.raises(ValueError, match="names run 5"):
        check({"run": 5, "within_by": 3}, picture(Experiment.from_query({})[0]))
