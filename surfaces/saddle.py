"""A saddle: the gradient vanishes at a point that is a minimum along one axis and a maximum along the other.

    L(w) = a w₁² − b w₂²

Source: the normal form of a non-degenerate saddle; Dauphin and others 2014 on why saddles, not local minima, slow the training of deep networks.
There is no minimum: the loss falls for ever along w₂, and a run that starts exactly on the ridge w₂ = 0 never leaves it.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class Saddle:
    """L = a w₁² − b w₂²."""

    title: ClassVar[str] = N_("Saddle")
    formula: ClassVar[str] = r"L(w) = a\,w_1^2 - b\,w_2^2"
    expression: ClassVar[str] = "a * w1^2 - b * w2^2"
    source: ClassVar[str] = "Y. Dauphin and others, Identifying and attacking the saddle point problem, NIPS (2014)"
    domain: ClassVar[Domain] = Domain((-2.0, 2.0), (-2.0, 2.0))
    starts: ClassVar[tuple[Point, ...]] = ((-1.8, 0.0005), (-1.8, 0.0), (1.5, 0.1), (0.5, -0.01))
    levels: ClassVar[Levels] = Levels(-3.6, 3.6, 19, log=False)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.02, scale_free=0.006)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((2.0, 1.0), 3.0, "by hand: 4 − 1"),
        Reference((0.5, 1.5), -2.0, "by hand: 0.25 − 2.25"),
    )
    quadratic: ClassVar[bool] = True

    a: float = hyper(1.0, 0.1, 5.0, symbol="a", scale="log", title=N_("curvature up"), help=N_("Half the upward curvature, along the first axis."))
    b: float = hyper(1.0, 0.1, 5.0, symbol="b", scale="log", title=N_("curvature down"), help=N_("Half the downward curvature, along the second axis."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return self.a * w[0] ** 2 - self.b * w[1] ** 2

    def minima(self) -> np.ndarray:
        """None."""
        return np.empty((0, 2))
