"""Step decay: constant for k steps, then a drop.

    η_t = η₀ γ^⌊t/k⌋

Source: PyTorch's StepLR; learning-rate decay of lecture row C10. Each drop shows as a cliff in the loss where noise, not curvature, held it up.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock


@spec
class StepDecay:
    """η_t = η₀ γ^⌊t/k⌋."""

    title: ClassVar[str] = N_("Step decay")
    rows: ClassVar[tuple[str, ...]] = ("C10",)
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = \eta_0\, \gamma^{\lfloor t / k \rfloor}",)

    gamma: float = hyper(
        0.5, 0.01, 0.99, symbol=r"\gamma",
        title=N_("drop"), help=N_("The learning rate is multiplied by it at each drop."),
    )  # fmt: skip
    k: float = hyper(
        20.0, 1.0, 10_000.0, symbol="k", scale="integer_log",
        title=N_("steps between drops"), help=N_("The learning rate stays constant for so many steps."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`."""
        with np.errstate(under="ignore"):  # a rate that has decayed to 0 is a true rate
            return np.asarray(float(base_lr) * float(self.gamma) ** np.floor(clock(t) / float(self.k)))
