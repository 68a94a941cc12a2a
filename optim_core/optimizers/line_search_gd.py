"""Gradient descent with a line search: try a long step, and shorten it until it lowers the loss by enough.

    a_t = η ρᵏ,  with the smallest k for which  L(w_{t−1} − a_t g_t) ≤ L(w_{t−1}) − c a_t ‖g_t‖²
    w_t = w_{t−1} − a_t g_t

Source: Armijo 1966; Nocedal and Wright 2006, algorithm 3.1. The loss falls at every step, whatever η: nothing diverges. It pays in evaluations of the loss,
1 + k a step and one for L(w_{t−1}). The first point that will do is taken, not the best one, so across a valley it still zigzags. Once ρᵏ is below 2⁻⁶⁰
it gives up and does not move, which happens where rounding hides the fall, or where the loss is no finite number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Cost, Family, Oracle, Step

LEAST = 2.0**-60
"""A factor below the rounding of any step."""
MOST = 395
"""Shorter steps until the factor is below it, with the largest ρ: 0.9³⁹⁵ < 2⁻⁶⁰."""


class State(NamedTuple):
    """It remembers nothing."""


class Inner(NamedTuple):
    """a_t, the accepted factor of the gradient; k, how often it was shortened, ∞ where it gave up; 1, for the condition holds; losses asked for. Scalars."""

    rate: jax.Array
    shortened: jax.Array
    accepted: jax.Array
    losses: jax.Array


@spec
class LineSearchGd:
    """w ← w − ag, a = ηρᵏ the first that lowers L by c·a‖g‖²."""

    title: ClassVar[str] = N_("GD with line search")
    family: ClassVar[Family] = "curvature"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "a = eta * rho^k",
        "holds = loss(w_old - a * g) <= loss(w_old) - c * a * dot(g, g)",
        "w = w_old - a * g",
    )
    symbols: ClassVar[Mapping[str, str]] = {"a": "rate", "k": "shortened", "holds": "accepted"}
    scale_free: ClassVar[bool] = True
    cost: ClassVar[Cost] = Cost(gradients=1, losses="losses")
    search: ClassVar[tuple[str, int]] = ("k", MOST)
    own_lr: ClassVar[float] = 1.0

    c: float = hyper(
        1e-4, 1e-6, 0.9, symbol="c", scale="log",
        title=N_("demanded fall"), help=N_("Share of the fall that a straight slope would give; a step that gives less is shortened."),
    )  # fmt: skip
    rho: float = hyper(
        0.5, 0.1, 0.9, symbol=r"\rho",
        title=N_("shortening"), help=N_("What a refused step is multiplied by."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """Nothing to remember."""
        return State()

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update along the gradient at `w`."""
        g, here = oracle(w), oracle.loss(w)
        slope = jnp.sum(g**2)

        def falls(k: jax.Array) -> jax.Array:
            rate = lr * self.rho**k
            return oracle.loss(w - rate * g) <= here - self.c * rate * slope

        def shorter(trial: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
            k, _ = trial
            return k + 1.0, falls(k + 1.0)

        first = jnp.zeros_like(slope)
        k, accepted = jax.lax.while_loop(lambda trial: ~trial[1] & (self.rho ** trial[0] > LEAST), shorter, (first, falls(first)))
        taken = jnp.where(accepted, k, jnp.inf)  # gives up: no step at all, for which the condition holds
        rate = lr * self.rho**taken
        update = -rate * g
        inner = Inner(rate, taken, jnp.ones_like(rate), k + 2.0)
        return w + update, state, Step(w, g, update, jnp.full_like(w, rate), inner)

    def lr_bound(self, curvature: float) -> float | None:
        """None: it shortens every step that would be too long."""
        return None
