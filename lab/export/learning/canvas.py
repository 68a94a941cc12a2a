"""A frame of the player of trainings as matplotlib draws it: what every network says, the objects, and the losses with a cursor."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lab.canvas import MARKERS, line, quiet
from lab.figures.learning.axes import length, most, tick
from lab.figures.learning.curves import loss_figure
from lab.figures.learning.looks import class_looks, ends, looks
from lab.figures.style import PALETTES, Theme

if TYPE_CHECKING:
    from lab.lesson_types import Learned, Lesson

_DPI = 100
_FAINT, _STRONG = 0.08, 0.62
"""Of a class's colour at the places that are given to it without certainty, and without doubt; those of the page."""
_MANY = 300
"""Objects; of more the marks are smaller."""
_STEP, _LETTER = 110, 7.6
"""Room for the words on the iteration beside a panel's name, and for a letter of the name, in px."""


class _Panel(NamedTuple):
    """One network's picture: its axes, what changes, and what lies over it."""

    axes: Any
    learned: Learned
    image: Any
    line: Any
    over: tuple[Any, ...]
    step: Any


class LessonCanvas:
    """The picture with everything that stands still drawn once; a frame adds the rest.

    Args:
        lesson: a whole one, no draft.
        width, height: in px.
        theme: light or dark.
        _: translates what is written on it.

    Raises:
        ValueError: the lesson is a draft, of which only the last checkpoint has pictures.
    """

    def __init__(self, lesson: Lesson, width: int, height: int, theme: Theme, _: Callable[[str], str]) -> None:
        if lesson.draft:
            raise ValueError("lesson is a draft: it has no pictures but the last")
        palette = PALETTES[theme]
        self.ink, self.ground, self.theme = palette.text, palette.background, theme
        self.figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=palette.background)
        self.agg: Any = FigureCanvasAgg(self.figure)
        count = len(lesson.runs)
        columns = count if count * height <= 3 * width * 0.9 and count < 4 else math.ceil(math.sqrt(count))
        rows = math.ceil(count / columns)
        room = self.figure.add_gridspec(
            2, 1, height_ratios=(2.1, 1.0), left=72 / width, right=1 - 16 / width, top=1 - 34 / height, bottom=46 / height, hspace=0.3
        )
        tiles = room[0].subgridspec(rows, columns, wspace=0.16, hspace=0.38)
        self.words, self.lost = _("iteration {t}"), _("not a number here")
        self.panels = [
            self._panel(self.figure.add_subplot(tiles[divmod(index, columns)]), learned, looks(theme)[index].color) for index, learned in enumerate(lesson.runs)
        ]
        self.curve: Any = self.figure.add_subplot(room[1])
        losses = loss_figure(lesson, theme, _)
        quiet(self.curve, losses["layout"], palette.background, palette.text)
        for trace in losses["data"]:
            line(self.curve, trace)
        self.lesson, self.length, self.most = lesson, length(lesson), most(lesson)
        self.dots = [self._dot(learned, look.color) for learned, look in zip(lesson.runs, looks(theme), strict=False)]
        looks_of = {_("training"): {"lw": 1.8, "mfc": self.ink}, _("validation"): {"lw": 1.4, "ls": (0, (4, 3)), "mfc": "none"}}
        handles = [Line2D([], [], color=self.ink, marker="o", ms=4.5, label=label, **look) for label, look in looks_of.items()]  # type: ignore[arg-type]
        self.curve.legend(handles=handles, loc="upper right", ncols=2, frameon=False, fontsize=9, labelcolor=self.ink, handlelength=3.2)
        self.cursor = self.curve.axvline(0.0, color=self.ink, alpha=0.45, lw=1.0, animated=True)
        self.agg.draw()
        self.still = self.agg.copy_from_bbox(self.figure.bbox)

    def _panel(self, axes: Any, learned: Learned, color: str) -> _Panel:
        plane = learned.plane
        axes.set_facecolor(self.ground)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, labelsize=9, colors=self.ink)
        axes.locator_params(nbins=5)
        axes.set_xlim(*plane.x)
        axes.set_ylim(*plane.y)
        most = int((axes.bbox.width - _STEP) / _LETTER)
        label = learned.label if len(learned.label) <= most else learned.label[: max(most - 1, 1)] + "…"
        axes.set_title(label.replace("$", r"\$"), color=color, fontsize=11, loc="left", pad=5)
        for name, place in ((plane.names[0], axes.set_xlabel), (plane.names[1], axes.set_ylabel)):
            place(name.replace("$", r"\$"), color=self.ink, fontsize=9, labelpad=1)
        is_line = plane.kind == "line"
        image = (
            None
            if is_line
            else axes.imshow(np.zeros((2, 2, 3)), origin="lower", extent=(*plane.x, *plane.y), aspect="auto", interpolation="nearest", animated=True)
        )
        fitted = Line2D([], [], color=color, lw=2.0, animated=True) if is_line else None
        if fitted is not None:
            axes.add_line(fitted)
        over = self._objects(axes, learned)
        step = axes.text(1.0, 1.02, "", transform=axes.transAxes, ha="right", va="bottom", fontsize=9, color=self.ink, animated=True)
        return _Panel(axes, learned, image, fitted, over, step)

    def _objects(self, axes: Any, learned: Learned) -> tuple[Any, ...]:
        """The marks of all objects: filled to learn from, rings to judge by; those to learn from lie above."""
        data, points = learned.data, learned.plane.points
        valued = not data.classes and learned.plane.kind != "line"  # a value in the middle has the colour of the ground: a ring of it would not be seen
        size = 14.0 if len(points) > _MANY else 26.0
        made = []
        for part, learns in ((data.valid, False), (data.train, True)):
            groups = (
                [(part[data.y[part] == index], *class_looks(self.theme)[index]) for index in range(data.classes)]
                if data.classes
                else [(part, None, "", "circle")]
            )
            for chosen, color, _dash, marker in groups:
                colors = [color] if color is not None else self._valued(learned, chosen)
                rim = [(*to_rgb(self.ink), 0.6 if learns else 0.25)] if valued else self.ground if learns else colors
                look: dict[str, Any] = {"c": colors if learns or valued else self.ground, "edgecolors": rim}
                made.append(axes.scatter(*points[chosen].T, s=size, marker=MARKERS[marker], linewidths=0.7 if learns else 1.1, animated=True, **look))
        return tuple(made)

    def _valued(self, learned: Learned, chosen: np.ndarray) -> Any:
        """The colours of values, those of the picture behind them but stronger; on a curve that of the text."""
        if learned.plane.kind == "line":
            return [self.ink]
        share = np.clip((learned.data.y[chosen] - learned.low) / (learned.high - learned.low), 0.0, 1.0)
        return self._between(share, 1.0)

    def _between(self, share: np.ndarray, strength: float) -> np.ndarray:
        """From the colour of the lowest value over the ground's to that of the highest, `(…, 3)`."""
        ground, (low, high) = np.array(to_rgb(self.ground)), (np.array(to_rgb(end)) for end in ends(self.theme))
        away = np.abs(2.0 * share - 1.0)[..., None] * strength
        return np.asarray(ground + away * (np.where((share < 0.5)[..., None], low, high) - ground))

    def _hatched(self, shape: tuple[int, ...]) -> np.ndarray:
        """In the place of what a network says where that is not a number, `(cells, cells, 3)`."""
        row, column = np.indices(shape)
        ground, ink = np.array(to_rgb(self.ground)), np.array(to_rgb(self.ink))
        return np.asarray(ground + (0.25 * ((row + column) % 6 == 0))[..., None] * (ink - ground))

    def _painted(self, learned: Learned, seen: np.ndarray) -> np.ndarray:
        """What a network says as colours, `(cells, cells, 3)`."""
        classes = learned.data.classes
        if not classes:
            return self._between(seen / 255.0, _STRONG + 0.2)
        ground, colors = np.array(to_rgb(self.ground)), np.array([to_rgb(look.color) for look in class_looks(self.theme)])
        levels = 256 // classes
        winner, level = np.divmod(seen, levels)
        share = _FAINT + (_STRONG - _FAINT) * level[..., None] / (levels - 1)
        return np.asarray(ground + share * (colors[winner] - ground))

    def _dot(self, learned: Learned, color: str) -> tuple[Line2D, np.ndarray]:
        """The mark that runs along a training's loss, and its heights after every epoch."""
        dot = Line2D([], [], marker="o", ms=7, mec=self.ground, mew=1.0, color=color, animated=True)
        self.curve.add_line(dot)
        return dot, learned.record.train_loss

    def at(self, share: float) -> np.ndarray:
        """The frame at a share of all epochs, from 0 to 1, `(height, width, 3)` bytes; every network as at its last checkpoint before."""
        self.agg.restore_region(self.still)
        ticks = share * self.length / self.most
        for panel, (dot, loss) in zip(self.panels, self.dots, strict=True):
            record, learned = panel.learned.record, panel.learned
            own = tick(self.lesson, learned)
            iteration = min(int(ticks * own + 1e-9), record.n_steps)
            row = int(np.searchsorted(record.at, iteration, side="right")) - 1
            if panel.image is not None:
                panel.image.set_data(self._hatched(learned.seen[row].shape) if learned.lost[row] else self._painted(learned, learned.seen[row]))
                panel.axes.draw_artist(panel.image)
            for artist in panel.over:
                panel.axes.draw_artist(artist)
            if panel.line is not None:
                panel.line.set_data(learned.line_x, learned.lines[row])
                panel.axes.draw_artist(panel.line)
            panel.step.set_text(self.words.format(t=iteration) + (f" · {self.lost}" if learned.lost[row] else ""))
            panel.axes.draw_artist(panel.step)
            place = min(ticks * own / record.per_epoch, len(loss) - 1.0)
            before = int(place)
            after = loss[min(before + 1, len(loss) - 1)]
            height = loss[before] + (place - before) * (after - loss[before]) if np.isfinite(after) else loss[before]
            dot.set_data([place * record.per_epoch / own * self.most], [height])
            self.curve.draw_artist(dot)
        self.cursor.set_xdata([ticks * self.most] * 2)
        self.curve.draw_artist(self.cursor)
        return np.asarray(self.agg.buffer_rgba())[..., :3].copy()
