"""What theory predicts, against runs of the core."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from optim_core import simulate, theory
from optim_core.hyper import hypers
from optim_core.optimizers import REGISTRY
from surfaces import REGISTRY as SURFACES

LINEAR = [key for key, cls in REGISTRY.items() if hasattr(cls, "transition")]
TUNED = [key for key, cls in REGISTRY.items() if hasattr(cls, "best")]
assert set(LINEAR) == {"gradient_descent", "gradient_flow", "momentum", "momentum_ema", "momentum_inner_rate", "nesterov", "newton"}
KAPPAS = (1.0, 20.0, 1000.0)
START = (-5.0, -2.0)


def quadratic(kappa: float, angle: float = 30.0) -> tuple[Any, theory.Bowl]:
    """L = a u² + b v² with 2b = 4, turned, and its directions from NumPy."""
    a, b = 2.0 / kappa, 2.0
    surface = SURFACES["elongated_quadratic"](a=max(a, 0.01), b=max(b, 0.01 * kappa), angle=angle)
    turn = math.radians(angle)
    axes = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    shape = theory.bowl(np.zeros(2), axes @ np.diag([2 * surface.a, 2 * surface.b]) @ axes.T)
    assert shape is not None and math.isclose(shape.condition, kappa, rel_tol=1e-9)
    return surface, shape


def variants(key: str) -> list[Any]:
    """The optimizer at several β."""
    if "beta" not in hypers(REGISTRY[key]):
        return [REGISTRY[key]()]
    return [REGISTRY[key](beta=beta) for beta in (0.0, 0.5, 0.83, 0.9, 0.99)]


def tuned(key: str, shape: theory.Bowl) -> tuple[Any, theory.Best]:
    best = REGISTRY[key]().best(shape.curvatures[0], shape.curvatures[-1])
    return dataclasses.replace(REGISTRY[key](), **best.fields), best


@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize("key", LINEAR)
def test_the_matrix_walks_as_the_run_does(key: str, kappa: float) -> None:
    """Applied again and again in each direction, it gives every point of a run on a turned quadratic."""
    surface, shape = quadratic(kappa)
    for optimizer in variants(key):
        lr = min(0.7 * optimizer.lr_bound(shape.curvatures[-1]), 0.4)
        path = simulate(optimizer, surface, START, lr, 60)
        errors = path.w @ shape.directions
        for i, curvature in enumerate(shape.curvatures):
            matrix = optimizer.transition(lr, curvature)
            state = np.zeros(len(matrix))
            state[0] = errors[0, i]
            for t in range(60):
                state = matrix @ state
                assert abs(state[0] - errors[t + 1, i]) <= 1e-9 * abs(errors[:, i]).max()


@pytest.mark.parametrize("key", LINEAR)
def test_the_rate_is_one_at_the_bound(key: str) -> None:
    """The same bound from Jury's criterion in the optimizer's file and from the eigenvalues here."""
    for optimizer in variants(key):
        bound = optimizer.lr_bound(4.0)
        assert math.isclose(theory.rate(optimizer.transition(bound, 4.0)), 1.0, rel_tol=1e-9)
        assert theory.rate(optimizer.transition(0.99 * bound, 4.0)) < 1.0 < theory.rate(optimizer.transition(1.01 * bound, 4.0))


@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize("key", LINEAR)
def test_converges_below_its_bound_and_diverges_above(key: str, kappa: float) -> None:
    """One per cent to either side, in the run itself: only the steepest direction decides."""
    surface, shape = quadratic(kappa)
    start = 3.0 * shape.directions[:, -1]
    for optimizer in variants(key):
        bound = optimizer.lr_bound(shape.curvatures[-1])
        if not bound <= 1e3:
            continue
        for factor, shrinks in ((0.99, True), (1.01, False)):
            loss = simulate(optimizer, surface, start, factor * bound, 10_000).loss
            end = np.nanmax(np.where(np.isfinite(loss[-200:]), loss[-200:], np.inf))
            assert bool(end < 0.01 * loss[0]) is shrinks, (optimizer, factor)


@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize("key", LINEAR)
def test_the_envelope_holds_and_is_touched(key: str, kappa: float) -> None:
    """At every step, on either side of the bound; and the loss comes near it, so that it says something."""
    surface, shape = quadratic(kappa)
    for optimizer in variants(key):
        bound = min(optimizer.lr_bound(shape.curvatures[-1]), 50.0)
        for factor in (0.05, 0.5, 0.9, 1.02):
            path = simulate(optimizer, surface, START, factor * bound, 300)
            over = theory.envelope(optimizer, factor * bound, shape, path.w[0], 300)
            assert over is not None
            told = np.isfinite(path.loss) & np.isfinite(over) & (over > 1e-290)
            if over[1] < 1e-9 * over[0]:
                continue  # a time of the flow so long that w + Δw keeps nothing but rounding
            assert (path.loss[told] <= over[told] * (1 + 1e-9)).all(), (optimizer, factor)
            assert (path.loss[told] / over[told]).max() > 0.2 and math.isclose(over[0], path.loss[0], rel_tol=1e-9), (optimizer, factor)


def test_there_is_no_envelope_for_the_others() -> None:
    _, shape = quadratic(20.0)
    assert theory.envelope(REGISTRY["adam"](), 0.1, shape, np.array(START), 10) is None
    assert theory.rates(REGISTRY["adam"](), 0.1, shape.curvatures) is None


@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize("key", TUNED)
def test_the_best_values_reach_their_rate(key: str, kappa: float) -> None:
    """Measured over the steps 100 to 300, within 1 %; and as the largest of the rates predicted in the directions."""
    surface, shape = quadratic(kappa)
    optimizer, best = tuned(key, shape)
    predicted = theory.rates(optimizer, best.lr, shape.curvatures)
    assert predicted is not None and abs(max(predicted) - best.rate) <= 1e-6
    path = simulate(optimizer, surface, START, best.lr, 300)
    measured = theory.measured_rate(np.linalg.norm(path.w, axis=1), 100, 300)
    assert abs(measured - best.rate) <= 0.01 * best.rate + (1e-3 if kappa == 1.0 else 0.0)


@pytest.mark.parametrize("key", TUNED)
def test_nothing_near_is_better(key: str) -> None:
    """The worst direction's rate, at values beside the best ones."""
    shape = quadratic(20.0)[1]
    optimizer, best = tuned(key, shape)
    for lr in (0.97 * best.lr, 1.03 * best.lr):
        for shift in (-0.02, 0.0, 0.02):
            moved = dataclasses.replace(optimizer, **{name: value + shift for name, value in best.fields.items()})
            beside = theory.rates(moved, lr, tuple(np.linspace(*shape.curvatures, 50)))
            assert beside is not None and max(beside) >= best.rate - 1e-9


def test_published_values() -> None:
    """Goh 2017, and d2l's surface 0.1w₁² + 2w₂²: curvatures 0.2 and 4, κ = 20."""
    gd, momentum = theory.best_gd(0.2, 4.0), theory.best_momentum(0.2, 4.0)
    assert math.isclose(gd.lr, 2 / 4.2) and math.isclose(gd.rate, 19 / 21)
    root = math.sqrt(20.0)
    assert math.isclose(momentum.rate, (root - 1) / (root + 1)) and math.isclose(momentum.fields["beta"], ((root - 1) / (root + 1)) ** 2)
    assert math.isclose(momentum.lr, (2 / (math.sqrt(0.2) + 2.0)) ** 2)
    assert math.isclose(theory.critical_damping(momentum.lr, 0.2), momentum.fields["beta"], rel_tol=1e-9)


def test_the_rate_of_complex_roots_is_the_root_of_beta() -> None:
    """Not 2√β, as a footnote of the article has it."""
    for beta in (0.3, 0.5, 0.83, 0.95):
        lr = 0.5
        assert theory.critical_damping(lr, 1.0) < beta
        assert math.isclose(theory.rate(REGISTRY["momentum"](beta=beta).transition(lr, 1.0)), math.sqrt(beta), rel_tol=1e-12)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_components_add_up(kappa: float) -> None:
    """To the loss, at every step."""
    surface, shape = quadratic(kappa)
    path = simulate(REGISTRY["momentum"](beta=0.8), surface, START, 0.1, 100)
    parts = theory.components(shape, path.w)
    assert parts.shape == (2, 101) and (parts >= 0).all()
    np.testing.assert_allclose(parts.sum(axis=0), path.loss, rtol=1e-9)


def test_a_saddle_is_no_bowl() -> None:
    assert theory.bowl(np.zeros(2), np.diag([2.0, -1.0])) is None


def test_curvature_is_read_from_hessians() -> None:
    """Eigenvalues by hand; κ only where both are positive; nan where a Hessian is not finite; Adam's own steps make a stretched valley round."""
    read = theory.curvature(np.array([[[4.0, 0.0], [0.0, 0.2]], [[0.0, 3.0], [3.0, 0.0]], [[np.nan, 0.0], [0.0, 1.0]]]))
    assert read.high[:2].tolist() == [4.0, 3.0] and read.low[:2].tolist() == [0.2, -3.0]
    assert math.isclose(read.condition[0], 20.0) and np.isnan(read.condition[1:]).all() and np.isnan(read.high[2])
    even = theory.equalised(np.array([[[4.0, 0.0], [0.0, 0.2]]]), np.array([[0.25, 5.0]]))
    assert math.isclose(even.condition[0], 1.0) and math.isclose(even.high[0], 1.0)
