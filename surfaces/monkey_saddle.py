"""The monkey saddle: three ways down (two legs and a tail), and at the centre not only the gradient vanishes but the whole Hessian.

    L(w) = w₁³ − 3 w₁ w₂²

Source: Hilbert and Cohn-Vossen, Geometry and the Imagination. There is no minimum. Gradient descent slows down near the centre like 1/t, and once it has
left, its speed grows like the square of the distance: with any fixed learning rate it overflows sooner or later.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class MonkeySaddle:
    """L = w₁³ − 3 w₁ w₂²."""

    title: ClassVar[str] = N_("Monkey saddle")
    formula: ClassVar[str] = r"L(w) = w_1^3 - 3\,w_1 w_2^2"
    expression: ClassVar[str] = "w1^3 - 3 * w1 * w2^2"
    source: ClassVar[str] = "D. Hilbert, S. Cohn-Vossen, Geometry and the Imagination (1932), section 29"
    domain: ClassVar[Domain] = Domain((-2.0, 2.0), (-2.0, 2.0))
    starts: ClassVar[tuple[Point, ...]] = ((1.5, 0.01), (1.5, 0.0), (-0.5, 0.9), (-0.5, -0.9))
    levels: ClassVar[Levels] = Levels(-5.4, 5.4, 19, log=False)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.008, scale_free=0.006)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((2.0, 1.0), 2.0, "by hand: 8 − 3·2·1"),
        Reference((-1.0, 1.0), 2.0, "by hand: −1 + 3·1·1"),
    )
    quadratic: ClassVar[bool] = False

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return w[0] ** 3 - 3 * w[0] * w[1] ** 2

    def minima(self) -> np.ndarray:
        """None."""
        return np.empty((0, 2))
