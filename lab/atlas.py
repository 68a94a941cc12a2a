"""The maps: an experiment with a chart → the runs it asks for, and what became of them, as arrays that a figure can draw."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lab import compute
from lab.charts import Axis, Chart, Show, axis_of, offered, position, spread
from lab.experiment import Experiment
from lab.ground import Landscape
from lab.jobs import Tell
from optim_core.hyper import Hyper, hypers
from optim_core.sweep import NEVER, Goal, Outcome, sweep
from optim_core.trajectory import Job

THERE, NOT_YET, DIVERGED = 0, 1, 2
"""Reached the goal; did not within the steps; overflowed, or ended higher than it began."""
NEAR = 0.01
"""Within this share of the view's diagonal of a minimum is at it; closer where two minima are near each other."""


class Request(NamedTuple):
    """The runs of one map.

    Attributes:
        job: what they share; the varied values in it are those of the run itself.
        varied: what differs, see `optim_core.sweep`.
        goal: what counts as there.
        shape: rows and columns; one row for seeds.
    """

    job: Job
    varied: dict[str, np.ndarray]
    goal: Goal
    shape: tuple[int, int]


@dataclass(frozen=True)
class Board:
    """One map, computed.

    Attributes:
        run: whose map it is, from 0.
        cells: cells a side, or the number of seeds.
        x, y: the values at the columns and rows.
        outcome: what became of each run, its fields of the shape `(ny, nx)`; `w` has one axis more.
        goal: what counted as there.
        minima: points that distances are measured from, `(k, n)`.
    """

    run: int
    cells: int
    x: np.ndarray
    y: np.ndarray
    outcome: Outcome
    goal: Goal
    minima: np.ndarray

    @property
    def verdict(self) -> np.ndarray:
        """`THERE`, `NOT_YET` or `DIVERGED` of every cell."""
        return verdict(self.outcome)

    @property
    def nbytes(self) -> int:
        """Memory it keeps alive."""
        return sum(part.nbytes for part in self.outcome)


def sides(chart: Chart, run: Any, surface: Any) -> tuple[tuple[Axis, Hyper], tuple[Axis, Hyper]]:
    """The map's two sides with their declarations; the start for basins, the start and η where it is a single number."""
    names = offered(run, surface)
    x, y = chart.x, chart.y
    if chart.kind == "basins":
        x, y = axis_of("w1", run, surface), axis_of("w2" if "w2" in names else "lr", run, surface)
    return (x, names[x.name]), (y, names[y.name])


def request(experiment: Experiment, index: int, cells: int) -> Request:
    """The runs that the map of run `index`, from 0, asks for, on a grid of `cells` × `cells`, or so many seeds.

    Raises:
        ValueError: the experiment has no chart.
    """
    chart, run, surface = experiment.chart, experiment.runs[index], experiment.surface
    if chart is None:
        raise ValueError("experiment.chart is None; a map needs one")
    scene = compute.landscape(surface)
    job = compute.job_of(experiment, index)
    if run.steady:
        job = job._replace(lr=run.lr)
    goal = Goal(np.nan if scene.floor is None else scene.floor, chart.tolerance)
    if chart.kind == "seeds":
        streams = [experiment.chance.noise(index, member).seed for member in range(cells)] if experiment.chance else []
        return Request(job, {"seed": np.array(streams)}, goal, (1, cells))
    if chart.kind == "basins":
        goal = goal._replace(minima=_minima(scene), radius=_radius(scene, surface))
    at = (np.arange(cells) + 0.5) / cells
    (x, of_x), (y, of_y) = sides(chart, run, surface)
    across, up = (values.ravel() for values in np.meshgrid(spread(of_x, x, at), spread(of_y, y, at)))
    varied: dict[str, np.ndarray] = {}
    starts = np.tile(np.asarray(experiment.start, np.float64), (cells * cells, 1))
    for axis, values in ((x, across), (y, up)):
        if axis.name in ("w1", "w2"):
            starts[:, int(axis.name[1]) - 1] = values
            varied["start"] = starts
        else:
            varied[axis.name] = values
    return Request(job, varied, goal, (cells, cells))


def board(experiment: Experiment, index: int, cells: int, tell: Tell | None = None) -> Board:
    """Compute the map of run `index`, from 0; what is known already is not computed again.

    Args:
        experiment: with a chart.
        index: the run.
        cells: cells a side, or seeds.
        tell: hears of progress and may stop it.
    """
    key = _key(experiment, index, cells)
    found: Board = compute.cached(key, lambda: _board(experiment, index, cells, tell), lambda made: made.nbytes)
    return dataclasses.replace(found, run=index)


def known(experiment: Experiment, index: int, cells: int) -> Board | None:
    """The same, if it is at hand."""
    found: Board | None = compute.peek(_key(experiment, index, cells))
    return found and dataclasses.replace(found, run=index)


def _board(experiment: Experiment, index: int, cells: int, tell: Tell | None) -> Board:
    asked = request(experiment, index, cells)
    outcome = sweep(asked.job, asked.varied, asked.goal, tell=tell)
    return made(experiment, index, asked, outcome)


def made(experiment: Experiment, index: int, asked: Request, outcome: Outcome) -> Board:
    """The board of an outcome, computed here or read from a file.

    Args:
        experiment, index: as in `request`.
        asked: what was asked for.
        outcome: what came of it, in the order of its cells.
    """
    shaped = Outcome(*(part.reshape(*asked.shape, *part.shape[1:]) for part in outcome))
    for part in shaped:
        part.flags.writeable = False
    scene, cells = compute.landscape(experiment.surface), asked.shape[1]
    at = (np.arange(cells) + 0.5) / cells
    x = y = np.zeros(0)
    if experiment.chart is not None and experiment.chart.kind != "seeds":
        x, y = (spread(declared, axis, at) for axis, declared in sides(experiment.chart, experiment.runs[index], experiment.surface))
    return Board(index, cells, x, y, shaped, asked.goal, _minima(scene))


def _key(experiment: Experiment, index: int, cells: int) -> Any:
    """What the numbers of a map depend on: not on the values that it varies, nor on what its colours say."""
    chart, run = experiment.chart, experiment.runs[index]
    if chart is None:
        raise ValueError("experiment.chart is None; a map needs one")
    job = compute.job_of(experiment, index)
    names = set() if chart.kind == "seeds" else {axis.name for axis, _ in sides(chart, run, experiment.surface)}
    if names & {"w1", "w2"}:
        kept = tuple(at for number, at in enumerate(job.start, 1) if f"w{number}" not in names)
        job = job._replace(start=kept)
    if "lr" in names:
        job = job._replace(base_lr=0.0)
    plain = {name: hypers(run.optimizer)[name].default for name in names & set(hypers(run.optimizer))}
    job = job._replace(optimizer=dataclasses.replace(run.optimizer, **plain))
    ends = () if chart.kind != "plane" else (chart.x, chart.y)
    return "board", chart.kind, job, ends, chart.tolerance, cells


# ---------------------------------------------------------------------- what it says


def verdict(outcome: Outcome) -> np.ndarray:
    """What became of each run. A run counts as diverged when its last point or loss is not finite, or when it ended higher than it began."""
    with np.errstate(invalid="ignore"):
        gone = ~(np.isfinite(outcome.loss) & np.isfinite(outcome.w).all(axis=-1)) | (outcome.loss > outcome.first_loss)
    return np.where(gone, DIVERGED, np.where(outcome.reached != NEVER, THERE, NOT_YET)).astype(np.uint8)


def shown(found: Board, show: Show, n_steps: int) -> np.ndarray:
    """What the colours say, nan where the verdict does.

    steps     the first step with L − L* ≤ τ
    loss      L − L* at the end, or L where there is no lowest minimum
    distance  from the last point to the nearest minimum
    rate      ((L_k − L*)/(L₀ − L*))^(1/2k), k the first step with L − L* ≤ τ, or else the last one: the mean factor on √(L − L*) a step; there, τ stands
              for L_k − L*, which is at most that

    Args:
        found: the map.
        show: which of them.
        n_steps: T of its runs.
    """
    outcome, status = found.outcome, found.verdict
    floor = 0.0 if np.isnan(found.goal.loss) else found.goal.loss
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        if show == "steps":
            return np.where(status == THERE, outcome.reached, np.nan)
        if show == "loss":
            return np.where(status == DIVERGED, np.nan, outcome.loss - floor)
        if show == "distance":
            apart = np.linalg.norm(outcome.w[..., None, :] - found.minima, axis=-1)
            return np.where(status == DIVERGED, np.nan, apart.min(axis=-1, initial=np.inf))
        there = outcome.reached != NEVER
        steps, gap = np.where(there, outcome.reached, n_steps), np.where(there, found.goal.tolerance, outcome.loss - floor)
        factor = (gap / (outcome.first_loss - floor)) ** (0.5 / steps)
        return np.where((status == DIVERGED) | (steps == 0), np.nan, factor)


def basins(found: Board) -> np.ndarray:
    """Which of `minima` each run is at in the end, −1 where it is at none."""
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.linalg.norm(found.outcome.w[..., None, :] - found.minima, axis=-1)
    if not len(found.minima):
        return np.full(apart.shape[:-1], -1)
    nearest = np.where(np.isnan(apart), np.inf, apart)
    return np.where(nearest.min(axis=-1) <= found.goal.radius, nearest.argmin(axis=-1), -1)


def best_cell(found: Board) -> tuple[int, int] | None:
    """Row and column of the run that was there first, of those that stayed finite; the lower loss decides between equals. None where none was there."""
    status, outcome = found.verdict, found.outcome
    if not (status == THERE).any():
        return None
    order = np.lexsort((outcome.loss.ravel(), np.where(status == THERE, outcome.reached, np.iinfo(np.int32).max).ravel()))
    row, column = np.unravel_index(int(order[0]), status.shape)
    return int(row), int(column)


class Predicted(NamedTuple):
    """What theory says on a map, as positions from 0 to 1 on its sides: where runs begin to diverge, `(k, 2)`, and where they are fastest, `(2,)`, or None."""

    boundary: np.ndarray
    best: np.ndarray | None


def predicted(experiment: Experiment, index: int) -> Predicted | None:
    """The bound on η and the best values of theory; None where it is silent: no quadratic, η is on no side, a schedule, noise or a clip."""
    chart, run = experiment.chart, experiment.runs[index]
    scene = compute.landscape(experiment.surface)
    if chart is None or chart.kind != "plane" or scene.bowl is None or not run.steady or run.clip is not None or experiment.chance is not None:
        return None
    declared = {axis.name: (side, axis, of) for side, (axis, of) in enumerate(sides(chart, run, experiment.surface))}
    if "lr" not in declared:
        return None
    side, lr_axis, lr_of = declared["lr"]
    _, other, of = next(found for name, found in declared.items() if name != "lr")
    curvature, at = float(scene.bowl.curvatures[-1]), np.linspace(0.0, 1.0, 201)
    values = spread(of, other, at)
    specs = [dataclasses.replace(run.optimizer, **{other.name: float(value)}) if other.name in hypers(run.optimizer) else run.optimizer for value in values]
    bounds = [spec.lr_bound(curvature) for spec in specs]
    if any(bound is None for bound in bounds):
        return None
    along = position(lr_of, lr_axis, np.array(bounds, np.float64))
    best = None
    if (fastest := compute.best(run, scene)) is not None and set(fastest.fields) <= {other.name}:
        up = position(of, other, np.array([fastest.fields[other.name]]))[0] if fastest.fields else np.nan
        ideal = np.array([position(lr_of, lr_axis, np.array([fastest.lr]))[0], up])
        best = ideal if side == 0 else ideal[::-1]
    line = np.stack([along, at] if side == 0 else [at, along], axis=1)
    return Predicted(line, best)


def _minima(scene: Landscape) -> np.ndarray:
    """The minima listed, or else those that were found."""
    return scene.critical.minima if len(scene.critical.minima) > len(scene.minima) else scene.minima


def _radius(scene: Landscape, surface: Any) -> float:
    points, domain = _minima(scene), surface.domain
    radius = NEAR * float(np.hypot(*(high - low for low, high in (domain.w1, domain.w2)))) if points.shape[1] == 2 else NEAR * (domain.w1[1] - domain.w1[0])
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return min(radius, float(apart[apart > 0.0].min()) / 3.0) if (apart > 0.0).any() else radius
