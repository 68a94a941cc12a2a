"""What stands still in a film of landscapes, as matplotlib draws it: bands of heights, marks and letters of plain figures, words that fit their room."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patheffects import withStroke

from lab.canvas import MARKERS
from lab.figures.landscape.scale import Scale
from lab.figures.style import Palette

PT = 0.72
"""Of a px, at 100 px an inch."""
LINE = (0.47, 0.59, 0.71, 0.45)
"""Colour of the level lines in both themes, that of `Palette.hairline`."""
_SMALLEST, _LETTER = 8.0, 6.9
"""Of letters, pt; width of one of 10 pt, px."""


def bands(scale: Scale, heights: np.ndarray) -> np.ndarray:
    """Heights of a scale counted in bands from its lowest level line, so that none is too large to draw.

    Args:
        scale: of the survey.
        heights: as `Scale.transform` gives them, of any shape.
    """
    return np.asarray(heights / scale.size - scale.start / scale.size)


def levels(axes: Any, x: np.ndarray, y: np.ndarray, heights: np.ndarray, scale: Scale, palette: Palette) -> None:
    """The bands and level lines of the page's picture; a gap where there is no height.

    Args:
        axes: of matplotlib.
        x, y: of the columns and rows.
        heights: as `Scale.transform` gives them, row by row.
        scale: of the survey.
        palette: of the theme.
    """
    counted = np.ma.masked_invalid(bands(scale, heights))
    if counted.count() == 0:
        return
    lines = np.arange(round((scale.end - scale.start) / scale.size) + 1, dtype=float)
    shades = LinearSegmentedColormap.from_list("levels", palette.contour)
    axes.contourf(x, y, counted, lines, colors=shades(np.linspace(0.0, 1.0, len(lines) + 1)), extend="both", zorder=0)
    within = lines[(lines > counted.min()) & (lines < counted.max())]
    if len(within):
        axes.contour(x, y, counted, within, colors=[LINE], linewidths=0.7, linestyles="solid", zorder=1)


def bar(axes: Any, title: str, scale: Scale, palette: Palette) -> None:
    """Which colour is how high.

    Args:
        axes: of matplotlib.
        title: what the heights are.
        scale, palette: as for `levels`.
    """
    ends = np.array([min(scale.low, scale.start), max(scale.high, scale.end)])
    levels(axes, np.array([0.0, 1.0]), bands(scale, ends), np.column_stack([ends, ends]), scale, palette)
    axes.set_ylim(*bands(scale, ends))
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.set_yticks(bands(scale, np.array(scale.ticks)), scale.texts)
    axes.tick_params(length=0, labelsize=9, colors=palette.text)
    axes.spines[:].set_visible(False)
    axes.set_title(title, color=palette.text, fontsize=10, loc="left", pad=5)


def marks(axes: Any, trace: dict[str, Any], palette: Palette) -> None:
    """Points of a plain figure, one by one: rings where paths begin, their ends, the centre, arrows and crosses where they leave.

    Args:
        axes: of matplotlib.
        trace: of markers; an arrow points away from the point before it.
        palette: of the theme.
    """
    points = np.column_stack([trace["x"], trace["y"]])
    given = [trace["marker"][name] for name in ("symbol", "size", "color")]
    looked = zip(*([value] * len(points) if isinstance(value, str | int) else value for value in given), strict=True)
    for place, (point, (symbol, size, color)) in enumerate(zip(points, looked, strict=True)):
        look: dict[str, Any] = {"mec": palette.background, "mew": 0.5, "color": color, "marker": MARKERS.get(symbol, symbol), "ms": size * PT}
        if symbol == "arrow":
            ahead = point - points[place - 1]
            look["marker"] = (3, 0, math.degrees(math.atan2(ahead[1], ahead[0])) - 90.0)
        elif symbol == "x":
            look |= {"mec": color, "mew": 2.0}
        elif symbol.endswith("-open"):
            look |= {"mfc": "none", "mec": color, "mew": 1.4}
        if size:
            axes.plot(*point, ls="none", clip_on=False, zorder=3, **look)


def write(axes: Any, note: dict[str, Any], palette: Palette) -> None:
    """Letters of a plain figure beside a point, readable over lines.

    Args:
        axes: of matplotlib.
        note: made by `lab.figures.map.written`.
        palette: of the theme.
    """
    across, up = (note[anchor].replace("middle", "center") for anchor in ("xanchor", "yanchor"))
    axes.annotate(
        note["text"], (note["x"], note["y"]), (note["xshift"] * PT, note["yshift"] * PT), textcoords="offset points", ha=across, va=up, fontsize=9,
        weight="bold", color=note["font"]["color"], path_effects=[withStroke(linewidth=2.5, foreground=palette.background)], zorder=4, parse_math=False,
    )  # fmt: skip


def fit(words: Any, room: float) -> None:
    """Make words as small as their room asks for; what still has none is cut off. They are no formulas.

    Args:
        words: a text of matplotlib on a figure.
        room: its width, px.
    """
    words.set_parse_math(False)
    if (wide := words.get_window_extent().width) > room:
        words.set_fontsize(max(_SMALLEST, 0.97 * words.get_fontsize() * room / wide))
    text = words.get_text()
    while len(text) > 1 and words.get_window_extent().width > room:
        text = text[:-1]
        words.set_text(text.rstrip() + "…")


def in_lines(text: str, room: float) -> str:
    """A title of 10 pt in as many lines as it needs.

    Args:
        text: the title.
        room: its width, px.
    """
    return textwrap.fill(text, max(int(room / _LETTER), 10))
