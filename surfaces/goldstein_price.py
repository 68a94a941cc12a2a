"""The Goldstein–Price function: four minima in a landscape that spans six orders of magnitude.

    L(w) = (1 + (w₁ + w₂ + 1)² (19 − 14w₁ + 3w₁² − 14w₂ + 6w₁w₂ + 3w₂²))
         · (30 + (2w₁ − 3w₂)² (18 − 32w₁ + 12w₁² + 48w₂ − 36w₁w₂ + 27w₂²))

Source: Goldstein and Price 1971. A learning rate that is safe on the walls is far too small on the floor.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class GoldsteinPrice:
    """L = (1 + (w₁ + w₂ + 1)² (19 − …)) · (30 + (2w₁ − 3w₂)² (18 − …)), in full in the module's docstring."""

    title: ClassVar[str] = N_("Goldstein–Price")
    formula: ClassVar[str] = (
        r"L(w) = \left(1 + (w_1 + w_2 + 1)^2 (19 - 14 w_1 + 3 w_1^2 - 14 w_2 + 6 w_1 w_2 + 3 w_2^2)\right)"
        r" \left(30 + (2 w_1 - 3 w_2)^2 (18 - 32 w_1 + 12 w_1^2 + 48 w_2 - 36 w_1 w_2 + 27 w_2^2)\right)"
    )
    expression: ClassVar[str] = (
        "(1 + (w1 + w2 + 1)^2 * (19 - 14 * w1 + 3 * w1^2 - 14 * w2 + 6 * w1 * w2 + 3 * w2^2))"
        " * (30 + (2 * w1 - 3 * w2)^2 * (18 - 32 * w1 + 12 * w1^2 + 48 * w2 - 36 * w1 * w2 + 27 * w2^2))"
    )
    source: ClassVar[str] = "A. A. Goldstein, J. F. Price, Mathematics of Computation 25 (1971)"
    domain: ClassVar[Domain] = Domain((-2.0, 2.0), (-2.0, 2.0))
    starts: ClassVar[tuple[Point, ...]] = ((-1.0, -1.5), (1.5, 1.5), (-0.5, 0.5), (0.5, -0.5))
    levels: ClassVar[Levels] = Levels(1.0, 5e5, 18)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=2e-5, scale_free=0.03)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((0.0, 0.0), 600.0, "by hand: (1 + 1·19) · (30 + 0) = 20 · 30"),
        Reference((1.0, 1.0), 1876.0, "by hand: (1 + 9·3) · (30 + 1·37) = 28 · 67"),
    )
    quadratic: ClassVar[bool] = False

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        x, y = w[0], w[1]
        first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
        second = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
        return first * second

    def minima(self) -> np.ndarray:
        """The four published points, which are exact: L = 3, 30, 84 and 840."""
        return np.array([[0.0, -1.0], [-0.6, -0.4], [1.8, 0.2], [1.2, 0.8]])
