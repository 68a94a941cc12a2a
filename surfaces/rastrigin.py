"""Rastrigin's function: a bowl covered with an egg box, one local minimum near every whole-numbered point.

    L(w) = 2A + Σᵢ (wᵢ² − A cos 2πwᵢ)

Source: Rastrigin 1974; in this form Mühlenbein, Schomisch, Born 1991 (A = 10). A = 0 is the plain bowl.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class Rastrigin:
    """L = 2A + Σᵢ (wᵢ² − A cos 2πwᵢ)."""

    title: ClassVar[str] = N_("Rastrigin")
    formula: ClassVar[str] = r"L(w) = 2A + \sum_{i=1}^{2} \left(w_i^2 - A \cos 2\pi w_i\right)"
    expression: ClassVar[str] = "2 * amplitude + w1^2 - amplitude * cos(2 * pi * w1) + w2^2 - amplitude * cos(2 * pi * w2)"
    source: ClassVar[str] = "H. Mühlenbein, M. Schomisch, J. Born, Parallel Computing 17 (1991)"
    domain: ClassVar[Domain] = Domain((-5.12, 5.12), (-5.12, 5.12))
    starts: ClassVar[tuple[Point, ...]] = ((-3.4, 2.6), (0.4, -0.4), (4.5, 4.5), (-1.5, -3.7))
    levels: ClassVar[Levels] = Levels(2.0, 80.0, 12, log=False)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.002, scale_free=0.05)
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((0.25, 1.0), 11.0625, "by hand: 20 + (0.0625 − 0) + (1 − 10)"),
        Reference((0.5, 0.5), 40.5, "by hand: 20 + 2·(0.25 + 10)"),
    )
    quadratic: ClassVar[bool] = False

    amplitude: float = hyper(10.0, 0.0, 20.0, symbol="A", title=N_("ripple height"), help=N_("0 leaves a plain bowl; the larger A, the deeper the traps."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return 2 * self.amplitude + (w**2 - self.amplitude * jnp.cos(2 * jnp.pi * w)).sum()

    def minima(self) -> np.ndarray:
        """Every local minimum of the domain: all pairs of minima along one axis, the nearest to the origin first, which is the lowest.

        Around a whole number k the slope 2x + 2πA sin 2πx rises over |x − k| < δ, cos 2πδ = −1/(2π²A), and falls elsewhere: bisection finds its one zero
        there, or the ends of the interval show that it has none.
        """
        whole = np.arange(-5.0, 6.0)
        reach = np.arccos(-1 / max(2 * np.pi**2 * self.amplitude, 1.0)) / (2 * np.pi)

        def slope(x: np.ndarray) -> np.ndarray:
            return 2 * x + 2 * np.pi * self.amplitude * np.sin(2 * np.pi * x)

        left, right = whole - reach, whole + reach
        exists = (slope(left) < 0) & (slope(right) > 0)
        for _ in range(60):
            middle = (left + right) / 2
            left, right = np.where(slope(middle) < 0, middle, left), np.where(slope(middle) < 0, right, middle)
        along_axis = ((left + right) / 2)[exists]
        along_axis[np.abs(along_axis) < 1e-12] = 0.0
        pairs = np.stack(np.meshgrid(along_axis, along_axis), axis=-1).reshape(-1, 2)
        return pairs[np.argsort((pairs**2).sum(axis=1), kind="stable")]
