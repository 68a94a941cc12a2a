"""The lectures' running example: a quadratic with stretched level lines, turned by an angle on request.

    L(w) = a u² + b v²,    u = w₁ cos φ + w₂ sin φ,    v = −w₁ sin φ + w₂ cos φ

Source: lecture rows A10, D4 (a = 0.1, b = 2, φ = 0). The curvatures are 2a and 2b, so κ = 20 and plain gradient descent needs η < 2/(2b) = 0.5.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, hyper, spec
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference


@spec
class ElongatedQuadratic:
    """L = a u² + b v² in axes turned by φ."""

    title: ClassVar[str] = N_("Elongated quadratic")
    formula: ClassVar[str] = r"L(w) = a\,u^2 + b\,v^2" "\n" r"u = w_1\cos\varphi + w_2\sin\varphi" "\n" r"v = w_2\cos\varphi - w_1\sin\varphi"
    expression: ClassVar[str] = (
        "a * (w1 * cos(pi * angle / 180) + w2 * sin(pi * angle / 180))^2 + b * (w2 * cos(pi * angle / 180) - w1 * sin(pi * angle / 180))^2"
    )
    source: ClassVar[str] = "Lecture rows A10, D4"
    domain: ClassVar[Domain] = Domain((-6.0, 3.0), (-3.2, 3.2))
    starts: ClassVar[tuple[Point, ...]] = ((-5.0, -2.0), (-5.0, 2.0), (2.0, 2.5), (-5.0, 0.1))
    levels: ClassVar[Levels] = Levels(0.02, 22.0, 13)
    learning_rates: ClassVar[LearningRates] = LearningRates(gradient=0.4, scale_free=0.4)
    reference_values: ClassVar[tuple[Reference, ...]] = (Reference((-5.0, -2.0), 10.5, "d2l.ai, chapter Momentum: 0.1·25 + 2·4"),)
    quadratic: ClassVar[bool] = True

    a: float = hyper(0.1, 0.01, 10.0, symbol="a", scale="log", title=N_("flat curvature"), help=N_("Half the curvature along the first axis."))
    b: float = hyper(2.0, 0.01, 10.0, symbol="b", scale="log", title=N_("steep curvature"), help=N_("Half the curvature along the second axis."))
    angle: float = hyper(0.0, -90.0, 90.0, symbol=r"\varphi", title=N_("rotation, degrees"), help=N_("Turns the level lines; 0 keeps them along the axes."))

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        turn = jnp.deg2rad(self.angle)
        u = w[0] * jnp.cos(turn) + w[1] * jnp.sin(turn)
        v = w[1] * jnp.cos(turn) - w[0] * jnp.sin(turn)
        return self.a * u**2 + self.b * v**2

    def minima(self) -> np.ndarray:
        """The origin."""
        return np.zeros((1, 2))
