"""A kink: a valley with a crease for a floor, where the gradient jumps and never becomes small near the minimum.

    L(w) = |w₁| + κ |w₂|

Source: the ℓ₁ penalty of the lasso (Tibshirani 1996) with a weight on the second axis. With a fixed learning rate gradient descent does not converge but
hops over the crease by η and ηκ. On a crease the gradient is taken as 0, the middle of the subgradients; `jax.grad(jnp.abs)(0.0)` would give 1.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class Kink:
    """L = |w₁| + κ |w₂|."""

    title: ClassVar[str] = N_("Kink")
    formula: ClassVar[str] = r"L(w) = |w_1| + \kappa\,|w_2|"
    expression: ClassVar[str] = "abs(w1) + kappa * abs(w2)"
    source: ClassVar[str] = "R. Tibshirani, Journal of the Royal Statistical Society B 58 (1996), the ℓ₁ penalty"
    domain: ClassVar[Domain] = Domain((-3.0, 3.0), (-3.0, 3.0))
    starts: ClassVar[tuple[Point, ...]] = ((-2.5, 2.0), (2.5, -0.3), (-0.3, -2.5), (2.0, 0.0))
    levels: ClassVar[Levels] = Levels(0.25, 14.0, 12)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.02, scale_free=0.02)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((-2.0, 1.0), 6.0, "by hand: 2 + 4·1"),
        Reference((0.5, -0.25), 1.5, "by hand: 0.5 + 4·0.25"),
    )
    quadratic: ClassVar[bool] = False

    kappa: float = hyper(4.0, 0.1, 20.0, symbol=r"\kappa", scale="log", title=N_("steepness ratio"), help=N_("How much steeper the second axis is."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w); x·sign(x) is |x| with derivative sign(x), which is 0 at 0."""
        size = w * jnp.sign(w)
        return size[0] + self.kappa * size[1]

    def minima(self) -> np.ndarray:
        """The origin."""
        return np.zeros((1, 2))
