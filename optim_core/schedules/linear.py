"""Linear: a straight line down; at step T it would be η_T.

    η_t = η_T + (η₀ − η_T)(1 − t/T)

Source: optax.linear_schedule, PyTorch's LinearLR. T is the number of steps, so the last step taken, T − 1, has a little more than η_T. Afterwards it
stays at η_T.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock


@spec
class Linear:
    """A straight line from η₀ to η_T."""

    title: ClassVar[str] = N_("Linear")
    rows: ClassVar[tuple[str, ...]] = ("C10",)
    rule: ClassVar[tuple[str, ...]] = (
        r"\eta_t = \eta_T + (\eta_0 - \eta_T) \left( 1 - \frac{t}{T} \right)",
        r"0 \le \eta_T/\eta_0 \le 1",
    )

    final: float = hyper(
        0.0, 0.0, 1.0, symbol=r"\eta_T/\eta_0",
        title=N_("final share"), help=N_("Learning rate at the end, as a share of the base one."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`."""
        start = float(base_lr)
        end = float(self.final) * start
        return np.asarray(end + (start - end) * (1.0 - np.minimum(clock(t), n_steps) / n_steps))
