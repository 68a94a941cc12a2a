"""The map: level lines, and on them the paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.figures import frame, geometry, places
from lab.figures.fan import clipped_trace, faint_trace
from lab.figures.frame import Trace
from lab.figures.grid import grid_of
from lab.figures.predicted import axes_trace, points_traces
from lab.figures.style import PALETTES, Palette, RunStyle, Theme, short_labels, styles
from lab.plane import drawn_points

if TYPE_CHECKING:
    from lab.compute import Picture
    from lab.ground import Landscape

DOTS = 150
"""As many steps in view as still get a dot each."""
SPARSE = 40
"""Dots of a path with more."""
MANY_MINIMA = 12
"""With more minima than these, all but the lowest are drawn small."""


def map_figure(picture: Picture, theme: Theme, _: Callable[[str], str]) -> dict[str, Any]:
    """Level lines, start, minima and the path of every visible run, as a plain Plotly figure.

    Moving a slider changes only points, texts and annotations: the number of traces, their names and the layout's axes follow the surface and the list of
    runs, so that the browser redraws little.

    Args:
        picture: what to show.
        theme: light or dark.
        _: translates what is written on the map.
    """
    experiment, palette = picture.experiment, PALETTES[theme]
    domain = experiment.surface.domain
    looks, shorts = styles(experiment.runs, theme, _), short_labels(experiment.runs, _)
    visible = [index for index, run in enumerate(experiment.runs) if not run.hidden]
    tails: list[Trace] = []
    paths: list[Trace] = []
    ends: list[places.End] = []
    exits: list[tuple[geometry.Exit, str]] = []
    for index in visible:
        record, stop, look = picture.paths[index], picture.readings[index].stop, looks[index]
        points = drawn_points(record)
        line = geometry.drawn(points if stop is None else points[: stop + 1], domain)
        paths.append(_path(index, line, record.loss, look, shorts[index], domain))
        if experiment.stop != "none":
            first = record.n_steps if stop is None or line.exit is not None else stop
            tails.append(_tail(index, geometry.drawn(points[first:], domain), first, record.loss, look, palette, _))
        if line.exit is not None:
            exits.append((line.exit, look.color))
        if len(line.w):
            ends.append(places.End(line.w[-1], shorts[index], look.color, line.exit is None))
    begin = drawn_points(picture.paths[0])[0]
    marks = [*picture.landscape.stars, begin]
    named = places.place(ends, marks, [path["x"] for path in paths], [path["y"] for path in paths], domain)
    layout = frame.layout(theme)
    names = ("w₁", "w₂") if picture.landscape.w2.size else ("w", "L(w)")
    layout |= {"xaxis": frame.axis(names[0], range=list(domain.w1)), "yaxis": frame.axis(names[1], range=list(domain.w2))}
    layout["annotations"] = [
        *(written(label.w, label.text, label.color, label.side, palette) for label in named),
        *(written(leaves.border, f"t = {leaves.step}", color, beside(leaves, domain), palette) for leaves, color in exits),
    ]
    if not visible:
        centre = np.array([sum(domain.w1) / 2, sum(domain.w2) / 2])
        layout["annotations"].append(written(centre, _("All runs are hidden."), palette.text, (0, 1), palette))
    faint = [faint_trace(index, fan, looks[index]) for index in visible if (fan := picture.fans[index]) is not None]
    cut = [clipped_trace(index, picture.paths[index], looks[index], _) for index in visible if experiment.runs[index].clip is not None]
    data = [
        _contour(picture, palette) if picture.landscape.w2.size else ground_line(picture.landscape, palette),
        *axes_trace(picture, palette),
        *points_traces(picture, palette, _),
        *faint,
        *tails,
        *paths,
        *cut,
        _minima(picture.landscape.stars, palette),
        exits_trace(exits, domain),
        _start(begin, palette),
    ]
    return {"data": data, "layout": layout}


def _contour(picture: Picture, palette: Palette) -> Trace:
    grid = grid_of(picture.landscape, picture.experiment.surface.levels)
    low, middle, high = palette.contour
    return {
        "type": "contour", "name": "contour", "z": grid.z, "autocontour": False,
        "x0": float(grid.w1[0]), "dx": float(grid.w1[1] - grid.w1[0]), "y0": float(grid.w2[0]), "dy": float(grid.w2[1] - grid.w2[0]),
        "contours": {"start": grid.start, "end": grid.end, "size": grid.size, "coloring": "fill", "showlines": True},
        "line": {"color": palette.hairline, "width": 0.8, "smoothing": 1.0},
        "colorscale": [[0, low], [0.5, middle], [1, high]], "showscale": False, "showlegend": False, "hoverinfo": "skip",
    }  # fmt: skip


def ground_line(landscape: Landscape, palette: Palette) -> Trace:
    """The curve of a loss of one parameter: what the level lines are to a surface."""
    return {
        "type": "scatter", "name": "landscape", "x": landscape.w1, "y": landscape.loss, "mode": "lines", "showlegend": False,
        "line": {"color": palette.text, "width": 1.4}, "opacity": 0.55, "hoverinfo": "skip",
    }  # fmt: skip


def _path(index: int, line: geometry.Drawn, loss: np.ndarray, look: RunStyle, short: str, domain: Any) -> Trace:
    told, step = _told(line, loss, 0)
    every = geometry.dots_fit(line.w, domain, DOTS)
    return {
        "type": "scatter", "name": short, "meta": {"run": index}, "x": line.w[:, 0], "y": line.w[:, 1], "mode": "lines+markers",
        "line": {"color": look.color, "width": 2.2, "dash": look.dash},
        "marker": {"color": look.color, "symbol": look.marker, "size": 6, "maxdisplayed": 0 if every else SPARSE},
        "hovertext": look.label, "customdata": told, "hovertemplate": _HOVER.format(label=look.label, step=step),
    }  # fmt: skip


def _tail(index: int, line: geometry.Drawn, first: int, loss: np.ndarray, look: RunStyle, palette: Palette, _: Callable[[str], str]) -> Trace:
    """What would have come after the stop, grey."""
    told, step = _told(line, loss, first)
    late = _("after the stop")
    label = f"{look.label} · {late}"
    return {
        "type": "scatter", "name": f"tail:{index}", "x": line.w[:, 0], "y": line.w[:, 1], "mode": "lines", "opacity": 0.75, "showlegend": False,
        "line": {"color": palette.muted, "width": 1.6, "dash": look.dash},
        "hovertext": label, "customdata": told, "hovertemplate": _HOVER.format(label=label, step=step),
    }  # fmt: skip


_HOVER = "{label}<br>t = {step}<br>w = (%{{x:.4~g}}, %{{y:.4~g}})<extra></extra>"


def _told(line: geometry.Drawn, loss: np.ndarray, first: int) -> tuple[np.ndarray, str]:
    """What hovering tells beside the point: the loss, and the step where its place in the arrays does not give it."""
    if line.t is None and first == 0:
        return loss[: line.last + 1], "%{pointNumber}<br>L = %{customdata:.4~g}"
    t = (np.arange(len(line.w)) if line.t is None else line.t) + first
    return np.column_stack([t, loss[t]]), "%{customdata[0]}<br>L = %{customdata[1]:.4~g}"


def exits_trace(exits: list[tuple[geometry.Exit, str]], domain: Any) -> Trace:
    """Arrows on the border, turned along the motion; a cross where the numbers end inside the view.

    The points come in pairs, inside and border, of which only the second is seen: Plotly turns an arrow away from the point before it.

    Args:
        exits: where paths leave the view, and their colours.
        domain: the view.
    """
    points = np.array([point for leaves, _ in exits for point in (leaves.inside, leaves.border)]).reshape(-1, 2)
    points[1::2] = _just_inside(points[1::2], domain)
    turned = [bool((leaves.inside != leaves.border).any()) for leaves, _ in exits]
    return {
        "type": "scatter", "name": "exits", "x": points[:, 0], "y": points[:, 1], "mode": "markers", "cliponaxis": False,
        "marker": {
            "color": [color for _, color in exits for _ in range(2)],
            "symbol": [symbol for arrow in turned for symbol in ("circle", "arrow" if arrow else "x")],
            "size": [size for arrow in turned for size in (0, 15 if arrow else 9)],
            "opacity": [0, 1] * len(exits), "angleref": "previous",
        },
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def _just_inside(points: np.ndarray, domain: Any) -> np.ndarray:
    """The points, moved off the border by a millionth of the view: Plotly hides a marker that single precision rounds to the other side of it."""
    low, high = np.array([domain.w1[0], domain.w2[0]]), np.array([domain.w1[1], domain.w2[1]])
    moved: np.ndarray = np.clip(points, low + 1e-6 * (high - low), high - 1e-6 * (high - low))
    return moved


def beside(leaves: geometry.Exit, domain: Any) -> tuple[int, int]:
    """Where the step's number stands: inside the view, and on the side that the path does not come from."""
    (x, y), (dx, dy) = leaves.border, leaves.border - leaves.inside
    right, up = (x - domain.w1[0]) / (domain.w1[1] - domain.w1[0]), (y - domain.w2[0]) / (domain.w2[1] - domain.w2[0])
    return -1 if right > 0.85 or (dx < 0 and right > 0.15) else 1, -1 if up > 0.85 or (dy < 0 and up > 0.15) else 1


def written(at: np.ndarray, text: str, color: str, side: tuple[int, int], palette: Palette) -> dict[str, Any]:
    """Small letters in a run's colour beside a point, readable over lines; `side` is −1, 0 or 1 to the right and upwards."""
    right, up = side
    return {
        "x": float(at[0]), "y": float(at[1]), "text": text, "showarrow": False,
        "xanchor": ("center", "left", "right")[right], "xshift": 7 * right, "yanchor": ("middle", "bottom", "top")[up], "yshift": (3 if right else 7) * up,
        "font": {"size": 12, "weight": 600, "color": color, "shadow": ", ".join([f"0 0 2px {palette.background}"] * 3)},
    }  # fmt: skip


def _minima(minima: np.ndarray, palette: Palette) -> Trace:
    size, color = quiet_minima(len(minima), 11, 6, palette)
    return {
        "type": "scatter", "name": "minima", "x": minima[:, 0], "y": minima[:, 1], "mode": "markers", "showlegend": False,
        "marker": {"symbol": "star", "size": size, "color": color, "opacity": 1, "line": {"width": 0.5, "color": palette.background}},
        "hovertemplate": "w* = (%{x:.4~g}, %{y:.4~g})<extra></extra>",
    }  # fmt: skip


def quiet_minima(count: int, large: float, small: float, palette: Palette) -> tuple[list[float], list[str]]:
    """Sizes and colours of the stars, the lowest minimum first; a whole lattice of minima would cover the paths."""
    many = count > MANY_MINIMA
    return [small if many and index else large for index in range(count)], [palette.muted if many and index else palette.text for index in range(count)]


def _start(start: np.ndarray, palette: Palette) -> Trace:
    return {
        "type": "scatter", "name": "start", "x": [float(start[0])], "y": [float(start[1])], "mode": "markers", "showlegend": False, "cliponaxis": False,
        "marker": {"symbol": "circle-open", "size": 16, "color": palette.text, "line": {"width": 2}}, "hoverinfo": "skip",
    }  # fmt: skip
