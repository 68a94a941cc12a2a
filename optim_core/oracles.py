"""Where gradients come from. An optimizer receives the oracle, not a gradient, so that it can ask at a point of its own choice.

Most ask for the gradient only; a line search also asks for the loss, Newton's method for the Hessian. What is asked is counted (`optim_core.evaluations`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Oracle(NamedTuple):
    """What may be asked about the loss at a point `w` of shape `(n,)`. Its noise or batch is fixed for the whole step.

    Attributes:
        gradient: ∇L(w), `(n,)`; calling the oracle itself asks for it.
        loss: L(w), a scalar.
        hessian: ∇²L(w), `(n, n)`.
    """

    gradient: Callable[[jax.Array], jax.Array]
    loss: Callable[[jax.Array], jax.Array]
    hessian: Callable[[jax.Array], jax.Array]

    def __call__(self, w: jax.Array) -> jax.Array:
        """The gradient at `w`."""
        return self.gradient(w)


def exact(loss: Callable[[jax.Array], jax.Array]) -> Oracle:
    """The true loss and its derivatives, by automatic differentiation.

    Args:
        loss: maps `w` of shape `(n,)` to a scalar.
    """
    gradient = jax.grad(loss)
    return Oracle(gradient, loss, jax.jacfwd(gradient))


def noisy(oracle: Oracle, noise: jax.Array) -> Oracle:
    """The gradient with this step's noise added, the same wherever it is asked for: that of the tilted loss L(w) + noise·w, which is what `loss` gives.

    Args:
        oracle: what the noise is added to.
        noise: `(n,)`, see `optim_core.noise`.
    """
    return oracle._replace(gradient=lambda w: oracle.gradient(w) + noise, loss=lambda w: oracle.loss(w) + jnp.sum(noise * w))


def clipped(oracle: Oracle, clip: Any) -> Oracle:
    """The gradient after clipping, see `optim_core.clipping`; a clip bounds what is used of the surface and flattens neither it nor its Hessian."""
    return oracle._replace(gradient=lambda w: clip(oracle.gradient(w)))
