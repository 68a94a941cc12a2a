"""Gradient descent: a step against the gradient, of length η‖g‖.

    w_t = w_{t−1} − η ∇L(w_{t−1})

Source: lecture rows A4, E1. It crawls where the level lines are stretched: η is held down by the steepest direction and the flat one pays for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core import theory
from optim_core.hyper import N_, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """Gradient descent remembers nothing."""


@spec
class GradientDescent:
    """w ← w − ηg."""

    title: ClassVar[str] = N_("GD")
    family: ClassVar[Family] = "gradient"
    rows: ClassVar[tuple[str, ...]] = ("A4", "A10", "E1", "E4")
    rule: ClassVar[tuple[str, ...]] = ("w = w_old - eta * g",)
    symbols: ClassVar[Mapping[str, str]] = {}
    scale_free: ClassVar[bool] = False
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.sgd({lr})"),
        "torch": Peer("torch.optim.SGD([w], lr={lr})"),
    }

    def init(self, w: jax.Array) -> State:
        """Nothing to remember."""
        return State()

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`."""
        g = oracle(w)
        update = -lr * g
        return w + update, state, Step(w, g, update, jnp.full_like(w, lr))

    def lr_bound(self, curvature: float) -> float | None:
        """η < 2/λ_max on a quadratic (Goh, Why momentum really works, Distill 2017)."""
        return 2.0 / curvature

    def transition(self, lr: float, curvature: float) -> np.ndarray:
        """x ← (1 − ηλ) x in an eigen-direction of curvature λ."""
        return np.array([[1.0 - lr * curvature]])

    def best(self, low: float, high: float) -> theory.Best:
        """η = 2/(λ_min + λ_max)."""
        return theory.best_gd(low, high)
