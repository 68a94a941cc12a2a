"""What the figures of a landscape have in common: the view of a relief, the part that is shown, lines told apart by colour and marker, bands, full axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lab.cut import Part
from lab.figures import frame
from lab.figures.frame import Layout, Trace
from lab.figures.learning.axes import line, value_axis
from lab.figures.learning.looks import Look
from lab.figures.ticks import log_axis_ticks
from lab.slice_types import Relief, Survey, Track
from optim_core.landscape import Heights

FIELDS: dict[Part, str] = {"train": "loss", "valid": "valid_loss", "accuracy": "accuracy", "valid_accuracy": "valid_accuracy"}
"""Which of `Heights` a part is."""
MARKS = 8
"""Markers of a line at most."""
ALL = 700
"""More decades than there are between two numbers."""


class View(NamedTuple):
    """The rectangle that a relief shows, in the manner of a surface's domain."""

    w1: tuple[float, float]
    w2: tuple[float, float]

    def contains(self, w: np.ndarray) -> np.ndarray:
        """Which of the points `w`, `(…, 2)`, lie inside; nan and inf do not."""
        with np.errstate(invalid="ignore"):
            return (w[..., 0] >= self.w1[0]) & (w[..., 0] <= self.w1[1]) & (w[..., 1] >= self.w2[0]) & (w[..., 1] <= self.w2[1])


def view_of(relief: Relief) -> View:
    """What a relief shows."""
    return View((float(relief.x[0]), float(relief.x[-1])), (float(relief.y[0]), float(relief.y[-1])))


def is_share(part: Part) -> bool:
    """Whether the heights are shares of objects, not losses."""
    return part in ("accuracy", "valid_accuracy")


def shown(survey: Survey, heights: Heights) -> np.ndarray:
    """The part of some heights that the survey is about."""
    values: np.ndarray = getattr(heights, FIELDS[survey.cut.part])
    return values


def tracks_of(survey: Survey) -> list[tuple[Relief, Track]]:
    """Every training's path once, with the relief it is drawn on: its own if it has one. In the order of the trainings; those that have none are left out."""
    found: dict[int, tuple[Relief, Track]] = {}
    for relief in survey.reliefs:
        for track in relief.tracks:
            if track.run not in found or relief.run == track.run:
                found[track.run] = relief, track
    return [found[run] for run in sorted(found)]


def marked(index: int, name: str, x: np.ndarray, y: np.ndarray, look: Look, label: str, symbol: str, **more: Any) -> Trace:
    """A line with a few of the training's markers on it; the arguments are those of `lab.figures.learning.axes.line`."""
    marker = {"symbol": look.marker, "size": 6, "color": look.color, "maxdisplayed": MARKS}
    return line(index, name, x, y, look, label, symbol, mode="lines+markers", marker=marker, **more)


def band(index: int, name: str, x: np.ndarray, low: np.ndarray, high: np.ndarray, look: Look) -> Trace:
    """The area between two lines, `(m,)` each, faintly in a training's colour; where one of them is not finite there is none."""
    good = np.isfinite(low) & np.isfinite(high)
    starts = np.flatnonzero(good & ~np.r_[False, good[:-1]])
    ends = np.flatnonzero(good & ~np.r_[good[1:], False]) + 1
    around_x: list[np.ndarray] = []
    around_y: list[np.ndarray] = []
    for first, last in zip(starts, ends, strict=True):  # Plotly takes what stands between two gaps for an area of its own
        part, gap = slice(first, last), np.full(1, np.nan)
        around_x += [x[part], x[part][::-1], gap]
        around_y += [high[part], low[part][::-1], gap]
    empty = np.zeros(0)
    return {
        "type": "scatter", "mode": "lines", "name": name, "meta": {"run": index}, "fill": "toself", "hoverinfo": "skip", "showlegend": False,
        "x": np.concatenate(around_x) if around_x else empty, "y": np.concatenate(around_y) if around_y else empty,
        "line": {"color": look.color, "width": 0}, "fillcolor": look.color, "opacity": 0.22,
    }  # fmt: skip


def all_positive(values: Sequence[np.ndarray]) -> bool:
    """Whether there are finite values, and all of them have a logarithm."""
    finite = np.concatenate([value[np.isfinite(value)] for value in values]) if values else np.zeros(0)
    return bool(len(finite)) and bool((finite > 0.0).all())


def full_axis(title: str, values: Sequence[np.ndarray], *, log: bool, zero: bool = False) -> Layout:
    """An axis that holds every finite value.

    Args:
        title: what it says.
        values: of all lines.
        log: logarithmic; all finite values are positive.
        zero: 0 belongs to it, unless it is logarithmic.
    """
    if log:
        low, high = frame.whole_decades(values, ALL)
        return frame.axis(title, type="log", range=[low, high], **log_axis_ticks(low, high))
    finite = np.concatenate([value[np.isfinite(value)] for value in values]) if values else np.zeros(0)
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.05 * (high / 2 - low / 2) * 2 or 0.5 * abs(high) or 0.5  # the difference of two numbers near the largest one overflows
    return frame.axis(title, range=[low if zero and low == 0.0 else low - room, high + room], nticks=5, exponentformat="power")


def panel_axis(title: str, values: Sequence[np.ndarray], *, log: bool) -> Layout:
    """An axis of values over time: what diverges leaves a logarithmic one at the top, as on the curves of a training; another one holds 0 and every value."""
    return value_axis(title, values, log=True) if log else full_axis(title, values, log=False, zero=True)


def vertical(x: float, color: str) -> dict[str, Any]:
    """A hairline from bottom to top."""
    return {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": {"color": color, "width": 1}, "layer": "below"}


def letter(survey: Survey, run: int) -> str:
    """A training's letter."""
    return survey.lesson.runs[run].label[:1]
