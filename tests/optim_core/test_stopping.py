"""Where a recorded run would have stopped, on paths whose answer is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from optim_core import simulate
from optim_core.optimizers import REGISTRY
from optim_core.stopping import RULES, first_overflow, first_stop, first_within
from optim_core.types import Step, Trajectory
from surfaces import REGISTRY as SURFACES

QUADRATIC = SURFACES["elongated_quadratic"]()


def descent(lr: float, n_steps: int, start: tuple[float, float] = (0.0, 1.0)) -> Trajectory:
    """Gradient descent on 2w₂²: w₂ = (1 − 4η)ᵗ, gradient 4w₂."""
    return simulate(REGISTRY["gradient_descent"](), QUADRATIC, start, lr, n_steps)


def with_losses(losses: list[float]) -> Trajectory:
    """A record of which only the loss matters."""
    n = len(losses) - 1
    nothing = np.zeros((n, 1))
    return Trajectory(np.zeros((n + 1, 1)), np.array(losses), np.zeros(n), Step(nothing, nothing, nothing, nothing), nothing, np.zeros(1), ())


def test_gradient() -> None:
    """With η = 0.125 the gradient is 4·2⁻ᵗ: below 0.01 first at t = 9."""
    assert first_stop(descent(0.125, 50), "gradient", 0.01, 1) == 9
    assert first_stop(descent(0.125, 50), "gradient", 4.1, 1) == 0
    assert first_stop(descent(0.125, 9), "gradient", 0.01, 1) == 9  # the gradient at the last point counts, though no step leaves it
    assert first_stop(descent(0.125, 8), "gradient", 0.01, 1) is None


def test_update() -> None:
    """The step to w_t has length 2⁻ᵗ: below 0.01 first at t = 7."""
    assert first_stop(descent(0.125, 50), "update", 0.01, 1) == 7
    assert first_stop(descent(0.125, 7), "update", 0.01, 1) == 7
    assert first_stop(descent(0.125, 6), "update", 0.01, 1) is None


def test_the_bound_is_strict() -> None:
    """A norm equal to the tolerance goes on."""
    assert first_stop(descent(0.125, 50), "gradient", 4.0, 1) == 1
    assert first_stop(descent(0.125, 50), "update", 0.5, 1) == 2


def test_norm_is_euclidean() -> None:
    """(3, 4) has length 5."""
    grad = np.array([[3.0, 4.0]])
    path = Trajectory(np.zeros((2, 2)), np.zeros(2), np.zeros(1), Step(grad, grad, grad, grad), grad, grad[0], ())
    for rule, at in (("gradient", 0), ("update", 1)):
        assert first_stop(path, rule, 5.0, 1) is None  # type: ignore[arg-type]
        assert first_stop(path, rule, 5.1, 1) == at  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("losses", "patience", "expected"),
    [
        ([3, 2, 1, 1, 1, 1], 1, 3),
        ([3, 2, 1, 1, 1, 1], 3, 5),
        ([3, 2, 1, 1, 1, 1], 4, None),
        ([3, 2, 5, 4, 1, 2], 3, None),
        ([3, 2, 5, 4, 1, 2], 2, 3),
        ([1, 2, 3], 1, 1),
        ([1, 2, 3], 2, 2),
        ([1, 1, 1], 2, 2),
        ([3, math.nan, 2, math.inf, 1], 1, 1),
        ([3, math.nan, 2, math.inf, 1], 2, None),
        ([1, math.inf, math.nan, math.nan], 3, 3),
        ([5, 4, 3, 2, 1], 1, None),
    ],
)
def test_no_improvement(losses: list[float], patience: int, expected: int | None) -> None:
    """The best loss is `patience` steps old; nan and inf never improve."""
    assert first_stop(with_losses(losses), "no_improvement", 1e-6, patience) == expected


def test_none_never_stops() -> None:
    """Not even at the minimum."""
    assert first_stop(descent(0.25, 20), "none", 1e-6, 1) is None


def test_divergence_never_looks_like_arrival() -> None:
    """η = 1 gives (−3)ᵗ, then inf and nan: no tolerance is met, and the best loss is that of the start."""
    path = descent(1.0, 1000)
    assert np.isnan(path.w[-1]).any()
    assert first_stop(path, "gradient", 1e-3, 1) is None
    assert first_stop(path, "update", 1e-3, 1) is None
    assert first_stop(path, "no_improvement", 1e-3, 10) == 10


def test_overflow() -> None:
    """The loss 2·9ᵗ leaves float64 long before the point does."""
    path = descent(1.0, 1000)
    assert first_overflow(path) == math.ceil((math.log(1.7976931348623157e308) - math.log(2)) / math.log(9))
    assert first_overflow(descent(1.0, 100)) is None
    assert first_overflow(with_losses([1.0, 2.0, math.nan])) == 2
    assert first_overflow(with_losses([1.0, -math.inf, 1.0])) == 1


def test_overflow_of_the_point_alone() -> None:
    """A finite loss does not hide a point that is none."""
    w = np.array([[0.0], [np.inf], [np.nan]])
    zeros = np.zeros((2, 1))
    assert first_overflow(Trajectory(w, np.zeros(3), np.zeros(2), Step(zeros, zeros, zeros, zeros), zeros, np.zeros(2), ())) == 1


def test_within() -> None:
    """The loss 2·4⁻ᵗ is within 0.01 first at t = 4; a diverging run never is."""
    assert first_within(descent(0.125, 50), 0.0, 0.01) == 4
    assert first_within(descent(0.125, 3), 0.0, 0.01) is None
    assert first_within(descent(1.0, 1000), 0.0, 0.01) is None
    assert first_within(with_losses([5.0, 1.5, 1.0]), 1.0, 0.5) == 1


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("tolerance", "patience", "message"),
    [(0.0, 1, "tolerance = 0.0"), (-1.0, 1, "tolerance = -1.0"), (math.nan, 1, "tolerance = nan"), (math.inf, 1, "tolerance = inf"), (1.0, 0, "patience = 0")],
)
def test_numbers_are_checked(rule: Any, tolerance: float, patience: int, message: str) -> None:
    """Whatever the rule."""
    with pytest.raises(ValueError, match=message):
        first_stop(descent(0.125, 5), rule, tolerance, patience)


def test_rule_is_checked() -> None:
    """The message lists what is allowed."""
    with pytest.raises(ValueError, match="rule = 'loss' is not one of none, gradient, update, no_improvement"):
        first_stop(descent(0.125, 5), "loss", 1e-6, 1)  # type: ignore[arg-type]
