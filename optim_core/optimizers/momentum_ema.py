"""Momentum as an average: the velocity is an exponential moving average of the gradients.

    h_t = β h_{t−1} + (1−β) ∇L(w_{t−1})
    w_t = w_{t−1} − η h_t

The first moment of Adam. It equals `momentum` with η scaled by 1−β, so at the same η it is 1/(1−β) times slower; the start h₀ = 0 biases the first steps to 0.
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
class MomentumEma:
    """h ← βh + (1−β)g, w ← w − ηh."""

    title: ClassVar[str] = N_("Momentum, averaged")
    family: ClassVar[Family] = "momentum"
    rows: ClassVar[tuple[str, ...]] = ("A14",)
    rule: ClassVar[tuple[str, ...]] = ("h = beta * h_old + (1 - beta) * g", "w = w_old - eta * h")
    symbols: ClassVar[Mapping[str, str]] = {"h": "velocity"}
    scale_free: ClassVar[bool] = False
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.chain(optax.ema({beta}, debias=False), optax.scale_by_learning_rate({lr}))"),
        "torch": Peer("torch.optim.SGD([w], lr={lr} * (1 - {beta}), momentum={beta})", steady=True),
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
        velocity = self.beta * state.velocity + (1.0 - self.beta) * g
        update = -lr * velocity
        return w + update, State(velocity), Step(w, g, update, jnp.full_like(w, lr * (1.0 - self.beta)))

    def lr_bound(self, curvature: float) -> float | None:
        """η < 2(1+β)/((1−β)λ_max) on a quadratic: the bound of `momentum` with η(1−β) in place of η."""
        return 2.0 * (1.0 + self.beta) / ((1.0 - self.beta) * curvature)

    def transition(self, lr: float, curvature: float) -> np.ndarray:
        """(x, h) ← (x − ηh', h'), h' = βh + (1−β)λx, in an eigen-direction of curvature λ."""
        share = 1.0 - self.beta
        return np.array([[1.0 - lr * share * curvature, -lr * self.beta], [share * curvature, self.beta]])

    def best(self, low: float, high: float) -> theory.Best:
        """As `momentum`, with η/(1−β) in place of η."""
        best = theory.best_momentum(low, high)
        return best._replace(lr=best.lr / (1.0 - best.fields["beta"]))
