"""Himmelblau's function: four equally deep minima around a hill; which one a run reaches depends on its start.

    L(w) = (w₁² + w₂ − a)² + (w₁ + w₂² − b)²

Source: Himmelblau 1972 (a = 11, b = 7). The loss is zero where the two parabolas w₂ = a − w₁² and w₁ = b − w₂² cross; inside the sliders' ranges they
always cross four times.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference, polish


@spec
class Himmelblau:
    """L = (w₁² + w₂ − a)² + (w₁ + w₂² − b)²."""

    title: ClassVar[str] = N_("Himmelblau")
    formula: ClassVar[str] = r"L(w) = (w_1^2 + w_2 - a)^2 + (w_1 + w_2^2 - b)^2"
    expression: ClassVar[str] = "(w1^2 + w2 - a)^2 + (w1 + w2^2 - b)^2"
    source: ClassVar[str] = "D. M. Himmelblau, Applied Nonlinear Programming, McGraw-Hill (1972)"
    domain: ClassVar[Domain] = Domain((-5.5, 5.5), (-5.5, 5.5))
    starts: ClassVar[tuple[Point, ...]] = ((0.0, 0.0), (-0.5, -1.0), (-1.0, 4.5), (4.5, -0.5))
    levels: ClassVar[Levels] = Levels(0.5, 800.0, 15)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.01, scale_free=0.1)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((0.0, 0.0), 170.0, "by hand: (−11)² + (−7)²"),
        Reference((1.0, 2.0), 68.0, "by hand: (1 + 2 − 11)² + (1 + 4 − 7)² = 64 + 4"),
    )
    quadratic: ClassVar[bool] = False

    a: float = hyper(11.0, 8.0, 14.0, symbol="a", title=N_("first constant"), help=N_("Moves the parabola w₂ = a − w₁² up."))
    b: float = hyper(7.0, 6.0, 12.0, symbol="b", title=N_("second constant"), help=N_("Moves the parabola w₁ = b − w₂² to the right."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return (w[0] ** 2 + w[1] - self.a) ** 2 + (w[0] + w[1] ** 2 - self.b) ** 2

    def minima(self) -> np.ndarray:
        """The four crossings of the parabolas: w₁ solves w₁⁴ − 2a w₁² + w₁ + a² − b = 0, and w₂ = a − w₁²."""
        w1 = np.roots([1.0, 0.0, -2 * self.a, 1.0, self.a**2 - self.b]).real
        return polish(self, np.stack([w1, self.a - w1**2], axis=1))
