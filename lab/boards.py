"""`Board`: a computed map, and what can be read off it. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.charts import Show
from optim_core.sweep import NEVER, Goal, Outcome

THERE, NOT_YET, DIVERGED = 0, 1, 2
"""Reached the goal; did not within the steps; overflowed, or ended higher than it began."""


@dataclass(frozen=True)
class Board:
    """One map, computed.

    Attributes:
        run: whose map it is, from 0.
        cells: cells a side, or the number of seeds.
        x, y: the values at the columns and rows; none for seeds.
        outcome: what became of each run, its fields of the shape `(ny, nx)`, one row for seeds; `w` has one axis more.
        goal: what counted as there.
        minima: points that distances are measured from, `(k, n)`.
        n_steps: T of its runs.
    """

    run: int
    cells: int
    x: np.ndarray
    y: np.ndarray
    outcome: Outcome
    goal: Goal
    minima: np.ndarray
    n_steps: int

    @property
    def nbytes(self) -> int:
        """Memory it keeps alive."""
        return sum(part.nbytes for part in self.outcome)

    @cached_property
    def verdict(self) -> np.ndarray:
        """`THERE`, `NOT_YET` or `DIVERGED` of every cell. A run counts as diverged when its last point or loss is not finite, or when it ended higher than it
        began."""
        outcome = self.outcome
        with np.errstate(invalid="ignore"):
            gone = ~(np.isfinite(outcome.loss) & np.isfinite(outcome.w).all(axis=-1)) | (outcome.loss > outcome.first_loss)
        return np.where(gone, DIVERGED, np.where(outcome.reached != NEVER, THERE, NOT_YET)).astype(np.uint8)

    def shown(self, show: Show) -> np.ndarray:
        """What the colours say, nan where the verdict does.

        steps     the first step with L − L* ≤ τ
        loss      L − L* at the end, or L where there is no lowest minimum
        distance  from the last point to the nearest minimum
        rate      ((L_k − L*)/(L₀ − L*))^(1/2k), k the first step with L − L* ≤ τ, or else the last one: the mean factor on √(L − L*) a step; there, τ stands
                  for L_k − L*, which is at most that
        """
        outcome, status = self.outcome, self.verdict
        floor = 0.0 if np.isnan(self.goal.loss) else self.goal.loss
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            if show == "steps":
                return np.where(status == THERE, outcome.reached, np.nan)
            if show == "loss":
                return np.where(status == DIVERGED, np.nan, outcome.loss - floor)
            if show == "distance":
                return np.where(status == DIVERGED, np.nan, self._apart.min(axis=-1, initial=np.inf))
            there = outcome.reached != NEVER
            steps, gap = np.where(there, outcome.reached, self.n_steps), np.where(there, self.goal.tolerance, outcome.loss - floor)
            factor = (gap / (outcome.first_loss - floor)) ** (0.5 / steps)
            return np.where((status == DIVERGED) | (steps == 0), np.nan, factor)

    @cached_property
    def basins(self) -> np.ndarray:
        """Which of `minima` each run is at in the end, −1 where it is at none."""
        if not len(self.minima):
            return np.full(self.verdict.shape, -1)
        return np.where(self._apart.min(axis=-1) <= self.goal.radius, self._apart.argmin(axis=-1), -1)

    @cached_property
    def nearest(self) -> np.ndarray:
        """The minimum that each last point is nearest to, however far it is."""
        return self._apart.argmin(axis=-1) if len(self.minima) else np.zeros(self.verdict.shape, int)

    def nearest_to(self, point: np.ndarray) -> int:
        """The minimum that a point is nearest to."""
        return int(np.linalg.norm(self.minima - point, axis=-1).argmin()) if len(self.minima) else 0

    @property
    def best(self) -> tuple[int, int] | None:
        """Row and column of the run that was there first; of equals, the one with the lower last loss. None where none was there."""
        status, outcome = self.verdict, self.outcome
        if not (status == THERE).any():
            return None
        order = np.lexsort((outcome.loss.ravel(), np.where(status == THERE, outcome.reached, np.iinfo(np.int32).max).ravel()))
        row, column = np.unravel_index(int(order[0]), status.shape)
        return int(row), int(column)

    @property
    def _apart(self) -> np.ndarray:
        """From the last points to every minimum, ∞ where a point is not finite."""
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.linalg.norm(self.outcome.w[..., None, :] - self.minima, axis=-1)
        return np.where(np.isnan(apart), np.inf, apart)
