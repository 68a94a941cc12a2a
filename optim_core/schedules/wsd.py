"""Warm-up, stable, decay: up in a line, a long constant stretch, down in a line at the end.

    η_t = η₀ t/W                          t < W = ⌊wT⌋
    η_t = η₀                              W ≤ t < T − D
    η_t = η_T + (η₀ − η_T)(T − t)/D       t ≥ T − D,   D = max(1, ⌊dT⌋)

Source: Hu et al., MiniCPM, 2024; Hägele et al., Scaling laws beyond fixed training durations, 2024. The stretch can be prolonged at will, and the decay
done whenever a finished model is wanted. The first rate is 0, as in the papers, in optax.linear_schedule and in this house's own warm-up, so step 0
does not move; η_T would come at step T, just after the last step taken. It has its warm-up inside: another one before it would be a second.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock, whole_steps


@spec
class WarmupStableDecay:
    """From 0 up to η₀, along, and down to η_T."""

    title: ClassVar[str] = N_("Warm-up, stable, decay")
    note: ClassVar[str] = N_("It has a warm-up of its own; another one before it would rise to nothing.")
    rows: ClassVar[tuple[str, ...]] = ("A6",)
    rule: ClassVar[tuple[str, ...]] = (
        r"\eta_t = \eta_0\, \frac{t}{W}, \quad t < W = \lfloor w T \rfloor",
        r"\eta_t = \eta_0, \quad W \le t < T - D",
        r"\eta_t = \eta_T + (\eta_0 - \eta_T) \frac{T - t}{D}, \quad t \ge T - D, \quad D = \max(1, \lfloor d\, T \rfloor)",
        r"0 \le \eta_T/\eta_0 \le 1",
    )

    warmup: float = hyper(
        0.1, 0.0, 0.5, symbol="w",
        title=N_("warm-up share"), help=N_("Share of the run in which the learning rate grows from 0."),
    )  # fmt: skip
    decay: float = hyper(
        0.3, 0.01, 0.5, symbol="d",
        title=N_("decay share"), help=N_("Share of the run, at its end, in which the learning rate falls."),
    )  # fmt: skip
    final: float = hyper(
        0.0, 0.0, 1.0, symbol=r"\eta_T/\eta_0",
        title=N_("final share"), help=N_("Learning rate at the end, as a share of the base one."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`."""
        step, top = np.minimum(clock(t), n_steps), float(base_lr)
        end = float(self.final) * top
        rise, fall = whole_steps(self.warmup, n_steps), max(1, whole_steps(self.decay, n_steps))  # together at most n_steps: each share is at most half
        up = top * (step / max(rise, 1))
        down = end + (top - end) * np.minimum((n_steps - step) / fall, 1.0)
        return np.asarray(np.where(step < rise, up, down))
