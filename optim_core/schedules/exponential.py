"""Exponential decay: the learning rate halves every ln 2/(−ln α) steps, for ever.

    η_t = η₀ αᵗ

Source: lecture row A5 (the slide writes η_{t+1} on the left; with t from 0, η₀ here is the first step's rate). It coincides with `factor` up to
rounding. All its rates together come to less than η₀/(1−α), so a decay that is too fast stops half way.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock


@spec
class Exponential:
    """η_t = η₀ αᵗ."""

    title: ClassVar[str] = N_("Exponential")
    note: ClassVar[str] = N_("The same curve as Factor: η₀αᵗ is each step α times the last η.")
    rows: ClassVar[tuple[str, ...]] = ("A5",)
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = \eta_0\, \alpha^t",)

    alpha: float = hyper(
        0.97, 0.5, 0.9999, symbol=r"\alpha", scale="complement_log",
        title=N_("factor"), help=N_("Share of the learning rate kept from step to step."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`."""
        with np.errstate(under="ignore"):  # a rate that has decayed to 0 is a true rate
            return np.asarray(float(base_lr) * float(self.alpha) ** clock(t))
