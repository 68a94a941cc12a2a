"""The few types that everything in the house shares.

An optimizer sees one flat vector `w` of shape `(n,)`: a point of a 2-D surface, or the weights of a network, ravelled at the border.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import jax
import numpy as np

from optim_core.oracles import Oracle as Oracle

Family = Literal["gradient", "momentum", "look_ahead", "adagrad", "rmsprop", "adam", "curvature"]
"""Kin of an optimizer; kin share a hue."""


class Step(NamedTuple):
    """What a person wants to see of one step. Every field but the last has shape `(n,)`; recorded over T steps, `(T, n)`.

    Attributes:
        query: the point where the gradient was taken (Nesterov: the look-ahead point).
        grad: the gradient there.
        update: what was added to `w`.
        effective_lr: the factor each coordinate of the gradient (or of the averaged gradient) was multiplied by.
        inner: what the update rule names and the next step does not need, such as Adam's ĥ and ŝ: a NamedTuple of scalars and vectors.
    """

    query: Any
    grad: Any
    update: Any
    effective_lr: Any
    inner: Any = ()


class Cost(NamedTuple):
    """What one step asks of its oracle: a number of evaluations, or the name of the field of `Step.inner` that counts them.

    Attributes:
        gradients: ∇L at a point.
        losses: L at a point, beside that of the record.
        hessians: ∇²L at a point.
    """

    gradients: int | str = 1
    losses: int | str = 0
    hessians: int | str = 0


class Peer(NamedTuple):
    """The same formula in somebody else's library.

    Attributes:
        make: the Python expression that makes it, hyper-parameters and the learning rate `lr` in braces; the point is `w`.
        steady: the formulas coincide only while η stays the same.
    """

    make: str
    steady: bool = False


class Optimizer(Protocol):
    """An update rule. Its fields are its hyper-parameters (`optim_core.hyper`); its learning rate arrives from outside, one number a step.

    Class data:
        title: the name a reader sees.
        family: its kin, which decides its hue.
        rows: lecture rows it follows.
        rule: the update rule, line by line, in the symbols of the lectures: see `optim_core.rules`, which prints and checks it.
        symbols: what a symbol of the rule is called in the State or in `Step.inner`.
        scale_free: true when the step's length follows η and hardly the gradient's size (Adam and its kin).

    May have:
        cost: a `Cost`; without one a step asks for one gradient.
        peers: library ("optax", "torch") → a `Peer`, where one has this formula.
        search: a name that the rule gives no value, and the most it may be: it is the first of 0, 1, 2, … for which the line `holds`, or else infinite.
        program: Python lines over `w_old`, `eta` and `grad` for what a rule says in words only.
        own_lr: the η with which it is itself on every surface, such as 1 for Newton's method.
        transition(lr, curvature): where it is linear on a quadratic, the matrix that takes error and velocity in an eigen-direction on by a step, `(1, 1)` or
            `(2, 2)`; best(low, high): the values that converge fastest between two curvatures (`optim_core.theory`).
    """

    title: ClassVar[str]
    family: ClassVar[Family]
    rows: ClassVar[tuple[str, ...]]
    rule: ClassVar[tuple[str, ...]]
    symbols: ClassVar[Mapping[str, str]]
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
