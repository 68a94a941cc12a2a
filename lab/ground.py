"""A surface or a curve at its present parameters, ready to draw: heights on a grid, minima, curvature, the points without a slope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lab.plane import in_plane
from optim_core import theory
from optim_core.hyper import resolve
from optim_core.theory import Bowl
from surfaces._surface import NOWHERE, Critical, critical_points

GRID = (161, 121)
"""Columns and rows of the grid that the level lines are drawn from."""
CURVE_POINTS = 961
"""Points of a curve of one parameter."""
DRAFT_GRID = (81, 61)
"""The same while a surface's slider is being dragged."""


@dataclass(frozen=True)
class Landscape:
    """A surface, ready to draw.

    Attributes:
        w1: grid columns, `(nx,)`.
        w2: grid rows, `(ny,)`; none for a curve.
        loss: `(ny, nx)`; `(nx,)` for a curve.
        minima: `(k, n)`, the lowest first.
        stars: where they are drawn, `(k, 2)`.
        bends: L″ of a curve at each of its minima, `(k,)`, ∞ at a kink; none for a surface.
        floor: L*, the loss at the lowest minimum; None where there is none.
        bowl: eigen-directions and curvatures where the Hessian is the same everywhere and positive, else None.
        critical: the points without a slope that were found; none in a draft.
    """

    w1: np.ndarray
    w2: np.ndarray
    loss: np.ndarray
    minima: np.ndarray
    stars: np.ndarray
    bends: np.ndarray
    floor: float | None
    bowl: Bowl | None
    critical: Critical


@jax.jit
def _evaluate(surface: Any, w1: jax.Array, w2: jax.Array) -> jax.Array:
    values: jax.Array = jax.vmap(lambda y: jax.vmap(lambda x: surface(jnp.stack([x, y])))(w1))(w2)
    return values


@jax.jit
def _at(surface: Any, w: jax.Array) -> tuple[jax.Array, jax.Array]:
    return surface(w), jax.hessian(surface)(w)


@jax.jit
def _along(curve: Any, w: jax.Array) -> jax.Array:
    values: jax.Array = jax.vmap(lambda x: curve(x[None]))(w)
    return values


def _curve(curve: Any) -> Landscape:
    """A curve, drawn a little farther than the view goes, so that it leaves it."""
    domain, exact = curve.domain, resolve(curve)
    reach = (domain.w1[1] - domain.w1[0]) / 10
    w = np.linspace(domain.w1[0] - reach, domain.w1[1] + reach, CURVE_POINTS)
    minima = np.array(curve.minima(), dtype=np.float64).reshape(-1, 1)
    heights = np.array([float(_at(exact, point)[0]) for point in minima])
    bends = np.array([_bend(exact, point) for point in minima])
    stars, loss = in_plane(minima, heights), np.asarray(_along(exact, w))
    for shared in (w, minima, stars):
        shared.flags.writeable = False
    shape = theory.bowl(minima[0], bends[:1, None]) if curve.quadratic and len(minima) else None
    return Landscape(w, np.zeros(0), loss, minima, stars, bends, float(heights.min()) if len(minima) else None, shape, NOWHERE)


def _bend(curve: Any, minimum: np.ndarray) -> float:
    """L″ at a minimum; at a kink, where the slope jumps, ∞; nan where L″ is infinite and the slope does not jump, as at the minimum of |w|^1.5."""
    h = 1e-6
    slopes = [float(_slope(curve, minimum + side)[0]) for side in (-h, h)]
    second = float(_at(curve, minimum)[1][0, 0])
    around = (slopes[1] - slopes[0]) / (2.0 * h)
    if abs(second) > 10.0 * abs(around):
        return np.nan
    return np.inf if around > 1e3 + 2.0 * abs(second) else second


@jax.jit
def _slope(curve: Any, w: jax.Array) -> jax.Array:
    found: jax.Array = jax.grad(curve)(w)
    return found


def explored(surface: Any, grid: tuple[int, int]) -> Landscape:
    """Compute everything that a picture shows of a surface, or of a curve.

    Args:
        surface: a spec of `surfaces`.
        grid: columns and rows; the points without a slope are left out of a `DRAFT_GRID`.

    Raises:
        ValueError: a parameter is out of range.
    """
    if len(surface.starts[0]) == 1:
        return _curve(surface)
    domain, exact = surface.domain, resolve(surface)
    w1, w2 = np.linspace(domain.w1[0], domain.w1[1], grid[0]), np.linspace(domain.w2[0], domain.w2[1], grid[1])
    minima = np.array(surface.minima(), dtype=np.float64)
    where = minima[0] if len(minima) else np.array(surface.starts[0], dtype=np.float64)
    value, hessian = _at(exact, where)
    for shared in (w1, w2, minima):
        shared.flags.writeable = False
    return Landscape(
        w1,
        w2,
        np.asarray(_evaluate(exact, w1, w2)),
        minima,
        minima,
        np.zeros(0),
        float(value) if len(minima) else None,
        theory.bowl(where, np.asarray(hessian)) if surface.quadratic and len(minima) else None,
        NOWHERE if grid == DRAFT_GRID else critical_points(surface),
    )
