"""Two wells in a bowl, one sharp and one wide: a large learning rate or noisy gradients leave the sharp one and stay in the wide one.

    L(w) = 0.05 (w₁² + w₂²) − d₁ exp(−((w₁ + 1.5)² + w₂²) / 2s₁²) − d₂ exp(−((w₁ − 1.5)² + w₂²) / 2s₂²)

Source: a construction of ours (Gaussian wells on a quadratic); Hochreiter and Schmidhuber 1997 on flat and sharp minima. A well that is too shallow for
its place on the bowl's slope has no minimum.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference, polish, values

_AXIS = np.stack([np.linspace(-3.2, 3.2, 1281), np.zeros(1281)], axis=1)


@spec
class DoubleWell:
    """L = 0.05 |w|² − d₁ exp(−|w − (−1.5, 0)|² / 2s₁²) − d₂ exp(−|w − (1.5, 0)|² / 2s₂²)."""

    title: ClassVar[str] = N_("Double well")
    formula: ClassVar[str] = (
        r"L(w) = 0.05\,(w_1^2 + w_2^2) - d_1 \exp\left(-\frac{(w_1 + 1.5)^2 + w_2^2}{2 s_1^2}\right)"
        r" - d_2 \exp\left(-\frac{(w_1 - 1.5)^2 + w_2^2}{2 s_2^2}\right)"
    )
    expression: ClassVar[str] = (
        "0.05 * (w1^2 + w2^2) - depth1 * exp(-((w1 + 1.5)^2 + w2^2) / (2 * width1^2)) - depth2 * exp(-((w1 - 1.5)^2 + w2^2) / (2 * width2^2))"
    )
    source: ClassVar[str] = "Descent Lab; on flat and sharp minima S. Hochreiter, J. Schmidhuber, Neural Computation 9 (1997)"
    domain: ClassVar[Domain] = Domain((-3.2, 3.2), (-2.4, 2.4))
    starts: ClassVar[tuple[Point, ...]] = ((-2.6, 1.2), (-0.5, -1.8), (2.8, 1.5), (-1.5, 0.3))
    levels: ClassVar[Levels] = Levels(0.03, 1.6, 14)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.2, scale_free=0.05)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((0.0, 0.0), -0.138821125422, "by hand: −exp(−2.25/0.32) − 0.8 exp(−2.25/1.28) = −0.000883826307 − 0.137937299115"),
    )
    quadratic: ClassVar[bool] = False

    depth1: float = hyper(1.0, 0.0, 3.0, symbol="d_1", title=N_("depth of the left well"), help=N_("0 removes the well."))
    depth2: float = hyper(0.8, 0.0, 3.0, symbol="d_2", title=N_("depth of the right well"), help=N_("0 removes the well."))
    width1: float = hyper(
        0.4, 0.3, 1.2, symbol="s_1", title=N_("width of the left well"), help=N_("The smaller, the sharper; the curvature at its floor is about d₁/s₁².")
    )
    width2: float = hyper(
        0.8, 0.3, 1.2, symbol="s_2", title=N_("width of the right well"), help=N_("The smaller, the sharper; the curvature at its floor is about d₂/s₂².")
    )

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        left = self.depth1 * jnp.exp(-((w[0] + 1.5) ** 2 + w[1] ** 2) / (2 * self.width1**2))
        right = self.depth2 * jnp.exp(-((w[0] - 1.5) ** 2 + w[1] ** 2) / (2 * self.width2**2))
        return 0.05 * (w[0] ** 2 + w[1] ** 2) - left - right

    def minima(self) -> np.ndarray:
        """One for each well that holds and one for the bowl where it shows between narrow wells.

        Off the line w₂ = 0 the slope along w₂ never vanishes, so a scan of that line finds every minimum to start Newton's method from.
        """
        along_axis = values(self, _AXIS)
        lower = (along_axis[1:-1] < along_axis[:-2]) & (along_axis[1:-1] <= along_axis[2:])
        return polish(self, np.resize(_AXIS[1:-1][lower], (3, 2)))
