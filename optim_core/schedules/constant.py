"""Constant learning rate, η_t = η₀. [A5]"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, spec


@spec
class Constant:
    """η_t = η₀ for every step."""

    title: ClassVar[str] = N_("Constant")
    rows: ClassVar[tuple[str, ...]] = ("A5",)
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = \eta_0",)

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`."""
        return np.full(np.shape(t), float(base_lr))
