"""One cycle: up to a learning rate that would be too large to start with, then down to almost nothing.

    η_t = η₀/d + (η₀ − η₀/d)/2 · (1 − cos(πt/P))                  t < P = ⌊pT⌋
    η_t = η_T + (η₀ − η_T)/2 · (1 + cos(π(t−P)/(T−P)))            t ≥ P,  η_T = η₀/(dD)

Source: Smith and Topin, Super-convergence, 2018, in the cosine form. η₀ is the peak. The ends lie as in optax.cosine_onecycle_schedule and in `cosine`:
the peak is at the whole step P, and η_T at step T, just after the last step taken (PyTorch's OneCycleLR puts them at pT − 1 and T − 1). If P = 0 (a
run of one or two steps), it starts at the peak.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock, whole_steps


@spec
class OneCycle:
    """Half a cosine wave up to η₀, another one down to η_T."""

    title: ClassVar[str] = N_("One cycle")
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        r"\eta_t = \frac{\eta_0}{d} + \frac{\eta_0 - \eta_0/d}{2} \left( 1 - \cos \frac{\pi t}{P} \right), \quad t < P = \lfloor p T \rfloor",
        r"\eta_t = \eta_T + \frac{\eta_0 - \eta_T}{2} \left( 1 + \cos \frac{\pi (t - P)}{T - P} \right), \quad t \ge P",
        r"\eta_T = \frac{\eta_0}{d\, D}",
    )

    peak: float = hyper(
        0.3, 0.01, 0.99, symbol="p",
        title=N_("peak"), help=N_("When the learning rate is largest, as a share of the run."),
    )  # fmt: skip
    div: float = hyper(
        25.0, 1.0, 1000.0, symbol="d", scale="log",
        title=N_("start divisor"), help=N_("The first learning rate is so many times smaller than the peak."),
    )  # fmt: skip
    final_div: float = hyper(
        1e4, 1.0, 1e6, symbol="D", scale="log",
        title=N_("end divisor"), help=N_("The last learning rate is so many times smaller than the first."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`."""
        step, top = np.minimum(clock(t), n_steps), float(base_lr)
        start = top / float(self.div)
        end = start / float(self.final_div)
        peak = whole_steps(self.peak, n_steps)  # below n_steps, since p < 1
        up = start + (top - start) / 2.0 * (1.0 - np.cos(np.pi * step / max(peak, 1)))
        down = end + (top - end) / 2.0 * (1.0 + np.cos(np.pi * (step - peak) / (n_steps - peak)))
        return np.asarray(np.where(step < peak, up, down))
