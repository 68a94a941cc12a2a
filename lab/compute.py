"""The only cache. Everything a page shows of the mathematics comes from here, as NumPy.

Results depend on nothing but their arguments, so one cache serves every session; it is bounded in bytes and the least recently used goes first.
cachetools was taken because functools.lru_cache counts entries, and one entry here may hold 500 bytes or 3 MB.
"""

from __future__ import annotations

import bisect
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import jax
import numpy as np
from cachetools import LRUCache

import surfaces
from lab.experiment import Experiment
from lab.fans import Fan, fan_of
from lab.ground import DRAFT_GRID, GRID, Landscape, explored
from lab.readings import Reading, read
from lab.runs import LR, Run
from optim_core import Job, backend, optimizers, simulate_all, theory
from optim_core.hyper import resolve
from optim_core.theory import Best
from optim_core.trajectory import BUCKETS
from optim_core.types import Trajectory

T = TypeVar("T")
CACHE_BYTES = 256 * 2**20
FAN_STEPS, DRAFT_STEPS = 4_000_000, 100_000
"""Steps of all fans together, at rest and meanwhile: where they would not do, fewer seeds are drawn."""


@dataclass(frozen=True)
class Picture:
    """An experiment with everything computed that a figure, a table or an export may show.

    `paths`, `readings` and `fans` have one entry a run, hidden runs included; a run without noise, without more seeds than its own, or hidden has no fan.
    `envelopes` are what theory says that L − L* cannot exceed, `(T+1,)`, and `hessians` those of the surface along the path, `(T+1, n, n)`; each is there
    for the runs that show it.
    A draft may have fewer seeds and a coarser grid: the next picture will be whole.
    """

    experiment: Experiment
    landscape: Landscape
    paths: tuple[Trajectory, ...]
    readings: tuple[Reading, ...]
    fans: tuple[Fan | None, ...]
    envelopes: tuple[np.ndarray | None, ...]
    hessians: tuple[np.ndarray | None, ...]
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
    runs = range(len(experiment.runs))
    envelopes = tuple(_envelope(experiment, index, scene) for index in runs)
    hessians = tuple(_hessians_of(experiment, index, paths[index]) for index in runs)
    return Picture(experiment, scene, paths, readings, _fans(experiment, paths, draft), envelopes, hessians, draft)


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
    grid = DRAFT_GRID if draft and peek(("landscape", surface, GRID)) is None else GRID
    return cached(("landscape", surface, grid), lambda: explored(surface, grid), lambda made: made.loss.nbytes)


def lr_bound(run: Run, scene: Landscape) -> float | None:
    """The largest stable learning rate η of a run, from the optimizer's own `lr_bound(λ_max)`.

    Args:
        run: a run of the experiment.
        scene: the landscape it runs on.

    Returns:
        The bound; None where the surface is no convex quadratic or theory has no closed form.
    """
    if scene.bowl is None:
        return None
    bound: float | None = run.optimizer.lr_bound(float(scene.bowl.curvatures[-1]))
    return bound


def best(run: Run, scene: Landscape) -> Best | None:
    """The values with which the run's optimizer converges fastest on this quadratic; None where theory does not know them.

    Args:
        run: a run of the experiment.
        scene: the landscape it runs on.
    """
    if scene.bowl is None or not hasattr(run.optimizer, "best"):
        return None
    found: Best = run.optimizer.best(float(scene.bowl.curvatures[0]), float(scene.bowl.curvatures[-1]))
    return found


def best_values(experiment: Experiment, index: int) -> dict[str, str]:
    """The values of `best` for run `index`, by their keys in the link and as texts; none where there are none."""
    if not 0 <= index < len(experiment.runs) or (found := best(experiment.runs[index], landscape(experiment.surface))) is None or not LR.allows(found.lr):
        return {}
    return {f"run{index + 1}.{name}": f"{value:.6g}" for name, value in {"lr": found.lr, **found.fields}.items()}


def warm_up(experiment: Experiment) -> None:
    """Compile the first picture, check that loops are native, then compile the other optimizers on the same surface and the other surfaces' grids."""
    picture(experiment)
    if not backend.loop_is_native():
        logging.getLogger(__name__).warning("XLA did not compile a small loop to one kernel: runs will be some twenty times slower. Was XLA_FLAGS overwritten?")
    for cls in optimizers.REGISTRY.values():
        simulate_all([Job(cls(), experiment.surface, experiment.start, 0.1, experiment.n_steps)])
    for surface in surfaces.ALL.values():
        landscape(surface())


def _paths(experiment: Experiment) -> tuple[Trajectory, ...]:
    """The record of every run; the missing ones are dispatched together."""
    jobs = [job_of(experiment, index) for index in range(len(experiment.runs))]
    known = {job: found for job in jobs if (found := peek(("path", job))) is not None}
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
        first, *others = (job_of(experiment, index, member) for member in range(seeds))
        wanted = experiment.surface.domain
        return cached(("fan", first, seeds), lambda: fan_of(paths[index], others, wanted), lambda fan: fan.nbytes)

    return tuple(None if run.hidden else made(index) for index, run in enumerate(experiment.runs))


def _envelope(experiment: Experiment, index: int, scene: Landscape) -> np.ndarray | None:
    """The bound of theory on the loss of a run; none for one whose η changes or whose gradient is noisy or clipped."""
    run = experiment.runs[index]
    exact = run.steady and run.clip is None and experiment.chance is None
    if not experiment.theory or run.hidden or scene.bowl is None or not exact:
        return None
    return theory.envelope(run.optimizer, run.lr, scene.bowl, np.array(experiment.start), experiment.n_steps)


def _hessians_of(experiment: Experiment, index: int, path: Trajectory) -> np.ndarray | None:
    """The Hessian at every point of a run that is looked into, or whose curvature theory draws."""
    run = experiment.runs[index]
    if run.hidden or not (experiment.inspected == index + 1 or (experiment.theory and not experiment.surface.quadratic)):
        return None

    def made() -> np.ndarray:
        rows = BUCKETS[bisect.bisect_left(BUCKETS, path.n_steps)] + 1
        padded = np.zeros((rows, path.w.shape[1]))
        padded[: path.n_steps + 1] = path.w
        return np.asarray(_hessians(resolve(experiment.surface), padded))[: path.n_steps + 1]

    return cached(("hessians", job_of(experiment, index)), made, lambda found: found.nbytes)


def job_of(experiment: Experiment, index: int, member: int = 0) -> Job:
    """Run `index` of an experiment, under the draw `member` of its noise."""
    run, chance = experiment.runs[index], experiment.chance
    noise = chance.noise(index, member) if chance else None
    return Job(run.optimizer, experiment.surface, experiment.start, experiment.plan(run), experiment.n_steps, run.lr, noise, run.clip)


@jax.jit
def _hessians(surface: Any, points: jax.Array) -> jax.Array:
    found: jax.Array = jax.vmap(jax.hessian(surface))(points)
    return found


# ---------------------------------------------------------------------- the cache

_values: LRUCache[Any, tuple[Any, int]] = LRUCache(CACHE_BYTES, getsizeof=lambda entry: entry[1])
_lock = threading.Lock()


def peek(key: Any) -> Any:
    """What is kept under a key, or None."""
    with _lock:
        entry = _values.get(key)
    return None if entry is None else entry[0]


def _store(key: Any, value: Any, size: int) -> None:
    if size < CACHE_BYTES:
        with _lock:
            _values[key] = (value, size)


def cached(key: Any, make: Callable[[], T], size: Callable[[T], int]) -> T:
    """What is kept under a key; if nothing is, it is made, and its size in bytes told by `size`."""
    found: T | None = peek(key)
    if found is None:
        found = make()
        _store(key, found, size(found))
    return found
