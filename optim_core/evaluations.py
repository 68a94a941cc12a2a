"""What a run has asked of its loss, step by step: the honest price of a path.

A Hessian in n dimensions counts as n gradients, for it is the gradient's derivative along n directions; a loss counts as much as a gradient. The loss that is
recorded for the picture costs the optimizer nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from optim_core.types import Cost, Trajectory


def counted(optimizer: Any, path: Trajectory) -> np.ndarray:
    """Evaluations up to each iterate of a run.

    Args:
        optimizer: the spec that made the run; its `cost` says what a step asks for.
        path: the record.

    Returns:
        `(T+1,)`, from 0, growing.
    """
    cost: Cost = getattr(optimizer, "cost", Cost())
    n = path.w.shape[1]
    each = _count(cost.gradients, path) + _count(cost.losses, path) + n * _count(cost.hessians, path)
    return np.concatenate([[0.0], np.cumsum(each)])


def varies(optimizer: Any) -> bool:
    """Whether some steps of an optimizer cost more than others."""
    return any(isinstance(cost, str) for cost in getattr(optimizer, "cost", ()))


def _count(cost: int | str, path: Trajectory) -> np.ndarray:
    """What one kind of evaluation costs at every step, `(T,)`."""
    counts: np.ndarray = getattr(path.step.inner, cost) if isinstance(cost, str) else np.full(path.n_steps, float(cost))
    return counts
