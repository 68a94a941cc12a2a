"""The first loss anyone sees: one parameter, one minimum, one curvature.

    L(w) = a w²

Source: lecture row A4. L'' = 2a everywhere, so gradient descent multiplies w by 1 − 2aη at every step: it crawls for small η, is there at once for
η = 1/(2a), oscillates from there to 1/a, and diverges above.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Reference


@spec
class Parabola:
    """L = a w²."""

    title: ClassVar[str] = N_("w², one parameter")
    formula: ClassVar[str] = r"L(w) = a\,w^2"
    expression: ClassVar[str] = "a * w^2"
    source: ClassVar[str] = "Lecture row A4"
    domain: ClassVar[Domain] = Domain((-3.2, 3.2), (-0.6, 10.5))
    starts: ClassVar[tuple[tuple[float], ...]] = ((-3.0,), (2.0,), (0.5,))
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.1, scale_free=0.2)
    reference_values: ClassVar[tuple[Reference, ...]] = (Reference((-3.0,), 9.0, "by hand: 1·9"),)
    quadratic: ClassVar[bool] = True

    a: float = hyper(1.0, 0.05, 5.0, symbol="a", scale="log", title=N_("steepness"), help=N_("Half the curvature."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w), for w of shape `(1,)`."""
        return self.a * w[0] ** 2

    def minima(self) -> np.ndarray:
        """0."""
        return np.zeros((1, 1))
