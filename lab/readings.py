"""What the table says of a run: pure readings of its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lab.plane import drawn_points
from optim_core.stopping import Rule, first_overflow, first_stop, first_within
from optim_core.types import Trajectory

Status = Literal["converged", "moving", "left_view", "overflow"]
NEAR = 1e-3
"""A loss this close to the lowest minimum counts as arrived."""


@dataclass(frozen=True)
class Reading:
    """One run, read.

    Attributes:
        last_loss: L at the last step, or at the stop.
        distance: from there to the nearest minimum; None where the surface has none.
        within: the first step, up to the stop, with L − L* ≤ `NEAR`, or None.
        stop: the step at which the chosen rule would have stopped, or None.
        status: overflow and left_view come before converged: a run that flew away has not converged, whatever a rule says.
        at: the step the status speaks of.
    """

    last_loss: float
    distance: float | None
    within: int | None
    stop: int | None
    status: Status
    at: int


def read(path: Trajectory, domain: Any, minima: np.ndarray, floor: float | None, rule: Rule, tolerance: float, patience: int) -> Reading:
    """Read a recorded run.

    Args:
        path: the record.
        domain: what the map shows (`surfaces._surface.Domain`).
        minima: the surface's minima, `(k, n)`.
        floor: L*, the loss at the lowest one, or None.
        rule, tolerance, patience: the chosen stopping rule.
    """
    stop = first_stop(path, rule, tolerance, patience)
    last = path.n_steps if stop is None else stop
    point = path.w[last]
    with np.errstate(over="ignore", invalid="ignore"):
        distance = float(np.linalg.norm(minima - point, axis=1).min()) if len(minima) else None
    overflow = first_overflow(path)
    outside = ~domain.contains(drawn_points(path)[: last + 1])
    status: Status
    if overflow is not None and overflow <= last:
        status, at = "overflow", overflow
    elif outside[-1]:
        inside = np.flatnonzero(~outside)
        status, at = "left_view", int(inside[-1]) + 1 if len(inside) else 0
    else:
        status, at = ("moving", path.n_steps) if stop is None else ("converged", stop)
    within = None if floor is None else first_within(path, floor, NEAR)
    within = within if within is not None and within <= last else None
    return Reading(float(path.loss[last]), distance, within, stop, status, at)


def part_at(path: Trajectory, other: Trajectory, distance: float) -> int | None:
    """The first step at which two runs are more than `distance` apart, or None.

    Numbers that are not finite are apart from everything but the same non-finite number.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        apart = ~(np.linalg.norm(path.w - other.w, axis=1) <= distance) & ~((path.w == other.w) | (np.isnan(path.w) & np.isnan(other.w))).all(axis=1)
    return int(np.argmax(apart)) if apart.any() else None


def clipped_steps(path: Trajectory) -> np.ndarray:
    """The steps whose gradient was cut, as whole numbers; step t leads from `w[t]` to `w[t+1]`."""
    cut = (path.raw_grad != path.step.grad) & ~(np.isnan(path.raw_grad) & np.isnan(path.step.grad))
    return np.flatnonzero(cut.any(axis=1))
