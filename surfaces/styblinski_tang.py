"""The Styblinski–Tang function: four basins of different depth, tilted towards one corner.

    L(w) = ½ Σᵢ (wᵢ⁴ − 16 wᵢ² + c wᵢ)

Source: Styblinski and Tang 1990 (c = 5). At c = 0 the four minima are equally deep; c makes one of them the global one.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference, polish


@spec
class StyblinskiTang:
    """L = ½ Σᵢ (wᵢ⁴ − 16 wᵢ² + c wᵢ)."""

    title: ClassVar[str] = N_("Styblinski–Tang")
    formula: ClassVar[str] = r"L(w) = \frac{1}{2} \sum_{i=1}^{2} \left(w_i^4 - 16 w_i^2 + c\,w_i\right)"
    expression: ClassVar[str] = "(w1^4 - 16 * w1^2 + tilt * w1 + w2^4 - 16 * w2^2 + tilt * w2) / 2"
    source: ClassVar[str] = "M. A. Styblinski, T.-S. Tang, Neural Networks 3 (1990)"
    domain: ClassVar[Domain] = Domain((-4.5, 4.5), (-4.5, 4.5))
    starts: ClassVar[tuple[Point, ...]] = ((0.5, -0.5), (-0.5, 0.5), (4.2, 4.2), (0.2, 0.2))
    levels: ClassVar[Levels] = Levels(1.0, 180.0, 15)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.01, scale_free=0.1)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((1.0, 1.0), -10.0, "by hand: ½ · 2 · (1 − 16 + 5)"),
        Reference((2.0, -1.0), -29.0, "by hand: ½ · ((16 − 64 + 10) + (1 − 16 − 5)) = ½ · (−38 − 20)"),
    )
    quadratic: ClassVar[bool] = False

    tilt: float = hyper(5.0, 0.0, 20.0, symbol="c", title=N_("tilt"), help=N_("Leans the surface towards the corner where both weights are negative."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return 0.5 * (w**4 - 16 * w**2 + self.tilt * w).sum()

    def minima(self) -> np.ndarray:
        """All pairs of the smallest and the largest root of 4x³ − 32x + c = 0; the middle root is a hilltop."""
        low, _, high = np.sort(np.roots([4.0, 0.0, -32.0, self.tilt]).real)
        return polish(self, np.array([[low, low], [low, high], [high, low], [high, high]]))
