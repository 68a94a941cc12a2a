"""Where gradients come from. An optimizer receives the oracle, not a gradient, so that it can ask at a point of its own choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    """The gradient after clipping, see `optim_core.clipping`.

    Its Jacobian, for Newton, is that of the gradient before clipping: a clip bounds what is used of the surface and does not flatten it.
    """
    return lambda w: _cut(clip, oracle(w))


@jax.custom_jvp
def _cut(clip: Callable[[jax.Array], jax.Array], g: jax.Array) -> jax.Array:
    return clip(g)


@_cut.defjvp
def _uncut(primals: tuple[Any, jax.Array], tangents: tuple[Any, jax.Array]) -> tuple[jax.Array, jax.Array]:
    return _cut(*primals), tangents[1]
