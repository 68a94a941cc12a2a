"""A frame of the player of landscapes as matplotlib draws it: level lines with the paths in them, and what the picture leaves out, with a cursor.

Everything is that of the page: the colours and level lines of `lab.figures.landscape.scale`, whole paths faintly, the part behind the cursor strongly, each
training's marker at its last checkpoint before the cursor. Between two checkpoints nothing is known of the weights, so nothing glides there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import PercentFormatter

from lab.canvas import MARKERS, line, quiet
from lab.cut import PLANES
from lab.export.landscape import ink, tiles
from lab.figures import geometry
from lab.figures.landscape.drawing import View, is_share, shown, view_of
from lab.figures.landscape.panels import panels
from lab.figures.landscape.relief import relief_figure
from lab.figures.landscape.scale import scale_of
from lab.figures.learning.axes import length, most, step_words, tick
from lab.figures.learning.looks import looks
from lab.figures.style import PALETTES, Theme

if TYPE_CHECKING:
    from lab.slice_types import Relief, Survey, Track

_DPI = 100
_COMFORT = (640, 480)
"""Px of a frame that has room for the usual letters; in a smaller one everything is smaller."""
_HEAD, _ENTRY = 30, 20
"""Room above everything for title and iteration, and for a row of names, px."""
_NAME, _SWATCH, _LETTER = 250, 50, 7.6
"""Room for a training with its line, for the line alone, and for a letter, px."""
_CLOCK, _STEP, _STATE = 260, 100, 190
"""Room for the words on the iteration on top and beside a map's name, and for those on a point that is not there, px."""
_EDGE = 8
"""From the edge of a map to the marker of a point outside it, px."""
_PANELS = ("loss", "distance")
"""Those that say what a picture leaves out."""


class _Way(NamedTuple):
    """A training's path on a map: where its checkpoints are, what of it is drawn, and what moves."""

    track: Track
    points: np.ndarray
    trail: Line2D
    mark: Line2D
    hollow: Line2D


class _Map(NamedTuple):
    """One landscape: its axes, what it shows, its paths, and what is told of them."""

    axes: Any
    view: View
    ways: tuple[_Way, ...]
    told: Any


class SurveyCanvas:
    """The picture with everything that stands still drawn once; a frame adds the rest.

    Args:
        survey: a whole one, no draft.
        width, height: in px.
        theme: light or dark.
        _: translates what is written on it.

    Raises:
        ValueError: the survey is a draft, whose landscapes are coarse.
    """

    def __init__(self, survey: Survey, width: int, height: int, theme: Theme, _: Callable[[str], str]) -> None:
        if survey.draft:
            raise ValueError("survey is a draft: its landscapes are coarse")
        self.survey, self.palette, self.look, self.scale = survey, PALETTES[theme], looks(theme), scale_of(survey)
        shrunk = min(1.0, width / _COMFORT[0], height / _COMFORT[1])
        self.width, self.height, self.shrunk = width / shrunk, height / shrunk, shrunk
        dpi = _DPI * shrunk
        self.figure = Figure(figsize=((width + 0.01) / dpi, (height + 0.01) / dpi), dpi=dpi, facecolor=self.palette.background)  # whole px are taken of it
        self.agg: Any = FigureCanvasAgg(self.figure)
        lesson = survey.lesson
        self.length, self.most = length(lesson), most(lesson)
        self.step, self.shown = _(step_words(lesson)), _("iteration {t}")
        self.lost, self.beyond = _("not a number here"), _("hollow: outside the picture")
        self.clock = self._head(" · ".join([_(survey.cut.study.recipe.data.title), *dict.fromkeys(_(PLANES[relief.plane.kind]) for relief in survey.reliefs)]))
        where, self.named = self._where()
        self.maps = [self._map(index, self._axes(box), relief_figure(survey, index, theme, _)) for index, box in enumerate(where.maps)]
        ink.bar(self._axes(where.bar), _("accuracy") if is_share(survey.cut.part) else "L", self.scale, self.palette)
        found = {panel["name"]: panel for panel in panels(survey, theme, _)}
        self.curves = [self._curve(self._axes(box), found[name]) for name, box in zip(_PANELS, where.panels, strict=True)]
        self.agg.draw()
        self.still = self.agg.copy_from_bbox(self.figure.bbox)

    # ---------------------------------------------------------------------- what stands still

    def _where(self) -> tuple[tiles.Places, bool]:
        """Where everything stands, and whether the trainings are named above it: several paths on a map, or names too long for the maps, take a legend."""
        reliefs = self.survey.reliefs
        slopes = [(view.w2[1] - view.w2[0]) / (view.w1[1] - view.w1[0]) for view in map(view_of, reliefs)]
        where = tiles.places(slopes, len(_PANELS), self.width, self.height, _HEAD)
        if all(self._has_room(relief, box.width) for relief, box in zip(reliefs, where.maps, strict=True)):
            return where, False
        runs = sorted({track.run for relief in reliefs for track in relief.tracks})
        columns = max(1, min(len(runs), int(self.width / _NAME)))
        head = _HEAD + _ENTRY * math.ceil(len(runs) / columns)
        legend = self.figure.legend(
            handles=[self._handle(run) for run in runs], loc="upper left", ncols=columns, frameon=False, fontsize=9, labelcolor=self.palette.text,
            bbox_to_anchor=(0.0, 1.0 - (_HEAD - 4) / self.height), borderaxespad=0.2,
        )  # fmt: skip
        for words in legend.get_texts():
            ink.fit(words, (self.width / columns - _SWATCH) * self.shrunk)
        return tiles.places(slopes, len(_PANELS), self.width, self.height, head), True

    def _has_room(self, relief: Relief, width: float) -> bool:
        """Whether the one training of a map can be named on it, beside all that a frame may tell there."""
        points = np.concatenate([track.shadow.at for track in relief.tracks])
        told = _STEP if view_of(relief).contains(points).all() else _STEP + _STATE
        return len(relief.tracks) < 2 and _LETTER * len(self.survey.lesson.runs[relief.run].label) < width - told

    def _axes(self, box: tiles.Box) -> Any:
        """Axes at a place in px."""
        return self.figure.add_axes((box.x / self.width, 1.0 - (box.y + box.height) / self.height, box.width / self.width, box.height / self.height))

    def _head(self, title: str) -> Any:
        """What it is, and the clock that a frame fills in."""
        look: dict[str, Any] = {"va": "center", "color": self.palette.text}
        middle = 1.0 - 16 / self.height
        ink.fit(self.figure.text(12 / self.width, middle, title, fontsize=11, **look), (self.width - _CLOCK) * self.shrunk)
        return self.figure.text(1.0 - tiles.RIGHT / self.width, middle, "", ha="right", fontsize=10, animated=True, **look)

    def _handle(self, run: int) -> Line2D:
        look, label = self.look[run], self.survey.lesson.runs[run].label
        return Line2D([], [], color=look.color, lw=1.9, marker=MARKERS[look.marker], ms=6, mec=self.palette.background, label=label)

    def _map(self, index: int, axes: Any, figure: dict[str, Any]) -> _Map:
        """The level lines, and upon them the page's own marks, names and faint paths."""
        relief = self.survey.reliefs[index]
        self._plain(axes, figure["layout"])
        heights = self.scale.transform(shown(self.survey, relief.heights))
        if not np.isfinite(heights).all():
            axes.set_facecolor(self.palette.muted)
        ink.levels(axes, relief.x, relief.y, heights, self.scale, self.palette)
        for trace in figure["data"]:
            if "meta" in trace:
                axes.plot(trace["x"], trace["y"], color=trace["line"]["color"], lw=1.4, alpha=trace["opacity"], zorder=2)
            elif trace["type"] == "scatter":
                ink.marks(axes, trace, self.palette)
        for note in figure["layout"]["annotations"]:
            ink.write(axes, note, self.palette)
        run = self.survey.lesson.runs[relief.run]
        if len(relief.tracks) < 2:
            name = run.label[:1] if self.named else run.label
            axes.set_title(name, color=self.look[relief.run].color, fontsize=11, loc="left", pad=5, parse_math=False)
        told = axes.text(1.0, 1.0, "", transform=axes.transAxes, ha="right", va="bottom", fontsize=9, color=self.palette.text, animated=True)
        view = view_of(relief)
        return _Map(axes, view, tuple(self._way(axes, relief, track, view) for track in relief.tracks), told)

    def _way(self, axes: Any, relief: Relief, track: Track, view: View) -> _Way:
        look, ground = self.look[track.run], self.palette.background
        trail = Line2D([], [], color=look.color, lw=1.9, animated=True, path_effects=[withStroke(linewidth=4.0, foreground=ground)])
        mark = Line2D([], [], marker=MARKERS[look.marker], ms=9, mec=ground, mew=1.2, color=look.color, ls="none", animated=True, clip_on=False)
        hollow = Line2D([], [], marker=MARKERS[look.marker], ms=8, mec=look.color, mew=1.4, mfc=ground, ls="none", animated=True, clip_on=False)
        for moving in (trail, mark, hollow):
            axes.add_line(moving)
        return _Way(track, geometry.drawn(track.shadow.at, view, thin=False).w, trail, mark, hollow)

    def _curve(self, axes: Any, panel: dict[str, Any]) -> tuple[Any, Line2D, list[tuple[int, np.ndarray, np.ndarray, Line2D]]]:
        """A panel: its lines, its cursor, and the marks that run along the lines, filled on solid ones, above hollow ones."""
        layout = panel["figure"]["layout"]
        self._plain(axes, layout)
        title = axes.set_title(ink.in_lines(panel["title"], axes.bbox.width / self.shrunk), color=self.palette.text, fontsize=10, loc="left", pad=6)
        ink.fit(title, axes.bbox.width + 0.6 * tiles.RIGHT * self.shrunk)
        log, dots = layout["yaxis"].get("type") == "log", []
        for trace in panel["figure"]["data"]:
            y = np.asarray(trace["y"], dtype=float)
            y = np.where(y > 0.0, y, np.nan) if log else y
            line(axes, {**trace, "y": y})
            color, solid = trace["line"]["color"], trace["line"]["dash"] == "solid"
            look: dict[str, Any] = {"ms": 5.5, "mec": self.palette.background, "mew": 0.8} if solid else {"ms": 7.5, "mec": color, "mfc": "none", "mew": 1.3}
            dot = Line2D([], [], marker="o", color=color, ls="none", animated=True, **look)
            axes.add_line(dot)
            dot.set_clip_path(None)  # but a mark is whole at the ends of the axes
            dot.set_clip_box(axes.bbox.padded(_EDGE * self.shrunk))
            dots.append((trace["meta"]["run"], np.asarray(trace["x"], dtype=float), y, dot))
        cursor = axes.axvline(0.0, color=self.palette.text, alpha=0.45, lw=1.0, animated=True)
        return axes, cursor, dots

    def _plain(self, axes: Any, layout: dict[str, Any]) -> None:
        """Axes as on the page."""
        quiet(axes, layout, self.palette.background, self.palette.text)
        for name, axis in (("xaxis", axes.xaxis), ("yaxis", axes.yaxis)):
            axis.get_offset_text().set_color(self.palette.text)
            if "tickvals" not in layout[name]:
                axes.locator_params(axis=name[0], nbins=5)
            if "tickformat" in layout[name]:
                axis.set_major_formatter(PercentFormatter(1.0, decimals=0))

    # ---------------------------------------------------------------------- what moves

    def rows(self, share: float) -> list[int]:
        """Of every training the last checkpoint before a share of all epochs, from 0 to 1."""
        ticks = share * self.length / self.most
        made = []
        for run in self.survey.lesson.runs:
            iteration = min(int(ticks * tick(self.survey.lesson, run) + 1e-9), run.record.n_steps)
            made.append(int(np.searchsorted(run.record.at, iteration, side="right")) - 1)
        return made

    def at(self, share: float) -> np.ndarray:
        """The frame at a share of all epochs, from 0 to 1, `(height, width, 3)` bytes."""
        self.agg.restore_region(self.still)
        rows, position = self.rows(share), share * self.length
        step = int(position + 1e-9)
        self.clock.set_text(self.step.format(t=step, n=self.length, epoch=int(step / self.most)))
        self.figure.draw_artist(self.clock)
        for each in self.maps:
            self._move(each, rows)
        for axes, cursor, dots in self.curves:
            cursor.set_xdata([position, position])
            axes.draw_artist(cursor)
            for run, x, y, dot in dots:
                dot.set_data([x[rows[run]]], [y[rows[run]]])
                axes.draw_artist(dot)
        return np.asarray(self.agg.buffer_rgba())[..., :3].copy()

    def _move(self, each: _Map, rows: list[int]) -> None:
        """The paths behind the cursor, then the markers above all of them: hollow at the edge where the point is outside, none where it is not a number."""
        told = []
        for way in each.ways:
            way.trail.set_data(*way.points[: rows[way.track.run] + 1].T)
            each.axes.draw_artist(way.trail)
        for way in each.ways:
            point = way.track.shadow.at[rows[way.track.run]]
            if not np.isfinite(point).all():
                told.append(self.lost)
                continue
            outside = not each.view.contains(point)
            mark = way.hollow if outside else way.mark
            mark.set_data(*self._within(each, point)[:, None])
            each.axes.draw_artist(mark)
            if outside:
                told.append(self.beyond)
        if len(each.ways) == 1:
            run = each.ways[0].track.run
            told.append(self.shown.format(t=int(self.survey.lesson.runs[run].record.at[rows[run]])))
        each.told.set_text(" · ".join(dict.fromkeys(told)))
        each.axes.draw_artist(each.told)

    def _within(self, each: _Map, point: np.ndarray) -> np.ndarray:
        """A point, or the nearest place in the picture."""
        low, high = (np.array([each.view.w1[end], each.view.w2[end]]) for end in (0, 1))
        edge = _EDGE * self.shrunk * (high - low) / [each.axes.bbox.width, each.axes.bbox.height]
        return point if each.view.contains(point) else np.asarray(np.clip(point, low + edge, high - edge))
