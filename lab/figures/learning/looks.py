"""How trainings and classes are told apart: colour, dash and marker together."""

from __future__ import annotations

import functools
from typing import NamedTuple

from lab.figures.style import DASHES, HUES, MARKERS, Theme
from optim_core.types import Family


class Look(NamedTuple):
    """Of a training or of a class: colour, dash of its lines, marker of its points."""

    color: str
    dash: str
    marker: str


_RUNS: tuple[Family, ...] = ("gradient", "momentum", "adam", "adagrad")
_CLASSES: tuple[Family, ...] = ("adam", "momentum", "adagrad", "rmsprop", "curvature", "look_ahead", "gradient")


@functools.cache
def looks(theme: Theme) -> tuple[Look, ...]:
    """Of the trainings A, B, C, D."""
    return tuple(Look(HUES[theme][family][0 if index else 2 if theme == "light" else 1], DASHES[0], MARKERS[index]) for index, family in enumerate(_RUNS))


@functools.cache
def class_looks(theme: Theme) -> tuple[Look, ...]:
    """Of ten classes: seven hues, then their other shades; no two have the same marker and hue."""
    hues = [HUES[theme][family][0] for family in _CLASSES] + [HUES[theme][family][2] for family in _CLASSES[:3]]
    return tuple(Look(color, "solid", MARKERS[index % len(MARKERS)]) for index, color in enumerate(hues))


def ends(theme: Theme) -> tuple[str, str]:
    """The colours of the lowest and the highest value of a regression."""
    return HUES[theme]["momentum"][0], HUES[theme]["rmsprop"][0]
