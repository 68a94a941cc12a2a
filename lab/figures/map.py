"""The map: level lines, and on them the paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.figures import frame, geometry, places
from lab.figures.frame import Trace
from lab.figures.grid import grid_of
from lab.figures.style import PALETTES, Palette, RunStyle, Theme, short_labels, styles

if TYPE_CHECKING:
    from lab.compute import Picture

DOTS = 150
"""As many steps in view as still get a dot each."""
SPARSE = 40
"""Dots of a path with more."""


def map_figure(picture: Picture, theme: Theme, _: Callable[[str], str]) -> dict[str, Any]:
    """Level lines, start, minima and the path of every visible run, as a plain Plotly figure.

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
    exits: list[Trace] = []
    ends: list[places.End] = []
    for index in visible:
        record, stop, look = picture.paths[index], picture.readings[index].stop, looks[index]
        line = geometry.drawn(record.w if stop is None else record.w[: stop + 1], domain)
        paths.append(_path(index, line, record.loss, look, domain))
        if line.exit is not None:
            exits.append(_exit(index, line.exit, look, domain, palette))
        elif stop is not None and stop < record.n_steps:
            tails.append(_tail(index, geometry.drawn(record.w[stop:], domain), stop, record.loss, look, palette, _))
        ends.append(places.End(line.w[-1], shorts[index], look.color, line.exit is None))
    minima, start = picture.landscape.minima, np.array(experiment.start)
    data = [_contour(picture, palette), *tails, *paths, _minima(minima, palette), *exits]
    data += [_labels(places.place(ends, [*minima, start], [path["x"] for path in paths], [path["y"] for path in paths], domain), palette)]
    data += [_start(experiment.start, palette)]
    layout = frame.layout(theme)
    layout |= {"xaxis": frame.axis("w₁", range=list(domain.w1)), "yaxis": frame.axis("w₂", range=list(domain.w2))}
    return {"data": data, "layout": layout}


def _contour(picture: Picture, palette: Palette) -> Trace:
    grid = grid_of(picture.landscape, picture.experiment.surface.levels)
    low, middle, high = palette.contour
    return {
        "type": "contour", "name": "contour", "x": grid.w1, "y": grid.w2, "z": grid.z, "autocontour": False,
        "contours": {"start": grid.start, "end": grid.end, "size": grid.size, "coloring": "fill", "showlines": True},
        "line": {"color": palette.hairline, "width": 0.8, "smoothing": 1.0},
        "colorscale": [[0, low], [0.5, middle], [1, high]], "showscale": False, "showlegend": False, "hoverinfo": "skip",
    }  # fmt: skip


def _path(index: int, line: geometry.Drawn, loss: np.ndarray, look: RunStyle, domain: Any) -> Trace:
    told, step = _told(line, loss, 0)
    every = geometry.dots_fit(line.w, domain, DOTS)
    return {
        "type": "scatter", "name": look.label, "meta": {"run": index}, "x": line.w[:, 0], "y": line.w[:, 1], "mode": "lines+markers",
        "line": {"color": look.color, "width": 2.2, "dash": look.dash},
        "marker": {"color": look.color, "symbol": look.marker, "size": 6, "maxdisplayed": 0 if every else SPARSE},
        "customdata": told, "hovertemplate": _hover(look.label, step),
    }  # fmt: skip


def _tail(index: int, line: geometry.Drawn, stop: int, loss: np.ndarray, look: RunStyle, palette: Palette, _: Callable[[str], str]) -> Trace:
    """What would have come after the stop, grey."""
    told, step = _told(line, loss, stop)
    return {
        "type": "scatter", "name": f"tail:{index}", "x": line.w[:, 0], "y": line.w[:, 1], "mode": "lines", "opacity": 0.75, "showlegend": False,
        "line": {"color": palette.muted, "width": 1.6, "dash": look.dash},
        "customdata": told, "hovertemplate": _hover(f"{look.label} · {_('after the stop')}", step),
    }  # fmt: skip


def _told(line: geometry.Drawn, loss: np.ndarray, first: int) -> tuple[np.ndarray, str]:
    """What hovering tells beside the point: the loss, and the step where its place in the arrays does not give it."""
    if line.t is None and first == 0:
        return loss[: line.last + 1], "%{pointNumber}<br>L = %{customdata:.4~g}"
    t = (np.arange(len(line.w)) if line.t is None else line.t) + first
    return np.column_stack([t, loss[t]]), "%{customdata[0]}<br>L = %{customdata[1]:.4~g}"


def _hover(label: str, step: str) -> str:
    return f"{label}<br>t = {step}<br>w = (%{{x:.4~g}}, %{{y:.4~g}})<extra></extra>"


def _exit(index: int, leaves: geometry.Exit, look: RunStyle, domain: Any, palette: Palette) -> Trace:
    """An arrow on the border, turned along the motion, with the step; a cross where the numbers end inside the view."""
    points = np.array([leaves.inside, leaves.border])
    turned = bool((points[0] != points[1]).any())
    return {
        "type": "scatter", "name": f"exit:{index}", "x": points[:, 0], "y": points[:, 1], "mode": "markers+text", "cliponaxis": False,
        "marker": {
            "color": look.color, "symbol": "arrow" if turned else "x", "angleref": "previous" if turned else "up",
            "size": [0, 15 if turned else 9], "opacity": [0, 1],
        },
        "text": ["", f"t = {leaves.step}"], "textposition": _beside(leaves, domain), "textfont": _text(look.color, palette),
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def _beside(leaves: geometry.Exit, domain: Any) -> str:
    """Where the step's number stands: inside the view, and on the side that the path does not come from."""
    (x, y), (dx, dy) = leaves.border, leaves.border - leaves.inside
    right, up = (x - domain.w1[0]) / (domain.w1[1] - domain.w1[0]), (y - domain.w2[0]) / (domain.w2[1] - domain.w2[0])
    across = "left" if right > 0.85 or (dx < 0 and right > 0.15) else "right"
    along = "bottom" if up > 0.85 or (dy < 0 and up > 0.15) else "top"
    return f"{along} {across}"


def _text(color: Any, palette: Palette) -> dict[str, Any]:
    """Small letters in a run's colour that stay readable over lines."""
    return {"size": 12, "weight": 600, "color": color, "shadow": ", ".join([f"0 0 2px {palette.background}"] * 3)}


def _minima(minima: np.ndarray, palette: Palette) -> Trace:
    return {
        "type": "scatter", "name": "minima", "x": minima[:, 0], "y": minima[:, 1], "mode": "markers", "showlegend": False,
        "marker": {"symbol": "star", "size": 11, "color": palette.text, "line": {"width": 1, "color": palette.background}},
        "hovertemplate": "w* = (%{x:.4~g}, %{y:.4~g})<extra></extra>",
    }  # fmt: skip


def _start(start: tuple[float, float], palette: Palette) -> Trace:
    return {
        "type": "scatter", "name": "start", "x": [start[0]], "y": [start[1]], "mode": "markers", "showlegend": False, "cliponaxis": False,
        "marker": {"symbol": "circle-open", "size": 16, "color": palette.text, "line": {"width": 2}}, "hoverinfo": "skip",
    }  # fmt: skip


def _labels(placed: list[places.Label], palette: Palette) -> Trace:
    return {
        "type": "scatter", "name": "labels", "x": [label.w[0] for label in placed], "y": [label.w[1] for label in placed], "mode": "text",
        "text": [label.text for label in placed], "textposition": [label.position for label in placed], "showlegend": False, "hoverinfo": "skip",
        "textfont": _text([label.color for label in placed], palette),
    }  # fmt: skip
