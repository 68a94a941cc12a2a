"""Stopping is a reading: run all T steps, then find the first index where a criterion held. The tail stays available.

The three criteria are those of lecture rows A7 and E1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from optim_core.types import Trajectory

Rule = Literal["none", "gradient", "update", "no_improvement"]
RULES: tuple[Rule, ...] = ("none", "gradient", "update", "no_improvement")


def first_stop(path: Trajectory, rule: Rule, tolerance: float, patience: int) -> int | None:
    """The first index t at which training would have stopped at `w[t]`, or None.

    gradient:        ‖g‖ < tolerance, g the gradient that the optimizer takes at w_t (a look-ahead optimizer: at its query point)
    update:          ‖w_t − w_{t−1}‖ < tolerance
    no_improvement:  the best loss so far is `patience` steps old

    Args:
        path: a recorded run.
        rule: which criterion.
        tolerance: ε of the first two, > 0.
        patience: steps without a new lowest loss, ≥ 1, for the third.

    Raises:
        ValueError: an unknown rule, or a number out of range.
    """
    if not (np.isfinite(tolerance) and tolerance > 0):
        raise ValueError(f"tolerance = {tolerance!r} is not a positive number")
    if patience < 1:
        raise ValueError(f"patience = {patience!r} is below 1")
    with np.errstate(over="ignore", invalid="ignore"):
        if rule == "none":
            return None
        if rule == "gradient":
            return _first(np.linalg.norm(np.vstack([path.step.grad, path.next_grad]), axis=1) < tolerance)
        if rule == "update":
            holds = np.linalg.norm(path.step.update, axis=1) < tolerance
            at = _first(holds)
            return None if at is None else at + 1
        if rule == "no_improvement":
            loss = np.where(np.isfinite(path.loss), path.loss, np.inf)
            best = np.minimum.accumulate(loss)
            index = np.arange(len(loss))
            improved = np.r_[True, best[1:] < best[:-1]]
            age = index - np.maximum.accumulate(np.where(improved, index, 0))
            return _first(age >= patience)
    raise ValueError(f"rule = {rule!r} is not one of {', '.join(RULES)}")


def first_overflow(path: Trajectory) -> int | None:
    """The first index t at which `w[t]` or its loss is no longer a finite number, or None.

    Args:
        path: a recorded run; a run that overflows is recorded to its end, with inf and nan.
    """
    return _first(~(np.isfinite(path.w).all(axis=1) & np.isfinite(path.loss)))


def first_within(path: Trajectory, target: float, tolerance: float) -> int | None:
    """The first index t with L(w_t) − target ≤ tolerance, or None.

    Args:
        path: a recorded run.
        target: the loss aimed at, such as L*.
        tolerance: how near counts as there, ≥ 0.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _first(path.loss - target <= tolerance)


def _first(holds: np.ndarray) -> int | None:
    return int(np.argmax(holds)) if holds.any() else None
