"""A fan: one run under many draws of the noise, reduced to what a picture shows of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.plane import drawn_points
from optim_core import Job, simulate_all
from optim_core.types import Trajectory

POINTS = 80
"""Points that a faint path is drawn with at most: every k-th step."""
BATCH = 25
"""Full records held at a time; of each only a few columns are kept."""
BAND = (0.1, 0.9)
REACH = 10.0
"""A faint path ends where it is so many views away."""


@dataclass(frozen=True)
class Fan:
    """What N seeds of one run came to.

    Attributes:
        t: the steps at which the faint paths are drawn, `(P,)`.
        w: their points, `(N, P, 2)`; nan where a path is not finite or far out of view. Row 0 is the run itself.
        median: of the loss at every step, `(T+1,)`; a loss that is no number counts as infinite.
        low, high: the quantiles of `BAND`, `(T+1,)`.
        last_w: where each seed ended, `(N, 2)`.
        last_loss: and its loss there, `(N,)`.
    """

    t: np.ndarray
    w: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    last_w: np.ndarray
    last_loss: np.ndarray

    @property
    def nbytes(self) -> int:
        """Memory it keeps alive."""
        return self.w.nbytes + 3 * self.median.nbytes + self.last_w.nbytes + self.last_loss.nbytes


def fan_of(path: Trajectory, others: Sequence[Job], domain: Any) -> Fan:
    """Run the other seeds and reduce them, together with the run itself.

    Args:
        path: the run's own record, the first of the fan.
        others: its jobs under the other seeds.
        domain: what the map shows (`surfaces._surface.Domain`).
    """
    n_steps = path.n_steps
    t = np.unique(np.linspace(0, n_steps, min(n_steps + 1, POINTS)).round().astype(int))
    loss = np.empty((len(others) + 1, n_steps + 1))
    w = np.empty((len(others) + 1, len(t), 2))
    last = np.empty((len(others) + 1, 2))
    for row, record in enumerate(_records(path, others)):
        points = drawn_points(record)
        loss[row], w[row], last[row] = record.loss, points[t], points[-1]
    span = np.array([domain.w1[1] - domain.w1[0], domain.w2[1] - domain.w2[0]])
    centre = np.array([sum(domain.w1), sum(domain.w2)]) / 2
    with np.errstate(invalid="ignore", over="ignore"):
        w[~(np.abs(w - centre) <= REACH * span).all(axis=2)] = np.nan
    last_loss = loss[:, -1].copy()
    loss[np.isnan(loss)] = np.inf
    low, median, high = _quantiles(loss, (BAND[0], 0.5, BAND[1]))
    for shared in (t, w, median, low, high, last, last_loss):
        shared.flags.writeable = False
    return Fan(t, w, median, low, high, last, last_loss)


def _records(path: Trajectory, others: Sequence[Job]) -> Iterator[Trajectory]:
    yield path
    for first in range(0, len(others), BATCH):
        yield from simulate_all(others[first : first + BATCH])


def _quantiles(loss: np.ndarray, shares: Sequence[float]) -> list[np.ndarray]:
    """Quantiles over the seeds at every step, each the loss of some seed: between infinity and a number there is nothing to interpolate.

    `np.quantile(method="inverted_cdf")` says the same, ten times slower.
    """
    ordered = np.sort(loss, axis=0)
    return [ordered[max(int(np.ceil(share * len(loss))) - 1, 0)] for share in shares]
