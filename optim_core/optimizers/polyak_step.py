"""Polyak's step: gradient descent that knows how low the loss can go, and reads the length of its step off the height above that.

    a_t = η (L(w_{t−1}) − L*) / ‖g_t‖²
    w_t = w_{t−1} − a_t g_t

Source: Polyak 1969, in his Introduction to Optimization (1987), section 5.3; η, there between 0 and 2, is 1 by itself. On a convex loss no step leads away
from the minimum. L* must be known: too low a guess makes the steps too long, too high a one reverses them below it. Where g = 0 the point stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Cost, Family, Oracle, Step


class State(NamedTuple):
    """It remembers nothing."""


class Inner(NamedTuple):
    """a_t, the length of the step over that of the gradient, a scalar."""

    rate: jax.Array


@spec
class PolyakStep:
    """w ← w − η(L(w) − L*)/‖g‖² g."""

    title: ClassVar[str] = N_("Polyak's step")
    family: ClassVar[Family] = "curvature"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = ("a = eta * (loss(w_old) - target) / dot(g, g)", "w = w_old - a * g")
    symbols: ClassVar[Mapping[str, str]] = {"a": "rate"}
    scale_free: ClassVar[bool] = True
    cost: ClassVar[Cost] = Cost(gradients=1, losses=1)
    own_lr: ClassVar[float] = 1.0

    target: float = hyper(
        0.0, -1000.0, 1000.0, symbol="L^*",
        title=N_("lowest loss"), help=N_("The loss at the minimum, which this method has to know."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """Nothing to remember."""
        return State()

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from loss and gradient at `w`."""
        g = oracle(w)
        squared = jnp.sum(g**2)
        rate = jnp.where(squared > 0.0, lr * (oracle.loss(w) - self.target) / squared, 0.0)
        update = -rate * g
        return w + update, state, Step(w, g, update, jnp.full_like(w, rate), Inner(rate))

    def lr_bound(self, curvature: float) -> float | None:
        """None: on a quadratic with the right L* the step stays between η/(2λ_max) and η/(2λ_min); no single curvature decides."""
        return None
