"""Ackley's function: a funnel with ripples; nearly flat and full of traps outside, a sharp cone at the global minimum.

    L(w) = −a exp(−0.2 √(½(w₁² + w₂²))) − exp(½(cos 2πw₁ + cos 2πw₂)) + a + e

Source: Ackley 1987 (a = 20). At the origin the cone has no gradient; here it is 0 there, as every symmetric choice must be.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference, polish

_LATTICE = np.stack(np.meshgrid(np.arange(-4.0, 5.0), np.arange(-4.0, 5.0)), axis=-1).reshape(-1, 2)
_NEAR = _LATTICE[(_LATTICE != 0).any(axis=1)]


@spec
class Ackley:
    """L = −a exp(−0.2 √(½|w|²)) − exp(½(cos 2πw₁ + cos 2πw₂)) + a + e."""

    title: ClassVar[str] = N_("Ackley")
    formula: ClassVar[str] = (
        r"L(w) = -a \exp\left(-0.2 \sqrt{\tfrac{1}{2}(w_1^2 + w_2^2)}\right) - \exp\left(\tfrac{1}{2}(\cos 2\pi w_1 + \cos 2\pi w_2)\right) + a + e"
    )
    expression: ClassVar[str] = "a * (1 - exp(-0.2 * where(w1^2 + w2^2 > 0, sqrt((w1^2 + w2^2) / 2), 0))) + e - exp((cos(2 * pi * w1) + cos(2 * pi * w2)) / 2)"
    source: ClassVar[str] = "D. H. Ackley, A Connectionist Machine for Genetic Hillclimbing, Kluwer (1987)"
    domain: ClassVar[Domain] = Domain((-4.5, 4.5), (-4.5, 4.5))
    starts: ClassVar[tuple[Point, ...]] = ((-2.6, 1.5), (0.4, 0.4), (3.5, -3.5), (-4.0, -4.0))
    levels: ClassVar[Levels] = Levels(1.0, 13.0, 13, log=False)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.01, scale_free=0.05)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((1.0, 1.0), 3.6253849384403627, "by hand: −20 exp(−0.2) − e + 20 + e = 20 (1 − exp(−0.2))"),
        Reference((0.5, 0.5), 4.2536540265684, "by hand: 20 (1 − exp(−0.1)) + e − exp(−1) = 1.9032516392808 + 2.7182818284590 − 0.3678794411714"),
    )
    quadratic: ClassVar[bool] = False

    a: float = hyper(20.0, 1.0, 30.0, symbol="a", title=N_("depth of the funnel"), help=N_("A small a leaves only the ripples, a large one only the funnel."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w); the square root never sees 0, where its derivative is infinite and would turn the gradient into nan."""
        half = 0.5 * (w**2).sum()
        distance = jnp.where(half > 0, jnp.sqrt(jnp.where(half > 0, half, 1.0)), 0.0)
        ripples = jnp.exp(0.5 * jnp.cos(2 * jnp.pi * w).sum())
        return -self.a * jnp.exp(-0.2 * distance) - ripples + self.a + jnp.e

    def minima(self) -> np.ndarray:
        """Every local minimum of the domain: the origin, then one near each of the other 80 whole-numbered points."""
        return np.concatenate([np.zeros((1, 2)), polish(self, _NEAR)])
