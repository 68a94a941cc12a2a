"""The three-hump camel: a global minimum in the middle and a shallower one on either side.

    L(w) = 2w₁² − 1.05 w₁⁴ + w₁⁶/6 + w₁w₂ + w₂²

Source: Jamil and Yang 2013. A run that starts outside settles in a side valley unless its momentum carries it over the hump.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class ThreeHumpCamel:
    """L = 2w₁² − 1.05 w₁⁴ + w₁⁶/6 + w₁w₂ + w₂²."""

    title: ClassVar[str] = N_("Three-hump camel")
    formula: ClassVar[str] = r"L(w) = 2 w_1^2 - 1.05\,w_1^4 + \frac{w_1^6}{6} + w_1 w_2 + w_2^2"
    expression: ClassVar[str] = "2 * w1^2 - 1.05 * w1^4 + w1^6 / 6 + w1 * w2 + w2^2"
    source: ClassVar[str] = "M. Jamil, X.-S. Yang, A literature survey of benchmark functions, IJMMNO 4 (2013)"
    domain: ClassVar[Domain] = Domain((-2.4, 2.4), (-2.4, 2.4))
    starts: ClassVar[tuple[Point, ...]] = ((-2.1, 2.0), (1.1, 1.5), (2.0, 1.5), (-1.0, -2.0))
    levels: ClassVar[Levels] = Levels(0.02, 15.0, 15)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.05, scale_free=0.1)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((1.0, 1.0), 2 - 1.05 + 1 / 6 + 1 + 1, "by hand: 2 − 1.05 + 1/6 + 1 + 1"),
        Reference((2.0, -1.0), 13 / 15, "by hand: 8 − 16.8 + 64/6 − 2 + 1 = 13/15"),
    )
    quadratic: ClassVar[bool] = False

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return 2 * w[0] ** 2 - 1.05 * w[0] ** 4 + w[0] ** 6 / 6 + w[0] * w[1] + w[1] ** 2

    def minima(self) -> np.ndarray:
        """The origin, and ±(x, −x/2) where x² is the larger root of z² − 4.2 z + 3.5 = 0."""
        x = np.sqrt(2.1 + np.sqrt(2.1**2 - 3.5))
        return np.array([[0.0, 0.0], [-x, x / 2], [x, -x / 2]])
