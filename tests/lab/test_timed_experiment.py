"""Schedules, warm-ups, clips and noise in the link, and how edits go through them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import FRAIL, experiments, pieces, runnable

import surfaces
from lab import compute
from lab.experiment import Experiment
from lab.runs import MAX_RUNS, Chance, Run, suggested_lr
from lab.values import Problem
from optim_core import optimizers, schedules
from optim_core.clipping import CLIPS
from optim_core.hyper import TextError, hypers, texts
from optim_core.noise import Noise
from optim_core.plan import WARMUPS
from optim_core.schedules.piecewise import parse_pieces, pieces_text

DEFAULT, _none = Experiment.from_query({})
ENGLISH = str


def edited(experiment: Experiment, **edits: str) -> Experiment:
    """After edits that must be accepted; `__` stands for a dot."""
    for key, text in edits.items():
        experiment, problem = experiment.set(key.replace("__", "."), text)
        assert problem is None, problem
    return experiment


def custom(formula: str, of: Experiment = DEFAULT) -> Experiment:
    """The first run under a formula."""
    return edited(of, run1__schedule="custom", run1__schedule__formula=formula)


# ---------------------------------------------------------------------- the link

OLD = (
    "v=1&surface=elongated_quadratic&surface.a=0.1&surface.b=2&surface.angle=0&start=-5,-2&steps=60&stop=none&tolerance=0.001&patience=10&view=map&axis=log"
    "&run1=gradient_descent&run1.lr=0.4&run1.hidden=0&run2=momentum&run2.lr=0.4&run2.beta=0.5&run2.hidden=0"
    "&run3=rmsprop&run3.lr=0.4&run3.gamma=0.9&run3.epsilon=1e-08&run3.hidden=0&run4=adam&run4.lr=0.4&run4.beta1=0.9&run4.beta2=0.999&run4.epsilon=1e-08&run4.hidden=0"
)


def test_a_link_from_before_schedules_opens_unchanged() -> None:
    query = dict(pair.split("=", 1) for pair in OLD.split("&"))
    read, problems = Experiment.from_query(query)
    assert (read, problems) == (DEFAULT, [])
    assert all(run.steady and run.clip is None for run in read.runs)
    assert (read.rates, read.epoch, read.together, read.chance) == ("linear", 1, False, None)
    assert {key: text for key, text in read.to_query().items() if key in query} == query
    changed, problem = read.set("run2.beta", "0.75")
    assert problem is None and changed.runs[1].optimizer.beta == 0.75


@pytest.mark.parametrize("key", schedules.REGISTRY)
def test_every_value_of_a_schedule_stands_in_the_link(key: str) -> None:
    made = edited(DEFAULT, run1__schedule=key, run1__warmup="cosine", run1__clip="value", noise="decaying", epoch="5", rates="log")
    query, schedule = made.to_query(), schedules.REGISTRY[key]()
    assert query["run1.schedule"] == key and made.runs[0].schedule == schedule
    assert {name for name in query if name.startswith("run1.schedule.")} == {f"run1.schedule.{name}" for name in (*hypers(schedule), *texts(schedule))}
    assert (query["run1.warmup"], query["run1.warmup.steps"], query["run1.warmup.start"]) == ("cosine", "10", "0")
    assert (query["run1.clip"], query["run1.clip.threshold"]) == ("value", "1")
    assert [query[f"noise{part}"] for part in ("", ".sigma", ".seed", ".common", ".fan")] == ["decaying", "1", "1", "1", "1"]
    assert (query["epoch"], query["rates"], query["together"]) == ("5", "log", "0")
    assert Experiment.from_query(query) == (made, [])


CASES: list[tuple[str, str, tuple[Any, ...]]] = [
    ("run1.schedule", "sine", ("constant", *(key for key in schedules.REGISTRY if key != "constant"))),
    ("run1.schedule", "none", ("constant", *(key for key in schedules.REGISTRY if key != "constant"))),
    ("run1.warmup", "sudden", ("none", *WARMUPS)),
    ("run1.warmup.steps", "2.5", (1.0, 10_000.0)),
    ("run1.warmup.start", "1.01", (0.0, 1.0)),
    ("run1.clip", "constant", ("none", *CLIPS)),
    ("run1.clip.threshold", "0", (0.001, 10_000.0)),
    ("noise", "loud", ("none", "constant", "decaying")),
    ("noise.sigma", "1e-5", (1e-4, 1e4)),
    ("noise.seed", "0", (1, 9999)),
    ("noise.seed", "1.5", (1, 9999)),
    ("noise.common", "yes", ("0", "1")),
    ("noise.fan", "201", (1, 200)),
    ("epoch", "0", (1, 10_000)),
    ("epoch", "1.5", (1, 10_000)),
    ("together", "2", ("0", "1")),
    ("rates", "loglog", ("log", "linear")),
]


@pytest.mark.parametrize(("key", "given_text", "allowed"), CASES)
def test_what_is_not_understood_is_named_and_changes_nothing(key: str, given_text: str, allowed: tuple[Any, ...]) -> None:
    full = edited(DEFAULT, run1__warmup="linear", run1__clip="norm", noise="constant")
    assert full.set(key, given_text) == (full, Problem(key, given_text, allowed))
    read, problems = Experiment.from_query({**full.to_query(), key: given_text})
    assert Problem(key, given_text, allowed) in problems and runnable(read)


def test_keys_without_their_choice_are_unknown() -> None:
    read, problems = Experiment.from_query({**DEFAULT.to_query(), "run1.schedule.gamma": "0.5", "noise.sigma": "2", "run1.clip.threshold": "1"})
    assert read == DEFAULT and {(problem.key, problem.allowed) for problem in problems} == {
        ("run1.schedule.gamma", ()), ("noise.sigma", ()), ("run1.clip.threshold", ())
    }  # fmt: skip


def test_a_choice_not_understood_takes_what_hangs_on_it_along() -> None:
    read, problems = Experiment.from_query({**DEFAULT.to_query(), "run1.schedule": "sine", "run1.schedule.gamma": "0.5", "run1.clip": "x", "run1.clip.c": "1"})
    assert read == DEFAULT and [problem.key for problem in problems] == ["run1.schedule", "run1.clip"]


# ---------------------------------------------------------------------- together


@given(experiments(), st.data())
@settings(deadline=None, max_examples=50)
def test_together_every_run_has_the_first_ones_schedule(e: Experiment, data: st.DataObject) -> None:
    one = edited(e, together="1")
    assert one.runs == tuple(run.timed_like(e.runs[0]) for run in e.runs)
    key = data.draw(st.sampled_from(sorted(schedules.REGISTRY)))
    changed = edited(one, run1__schedule=key, run1__warmup=data.draw(st.sampled_from(["none", *WARMUPS])))
    assert {type(run.schedule) for run in changed.runs} == {schedules.REGISTRY[key]} and len({run.warmup for run in changed.runs}) == 1
    for other in (changed.add("adam"), changed.duplicate(0), changed.remove(0), changed.reset(len(changed.runs) - 1), changed.on_surface("booth")):
        assert Experiment.from_query(other.to_query()) == (other, [])
        assert len({(run.schedule, run.warmup) for run in other.runs}) == 1
    assert [run.clip for run in changed.runs] == [run.clip for run in e.runs]  # clips are each run's own
    apart = edited(changed, together="0")
    assert apart.runs == changed.runs and not apart.together


def test_another_runs_schedule_is_the_first_ones() -> None:
    one = edited(DEFAULT, together="1", run1__schedule="step")
    assert one.set("run3.schedule", "cosine")[0] == one
    assert one.drawn(2, "0: 1, 9: 0.25")[0].runs[0].schedule == schedules.REGISTRY["piecewise"](pieces="0: 1, 9: 0.25")


# ---------------------------------------------------------------------- changes


@pytest.mark.parametrize("key", schedules.REGISTRY)
def test_another_schedule_forgets_the_former_ones_values(key: str) -> None:
    before = edited(DEFAULT, run1__schedule="step", run1__schedule__gamma="0.3", run1__warmup="linear", run1__warmup__steps="7")
    after = edited(before, run1__schedule=key)
    assert after.runs[0] == dataclasses.replace(before.runs[0], schedule=schedules.REGISTRY[key]())
    assert edited(after, run1__warmup="none").runs[0].warmup is None
    reshaped = edited(after, run1__warmup="cosine").runs[0].warmup
    assert type(reshaped) is WARMUPS["cosine"] and reshaped.steps == 7, "another shape of the same warm-up keeps its length"


def test_another_optimizer_keeps_schedule_warm_up_and_clip() -> None:
    before = edited(DEFAULT, run2__schedule="cosine", run2__schedule__final="0.25", run2__warmup="linear", run2__clip="norm", run2__clip__threshold="3")
    after = edited(before, run2="nesterov")
    assert after.runs[1] == dataclasses.replace(before.runs[1], optimizer=optimizers.REGISTRY["nesterov"](beta=0.5))


def test_runs_keep_theirs_when_others_come_and_go() -> None:
    made = custom("eta0 * 0.5", edited(DEFAULT, run2__schedule="wsd", run2__clip="value", noise="constant"))
    assert made.duplicate(1).runs[1] == made.duplicate(1).runs[2] == made.runs[1]
    assert made.remove(0).runs == made.runs[1:]
    assert made.add("adam").runs[-1].steady and made.add("adam").runs[:-1] == made.runs
    fresh = made.reset(1)
    assert fresh.runs[1] == Run(optimizers.REGISTRY["momentum"](), 0.4) and fresh.runs[0] == made.runs[0]
    moved = made.on_surface("booth")
    assert [(run.schedule, run.warmup, run.clip) for run in moved.runs] == [(run.schedule, run.warmup, run.clip) for run in made.runs]
    assert moved.chance == made.chance == Chance()
    for changed in (made.duplicate(1), made.remove(0), fresh, moved):
        assert Experiment.from_query(changed.to_query()) == (changed, [])


@given(st.integers(0, MAX_RUNS - 1), pieces)
def test_drawn(index: int, drawing: str) -> None:
    changed, problem = DEFAULT.drawn(index, drawing)
    assert problem is None
    if index >= len(DEFAULT.runs):
        assert changed == DEFAULT
        return
    wanted = dataclasses.replace(DEFAULT.runs[index], schedule=schedules.REGISTRY["piecewise"](pieces=pieces_text(parse_pieces(drawing))))
    assert changed.runs == (*DEFAULT.runs[:index], wanted, *DEFAULT.runs[index + 1 :])


@pytest.mark.parametrize(("epoch", "warmup"), [("1", "none"), ("1", "linear"), ("10", "none"), ("10", "cosine")])
def test_what_is_drawn_is_what_runs(epoch: str, warmup: str) -> None:
    """In the steps of the run, whatever the clock counts and whatever stood before."""
    before = edited(DEFAULT, epoch=epoch, run1__schedule="cosine", run1__warmup=warmup)
    changed, problem = before.drawn(0, "0: 1, 20: 0.5, 40: 0.25")
    assert problem is None and changed.epoch == before.epoch
    assert list(compute.picture(changed).paths[0].lr) == [0.4] * 20 + [0.2] * 20 + [0.1] * 20


@pytest.mark.parametrize(
    "junk", ["", "junk", "5", "5: 1, 3: 1", "0: -1", "0: nan", "0: 1001", "1e9: 1", ", ".join(f"{i}: 1" for i in range(50)), "0: 1" + " " * 300]
)
def test_a_drawing_that_is_none_is_refused(junk: str) -> None:
    for before in (DEFAULT, edited(DEFAULT, run1__schedule="piecewise"), custom("eta0")):
        changed, problem = before.drawn(0, junk)
        assert changed is before and problem is not None and problem.key == "run1.schedule" and isinstance(problem.allowed, TextError)


# ---------------------------------------------------------------------- formulas and what they forbid elsewhere


@pytest.mark.parametrize(("formula", "column"), [("1 +", 3), ("eta0 * x", 8), ("(t", 2), ("", None), ("__import__('os')", 1), ("t.real", 2), ("9" * 400, None)])
def test_a_formula_that_is_not_understood_says_where(formula: str, column: int | None) -> None:
    before = edited(DEFAULT, run1__schedule="custom")
    changed, problem = before.set("run1.schedule.formula", formula)
    assert changed is before and problem is not None and problem.key == "run1.schedule.formula"
    assert isinstance(problem.allowed, TextError) and (column is None or problem.allowed.column is not None)
    assert problem.message(ENGLISH).startswith("run1.schedule.formula = ")
    assert Experiment.from_query({**before.to_query(), "run1.schedule.formula": formula}) == (before, [problem])


REFUSED = [
    ("eta0 - 0.3", "run1.lr", "0.2", "-0.1", "0"),
    ("1 - t / 100", "steps", "103", "-0.01", "101"),
    ("eta0 / (T - 70)**2", "steps", "70", "inf", "0"),
    ("30 - T", "epoch", "1", "-30", "0"),
    ("1 - t / 100", "run1.warmup", "none", "-0.5", "150"),
]


@pytest.mark.parametrize(("formula", "key", "text", "value", "t"), REFUSED)
def test_what_makes_a_formula_impossible_is_refused_beside_its_own_control(formula: str, key: str, text: str, value: str, t: str) -> None:
    before = edited(DEFAULT, run1__warmup="linear", run1__warmup__steps="100", steps="151") if key == "run1.warmup" else DEFAULT
    before = custom(formula, edited(before, epoch="2") if key == "epoch" else before)
    changed, problem = before.set(key, text)
    assert changed is before and problem is not None
    assert (problem.key, problem.given) == (key, text)
    error = problem.allowed
    assert isinstance(error, TextError) and error.column is None
    assert error.details["run"] == "run1"
    if key != "run1.warmup":
        assert error.details["why"].details == {"value": value, "t": t}
    said = problem.message(ENGLISH)
    assert said.startswith(f"{key} = {text}: the formula of run1 does not bear it: η is ") and said.endswith("it must be a finite number, at least 0")
    assert runnable(before) and compute.picture(before)


@pytest.mark.parametrize("formula", FRAIL)
def test_a_link_with_an_impossible_formula_falls_back_and_says_so(formula: str) -> None:
    query = {**DEFAULT.to_query(), "run1.schedule": "custom", "run1.schedule.formula": formula, "steps": "400", "run1.lr": "0.01"}
    read, problems = Experiment.from_query(query | ({"steps": "61"} if "61" in formula else {}))
    assert [problem.key for problem in problems] == ["run1.schedule.formula"] and read.runs[0].schedule == schedules.REGISTRY["custom"]()
    assert isinstance(problems[0].allowed, TextError) and problems[0].given == formula and runnable(read)


@pytest.mark.parametrize("key", surfaces.REGISTRY)
def test_another_surface_keeps_every_run_runnable(key: str) -> None:
    """Its learning rates are others, and a formula may not bear them."""
    for formula in ("eta0 - 0.3", "0.5 - eta0"):
        before = custom(formula)
        assert runnable(before.on_surface(key)) and runnable(before.set("surface", key)[0])


def test_every_run_can_bear_a_formula_that_all_share() -> None:
    """Of another run's learning rate it may ask too much."""
    before = edited(DEFAULT, run2__lr="0.1")
    for changed in (
        custom("eta0 - 0.3", before).set("together", "1")[0],
        edited(before, together="1", run1__schedule="custom").set("run1.schedule.formula", "eta0 - 0.3")[0],
        Experiment.from_query({**custom("eta0 - 0.3", before).to_query(), "together": "1"})[0],
    ):
        assert runnable(changed)


def test_a_fresh_run_can_bear_a_formula_that_all_share() -> None:
    """Its learning rate is the surface's, which may be too small for it."""
    shared = edited(DEFAULT, together="1", **{f"run{i}__lr": "2" for i in range(1, 5)})
    shared = custom("eta0 - 1", shared)
    assert suggested_lr(optimizers.REGISTRY["adam"](), shared.surface) < 1
    for changed in (shared.add("adam"), shared.reset(0), shared.reset(2)):
        assert runnable(changed)


@given(experiments(), st.sampled_from(sorted(surfaces.REGISTRY)), st.integers(0, MAX_RUNS - 1))
@settings(deadline=None, max_examples=50)
def test_changes_of_the_race_read_back(e: Experiment, key: str, index: int) -> None:
    for changed in (e.on_surface(key), e.add("adam"), e.duplicate(index), e.remove(index), e.reset(index)):
        assert Experiment.from_query(changed.to_query()) == (changed, []) and runnable(changed)
        assert {changed: 1}[Experiment.from_query(changed.to_query())[0]] == 1  # a key of a cache


# ---------------------------------------------------------------------- the noise of each run


def test_common_noise_is_one_stream_and_each_runs_own_are_many() -> None:
    common, own = Chance("decaying", 2.0, 7), Chance("decaying", 2.0, 7, common=False)
    assert common.noise(0, 0) == common.noise(3, 0) == Noise(2.0, 0.55, (7, 0)) != common.noise(0, 1)
    every = [own.noise(run, member) for run in range(MAX_RUNS) for member in range(3)] + [common.noise(0, member) for member in range(3)]
    draws = {noise.draw(4, 2).tobytes() for noise in every}
    assert len(draws) == len(every)


def test_runs_meet_the_same_noise_or_their_own() -> None:
    twins = dataclasses.replace(DEFAULT, runs=(DEFAULT.runs[0],) * 2, n_steps=20)
    common = compute.picture(edited(twins, noise="constant")).paths
    assert common[0] is common[1]
    own = compute.picture(edited(twins, noise="constant", noise__common="0")).paths
    assert (own[0].w[1:] != own[1].w[1:]).all()
    other = compute.picture(edited(twins, noise="constant", noise__seed="2")).paths
    assert (other[0].w[1:] != common[0].w[1:]).all()
