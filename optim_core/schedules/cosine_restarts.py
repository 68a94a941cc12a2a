"""Cosine with restarts (SGDR): a cosine decay that jumps back to η₀ at the end of each cycle, to leave the valley it has settled in.

    η_t = η_min + (η₀ − η_min)/2 · (1 + cos(π(t − t_i)/T_i)),   t_i ≤ t < t_{i+1} = t_i + T_i,   T_i = mⁱ T₀

Source: Loshchilov and Hutter, SGDR, 2017; PyTorch's CosineAnnealingWarmRestarts. The first cycle has T₀ steps, each next one m times as many; the run's
own length plays no part, so it may end in the middle of a cycle, at a large learning rate.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock


@spec
class CosineRestarts:
    """Cosine decays one after another, the cycle m times longer each time."""

    title: ClassVar[str] = N_("Cosine with restarts")
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        r"\eta_t = \eta_{\min} + \frac{\eta_0 - \eta_{\min}}{2} \left( 1 + \cos \frac{\pi (t - t_i)}{T_i} \right), \quad t_i \le t < t_{i+1}",
        r"t_0 = 0, \quad t_{i+1} = t_i + T_i, \quad T_i = m^i\, T_0",
        r"0 \le \eta_{\min}/\eta_0 \le 1",
    )

    period: float = hyper(
        20.0, 1.0, 10_000.0, symbol="T_0", scale="integer_log",
        title=N_("first cycle"), help=N_("Steps of the first cycle."),
    )  # fmt: skip
    multiplier: float = hyper(
        2.0, 1.0, 5.0, symbol="m", scale="integer_log",
        title=N_("growth of the cycle"), help=N_("Each cycle has so many times more steps than the one before."),
    )  # fmt: skip
    final: float = hyper(
        0.0, 0.0, 1.0, symbol=r"\eta_{\min}/\eta_0",
        title=N_("smallest share"), help=N_("Learning rate at the end of each cycle, as a share of the base one."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`."""
        step, top = clock(t), float(base_lr)
        low = float(self.final) * top
        since, length = self._cycle(step)
        return np.asarray(low + (top - low) / 2.0 * (1.0 + np.cos(np.pi * since / length)))

    def _cycle(self, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Steps since the cycle began, and its length. The starts are summed in whole numbers: logarithms would miss one at a boundary."""
        period, multiplier = int(self.period), int(self.multiplier)
        if multiplier == 1:
            return np.asarray(np.mod(step, period)), np.asarray(float(period))
        starts, lengths, last = [0], [period], float(np.max(step, initial=0.0))
        while starts[-1] + lengths[-1] <= last:
            starts.append(starts[-1] + lengths[-1])
            lengths.append(lengths[-1] * multiplier)
        cycle = np.searchsorted(starts, step, side="right") - 1
        return np.asarray(step - np.array(starts, dtype=np.float64)[cycle]), np.array(lengths, dtype=np.float64)[cycle]
