"""A plateau: one round hole in a surface that is flat far away, where gradients fade to nothing and plain gradient descent stands still.

    L(w) = 1 − exp(−(w₁² + w₂²) / 2c²)

Source: the Welsch (Leclerc) loss of the distance from the origin, as in Barron 2019, α = −∞. The slope is steepest at distance c and falls like
exp(−r²/2c²) beyond; optimizers that divide by the gradient's size cross the plateau at full speed.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class Plateau:
    """L = 1 − exp(−|w|² / 2c²)."""

    title: ClassVar[str] = N_("Plateau")
    formula: ClassVar[str] = r"L(w) = 1 - \exp\left(-\frac{w_1^2 + w_2^2}{2 c^2}\right)"
    expression: ClassVar[str] = "1 - exp(-(w1^2 + w2^2) / (2 * width^2))"
    source: ClassVar[str] = "J. T. Barron, A general and adaptive robust loss function, CVPR (2019), the Welsch loss"
    domain: ClassVar[Domain] = Domain((-5.0, 5.0), (-5.0, 5.0))
    starts: ClassVar[tuple[Point, ...]] = ((-4.0, 2.0), (-2.0, -1.0), (4.5, 4.5), (3.5, -2.0))
    levels: ClassVar[Levels] = Levels(0.02, 0.995, 14)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=1.0, scale_free=0.05)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((1.5, 0.0), 0.3934693402873666, "by hand: 1 − exp(−1/2)"),
        Reference((1.5, -1.5), 0.6321205588285577, "by hand: 1 − exp(−1)"),
    )
    quadratic: ClassVar[bool] = False

    width: float = hyper(1.5, 0.5, 3.0, symbol="c", title=N_("width of the hole"), help=N_("The smaller c, the sooner the gradient fades."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return -jnp.expm1(-(w[0] ** 2 + w[1] ** 2) / (2 * self.width**2))

    def minima(self) -> np.ndarray:
        """The origin."""
        return np.zeros((1, 2))
