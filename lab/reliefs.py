"""What a `lab.slice_types.Survey` is made of: landscapes with the paths in them, lines, curvature. Nothing is kept here; `lab.slices` does that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lab.cut import Cut
from lab.lesson_types import Learned, Lesson
from lab.slice_types import Line, Relief, Track
from optim_core.landscape import (
    Curvature,
    Ground,
    Heights,
    Plane,
    Shadow,
    Smoothness,
    axis,
    between_plane,
    coordinate_plane,
    curvature,
    explained,
    heights,
    hessian_plane,
    line_plane,
    path_plane,
    project,
    random_plane,
    slope,
    smoothness,
    threshold,
    true_heights,
)  # fmt: skip
from optim_core.landscape.slices import Mode
from optim_core.networks import Training

Tell = Callable[[int, int], None]
LINE = 101
"""Places of a line at least."""
LEAST = 1e-3
MARGIN = 0.2
"""Room around the paths, as a share of the picture."""
BEYOND = 0.25
"""How far lines between two points go beyond them, as a share of the way."""
POINTS = 40
"""Checkpoints at which curvature is measured at most."""
AWAY = 1e6
"""A loss so many times the first, or `LEAST`, is one of a training that has diverged: its weights lie outside every picture of the others."""


def ground_of(run: Learned, mode: Mode) -> Ground:
    """The loss of a training.

    Args:
        run: the training.
        mode: what batch norm goes by.
    """
    data = run.data
    sides = (data.x[data.train], data.y[data.train], data.x[data.valid], data.y[data.valid])
    return Ground(run.network, *sides, mode, run.recipe.l1, run.recipe.l2)


def centre_of(record: Training) -> int:
    """The checkpoint that is the centre of a training's landscape: the last; of one that has diverged, the last before that."""
    losses = np.append(record.loss, record.train_loss[-1])[record.at]
    good = np.isfinite(record.w).all(axis=1) & (losses <= AWAY * max(losses[0], LEAST))
    return int(np.flatnonzero(good)[-1]) if good.any() else 0


def made_relief(cut: Cut, lesson: Lesson, index: int, drawn: tuple[int, ...], sharpest: Callable[[], Plane | None], tell: Tell | None = None) -> Relief:
    """The landscape of a training.

    Args:
        cut: the choice.
        lesson: its trainings.
        index: whose loss it is.
        drawn: whose paths are drawn on it.
        sharpest: gives what `sharpest_plane` does.
        tell: told points done and to do.
    """
    run = lesson.runs[index]
    ground, middle = ground_of(run, cut.mode), centre_of(run.record)
    stats = run.record.stats[middle]
    paths = np.concatenate([_near(lesson.runs[other].record) for other in drawn])
    plane, met = _plane(cut, lesson, index, run.record.w[middle], paths, sharpest)
    shadows = [project(plane, lesson.runs[other].record.w) for other in drawn]
    x, y = _axes(cut, plane, project(plane, np.vstack([paths, met])).at)
    at = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    found = heights(ground, plane.centre, stats, plane.directions, at, tell).reshaped(len(y), len(x))
    tracks = tuple(_track(cut, lesson.runs[other], other, plane, shadow, ground, stats) for other, shadow in zip(drawn, shadows, strict=True))
    return Relief(index, plane, x, y, found, tracks)


def _near(record: Training) -> np.ndarray:
    """The weights of a path up to where it diverges."""
    return np.asarray(record.w[: centre_of(record) + 1])


def sharpest_plane(run: Learned) -> Plane | None:
    """The plane of the two sharpest directions through the centre of a training; None where there are no two to be found."""
    try:
        return hessian_plane(ground_of(run, "batch"), run.record.w[centre_of(run.record)])
    except ValueError:
        return None


def _plane(cut: Cut, lesson: Lesson, index: int, centre: np.ndarray, paths: np.ndarray, sharpest: Callable[[], Plane | None]) -> tuple[Plane, np.ndarray]:
    """The plane, and further weights that the picture should hold, `(m, P)`."""
    run = lesson.runs[index]
    first, none = run.record.w[0], np.zeros((0, len(centre)))
    if cut.plane == "between":
        other = lesson.runs[cut.companions[1] if index == 0 else 0].record
        met = other.w[centre_of(other)]
        return between_plane(centre, met, first), np.stack([met, first])
    if cut.plane in ("filters", "random"):
        return random_plane(run.network, centre, cut.seed, filters=cut.plane == "filters"), none
    if cut.plane == "hessian":
        return sharpest() or path_plane(centre, paths), none  # the page says which plane stands in its place
    if cut.plane == "line":
        return line_plane(centre, first, paths), none
    return coordinate_plane(centre, *cut.pair) if cut.plane == "weights" else path_plane(centre, paths), none


def _axes(cut: Cut, plane: Plane, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The coordinates of columns and rows: as long as each other, with one place in each at 0, and some points within; random directions tell nothing of a
    path, so there it is as far as the weights are long."""
    if cut.plane in ("filters", "random"):
        low, high = np.array([-1.0, -1.0]), np.array([1.0, 1.0])
    else:
        points = np.vstack([points, np.zeros((1, 2))])
        low, high = points.min(axis=0), points.max(axis=0)
        side = float((high - low).max()) * (1.0 + 2.0 * MARGIN)
        side = max(side, 2.0) if cut.plane == "weights" else side or 2.0
        low, high = (low + high - side) / 2, (low + high + side) / 2
    return axis(low[0] * cut.reach, high[0] * cut.reach, cut.cells), axis(low[1] * cut.reach, high[1] * cut.reach, cut.cells)


def _track(cut: Cut, run: Learned, index: int, plane: Plane, shadow: Shadow, ground: Ground, stats: np.ndarray) -> Track:
    own = ground_of(run, cut.mode)
    good = np.isfinite(shadow.at).all(axis=1)
    drawn = Heights(*(np.full(len(good), np.nan) for _ in Heights._fields))
    for values, found in zip(drawn, heights(ground, plane.centre, stats, plane.directions, shadow.at[good]), strict=True):
        values[good] = found
    until = centre_of(run.record)
    return Track(index, shadow, until, explained(plane, run.record.w[: until + 1]), true_heights(own, run.record.w, run.record.stats), drawn)


# ---------------------------------------------------------------------- lines and curvature


def through(relief: Relief) -> Iterator[Line]:
    """The row and the column of a landscape that go through its centre."""
    row, column = (int(np.flatnonzero(places == 0.0)[0]) for places in (relief.y, relief.x))
    yield Line("first", relief.run, relief.x, Heights(*(values[row] for values in relief.heights)))
    yield Line("second", relief.run, relief.y, Heights(*(values[:, column] for values in relief.heights)))


def made_lines(cut: Cut, lesson: Lesson, index: int) -> Iterator[Line]:
    """Along −∇L, from the first weights to the last and, for another training, from A to it."""
    run, count = lesson.runs[index], max(LINE, cut.cells)
    ground, middle = ground_of(run, cut.mode), centre_of(run.record)
    centre, stats, first = run.record.w[middle], run.record.stats[middle], run.record.w[0]
    gradient = slope(ground, centre, stats)
    length = float(np.linalg.norm(gradient))
    half = (0.5 * float(np.linalg.norm(centre - first)) or 1.0) * cut.reach
    if length > 0.0:
        yield _line("gradient", index, ground, centre, stats, -gradient / length, axis(-half, half, count))
    way = round(count / (1.0 + 2.0 * BEYOND) * BEYOND) / BEYOND  # places from 0 to 1, so many that both ends are places, too
    share = np.arange(-BEYOND * way, (1.0 + BEYOND) * way + 0.5) / way
    yield _line("training", index, ground, first, stats, centre - first, share)
    if index and index in cut.companions:
        base = lesson.runs[0]
        start = base.record.w[centre_of(base.record)]
        yield _line("between", index, ground_of(base, cut.mode), start, base.record.stats[centre_of(base.record)], centre - start, share)


def _line(kind: Any, run: int, ground: Ground, start: np.ndarray, stats: np.ndarray, direction: np.ndarray, x: np.ndarray) -> Line:
    return Line(kind, run, x, heights(ground, start, stats, direction[None], x[:, None]))


def looked(run: Learned) -> np.ndarray:
    """The checkpoints at which curvature is measured."""
    return np.unique(np.linspace(0, len(run.record.at) - 1, min(POINTS, len(run.record.at))).round().astype(int))


def curvature_of(run: Learned, tell: Tell | None = None) -> Curvature:
    """The curvature of a training's own loss along its path."""
    rows, ground = looked(run), ground_of(run, "batch")
    return curvature(ground, run.record.w[rows], run.record.at[rows], tell=tell)


def smoothness_of(run: Learned, tell: Tell | None = None) -> Smoothness:
    """How smooth a training's own loss is along its path."""
    rows, ground = looked(run), ground_of(run, "batch")
    return smoothness(ground, run.record.w[rows], _rates(run, run.record.at[rows]), run.record.at[rows], tell=tell)


def _rates(run: Learned, at: np.ndarray) -> np.ndarray:
    """η of the step at these iterations; at the end that of the last step."""
    return np.asarray(run.record.lr[np.minimum(at, run.record.n_steps - 1)])


def limits_of(run: Learned, found: Curvature) -> np.ndarray | None:
    """The sharpness above which a step is unstable, at the points of `found`; None where theory does not know it, as for clipped or noisy gradients."""
    recipe = run.recipe
    if recipe.run.clip is not None or recipe.sigma:
        return None
    told = [threshold(recipe.run.optimizer, float(rate)) for rate in _rates(run, found.at)]
    return None if None in told else np.array(told)
