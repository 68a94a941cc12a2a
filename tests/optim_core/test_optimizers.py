"""Every optimizer against judges that nobody here wrote, published numbers, steps by hand, and its own record."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax
import numpy as np
import pytest
from optimizer_judges import LECTURE, LIBRARY, LOOK_AHEAD, PROBLEMS, Judge, Problem, nesterov, nesterov_added_velocity

from optim_core import simulate
from optim_core.hyper import Hyper, hypers
from optim_core.optimizers import REGISTRY
from optim_core.types import Trajectory
from surfaces import REGISTRY as SURFACES

T = 200
QUADRATIC = SURFACES["elongated_quadratic"]()


def moved(declared: Hyper) -> float:
    """Another value in the range: half the memory of a decay near 1, else half-way to the upper end."""
    if declared.scale == "complement_log":
        return 1 - 2 * (1 - declared.default)
    if declared.scale == "log":
        return math.sqrt(declared.default * declared.high)
    return (declared.default + declared.high) / 2


def settings(key: str) -> list[Any]:
    """The default spec, and one with every hyper-parameter moved."""
    default = REGISTRY[key]()
    return [default, dataclasses.replace(default, **{name: moved(declared) for name, declared in hypers(default).items()})]


def learning_rate(optimizer: Any, problem: Problem) -> float:
    return problem.scale_free_lr if optimizer.scale_free else problem.lr


def run(optimizer: Any, name: str, lrs: float | np.ndarray) -> Trajectory:
    return simulate(optimizer, SURFACES[name](), PROBLEMS[name].start, lrs, T)


def cases(table: dict[str, tuple[Judge, ...]]) -> list[Any]:
    return [pytest.param(key, judge, id=f"{key}-{i}") for key, judges in table.items() for i, judge in enumerate(judges)]


def test_every_optimizer_has_a_judge() -> None:
    """A new file without a judge fails here, and so does a judge without a file."""
    assert set(REGISTRY) == {key for table in (LECTURE, LIBRARY, LOOK_AHEAD) for key, judges in table.items() if judges}


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(("key", "judge"), cases(LECTURE))
def test_lecture(key: str, judge: Judge, name: str) -> None:
    """The loop of the slide, at a constant and at a decaying learning rate."""
    for optimizer in settings(key):
        lr = learning_rate(optimizer, PROBLEMS[name])
        for lrs in (np.full(T, lr), lr / np.sqrt(np.arange(1, T + 1))):
            judged = judge(optimizer, PROBLEMS[name], lrs)
            assert np.abs(run(optimizer, name, lrs).w - judged).max() <= 1e-10


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(("key", "judge"), cases(LIBRARY))
def test_library(key: str, judge: Judge, name: str) -> None:
    """torch and optax."""
    for optimizer in settings(key):
        lr = learning_rate(optimizer, PROBLEMS[name])
        judged = judge(optimizer, PROBLEMS[name], np.full(T, lr))
        assert np.abs(run(optimizer, name, lr).w - judged).max() <= 1e-10


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(("key", "judge"), cases(LOOK_AHEAD))
def test_library_look_ahead(key: str, judge: Judge, name: str) -> None:
    """The libraries' iterates are the recorded query points."""
    for optimizer in settings(key):
        lr = learning_rate(optimizer, PROBLEMS[name])
        judged = judge(optimizer, PROBLEMS[name], np.full(T, lr))
        path = run(optimizer, name, lr)
        assert np.abs(path.step.query - judged[:-1]).max() <= 1e-10
        assert np.abs(path.w - judged).max() > 1e-3


@pytest.mark.parametrize(
    ("key", "fields", "lr", "expected"),
    [
        ("gradient_descent", {}, 0.4, (-0.943467, -0.000073)),
        ("momentum", {"beta": 0.5}, 0.6, (0.007188, 0.002553)),
        ("rmsprop_inner_epsilon", {"gamma": 0.9, "epsilon": 1e-6}, 0.4, (-0.010599, 0.0)),
    ],
)
def test_published(key: str, fields: dict[str, float], lr: float, expected: tuple[float, float]) -> None:
    """d2l.ai, 20 steps from (−5, −2), as printed with six decimals."""
    path = simulate(REGISTRY[key](**fields), QUADRATIC, (-5.0, -2.0), lr, 20)
    assert np.abs(path.w[-1] - expected).max() <= 5.1e-7


@pytest.mark.parametrize(
    ("key", "fields", "first", "second"),
    [
        ("gradient_descent", {}, (-4.9, -1.2), (-4.802, -0.72)),
        ("momentum", {"beta": 0.5}, (-4.9, -1.2), (-4.752, -0.32)),
        ("momentum_inner_rate", {"beta": 0.5}, (-4.9, -1.2), (-4.752, -0.32)),
        ("momentum_ema", {"beta": 0.5}, (-4.95, -1.6), (-4.8755, -1.08)),
        ("nesterov", {"beta": 0.5}, (-4.9, -1.2), (-4.753, -0.48)),
        # g = (−1, −8): the first step is η in both coordinates; then g = (−0.98, −7.6), s = (1.9604, 121.76)
        ("adagrad", {"epsilon": 1e-12}, (-4.9, -1.9), (-4.9 + 0.098 / 1.9604**0.5, -1.9 + 0.76 / 121.76**0.5)),
        # the first step is η(1−β₁)/√(1−β₂) = 0.1·0.5/0.5
        ("adam_uncorrected", {"beta1": 0.5, "beta2": 0.75, "epsilon": 1e-12}, (-4.9, -1.9), (-4.9 + 0.074 / 0.4276**0.5, -1.9 + 0.58 / 26.44**0.5)),
        # h = (−0.74, −5.8)/0.75, s = (0.4276, 26.44)/0.4375
        (
            "adam",
            {"beta1": 0.5, "beta2": 0.75, "epsilon": 1e-12},
            (-4.9, -1.9),
            (-4.9 + 0.074 / 0.75 / (0.4276 / 0.4375) ** 0.5, -1.9 + 0.58 / 0.75 / (26.44 / 0.4375) ** 0.5),
        ),
    ],
)
def test_two_steps_by_hand(key: str, fields: dict[str, float], first: tuple[float, float], second: tuple[float, float]) -> None:
    """L = 0.1w₁² + 2w₂² from (−5, −2) with η = 0.1; the gradient is (0.2w₁, 4w₂)."""
    path = simulate(REGISTRY[key](**fields), QUADRATIC, (-5.0, -2.0), 0.1, 2)
    assert np.abs(path.w - [(-5.0, -2.0), first, second]).max() <= 1e-11


def test_momentum_variants_part_when_the_rate_changes() -> None:
    """A11 and D5 coincide at constant η only."""
    outer, inner = REGISTRY["momentum"](), REGISTRY["momentum_inner_rate"]()
    decaying = 1e-3 * 0.99 ** np.arange(T)
    assert np.abs(run(outer, "rosenbrock", 1e-3).w - run(inner, "rosenbrock", 1e-3).w).max() <= 1e-10
    assert np.abs(run(outer, "rosenbrock", decaying).w - run(inner, "rosenbrock", decaying).w).max() > 1e-3


def test_nesterov_slides_agree() -> None:
    """C7 and D6 are the same iterates, v = −h."""
    optimizer, lrs = REGISTRY["nesterov"](), 1e-3 * 0.99 ** np.arange(T)
    path = [slide(optimizer, PROBLEMS["rosenbrock"], lrs) for slide in (nesterov, nesterov_added_velocity)]
    assert np.abs(path[0] - path[1]).max() <= 1e-12


def bounded() -> list[Any]:
    """Every optimizer with a bound, at several values of its hyper-parameters."""
    found = []
    for cls in REGISTRY.values():
        specs = [cls()] + [cls(**{name: d.low + part * (d.high - d.low)}) for name, d in hypers(cls).items() for part in (0.0, 0.3, 0.7, 0.98)]
        found += [optimizer for optimizer in specs if optimizer.lr_bound(1.0) is not None]
    return found


@pytest.mark.parametrize("optimizer", bounded(), ids=repr)
def test_lr_bound(optimizer: Any) -> None:
    """1 % below the bound converges, 1 % above diverges; the largest curvature is 4."""
    bound = optimizer.lr_bound(4.0)
    below, above = (simulate(optimizer, QUADRATIC, (-5.0, -2.0), factor * bound, 4000).loss for factor in (0.99, 1.01))
    assert below[-1] < 1e-8 * below[0]
    assert not above[-1] < 1e8 * above[0]


def test_some_optimizers_have_a_bound() -> None:
    """Else the test above would be empty."""
    assert {type(optimizer) for optimizer in bounded()} >= {REGISTRY[key] for key in ("gradient_descent", "momentum", "nesterov")}


@pytest.mark.parametrize("surface_key", SURFACES)
@pytest.mark.parametrize("key", REGISTRY)
def test_record_is_consistent(key: str, surface_key: str) -> None:
    """The update leads from point to point, the gradient is that of the query point, the first state is `init`."""
    optimizer, surface = REGISTRY[key](), SURFACES[surface_key]()
    lr = surface.learning_rates.scale_free if optimizer.scale_free else surface.learning_rates.gradient
    path = simulate(optimizer, surface, surface.starts[0], 0.1 * lr, 100)
    assert path.w.shape == (101, 2) and path.loss.shape == (101,) and path.lr.shape == (100,)
    assert all(field.shape == (100, 2) for field in path.step)
    assert np.array_equal(path.w[0], surface.starts[0])
    for field, initial in zip(path.state, optimizer.init(path.w[0]), strict=True):
        assert field.shape == (101, *initial.shape)
        assert np.array_equal(field[0], initial)
    # where a pair diverges, what a polynomial of degree 8 would carry past 1e308 is compared no more
    tame = int(np.argmin(np.r_[(np.abs(path.w) < 1e30).all(axis=1), False]))
    assert tame > 10
    before, after, update = path.w[: tame - 1], path.w[1:tame], path.step.update[: tame - 1]
    # XLA may fuse −ηg and the sum into one multiply-add, so the sum is exact up to the rounding of its largest term
    largest = np.maximum(np.maximum(np.abs(before), np.abs(after)), np.abs(update))
    assert (np.abs(after - (before + update)) <= np.spacing(largest)).all()
    gradient = np.asarray(jax.vmap(jax.grad(surface))(path.step.query[: tame - 1]))
    assert (np.abs(path.step.grad[: tame - 1] - gradient) <= 1e-11 * (1 + np.abs(gradient))).all()
    loss = np.asarray(jax.vmap(surface)(path.w[:tame]))
    assert (np.abs(path.loss[:tame] - loss) <= 1e-11 * (1 + np.abs(loss))).all()
