"""`Board`: a computed map, and what can be read off it. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.charts import Show
from optim_core.sweep import DIVERGED, NOT_YET, THERE, Goal, Outcome, judged

__all__ = ["DIVERGED", "NOT_YET", "THERE", "Board"]


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
        noisy: their gradient has noise.
    """

    run: int
    cells: int
    x: np.ndarray
    y: np.ndarray
    outcome: Outcome
    goal: Goal
    minima: np.ndarray
    n_steps: int
    noisy: bool = False

    @property
    def nbytes(self) -> int:
        """Memory it keeps alive."""
        return sum(part.nbytes for part in self.outcome)

    @cached_property
    def verdict(self) -> np.ndarray:
        """`THERE`, `NOT_YET` or `DIVERGED` of every cell, see `judged`."""
        return judged(self.outcome, self.goal, noisy=self.noisy)

    def shown(self, show: Show) -> np.ndarray:
        """What the colours say, nan where the verdict does.

        steps     the first step with L − L* ≤ τ, of a run that is there at its end
        loss      L − L* at the end, or L where there is no lowest minimum
        distance  from the last point to the nearest minimum
        rate      ((L_k − L*)/(L₀ − L*))^(1/2k), k the first step with L − L* ≤ τ of a run that is there at its end, or else the last one: the mean factor on
                  √(L − L*) a step; where it is there, τ stands for L_k − L*, which is at most that
        """
        outcome, status = self.outcome, self.verdict
        floor = 0.0 if np.isnan(self.goal.loss) else self.goal.loss
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            if show == "steps":
                return np.where(status == THERE, outcome.reached, np.nan)
            if show == "loss":
                return np.where(status == DIVERGED, np.nan, outcome.loss - floor)
            if show == "distance":
                return np.where(status == DIVERGED, np.nan, self._nearest[1])
            there = status == THERE
            steps, gap = np.where(there, outcome.reached, self.n_steps), np.where(there, self.goal.tolerance, outcome.loss - floor)
            factor = (gap / (outcome.first_loss - floor)) ** (0.5 / steps)
            return np.where((status == DIVERGED) | (steps == 0), np.nan, factor)

    @cached_property
    def basins(self) -> np.ndarray:
        """Which of `minima` each run is at in the end, −1 where it is at none."""
        which, apart = self._nearest
        return np.where(apart <= self.goal.radius, which, -1)

    @property
    def nearest(self) -> np.ndarray:
        """The minimum that each last point is nearest to, however far it is; −1 where the point is not finite."""
        which, apart = self._nearest
        return np.where(np.isfinite(apart), which, -1)

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

    @cached_property
    def _nearest(self) -> tuple[np.ndarray, np.ndarray]:
        """Which minimum is nearest to each last point, and how far it is; ∞ where there is none. One minimum after another: all at once take much memory."""
        which, least = np.zeros(self.outcome.loss.shape, np.int32), np.full(self.outcome.loss.shape, np.inf)
        with np.errstate(invalid="ignore", over="ignore"):
            for number, minimum in enumerate(self.minima):
                apart = np.linalg.norm(self.outcome.w - minimum, axis=-1)
                closer = apart < least  # false for nan
                which[closer], least[closer] = number, apart[closer]
        return which, least
