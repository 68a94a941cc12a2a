"""The heights that map and 3-D view share: one transformed array a surface, the same object for as long as the surface is.

A browser that already holds an array need not get it again, so identity matters.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from cachetools import LRUCache, cached

if TYPE_CHECKING:
    from lab.ground import Landscape


class Grid(NamedTuple):
    """Heights ready to draw.

    Attributes:
        w1, w2, z: columns, rows, and T(L) on them, `(ny, nx)`; T is log₁₀(L − L*) where the surface's levels are logarithmic, else L itself.
        bowl: z with the funnels around the minima, endless in a logarithm, closed at the lowest level: the surface in space.
        floor: what is subtracted before the logarithm.
        least: the smallest difference that is told from zero; None without a logarithm.
        start, end, size: the lowest level line, the highest, and the distance between two, in T(L).
        loss: the array that z was made from, kept so that its id stays taken.
    """

    w1: np.ndarray
    w2: np.ndarray
    z: np.ndarray
    bowl: np.ndarray
    floor: float
    least: float | None
    start: float
    end: float
    size: float
    loss: np.ndarray


def grid_of(landscape: Landscape, levels: Any) -> Grid:
    """The heights of a landscape, with the surface's own level lines."""
    grid: Grid = _grid(landscape, levels)
    return grid


def heights(loss: np.ndarray, grid: Grid) -> np.ndarray:
    """T(loss): where a loss stands on the grid's axis."""
    if grid.least is None:
        return loss
    with np.errstate(over="ignore", invalid="ignore"):
        result: np.ndarray = np.log10(np.maximum(loss - grid.floor, grid.least))
    return result


@cached(LRUCache(32), key=lambda landscape, levels: (id(landscape.loss), levels), lock=threading.Lock())
def _grid(landscape: Landscape, levels: Any) -> Grid:
    floor = landscape.floor or 0.0
    if levels.log:
        start, end, least = math.log10(levels.low), math.log10(levels.high), levels.low / 20
    else:
        start, end, least = float(levels.low), float(levels.high), None
    size = (end - start) / max(levels.count - 1, 1)
    shown = landscape.loss if np.isfinite(landscape.loss).all() else np.where(np.isfinite(landscape.loss), landscape.loss, np.nan)  # Plotly draws nan as a gap
    grid = Grid(landscape.w1, landscape.w2, shown, shown, floor, least, start, end, size, landscape.loss)
    if not levels.log:
        return grid
    z = heights(shown, grid)
    return grid._replace(z=z, bowl=np.maximum(z, start - size / 2))
