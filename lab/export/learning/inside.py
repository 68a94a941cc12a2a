"""Pictures of what is inside the networks, for print: their drawing with its weights, and how weights, activations and gradients are distributed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from lab.figures.learning.axes import tick
from lab.figures.learning.looks import ends, looks
from lab.figures.style import PALETTES, Theme
from lab.lesson_types import KINDS

if TYPE_CHECKING:
    from lab.lesson_types import Learned, Lesson

_DPI = 100
_NEURONS = 16
"""Neurons of a layer that are drawn at most."""


def _figure(width: int, height: int, theme: Theme) -> Figure:
    return Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=PALETTES[theme].background, layout="constrained")


def row_at(lesson: Lesson, learned: Learned, ticks: float) -> int:
    """The last checkpoint before a time on the common clock."""
    iteration = min(int(ticks * tick(lesson, learned) + 1e-9), learned.record.n_steps)
    return int(np.searchsorted(learned.record.at, iteration, side="right")) - 1


def network_picture(lesson: Lesson, ticks: float, width: int, height: int, theme: Theme, _: Callable[[str], str]) -> Figure:
    """Every network with its weights after some time: the wider a line, the larger the weight; its colour is that of its sign.

    Args:
        lesson: a whole one, no draft.
        ticks: the time on the common clock, in epochs unless the trainings differ in them.
        width, height: in px.
        theme: light or dark.
        _: translates what is written on it.
    """
    figure = _figure(width, height, theme)
    columns = len(lesson.runs) if len(lesson.runs) < 4 else 2
    for index, learned in enumerate(lesson.runs):
        axes: Any = figure.add_subplot(math.ceil(len(lesson.runs) / columns), columns, index + 1)
        axes.set_axis_off()
        axes.set_title(learned.label.replace("$", r"\$"), color=looks(theme)[index].color, fontsize=11, loc="left")
        _network(axes, learned, row_at(lesson, learned, ticks), theme)
    return figure


def _network(axes: Any, learned: Learned, row: int, theme: Theme) -> None:
    network, palette = learned.network, PALETTES[theme]
    sizes = [network.inputs, *(layer.width for layer in network.hidden), network.outputs]
    places = [np.column_stack([np.full(count, layer), (count - 1) / 2.0 - np.arange(count)]) for layer, count in enumerate(min(n, _NEURONS) for n in sizes)]
    w = learned.record.w[row]
    for part in network.parts:
        if part.name == "W":  # of maxout the first of its two pieces
            before, after = places[part.layer], places[part.layer + 1]
            held = w[part.where].reshape(part.shape)[: len(before), : len(after)]
            largest = np.abs(held[np.isfinite(held)]).max(initial=0.0) or 1.0
            strength = np.nan_to_num(np.abs(held) / largest, nan=1.0, posinf=1.0).ravel()
            low, high = ends(theme)
            colors = [to_rgba(high if value > 0.0 else low, 0.15 + 0.8 * share) for value, share in zip(held.ravel(), strength, strict=True)]
            lines = [(a, b) for a in before for b in after]
            axes.add_collection(LineCollection(lines, colors=colors, linewidths=0.3 + 3.0 * strength, zorder=1))
    for layer, (points, size) in enumerate(zip(places, sizes, strict=True)):
        axes.scatter(*points.T, s=90, c=palette.background, edgecolors=palette.text, linewidths=1.2, zorder=2)
        axes.annotate(str(size), (layer, -(len(points) - 1) / 2.0), (0, -12), textcoords="offset points", ha="center", va="top", fontsize=9, color=palette.text)
    axes.margins(0.08, 0.14)


def histogram_picture(lesson: Lesson, ticks: float, width: int, height: int, theme: Theme, _: Callable[[str], str]) -> Figure:
    """Shares of the values of every layer after some time, all trainings in one picture. The arguments are those of `network_picture`."""
    figure, palette = _figure(width, height, theme), PALETTES[theme]
    layers = max(len(learned.network.hidden) for learned in lesson.runs) + 1
    grid: Any = figure.subplots(len(KINDS), layers, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for index, learned in enumerate(lesson.runs):
        row, color = row_at(lesson, learned, ticks), looks(theme)[index].color
        for histogram in learned.histograms:
            output = histogram.layer == len(learned.network.hidden)
            kind = list(KINDS).index(histogram.kind)
            axes = grid[kind, layers - 1 if output else histogram.layer]
            axes.set_axis_on()
            axes.set_facecolor(palette.background)
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0, labelsize=8, colors=palette.text)
            axes.locator_params(nbins=3)
            axes.stairs(histogram.counts[row], histogram.edges, color=color, lw=1.4, label=learned.label.replace("$", r"\$"))
            named = _("output") if output else _("layer {number}").format(number=histogram.layer + 1)
            axes.set_title(f"{_(KINDS[histogram.kind])} · {named}", fontsize=9, color=palette.text, loc="left")
    if len(lesson.runs) > 1:
        handles, _labels = grid[0, layers - 1].get_legend_handles_labels()
        figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize=9, labelcolor=palette.text)
    return figure
