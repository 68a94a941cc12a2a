"""Gradient noise: what makes a gradient on a surface as uncertain as one from a few objects of a data set.

    g̃_t = ∇L(w) + σ_t z_t,   z_t ~ N(0, I),   σ_t = σ / t^p

Source: lecture rows D1 and E3. The exponent p = 0.55 is that of Neelakantan et al. 2015, who let the variance fall by it, not σ. The noise of step t is one
draw: an optimizer that asks for the gradient twice within a step meets the same one, as it would on one mini-batch. NumPy draws it, not JAX: the first T
steps of a seed are then the same for every number of steps, and the draw costs no compilation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from optim_core.hyper import N_, hyper, spec

DECAYS: Mapping[str, float] = MappingProxyType({"constant": 0.0, "decaying": 0.55})
"""The exponents p that have a name."""


@spec
class Noise:
    """Gaussian noise on every coordinate of the gradient.

    Attributes:
        sigma: σ, its standard deviation at the first step.
        decay: p; 0 is the same σ at every step.
        seed: a whole number ≥ 0, or several that name one stream among many.
    """

    sigma: float = hyper(
        1.0, 1e-4, 1e4, symbol=r"\sigma", scale="log",
        title=N_("noise"), help=N_("Standard deviation of what is added to each coordinate of the gradient."),
    )  # fmt: skip
    decay: float = hyper(0.0, 0.0, 2.0, symbol="p", title=N_("decay of the noise"), help=N_("σ is divided by t to this power."))
    seed: int | tuple[int, ...] = 0

    def draw(self, n_rows: int, n: int) -> np.ndarray:
        """The noise of `n_rows` steps, `(n_rows, n)`; fewer rows of the same seed are its beginning."""
        drawn: np.ndarray = np.random.default_rng(self.seed).standard_normal((n_rows, n))
        drawn *= self.sigma
        if self.decay:
            drawn /= np.arange(1.0, n_rows + 1.0)[:, None] ** self.decay
        return drawn
