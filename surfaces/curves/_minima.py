"""The minima of a curve without a closed form: where its slope turns from falling to rising."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from optim_core.hyper import resolve

POINTS, HALVINGS = 2001, 60


@jax.jit
def _slopes(curve: Any, w: jax.Array) -> jax.Array:
    found: jax.Array = jax.vmap(jax.grad(curve))(w[:, None])[:, 0]
    return found


@jax.jit
def _losses(curve: Any, w: jax.Array) -> jax.Array:
    found: jax.Array = jax.vmap(curve)(w[:, None])
    return found


def minima_between(curve: Any, low: float, high: float) -> np.ndarray:
    """Every place between `low` and `high` where the slope changes from negative to positive, by bisection, the lowest loss first.

    A kink is found, too; of two minima closer than a thousandth of the way one may be missed.

    Args:
        curve: a spec of `surfaces.curves`.
        low, high: where to look.

    Returns:
        `(k, 1)`.
    """
    exact = resolve(curve)
    w = np.linspace(low, high, POINTS)
    slope = np.asarray(_slopes(exact, w))
    left = np.flatnonzero((slope[:-1] < 0) & (slope[1:] >= 0))
    a, b = np.zeros(POINTS), np.zeros(POINTS)  # one shape for any number of minima: one compilation a curve
    a[: len(left)], b[: len(left)] = w[left], w[left + 1]
    for _ in range(HALVINGS):
        middle = (a + b) / 2
        falls = np.asarray(_slopes(exact, middle)) < 0
        a, b = np.where(falls, middle, a), np.where(falls, b, middle)
    found = ((a + b) / 2)[: len(left)]
    losses = np.asarray(_losses(exact, (a + b) / 2))[: len(left)]
    found, losses = found[np.isfinite(losses)], losses[np.isfinite(losses)]
    ordered: np.ndarray = found[np.argsort(losses.round(9), kind="stable")][:, None]
    return ordered
