"""The link says everything and survives anything."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import FORMULAS, FRAIL, experiments, runnable

import surfaces
from lab.experiment import AXES, MAX_STEPS, VIEWS, Experiment
from lab.link import MAX_PROBLEMS, text_of
from lab.runs import LR, MAX_RUNS, Run, suggested_lr
from lab.values import Problem, choice, flag, number, parse_number, point, whole
from optim_core import optimizers, schedules
from optim_core.clipping import CLIPS
from optim_core.noise import DECAYS
from optim_core.plan import WARMUPS
from optim_core.stopping import RULES
from surfaces._surface import Domain

DEFAULT, _none = Experiment.from_query({})
ENGLISH = str


@given(experiments())
@settings(deadline=None)
def test_a_link_reads_back_exactly(e: Experiment) -> None:
    query = e.to_query()
    assert Experiment.from_query(query) == (e, [])
    assert hash(Experiment.from_query(query)[0]) == hash(e)
    assert Experiment.from_query(dict(reversed(query.items())))[0].to_query() == query


TIMED_KEYS = [f"run1.{part}" for part in ("schedule", "schedule.formula", "schedule.pieces", "schedule.k", "warmup", "warmup.steps", "clip", "clip.threshold")]
KNOWN_KEYS = sorted({*DEFAULT.to_query(), *TIMED_KEYS, "noise.sigma", "noise.fan", "surface.b", "run9", "run9.lr", "run0", "run", "run1.", ".lr"})
keys = st.sampled_from(KNOWN_KEYS) | st.text(max_size=20)
registered = [*surfaces.REGISTRY, *optimizers.REGISTRY, *schedules.REGISTRY, *WARMUPS, *CLIPS, *DECAYS, "none", *FORMULAS, *FRAIL, "0: 1, 9: 0.5", "7: "]
words = st.sampled_from([*registered, "nan", "inf", "-inf", "1e999", "0", "-1", "0.5", "1,2", "1;2", "None", "٣", "1e"])
texts = words | st.text(max_size=80) | st.floats().map(str) | st.integers().map(str)


@given(st.dictionaries(keys, texts, max_size=30))
@settings(deadline=None, max_examples=300)
def test_any_query_is_read(query: dict[str, str]) -> None:
    read, problems = Experiment.from_query(query)
    assert len(problems) <= MAX_PROBLEMS
    assert Experiment.from_query(read.to_query()) == (read, [])
    assert read.surface.domain.contains(np.array(read.start)) and runnable(read)
    for problem in problems:
        assert problem.message(ENGLISH)


@given(experiments(), keys, texts, st.data())
@settings(deadline=None)
def test_any_edit_is_answered(e: Experiment, key: str, text: str, data: st.DataObject) -> None:
    for chosen in (key, data.draw(st.sampled_from(sorted(e.to_query())))):
        changed, problem = e.set(chosen, text)
        assert changed == e or problem is None
        assert Experiment.from_query(changed.to_query()) == (changed, []) and runnable(changed)


LR_RANGE = (1e-05, 10.0)
OPTIMIZERS = tuple(optimizers.REGISTRY)


@pytest.mark.parametrize(
    ("key", "given", "allowed"),
    [
        ("v", "2", ("1",)),
        ("surface", "volcano", tuple(surfaces.ALL)),
        ("surface", "", tuple(surfaces.ALL)),
        ("surface.a", "0", (0.01, 10.0)),
        ("surface.angle", "90.1", (-90.0, 90.0)),
        ("start", "100,100", ("-6 ≤ w₁ ≤ 3", "-3.2 ≤ w₂ ≤ 3.2")),
        ("start", "1", ("-6 ≤ w₁ ≤ 3", "-3.2 ≤ w₂ ≤ 3.2")),
        ("start", "nan,0", ("-6 ≤ w₁ ≤ 3", "-3.2 ≤ w₂ ≤ 3.2")),
        ("start", "1e400,0", ("-6 ≤ w₁ ≤ 3", "-3.2 ≤ w₂ ≤ 3.2")),
        ("steps", "0", (1, MAX_STEPS)),
        ("steps", "10001", (1, MAX_STEPS)),
        ("steps", "1.5", (1, MAX_STEPS)),
        ("steps", "1e999", (1, MAX_STEPS)),
        ("stop", "never", RULES),
        ("tolerance", "0", (1e-12, 1.0)),
        ("patience", "-1", (1, MAX_STEPS)),
        ("view", "sideways", VIEWS),
        ("axis", "", AXES),
        ("run1", "adamw_of_tomorrow", OPTIMIZERS),
        ("run1.lr", "nan", LR_RANGE),
        ("run1.lr", "inf", LR_RANGE),
        ("run1.lr", "-0.1", LR_RANGE),
        ("run1.lr", "1e308", LR_RANGE),
        ("run1.lr", "", LR_RANGE),
        ("run1.lr", "0.1; drop", LR_RANGE),
        ("run2.beta", "1", (0.0, 0.9999)),
        ("run1.hidden", "yes", ("0", "1")),
    ],
)
def test_what_is_not_understood_is_named_and_replaced(key: str, given: str, allowed: tuple) -> None:
    read, problems = Experiment.from_query({**DEFAULT.to_query(), key: given})
    mine = [problem for problem in problems if problem.key == key]
    assert mine == [Problem(key, given, allowed)]
    text = mine[0].message(ENGLISH)
    assert key in text and given in text
    assert all((limit if isinstance(limit, str) else f"{limit:g}") in text for limit in allowed)
    if not key.startswith("run"):
        assert read == DEFAULT
    assert Experiment.from_query(read.to_query()) == (read, [])
    assert DEFAULT.set(key, given) == (DEFAULT, mine[0])


def test_the_limits_themselves_are_allowed() -> None:
    query = {**DEFAULT.to_query(), "steps": str(MAX_STEPS), "run1.lr": "10", "run2.beta": "0.9999", "start": "-6,3.2", "surface.a": "0.01"}
    read, problems = Experiment.from_query(query)
    assert not problems
    assert read.to_query() == query


def test_no_runs_means_the_default_race() -> None:
    assert Experiment.from_query({"steps": "60"}) == (DEFAULT, [])
    read, problems = Experiment.from_query({"run1": "none", "run2": ""})
    assert read == DEFAULT
    assert [problem.key for problem in problems] == ["run1", "run2"]


def test_a_ninth_run_is_left_out_and_named() -> None:
    query = {f"run{index}": "adam" for index in range(1, MAX_RUNS + 3)}
    read, problems = Experiment.from_query(query)
    assert len(read.runs) == MAX_RUNS
    assert [(problem.key, problem.allowed) for problem in problems] == [("run9", ()), ("run10", ())]
    assert "run9" in problems[0].message(ENGLISH)


def test_huge_texts_are_shortened() -> None:
    read, problems = Experiment.from_query({"surface": "x" * 100_000, "y" * 100_000: "z" * 100_000, "run1.lr": "1" * 100_000, "run1": "adam"})
    assert read.surface_key == "elongated_quadratic"
    assert len(problems) == 3
    assert all(len(problem.key) <= 60 and len(problem.given) <= 60 for problem in problems)
    assert len(Experiment.from_query({str(index): "x" for index in range(1000)})[1]) == MAX_PROBLEMS


def test_gaps_between_runs_close() -> None:
    read, problems = Experiment.from_query({"run2": "adam", "run2.beta1": "0.8", "run7": "nesterov", "run7.hidden": "1"})
    assert not problems
    assert [(run.key, run.hidden) for run in read.runs] == [("adam", False), ("nesterov", True)]
    assert read.runs[0].optimizer.beta1 == 0.8
    assert read.runs[0].lr == suggested_lr(read.runs[0].optimizer, read.surface)


def test_order_of_the_link() -> None:
    assert list(DEFAULT.to_query())[:25] == [
        "v", "surface", "surface.a", "surface.b", "surface.angle", "start", "steps", "stop", "tolerance", "patience", "view", "axis", "rates", "epoch",
        "together", "theory", "inspect", "at", "against", "noise", "run1", "run1.lr", "run1.schedule", "run1.warmup", "run1.clip",
    ]  # fmt: skip


# ---------------------------------------------------------------------- changes


def test_set_changes_one_thing() -> None:
    changed, problem = DEFAULT.set("run2.beta", "0,75")
    assert problem is None
    assert changed.runs[1].optimizer.beta == 0.75
    assert {key for key, text in changed.to_query().items() if DEFAULT.to_query()[key] != text} == {"run2.beta"}


def test_set_an_unknown_key() -> None:
    assert DEFAULT.set("run5.lr", "1") == (DEFAULT, None)
    assert DEFAULT.set("colour", "red") == (DEFAULT, None)


def test_set_the_optimizer_keeps_the_rest() -> None:
    changed, problem = DEFAULT.set("run2", "nesterov")
    assert problem is None
    assert changed.runs[1] == Run(optimizers.REGISTRY["nesterov"](beta=0.5), DEFAULT.runs[1].lr)
    assert changed.runs[::2] == DEFAULT.runs[::2]


def test_set_the_surface_takes_its_start_and_learning_rates() -> None:
    kept = dataclasses.replace(DEFAULT, n_steps=7, stop="update", view="space")
    changed, problem = kept.set("surface", "rosenbrock")
    assert problem is None
    assert changed.surface_key == "rosenbrock"
    assert changed.start == changed.surface.starts[0]
    assert [run.lr for run in changed.runs] == [suggested_lr(run.optimizer, changed.surface) for run in changed.runs]
    assert (changed.n_steps, changed.stop, changed.view) == (7, "update", "space")
    assert [run.optimizer for run in changed.runs] == [run.optimizer for run in DEFAULT.runs]
    assert kept.set("surface", "volcano")[1] == Problem("surface", "volcano", tuple(surfaces.ALL))


def test_add_duplicate_remove_reset() -> None:
    added = DEFAULT.add("nesterov")
    assert added.runs[:-1] == DEFAULT.runs
    assert added.runs[-1] == Run(optimizers.REGISTRY["nesterov"](), suggested_lr(added.runs[-1].optimizer, DEFAULT.surface))
    twice = DEFAULT.duplicate(1)
    assert twice.runs == (*DEFAULT.runs[:2], *DEFAULT.runs[1:])
    assert twice.remove(2) == DEFAULT == twice.remove(1)
    assert DEFAULT.remove(0).runs == DEFAULT.runs[1:]
    moved = DEFAULT.set("run2.lr", "0.01")[0].set("run2.hidden", "1")[0]
    assert moved.reset(1).runs[1] == Run(optimizers.REGISTRY["momentum"](), 0.4)
    assert moved.reset(1).runs[2:] == DEFAULT.runs[2:]


def test_changes_that_do_not_fit_change_nothing() -> None:
    full = DEFAULT
    while len(full.runs) < MAX_RUNS:
        full = full.duplicate(0)
    alone = dataclasses.replace(DEFAULT, runs=DEFAULT.runs[:1])
    assert full.add("adam") is full
    assert full.duplicate(0) is full
    assert alone.remove(0) is alone
    assert DEFAULT.add("volcano") is DEFAULT
    for index in (-1, len(DEFAULT.runs), 10**9):
        assert DEFAULT.duplicate(index) is DEFAULT
        assert DEFAULT.remove(index) is DEFAULT
        assert DEFAULT.reset(index) is DEFAULT


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_text_of_reads_back_exactly(value: float) -> None:
    assert float(text_of(value)) == value
    if abs(value) < 1e300:
        assert parse_number(text_of(value)) == value


# ---------------------------------------------------------------------- what a person types


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", 0.1), ("0,1", 0.1), (" 0.1 ", 0.1), (".5", 0.5), ("5.", 5.0), ("-2", -2.0), ("−2", -2.0), ("+3", 3.0), ("1e-3", 1e-3), ("1E+2", 100.0),
        ("1,5e-8", 1.5e-8), ("00.10", 0.1), ("", None), (" ", None), ("nan", None), ("NaN", None), ("inf", None), ("-inf", None), ("Infinity", None),
        ("1e", None), ("e5", None), ("1e99999", None), ("1,2,3", None), ("1.2.3", None), ("1_000", None), ("0x10", None), ("1 000", None), ("٣", None),
        ("½", None), ("1/2", None), ("--1", None), ("1+1", None), ("True", None), ("1" * 41, None), ("1\n2", None), ("\x00", None),
    ],
)  # fmt: skip
def test_parse_number(text: str, value: float | None) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (number(LR), "10", 10.0), (number(LR), "10.0001", None), (number(LR), "1e-5", 1e-5), (number(LR), "1e400", None), (number(LR), "nan", None),
        (whole(1, 9), "9", 9), (whole(1, 9), "9.0", 9), (whole(1, 9), "0", None), (whole(1, 9), "2.5", None), (whole(1, 9), "1e400", None),
        (choice(("a", "b")), "a", "a"), (choice(("a", "b")), "A", None), (choice(("a", "b")), "", None),
        (flag, "0", False), (flag, "1", True), (flag, "true", None), (flag, "", None),
        (point(Domain((-1, 2), (0, 3))), "1,2", (1.0, 2.0)), (point(Domain((-1, 2), (0, 3))), "1.5, 2.5", (1.5, 2.5)),
        (point(Domain((-1, 2), (0, 3))), "1,5; 2,5", (1.5, 2.5)), (point(Domain((-1, 2), (0, 3))), "−1;0", (-1.0, 0.0)),
        (point(Domain((-1, 2), (0, 3))), "1,2,3", None), (point(Domain((-1, 2), (0, 3))), "1", None), (point(Domain((-1, 2), (0, 3))), "", None),
        (point(Domain((-1, 2), (0, 3))), "2.1,0", None), (point(Domain((-1, 2), (0, 3))), "0,-0.1", None), (point(Domain((-1, 2), (0, 3))), "nan,1", None),
    ],
)  # fmt: skip
def test_parsers(parse, text: str, value: object) -> None:
    parsed, allowed = parse(text)
    assert parsed == value
    assert type(parsed) is type(value)
    assert allowed


@given(st.text(max_size=50))
def test_what_is_parsed_is_a_number(text: str) -> None:
    for parse in (number(LR), whole(1, 9), point(Domain((-1, 2), (0, 3)))):
        value = parse(text)[0]
        assert value is None or all(math.isfinite(part) for part in (value if isinstance(value, tuple) else (value,)))
