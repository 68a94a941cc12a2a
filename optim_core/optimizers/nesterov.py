"""Nesterov momentum: the gradient is taken where the velocity is about to carry the point.

    h_t = β h_{t−1} + η ∇L(w_{t−1} − β h_{t−1})
    w_t = w_{t−1} − h_t

Source: lecture rows D6 and C7 (v = −h). The recorded `w` is the textbook iterate; libraries store the look-ahead point instead, recorded here as `query`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core import theory
from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Step


class State(NamedTuple):
    """`velocity` is h_t, shape `(n,)`."""

    velocity: jax.Array


@spec
class Nesterov:
    """h ← βh + η∇L(w − βh), w ← w − h."""

    title: ClassVar[str] = N_("Nesterov")
    family: ClassVar[Family] = "look_ahead"
    rows: ClassVar[tuple[str, ...]] = ("C7", "D6")
    rule: ClassVar[tuple[str, ...]] = (
        "q = w_old - beta * h_old",
        "g = grad(q)",
        "h = beta * h_old + eta * g",
        "w = w_old - h",
    )
    symbols: ClassVar[Mapping[str, str]] = {"h": "velocity"}
    scale_free: ClassVar[bool] = False

    beta: float = hyper(
        0.9, 0.0, 0.9999, symbol=r"\beta", scale="complement_log",
        title=N_("momentum"), help=N_("Share of the velocity kept from step to step; 0 is plain gradient descent."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """h₀ = 0."""
        return State(jnp.zeros_like(w))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at the look-ahead point."""
        query = w - self.beta * state.velocity
        g = oracle(query)
        velocity = self.beta * state.velocity + lr * g
        update = -velocity
        return w + update, State(velocity), Step(query, g, update, jnp.full_like(w, lr))

    def lr_bound(self, curvature: float) -> float | None:
        """η < 2(1+β)/((1+2β)λ_max) on a quadratic.

        On one eigen-direction the iterates obey z² − (1+β)(1−ηλ)z + β(1−ηλ) = 0; both roots stay inside the unit circle exactly below this η
        (Jury's criterion at z = −1).
        """
        return 2.0 * (1.0 + self.beta) / ((1.0 + 2.0 * self.beta) * curvature)

    def transition(self, lr: float, curvature: float) -> np.ndarray:
        """(x, h) ← (x − h', h'), h' = βh + ηλ(x − βh), in an eigen-direction of curvature λ."""
        left = 1.0 - lr * curvature
        return np.array([[left, -self.beta * left], [lr * curvature, self.beta * left]])

    def best(self, low: float, high: float) -> theory.Best:
        """η = 4/(3λ_max + λ_min), β = (√(3κ+1) − 2)/(√(3κ+1) + 2)."""
        return theory.best_nesterov(low, high)
