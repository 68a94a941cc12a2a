"""Many seeds of one run: faint paths on the map, the median and a band on the loss curve. And the steps whose gradient was cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lab.figures.frame import Trace
from lab.figures.style import RunStyle
from lab.plane import drawn_points
from lab.readings import clipped_steps

if TYPE_CHECKING:
    from lab.compute import Picture
    from lab.fans import Fan
    from optim_core.types import Trajectory

BAND_POINTS = 400
"""Points along a band at most."""
MARKS = 400
"""Marks of clipped steps at most, evenly spread."""
FAINT = 0.16
UNDER = float(np.finfo(float).tiny)
"""Where the edge of a band runs that a logarithmic axis cannot show: below it."""


def faint_points(fan: Fan) -> tuple[np.ndarray, np.ndarray]:
    """The faint paths end to end as one line with gaps, `w₁` and `w₂`; the first, the run itself, is left to its own trace."""
    gap = np.full((len(fan.w) - 1, 1, 2), np.nan)
    joined = np.concatenate([fan.w[1:], gap], axis=1).reshape(-1, 2)
    return joined[:, 0], joined[:, 1]


def faint_trace(index: int, fan: Fan, look: RunStyle) -> Trace:
    """All the seeds of a run, one trace of the map."""
    x, y = faint_points(fan)
    return {
        "type": "scatter", "name": f"fan:{index}", "x": x, "y": y, "mode": "lines", "line": {"color": look.color, "width": 1},
        "opacity": FAINT, "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def band_traces(picture: Picture, index: int, look: RunStyle, top: float, _: Callable[[str], str]) -> list[Trace]:
    """Median and 10–90 % band of the loss, two traces of the curve.

    Args:
        picture: what is shown.
        index: of the run, which has a fan.
        look: the run's.
        top: what is infinite is drawn there, above the axis.
        _: translates what hovering tells.
    """
    fan = picture.fans[index]
    assert fan is not None
    t = np.unique(np.linspace(0, len(fan.median) - 1, min(len(fan.median), BAND_POINTS)).round().astype(int))
    low, median, high = (_heights(picture, quantile[t], top) for quantile in (fan.low, fan.median, fan.high))
    if picture.experiment.axis == "log":
        median = np.where(median > UNDER, median, np.nan)  # a gap, as in the run's own line
    told = _("median of {count} seeds").format(count=len(fan.w))
    return [
        {
            "type": "scatter", "name": f"band:{index}", "x": np.concatenate([t, t[::-1]]), "y": np.concatenate([high, low[::-1]]), "mode": "lines",
            "line": {"width": 0}, "fill": "toself", "fillcolor": look.color, "opacity": 0.18, "hoverinfo": "skip", "showlegend": False,
        },
        {
            "type": "scatter", "name": f"median:{index}", "x": t, "y": median, "mode": "lines", "line": {"color": look.color, "width": 1.4, "dash": "dot"},
            "hovertext": f"{look.label} · {told}", "hovertemplate": f"{look.label} · {told}<br>t = %{{x}}<br>%{{y:.4~g}}<extra></extra>",
        },
    ]  # fmt: skip


def clipped_trace(index: int, path: Trajectory, look: RunStyle, _: Callable[[str], str]) -> Trace:
    """An open diamond wherever a step with a cut gradient begins, one trace of the map."""
    at = marked(path)
    points = drawn_points(path)[at]
    told = _("gradient clipped")
    label = f"{look.label} · {told}"
    return {
        "type": "scatter", "name": f"clipped:{index}", "x": points[:, 0], "y": points[:, 1], "mode": "markers", "showlegend": False,
        "marker": {"symbol": "diamond-open", "size": 10, "color": look.color, "line": {"width": 1.6}},
        "customdata": at, "hovertext": label, "hovertemplate": f"{label}<br>t = %{{customdata}}<extra></extra>",
    }  # fmt: skip


def marked(path: Trajectory) -> np.ndarray:
    """The clipped steps that get a mark: those with a finite point, and of very many every k-th."""
    at = clipped_steps(path)
    at = at[np.isfinite(path.w[at]).all(axis=1)]
    marks: np.ndarray = at[:: max(-(-len(at) // MARKS), 1)]
    return marks


def _heights(picture: Picture, loss: np.ndarray, top: float) -> np.ndarray:
    """Losses as the curve's axis has them."""
    if picture.experiment.axis == "linear":
        return np.where(np.isinf(loss), top, loss)
    above = loss - (picture.landscape.floor or 0.0)
    return np.where(np.isinf(loss), 10.0**top, np.maximum(above, UNDER))
