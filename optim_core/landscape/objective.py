"""What a full-batch step sees: the loss whose curvature and gradients are looked at.

    L(w) = mean over all objects of the losses + λ₁‖W‖₁ + (λ₂/2)‖W‖²

Batch norm goes by the objects themselves, whatever the `mode` of a slice is, for that is what training differentiates; no neuron is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.landscape.slices import Ground
from optim_core.networks.architecture import Network
from optim_core.networks.forward import Batch, forward, mean_loss, penalty


class Held(NamedTuple):
    """What of a ground goes into a compiled program as numbers, so that another amount is no other program.

    Attributes:
        x: features first, `(d, n)`.
        y: `(n,)`.
        l1, l2: λ₁ and λ₂, scalars.
    """

    x: jax.Array
    y: jax.Array
    l1: jax.Array
    l2: jax.Array


def held(ground: Ground) -> Held:
    """The objects to learn from and the penalties, put where JAX computes."""
    return Held(*(jnp.asarray(part, jnp.float64) for part in (ground.x.T, ground.y, ground.l1, ground.l2)))


def objective(network: Network, given: Held) -> Callable[[jax.Array], jax.Array]:
    """L, a function of the weights `(P,)`.

    Args:
        network: its shape.
        given: objects and penalties.
    """
    batch, stats = Batch(given.x, given.y), jnp.asarray(np.asarray(network.fresh_stats()))

    def loss(w: jax.Array) -> jax.Array:
        return mean_loss(network, forward(network, w, stats, batch, training=True).values, batch) + penalty(network, w, given.l1, given.l2)

    return loss
