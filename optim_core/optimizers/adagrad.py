"""AdaGrad: every coordinate has its own step, the shorter the more gradient it has seen.

    s_t = s_{t−1} + g_t²
    w_t = w_{t−1} − η/√(s_t + ε) ⊙ g_t

Source: lecture rows A12, C8, D9 (ε inside the root); Duchi, Hazan, Singer 2011. s only grows, so the steps shrink and may stop long before the minimum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """`squared_sum` is s_t, the sum of squared gradients so far, shape `(n,)`."""

    squared_sum: jax.Array


@spec
class Adagrad:
    """s ← s + g², w ← w − η/√(s+ε) ⊙ g."""

    title: ClassVar[str] = N_("AdaGrad")
    family: ClassVar[Family] = "adagrad"
    rows: ClassVar[tuple[str, ...]] = ("A12", "C8", "D9")
    rule: ClassVar[tuple[str, ...]] = ("s = s_old + g^2", "w = w_old - eta / sqrt(s + epsilon) * g")
    symbols: ClassVar[Mapping[str, str]] = {"s": "squared_sum"}
    scale_free: ClassVar[bool] = True
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.adagrad({lr}, initial_accumulator_value=0.0, eps={epsilon})"),
    }

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
        squared_sum = state.squared_sum + g**2
        effective_lr = lr / jnp.sqrt(squared_sum + self.epsilon)
        update = -effective_lr * g
        return w + update, State(squared_sum), Step(w, g, update, effective_lr)

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
