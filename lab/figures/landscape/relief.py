"""The map of a landscape: level lines in the colours that all landscapes of a survey share, and the paths' shadows on them.

A path is drawn faintly and whole; the player draws the part behind its cursor. Where a height is no finite number the map has a gap, grey. What the map cannot
show, hovering over a point of the path tells: its true loss, the loss where it is drawn, and how far apart the two are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.figures import frame, geometry, places
from lab.figures.frame import Trace
from lab.figures.landscape.drawing import View, is_share, letter, shown, view_of
from lab.figures.landscape.names import axis_titles, met_point
from lab.figures.landscape.scale import Scale, scale_of
from lab.figures.learning.axes import Translate, plain
from lab.figures.learning.looks import Look, looks
from lab.figures.map import beside, exits_trace, written
from lab.figures.style import PALETTES, Palette, Theme
from lab.slice_types import Relief, Survey, Track

BAR = 50
"""Room for the colour bar right of the last map, px."""
MARKS = 12
"""Markers of a path at most."""
FAINT = 0.55


def relief_figure(survey: Survey, index: int, theme: Theme, _: Translate) -> dict[str, Any]:
    """One landscape as level lines, as a plain Plotly figure. The last one of a survey has the colour bar, and `BAR` px more of a right margin for it.

    Args:
        survey: what to show.
        index: which of its landscapes.
        theme: light or dark.
        _: translates what is written on it.
    """
    relief, scale, palette, view = survey.reliefs[index], scale_of(survey), PALETTES[theme], view_of(survey.reliefs[index])
    lines = [(track, geometry.drawn(track.shadow.at, view)) for track in relief.tracks]
    look = looks(theme)
    data = [contour(survey, index, scale, palette, _), *(_path(survey, track, line, look[track.run], _) for track, line in lines)]
    ends = _ends(survey, relief, view)
    data += [_starts(relief, view, look), _end_marks(ends, look), _centre(palette)]
    exits = [(line.exit, look[track.run].color, int(survey.lesson.runs[track.run].record.at[line.exit.step])) for track, line in lines if line.exit is not None]
    data.append(exits_trace([(leaves, color) for leaves, color, _at in exits], view))
    layout = frame.layout(theme)
    last = index == len(survey.reliefs) - 1
    layout |= {"showlegend": False, "margin": {"l": 58, "r": 14 + BAR * last, "t": 10, "b": 44}}
    across, up = axis_titles(survey, relief, _)
    quiet = {"standoff": 6, "font": {"size": 13}}
    towards = "right" if last else "center"  # where there is more room than a square needs the colour bar stands at it
    layout["xaxis"] = frame.axis("", range=list(view.w1), constrain="domain", constraintoward=towards, nticks=6) | {"title": {"text": across, **quiet}}
    layout["yaxis"] = frame.axis("", range=list(view.w2), scaleanchor="x", scaleratio=1, constrain="domain", nticks=6) | {"title": {"text": up, **quiet}}
    layout["annotations"] = [
        *(written(leaves.border, f"t = {at}", color, beside(leaves, view), palette) for leaves, color, at in exits),
        *_names(survey, lines, ends, view, look, palette),
    ]
    if not np.isfinite(shown(survey, relief.heights)).all():
        layout["plot_bgcolor"] = palette.muted
    return {"data": data, "layout": layout}


def contour(survey: Survey, index: int, scale: Scale, palette: Palette, _: Translate) -> Trace:
    """The level lines of a landscape, with the colour bar if it is the last one.

    Args:
        survey, index, _: as in `relief_figure`.
        scale: that of the survey.
        palette: of the theme.
    """
    relief = survey.reliefs[index]
    low, middle, high = palette.contour
    bar = {
        "thickness": 10, "len": 0.95, "y": 0, "yanchor": "bottom", "outlinewidth": 0, "ypad": 0, "xpad": 6,
        "tickvals": list(scale.ticks), "ticktext": list(scale.texts), "ticks": "",
        "tickfont": {"size": 12}, "title": {"text": _("accuracy") if is_share(survey.cut.part) else "L", "side": "top", "font": {"size": 13}},
    }  # fmt: skip
    last = index == len(survey.reliefs) - 1
    return {
        "type": "contour", "name": "contour", "z": scale.transform(shown(survey, relief.heights)), "autocontour": False,
        "x0": float(relief.x[0]), "dx": float(relief.x[1] - relief.x[0]), "y0": float(relief.y[0]), "dy": float(relief.y[1] - relief.y[0]),
        "contours": {"start": scale.start, "end": scale.end, "size": scale.size, "coloring": "fill", "showlines": True},
        "zauto": False, "zmin": scale.low, "zmax": scale.high,
        "line": {"color": palette.hairline, "width": 0.8, "smoothing": 1.0}, "colorscale": [[0, low], [0.5, middle], [1, high]],
        "showscale": last, **({"colorbar": bar} if last else {}), "showlegend": False, "hoverinfo": "skip",
    }  # fmt: skip


def _path(survey: Survey, track: Track, line: geometry.Drawn, look: Look, _: Translate) -> Trace:
    """A path's shadow, faint; hovering tells what the picture cannot show."""
    run = survey.lesson.runs[track.run]
    kept = np.arange(len(line.w)) if line.t is None else line.t
    told = np.column_stack([run.record.at, shown(survey, track.true), shown(survey, track.drawn), track.shadow.distance])[kept]
    words = (_("at the weights"), _("where they are drawn"), _("distance"))
    symbol, form = (_("accuracy"), ".1%") if is_share(survey.cut.part) else ("L", ".4~g")
    hover = f"{plain(run.label)}<br>t = %{{customdata[0]}}<br>{symbol} = %{{customdata[1]:{form}}} {words[0]}<br>"
    hover += f"{symbol} = %{{customdata[2]:{form}}} {words[1]}<br>{words[2]} %{{customdata[3]:.3~g}}<extra></extra>"
    return {
        "type": "scatter", "name": letter(survey, track.run), "meta": {"run": track.run}, "x": line.w[:, 0], "y": line.w[:, 1], "mode": "lines+markers",
        "line": {"color": look.color, "width": 2.0, "dash": look.dash}, "opacity": FAINT,
        "marker": {"color": look.color, "symbol": look.marker, "size": 6, "maxdisplayed": MARKS},
        "hovertext": run.label, "customdata": told, "hovertemplate": hover,
    }  # fmt: skip


def _seen(relief: Relief, view: View, place: int) -> list[tuple[int, np.ndarray]]:
    """The trainings whose first (0) or last (−1) point is in view, and the point."""
    points = [(track.run, track.shadow.at[place]) for track in relief.tracks if len(track.shadow.at)]
    return [(run, point) for run, point in points if view.contains(point)]


def _starts(relief: Relief, view: View, look: tuple[Look, ...]) -> Trace:
    """A ring where each path begins."""
    found = _seen(relief, view, 0)
    colors = [look[run].color for run, _point in found]
    return _marks("start", found, {"symbol": "circle-open", "size": 14, "color": colors, "line": {"width": 2}})


def _ends(survey: Survey, relief: Relief, view: View) -> list[tuple[int, np.ndarray]]:
    """The ends in view of paths that do not end at the centre, and of the training on the other side of a plane between two: whose, and where."""
    ends = [(run, point) for run, point in _seen(relief, view, -1) if point.any()]
    other = met_point(survey, relief)
    return ends if other is None or not view.contains(other[1]) else [*ends, other]


def _end_marks(ends: list[tuple[int, np.ndarray]], look: tuple[Look, ...]) -> Trace:
    looked = [look[run] for run, _point in ends]
    return _marks("ends", ends, {"symbol": [own.marker for own in looked], "size": 10, "color": [own.color for own in looked]})


def _centre(palette: Palette) -> Trace:
    """A star at the weights through which the plane was laid."""
    marker = {"symbol": "star", "size": 11, "color": palette.text, "opacity": 1, "line": {"width": 0.5, "color": palette.background}}
    return _marks("centre", [(0, np.zeros(2))], marker)


def _marks(name: str, found: list[tuple[int, np.ndarray]], marker: dict[str, Any]) -> Trace:
    points = np.array([point for _run, point in found]).reshape(-1, 2)
    return {
        "type": "scatter", "name": name, "x": points[:, 0], "y": points[:, 1], "mode": "markers", "marker": marker, "cliponaxis": False, "hoverinfo": "skip",
        "showlegend": False,
    }  # fmt: skip


def _names(
    survey: Survey,
    lines: list[tuple[Track, geometry.Drawn]],
    marks: list[tuple[int, np.ndarray]],
    view: View,
    look: tuple[Look, ...],
    palette: Palette,
) -> list[dict[str, Any]]:
    """The letters of the trainings at the ends of their paths, where there are several and they have room."""
    drawn = [(track, line) for track, line in lines if len(line.w)]
    ends = [places.End(line.w[-1], letter(survey, track.run), look[track.run].color, line.exit is None) for track, line in drawn]
    ends += [places.End(w, letter(survey, run), look[run].color, True) for run, w in marks if run not in [track.run for track, _line in drawn]]
    if len(ends) < 2:
        return []
    named = places.place(ends, [line.w[0] for _track, line in drawn], [line.w[:, 0] for _track, line in drawn], [line.w[:, 1] for _track, line in drawn], view)
    return [written(label.w, label.text, label.color, label.side, palette) for label in named]
