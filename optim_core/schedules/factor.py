"""Factor: every step multiplies the learning rate by the same number.

    η_{t+1} = α η_t

Source: lecture row A5. Written out it is η₀αᵗ, so it coincides with `exponential` up to rounding: two forms of one schedule.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock


@spec
class Factor:
    """η_{t+1} = α η_t, computed by this recurrence."""

    title: ClassVar[str] = N_("Factor")
    note: ClassVar[str] = N_("The same curve as Exponential: each step α times the last η is η₀αᵗ.")
    rows: ClassVar[tuple[str, ...]] = ("A5",)
    rule: ClassVar[tuple[str, ...]] = (r"\eta_{t+1} = \alpha\, \eta_t",)

    alpha: float = hyper(
        0.97, 0.5, 0.9999, symbol=r"\alpha", scale="complement_log",
        title=N_("factor"), help=N_("Share of the learning rate kept from step to step."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`; between two whole steps, that of the earlier."""
        index = np.floor(clock(t)).astype(np.intp)
        etas = np.full(int(np.max(index, initial=0)) + 1, float(self.alpha))
        etas[0] = base_lr
        with np.errstate(under="ignore"):  # a rate that has decayed to 0 is a true rate
            return np.asarray(np.multiply.accumulate(etas)[index])
