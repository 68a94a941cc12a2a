"""`train`: an optimizer of the registry on the loss of a network, recorded at every iteration.

    w ← step of the optimizer on L_B(w) = mean over the batch B of the losses + penalties          (lecture rows A8, B6)

A training is cut into chunks of `CHUNK` iterations; each is one call of one jitted scan, so that the number of iterations is no part of the program, progress
is told and a training can be cancelled between two chunks. The step is `optim_core.trajectory.advance`, which every other run of the house makes: schedules,
clipping and noise are the same, and batch and dropout stand still for the whole step, whatever the optimizer asks of its oracle.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.backend import bound
from optim_core.evaluations import MAX_MATRIX, holds_matrix
from optim_core.hyper import resolve
from optim_core.networks.architecture import Network
from optim_core.networks.batches import batches, per_epoch
from optim_core.networks.forward import Batch, forward, masks, mean_loss, penalty
from optim_core.networks.record import CHUNK, QUICK, Keeper, Training, evaluate, judged
from optim_core.noise import Noise
from optim_core.trajectory import Conditions, Job, Rate, Stand, advance, begun, check, conditions_of
from optim_core.types import Optimizer

MAX_ITERATIONS = 20_000
MAX_NOISE = 20_000_000
"""Numbers of gradient noise that a training may draw: iterations times parameters."""
MAX_PROGRAMS = 64
Tell = Callable[[int, int], None]


class Course(NamedTuple):
    """One training.

    Attributes:
        network: its shape.
        x, y: objects to learn from as rows, `(n, d)`, and their targets, `(n,)`.
        valid_x, valid_y: those it is judged by.
        optimizer: a spec of `optim_core.optimizers`.
        lr: η: a number, one number an iteration, or a schedule (see `optim_core.trajectory.Job`).
        start: the first weights, `(P,)`.
        epochs: how often it sees every object.
        batch: b; 0 is the full batch.
        base_lr: η₀ of a schedule.
        replace: batches are drawn with replacement.
        seed: of batches and dropout.
        dropout: p, the share of neurons that are dropped; only a network with `dropout` looks at it.
        l1, l2: λ₁ and λ₂ of the penalties.
        noise: added to the gradient, or None.
        clip: a spec of `optim_core.clipping`, or None.
        checkpoints: iterations at which the weights are kept, rising from 0; None for `checkpoints(T)`.
    """

    network: Network
    x: np.ndarray
    y: np.ndarray
    valid_x: np.ndarray
    valid_y: np.ndarray
    optimizer: Optimizer
    lr: Rate
    start: np.ndarray
    epochs: int
    batch: int = 0
    base_lr: float = 0.1
    replace: bool = False
    seed: int = 1
    dropout: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    noise: Noise | None = None
    clip: Any = None
    checkpoints: Sequence[int] | None = None


def train(course: Course, tell: Tell | None = None) -> Training:
    """Train, and record.

    Args:
        course: the training.
        tell: told iterations done and to do after every chunk; what it raises ends the training.

    Raises:
        ValueError: an argument is out of range or of the wrong shape.
    """
    network = course.network.check()
    job, k, noise = _checked(course)
    n_steps, start, lr = check(job)
    bound((_chunk, evaluate, _begin), MAX_PROGRAMS)
    optimizer, conditions = resolve(job.optimizer), _quiet(job, n_steps, start.size)
    drawn = batches(len(course.x), course.batch, course.epochs, (course.seed, 1), replace=course.replace)
    amounts = _Amounts(np.float64(course.dropout), np.float64(course.l1), np.float64(course.l2), jax.random.key(course.seed))
    data, stats = (course.x.T.copy(), course.y.astype(np.float64)), network.fresh_stats()
    carry = (*_begin(optimizer, start, conditions), stats)
    sides = ((course.x, course.y), (course.valid_x, course.valid_y))
    keeper = Keeper(network, sides[1:] if _sees_all(network, drawn) else sides, k, n_steps, course.checkpoints)
    rates = np.broadcast_to(np.asarray(lr, np.float64), (n_steps,))

    def dispatched() -> Iterator[tuple[int, Any]]:
        nonlocal carry
        for first in range(0, n_steps + 1, CHUNK):  # one row more than steps: the last holds the final weights
            rows = np.minimum(np.arange(first, first + CHUNK), n_steps - 1)
            chosen = None if drawn is None else (drawn[0][rows], drawn[1][rows])
            xs = (rates[rows], np.arange(first + 1.0, first + CHUNK + 1.0), chosen, None if noise is None else noise[rows])
            carry, made = _chunk(network, optimizer, conditions, amounts, data, carry, xs)
            yield first, made

    for (first, made), _ in pairwise(chain(dispatched(), [(0, None)])):  # JAX runs the next chunk while the rows of one are taken
        keeper.take(first, made)
        if tell is not None:
            tell(min(first + CHUNK, n_steps), n_steps)
    return keeper.record()


def _sees_all(network: Network, drawn: Any) -> bool:
    """Whether a step sees what the test sees, so that its loss is the loss on all objects to learn from."""
    return drawn is None and not network.dropout and network.norm != "batch"


def _checked(course: Course) -> tuple[Job, int, np.ndarray | None]:
    """The same run as a `Job`, whose checks and schedules it shares; the iterations in an epoch; the gradient's noise."""
    n = len(course.x)
    for name, x, y in (("x", course.x, course.y), ("valid_x", course.valid_x, course.valid_y)):
        if x.ndim != 2 or x.shape[1] != course.network.inputs or y.shape != (len(x),) or not len(x) or not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise ValueError(f"{name} has shape {x.shape} with targets {y.shape}; the network takes finite (n, {course.network.inputs}) with (n,)")
    if not 0 <= course.batch <= n:
        raise ValueError(f"batch = {course.batch!r} is outside [0, {n}]")
    if not 0.0 <= course.dropout < 1.0:
        raise ValueError(f"dropout = {course.dropout!r} is outside [0, 1)")
    if not (0.0 <= course.l1 < np.inf and 0.0 <= course.l2 < np.inf):
        raise ValueError(f"l1 = {course.l1!r}, l2 = {course.l2!r} must be finite and not negative")
    k = per_epoch(n, course.batch)
    if course.epochs < 1 or course.epochs * k > MAX_ITERATIONS:
        raise ValueError(f"epochs = {course.epochs!r} of {k} iterations; allowed are 1 to {MAX_ITERATIONS} iterations in all")
    if course.network.size > MAX_MATRIX and holds_matrix(type(course.optimizer)):
        raise ValueError(f"{type(course.optimizer).__name__} holds a matrix, for at most {MAX_MATRIX} parameters; the network has {course.network.size}")
    if course.start.shape != (course.network.size,):
        raise ValueError(f"start has shape {course.start.shape}; the network has {course.network.size} parameters")
    job = Job(course.optimizer, jnp.sum, course.start, course.lr, course.epochs * k, course.base_lr, None, course.clip)
    if course.noise is None:
        return job, k, None
    if job.n_steps * course.network.size > MAX_NOISE:
        raise ValueError(f"noise on {course.network.size} weights for {job.n_steps} iterations is more than {MAX_NOISE} numbers")
    return job, k, resolve(course.noise).draw(job.n_steps, course.network.size)


def _quiet(job: Job, n_steps: int, n: int) -> Conditions | None:
    """Clip and reaction of a job; its noise travels with the rows."""
    made = conditions_of(job, n_steps, n, 0) if job.clip is not None or callable(job.lr) else None
    return None if made is None else made._replace(noise=None)


class _Amounts(NamedTuple):
    """The numbers that sliders move without another program."""

    dropout: Any
    l1: Any
    l2: Any
    key: Any


_begin = jax.jit(begun)


@functools.partial(jax.jit, compiler_options=QUICK)
def _chunk(network: Network, optimizer: Any, conditions: Conditions | None, amounts: _Amounts, data: Any, carry: Any, xs: Any) -> tuple[Any, Any]:
    """`CHUNK` iterations. Returns what the next chunk begins with, and of every row: weights and statistics before its step, and (loss, ‖g‖, η), with loss
    and accuracy at test on the objects to learn from where the step has seen them all."""

    def body(held: tuple[Any, ...], row: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[jax.Array, ...]]:
        stand, stats = Stand(*held[:-1]), held[-1]
        lr, t, chosen, noise = row
        x, y = data
        batch = Batch(x, y) if chosen is None else Batch(x[:, chosen[0]], y[chosen[0]], chosen[1])
        if network.dropout:
            batch = batch._replace(keep=masks(network, amounts.key, t, batch.x.shape[1], amounts.dropout))

        def loss(w: jax.Array) -> jax.Array:
            return mean_loss(network, forward(network, w, stats, batch, training=True).values, batch) + penalty(network, w, amounts.l1, amounts.l2)

        taken = advance(optimizer, loss, conditions, stand, lr, t, noise)
        after = forward(network, stand.w, stats, batch, training=True).stats
        factor = 1.0 if stand.answer is None else stand.answer.factor
        told = jnp.stack([taken.loss, jnp.sqrt(jnp.sum(taken.raw_grad**2)), lr * factor])
        if _sees_all(network, chosen):
            told = jnp.concatenate([told, judged(network, stand.w, stats, batch)])
        return (*taken.following, after), (stand.w, stats, told)

    return jax.lax.scan(body, carry, xs)
