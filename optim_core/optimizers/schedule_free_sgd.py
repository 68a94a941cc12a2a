"""Schedule-Free SGD: a fast point that descends, and its average, which is the answer; no schedule has to know when the run ends.

    y_t = (1−β) z_{t−1} + β w_{t−1}
    z_t = z_{t−1} − η_t ∇L(y_t)
    w_t = (1−c_t) w_{t−1} + c_t z_t,     c_t = η_t² / (η_1² + … + η_t²)

Source: Defazio et al. 2024. The recorded and drawn `w` is the average (x in the paper), the point at which the loss is meant to be read; `query` is y, where
the gradient is taken, and z is in the state. Libraries hold y as their parameters until asked for x. While η is constant c_t = 1/t: w moves ever more slowly.
When η falls, the authors' code and optax go on weighing by the largest η so far, the paper and this by η itself. β = 0 averages plain descent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Step


class State(NamedTuple):
    """z_t, the fast point, `(n,)`; the sum of squared learning rates, a scalar."""

    fast: jax.Array
    squared_rates: jax.Array


class Inner(NamedTuple):
    """c_t, the weight of z in the average, a scalar."""

    weight: jax.Array


@spec
class ScheduleFreeSgd:
    """z ← z − η∇L((1−β)z + βw), w ← (1−c)w + cz with c = η²/Ση²."""

    title: ClassVar[str] = N_("Schedule-Free SGD")
    family: ClassVar[Family] = "look_ahead"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "q = (1 - beta) * z_old + beta * w_old",
        "g = grad(q)",
        "z = z_old - eta * g",
        "v = v_old + eta^2",
        "c = eta^2 / v",
        "w = (1 - c) * w_old + c * z",
    )
    symbols: ClassVar[Mapping[str, str]] = {"z": "fast", "v": "squared_rates", "c": "weight"}
    scale_free: ClassVar[bool] = False

    beta: float = hyper(
        0.9, 0.0, 0.9999, symbol=r"\beta", scale="complement_log",
        title=N_("pull to the average"), help=N_("Where the gradient is taken: at 0 where the fast point z is, near 1 where its average w is."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """z₀ = w₀."""
        return State(w, jnp.zeros((), w.dtype))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient between z and `w`. As long as every η was 0, nothing is averaged."""
        query = (1.0 - self.beta) * state.fast + self.beta * w
        g = oracle(query)
        fast = state.fast - lr * g
        squared_rates = state.squared_rates + lr**2
        c = jnp.where(squared_rates > 0.0, lr**2 / squared_rates, 0.0)
        update = c * (fast - w)
        return w + update, State(fast, squared_rates), Step(query, g, update, jnp.full_like(w, c * lr), Inner(c))

    def lr_bound(self, curvature: float) -> float | None:
        """None: the weights c change from step to step, so there is no fixed matrix whose eigenvalues would decide."""
        return None
