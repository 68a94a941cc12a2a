"""Rosenbrock's banana: a curved valley, easy to reach and slow to follow.

    L(w) = (a − w₁)² + b (w₂ − w₁²)²

Source: Rosenbrock 1960 (a = 1, b = 100). At the minimum (a, a²) the Hessian's condition number is about 2500 for the default parameters.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class Rosenbrock:
    """L = (a − w₁)² + b (w₂ − w₁²)²."""

    title: ClassVar[str] = N_("Rosenbrock")
    formula: ClassVar[str] = r"L(w) = (a - w_1)^2 + b\,(w_2 - w_1^2)^2"
    expression: ClassVar[str] = "(a - w1)^2 + b * (w2 - w1^2)^2"
    source: ClassVar[str] = "H. H. Rosenbrock, The Computer Journal 3 (1960)"
    domain: ClassVar[Domain] = Domain((-2.2, 2.2), (-1.2, 3.2))
    starts: ClassVar[tuple[Point, ...]] = ((-1.2, 1.0), (-2.0, 2.0), (0.0, 2.5), (2.0, -0.5))
    levels: ClassVar[Levels] = Levels(0.3, 2500.0, 13)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=1e-3, scale_free=0.03)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((-1.2, 1.0), 24.2, "Moré, Garbow, Hillstrom 1981, problem 1, at the standard start"),
        Reference((0.0, 0.0), 1.0, "by hand: (1 − 0)² + 100·0"),
    )
    quadratic: ClassVar[bool] = False

    a: float = hyper(1.0, -1.5, 1.7, symbol="a", title=N_("place of the minimum"), help=N_("The minimum stands at (a, a²)."))
    b: float = hyper(100.0, 1.0, 300.0, symbol="b", scale="log", title=N_("steepness of the walls"), help=N_("The larger b, the narrower the valley."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return (self.a - w[0]) ** 2 + self.b * (w[1] - w[0] ** 2) ** 2

    def minima(self) -> np.ndarray:
        """(a, a²)."""
        return np.array([[self.a, self.a**2]], dtype=np.float64)
