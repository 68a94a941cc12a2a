"""Basins of attraction: which minimum every start leads to, one map for each run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.boards import DIVERGED, Board
from lab.charts import position
from lab.figures import frame
from lab.figures.atlas import Side, apart_trace, crosses, mark, present, side_axis, spaced
from lab.figures.frame import Trace
from lab.figures.style import PALETTES, Palette, Theme, short_labels, styles

if TYPE_CHECKING:
    from lab.experiment import Experiment

BASINS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c6bb1", "#b8a200", "#666666", "#00a3a3")
"""Hues of the minima, told apart by colour-blind readers as far as ten hues can be; the tenth is followed by the first."""

NUMBERED = 12
"""With more minima than these, the stars have no numbers."""


def basins_figure(boards: Sequence[Board], experiment: Experiment, sides: tuple[Side, Side], theme: Theme, _: Callable[[str], str]) -> Any:
    """Which minimum every start leads to, one map for each run, as a plain Plotly figure. Brightness is speed: the palest was there last.

    Args:
        boards: one a run.
        experiment, sides, theme, _: as in `plane_figure`.
    """
    palette = PALETTES[theme]
    columns = math.ceil(math.sqrt(len(boards)))
    rows = math.ceil(len(boards) / columns)
    data: list[Trace] = []
    layout = frame.layout(theme) | {"annotations": [], "showlegend": False}
    layout["margin"] = {"l": 52, "r": 10, "t": 26, "b": 44}
    labels, looks = short_labels(experiment.runs, _), styles(experiment.runs, theme, _)
    for number, board in enumerate(boards):
        row, column = divmod(number, columns)
        tail = "" if number == 0 else str(number + 1)
        left, top = column / columns, 1.0 - row / rows
        spans = {
            "xaxis": [left + (0.03 if column else 0.0), left + 1 / columns - 0.02],
            "yaxis": [top - 1 / rows + (0.05 if row + 1 < rows else 0.0), top - 0.05],
        }
        for letter, side in (("x", sides[0]), ("y", sides[1])):
            outer = row + 1 == rows or number + columns >= len(boards) if letter == "x" else column == 0
            layout[f"{letter}axis{tail}"] = side_axis(side, _, outer) | {"domain": spans[f"{letter}axis"], "anchor": f"{'y' if letter == 'x' else 'x'}{tail}"}
        axes = {"xaxis": f"x{tail}", "yaxis": f"y{tail}"}
        data += [trace | axes for trace in _basin_cells(board, theme)]
        data.append(crosses(board, theme, axes["xaxis"], axes["yaxis"], _))
        data += [trace | axes for trace in _stars(board, sides, palette)]
        at = present(experiment, experiment.runs[board.run], sides)
        data.append(mark(_("present"), at, "circle-open", 14, palette.text) | axes | {"showlegend": False, "meta": "present"})
        name = {"text": labels[board.run], "font": {"size": 13, "color": looks[board.run].color, "weight": 600}}
        place = {"x": sum(spans["xaxis"]) / 2, "y": spans["yaxis"][1], "xref": "paper", "yref": "paper", "xanchor": "center", "yanchor": "bottom"}
        layout["annotations"].append({**name, **place, "showarrow": False})
    return {"data": data, "layout": layout}


def _stars(board: Board, sides: tuple[Side, Side], palette: Palette) -> list[Trace]:
    """The minima with their numbers; none where a side is no coordinate."""
    if board.minima.shape[1] != 2:
        return []
    stars = np.stack([position(declared, axis, board.minima[:, i]) for i, (axis, declared) in enumerate(sides)], axis=1)
    seen = np.flatnonzero(((stars >= 0) & (stars <= 1)).all(axis=1))
    marker = {"symbol": "star", "size": 10, "color": palette.text, "line": {"width": 1, "color": palette.background}}
    trace = {
        "type": "scatter", "name": "minima", "x": stars[seen, 0], "y": stars[seen, 1], "mode": "markers+text" if len(seen) <= NUMBERED else "markers",
        "text": [str(index + 1) for index in seen], "textposition": "top right", "textfont": {"color": palette.text, "size": 12}, "marker": marker,
        "showlegend": False, "hoverinfo": "skip",
    }  # fmt: skip
    return [trace]


def _basin_cells(board: Board, theme: Theme) -> list[Trace]:
    """z = hue + shade: the whole part is the minimum's hue, the rest how soon the run was there."""
    basin, settled, status = board.basins, board.outcome.settled.astype(float), board.verdict
    at = basin >= 0
    span = np.log1p(settled[at]) if at.any() else np.zeros(1)
    low, high = float(span.min()), max(float(span.max()), float(span.min()) + 1e-9)
    soon = 1.0 - (np.log1p(np.maximum(settled, 0.0)) - low) / (high - low)
    z = np.where(at, basin % len(BASINS) + 0.02 + 0.96 * np.clip(soon, 0.0, 1.0), np.nan)
    background = PALETTES[theme].background
    scale: list[list[Any]] = []
    for index, color in enumerate(BASINS):
        scale += [[index / len(BASINS), _mixed(color, background, 0.75)], [(index + 1) / len(BASINS), color]]
    apart = np.where(at, np.nan, np.where(status == DIVERGED, 1.0, 0.0))
    shades = {"zmin": 0.0, "zmax": float(len(BASINS)), "colorscale": scale, "showscale": False}
    return [
        {"type": "heatmap", "name": "values", "z": z.astype(np.float32), **spaced(z), **shades, "hoverinfo": "none", "zsmooth": False},
        apart_trace(apart, theme),
    ]


def _mixed(color: str, other: str, share: float) -> str:
    parts = zip((color[1:3], color[3:5], color[5:7]), (other[1:3], other[3:5], other[5:7]), strict=True)
    return "#" + "".join(f"{round(int(one, 16) * (1 - share) + int(two, 16) * share):02x}" for one, two in parts)
