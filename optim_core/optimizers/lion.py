"""Lion: every coordinate steps by exactly η, in the direction that the averaged gradient votes for.

    c_t = β₁ h_{t−1} + (1−β₁) g_t
    w_t = w_{t−1} − η (sign(c_t) + λ w_{t−1})
    h_t = β₂ h_{t−1} + (1−β₂) g_t

Source: Chen et al. 2023, found by a search among programs. Two decays: the vote looks at recent gradients, the memory is longer. The step never shrinks by
itself, so with a constant η the point ends jumping by η about the minimum; small gradients count as much as large ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """`first_moment` is h_t, the average of the gradient, shape `(n,)`."""

    first_moment: jax.Array


class Inner(NamedTuple):
    """c_t, whose sign decides, `(n,)`."""

    vote: jax.Array


@spec
class Lion:
    """w ← w − η(sign(β₁h + (1−β₁)g) + λw), then h ← β₂h + (1−β₂)g."""

    title: ClassVar[str] = N_("Lion")
    family: ClassVar[Family] = "momentum"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "c = beta1 * h_old + (1 - beta1) * g",
        "w = w_old - eta * (sign(c) + decay * w_old)",
        "h = beta2 * h_old + (1 - beta2) * g",
    )
    symbols: ClassVar[Mapping[str, str]] = {"h": "first_moment", "c": "vote"}
    scale_free: ClassVar[bool] = True
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.lion({lr}, b1={beta1}, b2={beta2}, weight_decay={decay})"),
    }

    beta1: float = hyper(
        0.9, 0.0, 0.9999, symbol=r"\beta_1", scale="complement_log",
        title=N_("vote of h"), help=N_("Share of the averaged gradient in the sign that decides the step."),
    )  # fmt: skip
    beta2: float = hyper(
        0.99, 0.0, 0.99999, symbol=r"\beta_2", scale="complement_log",
        title=N_("decay of g"), help=N_("Share of the averaged gradient kept from step to step."),
    )  # fmt: skip
    decay: float = hyper(
        0.0, 0.0, 1.0, symbol=r"\lambda",
        title=N_("weight decay"), help=N_("How fast the point is drawn to the origin, beside the gradient; 0 is none."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """h₀ = 0."""
        return State(jnp.zeros_like(w))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`. The effective rate is that of c, and 0 where c is 0."""
        g = oracle(w)
        c = self.beta1 * state.first_moment + (1.0 - self.beta1) * g
        h = self.beta2 * state.first_moment + (1.0 - self.beta2) * g
        effective_lr = jnp.where(c == 0.0, 0.0, lr / jnp.abs(c))
        update = -lr * (jnp.sign(c) + self.decay * w)
        return w + update, State(h), Step(w, g, update, effective_lr, Inner(c))

    def lr_bound(self, curvature: float) -> float | None:
        """None: its step has length η on every loss, so no η converges and none diverges."""
        return None
