"""`Scale`: how the heights of a survey become colours, the same for all of its landscapes, so that two of them can be compared.

A loss is drawn by its logarithm where the reader asks for it and every finite height has one, an accuracy always as it is, from 0 to 1. The scale reaches from
the lowest finite height to the highest: nothing is clipped.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lab.figures.landscape.drawing import is_share, shown
from lab.figures.numbers import number_text
from lab.figures.ticks import linear_ticks, log_texts, log_ticks, nice
from lab.slice_types import Survey

LEVELS = 20
"""Level lines at most; at least half as many."""


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
    size = nice((high / LEVELS - low / LEVELS) or 0.1 * abs(high) or 0.1)
    start, end = math.ceil(low / size) * size, math.floor(high / size) * size
    if not start < end:  # all heights are alike: one line below them and one above
        start, end = (math.floor(low / size) - 1) * size, (math.ceil(high / size) + 1) * size
    ticks = log_ticks(low, high) if log else linear_ticks(low, high)
    return Scale(False, log, low, high, start, end, size, ticks, log_texts(ticks) if log else tuple(number_text(tick, 3) for tick in ticks))
