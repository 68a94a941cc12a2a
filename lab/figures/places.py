"""Where the names of the runs have room on the map. The legend names every run anyway; a name at the path's end spares the look there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

WIDTH, HEIGHT = 330.0, 260.0
"""The plot of a phone, in px: what fits there fits everywhere."""
_CHARACTER, _LINE, _GAP = 7.0, 15.0, 8.0
_CROWD = 28.0
"""Two ends closer than this, in px, share no names: one could not tell whose is whose."""


class End(NamedTuple):
    """The end of a path.

    Attributes:
        w: the point.
        text: the run's short label.
        color: of the text.
        inside: whether it ends inside the view; elsewhere the arrow has its own text.
    """

    w: np.ndarray
    text: str
    color: str
    inside: bool


class Label(NamedTuple):
    """A name that has room.

    Attributes:
        w: the point it belongs to.
        text, color: as given.
        side: where it stands, −1, 0 or 1 to the right and upwards.
    """

    w: np.ndarray
    text: str
    color: str
    side: tuple[int, int]


def place(ends: Sequence[End], marks: Sequence[np.ndarray], xs: Sequence[np.ndarray], ys: Sequence[np.ndarray], domain: Any) -> list[Label]:
    """The names that have room.

    Args:
        ends: where the paths end.
        marks: start and minima, which stay uncovered.
        xs, ys: the paths; a name goes where fewest of their points are.
        domain: what the map shows.
    """
    origin = np.array([domain.w1[0], domain.w2[0]])
    scale = np.array([WIDTH / (domain.w1[1] - domain.w1[0]), HEIGHT / (domain.w2[1] - domain.w2[0])])
    places = [(end.w - origin) * scale for end in ends]
    alone = [end.inside and sum(np.abs(here - there).max() < _CROWD for there in places) == 1 for end, here in zip(ends, places, strict=True)]
    if not any(alone):
        return []
    points = (np.column_stack([np.concatenate(xs), np.concatenate(ys)]) - origin) * scale
    blocked = [_around((mark - origin) * scale, 9.0) for mark in marks] + [_around(there, 7.0) for there in places]
    labels = []
    for end, here, free in zip(ends, places, alone, strict=True):
        boxes = _boxes(here, _CHARACTER * len(end.text)) if free else {}
        fitting = {side: box for side, box in boxes.items() if _in_view(box) and not any(_overlap(box, other) for other in blocked)}
        if fitting:
            covered = {side: _inside(points, box) for side, box in fitting.items()}
            side = min(covered, key=covered.__getitem__)
            blocked.append(fitting[side])
            labels.append(Label(end.w, end.text, end.color, side))
    return labels


Box = tuple[float, float, float, float]


def _boxes(at: np.ndarray, width: float) -> dict[tuple[int, int], Box]:
    x, y = float(at[0]), float(at[1])
    half, line = width / 2, _LINE / 2
    return {
        (1, 0): (x + _GAP, y - line, x + _GAP + width, y + line),
        (-1, 0): (x - _GAP - width, y - line, x - _GAP, y + line),
        (0, 1): (x - half, y + _GAP, x + half, y + _GAP + _LINE),
        (0, -1): (x - half, y - _GAP - _LINE, x + half, y - _GAP),
    }


def _around(at: np.ndarray, reach: float) -> Box:
    return float(at[0]) - reach, float(at[1]) - reach, float(at[0]) + reach, float(at[1]) + reach


def _in_view(box: Box) -> bool:
    return box[0] >= 2 and box[1] >= 2 and box[2] <= WIDTH - 2 and box[3] <= HEIGHT - 2


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _inside(points: np.ndarray, box: Box) -> int:
    return int(((points[:, 0] > box[0]) & (points[:, 0] < box[2]) & (points[:, 1] > box[1]) & (points[:, 1] < box[3])).sum())
