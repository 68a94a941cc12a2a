"""A path laid on a surface of triangles: cut wherever it passes from one triangle to the next, so that it sinks in nowhere.

Each cell of the grid is two triangles, cut from its lower left to its upper right corner; a path's pieces are straight, so it can pass only where it meets a
column, a row or a diagonal.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def laid(z: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The parts of a path that have something to lie on, piece by piece.

    Args:
        z: heights at columns and rows 0, 1, …, `(rows, columns)`; nan for a hole.
        at: the path's points in columns and rows, `(F, 2)`; what is not finite is a gap.

    Returns:
        The two ends of each piece, in order: column, row and height, `(k, 2, 3)`.
    """
    limits = np.array([z.shape[1] - 1.0, z.shape[0] - 1.0])
    pieces = [piece for p, q in pairwise(at) if np.isfinite([p, q]).all() for piece in _pieces(z, *_visible(p, q, limits))]
    return np.array(pieces).reshape(-1, 2, 3)


def _visible(p: np.ndarray, q: np.ndarray, limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ends of what lies between 0 and `limits` of the way from p to q; two equal points where nothing does."""
    if (np.maximum(p, q) < 0.0).any() or (np.minimum(p, q) > limits).any():
        return p, p
    first, last = _left(q, p, limits), _left(p, q, limits)
    return (first, last) if float((last - first) @ np.where(q > p, 1.0, -1.0)) > 0.0 else (p, p)


def _left(p: np.ndarray, q: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Where the way from p to q leaves the grid, or q."""
    if ((q >= 0.0) & (q <= limits)).all():
        return q
    border = np.where(q > limits, limits, 0.0)
    with np.errstate(all="ignore"):  # halves, so that numbers as large as those of a training that diverges do not overflow
        shares = np.where((q < 0.0) | (q > limits), (border / 2 - p / 2) / (q / 2 - p / 2), 1.0)
    point = np.clip((1.0 - shares.min()) * p + shares.min() * q, 0.0, limits)
    point[shares.argmin()] = border[shares.argmin()]
    return np.asarray(point)


def _pieces(z: np.ndarray, p: np.ndarray, q: np.ndarray) -> list[np.ndarray]:
    """The way from p to q, triangle by triangle, ends with heights, `(2, 3)` each; without those over holes."""
    if np.array_equal(p, q):
        return []
    rows, columns = z.shape
    shares = [np.array([0.0, 1.0])]
    for start, end, lines in (
        (p[0], q[0], np.arange(columns)),
        (p[1], q[1], np.arange(rows)),
        (p[0] - p[1], q[0] - q[1], np.arange(1 - rows, columns)),
    ):
        met = lines[(lines > min(start, end)) & (lines < max(start, end))]
        shares.append((met - start) / (end - start))
    share = np.unique(np.concatenate(shares))[:, None]
    points = (1.0 - share) * p + share * q  # its ends are p and q exactly
    pieces = []
    for ends in pairwise(points):
        middle = (ends[0] + ends[1]) / 2
        column, row = min(int(middle[0]), columns - 2), min(int(middle[1]), rows - 2)
        a, b, c, d = z[row, column], z[row, column + 1], z[row + 1, column + 1], z[row + 1, column]
        right, up = np.array(ends).T - [[column], [row]]
        heights = a + right * (b - a) + up * (c - b) if middle[0] - column >= middle[1] - row else a + up * (d - a) + right * (c - d)
        if np.isfinite(heights).all():
            pieces.append(np.column_stack([ends, heights]))
    return pieces
