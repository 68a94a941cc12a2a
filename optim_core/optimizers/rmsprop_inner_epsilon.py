"""RMSprop with the stabiliser inside the root.

    s_t = γ s_{t−1} + (1−γ) g_t²
    w_t = w_{t−1} − η/√(s_t + ε) ⊙ g_t

Source: lecture rows C8 and D10. It parts from `rmsprop` only where the gradient is small: there √ε, not ε, is what the root is compared with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """`second_moment` is s_t, the running mean of squared gradients, shape `(n,)`."""

    second_moment: jax.Array


@spec
class RmspropInnerEpsilon:
    """s ← γs + (1−γ)g², w ← w − η/√(s+ε) ⊙ g."""

    title: ClassVar[str] = N_("RMSprop, ε inside")
    family: ClassVar[Family] = "rmsprop"
    rows: ClassVar[tuple[str, ...]] = ("C8", "D10")
    rule: ClassVar[tuple[str, ...]] = ("s = gamma * s_old + (1 - gamma) * g^2", "w = w_old - eta / sqrt(s + epsilon) * g")
    symbols: ClassVar[Mapping[str, str]] = {"s": "second_moment"}
    scale_free: ClassVar[bool] = True
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.rmsprop({lr}, decay={gamma}, eps={epsilon}, eps_in_sqrt=True)"),
    }

    gamma: float = hyper(
        0.9, 0.0, 0.9999, symbol=r"\gamma", scale="complement_log",
        title=N_("decay of g²"), help=N_("Share of the averaged squared gradient kept from step to step."),
    )  # fmt: skip
    epsilon: float = hyper(
        1e-6, 1e-12, 0.1, symbol=r"\varepsilon", scale="log",
        title=N_("stabiliser"), help=N_("Keeps the division finite; added under the root."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """s₀ = 0."""
        return State(jnp.zeros_like(w))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`."""
        g = oracle(w)
        second_moment = self.gamma * state.second_moment + (1.0 - self.gamma) * g**2
        effective_lr = lr / jnp.sqrt(second_moment + self.epsilon)
        update = -effective_lr * g
        return w + update, State(second_moment), Step(w, g, update, effective_lr)

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
