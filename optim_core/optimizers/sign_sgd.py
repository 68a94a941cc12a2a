"""Sign SGD: only the signs of the gradient; every coordinate steps by exactly η.

    w_t = w_{t−1} − η sign(g_t)

Source: Bernstein et al. 2018 (one bit a coordinate to send). It is RMSprop without memory, γ = 0 and ε = 0, and Adam with β₁ = β₂ = 0. With a constant η the
point ends jumping by η about the minimum; in noise the majority of signs, not the mean of the gradients, decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """Sign SGD remembers nothing."""


@spec
class SignSgd:
    """w ← w − η sign(g)."""

    title: ClassVar[str] = N_("Sign SGD")
    family: ClassVar[Family] = "gradient"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = ("w = w_old - eta * sign(g)",)
    symbols: ClassVar[Mapping[str, str]] = {}
    scale_free: ClassVar[bool] = True
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.sign_sgd({lr})"),
    }

    def init(self, w: jax.Array) -> State:
        """Nothing to remember."""
        return State()

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`. The effective rate is 0 where the gradient is 0."""
        g = oracle(w)
        effective_lr = jnp.where(g == 0.0, 0.0, lr / jnp.abs(g))
        update = -lr * jnp.sign(g)
        return w + update, state, Step(w, g, update, effective_lr)

    def lr_bound(self, curvature: float) -> float | None:
        """None: its step has length η on every loss, so no η converges and none diverges."""
        return None
