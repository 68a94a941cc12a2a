"""A schedule of the student's own: a formula in t, T and η₀.

    η_t = f(t, T, η₀)

Source: lecture row A5, "you may set your own". What the formula gives is what runs: a negative or infinite rate is answered with the step where it
occurs, never clipped.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.formula import Formula, compile_formula
from optim_core.hyper import N_, TextError, spec, text
from optim_core.schedules._clock import clock


def parse_rate(written: str) -> Formula:
    """Compile a formula in `t` (from 0), `T` (the number of steps) and `eta0`.

    Raises:
        TextError: it is not understood.
    """
    return compile_formula(written, ("t", "T", "eta0"))


@spec
class Custom:
    """η_t is what the typed formula says."""

    title: ClassVar[str] = N_("Your own formula")
    rows: ClassVar[tuple[str, ...]] = ("A5",)
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = f(t, T, \eta_0)",)

    formula: str = text(
        "eta0 / (1 + t / 20)", parse=parse_rate, symbol=r"\eta_t",
        title=N_("formula"), help=N_("A formula in t (the schedule's step, from 0), T (how many it has) and eta0 (the base learning rate)."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`.

        Raises:
            TextError: the formula is not understood, or its value at one of the asked steps is negative or not finite.
        """
        step, rate = clock(t), parse_rate(self.formula)
        etas = np.broadcast_to(rate(np, t=step, T=float(n_steps), eta0=float(base_lr)), step.shape).astype(np.float64)  # a constant has no shape of its own
        wrong = np.flatnonzero(~(np.isfinite(etas) & (etas >= 0.0)))
        if wrong.size:
            raise TextError(
                N_("η is {value} at t = {t}; it must be a finite number, at least 0"), value=f"{etas.flat[wrong[0]]:.4g}", t=f"{step.flat[wrong[0]]:.12g}"
            )
        return etas
