"""BFGS: Newton's method whose inverse Hessian is learnt from the gradients met on the way.

    p = w_{t−1} − w_{t−2},   y = g_t − g_{t−1}
    B_t = (I − p yᵀ/yᵀp) B_{t−1} (I − y pᵀ/yᵀp) + p pᵀ/yᵀp,     B_1 = I/‖g_1‖
    w_t = w_{t−1} − η B_t g_t

Source: Broyden, Fletcher, Goldfarb, Shanno 1970; Nocedal and Wright 2006, (6.17) and the start of section 6.1 (their H is B here, their s is p). The first step
has length η; near a minimum η = 1 is fast. There is no line search, and therefore no promise: far from a minimum a full step may leap anywhere. Only yᵀp > 0
keeps B positive definite; where yᵀp ≤ 10⁻¹⁰‖y‖‖p‖ (negative curvature, or a point at rest) B stays as it was. Noise goes straight into y, so it fails in
mini-batches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, spec
from optim_core.types import Family, Oracle, Step


class State(NamedTuple):
    """B_t, the estimate of the inverse Hessian, row after row, `(n²,)`; the last gradient and the last update, `(n,)`."""

    inverse_hessian: jax.Array
    last_grad: jax.Array
    last_update: jax.Array


class Inner(NamedTuple):
    """y_t, the change of the gradient, `(n,)`; A_t, the estimate before it learns, `(n²,)`."""

    change: jax.Array
    before: jax.Array


@spec
class Bfgs:
    """B learnt from p, the last update, and y, the change of g it brought; w ← w − ηBg."""

    title: ClassVar[str] = N_("BFGS")
    family: ClassVar[Family] = "curvature"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "y = g - g_old",
        "A = where(t == 1, B_old / norm(g), B_old)",
        "B = where(dot(y, p_old) > 1e-10 * norm(y) * norm(p_old), matmul(matmul(I - outer(p_old, y) / dot(y, p_old), A), I - outer(y, p_old) / dot(y, p_old))"
        " + outer(p_old, p_old) / dot(y, p_old), A)",
        "p = -(eta * matmul(B, g))",
        "w = w_old + p",
    )
    symbols: ClassVar[Mapping[str, str]] = {"g": "last_grad", "p": "last_update", "y": "change", "A": "before", "B": "inverse_hessian"}
    scale_free: ClassVar[bool] = True
    own_lr: ClassVar[float] = 1.0

    def init(self, w: jax.Array) -> State:
        """B₀ = I; the first gradient gives it its size."""
        return State(jnp.eye(w.size, dtype=w.dtype).ravel(), jnp.zeros_like(w), jnp.zeros_like(w))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`. The effective rate is the diagonal of ηB."""
        g = oracle(w)
        size = jnp.sqrt(jnp.sum(g**2))
        old = state.inverse_hessian.reshape(w.size, w.size) / jnp.where((t == 1.0) & (size > 0.0), size, 1.0)
        p, y = state.last_update, g - state.last_grad
        curvature = jnp.sum(y * p)
        turn = jnp.eye(w.size, dtype=w.dtype) - jnp.outer(p, y) / curvature
        learnt = turn @ old @ turn.T + jnp.outer(p, p) / curvature
        b = jnp.where(curvature > 1e-10 * jnp.sqrt(jnp.sum(y**2) * jnp.sum(p**2)), learnt, old)
        update = -lr * (b @ g)
        return w + update, State(b.ravel(), g, update), Step(w, g, update, lr * jnp.diagonal(b), Inner(y, old.ravel()))

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the matrix changes from step to step. Once it is the inverse Hessian, η < 2."""
        return None
