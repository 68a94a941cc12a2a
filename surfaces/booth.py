"""Booth's function: a convex quadratic whose valley runs across the axes, so that no single axis can be treated alone.

    L(w) = (w₁ + 2w₂ − 7)² + (2w₁ + w₂ − 5)²

Source: Jamil and Yang 2013. The Hessian is ((10, 8), (8, 10)) with eigenvalues 18 and 2, so κ = 9 and plain gradient descent needs η < 2/18.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class Booth:
    """L = (w₁ + 2w₂ − 7)² + (2w₁ + w₂ − 5)²."""

    title: ClassVar[str] = N_("Booth")
    formula: ClassVar[str] = r"L(w) = (w_1 + 2 w_2 - 7)^2 + (2 w_1 + w_2 - 5)^2"
    expression: ClassVar[str] = "(w1 + 2 * w2 - 7)^2 + (2 * w1 + w2 - 5)^2"
    source: ClassVar[str] = "M. Jamil, X.-S. Yang, A literature survey of benchmark functions, IJMMNO 4 (2013)"
    domain: ClassVar[Domain] = Domain((-10.0, 10.0), (-10.0, 10.0))
    starts: ClassVar[tuple[Point, ...]] = ((-8.0, 7.0), (-8.0, -8.0), (9.0, 0.0), (0.0, 0.0))
    levels: ClassVar[Levels] = Levels(0.5, 2000.0, 14)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.08, scale_free=0.3)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((0.0, 0.0), 74.0, "by hand: (−7)² + (−5)² = 49 + 25"),
        Reference((1.0, 1.0), 20.0, "by hand: (1 + 2 − 7)² + (2 + 1 − 5)² = 16 + 4"),
    )
    quadratic: ClassVar[bool] = True

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return (w[0] + 2 * w[1] - 7) ** 2 + (2 * w[0] + w[1] - 5) ** 2

    def minima(self) -> np.ndarray:
        """(1, 3), where both brackets vanish."""
        return np.array([[1.0, 3.0]])
