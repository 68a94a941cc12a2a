"""The only cache. Everything a page shows of the mathematics comes from here, as NumPy.

Results depend on nothing but their arguments, so one cache serves every session; it is bounded in bytes and the least recently used goes first.
cachetools was taken because functools.lru_cache counts entries, and one entry here may hold 500 bytes or 3 MB.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from cachetools import LRUCache

import surfaces
from lab.experiment import Experiment
from lab.fans import Fan, fan_of
from lab.readings import Reading, read
from lab.runs import Run
from optim_core import Job, backend, optimizers, simulate_all
from optim_core.hyper import resolve
from optim_core.types import Trajectory

T = TypeVar("T")
CACHE_BYTES = 256 * 2**20
GRID = (161, 121)
"""Columns and rows of the grid that the level lines are drawn from."""
DRAFT_GRID = (81, 61)
"""The same while a surface's slider is being dragged."""
FAN_STEPS, DRAFT_STEPS = 4_000_000, 100_000
"""Steps of all fans together, at rest and meanwhile: where they would not do, fewer seeds are drawn."""


@dataclass(frozen=True)
class Landscape:
    """A surface, ready to draw.

    Attributes:
        w1: grid columns, `(nx,)`.
        w2: grid rows, `(ny,)`.
        loss: `(ny, nx)`.
        minima: `(k, 2)`, the lowest first.
        floor: L*, the loss at the lowest minimum; None where there is none.
        max_curvature: λ_max of the Hessian where it is the same everywhere, else None.
    """

    w1: np.ndarray
    w2: np.ndarray
    loss: np.ndarray
    minima: np.ndarray
    floor: float | None
    max_curvature: float | None


@dataclass(frozen=True)
class Picture:
    """An experiment with everything computed that a figure, a table or an export may show.

    `paths`, `readings` and `fans` have one entry a run, hidden runs included; a run without noise, without more seeds than its own, or hidden has no fan.
    A draft may have fewer seeds and a coarser grid: the next picture will be whole.
    """

    experiment: Experiment
    landscape: Landscape
    paths: tuple[Trajectory, ...]
    readings: tuple[Reading, ...]
    fans: tuple[Fan | None, ...]
    draft: bool = False


def picture(experiment: Experiment, *, draft: bool = False) -> Picture:
    """Compute what the experiment shows; a slider move recomputes one run.

    Args:
        experiment: the reader's choice, its values in range.
        draft: as in `landscape`.
    """
    scene = landscape(experiment.surface, draft=draft)
    paths = _paths(experiment)
    domain, stop = experiment.surface.domain, (experiment.stop, experiment.tolerance, experiment.patience)
    readings = tuple(read(path, domain, scene.minima, scene.floor, *stop) for path in paths)
    return Picture(experiment, scene, paths, readings, _fans(experiment, paths, draft), draft)


def landscape(surface: Any, *, draft: bool = False) -> Landscape:
    """Grid, minima and curvature of a surface at its present parameters.

    Args:
        surface: a spec of `surfaces`.
        draft: a coarser grid will do, unless the fine one is at hand: a slider of the surface is being dragged.

    Returns:
        The landscape, shared by all readers; its arrays are read-only.

    Raises:
        ValueError: a parameter of the surface is out of range.
    """
    grid = DRAFT_GRID if draft and _peek(("landscape", surface, GRID)) is None else GRID
    return _cached(("landscape", surface, grid), lambda: _landscape(surface, grid), lambda made: made.loss.nbytes)


def lr_bound(run: Run, scene: Landscape) -> float | None:
    """The largest stable learning rate η of a run, from the optimizer's own `lr_bound(λ_max)`.

    Args:
        run: a run of the experiment.
        scene: the landscape it runs on.

    Returns:
        The bound; None where the surface is no convex quadratic or theory has no closed form.
    """
    if scene.max_curvature is None or not len(scene.minima):
        return None
    bound: float | None = run.optimizer.lr_bound(scene.max_curvature)
    return bound


def warm_up(experiment: Experiment) -> None:
    """Compile the first picture, check that loops are native, then compile the other optimizers on the same surface and the other surfaces' grids."""
    picture(experiment)
    if not backend.loop_is_native():
        logging.getLogger(__name__).warning("XLA did not compile a small loop to one kernel: runs will be some twenty times slower. Was XLA_FLAGS overwritten?")
    for cls in optimizers.REGISTRY.values():
        simulate_all([Job(cls(), experiment.surface, experiment.start, 0.1, experiment.n_steps)])
    for surface in surfaces.REGISTRY.values():
        landscape(surface())


def start_warm_up(experiment: Experiment, delay: float = 4.0) -> threading.Timer:
    """`warm_up` in the background, `delay` seconds from now: the first reader's first picture comes first."""
    timer = threading.Timer(delay, warm_up, (experiment,))
    timer.daemon = True
    timer.start()
    return timer


def _paths(experiment: Experiment) -> tuple[Trajectory, ...]:
    """The record of every run; the missing ones are dispatched together."""
    jobs = [_job(experiment, index) for index in range(len(experiment.runs))]
    known = {job: found for job in jobs if (found := _peek(("path", job))) is not None}
    missing = list(dict.fromkeys(job for job in jobs if job not in known))
    for job, path in zip(missing, simulate_all(missing), strict=True):
        known[job] = path
        _store(("path", job), path, path.nbytes)
    return tuple(known[job] for job in jobs)


def _fans(experiment: Experiment, paths: tuple[Trajectory, ...], draft: bool) -> tuple[Fan | None, ...]:
    """The other seeds of every run that is noisy and shown."""
    if experiment.chance is None or experiment.chance.fan == 1:
        return (None,) * len(experiment.runs)
    shown = sum(not run.hidden for run in experiment.runs)
    affordable = (DRAFT_STEPS if draft else FAN_STEPS) // (max(shown, 1) * experiment.n_steps)
    seeds = min(experiment.chance.fan, max(affordable, 2))

    def made(index: int) -> Fan:
        first, *others = (_job(experiment, index, member) for member in range(seeds))
        wanted = experiment.surface.domain
        return _cached(("fan", first, seeds), lambda: fan_of(paths[index], others, wanted), lambda fan: fan.nbytes)

    return tuple(None if run.hidden else made(index) for index, run in enumerate(experiment.runs))


def _job(experiment: Experiment, index: int, member: int = 0) -> Job:
    run, chance = experiment.runs[index], experiment.chance
    noise = chance.noise(index, member) if chance else None
    return Job(run.optimizer, experiment.surface, experiment.start, experiment.plan(run), experiment.n_steps, run.lr, noise, run.clip)


@jax.jit
def _evaluate(surface: Any, w1: jax.Array, w2: jax.Array) -> jax.Array:
    values: jax.Array = jax.vmap(lambda y: jax.vmap(lambda x: surface(jnp.stack([x, y])))(w1))(w2)
    return values


@jax.jit
def _at(surface: Any, w: jax.Array) -> tuple[jax.Array, jax.Array]:
    return surface(w), jax.hessian(surface)(w)


def _landscape(surface: Any, grid: tuple[int, int]) -> Landscape:
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
        float(value) if len(minima) else None,
        float(np.linalg.eigvalsh(np.asarray(hessian)).max()) if surface.quadratic else None,
    )


# ---------------------------------------------------------------------- the cache

_values: LRUCache[Any, tuple[Any, int]] = LRUCache(CACHE_BYTES, getsizeof=lambda entry: entry[1])
_lock = threading.Lock()


def _peek(key: Any) -> Any:
    with _lock:
        entry = _values.get(key)
    return None if entry is None else entry[0]


def _store(key: Any, value: Any, size: int) -> None:
    if size < CACHE_BYTES:
        with _lock:
            _values[key] = (value, size)


def _cached(key: Any, make: Callable[[], T], size: Callable[[T], int]) -> T:
    found: T | None = _peek(key)
    if found is None:
        found = make()
        _store(key, found, size(found))
    return found
