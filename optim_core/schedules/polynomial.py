"""Polynomial decay: fast at first, then ever slower.

    η_t = η₀ / (1 + αt)^β

Source: lecture row A5. For 1/2 < β ≤ 1 the rates sum to infinity and their squares do not, as Robbins and Monro (1951) ask of a stochastic gradient.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock


@spec
class Polynomial:
    """η_t = η₀ / (1 + αt)^β."""

    title: ClassVar[str] = N_("Polynomial")
    rows: ClassVar[tuple[str, ...]] = ("A5",)
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = \frac{\eta_0}{(1 + \alpha t)^{\beta}}",)

    alpha: float = hyper(
        0.1, 1e-3, 10.0, symbol=r"\alpha", scale="log",
        title=N_("pace"), help=N_("How soon the decay sets in: around step 1/α."),
    )  # fmt: skip
    beta: float = hyper(
        0.5, 0.05, 5.0, symbol=r"\beta", scale="log",
        title=N_("power"), help=N_("How steep the decay is in the long run."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`."""
        return np.asarray(float(base_lr) / (1.0 + float(self.alpha) * clock(t)) ** float(self.beta))
