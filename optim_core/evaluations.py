"""What a run has asked of its loss, step by step: the honest price of a path.

A Hessian in n dimensions counts as n gradients, for it is the gradient's derivative along n directions; a loss counts as much as a gradient. The loss that is
recorded for the picture costs the optimizer nothing.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from optim_core import oracles
from optim_core.types import Cost, Trajectory

MAX_MATRIX = 400
"""Parameters of a network that an optimizer which holds a matrix may have: its steps take a time that grows with their cube."""


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


@functools.cache
def holds_matrix(optimizer: Any) -> bool:
    """Whether an optimizer's State or the record of its step has as many numbers as a matrix of the parameters, as Newton's method and BFGS do.

    Args:
        optimizer: a class of `optim_core.optimizers`.
    """
    n = 7  # no other field is likely to have 49 numbers
    w, one = jnp.zeros(n), jnp.ones(())
    state = jax.eval_shape(optimizer().init, w)
    step = jax.eval_shape(lambda w, state: optimizer().step(oracles.exact(jnp.sum), w, state, one, one)[2], w, state)
    return any(leaf.size == n * n for leaf in jax.tree.leaves((state, step)))
