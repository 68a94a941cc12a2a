"""Gradient flow: the path that gradient descent tends to as η → 0, walked for a time η a step.

    dw/dτ = −∇L(w)
    w_t = w(τ + η),  starting from w(τ) = w_{t−1}

Source: the limit of lecture row A4; the integrator is the classical one of Runge and Kutta (Hairer, Nørsett, Wanner 1993, section II.1), sixteen of its steps
in a time η, which is four gradients each. It crosses level lines at right angles, never zigzags, and shows what is the surface and what is the method.
Where ηλ_max > 44 the integrator itself is unstable and the path is not the flow. diffrax was looked at: an adaptive solver inside the recording scan costs
seconds of compilation a surface and two packages more, for figures that these fixed steps reach (a test compares with SciPy's).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, spec
from optim_core.types import Cost, Family, Oracle, Step

PARTS = 16
"""Steps of the integrator in a time η."""
LIMIT = 2.785293563405282
"""The method of Runge and Kutta is stable on a decay of rate λ while its step is below this over λ."""


class State(NamedTuple):
    """It remembers nothing."""


class Inner(NamedTuple):
    """The mean of the gradient along the way, `(n,)`."""

    mean_grad: jax.Array


@spec
class GradientFlow:
    """dw/dτ = −∇L(w) for a time η."""

    title: ClassVar[str] = N_("Gradient flow")
    family: ClassVar[Family] = "gradient"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        r"$\frac{dw}{d\tau} = -\nabla L(w),\quad 0 \le \tau \le \eta$",
        r"$\bar g = \frac{1}{\eta} \int_0^{\eta} \nabla L(w(\tau))\, d\tau$",
        "w = w_old - eta * g_bar",
    )
    symbols: ClassVar[Mapping[str, str]] = {"g_bar": "mean_grad"}
    scale_free: ClassVar[bool] = False
    program: ClassVar[tuple[str, ...]] = (
        "x, g_bar = w_old, 0.0",
        f"for _ in range({PARTS}):  # Runge and Kutta's method",
        f"    part = eta / {PARTS}",
        "    k1 = grad(x)",
        "    k2 = grad(x - part / 2 * k1)",
        "    k3 = grad(x - part / 2 * k2)",
        "    k4 = grad(x - part * k3)",
        "    mean = (k1 + 2 * k2 + 2 * k3 + k4) / 6",
        "    x = x - part * mean",
        f"    g_bar = g_bar + mean / {PARTS}",
    )
    cost: ClassVar[Cost] = Cost(gradients=1 + 4 * PARTS)

    def init(self, w: jax.Array) -> State:
        """Nothing to remember."""
        return State()

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """A time η along the flow. `query` and `grad` are those at its beginning."""
        part = lr / PARTS

        def walk(_: int, carry: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
            at, total = carry
            k1 = oracle(at)
            k2 = oracle(at - part / 2.0 * k1)
            k3 = oracle(at - part / 2.0 * k2)
            k4 = oracle(at - part * k3)
            mean = (k1 + 2.0 * k2 + 2.0 * k3 + k4) / 6.0
            return at - part * mean, total + mean

        _, total = jax.lax.fori_loop(0, PARTS, walk, (w, jnp.zeros_like(w)))
        mean = total / PARTS
        update = -lr * mean
        return w + update, state, Step(w, oracle(w), update, jnp.full_like(w, lr), Inner(mean))

    def lr_bound(self, curvature: float) -> float | None:
        """The flow itself converges whatever η; sixteen steps of the integrator do while η < 16·2.785/λ_max."""
        return PARTS * LIMIT / curvature

    def transition(self, lr: float, curvature: float) -> np.ndarray:
        """x ← R(−ηλ/16)¹⁶ x, with R(z) = 1 + z + z²/2 + z³/6 + z⁴/24 for e^z."""
        z = -lr * curvature / PARTS
        return np.array([[(1.0 + z + z**2 / 2.0 + z**3 / 6.0 + z**4 / 24.0) ** PARTS]])
