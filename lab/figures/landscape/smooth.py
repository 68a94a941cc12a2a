"""How far a gradient can be trusted along a training: what lies on the way of steps from half to four learning rates along −∇L.

Source: Santurkar, Tsipras, Ilyas, Madry 2018, figure 4; lecture row D13.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.figures.frame import Trace
from lab.figures.landscape.drawing import all_positive, band, marked, panel_axis
from lab.figures.learning.axes import Translate, layout, line, scale, time_axis
from lab.figures.learning.looks import Look, looks
from lab.figures.style import Theme
from lab.lesson_types import Learned
from lab.slice_types import Survey


def range_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """The band between the lowest and the highest loss along −∇L, as a plain Plotly figure.

    Args:
        survey: what to show; with smoothness.
        theme: light or dark.
        _: translates what is written on it.
    """
    data, values = _bands(survey, "loss", "L", theme, _)
    log = survey.lesson.study.axis == "log" and all_positive(values)
    return {"data": data, "layout": layout(theme, time_axis(survey.lesson, _), panel_axis("L", values, log=log))}


def change_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """The band between the smallest and the largest change of the gradient along −∇L; the arguments are those of `range_figure`."""
    data, values = _bands(survey, "change", "‖Δg‖", theme, _)
    return {"data": data, "layout": layout(theme, time_axis(survey.lesson, _), panel_axis("‖Δg‖", values, log=all_positive(values)))}


def beta_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """The effective β-smoothness; the arguments are those of `range_figure`."""
    data = [marked(index, f"beta:{index}", x, survey.smoothness[index].beta, look, run.label, "β") for index, (run, look, x) in enumerate(_runs(survey, theme))]
    values = [trace["y"] for trace in data]
    return {"data": data, "layout": layout(theme, time_axis(survey.lesson, _), panel_axis("β", values, log=all_positive(values)))}


def _bands(survey: Survey, name: str, symbol: str, theme: Theme, _: Translate) -> tuple[list[Trace], list[np.ndarray]]:
    """Of each training the band between the lowest and the highest of some numbers at a point, its edges, and their values. A row that holds a number that is
    not finite has no band, nor has a point from which no step leads anywhere."""
    bands, edges, values = [], [], []
    lowest, highest = _("lowest"), _("highest")
    for index, (run, look, x) in enumerate(_runs(survey, theme)):
        found = survey.smoothness[index]
        rows = np.where(np.isnan(found.beta)[:, None], np.nan, getattr(found, name))  # where η or g is 0 no step leads anywhere
        low, high = (np.where(np.isfinite(edge), edge, np.nan) for edge in (rows.min(axis=1), rows.max(axis=1)))
        bands.append(band(index, f"band:{index}", x, low, high, look))
        edges.append(line(index, f"low:{index}", x, low, look, f"{run.label} · {lowest}", symbol, width=1.0))
        edges.append(marked(index, f"high:{index}", x, high, look, f"{run.label} · {highest}", symbol, width=1.4))
        values += [low, high]
    return bands + edges, values


def _runs(survey: Survey, theme: Theme) -> list[tuple[Learned, Look, np.ndarray]]:
    """The trainings whose smoothness is there, their looks, and where its points stand on the axis of time."""
    lesson = survey.lesson
    runs = zip(lesson.runs, looks(theme), survey.smoothness, strict=False)
    return [(run, look, found.at * scale(lesson, run)) for run, look, found in runs]
