"""The few types that everything in the house shares.

An optimizer sees one flat vector `w` of shape `(n,)`: a point of a 2-D surface, or the weights of a network, ravelled at the border.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import jax
import numpy as np

Oracle = Callable[[jax.Array], jax.Array]
"""A gradient oracle: `oracle(w)` is the gradient at `w`, both of shape `(n,)`. Its noise or batch is fixed for the whole step."""

Family = Literal["gradient", "momentum", "look_ahead", "adagrad", "rmsprop", "adam", "curvature"]
"""Kin of an optimizer; kin share a hue."""


class Step(NamedTuple):
    """What a person wants to see of one step. Every field has shape `(n,)`; recorded over T steps, `(T, n)`.

    Attributes:
        query: the point where the gradient was taken (Nesterov: the look-ahead point).
        grad: the gradient there.
        update: what was added to `w`.
        effective_lr: the factor each coordinate of the gradient (or of the averaged gradient) was multiplied by.
    """

    query: Any
    grad: Any
    update: Any
    effective_lr: Any


class Optimizer(Protocol):
    """An update rule. Its fields are its hyper-parameters (`optim_core.hyper`); its learning rate arrives from outside, one number a step.

    Class data:
        title: the name a reader sees.
        family: its kin, which decides its hue.
        rows: lecture rows it follows.
        rule: the update rule, one LaTeX line each, in the symbols of the lectures.
        scale_free: true when the step's length follows η and hardly the gradient's size (Adam and its kin).
    """

    title: ClassVar[str]
    family: ClassVar[Family]
    rows: ClassVar[tuple[str, ...]]
    rule: ClassVar[tuple[str, ...]]
    scale_free: ClassVar[bool]

    def init(self, w: jax.Array) -> Any:
        """The state before the first step: a NamedTuple of arrays."""
        ...

    def step(self, oracle: Oracle, w: jax.Array, state: Any, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, Any, Step]:
        """One step; `t` is 1 at the first one. Returns the new point, the new state and what happened."""
        ...

    def lr_bound(self, curvature: float) -> float | None:
        """Largest stable learning rate on a quadratic whose largest curvature is `curvature`; None where no closed form is known."""
        ...


class Schedule(Protocol):
    """A learning rate through time: `(t, n_steps, base_lr)` with `t` from 0 gives η at step t.

    One that answers to the run, such as `plateau`, says `reacts = True`; what it gives here is the rate before any answer, and the scan asks its `init` and
    `react` for the factor.

    Class data:
        title: the name a reader sees.
        rows: lecture rows it follows.
        rule: its formula, one LaTeX line each, in the symbols of the lectures.
        note: if it has one, what a reader should know before choosing it.
    """

    title: ClassVar[str]
    rows: ClassVar[tuple[str, ...]]
    rule: ClassVar[tuple[str, ...]]

    def __call__(self, t: np.ndarray, n_steps: int, base_lr: float) -> np.ndarray: ...


class Trajectory(NamedTuple):
    """The full record of a run of T steps, in NumPy float64, nothing clipped: a diverged run holds its true numbers up to inf and nan.

    Attributes:
        w: the iterates, `(T+1, n)`; row 0 is the start.
        loss: the loss at each iterate, `(T+1,)`.
        lr: the learning rate of each step, `(T,)`.
        step: a `Step` of arrays `(T, n)`; row t led from `w[t]` to `w[t+1]`.
        raw_grad: the gradient at each step's query before clipping, noise included, `(T, n)`; `step.grad` is what the optimizer was given.
        next_grad: the gradient that a further step would take, `(n,)`.
        state: the optimizer's own State, every field with a leading axis T+1; row 0 is the initial state.
    """

    w: np.ndarray
    loss: np.ndarray
    lr: np.ndarray
    step: Step
    raw_grad: np.ndarray
    next_grad: np.ndarray
    state: Any

    @property
    def n_steps(self) -> int:
        """T, the number of steps."""
        return len(self.lr)

    @property
    def nbytes(self) -> int:
        """Memory the record keeps alive: all arrays are views of one padded buffer, whose row is one stride long."""
        return self.w.strides[0] * self.w.base.shape[0] if isinstance(self.w.base, np.ndarray) else self.w.strides[0] * len(self.w)
