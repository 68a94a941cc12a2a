"""Adam on Rosenbrock as one would write it elsewhere, with the same record brought to NumPy.

Every peer starts at `START` and records w, loss, state, query, gradient, update, effective rate and corrected averages at each step;
each returns the iterates, `(n_steps, 2)`.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numba
import numpy as np
import optax
import torch

START, LR, BETA1, BETA2, EPSILON = (-1.2, 1.0), 1e-3, 0.9, 0.999, 1e-8


def rosenbrock(w: Any) -> Any:
    """The loss, for whatever arithmetic `w` brings."""
    return (1.0 - w[0]) ** 2 + 100.0 * (w[1] - w[0] ** 2) ** 2


@numba.njit
def _numba_rows(n_steps: int) -> np.ndarray:
    rows = np.empty((n_steps, 21))
    x, y = START
    h0 = h1 = s0 = s1 = 0.0
    p1 = p2 = 1.0
    for t in range(n_steps):
        row = rows[t]
        row[0], row[1], row[2] = x, y, (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
        row[3], row[4], row[5], row[6], row[7], row[8] = h0, h1, s0, s1, p1, p2
        g0, g1 = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)
        h0, h1 = BETA1 * h0 + (1.0 - BETA1) * g0, BETA1 * h1 + (1.0 - BETA1) * g1
        s0, s1 = BETA2 * s0 + (1.0 - BETA2) * g0 * g0, BETA2 * s1 + (1.0 - BETA2) * g1 * g1
        p1, p2 = p1 * BETA1, p2 * BETA2
        a0, a1, b0, b1 = h0 / (1.0 - p1), h1 / (1.0 - p1), s0 / (1.0 - p2), s1 / (1.0 - p2)
        e0, e1 = LR / (math.sqrt(b0) + EPSILON), LR / (math.sqrt(b1) + EPSILON)
        u0, u1 = -e0 * a0, -e1 * a1
        row[9], row[10], row[11], row[12], row[13], row[14], row[15], row[16] = x, y, g0, g1, u0, u1, e0, e1
        row[17], row[18], row[19], row[20] = a0, a1, b0, b1
        x, y = x + u0, y + u1
    return rows


def numba_loop(n_steps: int) -> np.ndarray:
    """A compiled loop with the gradient by hand; one packed row a step, its fastest layout."""
    return _numba_rows(n_steps)[:, :2]


def _columns(records: list[tuple[Any, ...]]) -> tuple[np.ndarray, ...]:
    return tuple(np.array(column) for column in zip(*records, strict=True))


def numpy_loop(n_steps: int) -> np.ndarray:
    """A plain loop with the gradient by hand."""
    w, h, s = np.array(START), np.zeros(2), np.zeros(2)
    records = []
    for t in range(1, n_steps + 1):
        before, loss = w, rosenbrock(w)
        g = np.array([-2 * (1 - w[0]) - 400 * w[0] * (w[1] - w[0] ** 2), 200 * (w[1] - w[0] ** 2)])
        h = BETA1 * h + (1 - BETA1) * g
        s = BETA2 * s + (1 - BETA2) * g**2
        h_hat, s_hat = h / (1 - BETA1**t), s / (1 - BETA2**t)
        rate = LR / (np.sqrt(s_hat) + EPSILON)
        update = -rate * h_hat
        w = w + update
        records.append((before, loss, h, s, before, g, update, rate, h_hat, s_hat))
    return _columns(records)[0]


def torch_loop(n_steps: int) -> np.ndarray:
    """`torch.optim.Adam` with autograd."""
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=LR, betas=(BETA1, BETA2), eps=EPSILON)
    point = w.detach().numpy()  # shares memory with w
    records = []
    for t in range(1, n_steps + 1):
        before = point.copy()
        optimizer.zero_grad()
        loss = rosenbrock(w)
        loss.backward()
        optimizer.step()
        state = optimizer.state[w]
        h, s, g = (tensor.numpy().copy() for tensor in (state["exp_avg"], state["exp_avg_sq"], w.grad))
        h_hat, s_hat = h / (1 - BETA1**t), s / (1 - BETA2**t)
        records.append((before, loss.item(), h, s, before, g, point - before, LR / (np.sqrt(s_hat) + EPSILON), h_hat, s_hat))
    return _columns(records)[0]


_adam = optax.adam(LR, b1=BETA1, b2=BETA2, eps=EPSILON)


def _optax_step(w: jax.Array, state: Any) -> tuple[jax.Array, Any, tuple[Any, ...]]:
    loss, g = jax.value_and_grad(rosenbrock)(w)
    update, following = _adam.update(g, state, w)
    count = following[0].count.astype(w.dtype)
    h_hat, s_hat = following[0].mu / (1.0 - BETA1**count), following[0].nu / (1.0 - BETA2**count)
    rate = LR / (jnp.sqrt(s_hat) + EPSILON)
    return w + update, following, (w, loss, state, w, g, update, rate, h_hat, s_hat)


@functools.partial(jax.jit, static_argnums=0)
def _optax_scan(n_steps: int, start: jax.Array) -> tuple[Any, ...]:
    def body(carry: tuple[jax.Array, Any], _: None) -> tuple[tuple[jax.Array, Any], tuple[Any, ...]]:
        w, state, record = _optax_step(*carry)
        return (w, state), record

    return jax.lax.scan(body, (start, _adam.init(start)), length=n_steps)[1]


def optax_scan(n_steps: int) -> np.ndarray:
    """`optax.adam` in `lax.scan`: a tuple of records, stacked by the scan."""
    return jax.tree.map(np.asarray, _optax_scan(n_steps, np.array(START)))[0]


_optax_jitted = jax.jit(_optax_step)


def optax_loop(n_steps: int) -> np.ndarray:
    """`optax.adam` in a Python loop around a jitted step; the records are stacked at the end."""
    w = jnp.array(START)
    state = _adam.init(w)
    records = []
    for _ in range(n_steps):
        w, state, record = _optax_jitted(w, state)
        records.append(record)
    return jax.tree.map(lambda *column: np.array([np.asarray(x) for x in column]), *records)[0]
