"""Clipping: judged by optax and PyTorch, and what mathematics says of gradients that no library minds."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from optim_core import Job, simulate
from optim_core.clipping import CLIPS, ClipByNorm, ClipByValue
from optim_core.hyper import hypers
from optim_core.optimizers import REGISTRY
from surfaces import REGISTRY as SURFACES

ROSENBROCK = SURFACES["rosenbrock"]()
GRADIENTS = [np.array(g) for g in ([3.0, -4.0], [0.3, -0.4], [0.0, 0.0], [1e-9, 2.0], [-7.0, 0.0], [1e5, 1e-5], [0.6, 0.8])]
THRESHOLDS = (1e-3, 0.5, 1.0, 5.0, 1e4)
sizes = st.floats(-1e150, 1e150, allow_subnormal=False)  # XLA takes those for 0
vectors = st.lists(sizes, min_size=1, max_size=6).map(np.array)
thresholds = st.floats(1e-3, 1e4)


def cut(clip: Any, g: np.ndarray) -> np.ndarray:
    return np.asarray(clip(jnp.asarray(g, dtype=jnp.float64)))


def exact_norm(g: np.ndarray) -> float:
    return math.hypot(*g.tolist())


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize(("cls", "judge"), [(ClipByNorm, optax.clip_by_global_norm), (ClipByValue, optax.clip)], ids=["norm", "value"])
def test_optax(cls: Any, judge: Any, threshold: float) -> None:
    """In float64."""
    transformation = judge(threshold)
    for g in GRADIENTS:
        judged, _ = transformation.update(jnp.asarray(g), transformation.init(jnp.asarray(g)))
        assert judged.dtype == jnp.float64
        np.testing.assert_allclose(cut(cls(threshold), g), judged, rtol=1e-14, atol=0)


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_torch(threshold: float) -> None:
    """`clip_grad_norm_` divides by ‖g‖ + 10⁻⁶ and so cuts a little below the threshold; `clip_grad_value_` is exact."""
    for g in GRADIENTS:
        parameter = torch.nn.Parameter(torch.zeros(len(g), dtype=torch.float64))
        parameter.grad = torch.tensor(g)
        torch.nn.utils.clip_grad_norm_([parameter], threshold)
        longer = exact_norm(g) >= threshold
        wanted = parameter.grad.numpy() * ((exact_norm(g) + 1e-6) / exact_norm(g) if longer and threshold / (exact_norm(g) + 1e-6) < 1 else 1.0)
        np.testing.assert_allclose(cut(ClipByNorm(threshold), g), wanted, rtol=1e-14, atol=0)
        parameter.grad = torch.tensor(g)
        torch.nn.utils.clip_grad_value_([parameter], threshold)
        assert np.array_equal(cut(ClipByValue(threshold), g), parameter.grad.numpy())


@given(vectors, thresholds)
@settings(deadline=None, max_examples=200)
def test_by_norm_shortens_and_keeps_the_direction(g: np.ndarray, threshold: float) -> None:
    """What is short stays to the bit; what is long has length c."""
    made, length = cut(ClipByNorm(threshold), g), exact_norm(g)
    if length < threshold * (1 - 1e-12):
        assert np.array_equal(made, g)
    elif length > threshold:
        assert exact_norm(made) == pytest.approx(threshold, rel=1e-12)
        np.testing.assert_allclose(made / threshold, g / length, rtol=1e-12, atol=1e-300)


@given(vectors, thresholds)
@settings(deadline=None, max_examples=200)
def test_by_value_cuts_each_coordinate(g: np.ndarray, threshold: float) -> None:
    """To the bit."""
    assert cut(ClipByValue(threshold), g).tolist() == [max(min(x, threshold), -threshold) for x in g.tolist()]


@pytest.mark.parametrize("size", [1e154, 1e155, 1e200, 1e308])
def test_a_gradient_whose_square_overflows_has_the_length_of_the_threshold(size: float) -> None:
    """And its own direction; a tiny one, whose square is 0, stays."""
    np.testing.assert_allclose(cut(ClipByNorm(2.0), np.array([3.0, -4.0]) * (size / 4)), [1.2, -1.6], rtol=1e-14)
    assert np.array_equal(cut(ClipByValue(2.0), np.array([size, -size])), [2.0, -2.0])
    for clip in (ClipByNorm(1e-3), ClipByValue(1e-3)):
        small = np.array([2.0, -1.0]) / min(size, 1e300)
        assert np.array_equal(cut(clip, small), small)


@pytest.mark.parametrize("bad", [[np.nan, 1.0], [np.inf, 1.0], [-np.inf, np.nan], [np.inf, -np.inf]])
def test_by_norm_makes_no_number_of_what_is_none(bad: list[float]) -> None:
    """An infinite gradient has no direction: it must not look like a sound one."""
    assert not np.isfinite(cut(ClipByNorm(1.0), np.array(bad))).all()


def test_by_value_of_what_is_no_number() -> None:
    """An infinite coordinate is cut like any large one, nan stays nan."""
    np.testing.assert_array_equal(cut(ClipByValue(2.0), np.array([np.inf, -np.inf, np.nan, 1.0])), [2.0, -2.0, np.nan, 1.0])


@pytest.mark.parametrize("key", CLIPS)
def test_declarations(key: str) -> None:
    """One threshold, named in the printed rule."""
    cls = CLIPS[key]
    assert list(hypers(cls)) == ["threshold"] and cls.title and cls.__doc__
    assert all("c" in line and r"\hat g" in line for line in cls.rule)
    with pytest.raises(ValueError, match=rf"{cls.__name__}\.threshold = 0 is outside \[0.001, 10000\]"):
        simulate(REGISTRY["adam"](), ROSENBROCK, (0.0, 1.0), 0.1, 5, clip=cls(threshold=0))


@pytest.mark.parametrize("kind", CLIPS)
@pytest.mark.parametrize("key", REGISTRY)
def test_a_threshold_out_of_reach_changes_nothing(key: str, kind: str) -> None:
    """The run is the plain one, and says that it was not cut."""
    job = Job(REGISTRY[key](), ROSENBROCK, (-1.2, 1.0), ROSENBROCK.learning_rates.gradient, 100)
    plain, free = simulate(*job), simulate(*job._replace(clip=CLIPS[kind](threshold=1e4)))
    assert np.abs(free.w - plain.w).max() <= 1e-12 and np.array_equal(free.raw_grad, free.step.grad)


@pytest.mark.parametrize("key", REGISTRY)
def test_the_optimizer_is_given_the_cut_gradient(key: str) -> None:
    """`raw_grad` before, `step.grad` after, at the same query; the direction stays."""
    path = simulate(REGISTRY[key](), ROSENBROCK, (-2.0, 2.0), 1e-3, 60, clip=ClipByNorm(1.0))
    lengths = np.hypot(*path.raw_grad.T)
    assert (lengths > 1.0).all()
    np.testing.assert_allclose(path.step.grad, path.raw_grad / lengths[:, None], rtol=1e-12)
    assert np.hypot(*path.next_grad) <= 1.0 + 1e-12
