"""The map over two hyper-parameters: one cell a run, its colour what became of it.

The sides run from 0 to 1 as evenly as the sliders do, with the hyper-parameters' own values as ticks. What diverged and what did not get there have colours
of their own, and marks, beside the scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lab.boards import DIVERGED, NOT_YET, Board
from lab.charts import Axis, Show, position, ticks
from lab.figures import frame
from lab.figures.frame import Trace
from lab.figures.numbers import number_text
from lab.figures.style import PALETTES, Theme, unicode_symbol
from optim_core.hyper import N_, Hyper

if TYPE_CHECKING:
    from lab.atlas import Predicted
    from lab.experiment import Experiment

Side = tuple[Axis, Hyper]
TITLES: dict[Show, str] = {
    "steps": N_("steps to L − L* ≤ τ"),
    "loss": N_("last L − L*"),
    "distance": N_("distance to the nearest minimum"),
    "rate": N_("mean factor a step"),
}
MARKS = 16
"""Marks a side on what diverged."""
APART: dict[Theme, dict[int, str]] = {"light": {NOT_YET: "#d5d8de", DIVERGED: "#f6d4c8"}, "dark": {NOT_YET: "#333a45", DIVERGED: "#4d2a24"}}
CROSS: dict[Theme, str] = {"light": "#b4543a", "dark": "#d98a72"}


def plane_figure(board: Board, experiment: Experiment, sides: tuple[Side, Side], theory: Predicted | None, theme: Theme, _: Callable[[str], str]) -> Any:
    """The map over two hyper-parameters, as a plain Plotly figure, with the present values, the best cell and what theory says.

    Args:
        board: what was computed.
        experiment: with a chart.
        sides: its two sides with their declarations.
        theory: boundary and optimum, or None.
        theme: light or dark.
        _: translates what is written.
    """
    palette, show = PALETTES[theme], experiment.chart.show if experiment.chart else "steps"
    values = board.shown(show)
    x, y = sides
    data = [*_cells(values, board, show, theme, _), crosses(board, theme, "x", "y", _)]
    if theory is not None:
        line = {"x": theory.boundary[:, 0], "y": theory.boundary[:, 1], "mode": "lines", "line": {"color": palette.text, "width": 1.8, "dash": "dash"}}
        data.append({"type": "scatter", "name": _("theory: bound"), **line, "hoverinfo": "skip", "showlegend": True})
        if theory.best is not None:
            data.append(mark(_("theory: fastest"), theory.best, "diamond-open", 13, palette.text))
    if (best := board.best) is not None:
        data.append(mark(_("best cell"), _centre(best, board.cells), "star", 13, palette.text, palette.background))
    run = experiment.runs[board.run]
    data.append(mark(_("present"), present(experiment, run, sides), "circle-open", 16, palette.text) | {"meta": "present"})
    layout = frame.layout(theme) | {"xaxis": side_axis(x, _), "yaxis": side_axis(y, _)}
    layout["margin"] = {"l": 62, "r": 8, "t": 10, "b": 48}
    return {"data": data, "layout": layout}


def present(experiment: Experiment, run: Any, sides: tuple[Side, Side]) -> np.ndarray:
    """Where the values that a run has at present lie on the sides of a map, `(2,)`, from 0 to 1 or outside."""
    return np.array([float(position(declared, axis, np.array([value_of(experiment, run, axis.name)]))[0]) for axis, declared in sides])


def value_of(experiment: Experiment, run: Any, name: str) -> float:
    """What a side of the map has at present."""
    if name == "lr":
        return float(run.lr)
    return float(experiment.start[int(name[1]) - 1]) if name in ("w1", "w2") else float(getattr(run.optimizer, name))


def side_axis(side: Side, _: Callable[[str], str], written: bool = True) -> dict[str, Any]:
    """One side of a map: the hyper-parameter's symbol and name, its own values as ticks."""
    axis, declared = side
    at, texts = ticks(declared, axis)
    title = f"{unicode_symbol(declared.symbol)}" + ("" if axis.name in ("w1", "w2") else f" · {_(declared.title)}")
    shown = {"tickmode": "array", "tickvals": at, "ticktext": texts, "showticklabels": written}
    return frame.axis(title if written else "", range=[0, 1], **shown) | {"fixedrange": True}


Scaling = Literal["linear", "log", "signed"]


def scaling(show: Show, board: Board) -> Scaling:
    """How the scale runs: in powers of ten; or where a loss has no lowest minimum to measure from, by sign(L) log₁₀(1 + |L|); a factor as it is."""
    if show == "rate":
        return "linear"
    return "signed" if show == "loss" and np.isnan(board.goal.loss) else "log"


def spaced(cells: np.ndarray) -> dict[str, Any]:
    """Where the cells of a heatmap lie, between 0 and 1."""
    rows, columns = cells.shape
    return {"x0": 0.5 / columns, "dx": 1 / columns, "y0": 0.5 / rows, "dy": 1 / rows}


def _cells(values: np.ndarray, board: Board, show: Show, theme: Theme, _: Callable[[str], str]) -> list[Trace]:
    """What has a value, in the colours of the scale, and what has none, in colours of its own."""
    scale_of = scaling(show, board)
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale_of == "signed":
            z = np.sign(values) * np.log10(1.0 + np.abs(values))
        else:
            z = np.log10(np.maximum(values, 1.0) if show == "steps" else values) if scale_of == "log" else values
    finite = np.isfinite(z)
    seen = z[finite]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    z = np.where(finite, z, np.where(np.isfinite(values), low, np.nan))  # exactly at the minimum: a logarithm has no place for it but the end of the scale
    if show == "rate":
        low, high = min(low, 0.9), 1.0
    high = high if high > low else low + 1.0
    bar = {
        "thickness": 12,
        "outlinewidth": 0,
        "title": {"text": _("last L") if scale_of == "signed" else _(TITLES[show]), "side": "right", "font": {"size": 13}},
        "tickfont": {"size": 12},
        "len": 1.0,
    }
    bar |= {} if scale_of == "linear" else (_bar_ticks if scale_of == "log" else _signed_ticks)(low, high)
    status = board.verdict
    apart = np.where(status == DIVERGED, 1.0, np.where((status == NOT_YET) & ~np.isfinite(z), 0.0, np.nan))
    scale = {"zmin": low, "zmax": high, "colorscale": "Viridis", "reversescale": True, "colorbar": bar, "showscale": bool(np.isfinite(z).any())}
    return [
        {"type": "heatmap", "name": "values", "z": z.astype(np.float32), **spaced(z), **scale, "hoverinfo": "none", "zsmooth": False},
        apart_trace(apart, theme),
    ]


def _signed_ticks(low: float, high: float) -> dict[str, Any]:
    """0 and powers of ten on both sides of it."""
    most = math.ceil(max(abs(low), abs(high)))
    every = max(1, most // 5)
    powers = [10.0**order for order in range(0 if every == 1 else every, most + 1, every)]
    values = np.array([-power for power in reversed(powers)] + [0.0, *powers])
    at = np.sign(values) * np.log10(1.0 + np.abs(values))
    inside = (at >= low) & (at <= high)
    return {"tickmode": "array", "tickvals": at[inside].tolist(), "ticktext": [number_text(value, 3) for value in values[inside]]}


def apart_trace(apart: np.ndarray, theme: Theme) -> Trace:
    """The cells that have no place on the scale: 0 did not get there, 1 diverged, nan has one."""
    quiet, gone = APART[theme][NOT_YET], APART[theme][DIVERGED]
    return {
        "type": "heatmap", "name": "apart", "z": apart.astype(np.float32), **spaced(apart), "zmin": 0.0, "zmax": 1.0, "showscale": False, "zsmooth": False,
        "colorscale": [[0.0, quiet], [0.5, quiet], [0.5, gone], [1.0, gone]], "hoverinfo": "none",
    }  # fmt: skip


def _bar_ticks(low: float, high: float) -> dict[str, Any]:
    """Round numbers on a logarithmic scale."""
    steps = (1, 2, 5) if high - low < 3 else (1,)
    every = max(1, math.ceil((high - low) / 8)) if len(steps) == 1 else 1
    values = [math.log10(step) + order for order in range(math.floor(low), math.ceil(high) + 1) for step in steps if order % every == 0]
    inside = [value for value in values if low - 1e-9 <= value <= high + 1e-9] or [low, high]
    return {"tickmode": "array", "tickvals": inside, "ticktext": [number_text(10.0**value, 3) for value in inside]}


def crosses(board: Board, theme: Theme, xaxis: str, yaxis: str, _: Callable[[str], str]) -> Trace:
    """Small crosses on what diverged: its colour is not its only sign."""
    rows, columns = board.verdict.shape
    picked_rows, picked_columns = (np.unique(np.linspace(0, count - 1, min(count, MARKS)).round().astype(int)) for count in (rows, columns))
    gone = (board.verdict == DIVERGED)[np.ix_(picked_rows, picked_columns)]
    if board.goal.minima is not None:  # at a minimum it has a hue, however high that is
        gone &= board.basins[np.ix_(picked_rows, picked_columns)] < 0
    row, column = np.nonzero(gone)
    return {
        "type": "scatter", "name": _("diverged"), "x": (picked_columns[column] + 0.5) / columns, "y": (picked_rows[row] + 0.5) / rows, "mode": "markers",
        "marker": {"symbol": "x-thin", "size": 5, "line": {"width": 1, "color": CROSS[theme]}, "color": CROSS[theme]}, "hoverinfo": "skip",
        "showlegend": bool((board.verdict == DIVERGED).any()), "xaxis": xaxis, "yaxis": yaxis,
    }  # fmt: skip


def mark(name: str, at: np.ndarray, symbol: str, size: float, color: str, edge: str | None = None) -> Trace:
    """A single mark with its name in the legend."""
    line = {"width": 1.2, "color": edge} if edge else {"width": 2.2}
    return {
        "type": "scatter", "name": name, "x": [float(at[0])], "y": [float(at[1])], "mode": "markers", "cliponaxis": True, "hoverinfo": "skip",
        "marker": {"symbol": symbol, "size": size, "color": color, "line": line}, "showlegend": True,
    }  # fmt: skip


def _centre(cell: tuple[int, int], cells: int) -> np.ndarray:
    row, column = cell
    return np.array([column + 0.5, row + 0.5]) / cells
