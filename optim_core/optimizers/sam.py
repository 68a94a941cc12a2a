"""SAM: descend by the gradient of the worst point nearby, so that narrow valleys do not hold.

    w⁺ = w_{t−1} + ρ g/‖g‖,   g = ∇L(w_{t−1})
    w_t = w_{t−1} − η ∇L(w⁺)

Source: Foret et al. 2021, around plain gradient descent. Two gradients a step: `query` is the point climbed to, where the gradient in use was taken; optax may
count both as steps of its own. Where g = 0 there is nowhere to climb and w⁺ = w (the paper divides by zero). ρ does not shrink at a minimum: the point ends
jumping across it, by about ηρ times the curvature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Cost, Family, Oracle, Step


class State(NamedTuple):
    """SAM around gradient descent remembers nothing."""


class Inner(NamedTuple):
    """u_t, the gradient to climb by, `(n,)`."""

    uphill: jax.Array


@spec
class Sam:
    """w ← w − η∇L(w + ρg/‖g‖)."""

    title: ClassVar[str] = N_("SAM")
    family: ClassVar[Family] = "look_ahead"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "u = grad(w_old)",
        "q = w_old + rho * u / norm(u)",
        "g = grad(q)",
        "w = w_old - eta * g",
    )
    symbols: ClassVar[Mapping[str, str]] = {"u": "uphill"}
    scale_free: ClassVar[bool] = False
    cost: ClassVar[Cost] = Cost(gradients=2)

    rho: float = hyper(
        0.05, 0.0, 1.0, symbol=r"\rho",
        title=N_("radius of the climb"), help=N_("How far uphill the gradient is taken; 0 is plain gradient descent."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """Nothing to remember."""
        return State()

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at the climbed point."""
        uphill = oracle(w)
        length = jnp.sqrt(jnp.sum(uphill**2))
        query = w + jnp.where(length > 0.0, self.rho / length, 0.0) * uphill
        g = oracle(query)
        update = -lr * g
        return w + update, state, Step(query, g, update, jnp.full_like(w, lr), Inner(uphill))

    def lr_bound(self, curvature: float) -> float | None:
        """None: with ρ > 0 no η brings it to rest in the minimum of a quadratic, it jumps across."""
        return None
