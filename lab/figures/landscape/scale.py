"""`Scale`: how the heights of a survey become colours, the same for all of its landscapes, so that two of them can be compared.

A loss is drawn by its logarithm where the reader asks for it and every finite height has one, an accuracy always as it is, from 0 to 1. The scale reaches from
the lowest finite height to the highest: nothing is clipped.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lab.figures.landscape.drawing import is_share, shown
from lab.figures.numbers import decade, number_text
from lab.slice_types import Survey

LEVELS = 20
"""Level lines at most; at least half as many."""
TICKS = 6
"""Numbers beside the colours at most."""


class Scale(NamedTuple):
    """How high is what.

    Attributes:
        share: the heights are shares, 0 to 1; else losses.
        log: T is log₁₀, else nothing.
        low, high: T of the lowest and of the highest finite height of all landscapes.
        start, end, size: the lowest level line, the highest, and the distance between two, in T; round numbers.
        ticks, texts: some places in T, and what a reader calls the heights there.
    """

    share: bool
    log: bool
    low: float
    high: float
    start: float
    end: float
    size: float
    ticks: tuple[float, ...]
    texts: tuple[str, ...]

    def transform(self, heights: np.ndarray) -> np.ndarray:
        """T(heights), of any shape; nan what is not finite or has no logarithm."""
        with np.errstate(divide="ignore", invalid="ignore"):
            made = np.log10(heights) if self.log else heights
        return np.where(np.isfinite(made), made, np.nan)


def scale_of(survey: Survey) -> Scale:
    """The scale of all landscapes of a survey."""
    if is_share(survey.cut.part):
        fifths = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
        return Scale(True, False, 0.0, 1.0, 0.0, 1.0, 0.05, fifths, tuple(f"{100 * tick:.0f} %" for tick in fifths))
    heights = [shown(survey, relief.heights) for relief in survey.reliefs]
    finite = np.concatenate([values[np.isfinite(values)] for values in heights]) if heights else np.zeros(0)
    log = survey.cut.study.axis == "log" and bool((finite > 0.0).all())
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (1.0, 10.0)
    if log:
        low, high = math.log10(low), math.log10(high)
    size = _nice((high / LEVELS - low / LEVELS) or 0.1 * abs(high) or 0.1)
    start, end = math.ceil(low / size) * size, math.floor(high / size) * size
    if not start < end:  # all heights are alike: one line below them and one above
        start, end = (math.floor(low / size) - 1) * size, (math.ceil(high / size) + 1) * size
    ticks = _log_ticks(low, high) if log else _linear_ticks(low, high)
    texts = tuple(_told(tick) if log else number_text(tick, 3) for tick in ticks)
    return Scale(False, log, low, high, start, end, size, ticks, texts)


def _nice(least: float) -> float:
    """The smallest round number, 1, 2, 2.5 or 5 times a power of ten, that is at least `least` > 0."""
    order = math.floor(math.log10(least))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        if (made := factor * 10.0**order) >= least * (1.0 - 1e-9):
            return made
    return 10.0 ** (order + 1)


def _linear_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round numbers from low to high."""
    step = _nice((high / TICKS - low / TICKS) or 0.1 * abs(high) or 0.1)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(step * place for place in range(first, last + 1)) or (low,)


def _log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Exponents of round numbers: of powers of ten or, where few of them lie between, of 1, 2 and 5 times one, or of evenly spaced numbers."""
    stride = max(1, math.ceil((high - low) / TICKS))
    orders = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(whole := tuple(float(order) for order in orders if order % stride == 0)) > 2:
        return whole
    all_orders = range(math.floor(low), math.ceil(high) + 1)
    finer = tuple(order + math.log10(factor) for order in all_orders for factor in (1, 2, 5) if low <= order + math.log10(factor) <= high)
    if len(finer) > 2:
        return finer
    return tuple(math.log10(tick) for tick in _linear_ticks(10.0**low, 10.0**high))


def _told(exponent: float) -> str:
    """A loss by its exponent."""
    whole = round(exponent)
    if abs(exponent - whole) < 1e-9 and abs(whole) > 1:
        return decade(whole)
    return number_text(10.0**exponent, 3)
