"""`simulate`: run an optimizer on a loss and record every step, in one jitted scan.

Each scanned row holds the whole record of a step side by side (w, state, loss, Step): one packed output is some seven times faster than a dozen separate
ones. A row is written *before* its step, and the scan makes one step more than asked, so that row t carries `w[t]` together with the step that leaves it
and every array of the result is a view of one buffer.

The number of steps is padded to a bucket, and classes are static while numbers are traced: one compilation per (optimizer class, loss class, bucket), and
one more where the gradient is noisy or clipped or the schedule answers to the run. Those who ask for none of it pay for none of it.
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
from optim_core.noise import Noise
from optim_core.plan import Plan
from optim_core.types import Optimizer, Schedule, Step, Trajectory

BUCKETS = (250, 1000, 4000, 10_000, 30_000, 100_000)  # round, because people ask for round numbers of steps
MAX_STEPS = BUCKETS[-1]
MAX_PROGRAMS = 1000
"""Compiled programs kept alive, some 2.4 MiB each; past it all are dropped, and those still in use come back from the cache on disk."""

Rate = float | Sequence[float] | np.ndarray | Schedule | Plan


class Job(NamedTuple):
    """One run to simulate.

    Attributes:
        optimizer: a spec of `optim_core.optimizers`.
        loss: a spec that maps `w` to a scalar, such as one of `surfaces`.
        start: the first point, `(n,)`.
        lr: the learning rate: a number, one number a step, or a schedule (`optim_core.schedules`, `optim_core.plan`).
        n_steps: how many steps, 1 to `MAX_STEPS`.
        base_lr: η₀ of a schedule; without one it is not used.
        noise: added to the gradient, or None.
        clip: a spec of `optim_core.clipping`, applied to the noisy gradient, or None.
    """

    optimizer: Optimizer
    loss: Callable[[jax.Array], jax.Array]
    start: Sequence[float] | np.ndarray
    lr: Rate
    n_steps: int
    base_lr: float = 0.1
    noise: Noise | None = None
    clip: Any = None


class Conditions(NamedTuple):
    """What makes a run more than an optimizer on a loss: noise `(rows, n)`, a clip or None, and of a schedule that answers to the run its spec or None,
    its first step and the steps between two looks."""

    noise: Any
    clip: Any
    reaction: Any
    begin: Any
    every: Any


def simulate(
    optimizer: Optimizer,
    loss: Callable[[jax.Array], jax.Array],
    start: Sequence[float] | np.ndarray,
    lr: Rate,
    n_steps: int,
    base_lr: float = 0.1,
    noise: Noise | None = None,
    clip: Any = None,
) -> Trajectory:
    """Run `n_steps` steps and record all of them. The arguments are those of `Job`.

    Raises:
        ValueError: an argument is not finite, out of range or of the wrong shape.
    """
    return simulate_all([Job(optimizer, loss, start, lr, n_steps, base_lr, noise, clip)])[0]


def simulate_all(jobs: Sequence[Job]) -> list[Trajectory]:
    """Run several jobs; all are dispatched before the first result is fetched.

    Raises:
        ValueError: see `simulate`.
    """
    programs: Any = _record
    if programs._cache_size() > MAX_PROGRAMS:
        programs.clear_cache()
    dispatched = []
    for job in jobs:
        n_steps, start, lr = check(job)
        rows = BUCKETS[bisect.bisect_left(BUCKETS, n_steps)] + 1
        padded = np.zeros(rows)
        padded[:n_steps] = lr
        optimizer, conditions = resolve(job.optimizer), conditions_of(job, n_steps, start.size, rows)
        packed = _record(optimizer, resolve(job.loss), start, padded, conditions)
        dispatched.append((packed, _layout(type(optimizer), start.size, _kind(conditions)), n_steps, padded[:n_steps]))
    return [_unpack(*item) for item in dispatched]


def check(job: Job) -> tuple[int, np.ndarray, float | np.ndarray]:
    """Validate and coerce the numbers of a job: what reaches jit has one dtype and one shape per bucket."""
    if isinstance(job.n_steps, bool) or not isinstance(job.n_steps, (int, np.integer)) or not 1 <= job.n_steps <= MAX_STEPS:
        raise ValueError(f"n_steps = {job.n_steps!r} is not a whole number in [1, {MAX_STEPS}]")
    n_steps = int(job.n_steps)
    start = np.asarray(job.start)
    if start.dtype.kind not in "fiu" or start.ndim != 1 or not start.size or not all(map(math.isfinite, start.tolist())):
        raise ValueError(f"start = {job.start!r} is not a vector of finite numbers")
    start = start.astype(np.float64, copy=False)
    listed = getattr(job.loss, "starts", ())  # a loss that lists starting points says by them how many numbers it takes
    size = len(listed[0]) if listed else start.size
    if start.size != size:
        raise ValueError(f"start = {job.start!r} has {start.size} numbers; {type(job.loss).__name__} takes {size}")
    if callable(job.lr) and not 0.0 <= job.base_lr < math.inf:
        raise ValueError(f"base_lr = {job.base_lr!r} is not a finite number, at least 0")
    lr: float | np.ndarray
    if callable(job.lr):
        lr = job.lr(np.arange(n_steps), n_steps, float(job.base_lr))
    else:
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


def conditions_of(job: Job, n_steps: int, n: int, rows: int) -> Conditions | None:
    """Noise, clip and reaction of a job as jit wants them; None where there is none of the three."""
    reaction, begin, every = _reaction(job.lr) if callable(job.lr) else (None, 0, 1)
    if job.noise is None and job.clip is None and reaction is None:
        return None
    noise = np.zeros((rows, n))
    if job.noise is not None:
        noise[: n_steps + 1] = resolve(job.noise).draw(n_steps + 1, n)
    clip, reaction = (None if given is None else resolve(given) for given in (job.clip, reaction))
    return Conditions(noise, clip, reaction, np.float64(begin), np.float64(every))


def _reaction(lr: Schedule | Plan) -> tuple[Any, int, int]:
    """The spec that answers to the run, its first step and the steps between two looks; None, 0, 1 for a schedule that does not answer."""
    return (lr if isinstance(lr, Plan) else Plan(lr)).reaction or (None, 0, 1)


@jax.jit
def _record(optimizer: Any, loss: Any, start: jax.Array, lrs: jax.Array, conditions: Conditions | None) -> jax.Array:
    """The packed rows, `(len(lrs), width)`: at row t the point, state and loss before the step, and the step that leaves it.

    Point and state are carried as one vector: it is the front of the row already, and one buffer to hand on is faster than one a field.
    """
    first, unravel = ravel_pytree(begun(optimizer, start, conditions))

    def body(carry: jax.Array, inputs: tuple[jax.Array, jax.Array, Any]) -> tuple[jax.Array, jax.Array]:
        taken = advance(optimizer, loss, conditions, unravel(carry), *inputs)
        inner = [jnp.ravel(value) for value in taken.step.inner]
        row = jnp.concatenate([carry, taken.loss[None], *taken.step[:-1], *inner, *([] if conditions is None else [taken.raw_grad])])
        return ravel_pytree(taken.following)[0], row

    times = jnp.arange(1, lrs.shape[0] + 1, dtype=lrs.dtype)
    return jax.lax.scan(body, first, (lrs, times, None if conditions is None else conditions.noise))[1]


class Stand(NamedTuple):
    """Where a run stands between two steps: its point, the optimizer's State, and the answer of a schedule that answers to the run, or None."""

    w: Any
    state: Any
    answer: Any


class _Taken(NamedTuple):
    """One step: where it led, the loss where it began, what happened, and the gradient before clipping."""

    following: Stand
    loss: jax.Array
    step: Step
    raw_grad: jax.Array


def begun(optimizer: Any, start: jax.Array, conditions: Conditions | None) -> Stand:
    """Before the first step. The arguments are those of `advance`."""
    reaction = None if conditions is None else conditions.reaction
    return Stand(start, optimizer.init(start), None if reaction is None else reaction.init())


def advance(optimizer: Any, loss: Any, conditions: Conditions | None, stand: Stand, lr: jax.Array, t: jax.Array, noise: Any) -> _Taken:
    """The one step that every run makes, recorded or in a sweep.

    Args:
        optimizer, loss: resolved specs.
        conditions: what makes the run more than an optimizer on a loss, or None; its noise is not looked at here.
        stand: before the step.
        lr, t: η of this step, before any answer of its schedule, and its number, from 1.
        noise: this step's, `(n,)`, or None.
    """
    exact = oracles.exact(loss)
    reaction, clip = (None, None) if conditions is None else (conditions.reaction, conditions.clip)
    w, state, answer = stand
    raw = exact if noise is None else oracles.noisy(exact, noise)
    height = loss(w)
    if reaction is not None:
        lr = lr * answer.factor
    following, next_state, step = optimizer.step(raw if clip is None else oracles.clipped(raw, clip), w, state, lr, t)
    if conditions is not None and reaction is not None:
        ticks = (t > conditions.begin) & ((t - conditions.begin) % conditions.every == 0.0)
        answer = jax.tree.map(lambda new, old: jnp.where(ticks, new, old), reaction.react(answer, height), answer)
    return _Taken(Stand(following, next_state, answer), height, step, step.grad if clip is None else raw(step.query))


def _kind(conditions: Conditions | None) -> Any:
    """What of the conditions changes the columns of a row: their presence, and the spec that answers to the run."""
    return None if conditions is None else (type(conditions.reaction) if conditions.reaction is not None else None,)


class _Layout(NamedTuple):
    """Which columns of a packed row hold what: a number for a scalar, a slice for a vector; the leaves of the states one by one."""

    w: slice
    state: Any
    answer: Any
    loss: int
    step: Step
    raw_grad: slice | None


@functools.lru_cache(maxsize=1024)
def _layout(optimizer: type[Any], n: int, kind: Any) -> _Layout:
    w, one = jnp.zeros(n), jnp.ones(())
    answer = jax.eval_shape(kind[0]().init) if kind and kind[0] else None
    state = jax.eval_shape(optimizer().init, w)
    step = jax.eval_shape(lambda w, state: optimizer().step(oracles.exact(jnp.sum), w, state, one, one)[2], w, state)
    record = (w, state, answer, one, step, w if kind else None)
    leaves, tree = jax.tree.flatten(record)
    if any(leaf.ndim > 1 for leaf in leaves):
        raise TypeError(f"the State and the inner record of {optimizer.__name__} may hold scalars and vectors only")
    ends = [int(end) for end in np.cumsum([leaf.size for leaf in leaves])]
    columns = [slice(end - leaf.size, end) if leaf.ndim else end - 1 for leaf, end in zip(leaves, ends, strict=True)]
    return _Layout(*jax.tree.unflatten(tree, columns))


def _unpack(rows: jax.Array, layout: _Layout, n_steps: int, lr: np.ndarray) -> Trajectory:
    """Take the packed rows apart; every array is a read-only view."""
    packed = np.asarray(rows)[: n_steps + 1]
    made = packed[:-1]
    w, state, answer, loss, step, raw = layout
    if answer is not None:
        lr = lr * packed[:-1, answer.factor]
    lr.flags.writeable = False
    inner = step.inner._make([made[:, where] for where in step.inner]) if step.inner else ()
    steps, states = Step._make([*(made[:, where] for where in step[:-1]), inner]), state._make([packed[:, where] for where in state])
    return Trajectory(packed[:, w], packed[:, loss], lr, steps, steps.grad if raw is None else made[:, raw], packed[-1, step.grad], states)
