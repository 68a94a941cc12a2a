"""Momentum with the learning rate inside the buffer, the heavy ball.

    h_t = β h_{t−1} + η ∇L(w_{t−1})
    w_t = w_{t−1} − h_t

Source: lecture rows D5 and C6 (Polyak 1964: w_{t+1} = w_t − η∇L(w_t) + β(w_t − w_{t−1}), the same iterates). Equal to `momentum` while η is constant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core import theory
from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """`velocity` is h_t, shape `(n,)`."""

    velocity: jax.Array


@spec
class MomentumInnerRate:
    """h ← βh + ηg, w ← w − h."""

    title: ClassVar[str] = N_("Momentum, η inside")
    family: ClassVar[Family] = "momentum"
    rows: ClassVar[tuple[str, ...]] = ("D5", "C6")
    rule: ClassVar[tuple[str, ...]] = ("h = beta * h_old + eta * g", "w = w_old - h")
    symbols: ClassVar[Mapping[str, str]] = {"h": "velocity"}
    scale_free: ClassVar[bool] = False
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.chain(optax.scale_by_learning_rate({lr}), optax.trace({beta}))"),
        "torch": Peer("torch.optim.SGD([w], lr={lr}, momentum={beta})", steady=True),
    }

    beta: float = hyper(
        0.9, 0.0, 0.9999, symbol=r"\beta", scale="complement_log",
        title=N_("momentum"), help=N_("Share of the velocity kept from step to step; 0 is plain gradient descent."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """h₀ = 0."""
        return State(jnp.zeros_like(w))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`."""
        g = oracle(w)
        velocity = self.beta * state.velocity + lr * g
        update = -velocity
        return w + update, State(velocity), Step(w, g, update, jnp.full_like(w, lr))

    def lr_bound(self, curvature: float) -> float | None:
        """η < 2(1+β)/λ_max on a quadratic (Goh, Why momentum really works, Distill 2017)."""
        return 2.0 * (1.0 + self.beta) / curvature

    def transition(self, lr: float, curvature: float) -> np.ndarray:
        """(x, h) ← (x − βh − ηλx, βh + ηλx) in an eigen-direction of curvature λ."""
        return np.array([[1.0 - lr * curvature, -self.beta], [lr * curvature, self.beta]])

    def best(self, low: float, high: float) -> theory.Best:
        """As `momentum`."""
        return theory.best_momentum(low, high)
