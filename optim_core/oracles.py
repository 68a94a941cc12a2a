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
