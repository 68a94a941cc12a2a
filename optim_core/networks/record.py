"""`Training`, the record of a training, and what puts it together while the training runs."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.networks.architecture import Network
from optim_core.networks.forward import Batch, forward, mean_loss
from optim_core.networks.losses import correct

CHUNK = 50
"""Iterations in a call of the scan."""
QUICK: dict[str, bool | str] = {"xla_backend_optimization_level": "1"}
"""LLVM's first level of optimisation: programs come out as fast as by its third, and a fifth sooner."""
CHECKPOINTS = 80
"""Iterations at which the weights are kept, unless others are asked for."""


class Training(NamedTuple):
    """The record of a training of T iterations, E epochs and F checkpoints, in NumPy float64: true numbers, up to inf and nan.

    Attributes:
        per_epoch: k, the iterations in an epoch.
        loss: the batch loss with its penalties before each iteration, `(T,)`.
        grad_norm: ‖g‖ of each iteration, before clipping, `(T,)`.
        lr: η of each iteration, `(T,)`.
        at: the iterations of the checkpoints, `(F,)`; the first is 0, the last T.
        w: the weights there, `(F, P)`.
        stats: the running statistics there, `(F, S)`.
        epoch_at: the iteration at which each epoch ended, `(E+1,)`; 0 before the first.
        train_loss, valid_loss: the loss then, without penalties and dropout, by the running statistics, `(E+1,)`.
        train_accuracy, valid_accuracy: the share of objects whose class is right, `(E+1,)`; nan for regression.
        best: the epoch with the lowest validation loss.
        best_w, best_stats: weights and statistics after it.
    """

    per_epoch: int
    loss: np.ndarray
    grad_norm: np.ndarray
    lr: np.ndarray
    at: np.ndarray
    w: np.ndarray
    stats: np.ndarray
    epoch_at: np.ndarray
    train_loss: np.ndarray
    valid_loss: np.ndarray
    train_accuracy: np.ndarray
    valid_accuracy: np.ndarray
    best: int
    best_w: np.ndarray
    best_stats: np.ndarray

    @property
    def n_steps(self) -> int:
        """T, the number of iterations."""
        return len(self.loss)

    @property
    def nbytes(self) -> int:
        """Memory that the record keeps alive."""
        return sum(value.nbytes for value in self if isinstance(value, np.ndarray))


def checkpoints(n_steps: int) -> np.ndarray:
    """Iterations at which weights are kept: all of a short training, else `CHECKPOINTS`, close together at the beginning, where a network changes fastest."""
    if n_steps < CHECKPOINTS:
        return np.arange(n_steps + 1)
    return np.unique(np.round(n_steps * np.linspace(0.0, 1.0, CHECKPOINTS) ** 1.7).astype(int))


def judged(network: Network, w: jax.Array, stats: jax.Array, batch: Batch) -> jax.Array:
    """Loss and accuracy at test, `(2,)`."""
    values = forward(network, w, stats, batch, training=False).values
    return jnp.stack([mean_loss(network, values, batch), jnp.mean(correct(network, values, batch.y))])


@functools.partial(jax.jit, compiler_options=QUICK)
def evaluate(network: Network, w: jax.Array, stats: jax.Array, count: jax.Array, x: jax.Array, y: jax.Array) -> jax.Array:
    """`judged` for the first `count` of `CHUNK` rows of weights, `(CHUNK, 2)`."""
    batch = Batch(x, y)

    def one(row: jax.Array, made: jax.Array) -> jax.Array:
        return made.at[row].set(judged(network, w[row], stats[row], batch))

    made: jax.Array = jax.lax.fori_loop(0, count, one, jnp.zeros((CHUNK, 2)))
    return made


class Keeper:
    """Takes the rows of the chunks and keeps what the record is made of.

    Epochs are judged in another thread: there a new program is compiled, and runs, while the next chunk does.

    Args:
        network: its shape.
        sides: objects as rows and targets: those to learn from, unless the rows bring their judgement along, and those to be judged by.
        k: iterations in an epoch.
        n_steps: T.
        at: iterations at which the weights are kept, or None for `checkpoints(T)`.

    Raises:
        ValueError: `at` does not rise from 0 to T.
    """

    def __init__(self, network: Network, sides: Sequence[tuple[np.ndarray, np.ndarray]], k: int, n_steps: int, at: Sequence[int] | None) -> None:
        self.network, self.k, self.n_steps = network, k, n_steps
        self.at = checkpoints(n_steps) if at is None else np.asarray(at, int)
        if self.at[0] != 0 or self.at[-1] != n_steps or (np.diff(self.at) < 1).any():
            raise ValueError(f"checkpoints must rise from 0 to {n_steps}")
        self.ends = np.arange(0, n_steps + 1, k)
        self.told: list[np.ndarray] = []
        self.kept: list[tuple[np.ndarray, np.ndarray]] = []
        self.waiting: list[tuple[np.ndarray, np.ndarray]] = []
        self.judged: list[np.ndarray] = []
        self.lowest = np.inf
        self.best: tuple[int, np.ndarray, np.ndarray] = (0, np.zeros(0), np.zeros(0))
        self.sides = tuple((x.T.copy(), y.astype(np.float64)) for x, y in sides)
        self._judges = ThreadPoolExecutor(1, "judge")  # a thread of one's own: another's large network does not hold up a small one's
        self.room = np.zeros((CHUNK, network.size)), np.zeros((CHUNK, network.stats))
        self.asked: tuple[list[tuple[np.ndarray, np.ndarray]], Future[np.ndarray]] = ([], self._judges.submit(self._answer, *self.room, 0))

    def take(self, first: int, made: Any) -> None:
        """The rows of a chunk that begins with iteration `first`."""
        w, stats, told = (np.asarray(part) for part in made)
        self.told.append(told)
        for wanted, shelf in ((self.at, self.kept), (self.ends, self.waiting)):
            rows = wanted[np.searchsorted(wanted, first) : np.searchsorted(wanted, first + CHUNK)] - first
            shelf.extend((w[row].copy(), stats[row].copy()) for row in rows)  # a view would keep the whole chunk
        while len(self.waiting) >= CHUNK:
            self._judge(self.waiting[:CHUNK])
            self.waiting = self.waiting[CHUNK:]

    def _judge(self, rows: list[tuple[np.ndarray, np.ndarray]]) -> None:
        """Have losses and accuracies after some epochs computed."""
        self._settle()
        w, stats = (np.concatenate([np.stack(part), room[len(rows) :]]) for part, room in zip(zip(*rows, strict=True), self.room, strict=True))
        self.asked = rows, self._judges.submit(self._answer, w, stats, len(rows))

    def _answer(self, w: np.ndarray, stats: np.ndarray, count: int) -> np.ndarray:
        """What is asked, `(CHUNK, 2 · sides)`."""
        return np.hstack([np.asarray(evaluate(self.network, w, stats, np.int64(count), *side)) for side in self.sides])

    def _settle(self) -> None:
        """Take in what was asked last."""
        rows, answer = self.asked
        both, first = answer.result()[: len(rows)], sum(map(len, self.judged))
        self.judged.append(both)
        for row, loss in enumerate(both[:, -2]):
            if loss < self.lowest or not len(self.best[1]):
                self.lowest, self.best = loss if np.isfinite(loss) else np.inf, (first + row, *rows[row])

    def record(self) -> Training:
        """What is known once the last chunk is in."""
        if self.waiting:
            self._judge(self.waiting)
        self._settle()
        self._judges.shutdown(wait=False)
        told, judged = np.concatenate(self.told), np.concatenate(self.judged)
        if len(self.sides) == 1:
            judged = np.hstack([told[: self.n_steps + 1, 3:], judged])
        w, stats = (np.stack(part) for part in zip(*self.kept, strict=True))
        loss, norm, lr = told[: self.n_steps, :3].T.copy()
        train_loss, train_accuracy, valid_loss, valid_accuracy = judged.T.copy()
        return Training(self.k, loss, norm, lr, self.at, w, stats, self.ends, train_loss, valid_loss, train_accuracy, valid_accuracy, *self.best)
