"""A landscape as a surface in space, and the paths just above it. Heights, level lines and colours are those of the maps."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.figures import frame, geometry
from lab.figures.frame import Trace
from lab.figures.grid import Grid
from lab.figures.landscape.drawing import View, is_share, letter, shown, view_of
from lab.figures.landscape.names import axis_titles, met_point
from lab.figures.landscape.scale import Scale, scale_of
from lab.figures.learning.axes import Translate
from lab.figures.learning.looks import Look, looks
from lab.figures.space import LIFT, SYMBOLS, height_at, laid, mark_trace, points_trace, scene_axis, surface_trace, until_border
from lab.figures.style import PALETTES, Theme
from lab.slice_types import Relief, Survey, Track


def space_figure(survey: Survey, index: int, theme: Theme, _: Translate) -> dict[str, Any]:
    """One landscape in space, as a plain Plotly figure. The trace "cursor" has one point a path, in their order, and nothing to show yet.

    Args:
        survey: what to show.
        index: which of its landscapes.
        theme: light or dark.
        _: translates what is written on it.
    """
    relief, scale, palette, view = survey.reliefs[index], scale_of(survey), PALETTES[theme], view_of(survey.reliefs[index])
    grid, look = _grid(survey, relief, scale), looks(theme)
    data = [surface_trace(grid, palette)]
    for track in relief.tracks:
        data += _path(survey, track, grid, view, look[track.run])
    if (other := met_point(survey, relief)) is not None and view.contains(other[1]):
        data.append(_end(survey, *other, grid, look[other[0]]))
    data.append(points_trace("centre", np.zeros((1, 2)), grid, {"color": palette.text, "symbol": "diamond", "size": 5}))
    nowhere = np.full(len(relief.tracks), np.nan)
    colors = [look[track.run].color for track in relief.tracks]
    symbols = [SYMBOLS.get(look[track.run].marker, "circle") for track in relief.tracks]
    data.append(
        mark_trace("cursor", nowhere, nowhere, nowhere, {"color": colors, "symbol": symbols, "size": 7, "line": {"color": palette.background, "width": 1}})
    )
    layout = frame.layout(theme) | {"showlegend": False, "margin": {"l": 0, "r": 0, "t": 0, "b": 0}}
    across, up = axis_titles(survey, relief, _)
    height = _("accuracy") if is_share(survey.cut.part) else "L"
    if scale.log:
        height += " (" + _("log") + ")"
    room = 3 * LIFT * (scale.end - scale.start)
    ticks = {"tickmode": "array", "tickvals": list(scale.ticks), "ticktext": list(scale.texts)}
    layout["scene"] = {
        "xaxis": scene_axis(across, palette, range=list(view.w1)),
        "yaxis": scene_axis(up, palette, range=list(view.w2)),
        "zaxis": scene_axis(height, palette, range=[min(scale.low, scale.start) - room / 3, max(scale.high, scale.end) + room], **ticks),
        "aspectmode": "manual", "aspectratio": {"x": 1.1, "y": 1.1, "z": 0.6}, "dragmode": "turntable",
        "camera": {"eye": {"x": -0.74, "y": -1.22, "z": 1.8}, "center": {"x": -0.08, "y": 0.05, "z": -0.12}}, "uirevision": "descent",
    }  # fmt: skip
    for axis in ("xaxis", "yaxis", "zaxis"):  # longer words than a surface's
        layout["scene"][axis]["title"]["font"] = {"size": 13}
    return {"data": data, "layout": layout}


def track_heights(survey: Survey, index: int, track: Track) -> np.ndarray:
    """How high in space the checkpoints of a path are drawn on a landscape, `(F,)`; nan outside the view and over gaps.

    Args:
        survey: the survey.
        index: which of its landscapes.
        track: one of its paths.
    """
    relief = survey.reliefs[index]
    return _above(track.shadow.at, _grid(survey, relief, scale_of(survey)), view_of(relief))


def _grid(survey: Survey, relief: Relief, scale: Scale) -> Grid:
    z, raw = scale.transform(shown(survey, relief.heights)), shown(survey, relief.heights)
    return Grid(relief.x, relief.y, z, z, 0.0, None, scale.start, scale.end, scale.size, raw)


def _above(w: np.ndarray, grid: Grid, view: View) -> np.ndarray:
    """Just above the surface at points in view, `(m,)`; nan elsewhere."""
    inside = view.contains(w)
    z = np.full(len(w), np.nan)
    z[inside] = height_at(grid, w[inside]) + LIFT * (grid.end - grid.start)
    return z


def _path(survey: Survey, track: Track, grid: Grid, view: View, look: Look) -> list[Trace]:
    """A path laid on the surface as far as it is in view, and where it begins, ends or leaves."""
    line = geometry.drawn(track.shadow.at, view, thin=False)
    if not len(line.w):
        return []
    w = until_border(line)
    name = letter(survey, track.run)
    path = laid(name, w, grid, look.color)
    inside = view.contains(np.column_stack([path["x"], path["y"]]))
    path |= {axis: np.where(inside, path[axis], np.nan) for axis in "xyz"}
    path |= {"meta": {"run": track.run}, "showlegend": True, "hovertext": survey.lesson.runs[track.run].label}
    made = [path]
    if view.contains(w[0]):
        made.append(points_trace(f"start:{track.run}", w[:1], grid, {"color": look.color, "symbol": "circle-open", "size": 9}))
    if line.exit is None and w[-1].any():  # it does not end at the centre
        made.append(_end(survey, track.run, w[-1], grid, look))
    if line.exit is not None:
        made.append(points_trace(f"exit:{track.run}", line.exit.border[None], grid, {"color": look.color, "symbol": "square", "size": 6}))
    return made


def _end(survey: Survey, run: int, w: np.ndarray, grid: Grid, look: Look) -> Trace:
    """The end of a training with its letter."""
    made = points_trace(f"end:{run}", w[None], grid, {"color": look.color, "symbol": SYMBOLS.get(look.marker, "circle"), "size": 6})
    return made | {"mode": "markers+text", "text": [letter(survey, run)], "textfont": {"color": look.color, "size": 13}}
