"""Inverse power: a learning rate that goes to 0 slowly enough to arrive.

    η_t = c / (t+1)^p

Source: lecture row D1, which takes c = 0.1 and p = 0.3. The gradient of one object does not vanish at the optimum, so η must. As on the slide, c is a
number of its own and η₀ plays no part; tied, c is η₀.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock


@spec
class InversePower:
    """η_t = c / (t+1)^p; c is η₀ if tied."""

    title: ClassVar[str] = N_("Inverse power")
    rows: ClassVar[tuple[str, ...]] = ("D1",)
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = \frac{c}{(t + 1)^p}", r"c = \eta_0 \quad \text{(tied)}")

    c: float = hyper(
        0.1, 1e-4, 10.0, symbol="c", scale="log",
        title=N_("first rate"), help=N_("Learning rate of the first step; without effect when tied to the base learning rate."),
    )  # fmt: skip
    p: float = hyper(
        0.3, 0.0, 2.0, symbol="p",
        title=N_("power"), help=N_("How steep the decay is in the long run."),
    )  # fmt: skip
    tied: float = hyper(
        0.0, 0.0, 1.0, symbol=r"c = \eta_0", scale="switch",
        title=N_("tied to the base rate"), help=N_("If on, the first rate is the base learning rate."),
    )  # fmt: skip

    @property
    def note(self) -> str:
        """What a reader who moves η₀ should know."""
        return "" if self.tied else N_("c stands in the place of η₀, whose slider does nothing until the two are tied.")

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`."""
        first = float(base_lr if self.tied else self.c)
        return np.asarray(first / (clock(t) + 1.0) ** float(self.p))
