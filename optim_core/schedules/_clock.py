"""Steps as NumPy numbers: what several schedules need of `t` and of T."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def clock(t: ArrayLike) -> np.ndarray:
    """`t` in float64, whatever numbers a caller has: a scalar, a list, an array of int or float."""
    return np.asarray(t, dtype=np.float64)


def whole_steps(share: float, n_steps: int) -> int:
    """⌊share·T⌋ as a person means it: 0.29 of 100 steps are 29, although the product of the two floats is 28.999999999999996."""
    return math.floor(float(share) * n_steps * (1.0 + 1e-12))
