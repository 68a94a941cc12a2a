"""Where gradients come from. An optimizer receives the oracle, not a gradient, so that it can ask at a point of its own choice."""

from __future__ import annotations

from collections.abc import Callable

import jax

from optim_core.types import Oracle


def exact(loss: Callable[[jax.Array], jax.Array]) -> Oracle:
    """The true gradient ∇L(w), by automatic differentiation.

    Args:
        loss: maps `w` of shape `(n,)` to a scalar.

    Returns:
        `oracle(w)`, of the shape of `w`.
    """
    return jax.grad(loss)


def noisy(oracle: Oracle, noise: jax.Array) -> Oracle:
    """The gradient with this step's noise added, the same wherever it is asked for.

    Args:
        oracle: what the noise is added to.
        noise: `(n,)`, see `optim_core.noise`.
    """
    return lambda w: oracle(w) + noise


def clipped(oracle: Oracle, clip: Callable[[jax.Array], jax.Array]) -> Oracle:
    """The gradient after clipping, see `optim_core.clipping`."""
    return lambda w: clip(oracle(w))
