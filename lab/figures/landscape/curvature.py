"""The curvature of the loss along a training: leading eigenvalues of the Hessian against the limit of stability, its trace, where the gradient points.

Source: Cohen, Kaur, Li, Kolter, Talwalkar 2021 (edge of stability); Gur-Ari, Roberts, Dyer 2018 (the gradient in a small subspace); lecture rows A15, D13.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lab.figures.frame import Trace
from lab.figures.landscape.drawing import all_positive, band, full_axis, marked, panel_axis
from lab.figures.learning.axes import Translate, layout, line, scale, share_axis, time_axis
from lab.figures.learning.looks import Look, looks
from lab.figures.style import Theme
from lab.lesson_types import Learned
from lab.slice_types import Survey

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def sharpness_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """λ₁ strong, the other leading eigenvalues faint, and dashed the sharpness above which a step is unstable, as a plain Plotly figure.

    Args:
        survey: what to show; with curvatures.
        theme: light or dark.
        _: translates what is written on it.
    """
    data, values, limits = [], [], []
    for index, (run, look, x) in enumerate(_runs(survey, theme)):
        leading = survey.curvatures[index].leading
        for order in range(leading.shape[1])[::-1]:
            name, symbol, y = f"lambda{order + 1}:{index}", "λ" + str(order + 1).translate(_SUBSCRIPTS), leading[:, order]
            draw, weight = (marked, {}) if order == 0 else (line, {"width": 1.0, "opacity": 0.45})
            data.append(draw(index, name, x, y, look, run.label, symbol, **weight))
            values.append(y)
        if index < len(survey.limits) and (limit := survey.limits[index]) is not None:
            words = _limit_words(run, survey.curvatures[index].at, limit, _)
            data.append(line(index, f"limit:{index}", x, limit, look, f"{run.label} · {words}", "λ", dash="dash", width=1.4))
            values.append(limit)
            limits.append((x, limit, words, look))
    log = all_positive(values)
    made = layout(theme, time_axis(survey.lesson, _), panel_axis("λ", values, log=log))
    made["annotations"] = _limit_notes(limits, log)
    return {"data": data, "layout": made}


def trace_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """The trace of the Hessian, with a band of one standard error on both sides; the arguments are those of `sharpness_figure`."""
    bands, lines, values = [], [], []
    for index, (run, look, x) in enumerate(_runs(survey, theme)):
        trace, error = survey.curvatures[index].trace, survey.curvatures[index].trace_error
        bands.append(band(index, f"error:{index}", x, trace - error, trace + error, look))
        lines.append(marked(index, f"trace:{index}", x, trace, look, run.label, "tr H"))
        values += [trace - error, trace + error]
    return {"data": bands + lines, "layout": layout(theme, time_axis(survey.lesson, _), panel_axis("tr H", values, log=all_positive(values)))}


def alignment_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """The share of the gradient in the span of the leading eigenvectors; the arguments are those of `sharpness_figure`."""
    found = [
        marked(index, f"alignment:{index}", x, survey.curvatures[index].alignment, look, run.label, _("share"))
        for index, (run, look, x) in enumerate(_runs(survey, theme))
    ]
    return {"data": found, "layout": layout(theme, time_axis(survey.lesson, _), share_axis(_("share"), [trace["y"] for trace in found]))}


def condition_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """λ₁ by the smallest positive eigenvalue, where the whole spectrum is known; the arguments are those of `sharpness_figure`."""
    found = [
        _points(index, f"condition:{index}", x, survey.curvatures[index].condition, look, run.label, "κ")
        for index, (run, look, x) in enumerate(_runs(survey, theme))
    ]
    values = [trace["y"] for trace in found]
    return {"data": found, "layout": layout(theme, time_axis(survey.lesson, _), full_axis("κ", values, log=all_positive(values), zero=True))}


def negative_figure(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """How many eigenvalues are negative, where the whole spectrum is known; the arguments are those of `sharpness_figure`."""
    found = [
        _points(index, f"negative:{index}", x, survey.curvatures[index].negative, look, run.label, _("number"))
        for index, (run, look, x) in enumerate(_runs(survey, theme))
    ]
    values = [trace["y"] for trace in found]
    return {"data": found, "layout": layout(theme, time_axis(survey.lesson, _), full_axis(_("number"), values, log=False, zero=True))}


def known(survey: Survey, name: str) -> bool:
    """Whether one of the numbers of `Curvature`, such as its `condition`, is known at any point of any training."""
    return any(np.isfinite(getattr(found, name)).any() for found in survey.curvatures)


def _runs(survey: Survey, theme: Theme) -> list[tuple[Learned, Look, np.ndarray]]:
    """The trainings whose curvature is there, their looks, and where its points stand on the axis of time."""
    lesson = survey.lesson
    runs = zip(lesson.runs, looks(theme), survey.curvatures, strict=False)
    return [(run, look, found.at * scale(lesson, run)) for run, look, found in runs]


def _points(index: int, name: str, x: np.ndarray, y: np.ndarray, look: Look, label: str, symbol: str) -> Trace:
    """Points without a line between them: it is known here and there only."""
    made = marked(index, name, x, y, look, label, symbol)
    return made | {"mode": "markers", "marker": {**made["marker"], "maxdisplayed": 0}}


def _limit_words(run: Learned, at: np.ndarray, limit: np.ndarray, _: Translate) -> str:
    """What the limit is called: 2/η where it is that."""
    rates = run.record.lr[np.minimum(at, run.record.n_steps - 1)]
    moves = rates > 0.0  # a warm-up begins at η = 0, where nothing is unstable
    return "2/η" if np.allclose(limit[moves] * rates[moves], 2.0, rtol=1e-9) else _("limit of stability")


def _limit_notes(limits: list[tuple[np.ndarray, np.ndarray, str, Look]], log: bool) -> list[dict[str, Any]]:
    """A word at the right end of each limit; one for those that are the same."""
    notes: dict[float, dict[str, Any]] = {}
    for x, limit, words, look in limits:
        good = np.flatnonzero(np.isfinite(limit))
        if not len(good) or (value := float(limit[good[-1]])) in notes:
            continue
        notes[value] = {
            "x": float(x[good[-1]]), "y": math.log10(value) if log else value, "text": words, "showarrow": False, "xanchor": "right", "yanchor": "bottom",
            "font": {"size": 12, "color": look.color},
        }  # fmt: skip
    return list(notes.values())
