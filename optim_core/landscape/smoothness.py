"""How far a gradient can be trusted: the loss and the gradient some way along −∇L, at points of a training's path.

    w_s = w − s η g,   g = ∇L(w):      L(w_s),     ‖∇L(w_s) − g‖,     β = max_s ‖∇L(w_s) − g‖/(s η ‖g‖)

The loss is smooth along its gradient where the losses of all steps lie close together, the gradient hardly changes and the effective β-smoothness is small;
batch norm is said to make it so. Steps go from half to four times the training's own.

Source: Santurkar, Tsipras, Ilyas, Madry 2018, "How does batch normalization help optimization?", figure 4; lecture row D13.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.backend import bound
from optim_core.landscape.objective import Held, held, objective
from optim_core.landscape.slices import Ground
from optim_core.networks.architecture import Network
from optim_core.networks.training import MAX_PROGRAMS

STEPS = np.linspace(0.5, 4.0, 8)
"""Lengths of the steps, in learning rates."""


class Smoothness(NamedTuple):
    """What lies along the gradient at F points of a path; true numbers, up to inf and nan.

    Attributes:
        at: the iterations, `(F,)`.
        steps: s, `(m,)`.
        loss: L(w − s η g), `(F, m)`; its range at each point is figure 4a of the paper.
        change: ‖∇L(w − s η g) − g‖, `(F, m)`; its range is figure 4b, the gradient predictiveness.
        beta: the effective β-smoothness, `(F,)`, figure 4c; nan where g = 0 or η = 0.
    """

    at: np.ndarray
    steps: np.ndarray
    loss: np.ndarray
    change: np.ndarray
    beta: np.ndarray


def smoothness(ground: Ground, w: np.ndarray, lr: np.ndarray, at: np.ndarray | Sequence[int], tell: Callable[[int, int], None] | None = None) -> Smoothness:
    """Go along −g from each of some weights. Batch norm goes by the objects themselves, as in a full-batch step.

    Args:
        ground: the loss, with its penalties.
        w: `(F, P)`.
        lr: η at each of them, `(F,)`.
        at: their iterations, `(F,)`.
        tell: told points done and to do; what it raises ends the work.
    """
    bound((_along,), MAX_PROGRAMS)
    given, rows = held(ground), []
    for point, (weights, rate) in enumerate(zip(w.astype(np.float64), lr.astype(np.float64), strict=True)):
        rows.append(np.asarray(_along(ground.network, given, weights, STEPS * rate)))
        if tell is not None:
            tell(point + 1, len(w))
    made = np.stack(rows) if rows else np.zeros((0, 3, len(STEPS)))
    return Smoothness(np.asarray(at), STEPS.copy(), made[:, 0].copy(), made[:, 1].copy(), made[:, 2].max(axis=1))


@jax.jit
def _along(network: Network, given: Held, w: jax.Array, lengths: jax.Array) -> jax.Array:
    """Losses, changes of the gradient and changes by distance after steps of some lengths, `(3, m)`."""
    function = jax.value_and_grad(objective(network, given))
    _, g = function(w)
    losses, gradients = jax.vmap(function)(w - lengths[:, None] * g)
    changes = jnp.linalg.norm(gradients - g, axis=1)
    return jnp.stack([losses, changes, changes / (lengths * jnp.linalg.norm(g))])
