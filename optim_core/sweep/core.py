"""`sweep`: thousands of runs that differ in a few numbers; of each only what a map shows is kept, never its path.

`jax.vmap` makes a chunk of runs from the one step that `optim_core.trajectory` records, and a loop goes from chunk to chunk: 256 runs at a time stay in the
cache of the processor, all of them at once would not. Hyper-parameters, learning rates, starts and the number of steps are traced: one compilation for each
(optimizer class, loss class), and one more where η changes or the gradient is noisy or clipped.

Cells are handed over in pieces of `PIECE` for each device, so that progress can be told and a long sweep be stopped. A cell's place in its chunk depends on
its number only, so the numbers are the same for any count of devices and processes.
"""

from __future__ import annotations

import bisect
import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import Mesh, PartitionSpec

from optim_core.hyper import hypers, resolve
from optim_core.noise import Noise
from optim_core.sweep import devices
from optim_core.trajectory import BUCKETS, Job, advance, begun, check, conditions_of

CHUNK = 256
PIECE = 20 * CHUNK
NEVER = -1
MAX_PROGRAMS = 200
"""Compiled sweeps kept alive; past it all are dropped, and those still in use come back from the cache on disk."""

Tell = Callable[[int, int], None]


class Goal(NamedTuple):
    """What counts as having got there.

    Attributes:
        loss: L*, the loss aimed at; nan where there is none.
        tolerance: L − L* ≤ tolerance is there, > 0.
        minima: points to settle at, `(k, n)`, or None where nobody asks.
        radius: within so much of a minimum is at it, > 0.
    """

    loss: float
    tolerance: float
    minima: np.ndarray | None = None
    radius: float = 1.0


class Outcome(NamedTuple):
    """What is kept of every run, `(cells,)` each; steps are `NEVER` where it did not happen.

    Attributes:
        w: the last point, `(cells, n)`.
        first_loss: L at the start.
        loss: L at the last point, inf or nan where it overflowed.
        reached: the first step t with L(w_t) − L* ≤ tolerance.
        settled: the step since which it has been at one of the minima.
    """

    w: Any
    first_loss: Any
    loss: Any
    reached: Any
    settled: Any


class _Seen(NamedTuple):
    """What is looked for at every step, as steps; ∞ while it has not happened. Floats: a vector of numbers of one width is what the processor adds fastest."""

    reached: jax.Array
    settled: jax.Array


def sweep(job: Job, varied: Mapping[str, np.ndarray], goal: Goal, *, tell: Tell | None = None, mesh: Mesh | None = None) -> Outcome:
    """Run a job once for each cell, and keep the outcome.

    Args:
        job: what all cells share.
        varied: what differs, one entry a cell: "lr" the base learning rate, the name of a hyper-parameter of the optimizer, "start" `(cells, n)`, or "seed"
            `(cells, k)`, the whole numbers ≥ 0 that name the stream of its noise.
        goal: what counts as having got there.
        tell: called after each piece with the cells that are done and their number; what it raises ends the sweep.
        mesh: the devices to use, see `optim_core.sweep.devices`; all of JAX's if None.

    Returns:
        The outcome, in the order of the cells.

    Raises:
        ValueError: a name that cannot vary, a value out of range, or not one entry a cell.
    """
    cells = _Cells(job, varied)
    mesh = devices.mesh() if mesh is None else mesh
    size = cells.piece * mesh.size
    firsts = range(0, cells.n, size)
    parts: list[Outcome] = []
    with ThreadPoolExecutor(min(devices.hands(mesh), len(firsts)), thread_name_prefix="sweep") as pool:
        try:
            for part in pool.map(lambda first: _piece(cells, first, min(first + size, cells.n), goal, mesh), firsts):
                parts.append(part)
                if tell is not None:
                    tell(min(len(parts) * size, cells.n), cells.n)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # what has begun ends; nothing else begins
            raise
    return Outcome(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class _Cells:
    """The cells of a sweep, checked."""

    def __init__(self, job: Job, varied: Mapping[str, np.ndarray]) -> None:
        declared = hypers(job.optimizer)
        allowed = ("lr", *declared, "start", *(["seed"] if job.noise is not None else []))
        if not varied or set(varied) - set(allowed):
            raise ValueError(f"varied = {', '.join(varied)} is not a choice of {', '.join(allowed)}")
        counts = {len(values) for values in varied.values()}
        if len(counts) != 1 or not (n := counts.pop()):
            raise ValueError("every varied value needs one entry a cell, and at least one")
        check(job)
        self.job, self.n = job, n
        tails = {"start": (np.size(job.start),), "seed": np.shape(varied["seed"])[1:2] if "seed" in varied else ()}
        for name, values in varied.items():
            if np.shape(values) != (n, *tails.get(name, ())):
                raise ValueError(f"{name} has the shape {np.shape(values)}, which is not {(n, *tails.get(name, ()))}")
        start = np.asarray(varied.get("start", job.start), np.float64)
        self.starts = np.broadcast_to(start, (n, start.shape[-1]))
        if not np.isfinite(self.starts).all():
            raise ValueError("start has numbers that are not finite")
        self.rates = np.broadcast_to(np.asarray(varied.get("lr", job.base_lr if callable(job.lr) else job.lr), np.float64), (n,))
        if not (np.isfinite(self.rates).all() and (self.rates >= 0.0).all()):
            raise ValueError("lr must be finite and not negative")
        for name, hyper in declared.items():
            if name in varied and not (np.min(varied[name]) >= hyper.low and np.max(varied[name]) <= hyper.high):
                raise ValueError(f"{name} is outside [{hyper.low:g}, {hyper.high:g}]")
        plain = resolve(job.optimizer)
        self.optimizer = type(plain)(**{name: np.broadcast_to(np.asarray(varied.get(name, getattr(plain, name)), np.float64), (n,)) for name in declared})
        self.seeds = None if "seed" not in varied else np.asarray(varied["seed"])
        if self.seeds is not None and not (self.seeds.ndim == 2 and self.seeds.dtype.kind in "iu" and (self.seeds >= 0).all()):
            raise ValueError("seed must be rows of whole numbers, at least 0")
        self.columns: dict[float, np.ndarray] = {}
        self.rows = BUCKETS[bisect.bisect_left(BUCKETS, job.n_steps)] + 1
        self.piece = PIECE if self.seeds is None else CHUNK  # noise of its own for every cell takes memory

    def of(self, index: np.ndarray) -> tuple[Any, Any, Any, Any]:
        """Optimizer, starts, learning rates and noise of the cells with these numbers."""
        optimizer = type(self.optimizer)(**{name: getattr(self.optimizer, name)[index] for name in hypers(self.optimizer)})
        return optimizer, self.starts[index], self._rates(self.rates[index]), self._noise(index)

    def _rates(self, base: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """η of every cell, and None; or where it changes, which column each cell has of a table of every step, `(rows, columns)`: a map has as many columns
        as different base rates, padded to 64 or a power of two, so that their number hardly ever compiles anew."""
        job = self.job
        if not callable(job.lr):
            return base, None
        distinct, which = np.unique(base, return_inverse=True)
        table = np.zeros((self.rows, max(64, 1 << (len(distinct) - 1).bit_length())))
        table[: job.n_steps, : len(distinct)] = np.stack([self._column(float(rate)) for rate in distinct], axis=1)
        if not (np.isfinite(table).all() and (table >= 0.0).all()):
            raise ValueError("lr must be finite and not negative at every step")
        return which.astype(np.int32), table

    def _column(self, rate: float) -> np.ndarray:
        """η of every step from a base rate; a map has as many of them as columns, not as cells."""
        if rate not in self.columns:
            lr = self.job.lr
            self.columns[rate] = np.asarray(lr(np.arange(self.job.n_steps), self.job.n_steps, rate)) if callable(lr) else np.full(self.job.n_steps, rate)
        return self.columns[rate]

    def _noise(self, index: np.ndarray) -> np.ndarray | None:
        job, n = self.job, self.starts.shape[1]
        if self.seeds is None or job.noise is None:
            return None  # the same for all cells: a part of the conditions
        drawn = np.zeros((len(index), self.rows, n))
        for row, seed in enumerate(self.seeds[index]):
            noise = Noise(job.noise.sigma, job.noise.decay, tuple(map(int, seed)))
            drawn[row, : job.n_steps + 1] = resolve(noise).draw(job.n_steps + 1, n)
        return drawn


def _piece(cells: _Cells, first: int, last: int, goal: Goal, mesh: Mesh) -> Outcome:
    """The cells from `first` to `last`, an even share of the chunks for each device."""
    job, n, numbers = cells.job, cells.starts.shape[1], np.arange(first, last)
    share = -(-len(numbers) // (CHUNK * mesh.size))  # chunks a device
    index, counts = np.full((mesh.size, cells.piece), first), np.zeros(mesh.size, np.int32)
    for device in range(mesh.size):
        own = numbers[device * share * CHUNK : (device + 1) * share * CHUNK]
        index[device, : len(own)], counts[device] = own, -(-len(own) // CHUNK)
    own_values = cells.of(index.ravel())
    conditions = conditions_of(job, job.n_steps, n, cells.rows)
    run = _program(mesh)
    if run._cache_size() > MAX_PROGRAMS:
        run.clear_cache()
    minima = None if goal.minima is None else _padded(goal.minima)
    aims = tuple(map(np.float64, (goal.loss, goal.tolerance, goal.radius)))
    shared = (resolve(job.loss), conditions, np.int32(job.n_steps), *aims, minima)
    laid = (devices.spread(mesh, own_values, _AXES), devices.spread(mesh, counts, _CELLS))
    made = run(*laid, devices.spread(mesh, shared, PartitionSpec()))
    kept = np.concatenate([device * cells.piece + np.arange(min(share * CHUNK, max(len(numbers) - device * share * CHUNK, 0))) for device in range(mesh.size)])
    return Outcome(*(whole[kept] for whole in devices.gathered(made)))


def _padded(minima: np.ndarray) -> tuple[np.ndarray, np.int32]:
    """As many rows as the next power of 4, so that the number of minima hardly ever compiles anew, and how many of them count."""
    rows = 4 ** int(np.ceil(np.log2(max(len(minima), 1)) / 2))
    return np.pad(np.asarray(minima, np.float64), ((0, rows - len(minima)), (0, 0)), constant_values=np.inf), np.int32(len(minima))


_CELLS = PartitionSpec(devices.AXIS)
_AXES = (_CELLS, _CELLS, (_CELLS, PartitionSpec()), _CELLS)
"""How a piece lies on the devices: each has its own cells, and all the table of rates."""


@functools.cache
def _program(mesh: Mesh) -> Any:
    """The compiled sweep of a piece on these devices."""
    return jax.jit(jax.shard_map(_run, mesh=mesh, in_specs=(_AXES, _CELLS, PartitionSpec()), out_specs=_CELLS, check_vma=False))


def _run(cells: tuple[Any, Any, Any, Any], count: jax.Array, shared: tuple[Any, ...]) -> Outcome:
    """One device's cells, the first `count[0]` chunks of them."""
    optimizer, starts, (rates, table), noise = cells

    def at(j: jax.Array) -> Any:
        def cut(values: jax.Array) -> jax.Array:
            return lax.dynamic_slice_in_dim(values, j * CHUNK, CHUNK)

        return jax.tree.map(cut, optimizer), cut(starts), cut(rates) if table is None else table[:, cut(rates)], jax.tree.map(cut, noise)

    one = jax.vmap(functools.partial(_one, shared), in_axes=(0, 0, 0 if table is None else 1, 0))

    def chunk(j: jax.Array, kept: Outcome) -> Any:
        return jax.tree.map(lambda whole, part: lax.dynamic_update_slice_in_dim(whole, part, j * CHUNK, 0), kept, one(*at(j)))

    shapes = jax.eval_shape(one, *jax.eval_shape(at, jnp.int32(0)))
    empty = jax.tree.map(lambda part: jnp.zeros((starts.shape[0], *part.shape[1:]), part.dtype), shapes)
    made: Outcome = lax.fori_loop(0, count[0], chunk, empty)
    return made


def _one(shared: tuple[Any, ...], optimizer: Any, start: jax.Array, rate: jax.Array, noise: jax.Array | None) -> Outcome:
    """One run. A point is looked at before it is left, the last one after the loop."""
    loss, conditions, n_steps, target, tolerance, radius, minima = shared
    draws = noise if noise is not None or conditions is None else conditions.noise

    def looked(t: jax.Array, w: jax.Array, height: jax.Array, seen: _Seen) -> _Seen:
        settled = seen.settled
        if minima is not None:
            points, count = minima  # one after another: all at once, their distances from a whole chunk leave the cache
            nearest = lax.fori_loop(0, count, lambda k, least: jnp.minimum(least, jnp.sum((w - points[k]) ** 2)), jnp.full((), jnp.inf, start.dtype))
            settled = jnp.where(nearest <= radius**2, jnp.minimum(settled, t), jnp.inf)
        reached = jnp.minimum(seen.reached, jnp.where(height - target <= tolerance, t, jnp.inf))
        return _Seen(reached, settled)

    def step(i: jax.Array, carry: tuple[Any, _Seen]) -> tuple[Any, _Seen]:
        stand, seen = carry
        lr = rate if rate.ndim == 0 else lax.dynamic_index_in_dim(rate, i, keepdims=False)
        drawn = None if draws is None else lax.dynamic_index_in_dim(draws, i, keepdims=False)
        taken = advance(optimizer, loss, conditions, stand, lr, (i + 1).astype(start.dtype), drawn)
        return taken.following, looked(i.astype(start.dtype), stand.w, taken.loss, seen)

    never = jnp.full((), jnp.inf, start.dtype)
    stand, seen = lax.fori_loop(0, n_steps, step, (begun(optimizer, start, conditions), _Seen(never, never)))
    height = loss(stand.w)
    steps = (jnp.where(t < jnp.inf, t, NEVER).astype(jnp.int32) for t in looked(n_steps.astype(start.dtype), stand.w, height, seen))
    return Outcome(stand.w, loss(start), height, *steps)
