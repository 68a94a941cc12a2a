"""The six-hump camel: six minima in three pairs of different depth, mirrored through the origin.

    L(w) = (4 − 2.1 w₁² + w₁⁴/3) w₁² + w₁w₂ + (4w₂² − 4) w₂²

Source: Dixon and Szegő 1978. The global minima are near ±(0.0898, −0.7126) with L ≈ −1.0316.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference, polish

_NEAR = np.array([[0.0898, -0.7126], [-0.0898, 0.7126], [1.7036, -0.7961], [-1.7036, 0.7961], [1.6071, 0.5687], [-1.6071, -0.5687]])


@spec
class SixHumpCamel:
    """L = (4 − 2.1 w₁² + w₁⁴/3) w₁² + w₁w₂ + (4w₂² − 4) w₂²."""

    title: ClassVar[str] = N_("Six-hump camel")
    formula: ClassVar[str] = r"L(w) = \left(4 - 2.1\,w_1^2 + \frac{w_1^4}{3}\right) w_1^2 + w_1 w_2 + (4 w_2^2 - 4)\,w_2^2"
    expression: ClassVar[str] = "(4 - 2.1 * w1^2 + w1^4 / 3) * w1^2 + w1 * w2 + (4 * w2^2 - 4) * w2^2"
    source: ClassVar[str] = "L. C. W. Dixon, G. P. Szegő, Towards Global Optimisation 2, North-Holland (1978)"
    domain: ClassVar[Domain] = Domain((-2.2, 2.2), (-1.3, 1.3))
    starts: ClassVar[tuple[Point, ...]] = ((-1.0, -1.1), (0.9, 0.05), (2.0, 1.1), (-2.0, 0.2))
    levels: ClassVar[Levels] = Levels(0.05, 10.0, 15)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.02, scale_free=0.05)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((1.0, 1.0), 97 / 30, "by hand: (4 − 2.1 + 1/3) + 1 + 0 = 97/30"),
        Reference((2.0, -0.5), 119 / 60, "by hand: (4 − 8.4 + 16/3)·4 − 1 + (1 − 4)/4 = 56/15 − 1 − 3/4 = 119/60"),
    )
    quadratic: ClassVar[bool] = False

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return (4 - 2.1 * w[0] ** 2 + w[0] ** 4 / 3) * w[0] ** 2 + w[0] * w[1] + (4 * w[1] ** 2 - 4) * w[1] ** 2

    def minima(self) -> np.ndarray:
        """All six, polished from their published four digits."""
        return polish(self, _NEAR)
