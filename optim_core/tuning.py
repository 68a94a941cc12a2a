"""`tune`: the hyper-parameters with which one run does best, sought from coarse to fine by `sweep`.

A first grid covers the whole ranges, evenly along each declared scale; then finer grids lie around the best cells that are no neighbours of each other, so
that a narrow valley beside a broad one is not lost. The run as it was given is tried, too: nothing gets worse by being tuned. Between runs that are equally
good the second score decides, so the result is the same every time.

scipy.optimize and Optuna were looked at: they ask for one point after the other, and here a thousand runs cost as much as a few, while steps to a goal are
whole numbers with jumps, on which a grid is as good as anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from optim_core.hyper import WHOLE, Scale, bends, hypers
from optim_core.sweep import DIVERGED, THERE, Goal, Outcome, judged, sweep
from optim_core.sweep.core import Tell
from optim_core.trajectory import Job

Objective = Literal["steps", "loss"]
OBJECTIVES: tuple[Objective, ...] = ("steps", "loss")
LR_RANGE = (1e-5, 10.0)
RATES, RATES_ALONE = 64, 512
"""Learning rates of the first grid; many where nothing else is sought: at the edge of divergence one rate in hundreds is a lucky throw."""
ALSO = {1: 16, 2: 8, 3: 6}
"""Values of each further hyper-parameter in the first grid, by how many there are; 4 where there are more."""
LEVELS = 4
"""Grids one after another, the first included."""
KEPT, FINER_RATES, FINER = 6, 9, 5
"""Each finer level looks around so many cells, with so many learning rates and so many values of each other hyper-parameter: 4 and 2 times finer."""
DIGITS = 6
"""What is tried has so many significant digits: the winner is exactly what a link can hold in few signs."""
FACTORS = np.exp(np.geomspace(0.005, np.log(100.0), 48))
"""By which η is moved off the winner, to see how sharp it is: from half a percent to a hundredfold."""
WORSE = 0.1
"""Worse is: a tenth more steps, and more than one step more; or a tenth fewer decades that L − L* has fallen, which is the same where a run converges at a
constant rate. What lies below the rounding of the first loss is equally good."""


class Score(NamedTuple):
    """What a run is judged by.

    Attributes:
        steps: the first step with L − L* ≤ τ of a run that is there at the end, too; ∞ where there is none: to fly past the minimum is not to arrive.
        loss: L − L* at the end, L where there is no L*; ∞ for a run that diverged: its last point is not finite or higher than its first.
    """

    steps: float
    loss: float

    @property
    def diverged(self) -> bool:
        """Whether it flew away."""
        return self.loss == np.inf


class Tuning(NamedTuple):
    """What was tried, and what came of it.

    Attributes:
        objective: what was asked for.
        ranges: smallest and largest value tried in the first grid, by name, η as "lr".
        levels: grids one after another.
        runs: how many were made in all, those for `sharpness` included.
        values: the winner, by name.
        score: the winner's.
        before: that of the run as it was given.
        sharpness: by which η may be divided, and multiplied, the other values as they are, before the run first does worse (see `WORSE`; where there is
            no L*: a tenth of the descent is lost). 1 where half a percent is too much; 100 where nothing that was tried is: a plateau.
        edges: names whose winner lies at an end of its range; a better one may lie beyond.
    """

    objective: Objective
    ranges: dict[str, tuple[float, float]]
    levels: int
    runs: int
    values: dict[str, float]
    score: Score
    before: Score
    sharpness: tuple[float, float]
    edges: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether the winner does what was asked for: it is there, or at least did not diverge."""
        return self.score.steps < np.inf if self.objective == "steps" else not self.score.diverged


class _Side(NamedTuple):
    """One hyper-parameter: where it is sought, and the sizes of the grids along it."""

    name: str
    low: float
    high: float
    scale: Scale
    coarse: int
    finer: int

    def values(self, at: np.ndarray) -> np.ndarray:
        """The values at positions from 0 to 1, rounded to what is tried."""
        bend, back = bends(self.scale, self.low)
        first, last = bend(self.low), bend(self.high)
        found = back(first + np.clip(at, 0.0, 1.0) * (last - first))
        rounded: np.ndarray = np.round(found) if self.scale in WHOLE else np.array([float(f"{value:.{DIGITS}g}") for value in found])
        inside: np.ndarray = np.clip(rounded, self.low, self.high)
        return inside

    def position(self, value: float) -> float:
        """Where a value lies, 0 to 1 inside the range."""
        bend, _ = bends(self.scale, self.low)
        return float((bend(value) - bend(self.low)) / (bend(self.high) - bend(self.low)))


def tune(
    job: Job,
    goal: Goal,
    objective: Objective,
    also: Sequence[str] = (),
    *,
    lr: tuple[float, float] = LR_RANGE,
    seeds: Sequence[Sequence[int]] = (),
    tell: Tell | None = None,
) -> Tuning:
    """Seek the learning rate, and further hyper-parameters, with which a run does best.

    Args:
        job: the run; its learning rate is a number or a schedule, whose base rate is then sought.
        goal: L* and the tolerance; L* may be nan for the objective "loss".
        objective: "steps", the fewest steps to L − L* ≤ tolerance, and where no run gets there the lowest last loss; "loss", the lowest loss after all steps.
        also: hyper-parameters of the optimizer to be sought, too, each over its declared range.
        lr: the range of learning rates.
        seeds: streams of the noise; a run is then judged by the (upper) median over them. None: by the noise of the job alone.
        tell: as in `sweep`.

    Raises:
        ValueError: a name that the optimizer does not have, a rate of its own for every step, or "steps" without L*.
    """
    declared = hypers(job.optimizer)
    if unknown := [name for name in also if name not in declared]:
        raise ValueError(f"also = {', '.join(unknown)} is not a choice of {', '.join(declared) or 'nothing'}")
    if objective == "steps" and np.isnan(goal.loss):
        raise ValueError("goal.loss is nan; fewest steps need a loss to aim at")
    if not callable(job.lr) and np.ndim(job.lr):
        raise ValueError("job.lr has a number for every step; one number or a schedule can be tuned")
    many = ALSO.get(len(also), 4)
    sides = [_Side("lr", *lr, "log", RATES if also else RATES_ALONE, FINER_RATES)]
    sides += [_Side(name, declared[name].low, declared[name].high, declared[name].scale, many, FINER) for name in also]
    given = np.array([job.base_lr if callable(job.lr) else float(np.asarray(job.lr)), *(getattr(job.optimizer, name) for name in also)])
    around = KEPT * int(np.prod([side.finer for side in sides]))
    total = int(np.prod([side.coarse for side in sides])) + 1 + (LEVELS - 1) * around + 2 * len(FACTORS)
    trial = _Trial(job, goal, objective, [side.name for side in sides], seeds, tell, total)

    at = _grid([np.linspace(0.0, 1.0, side.coarse) for side in sides])
    trial.judge(np.stack([side.values(column) for side, column in zip(sides, at.T, strict=True)], axis=1), at)
    trial.judge(given[None], np.array([[side.position(value) if value > 0 or side.name != "lr" else 0.0 for side, value in zip(sides, given, strict=True)]]))
    trial.given = len(trial.values) - 1
    before = trial.score(trial.given)
    spacing = np.array([1.0 / (side.coarse - 1) for side in sides])
    for _ in range(LEVELS - 1):
        offsets = _grid([np.linspace(-1.0, 1.0, side.finer) for side in sides]) * spacing
        at = np.clip((trial.peaks(spacing)[:, None] + offsets).reshape(-1, len(sides)), 0.0, 1.0)
        trial.judge(np.stack([side.values(column) for side, column in zip(sides, at.T, strict=True)], axis=1), at)
        spacing = np.array([2.0 * size / (side.finer - 1) for side, size in zip(sides, spacing, strict=True)])

    best = trial.best
    values, score = trial.values[best], trial.score(best)
    edges = tuple(side.name for side, value in zip(sides, values, strict=True) if not side.low < value < side.high)
    sharpness = (1.0, 1.0) if score.diverged else (trial.reach(values, score, 1.0 / FACTORS), trial.reach(values, score, FACTORS))
    ranges = {side.name: (side.low, side.high) for side in sides}
    if tell is not None:
        tell(total, total)
    return Tuning(objective, ranges, LEVELS, trial.runs, dict(zip(trial.names, map(float, values), strict=True)), score, before, sharpness, edges)


class _Trial:
    """All that was tried so far, `values` and `at` (positions from 0 to 1) of the shape `(cells, sides)`."""

    def __init__(self, job: Job, goal: Goal, objective: Objective, names: list[str], seeds: Sequence[Sequence[int]], tell: Tell | None, total: int) -> None:
        self.job, self.goal, self.objective, self.names = job, goal, objective, names
        self.seeds, self.tell, self.total = np.asarray(seeds, np.int64), tell, total
        self.values = self.at = np.zeros((0, len(names)))
        self.scores = np.zeros((0, 2))
        self.runs = self.cells = self.given = 0
        self.first_loss = np.nan

    def judge(self, values: np.ndarray, at: np.ndarray) -> None:
        """Try more cells."""
        self.values, self.at = np.concatenate([self.values, values]), np.concatenate([self.at, at])
        self.scores = np.concatenate([self.scores, self._scores(values)])

    def score(self, cell: int) -> Score:
        """What became of a cell."""
        return Score(*map(float, self.scores[cell]))

    @property
    def order(self) -> np.ndarray:
        """All cells, the best first; of equals, the one tried first."""
        first, second = (0, 1) if self.objective == "steps" else (1, 0)
        return np.lexsort((self.scores[:, second], self.scores[:, first]))

    @property
    def best(self) -> int:
        """The winner; the run as it was given where all diverged."""
        cell = int(self.order[0])
        return cell if self.scores[cell, 1] < np.inf else self.given

    def peaks(self, spacing: np.ndarray) -> np.ndarray:
        """Positions of the best cells of which none lies beside a better one, `(≤ KEPT, sides)`."""
        chosen: list[np.ndarray] = []
        for cell in self.order[: 100 * KEPT]:
            if all((np.abs(self.at[cell] - other) > 1.5 * spacing).any() for other in chosen):
                chosen.append(self.at[cell])
            if len(chosen) == KEPT:
                break
        return np.array(chosen)

    def reach(self, values: np.ndarray, score: Score, factors: np.ndarray) -> float:
        """By how much η may be moved before a run is worse than the winner: the last of the factors up to which all are fine."""
        moved = np.tile(values, (len(factors), 1))
        moved[:, 0] *= factors
        steps, loss = self._scores(moved).T
        first = self.first_loss - (0.0 if np.isnan(self.goal.loss) else self.goal.loss)
        if self.objective == "steps" and score.steps < np.inf:
            worse = steps > max((1.0 + WORSE) * score.steps, score.steps + 1.0)
        elif np.isnan(self.goal.loss):
            worse = loss > score.loss + WORSE * (first - score.loss)
        else:
            worse = loss > first**WORSE * max(score.loss, np.finfo(np.float64).eps * first) ** (1.0 - WORSE)
        fine = int(np.argmax(worse)) if worse.any() else len(factors)
        return float(max(factors[fine - 1], 1.0 / factors[fine - 1])) if fine else 1.0

    def _scores(self, values: np.ndarray) -> np.ndarray:
        """Steps and loss of each row of values, `(cells, 2)`; those of a rate that the schedule cannot bear are those of a run that diverged."""
        able, done = np.array([self._bearable(rate) for rate in values[:, 0]]), self.cells
        self.cells += len(values)
        scores = np.full((len(values), 2), np.inf)
        if able.any():
            draws = max(len(self.seeds), 1)
            self.runs += int(able.sum()) * draws
            varied = dict(zip(self.names, np.repeat(values[able], draws, axis=0).T, strict=True))
            if len(self.seeds):
                varied["seed"] = np.tile(self.seeds, (int(able.sum()), 1))

            def told(part: int, whole: int) -> None:
                if self.tell is not None:
                    self.tell(done + part * len(values) // whole, self.total)

            outcome = sweep(self.job, varied, self.goal, tell=told)
            self.first_loss = float(outcome.first_loss[0])
            scores[able] = np.sort(_judged(outcome, self.goal, noisy=self.job.noise is not None).reshape(-1, draws, 2), axis=1)[:, draws // 2]
        return scores

    def _bearable(self, rate: float) -> bool:
        """Whether the schedule is a learning rate at all from this base rate; a typed one need not be."""
        if not callable(self.job.lr):
            return True
        try:
            made = np.asarray(self.job.lr(np.arange(self.job.n_steps), self.job.n_steps, float(rate)))
        except ValueError:
            return False
        return bool(np.isfinite(made).all() and (made >= 0.0).all())


def _judged(outcome: Outcome, goal: Goal, *, noisy: bool) -> np.ndarray:
    """Steps and loss of every run, `(runs, 2)`."""
    status = judged(outcome, goal, noisy=noisy)
    steps = np.where(status == THERE, outcome.reached, np.inf)
    with np.errstate(invalid="ignore"):
        loss = np.where(status == DIVERGED, np.inf, outcome.loss - (0.0 if np.isnan(goal.loss) else goal.loss))
    return np.stack([steps, loss], axis=1)


def _grid(columns: list[np.ndarray]) -> Any:
    """All combinations, `(cells, sides)`."""
    return np.stack([column.ravel() for column in np.meshgrid(*columns, indexing="ij")], axis=1)
