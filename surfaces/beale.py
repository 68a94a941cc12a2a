"""Beale's function: a flat cross of valleys with steep walls at the corners; its gradients range over many orders of magnitude.

    L(w) = (1.5 − w₁ + w₁w₂)² + (2.25 − w₁ + w₁w₂²)² + (2.625 − w₁ + w₁w₂³)²

Source: Beale 1958; Moré, Garbow, Hillstrom 1981, problem 5, with its start (1, 1). The point (0, 1) is a saddle; at the corners the loss passes 10⁵.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class Beale:
    """L = (1.5 − w₁ + w₁w₂)² + (2.25 − w₁ + w₁w₂²)² + (2.625 − w₁ + w₁w₂³)²."""

    title: ClassVar[str] = N_("Beale")
    formula: ClassVar[str] = r"L(w) = (1.5 - w_1 + w_1 w_2)^2 + (2.25 - w_1 + w_1 w_2^2)^2 + (2.625 - w_1 + w_1 w_2^3)^2"
    expression: ClassVar[str] = "(1.5 - w1 + w1 * w2)^2 + (2.25 - w1 + w1 * w2^2)^2 + (2.625 - w1 + w1 * w2^3)^2"
    source: ClassVar[str] = "E. M. L. Beale, Technical Report 25, Statistical Techniques Research Group, Princeton (1958)"
    domain: ClassVar[Domain] = Domain((-4.5, 4.5), (-4.5, 4.5))
    starts: ClassVar[tuple[Point, ...]] = ((1.0, 1.0), (-1.0, -1.5), (0.1, 1.1), (3.0, -1.0))
    levels: ClassVar[Levels] = Levels(0.02, 1e5, 18)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.01, scale_free=0.1)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((1.0, 1.0), 14.203125, "Moré, Garbow, Hillstrom 1981, problem 5, at the standard start: 1.5² + 2.25² + 2.625²"),
        Reference((1.0, 2.0), 126.453125, "by hand: 2.5² + 5.25² + 9.625² = 6.25 + 27.5625 + 92.640625"),
    )
    quadratic: ClassVar[bool] = False

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return (1.5 - w[0] + w[0] * w[1]) ** 2 + (2.25 - w[0] + w[0] * w[1] ** 2) ** 2 + (2.625 - w[0] + w[0] * w[1] ** 3) ** 2

    def minima(self) -> np.ndarray:
        """(3, 1/2), where all three brackets vanish."""
        return np.array([[3.0, 0.5]])
