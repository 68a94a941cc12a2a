"""The length of the gradient, before and after clipping."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.figures import frame
from lab.figures.frame import Trace
from lab.figures.numbers import number_text
from lab.figures.style import PALETTES, Palette, RunStyle, Theme, short_labels, styles
from lab.plane import drawn_points

if TYPE_CHECKING:
    from lab.compute import Picture

DECADES = 16


def norm_figure(picture: Picture, theme: Theme, _: Callable[[str], str]) -> dict[str, Any]:
    """‖g‖ of every step on a logarithmic axis, as a plain Plotly figure.

    What the optimizer was given is drawn bold; where a run is clipped, the gradient as it was is thin beside it, and the
    longest that clipping leaves a dashed line: c by norm, c√n by value.

    Args:
        picture: what to show.
        theme: light or dark.
        _: translates what is written on it.
    """
    experiment, palette = picture.experiment, PALETTES[theme]
    looks, shorts = styles(experiment.runs, theme, _), short_labels(experiment.runs, _)
    shown = [index for index, run in enumerate(experiment.runs) if not run.hidden]
    given = {index: lengths(picture.paths[index].step.grad) for index in shown}
    raw = {index: lengths(picture.paths[index].raw_grad) for index in shown if experiment.runs[index].clip is not None}
    thresholds = sorted({experiment.runs[index].clip.longest(picture.paths[index].w.shape[1]) for index in raw})
    low, high = frame.whole_decades([*(_seen(picture, index, length) for index, length in [*given.items(), *raw.items()]), np.array(thresholds)], DECADES)
    layout = frame.layout(theme)
    layout["showlegend"] = False
    layout["margin"] = {"l": 58, "r": 18, "t": 10, "b": 40}
    layout |= {"xaxis": frame.steps(experiment.n_steps), "yaxis": frame.axis("‖g‖", type="log", range=[low, high], **frame.decades(low, high))}
    before = _("before clipping")
    return {
        "data": [
            *(_threshold(value, experiment.n_steps, palette, _) for value in thresholds),
            *(_raw(index, length, looks[index], f"{looks[index].label} · {before}") for index, length in raw.items()),
            *(frame.line(index, length, looks[index], shorts[index], "‖g‖") for index, length in given.items()),
        ],
        "layout": layout,
    }


def _seen(picture: Picture, index: int, length: np.ndarray) -> np.ndarray:
    """The steps that decide the axis: those that begin inside the view. What a run meets out there may be hundreds of decades longer."""
    inside: np.ndarray = length[picture.experiment.surface.domain.contains(drawn_points(picture.paths[index])[:-1])]
    return inside


def lengths(gradients: np.ndarray) -> np.ndarray:
    """‖g‖ of each row, `(T,)`; nan where a logarithm has nothing to show."""
    with np.errstate(over="ignore", invalid="ignore"):
        length = np.hypot.reduce(gradients, axis=1)
    return np.where(np.isfinite(length) & (length > 0), length, np.nan)


def _raw(index: int, length: np.ndarray, look: RunStyle, label: str) -> Trace:
    return {
        "type": "scatter", "name": f"raw:{index}", "x0": 0, "dx": 1, "y": length, "mode": "lines", "opacity": 0.6,
        "line": {"color": look.color, "width": 1.1}, "hovertext": label, "hovertemplate": frame.hover(label, "‖g‖"),
    }  # fmt: skip


def _threshold(value: float, n_steps: int, palette: Palette, _: Callable[[str], str]) -> Trace:
    label = _("longest after clipping") + " " + number_text(value)
    return {
        "type": "scatter", "name": f"threshold:{value!r}", "x": [0, n_steps], "y": [value, value], "mode": "lines",
        "line": {"color": palette.text, "width": 1, "dash": "dash"}, "opacity": 0.6, "hovertext": label, "hovertemplate": f"{label}<extra></extra>",
    }  # fmt: skip
