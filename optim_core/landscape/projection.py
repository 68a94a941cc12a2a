"""The shadow of a path in a plane, and how much of the path it holds.

A point w of the path is drawn at the coordinates a of the nearest point of the plane,  a = argmin ‖c + a₁ d₁ + a₂ d₂ − w‖, which for directions at right
angles are products. What a picture cannot show is told beside it: the distance that remains, the share of the way from c that lies in the plane, and the loss
at the nearest point, which is what the colours show, beside the loss at w, which is what the training had.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optim_core.landscape.directions import Plane


class Shadow(NamedTuple):
    """Where some weights are drawn in a plane.

    Attributes:
        at: coordinates of the nearest points of the plane, `(F, 2)`.
        distance: ‖w − nearest‖, `(F,)`.
        ratio: ‖nearest − c‖/‖w − c‖, the norm ratio: 1 in the plane, 0 where the plane shows nothing of the way; 1 at c itself, `(F,)`.
    """

    at: np.ndarray
    distance: np.ndarray
    ratio: np.ndarray


def project(plane: Plane, w: np.ndarray) -> Shadow:
    """The nearest points of a plane.

    Args:
        plane: the plane.
        w: weights, `(F, P)`; what is not finite has no shadow: nan.
    """
    away = w - plane.centre
    good = np.isfinite(away).all(axis=1)
    scale = np.where(good, np.abs(away).max(axis=1), np.nan)  # a path that diverges has squares that overflow
    scaled = away / np.where(scale > 0.0, scale, 1.0)[:, None]
    at = np.full((len(w), 2), np.nan)
    at[good] = np.linalg.lstsq(plane.directions.T, scaled[good].T, rcond=None)[0].T
    inside = np.where(good[:, None], at @ plane.directions, np.nan)
    length, apart = np.linalg.norm(inside, axis=1), np.linalg.norm(np.where(good[:, None], scaled, np.nan), axis=1)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = np.where(apart > 0.0, length / apart, np.where(good, 1.0, np.nan))
        return Shadow(at * scale[:, None], np.linalg.norm(np.where(good[:, None], scaled, np.nan) - inside, axis=1) * scale, ratio)


def explained(plane: Plane, w: np.ndarray) -> float:
    """The share of Σ‖w_t − c‖² that lies in the plane, from 0 to 1; of a path that never left c, 1. Weights that are not finite do not count.

    Args:
        plane: the plane.
        w: weights, `(F, P)`.
    """
    found = w[np.isfinite(w).all(axis=1)]
    away, left = np.abs(found - plane.centre), project(plane, found).distance
    scale = away.max(initial=0.0)
    if scale == 0.0:
        return 1.0
    return max(1.0 - float(np.sum((left / scale) ** 2)) / float(np.sum((away / scale) ** 2)), 0.0)
