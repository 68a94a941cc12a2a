"""Two wells of one parameter, one of them deeper: where one starts decides where one ends.

    L(w) = a (w² − 1)² + b w

Source: a construction of ours, the double well of physics with a tilt; lecture rows A4 and C4. At the minima of the level double well the curvature is 8a.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Reference
from surfaces.curves._minima import minima_between


@spec
class TiltedWells:
    """L = a (w² − 1)² + b w."""

    title: ClassVar[str] = N_("Double well, one parameter")
    formula: ClassVar[str] = r"L(w) = a\,(w^2 - 1)^2 + b\,w"
    expression: ClassVar[str] = "a * (w^2 - 1)^2 + b * w"
    source: ClassVar[str] = "Descent Lab; lecture rows A4, C4"
    domain: ClassVar[Domain] = Domain((-2.1, 2.1), (-0.8, 4.2))
    starts: ClassVar[tuple[tuple[float], ...]] = ((1.6,), (-1.6,), (0.1,))
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.05, scale_free=0.1)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((0.0,), 1.0, "by hand: (0 − 1)²"),
        Reference((2.0,), 9.5, "by hand: 9 + 0.25·2"),
    )
    quadratic: ClassVar[bool] = False

    a: float = hyper(1.0, 0.1, 3.0, symbol="a", scale="log", title=N_("height of the hill"), help=N_("The loss between the two wells."))
    b: float = hyper(0.25, -1.0, 1.0, symbol="b", title=N_("tilt"), help=N_("Above 0 the left well is the deeper one; far from 0 only one is left."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w), for w of shape `(1,)`."""
        return self.a * (w[0] ** 2 - 1.0) ** 2 + self.b * w[0]

    def minima(self) -> np.ndarray:
        """One or two, the deeper first."""
        return minima_between(self, -3.0, 3.0)
