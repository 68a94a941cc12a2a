"""The loss surface in space, and the paths just above it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.figures import frame, geometry
from lab.figures.frame import Trace
from lab.figures.grid import Grid, grid_of
from lab.figures.map import DOTS, quiet_minima
from lab.figures.numbers import decade
from lab.figures.style import PALETTES, Palette, RunStyle, Theme, short_labels, styles

if TYPE_CHECKING:
    from lab.compute import Picture

LIFT = 0.03
"""How far above the surface the paths run, as a share of its height."""
SYMBOLS = {"square": "square", "diamond": "diamond"}
"""Plotly knows few shapes in space; the others are circles there. Its dashes have no fixed length there, so all lines are solid."""


def space_figure(picture: Picture, theme: Theme, _: Callable[[str], str]) -> dict[str, Any]:
    """The heights of the map as a surface in space, as a plain Plotly figure.

    Paths follow the surface between their points, as on the map, and end at the border of the view. The trace "cursor" has one point a visible run.

    Args:
        picture: what to show.
        theme: light or dark.
        _: translates what is written on it.
    """
    experiment, palette = picture.experiment, PALETTES[theme]
    domain, levels = experiment.surface.domain, experiment.surface.levels
    grid = grid_of(picture.landscape, levels)
    looks, shorts = styles(experiment.runs, theme, _), short_labels(experiment.runs, _)
    visible = [index for index, run in enumerate(experiment.runs) if not run.hidden]
    data = [surface_trace(grid, palette)]
    for index in visible:
        record, stop, look = picture.paths[index], picture.readings[index].stop, looks[index]
        line = geometry.drawn(record.w if stop is None else record.w[: stop + 1], domain, thin=False)
        data += _path(line, grid, index, look, shorts[index])
        if line.exit is not None:
            data.append(points_trace(f"exit:{index}", line.exit.border[None], grid, {"color": look.color, "symbol": "square", "size": 6}))
        elif stop is not None and stop < record.n_steps:
            data.append(laid(f"tail:{index}", until_border(geometry.drawn(record.w[stop:], domain)), grid, palette.muted))
    inside = picture.landscape.minima[domain.contains(picture.landscape.minima)]
    size, color = quiet_minima(len(inside), 4, 2, palette)
    data.append(points_trace("minima", inside, grid, {"color": color, "symbol": "diamond", "size": size, "opacity": 1}))
    data.append(points_trace("start", np.array([experiment.start]), grid, {"color": palette.text, "symbol": "circle-open", "size": 9}))
    nowhere = np.full(len(visible), np.nan)
    cursor = {"color": [looks[index].color for index in visible], "size": 7, "line": {"color": palette.background, "width": 1}}
    data.append(mark_trace("cursor", nowhere, nowhere, nowhere, cursor))
    layout = frame.layout(theme)
    layout["margin"] = {"l": 0, "r": 0, "t": 0, "b": 0}
    height = "L − L*" if picture.landscape.floor and levels.log else "L"
    if levels.log:
        height += " (" + _("log") + ")"
    layout["scene"] = {
        "xaxis": scene_axis("w₁", palette, range=list(domain.w1)),
        "yaxis": scene_axis("w₂", palette, range=list(domain.w2)),
        "zaxis": scene_axis(height, palette, **_decades(grid)),
        "aspectmode": "manual", "aspectratio": {"x": 1.25, "y": 1.0, "z": 0.5}, "dragmode": "turntable",
        "camera": {"eye": {"x": -0.62, "y": -1.02, "z": 1.55}, "center": {"x": 0.02, "y": 0.0, "z": -0.2}}, "uirevision": "descent",
    }  # fmt: skip
    return {"data": data, "layout": layout}


def height_at(grid: Grid, w: np.ndarray) -> np.ndarray:
    """The surface as drawn at the points `w`, `(m, 2)`: the higher of the two ways to cut a cell into triangles, so that no path sinks in."""
    columns, rows = len(grid.w1) - 1, len(grid.w2) - 1
    u = np.clip((w[:, 0] - grid.w1[0]) / (grid.w1[-1] - grid.w1[0]), 0, 1) * columns
    v = np.clip((w[:, 1] - grid.w2[0]) / (grid.w2[-1] - grid.w2[0]), 0, 1) * rows
    i, j = np.minimum(u.astype(int), columns - 1), np.minimum(v.astype(int), rows - 1)
    a, b = u - i, v - j
    z00, z10, z01, z11 = (grid.bowl[j + up, i + right] for up, right in ((0, 0), (0, 1), (1, 0), (1, 1)))
    rising = np.where(a >= b, z00 + a * (z10 - z00) + b * (z11 - z10), z00 + b * (z01 - z00) + a * (z11 - z01))
    falling = np.where(a + b <= 1, z00 + a * (z10 - z00) + b * (z01 - z00), z11 + (1 - a) * (z01 - z11) + (1 - b) * (z10 - z11))
    result: np.ndarray = np.maximum(rising, falling)
    return result


def surface_trace(grid: Grid, palette: Palette) -> Trace:
    """The heights as a surface with level lines; heights that are not numbers are gaps."""
    low, middle, high = palette.surface
    return {
        "type": "surface", "name": "surface", "x": grid.w1, "y": grid.w2, "z": grid.bowl, "showscale": False, "hoverinfo": "skip",
        "colorscale": [[0, low], [0.5, middle], [1, high]], "cmin": grid.start - grid.size, "cmax": grid.end + grid.size, "showlegend": False,
        "contours": {
            "x": {"highlight": False}, "y": {"highlight": False},
            "z": {"show": True, "start": grid.start, "end": grid.end, "size": grid.size, "color": palette.hairline, "width": 1, "highlight": False},
        },
        "lighting": {"ambient": 0.82, "diffuse": 0.35, "specular": 0.04, "roughness": 0.9, "fresnel": 0.0},
        "lightposition": {"x": -1000, "y": -2000, "z": 4000},
    }  # fmt: skip


def _path(line: geometry.Drawn, grid: Grid, index: int, look: RunStyle, short: str) -> list[Trace]:
    """A path: the line laid on the surface, and its points, one a step, which the player follows."""
    w = until_border(line)
    dots = {"color": look.color, "symbol": SYMBOLS.get(look.marker, "circle"), "size": 3.5, "opacity": 1 if len(w) <= DOTS else 0}
    steps = mark_trace(short, w[:, 0], w[:, 1], height_at(grid, w) + LIFT * (grid.end - grid.start), dots)
    steps |= {"meta": {"run": index}, "mode": "lines+markers", "line": {"color": "rgba(0,0,0,0)", "width": 1}}
    return [laid(short, w, grid, look.color) | {"showlegend": True, "hovertext": look.label}, steps]


def until_border(line: geometry.Drawn) -> np.ndarray:
    """The points of a path, the last one moved to the border when it is outside."""
    if line.exit is None or line.last != line.exit.step:
        return line.w
    return np.vstack([line.w[:-1], line.exit.border])


def laid(name: str, w: np.ndarray, grid: Grid, color: str) -> Trace:
    """A line laid on the surface: long steps are cut into pieces, so that they follow it."""
    cell = np.array([grid.w1[1] - grid.w1[0], grid.w2[1] - grid.w2[0]])
    pieces = np.clip(np.ceil(2 * np.abs((w[1:] - w[:-1]) / cell).max(axis=1)), 1, 200).astype(int)
    step = np.repeat(np.arange(len(pieces)), pieces)
    share = (np.arange(len(step)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / np.repeat(pieces, pieces)
    fine = np.vstack([w[step] + share[:, None] * (w[step + 1] - w[step]), w[-1:]])
    z = height_at(grid, fine) + LIFT * (grid.end - grid.start)
    made = mark_trace(name, fine[:, 0], fine[:, 1], z, {"size": 0})
    return made | {"mode": "lines", "line": {"color": color, "width": 5}}


def points_trace(name: str, w: np.ndarray, grid: Grid, marker: dict[str, Any]) -> Trace:
    """Points `w`, `(m, 2)`, above the surface and its paths."""
    return mark_trace(name, w[:, 0], w[:, 1], height_at(grid, w) + 2 * LIFT * (grid.end - grid.start), marker)


def mark_trace(name: str, x: np.ndarray, y: np.ndarray, z: np.ndarray, marker: dict[str, Any]) -> Trace:
    """Points in space, `(m,)` each, with Plotly's `marker`."""
    return {"type": "scatter3d", "name": name, "x": x, "y": y, "z": z, "mode": "markers", "marker": marker, "hoverinfo": "skip", "showlegend": False}


def scene_axis(title: str, palette: Palette, **more: Any) -> dict[str, Any]:
    """An axis of a scene without grid and background; `more` goes into it."""
    return {
        "title": {"text": title}, "showgrid": False, "zeroline": False, "showbackground": False, "showspikes": False, "ticks": "", "nticks": 5,
        "tickfont": {"size": 12}, "showline": True, "linecolor": palette.muted, **more,
    }  # fmt: skip


def _decades(grid: Grid) -> dict[str, Any]:
    """Ticks at powers of ten where the heights are exponents."""
    if grid.least is None:
        return {}
    finite = grid.bowl[np.isfinite(grid.bowl)]
    low, high = (int(np.ceil(finite.min())), int(np.floor(finite.max()))) if len(finite) else (0, 0)
    step = max(1, -(-(high - low + 1) // 5))
    orders = list(range(low, high + 1, step))
    return {"tickmode": "array", "tickvals": orders, "ticktext": [decade(order) for order in orders]}
