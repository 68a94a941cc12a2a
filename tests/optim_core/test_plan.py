"""Warm-up and plan: values by hand, optax and torch as judges, and every schedule behind every warm-up."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import optax
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from latex2mathml.converter import convert
from schedule_judges import with_optax, with_torch

from optim_core.hyper import TextError, hypers, is_spec, resolve
from optim_core.plan import WARMUPS, LinearWarmUp, Plan
from optim_core.schedules import REGISTRY

T = 1000
KINDS = [pytest.param(cls, id=key) for key, cls in WARMUPS.items()]
COSINE = REGISTRY["cosine"]()


def difference(rates: np.ndarray, judged: np.ndarray) -> float:
    assert rates.shape == judged.shape and rates.dtype == judged.dtype == np.float64
    return float((np.abs(rates - judged) / np.where(judged > 0, judged, 1.0)).max())


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("linear", [0.2, 0.4, 0.6, 0.8, 1.0, 1.0]),
        ("cosine", [0.2, 0.2 + 0.4 * (1 - 0.5**0.5), 0.6, 0.2 + 0.4 * (1 + 0.5**0.5), 1.0, 1.0]),
        ("exponential", [0.2, *(0.2 + 0.8 * (np.e ** (1.25 * t) - 1) / (np.e**5 - 1) for t in (1, 2, 3)), 1.0, 1.0]),
    ],
)
def test_by_hand(key: str, expected: list[float]) -> None:
    """W = 4, s = 0.2."""
    assert difference(WARMUPS[key](steps=4.0, start=0.2).factor(np.arange(6)), np.array(expected)) <= 1e-14


@pytest.mark.parametrize("cls", KINDS)
@given(steps=st.integers(1, 10_000), start=st.floats(0.0, 1.0))
@settings(max_examples=50, deadline=None)
def test_factor_grows_from_start_to_one(cls: Any, steps: int, start: float) -> None:
    """Never outside, never down, 1 from step W on."""
    factors = resolve(cls(steps=float(steps), start=start)).factor(np.arange(steps + 3))
    assert factors.shape == (steps + 3,) and factors.dtype == np.float64
    assert factors[0] == start and (factors[steps:] == 1.0).all()
    assert (factors >= start).all() and (factors <= 1.0).all() and (np.diff(factors) >= -1e-15).all()
    assert start > 0.5 or factors[steps - 1] < 1.0


@pytest.mark.parametrize("cls", KINDS)
def test_declarations(cls: Any) -> None:
    """Specs with both sliders, whose symbols the printed rule names."""
    printed = " ".join(cls.rule)
    assert is_spec(cls) and list(hypers(cls)) == ["steps", "start"] and cls.title and cls.rows == ("A6", "C10")
    assert all(re.search(rf"(?<![A-Za-z\\]){declared.symbol}(?![A-Za-z])", printed) for declared in hypers(cls).values())
    assert printed.startswith(r"\eta_t") and "\\" not in convert(printed)
    with pytest.raises(ValueError, match="whole"):
        resolve(cls(steps=2.5))


@pytest.mark.parametrize("start", [0.0, 0.25])
@pytest.mark.parametrize("final", [0.0, 0.1])
def test_warm_up_shifts_the_cosine(start: float, final: float) -> None:
    """optax.warmup_cosine_decay_schedule, whose decay_steps include the warm-up."""
    plan = Plan(REGISTRY["cosine"](final=final), LinearWarmUp(steps=100.0, start=start))
    judge = with_optax(lambda s, n_steps, eta0: optax.warmup_cosine_decay_schedule(start * eta0, eta0, 100, n_steps, final * eta0))
    assert difference(plan(np.arange(T), T, 0.1), judge(plan, T, 0.1)) <= 1e-12
    assert plan(100, T, 0.1) == 0.1


def test_joined_schedules() -> None:
    """optax.join_schedules: the second one's clock starts at the boundary."""
    plan = Plan(REGISTRY["step"](gamma=0.5, k=20.0), LinearWarmUp(steps=37.0, start=0.1))
    judge = with_optax(
        lambda s, n_steps, eta0: optax.join_schedules(
            [optax.linear_schedule(0.1 * eta0, eta0, 37), optax.exponential_decay(eta0, 20, 0.5, staircase=True)], [37]
        )
    )
    assert difference(plan(np.arange(T), T, 0.1), judge(plan, T, 0.1)) <= 1e-12


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (REGISTRY["exponential"](alpha=0.99), lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.99)),
        (REGISTRY["step"](gamma=0.5, k=30.0), lambda o: torch.optim.lr_scheduler.StepLR(o, 30, 0.5)),
        (REGISTRY["constant"](), lambda o: torch.optim.lr_scheduler.ConstantLR(o, 1.0)),
    ],
    ids=["exponential", "step", "constant"],
)
def test_sequential(schedule: Any, make: Any) -> None:
    """torch's SequentialLR of a LinearLR and another one."""
    scheduler = torch.optim.lr_scheduler
    plan = Plan(schedule, LinearWarmUp(steps=50.0, start=0.2))
    judge = with_torch(lambda o, s, n_steps, eta0: scheduler.SequentialLR(o, [scheduler.LinearLR(o, 0.2, 1.0, 50), make(o)], [50]))
    assert difference(plan(np.arange(T), T, 0.1), judge(plan, T, 0.1)) <= 1e-12


@pytest.mark.parametrize("cls", KINDS)
@pytest.mark.parametrize("key", REGISTRY)
def test_every_warm_up_wraps_every_schedule(key: str, cls: Any) -> None:
    """The schedule's first rate grows, then its own run of T − W steps follows, unchanged to the last bit."""
    warmup, schedule = cls(steps=30.0, start=0.1), REGISTRY[key]()
    rates = Plan(schedule, warmup)(np.arange(200), 200, 0.3)
    assert rates.shape == (200,) and rates.dtype == np.float64 and np.isfinite(rates).all() and (rates >= 0).all()
    assert np.array_equal(rates[30:], schedule(np.arange(170), 170, 0.3))
    assert difference(rates[:30], warmup.factor(np.arange(30)) * schedule(0, 170, 0.3)) <= 1e-15
    assert rates[29] <= rates[30]


@pytest.mark.parametrize("key", REGISTRY)
def test_no_warm_up_is_the_schedule_itself(key: str) -> None:
    """To the last bit."""
    schedule = REGISTRY[key]()
    assert np.array_equal(Plan(schedule)(np.arange(T), T, 0.1), schedule(np.arange(T), T, 0.1))


@pytest.mark.parametrize("key", REGISTRY)
def test_epochs(key: str) -> None:
    """Three steps an epoch: the schedule counts ⌈(20 − 4)/3⌉ = 6 epochs, each rate is held for three steps, the last one for what is left."""
    schedule = REGISTRY[key]()
    rates = Plan(schedule, LinearWarmUp(steps=4.0), 3)(np.arange(20), 20, 0.1)
    assert np.array_equal(rates[4:], np.repeat(schedule(np.arange(6), 6, 0.1), 3)[:16])
    assert rates[:4] == pytest.approx(schedule(0, 6, 0.1) * np.array([0, 0.25, 0.5, 0.75]), rel=1e-15)


@pytest.mark.parametrize("steps", [10.0, 11.0, 500.0])
@pytest.mark.parametrize("key", REGISTRY)
def test_all_of_a_short_run_is_warm_up(key: str, steps: float) -> None:
    """W ≥ T: the schedule never begins, but its first rate is what the warm-up leads to."""
    rates = Plan(REGISTRY[key](), LinearWarmUp(steps=steps), 2)(np.arange(10), 10, 0.1)
    assert difference(rates, np.arange(10) / steps * REGISTRY[key]()(0, 1, 0.1)) <= 1e-15


@pytest.mark.parametrize("t", [0, 5, 5.0, [5], np.array([[5, 50], [150, 0]])], ids=repr)
def test_any_kind_of_t(t: Any) -> None:
    """A number, a list, an array: its shape comes back."""
    plan = Plan(COSINE, LinearWarmUp(steps=10.0), 2)
    rates = plan(t, 200, 0.1)
    assert isinstance(rates, np.ndarray) and rates.shape == np.shape(t) and rates.dtype == np.float64
    assert np.allclose(rates, plan(np.arange(200), 200, 0.1)[np.asarray(t, dtype=int)], rtol=1e-14, atol=0)


@pytest.mark.parametrize("key", REGISTRY)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_rates_are_finite_and_not_negative(key: str, data: st.DataObject) -> None:
    """For every warm-up, epoch and length of the run."""
    kind, steps, start = data.draw(st.sampled_from(list(WARMUPS.values()))), data.draw(st.integers(1, 10_000)), data.draw(st.floats(0, 1))
    n_steps, epoch = data.draw(st.integers(1, 20_000)), data.draw(st.integers(1, 500))
    plan = Plan(resolve(REGISTRY[key]()), resolve(kind(steps=float(steps), start=start)), epoch)
    with np.errstate(all="raise"):
        rates = plan(np.arange(n_steps), n_steps, data.draw(st.floats(1e-5, 10.0)))
    assert rates.shape == (n_steps,) and np.isfinite(rates).all() and (rates >= 0).all()


def test_a_formula_that_fails_after_the_warm_up_says_so() -> None:
    """t is the schedule's own clock."""
    plan = Plan(REGISTRY["custom"](formula="eta0 - t / 10"), LinearWarmUp(steps=5.0))
    assert (plan(np.arange(7), 7, 0.15) >= 0).all()
    with pytest.raises(TextError, match=r"η is -0.05 at t = 2;"):
        plan(np.arange(8), 8, 0.15)


def test_reaction() -> None:
    """Only of a schedule that reacts: with its offset and its epoch."""
    plateau = REGISTRY["plateau"](patience=3.0)
    assert Plan(plateau).reaction == (plateau, 0, 1)
    assert Plan(plateau, LinearWarmUp(steps=20.0), 7).reaction == (plateau, 20, 7)
    assert all(Plan(cls(), LinearWarmUp()).reaction is None for key, cls in REGISTRY.items() if key != "plateau")


def test_a_plan_is_frozen_and_hashable() -> None:
    """It may be a key of a cache; plans of different warm-ups differ."""
    plans = {Plan(cls(), kind() if kind else None, epoch) for cls in REGISTRY.values() for kind in (None, *WARMUPS.values()) for epoch in (1, 2)}
    assert len(plans) == len(REGISTRY) * (1 + len(WARMUPS)) * 2
    assert Plan(COSINE, LinearWarmUp(), 2) == Plan(REGISTRY["cosine"](), LinearWarmUp(), 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Plan(COSINE).epoch = 2  # type: ignore[misc]
