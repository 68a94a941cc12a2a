"""What became of a run: one judgement, for maps and for tuning."""

from __future__ import annotations

import numpy as np

from optim_core.sweep.core import NEVER, Goal, Outcome

THERE, NOT_YET, DIVERGED = 0, 1, 2
"""See `judged`."""


FARTHER = 10.0
"""A run that ends so many times as high above L* as it began is going away; below that, momentum may only be swinging out."""


def judged(outcome: Outcome, goal: Goal, *, noisy: bool) -> np.ndarray:
    """What became of each run.

    There is a run that reached the goal and is still there at its end: to fly past a minimum is not to arrive. Diverged is one whose last point or loss is
    not finite, or whose L − L* ended more than `FARTHER` times as high as it began; where the gradient is noisy, ending higher is chance. Without L* the
    losses themselves are compared, by size.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        broken = ~(np.isfinite(outcome.loss) & np.isfinite(outcome.w).all(axis=-1))
        stays = (outcome.reached != NEVER) & (outcome.loss - goal.loss <= goal.tolerance)
        floor = 0.0 if np.isnan(goal.loss) else goal.loss
        away = (outcome.loss - floor > FARTHER * np.abs(outcome.first_loss - floor)) & (outcome.loss > outcome.first_loss) & (not noisy)
    return np.where(broken, DIVERGED, np.where(stays, THERE, np.where(away, DIVERGED, NOT_YET))).astype(np.uint8)
