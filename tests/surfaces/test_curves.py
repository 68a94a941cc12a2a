"""Every curve of one parameter against finite differences, dense searches and values by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
import scipy.optimize

import surfaces
from optim_core import optimizers, simulate
from optim_core.hyper import hypers, resolve
from optim_core.regime import regime
from surfaces import CURVES

GD = optimizers.REGISTRY["gradient_descent"]()


def examples(key: str) -> list[Any]:
    """The default parameters, and each at either end of its range."""
    default = CURVES[key]()
    ends = [dataclasses.replace(default, **{name: end}) for name, declared in hypers(default).items() for end in (declared.low, declared.high)]
    return [default, *ends]


losses = jax.jit(lambda curve, w: jax.vmap(curve)(w))
slopes = jax.jit(lambda curve, w: jax.vmap(jax.grad(curve))(w))


def at(function: Callable[..., jax.Array], curve: Any, w: Any) -> np.ndarray:
    """`function` at many numbers."""
    return np.asarray(function(resolve(curve), np.asarray(w, dtype=np.float64)[:, None]))


def loss(curve: Any, w: float) -> float:
    return float(at(losses, curve, [w])[0])


def test_curves_and_surfaces_have_different_keys() -> None:
    """One registry for links, the curves first."""
    assert list(surfaces.ALL) == [*surfaces.CURVES, *surfaces.REGISTRY]


@pytest.mark.parametrize("key", CURVES)
def test_class_data(key: str) -> None:
    """Starts inside the view, in the range of the loss that it shows, and no symbol without a place in the formula."""
    curve = CURVES[key]()
    for (w,) in curve.starts:
        assert curve.domain.w1[0] <= w <= curve.domain.w1[1] and curve.domain.w2[0] <= loss(curve, w) <= curve.domain.w2[1]
    assert all(declared.symbol in curve.formula for declared in hypers(curve).values())
    for reference in curve.reference_values:
        assert abs(loss(curve, *reference.w) - reference.value) <= 1e-10


@pytest.mark.parametrize("key", CURVES)
def test_slope(key: str) -> None:
    """By central differences, away from kinks."""
    for curve in examples(key):
        w, h = np.linspace(*curve.domain.w1, 17) + 0.0123, 1e-5
        slope = (at(losses, curve, w + h) - at(losses, curve, w - h)) / (2 * h)
        assert (np.abs(at(slopes, curve, w)[:, 0] - slope) <= 1e-6 * (1 + np.abs(slope))).all()


@pytest.mark.parametrize("key", CURVES)
def test_minima(key: str) -> None:
    """Each is lower than its neighbourhood, the lowest comes first, and a dense search with SciPy finds no other in the view."""
    for curve in examples(key):
        found = curve.minima()[:, 0]
        heights = [loss(curve, w) for w in found]
        assert heights[:1] == sorted(heights)[:1], "in a window without a minimum there is none"
        for w, height in zip(found, heights, strict=True):
            assert all(loss(curve, w + side) >= height - 1e-15 for side in (-1e-4, 1e-4))
        grid = np.linspace(*curve.domain.w1, 1501)
        values = at(losses, curve, grid)
        for i in np.flatnonzero((values[1:-1] < values[:-2]) & (values[1:-1] < values[2:])) + 1:
            around, precise = (grid[i - 1], grid[i + 1]), {"xatol": 1e-9}
            refined = scipy.optimize.minimize_scalar(lambda w, c=curve: loss(c, w), bounds=around, method="bounded", options=precise)
            assert np.abs(found - refined.x).min() < 1e-4


def test_closed_forms() -> None:
    """The level double well has its minima at ±1; the quartic's curvature at 0 is 0."""
    assert np.allclose(np.sort(CURVES["tilted_wells"](b=0.0).minima()[:, 0]), [-1.0, 1.0], atol=1e-12)
    assert float(jax.hessian(CURVES["quartic"]())(np.zeros(1))[0, 0]) == 0.0
    assert np.allclose(CURVES["wavy_bowl"](b=0.0).minima(), 0.0, atol=1e-12)


REGIMES = [(0.02, "small", 1), (0.3, "right", 1), (0.5, "right", 0), (0.8, "oscillating", -1), (1.0, "diverging", -1), (1.1, "diverging", -1)]


@pytest.mark.parametrize(("eta", "word", "signs"), REGIMES)
def test_the_regimes_are_what_the_run_does(eta: float, word: str, signs: int) -> None:
    """On w², L″ = 2: the sign that w takes after a step, and whether it comes nearer."""
    curve = CURVES["parabola"]()
    assert regime(eta, 2.0) == word
    w = simulate(GD, curve, (-3.0,), eta, 40).w[:, 0]
    assert np.sign(w[1] / w[0]) == signs
    ratio = abs(w[2] / w[1]) if w[1] else 0.0
    assert bool(ratio < 1) is (word != "diverging") and bool(ratio > 0.9) is (word in ("small", "diverging"))


def test_no_regime_without_curvature() -> None:
    assert regime(0.1, 0.0) is None and regime(0.1, -1.0) is None and regime(0.1, float("inf")) == "diverging"


@pytest.mark.parametrize("key", optimizers.REGISTRY)
@pytest.mark.parametrize("curve", CURVES)
def test_every_optimizer_runs_on_every_curve(key: str, curve: str) -> None:
    """The same optimizers as in the plane; where one diverges, it says so by its numbers."""
    made = CURVES[curve]()
    path = simulate(optimizers.REGISTRY[key](), made, made.starts[0], made.learning_rates.gradient * 0.2, 30)
    assert path.w.shape == (31, 1) and path.step.grad.shape == (30, 1)
    good = np.isfinite(path.w[1:, 0])
    assert np.allclose(path.w[:-1][good] + path.step.update[good], path.w[1:][good], rtol=1e-12)
