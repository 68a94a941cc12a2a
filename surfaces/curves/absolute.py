"""A kink: the slope never fades, so no constant step ever settles.

    L(w) = a |w|

Source: lecture row A4; the MAE of lecture row C3 in one parameter. The slope is a or −a, however near the minimum: gradient descent ends jumping across it
by ηa. At 0 JAX takes the slope to be 0.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Reference


@spec
class Absolute:
    """L = a |w|."""

    title: ClassVar[str] = N_("|w|, one parameter")
    formula: ClassVar[str] = r"L(w) = a\,\lvert w \rvert"
    expression: ClassVar[str] = "a * abs(w)"
    source: ClassVar[str] = "Lecture rows A4, C3"
    domain: ClassVar[Domain] = Domain((-3.2, 3.2), (-0.3, 3.4))
    starts: ClassVar[tuple[tuple[float], ...]] = ((-3.0,), (2.0,))
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.4, scale_free=0.3)
    reference_values: ClassVar[tuple[Reference, ...]] = (Reference((-3.0,), 3.0, "by hand: 1·3"),)
    quadratic: ClassVar[bool] = False

    a: float = hyper(1.0, 0.1, 5.0, symbol="a", scale="log", title=N_("slope"), help=N_("How steep both arms are."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w), for w of shape `(1,)`; w·sign(w) is |w| with derivative sign(w), which is 0 at 0."""
        return self.a * w[0] * jnp.sign(w[0])

    def minima(self) -> np.ndarray:
        """0."""
        return np.zeros((1, 1))
