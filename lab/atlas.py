"""The maps: an experiment with a chart → the runs it asks for, and what became of them, as arrays that a figure can draw."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, NamedTuple

import numpy as np

from lab import compute
from lab.boards import Board
from lab.charts import Axis, Chart, axis_of, chart_of, offered, position, spread
from lab.experiment import Experiment
from lab.ground import Landscape
from lab.jobs import Tell
from lab.link import text_of
from optim_core.hyper import Hyper, hypers
from optim_core.sweep import Goal, Outcome, sweep
from optim_core.trajectory import Job

CELLS_MOST = 10_000
"""Cells a side of the largest map that one may point at."""
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


def sides(chart: Chart, run: Any, surface: Any) -> tuple[tuple[Axis, Hyper], tuple[Axis, Hyper]]:
    """The map's two sides with their declarations; the start for basins, the start and η where it is a single number. A run that the chart was not made for
    and that lacks what a side varies has its own first sides."""
    names = offered(run, surface)
    x, y = chart.x, chart.y
    if not {x.name, y.name} <= names.keys():
        x, y = (own := chart_of((run,), surface)).x, own.y
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
    return found if found.run == index else dataclasses.replace(found, run=index)  # else what was read off it is kept with it


def known(experiment: Experiment, index: int, cells: int) -> Board | None:
    """The same, if it is at hand."""
    found: Board | None = compute.peek(_key(experiment, index, cells))
    return dataclasses.replace(found, run=index) if found is not None and found.run != index else found


def _board(experiment: Experiment, index: int, cells: int, tell: Tell | None) -> Board:
    asked = request(experiment, index, cells)
    began = time.perf_counter()
    outcome = sweep(asked.job, asked.varied, asked.goal, tell=tell)
    _seconds[_kind(experiment, index)] = (time.perf_counter() - began) / (len(outcome.loss) * asked.job.n_steps)
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
    return Board(index, cells, x, y, shaped, asked.goal, _minima(scene), experiment.n_steps, experiment.chance is not None)


COARSE = {"plane": 40, "basins": 30, "seeds": 20}
"""Cells a side, or seeds, of a map that is shown while a finer one is made."""
LEAST = 8
"""Cells a side of the coarsest map."""
UNKNOWN = 1e-7
"""Seconds a run and step before anything is known of it."""
AT_ONCE, IN_HAND = 0.12, 0.05
"""Seconds that a map may take in the reader's own rerun: at rest, and while they drag."""


def mapped(experiment: Experiment) -> list[int]:
    """The runs, from 0, that have a map: the chosen one, or for starts and seeds every one that is shown."""
    if experiment.chart is None:
        return []
    shown = [index for index, run in enumerate(experiment.runs) if not run.hidden] or [0]
    return [experiment.chart.run - 1] if experiment.chart.kind == "plane" else shown


def wanted(experiment: Experiment) -> int:
    """The cells a side, or the seeds, that the reader asks for."""
    if experiment.chart is None:
        return 0
    return experiment.chart.seeds if experiment.chart.kind == "seeds" else experiment.chart.cells


def same_question(one: Experiment, other: Experiment, index: int) -> bool:
    """Whether two experiments ask the same of run `index`, however fine."""
    return bool(index < min(len(one.runs), len(other.runs)) and one.chart and other.chart and _key(one, index, 0) == _key(other, index, 0))


def at_once(experiment: Experiment, index: int, *, dragging: bool) -> Board:
    """The map as fine as asked if it is at hand or quickly made, else a coarse one.

    How long it takes is known from the last map of the same kind of runs; the first is coarse.

    Args:
        experiment: with a chart.
        index: the run, from 0.
        dragging: the reader's hand is on a slider.
    """
    cells, chart = wanted(experiment), experiment.chart
    if chart is None:
        raise ValueError("experiment.chart is None; a map needs one")
    if (found := known(experiment, index, cells)) is not None:
        return found
    pace = _seconds.get(_kind(experiment, index))
    budget = (IN_HAND if dragging else AT_ONCE) / (len(mapped(experiment)) * experiment.n_steps)
    if pace is not None and pace * (cells if chart.kind == "seeds" else cells**2) <= budget:
        return board(experiment, index, cells)
    affordable = 2.0 * AT_ONCE / (len(mapped(experiment)) * experiment.n_steps * (pace or UNKNOWN))
    coarse = int(affordable if chart.kind == "seeds" else np.sqrt(affordable))
    return board(experiment, index, max(LEAST, min(cells, COARSE[chart.kind], coarse)))


def question(experiment: Experiment) -> tuple[Any, ...]:
    """What the maps depend on; equal ones have the same maps."""
    return tuple(_key(experiment, index, wanted(experiment)) for index in mapped(experiment))


def without_noise(experiment: Experiment, index: int) -> np.ndarray | None:
    """Where the run ends when its gradient has no noise; None where that is no point."""
    quiet = compute.picture(dataclasses.replace(experiment, chance=None, theory=False, inspected=0)).paths[index].w[-1]
    return quiet if bool(np.isfinite(quiet).all()) else None


_seconds: dict[Any, float] = {}
"""Seconds a run and step, by what is compiled for it; a few hundred entries at most."""


def _kind(experiment: Experiment, index: int) -> Any:
    run, chart = experiment.runs[index], experiment.chart
    seeded = experiment.chance is not None and (chart is None or chart.kind == "seeds")
    return type(run.optimizer), type(experiment.surface), run.steady, seeded, chart is not None and chart.kind == "basins"


def values_at(experiment: Experiment, index: int, cells: int, column: int, row: int) -> dict[str, str]:
    """What a cell of the map of run `index`, from 0, stands for, by the keys of the link and as texts; none where there is no such cell."""
    chart = experiment.chart
    if chart is None or chart.kind == "seeds" or not (index < len(experiment.runs) and column < cells and row < cells <= CELLS_MOST):
        return {}
    found: dict[str, str] = {}
    start = list(experiment.start)
    for (axis, declared), place in zip(sides(chart, experiment.runs[index], experiment.surface), (column, row), strict=True):
        value = float(spread(declared, axis, np.array([(place + 0.5) / cells]))[0])
        if axis.name in ("w1", "w2"):
            start[int(axis.name[1]) - 1] = value
            found["start"] = ",".join(map(text_of, start))
        else:
            found[f"run{index + 1}.{axis.name}"] = text_of(value)
    return found


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
    if (fastest := compute.best(run, scene)) is not None and set(fastest.fields) == {other.name}:  # else the other side has no best value
        up = position(of, other, np.array([fastest.fields[other.name]]))[0]
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
