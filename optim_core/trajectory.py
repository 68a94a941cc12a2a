"""`simulate`: run an optimizer on a loss and record every step, in one jitted scan.

Each scanned row holds the whole record of a step side by side (w, state, loss, Step): one packed output is some seven times faster than a dozen separate
ones. A row is written *before* its step, and the scan makes one step more than asked, so that row t carries `w[t]` together with the step that leaves it
and every array of the result is a view of one buffer.

The number of steps is padded to a bucket, and classes are static while numbers are traced: one compilation per (optimizer class, loss class, bucket).
"""

from __future__ import annotations

import bisect
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from optim_core import oracles
from optim_core.hyper import resolve
from optim_core.types import Optimizer, Step, Trajectory

BUCKETS = (250, 1000, 4000, 10_000, 30_000, 100_000)  # round, because people ask for round numbers of steps
MAX_STEPS = BUCKETS[-1]


class Job(NamedTuple):
    """One run to simulate.

    Attributes:
        optimizer: a spec of `optim_core.optimizers`.
        loss: a spec that maps `w` to a scalar, such as one of `surfaces`.
        start: the first point, `(n,)`.
        lr: the learning rate, a number or one number a step.
        n_steps: how many steps, 1 to `MAX_STEPS`.
    """

    optimizer: Optimizer
    loss: Callable[[jax.Array], jax.Array]
    start: Sequence[float] | np.ndarray
    lr: float | Sequence[float] | np.ndarray
    n_steps: int


def simulate(
    optimizer: Optimizer,
    loss: Callable[[jax.Array], jax.Array],
    start: Sequence[float] | np.ndarray,
    lr: float | Sequence[float] | np.ndarray,
    n_steps: int,
) -> Trajectory:
    """Run `n_steps` steps and record all of them. The arguments are those of `Job`.

    Raises:
        ValueError: an argument is not finite, out of range or of the wrong shape.
    """
    return simulate_all([Job(optimizer, loss, start, lr, n_steps)])[0]


def simulate_all(jobs: Sequence[Job]) -> list[Trajectory]:
    """Run several jobs; all are dispatched before the first result is fetched.

    Raises:
        ValueError: see `simulate`.
    """
    dispatched = []
    for job in jobs:
        n_steps, start, lr = _check(job)
        bucket = BUCKETS[bisect.bisect_left(BUCKETS, n_steps)]
        padded = np.zeros(bucket + 1)
        padded[:n_steps] = lr
        optimizer = resolve(job.optimizer)
        rows = _record(optimizer, resolve(job.loss), start, padded)
        dispatched.append((rows, _layout(type(optimizer), start.size), n_steps, padded[:n_steps]))
    return [_unpack(*item) for item in dispatched]


def _check(job: Job) -> tuple[int, np.ndarray, float | np.ndarray]:
    """Validate and coerce the numbers of a job: what reaches jit has one dtype and one shape per bucket."""
    if isinstance(job.n_steps, bool) or not isinstance(job.n_steps, (int, np.integer)) or not 1 <= job.n_steps <= MAX_STEPS:
        raise ValueError(f"n_steps = {job.n_steps!r} is not a whole number in [1, {MAX_STEPS}]")
    n_steps = int(job.n_steps)
    start = np.asarray(job.start)
    if start.dtype.kind not in "fiu" or start.ndim != 1 or not start.size or not all(map(math.isfinite, start.tolist())):
        raise ValueError(f"start = {job.start!r} is not a vector of finite numbers")
    start = start.astype(np.float64, copy=False)
    listed = getattr(type(job.loss), "starts", ())  # a loss that lists starting points says by them how many numbers it takes
    size = len(listed[0]) if listed else start.size
    if start.size != size:
        raise ValueError(f"start = {job.start!r} has {start.size} numbers; {type(job.loss).__name__} takes {size}")
    lr = job.lr if type(job.lr) is float else np.asarray(job.lr, dtype=np.float64)
    if isinstance(lr, float):
        fits = 0.0 <= lr < math.inf
    elif lr.shape in ((), (n_steps,)):
        fits = bool(np.isfinite(lr).all() and (lr >= 0).all())
    else:
        raise ValueError(f"lr has shape {lr.shape}; allowed are a number or an array of n_steps = {n_steps} numbers")
    if not fits:
        raise ValueError("lr must be finite and not negative")
    return n_steps, start, lr


@jax.jit
def _record(optimizer: Any, loss: Any, start: jax.Array, lrs: jax.Array) -> jax.Array:
    """The packed rows, `(len(lrs), width)`: at row t the point, state and loss before the step, and the step that leaves it.

    Point and state are carried as one vector: it is the front of the row already, and one buffer to hand on is faster than one a field.
    """
    oracle = oracles.exact(loss)
    first, unravel = ravel_pytree((start, optimizer.init(start)))

    def body(carry: jax.Array, inputs: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        w, state = unravel(carry)
        lr, t = inputs
        following, next_state, step = optimizer.step(oracle, w, state, lr, t)
        row = jnp.concatenate([carry, loss(w)[None], *step])
        return ravel_pytree((following, next_state))[0], row

    times = jnp.arange(1, lrs.shape[0] + 1, dtype=lrs.dtype)
    return jax.lax.scan(body, first, (lrs, times))[1]


class _Layout(NamedTuple):
    """Which columns of a packed row hold what: a number for a scalar, a slice for a vector; the leaves of the state one by one."""

    w: slice
    state: Any
    loss: int
    step: Step


@functools.lru_cache(maxsize=1024)
def _layout(optimizer: type[Any], n: int) -> _Layout:
    w = jnp.zeros(n)
    record = (w, jax.eval_shape(optimizer().init, w), jnp.zeros(()), Step(w, w, w, w))
    leaves, tree = jax.tree.flatten(record)
    if any(leaf.ndim > 1 for leaf in leaves):
        raise TypeError(f"the State of {optimizer.__name__} may hold scalars and vectors only")
    ends = [int(end) for end in np.cumsum([leaf.size for leaf in leaves])]
    columns = [slice(end - leaf.size, end) if leaf.ndim else end - 1 for leaf, end in zip(leaves, ends, strict=True)]
    return _Layout(*jax.tree.unflatten(tree, columns))


def _unpack(rows: jax.Array, layout: _Layout, n_steps: int, lr: np.ndarray) -> Trajectory:
    """Take the packed rows apart; every array is a read-only view."""
    packed = np.asarray(rows)[: n_steps + 1]
    made = packed[:-1]
    lr.flags.writeable = False
    w, state, loss, step = layout
    steps, states = Step._make([made[:, where] for where in step]), state._make([packed[:, where] for where in state])
    return Trajectory(packed[:, w], packed[:, loss], lr, steps, packed[-1, step.grad], states)
