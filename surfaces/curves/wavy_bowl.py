"""A bowl with waves: many local minima of one parameter, one of them the lowest.

    L(w) = a w² + b sin(ωw)

Source: lecture rows A4, C4 and C6; a construction of ours after Rastrigin's. Where bω² > 2a the waves have minima of their own.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Reference
from surfaces.curves._minima import minima_between


@spec
class WavyBowl:
    """L = a w² + b sin(ωw)."""

    title: ClassVar[str] = N_("Waves on a bowl, one parameter")
    formula: ClassVar[str] = r"L(w) = a\,w^2 + b \sin(\omega w)"
    expression: ClassVar[str] = "a * w^2 + b * sin(omega * w)"
    source: ClassVar[str] = "Descent Lab; lecture rows A4, C4, C6"
    domain: ClassVar[Domain] = Domain((-5.2, 5.2), (-1.6, 5.4))
    starts: ClassVar[tuple[tuple[float], ...]] = ((-4.7,), (4.6,), (2.2,))
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.05, scale_free=0.1)
    reference_values: ClassVar[tuple[Reference, ...]] = (Reference((1.0,), 0.29112000806, "by hand: 0.15 + sin 3 = 0.15 + 0.14112000806"),)
    quadratic: ClassVar[bool] = False

    a: float = hyper(0.15, 0.05, 1.0, symbol="a", scale="log", title=N_("bowl"), help=N_("How steep the bowl beneath the waves is."))
    b: float = hyper(1.0, 0.0, 3.0, symbol="b", title=N_("height of the waves"), help=N_("0 is the plain bowl."))
    omega: float = hyper(3.0, 1.0, 6.0, symbol=r"\omega", title=N_("frequency"), help=N_("How many waves there are."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w), for w of shape `(1,)`."""
        return self.a * w[0] ** 2 + self.b * jnp.sin(self.omega * w[0])

    def minima(self) -> np.ndarray:
        """All that there are up to |w| = 12, the lowest first."""
        return minima_between(self, -12.0, 12.0)
