"""What of a path is drawn, and where it leaves the view. Only the drawing is shortened; the record, the table and the exports keep every number."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

FAR = 20.0
"""The last point is drawn at most this many views away, in its true direction: pixel numbers much beyond break a browser's lines."""
MANY = 2_000
"""Points from which a path is thinned."""
_CELLS = 2_000
"""Thinning keeps a point whenever the path enters another cell of a grid with this many cells a side: finer than a pixel."""


class Exit(NamedTuple):
    """Where a path leaves the view for good.

    Attributes:
        inside: its last point inside the view.
        border: where it then crosses the border; `inside` again when the next point is no finite number.
        step: the first step outside.
    """

    inside: np.ndarray
    border: np.ndarray
    step: int


class Drawn(NamedTuple):
    """A path as it is drawn: until it leaves the view for good, or ceases to be finite.

    Attributes:
        w: its points, `(m, 2)`, all finite.
        t: their steps, `(m,)`; None when they are 0, 1, 2 …
        last: the last step that is drawn.
        exit: where it leaves the view, or None.
    """

    w: np.ndarray
    t: np.ndarray | None
    last: int
    exit: Exit | None


def drawn(w: np.ndarray, domain: Any, thin: bool = True) -> Drawn:
    """What is drawn of the path `w`, `(n, 2)`; with `thin`, less of it where it is long."""
    low, high = _corners(domain)
    inside = np.flatnonzero(domain.contains(w))
    if not len(inside):
        return Drawn(w[:0], None, 0, None)
    last, leaves = len(w) - 1, None
    if inside[-1] < last:
        last = int(inside[-1]) + 1
        here, there = w[last - 1], w[last]
        if np.isfinite(there).all():
            leaves = Exit(here, _towards(here, there, low, high), last)
            reach = FAR * (high - low)
            if (there < low - reach).any() or (there > high + reach).any():
                w = np.vstack([w[:last], _towards(here, there, low - reach, high + reach)])
        else:
            leaves, last = Exit(here, here, last), last - 1
    w = w[: last + 1]
    if not thin or len(w) <= MANY:
        return Drawn(w, None, last, leaves)
    cell = np.floor((w - low) / (high - low) * _CELLS)
    enters = (cell[1:] != cell[:-1]).any(axis=1)
    t = np.flatnonzero(np.r_[True, enters] | np.r_[enters, True])
    return Drawn(w[t], t, last, leaves)


def dots_fit(w: np.ndarray, domain: Any, most: int) -> bool:
    """Whether a dot for every step can be told from its neighbours: `most` at most that move at all, most of them by a visible stretch."""
    if len(w) > 2 * most:
        return False
    low, high = _corners(domain)
    moves = (np.abs(w[1:] - w[:-1]) / (high - low)).max(axis=1)
    visible = moves[moves > 1 / 400]
    return len(visible) < most and 2 * int((visible > 1 / 110).sum()) >= len(visible)


def _corners(domain: Any) -> tuple[np.ndarray, np.ndarray]:
    return np.array([domain.w1[0], domain.w2[0]]), np.array([domain.w1[1], domain.w2[1]])


def _towards(start: np.ndarray, end: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where the segment from `start`, inside the box, to `end`, outside, crosses its border."""
    half = end / 2 - start / 2  # halves, because the difference of two numbers near the largest one overflows
    limit = np.where(half > 0, high, low)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(half == 0, np.inf, (limit - start) / 2 / half)
    axis = int(np.argmin(share))
    point: np.ndarray = start + 2 * (share[axis] * half)
    point[axis] = limit[axis]
    return point
