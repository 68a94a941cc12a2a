"""The loss along lines through weights, all trainings over each other: solid of the objects to learn from, dashed of those to be judged by."""

from __future__ import annotations

from typing import Any

from lab.figures import frame
from lab.figures.frame import Layout
from lab.figures.landscape.drawing import all_positive, full_axis, is_share, letter, marked, vertical
from lab.figures.learning.axes import Translate, layout, share_axis
from lab.figures.learning.looks import looks
from lab.figures.style import PALETTES, Palette, Theme
from lab.slice_types import LINES, Line, Survey


def line_figures(survey: Survey, theme: Theme, _: Translate) -> list[tuple[str, str, dict[str, Any]]]:
    """One figure a kind of line that is there, in the order of `LINES`.

    Args:
        survey: what to show.
        theme: light or dark.
        _: translates what is written on it.

    Returns:
        Name, translated title and plain Plotly figure of each. They show the accuracy where the landscape does, else the loss.
    """
    made = []
    for kind, title in LINES.items():
        if lines := [line for line in survey.lines if line.kind == kind]:
            made.append((f"line_{kind}", _(title), _figure(survey, lines, theme, _)))
    return made


def _figure(survey: Survey, lines: list[Line], theme: Theme, _: Translate) -> dict[str, Any]:
    share, look, palette = is_share(survey.cut.part), looks(theme), PALETTES[theme]
    symbol = _("accuracy") if share else "L"
    data, values = [], []
    for line in lines:
        train, valid = (line.heights.accuracy, line.heights.valid_accuracy) if share else (line.heights.loss, line.heights.valid_loss)
        label = survey.lesson.runs[line.run].label
        for name, y, dash, words in (("train", train, "solid", _("training")), ("valid", valid, "dash", _("validation"))):
            data.append(marked(line.run, f"{name}:{line.run}", line.x, y, look[line.run], f"{label} · {words}", symbol, dash=dash))
            values.append(y)
    log = survey.lesson.study.axis == "log" and all_positive(values)
    y_axis = share_axis(symbol, values) if share else full_axis(symbol, values, log=log)
    made = layout(theme, _place_axis(lines, _), y_axis)
    points = _points(survey, lines, _)
    made["shapes"] = [vertical(at, palette.muted) for at in points]
    made["annotations"] = [_word(at, text, palette) for at, text in points.items() if text]
    return {"data": data, "layout": made}


def _place_axis(lines: list[Line], _: Translate) -> Layout:
    ends = [float(min(line.x[0] for line in lines)), float(max(line.x[-1] for line in lines))]
    titles = {"first": "a₁", "second": "a₂", "gradient": _("distance")}
    return frame.axis(titles.get(lines[0].kind, _("share of the way")), range=ends, nticks=6)


def _points(survey: Survey, lines: list[Line], _: Translate) -> dict[float, str]:
    """Where weights that a training had lie on a line, and what they are called."""
    if lines[0].kind == "training":
        return {0.0: _("first"), 1.0: _("last")}
    if lines[0].kind == "between":
        return {0.0: letter(survey, 0), 1.0: ", ".join(letter(survey, line.run) for line in lines)}
    return {0.0: ""}


def _word(at: float, text: str, palette: Palette) -> dict[str, Any]:
    return {
        "x": at, "y": 1, "xref": "x", "yref": "paper", "text": text, "showarrow": False, "xanchor": "left", "yanchor": "top", "xshift": 3,
        "font": {"size": 12, "color": palette.text, "shadow": ", ".join([f"0 0 2px {palette.background}"] * 3)},
    }  # fmt: skip
