"""A cliff: a gentle slope leads to the foot of a steep wall; one step too far and the gradient explodes and throws the run off the map.

    L(w) = 0.1 w₂² − g w₁ + k·0.1 ln(1 + exp(w₁/0.1))

Source: a formula of ours, in the spirit of the walls of high curvature in Pascanu, Mikolov, Bengio 2013 and of Goodfellow, Bengio, Courville 2016,
figure 8.3. The softplus turns the slope from −g to k − g within a few tenths of w₁ = 0. The curvature at the minimum is about 10g whatever k is: the
floor promises a learning rate that the wall punishes. The cure is gradient clipping.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class Cliff:
    """L = 0.1 w₂² − g w₁ + 0.1 k ln(1 + exp(10 w₁))."""

    title: ClassVar[str] = N_("Cliff")
    formula: ClassVar[str] = r"L(w) = 0.1\,w_2^2 - g\,w_1 + 0.1\,k \ln\left(1 + e^{10 w_1}\right)"
    expression: ClassVar[str] = "0.1 * w2^2 - slope * w1 + 0.1 * steepness * (max(10 * w1, 0) + log(1 + exp(-abs(10 * w1))))"
    source: ClassVar[str] = "Descent Lab, after R. Pascanu, T. Mikolov, Y. Bengio, ICML (2013)"
    domain: ClassVar[Domain] = Domain((-4.0, 1.0), (-2.5, 2.5))
    starts: ClassVar[tuple[Point, ...]] = ((-3.5, 2.0), (-1.0, -2.0), (0.3, 1.0), (-3.5, 0.0))
    levels: ClassVar[Levels] = Levels(0.02, 25.0, 15)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.1, scale_free=0.05)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((0.0, 1.0), 2.1794415416798357, "by hand: 0.1 − 0 + 0.1·30·ln 2"),
        Reference((1.0, 0.0), 29.500136196695, "by hand: −0.5 + 3·(10 + ln(1 + exp(−10))) = −0.5 + 3·10.000045398899"),
    )
    quadratic: ClassVar[bool] = False

    steepness: float = hyper(30.0, 2.0, 300.0, symbol="k", scale="log", title=N_("steepness of the wall"), help=N_("The gradient on the wall is about k."))
    slope: float = hyper(0.5, 0.1, 1.0, symbol="g", title=N_("gentle slope"), help=N_("The gradient that leads to the wall is g."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return 0.1 * w[1] ** 2 - self.slope * w[0] + 0.1 * self.steepness * jax.nn.softplus(10 * w[0])

    def minima(self) -> np.ndarray:
        """At the foot of the wall, where k σ(10 w₁) = g."""
        return np.array([[0.1 * np.log(self.slope / (self.steepness - self.slope)), 0.0]])
