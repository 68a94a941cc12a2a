"""A flat bottom: steep far away, and so flat in the middle that every step shrinks.

    L(w) = a w⁴

Source: lecture row A4. At the minimum the curvature is 0: near it gradient descent creeps as 1/√(8aηt), slower than any exponential; far out the curvature
12aw² makes the same η diverge.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Reference


@spec
class Quartic:
    """L = a w⁴."""

    title: ClassVar[str] = N_("w⁴, one parameter")
    formula: ClassVar[str] = r"L(w) = a\,w^4"
    expression: ClassVar[str] = "a * w^4"
    source: ClassVar[str] = "Lecture row A4"
    domain: ClassVar[Domain] = Domain((-2.2, 2.2), (-0.8, 11.0))
    starts: ClassVar[tuple[tuple[float], ...]] = ((-1.8,), (1.0,), (0.3,))
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.03, scale_free=0.1)
    reference_values: ClassVar[tuple[Reference, ...]] = (Reference((-2.0,), 16.0, "by hand: 2⁴"),)
    quadratic: ClassVar[bool] = False

    a: float = hyper(1.0, 0.05, 3.0, symbol="a", scale="log", title=N_("steepness"), help=N_("The larger a, the steeper the walls."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w), for w of shape `(1,)`."""
        return self.a * w[0] ** 4

    def minima(self) -> np.ndarray:
        """0."""
        return np.zeros((1, 1))
