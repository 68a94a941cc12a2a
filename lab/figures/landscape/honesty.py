"""What a landscape leaves out, along the path: the loss that a training really had beside the loss of the point where the picture shows it, and the distance
between the two points. Where the lines part, the colours under the path are not those of the training.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.figures.frame import Layout
from lab.figures.landscape.drawing import full_axis, is_share, marked, shown, tracks_of
from lab.figures.learning.axes import Translate, layout, line, scale, share_axis, time_axis, value_axis
from lab.figures.learning.looks import looks
from lab.figures.style import Theme
from lab.slice_types import Survey

FAR = 1e4
"""A distance so many times the middle one needs a logarithm."""


def loss_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """The loss, or the accuracy where the landscape is of one, at the checkpoints (solid) and where they are drawn (dashed), as a plain Plotly figure.

    Args:
        survey: what to show.
        theme: light or dark.
        _: translates what is written on it.
    """
    lesson, share, look = survey.lesson, is_share(survey.cut.part), looks(theme)
    data, values = [], []
    for _relief, track in tracks_of(survey):
        run = lesson.runs[track.run]
        x = run.record.at * scale(lesson, run)
        for name, heights, dash, words in (("true", track.true, "solid", _("at the weights")), ("drawn", track.drawn, "dash", _("where they are drawn"))):
            y, symbol = shown(survey, heights), _("accuracy") if share else "L"
            data.append(marked(track.run, f"{name}:{track.run}", x, y, look[track.run], f"{run.label} · {words}", symbol, dash=dash))
            values.append(y)
    if share:
        return {"data": data, "layout": layout(theme, time_axis(lesson, _), share_axis(_("accuracy"), values))}
    log = lesson.study.axis == "log" and all((value[np.isfinite(value)] > 0.0).all() for value in values)
    return {"data": data, "layout": layout(theme, time_axis(lesson, _), value_axis("L", values, log=log))}


def distance_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """How far the checkpoints are from where they are drawn (solid), and from the centre of the picture (dotted); the arguments are those of `loss_figure`."""
    lesson, look = survey.lesson, looks(theme)
    data, values = [], []
    for relief, track in tracks_of(survey):
        run = lesson.runs[track.run]
        x = run.record.at * scale(lesson, run)
        centre, plane = _("from the centre"), _("from the plane")
        away = _lengths(run.record.w - relief.plane.centre)
        name, label = f"centre:{track.run}", f"{run.label} · {centre}"
        data.append(line(track.run, name, x, away, look[track.run], label, "‖w − c‖", dash="dot", width=1.6, opacity=0.6))
        name, label = f"distance:{track.run}", f"{run.label} · {plane}"
        data.append(marked(track.run, name, x, track.shadow.distance, look[track.run], label, _("distance")))
        values += [away, track.shadow.distance]
    return {"data": data, "layout": layout(theme, time_axis(lesson, _), _distance_axis(_("distance"), values))}


def _lengths(rows: np.ndarray) -> np.ndarray:
    """The length of each row, also where the squares of its numbers overflow; nan where a number is not finite."""
    largest = np.abs(rows).max(axis=1)
    good = np.isfinite(largest) & (largest > 0.0)
    made = np.where(np.isfinite(largest), 0.0, np.nan)
    made[good] = largest[good] * np.linalg.norm(rows[good] / largest[good, None], axis=1)
    return made


def _distance_axis(title: str, values: list[np.ndarray]) -> Layout:
    """From 0, or logarithmic where a path runs so far off that nothing else would be seen; then what rounding leaves of 0 does not count."""
    pooled = np.concatenate(values) if values else np.zeros(0)
    moved = pooled[np.isfinite(pooled) & (pooled > 0.0)]
    if not len(moved) or moved.max() <= FAR * (middle := float(np.median(moved))):
        return full_axis(title, values, log=False, zero=True)
    return full_axis(title, [moved[moved > middle / FAR]], log=True)
