"""Every schedule against judges that nobody here wrote, values by hand, and what each position of its sliders must keep."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from typing import Any

import jax
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from latex2mathml.converter import convert
from schedule_judges import LECTURE, LIBRARY, Judge, plateau, with_torch

from optim_core.hyper import Hyper, TextError, hypers, resolve, texts
from optim_core.schedules import REGISTRY
from optim_core.schedules._clock import whole_steps
from optim_core.schedules.piecewise import LAST_STEP, LONGEST, MOST_PIECES, parse_pieces, pieces_text

T = 1000
HYPERS = [pytest.param(key, name, id=f"{key}-{name}") for key, cls in REGISTRY.items() for name in hypers(cls)]


def moved(declared: Hyper) -> float:
    """Another value in the range."""
    if declared.scale == "switch":
        return 1 - declared.default
    if declared.scale == "complement_log":
        return 1 - 2 * (1 - declared.default)
    if declared.scale == "linear":
        return (declared.default + declared.high) / 2
    middle = math.sqrt(declared.default * declared.high)
    return round(middle) if declared.scale == "integer_log" else middle


def variants(key: str) -> list[Any]:
    """The default spec, one with every hyper-parameter moved, and those with one moved."""
    default = REGISTRY[key]()
    values = {name: moved(declared) for name, declared in hypers(default).items()}
    return [default, dataclasses.replace(default, **values), *(dataclasses.replace(default, **{name: value}) for name, value in values.items())]


def difference(rates: np.ndarray, judged: np.ndarray) -> float:
    """The largest relative difference; absolute where the judge says 0, or what XLA soon takes for 0."""
    assert rates.shape == judged.shape and rates.dtype == judged.dtype == np.float64
    return float((np.abs(rates - judged) / np.where(judged > 1e-290, judged, 1.0)).max())


def cases(table: dict[str, tuple[Judge, ...]]) -> list[Any]:
    return [pytest.param(key, judge, id=f"{key}-{i}") for key, judges in table.items() for i, judge in enumerate(judges)]


def test_every_schedule_has_a_judge() -> None:
    """A new file without a judge fails here, and so does a judge without a file."""
    assert set(REGISTRY) == {key for key, judges in LECTURE.items() if judges}
    assert set(LIBRARY) <= set(REGISTRY)


@pytest.mark.parametrize(("key", "judge"), cases(LECTURE) + [pytest.param(*case.values, id=f"library-{case.id}") for case in cases(LIBRARY)])
def test_judge(key: str, judge: Judge) -> None:
    """The formula of the slide, torch and optax, over 1,000 steps."""
    for schedule, base_lr in itertools.product(variants(key), (0.1, 3.0)):
        assert difference(schedule(np.arange(T), T, base_lr), judge(schedule, T, base_lr)) <= 1e-12


@pytest.mark.parametrize(
    ("key", "fields", "n_steps", "base_lr", "expected"),
    [
        ("constant", {}, 3, 0.2, [0.2, 0.2, 0.2]),
        ("factor", {"alpha": 0.5}, 4, 0.8, [0.8, 0.4, 0.2, 0.1]),
        ("exponential", {"alpha": 0.5}, 4, 0.8, [0.8, 0.4, 0.2, 0.1]),
        ("polynomial", {"alpha": 1.0, "beta": 2.0}, 4, 1.0, [1, 1 / 4, 1 / 9, 1 / 16]),
        ("polynomial", {"alpha": 0.5, "beta": 1.0}, 3, 0.6, [0.6, 0.4, 0.3]),
        ("cosine", {}, 4, 1.0, [1, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2]),
        ("cosine", {"final": 0.5}, 3, 0.8, [0.8, 0.7, 0.5]),  # cos 60° = 1/2
        ("linear", {"final": 0.2}, 4, 1.0, [1, 0.8, 0.6, 0.4]),
        ("inverse_power", {"p": 0.5}, 4, 7.0, [0.1, 0.1 / 2**0.5, 0.1 / 3**0.5, 0.05]),
        ("inverse_power", {"p": 1.0, "tied": 1.0}, 4, 6.0, [6, 3, 2, 1.5]),
        ("inverse_power", {}, 2, 7.0, [0.1, 0.1 / 2**0.3]),  # the slide's own numbers
        ("step", {"gamma": 0.5, "k": 2.0}, 6, 0.8, [0.8, 0.8, 0.4, 0.4, 0.2, 0.2]),
        ("piecewise", {"pieces": "2: 0.5; 3: 2\n4: 0"}, 5, 0.2, [0.2, 0.2, 0.1, 0.4, 0.0]),
        ("piecewise", {"pieces": "0: 0.5"}, 2, 0.2, [0.1, 0.1]),
        ("one_cycle", {"peak": 0.5, "div": 4.0, "final_div": 25.0}, 4, 1.0, [0.25, 0.625, 1.0, 0.505]),
        ("one_cycle", {}, 1, 0.3, [0.3]),
        ("one_cycle", {"div": 2.0, "final_div": 2.0}, 2, 0.8, [0.8, 0.5]),
        ("one_cycle", {"peak": 0.5, "div": 2.0}, 2, 0.8, [0.4, 0.8]),
        ("cosine_restarts", {"period": 2.0}, 7, 1.0, [1, 0.5, 1, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2, 1]),
        ("cosine_restarts", {"period": 2.0, "multiplier": 1.0, "final": 0.5}, 5, 1.0, [1, 0.75, 1, 0.75, 1]),
        ("wsd", {"warmup": 0.2, "decay": 0.4, "final": 0.5}, 10, 1.0, [0, 0.5, 1, 1, 1, 1, 1, 0.875, 0.75, 0.625]),
        ("wsd", {}, 1, 0.3, [0.3]),
        ("wsd", {"warmup": 0.5, "decay": 0.5}, 2, 0.3, [0.0, 0.3]),
        ("plateau", {}, 3, 0.2, [0.2, 0.2, 0.2]),
        ("custom", {}, 3, 2.1, [2.1, 2.0, 2.1 / 1.1]),
        ("custom", {"formula": "eta0 * (1 - t / T)"}, 4, 1.0, [1, 0.75, 0.5, 0.25]),
        ("custom", {"formula": "0.25"}, 2, 1.0, [0.25, 0.25]),
    ],
)
def test_by_hand(key: str, fields: dict[str, Any], n_steps: int, base_lr: float, expected: list[float]) -> None:
    """Small runs that a pencil can follow."""
    rates = REGISTRY[key](**fields)(np.arange(n_steps), n_steps, base_lr)
    assert difference(rates, np.array(expected, dtype=np.float64)) <= 1e-14


@pytest.mark.parametrize(
    ("key", "fields", "end"),
    [
        ("cosine", {"final": 0.25}, 0.5),
        ("linear", {"final": 0.25}, 0.5),
        ("wsd", {"final": 0.25}, 0.5),
        ("one_cycle", {"div": 4.0, "final_div": 5.0}, 0.1),
    ],
)
def test_the_end_lies_at_step_T(key: str, fields: dict[str, float], end: float) -> None:
    """Just after the last step taken, and it stays."""
    rates = REGISTRY[key](**fields)([49, 50, 51, 70], 50, 2.0)
    assert rates[0] > end * 1.001 and rates[1:] == pytest.approx(end, rel=1e-14)


def test_a_share_of_the_run_is_what_a_person_means() -> None:
    """0.29 · 100 is 28.999999999999996 in floats."""
    assert whole_steps(0.29, 100) == 29 and whole_steps(0.285, 100) == 28 and whole_steps(0.3, 2) == 0
    assert all(whole_steps(part / 100, n) == part * n // 100 for part in range(1, 100) for n in (*range(1, 300), 99_999, 100_000))
    assert int(np.argmax(REGISTRY["one_cycle"](peak=0.29)(np.arange(100), 100, 1.0))) == 29


@pytest.mark.parametrize("alpha", [0.5, 0.9, 0.97, 0.9999])
def test_factor_is_exponential(alpha: float) -> None:
    """Two forms of one schedule."""
    factor, exponential = (REGISTRY[key](alpha=alpha)(np.arange(T), T, 0.1) for key in ("factor", "exponential"))
    assert difference(factor, exponential) <= 1e-12


@pytest.mark.parametrize("period", [1, 3, 20, 9_999])
@pytest.mark.parametrize("multiplier", [1, 2, 3, 5])
def test_restarts_happen_at_whole_steps(period: int, multiplier: int) -> None:
    """Up to step 100,000: the top is at the starts, counted in whole numbers, and nowhere else."""
    starts, length = [0], period
    while starts[-1] + length <= 100_000:
        starts.append(starts[-1] + length)
        length *= multiplier
    schedule = REGISTRY["cosine_restarts"](period=float(period), multiplier=float(multiplier))
    assert np.flatnonzero(schedule(np.arange(100_001), T, 1.0) == 1.0).tolist() == starts
    assert schedule(starts[-1], T, 1.0) == 1.0 and schedule(starts[-1] - 0.5, T, 1.0) < 1.0


# What must hold at every position of the sliders.


def values(declared: Hyper) -> st.SearchStrategy[float]:
    if declared.scale in ("integer_log", "switch"):
        return st.integers(int(declared.low), int(declared.high)).map(float)
    return st.floats(declared.low, declared.high)


PAIRS = st.lists(st.tuples(st.integers(0, LAST_STEP), st.floats(0.0, 1000.0)), min_size=1, max_size=8, unique_by=lambda pair: pair[0]).map(sorted)


@st.composite
def schedules(draw: st.DrawFn, key: str) -> Any:
    fields: dict[str, Any] = {name: draw(values(declared)) for name, declared in hypers(REGISTRY[key]).items()}
    if key == "piecewise":
        fields["pieces"] = pieces_text(draw(PAIRS))
    return resolve(REGISTRY[key](**fields))


@pytest.mark.parametrize("key", REGISTRY)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_rates_are_finite_and_not_negative(key: str, data: st.DataObject) -> None:
    """For every slider position, length of the run and base rate; and NumPy has nothing to warn of."""
    schedule, n_steps = data.draw(schedules(key)), data.draw(st.integers(1, 300) | st.integers(1, 100_000))
    base_lr = data.draw(st.floats(1e-5, 10.0))
    with np.errstate(all="raise"):
        rates = schedule(np.arange(n_steps), n_steps, base_lr)
    assert rates.shape == (n_steps,) and rates.dtype == np.float64
    assert np.isfinite(rates).all() and (rates >= 0.0).all()


@pytest.mark.parametrize("n_steps", [1, 2, 3, 100_000])
@pytest.mark.parametrize("key", REGISTRY)
def test_slider_ends(key: str, n_steps: int) -> None:
    """Every corner of the sliders' box."""
    ends = [(declared.low, declared.high) for declared in hypers(REGISTRY[key]).values()]
    for corner, base_lr in itertools.product(itertools.product(*ends), (1e-5, 10.0)):
        with np.errstate(all="raise"):
            rates = resolve(REGISTRY[key](*corner))(np.arange(n_steps), n_steps, base_lr)
        assert np.isfinite(rates).all() and (rates >= 0.0).all() and (key == "inverse_power" or rates.max() <= base_lr)


@pytest.mark.parametrize(("key", "name"), HYPERS)
def test_every_slider_matters(key: str, name: str) -> None:
    """Moving one of them changes a rate (of the plateau, one after a stall)."""
    default = REGISTRY[key]()
    other = dataclasses.replace(default, **{name: moved(hypers(default)[name])})
    if key == "inverse_power":  # tied, c has no effect
        assert difference(default(np.arange(T), T, 0.7), other(np.arange(T), T, 0.7)) > 1e-3
    elif key == "plateau":
        losses = np.where(np.arange(T) < 500, 1.0, 1.0 - 1e-3 * np.arange(T) / T)
        assert difference(reacted(default, losses, 0.1), reacted(other, losses, 0.1)) > 1e-3
    else:
        assert difference(default(np.arange(T), T, 0.1), other(np.arange(T), T, 0.1)) > 1e-3


@pytest.mark.parametrize("key", REGISTRY)
def test_any_kind_of_t(key: str) -> None:
    """A number, a list, whole or not: the shape of `t` comes back, and every entry is that of its step alone."""
    schedule = REGISTRY[key]()
    rates = schedule(np.arange(T), T, 0.1)
    for t in (0, 7, np.int64(7), 7.0, np.float32(7.0), np.array(7)):
        alone = schedule(t, T, 0.1)
        assert isinstance(alone, np.ndarray) and alone.shape == () and alone.dtype == np.float64
        assert abs(alone - rates[int(t)]) <= 1e-15 * rates[int(t)]  # NumPy's vector loops may differ from the scalar ones in the last place
    for t in ([3, 1, 999], np.array([[5, 4], [0, 999]]), np.array([5.0, 2.0]), np.array([5, 2], dtype=np.int32), []):
        several = schedule(t, T, 0.1)
        assert isinstance(several, np.ndarray) and several.dtype == np.float64
        assert several.shape == np.shape(t) and np.allclose(several, rates[np.asarray(t, dtype=int)], rtol=1e-15, atol=0)
    several[...] = 1.0  # nobody else's memory
    assert (np.diff(schedule(np.array([7.0, 7.5, 8.0]), T, 0.1)) <= 0).all() or key in ("one_cycle", "wsd")


def stands_in(symbol: str, printed: str) -> bool:
    """Whether a symbol stands there by itself, not as a letter of a LaTeX command."""
    return bool(re.search(rf"(?<![A-Za-z\\]){re.escape(symbol)}(?![A-Za-z])", printed))


@pytest.mark.parametrize("key", REGISTRY)
def test_printed_rule(key: str) -> None:
    """What a slider moves, the formula beside it names; η_t is what it gives; a browser can show it."""
    cls = REGISTRY[key]
    printed = " ".join(cls.rule)
    assert all(stands_in(declared.symbol, printed) for declared in (*hypers(cls).values(), *texts(cls).values()))
    assert r"\eta_t" in printed or r"\eta_{t+1}" in printed
    assert all(re.fullmatch("[A-E][0-9]+", row) for row in cls.rows) and isinstance(cls.rows, tuple)
    for line in cls.rule:
        assert convert(line).startswith("<math") and "\\" not in convert(line)


# Piecewise.


@pytest.mark.parametrize("gamma", [0.1, 0.5])
def test_piecewise_is_multi_step(gamma: float) -> None:
    """torch's MultiStepLR multiplies γ up at each milestone."""
    schedule = REGISTRY["piecewise"](pieces=", ".join(f"{step}: {gamma**power}" for power, step in enumerate((0, 30, 60, 500))))
    judge = with_torch(lambda o, s, T, eta0: torch.optim.lr_scheduler.MultiStepLR(o, [30, 60, 500], gamma))
    assert difference(schedule(np.arange(T), T, 0.1), judge(schedule, T, 0.1)) <= 1e-12


@pytest.mark.parametrize(
    ("written", "pairs"),
    [
        ("0: 1, 30: 0.5, 60: 0.1", ((0, 1.0), (30, 0.5), (60, 0.1))),
        ("30:0.5;60:.1", ((30, 0.5), (60, 0.1))),
        ("30: 5e-1\n\n60: 1e3,\n", ((30, 0.5), (60, 1000.0))),
        ("  007 :\t0. ", ((7, 0.0),)),
    ],
)
def test_pieces(written: str, pairs: tuple[tuple[int, float], ...]) -> None:
    """Commas, semicolons and line ends part them; blanks do not matter."""
    assert parse_pieces(written) == pairs


@pytest.mark.parametrize(
    ("written", "column", "part"),
    [
        ("", 1, "at least one piece"),
        (" , ;\n", 1, "at least one piece"),
        ("0: 1, 30", 7, "each piece"),
        ("0: 1, 30:, 4: 1", 7, "each piece"),
        (": 1", 1, "each piece"),
        ("0: 1, 3.5: 1", 7, "“3.5” is not a whole number"),
        ("-1: 1", 1, "“-1” is not a whole number"),
        ("٣: 1", 1, "is not a whole number"),
        ("2000000: 1", 1, "step 2000000 is beyond 1000000"),
        ("0: 1, 3: half", 10, "“half” is not a number"),
        ("0: -1", 4, "“-1” is not a number"),
        ("0: −1", 4, "“−1” is not a number"),
        ("0: nan", 4, "“nan” is not a number"),
        ("0: inf", 4, "“inf” is not a number"),
        ("0: 1_0", 4, "“1_0” is not a number"),
        ("0: 1: 2", 4, "“1: 2” is not a number"),
        ("0: 0,5", 6, "each piece"),
        ("0: 1000.5", 4, "the factor 1000.5 is beyond 1000"),
        ("0: 1e999", 4, "the factor 1e999 is beyond 1000"),
        ("0: 1,  0: 2", 8, "step 0 must come after step 0"),
        ("5: 1; 3: 2", 7, "step 3 must come after step 5"),
        (",".join(f"{i}:1" for i in range(MOST_PIECES + 1)), 31 * 5 + 10 * 4 - 4, "at most 40 pieces"),
        ("0: 1" + " " * LONGEST, 301, "the text has 304 characters; at most 300"),
    ],
)
def test_pieces_not_understood(written: str, column: int, part: str) -> None:
    """The message names what is wrong, and the column where."""
    with pytest.raises(TextError, match=re.escape(part)) as caught:
        parse_pieces(written)
    assert caught.value.column == column
    with pytest.raises(TextError):
        REGISTRY["piecewise"](pieces=written)(0, T, 0.1)


@given(PAIRS)
def test_pieces_text_is_the_inverse(pairs: list[tuple[int, float]]) -> None:
    """Every factor comes back to the last bit."""
    assert parse_pieces(pieces_text(pairs)) == tuple(pairs)
    assert pieces_text([(0, 1.0), (30, 0.5)]) == "0: 1, 30: 0.5"


@given(st.text(alphabet="0123456789:.,; \n-e٣", max_size=20) | st.text(max_size=310))
def test_any_text_is_read_or_explained(written: str) -> None:
    """Never another exception."""
    try:
        pairs = parse_pieces(written)
    except TextError as error:
        assert error.column is not None and 1 <= error.column <= len(written) + 1
    else:
        assert all(a < b for (a, _), (b, _) in itertools.pairwise(pairs)) and all(0 <= share <= 1000 for _, share in pairs)


# Custom.


@pytest.mark.parametrize(
    ("key", "fields", "formula"),
    [
        ("exponential", {"alpha": 0.97}, "eta0 * 0.97^t"),
        ("polynomial", {"alpha": 0.1, "beta": 0.5}, "eta0 / sqrt(1 + 0.1 * t)"),
        ("cosine", {"final": 0.25}, "0.25 * eta0 + (eta0 - 0.25*eta0)/2 * (1 + cos(pi * t / T))"),
        ("inverse_power", {"c": 0.1, "p": 0.3}, "0.1 / (t + 1)^0.3"),
        ("step", {"gamma": 0.5, "k": 20.0}, "eta0 * 0.5^floor(t / 20)"),
        ("linear", {"final": 0.1}, "eta0 * (0.1 + 0.9 * (1 - t / T))"),
        ("cosine_restarts", {"period": 20.0, "multiplier": 1.0, "final": 0.0}, "eta0 / 2 * (1 + cos(pi * (t % 20) / 20))"),
        ("wsd", {"warmup": 0.1, "decay": 0.3, "final": 0.0}, "eta0 * min(t / 100, 1, (T - t) / 300)"),
    ],
)
def test_custom_is_judged_by_the_others(key: str, fields: dict[str, float], formula: str) -> None:
    """The same formula, typed; the judges of the others judge it."""
    rates = REGISTRY["custom"](formula=formula)(np.arange(T), T, 0.1)
    for judge in LECTURE[key] + LIBRARY.get(key, ()):
        assert difference(rates, judge(REGISTRY[key](**fields), T, 0.1)) <= 1e-12


@pytest.mark.parametrize(
    ("formula", "value", "t"),
    [
        ("eta0 - t / 10", "-0.1", "3"),
        ("eta0 / (t - 4)", "-0.05", "0"),
        ("eta0 / t", "inf", "0"),
        ("eta0 * 10^t", "inf", "309"),
        ("sqrt(2 - t)", "nan", "3"),
        ("-1", "-1", "0"),
        ("(0.3 - 0.1 * 3) * t", "-5.551e-17", "1"),
    ],
)
def test_custom_is_never_clipped(formula: str, value: str, t: str) -> None:
    """The first wrong rate is named with its step."""
    with pytest.raises(TextError) as caught:
        REGISTRY["custom"](formula=formula)(np.arange(T), T, 0.2)
    assert caught.value.message == "η is {value} at t = {t}; it must be a finite number, at least 0"
    assert caught.value.details == {"value": value, "t": t} and caught.value.column is None


def test_custom_sees_only_the_asked_steps() -> None:
    """A run of three steps is not spoilt by what the formula would give at the fourth."""
    schedule = REGISTRY["custom"](formula="eta0 - t / 10")
    assert schedule([0, 1, 2], 3, 0.25) == pytest.approx([0.25, 0.15, 0.05])
    with pytest.raises(TextError):
        schedule(3, 3, 0.25)


@pytest.mark.parametrize("formula", ["", "eta0 *", "eta1", "__import__('os')"])
def test_custom_not_understood(formula: str) -> None:
    """The compiler's own message comes through."""
    with pytest.raises(TextError):
        REGISTRY["custom"](formula=formula)(0, T, 0.1)
    with pytest.raises(TextError):
        texts(REGISTRY["custom"])["formula"].parse(formula)


# Plateau.

TRACES = []


@jax.jit
def _rates(spec: Any, losses: jax.Array) -> tuple[jax.Array, Any]:
    TRACES.append(1)
    last, factors = jax.lax.scan(lambda state, loss: (spec.react(state, loss), state.factor), spec.init(), losses)
    return factors, last


def reacted(spec: Any, losses: np.ndarray, base_lr: float) -> np.ndarray:
    """The rates of a run with these losses: the planned ones times the factor before each step's look."""
    factors, _ = _rates(resolve(spec), np.asarray(losses, dtype=np.float64))
    return np.asarray(spec(np.arange(len(losses)), len(losses), base_lr) * np.asarray(factors))


def loss_curves() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    steps = np.arange(T)
    curves = {
        "falling": np.exp(-0.01 * steps),
        "flat": np.ones(T),
        "rising": 1.0 + 0.01 * steps,
        "stalls": np.exp(-0.05 * np.minimum(steps % 300, 40)) * 0.5 ** (steps // 300),
        "walk": np.abs(5.0 + np.cumsum(rng.normal(size=T))),
        "noisy decay": np.exp(-0.01 * steps) * (1.0 + 0.3 * rng.normal(size=T)),
        "on the threshold": np.cumprod(np.full(T, 1.0 - 1e-4)),
    }
    diverges = curves["walk"].copy()
    diverges[::7], diverges[600:700], diverges[700:] = np.nan, np.inf, np.nan
    return {**curves, "diverges": diverges, "all nan": np.full(T, np.nan)}


PLATEAUS = [
    {},
    {"factor": 0.9, "patience": 1.0, "threshold": 1e-2, "floor": 0.1},
    {"factor": 0.1, "patience": 3.0, "threshold": 0.5},
    {"factor": 0.99, "patience": 40.0, "threshold": 1e-8, "floor": 0.97},
    {"factor": 0.01, "patience": 1.0},
    {"floor": 1.0},
]


@pytest.mark.parametrize("fields", PLATEAUS, ids=repr)
@pytest.mark.parametrize(("name", "losses"), loss_curves().items(), ids=loss_curves())
def test_plateau_is_torchs(name: str, losses: np.ndarray, fields: dict[str, float]) -> None:
    """ReduceLROnPlateau on the same 1,000 losses."""
    spec = REGISTRY["plateau"](**fields)
    judged = plateau(spec, losses, 0.1)
    assert difference(reacted(spec, losses, 0.1), judged) <= 1e-12
    assert name in ("falling", "on the threshold") or fields.get("floor") == 1.0 or judged[-1] < 0.1  # else there was nothing to judge


def test_plateau_below_zero() -> None:
    """Where PyTorch's relative threshold would work backwards: a loss at rest has not improved, and one that falls by the share has."""
    spec = REGISTRY["plateau"](patience=2.0, threshold=0.1)
    assert reacted(spec, np.full(9, -3.0), 1.0).tolist() == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert reacted(spec, -(1.2 ** np.arange(9.0)), 1.0).tolist() == [1] * 9
    assert reacted(spec, -(1.05 ** np.arange(9.0)), 1.0)[-1] == 1, "two small falls are together large enough"
    assert reacted(spec, -(1.01 ** np.arange(9.0)), 1.0)[-1] < 1


def test_plateau_by_hand() -> None:
    """Patience 2: the third bad look drops the rate of the step after it; a nan is bad; counting begins again."""
    losses = np.array([3.0, 2.0, 2.0, 2.0, np.nan, 2.0, 1.0, 5.0, 5.0, 5.0, 5.0])
    rates = reacted(REGISTRY["plateau"](patience=2.0, factor=0.5, floor=0.3), losses, 8.0)
    assert rates.tolist() == [8, 8, 8, 8, 8, 4, 4, 4, 4, 4, 2.4]


def test_plateau_state() -> None:
    """Float64 scalars from the start, under the same program for every slider position."""
    spec = REGISTRY["plateau"]()
    _, last = _rates(resolve(spec), np.ones(T))
    assert all(field.shape == () and field.dtype == np.float64 for field in (*spec.init(), *last))
    assert (float(last.best), float(last.bad)) == (1.0, 9.0)  # 999 bad looks, every eleventh drops
    traced = len(TRACES)
    for fields in PLATEAUS:
        _rates(resolve(REGISTRY["plateau"](**fields)), np.ones(T))
    assert len(TRACES) == traced


def test_only_the_plateau_reacts() -> None:
    """The others are known before the run."""
    assert [key for key, cls in REGISTRY.items() if getattr(cls, "reacts", False)] == ["plateau"]
