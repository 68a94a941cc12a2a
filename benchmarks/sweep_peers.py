"""The same sweep in numba, on all cores, and in vectorised PyTorch: momentum and Adam on Rosenbrock, last loss and first step within the tolerance."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import torch

START = (-1.5, 2.0)
TOLERANCE = 1e-3
BETA2, EPSILON = 0.999, 1e-8


@numba.njit(parallel=True, nogil=True)  # type: ignore[untyped-decorator]
def numba_momentum(rates: np.ndarray, betas: np.ndarray, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
    last, reached = np.empty(rates.size), np.full(rates.size, -1)
    for k in numba.prange(rates.size):
        x, y = START
        h0 = h1 = 0.0
        for t in range(n_steps):
            u, v = 1.0 - x, y - x * x
            if reached[k] < 0 and u * u + 100.0 * v * v <= TOLERANCE:
                reached[k] = t
            h0 = betas[k] * h0 - 2.0 * u - 400.0 * x * v
            h1 = betas[k] * h1 + 200.0 * v
            x -= rates[k] * h0
            y -= rates[k] * h1
        last[k] = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
    return last, reached


@numba.njit(parallel=True, nogil=True)  # type: ignore[untyped-decorator]
def numba_adam(rates: np.ndarray, betas: np.ndarray, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
    last, reached = np.empty(rates.size), np.full(rates.size, -1)
    for k in numba.prange(rates.size):
        x, y = START
        h0 = h1 = s0 = s1 = 0.0
        p1 = p2 = 1.0
        for t in range(n_steps):
            u, v = 1.0 - x, y - x * x
            if reached[k] < 0 and u * u + 100.0 * v * v <= TOLERANCE:
                reached[k] = t
            g0, g1 = -2.0 * u - 400.0 * x * v, 200.0 * v
            h0, h1 = betas[k] * h0 + (1.0 - betas[k]) * g0, betas[k] * h1 + (1.0 - betas[k]) * g1
            s0, s1 = BETA2 * s0 + (1.0 - BETA2) * g0 * g0, BETA2 * s1 + (1.0 - BETA2) * g1 * g1
            p1 *= betas[k]
            p2 *= BETA2
            x -= rates[k] / (math.sqrt(s0 / (1.0 - p2)) + EPSILON) * h0 / (1.0 - p1)
            y -= rates[k] / (math.sqrt(s1 / (1.0 - p2)) + EPSILON) * h1 / (1.0 - p1)
        last[k] = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
    return last, reached


def torch_sweep(adam: bool, rates: np.ndarray, betas: np.ndarray, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
    """All cells side by side in one tensor, gradients by hand, as someone who wants speed would write it."""
    lr, beta = torch.from_numpy(rates), torch.from_numpy(betas)
    x, y = (torch.full_like(lr, at) for at in START)
    zero = torch.zeros_like(lr)
    h0, h1, s0, s1, p1, p2 = zero, zero, zero, zero, torch.ones_like(lr), 1.0
    reached = torch.full_like(lr, -1.0)
    for t in range(n_steps):
        u, v = 1.0 - x, y - x * x
        reached = torch.where((reached < 0) & (u * u + 100.0 * v * v <= TOLERANCE), float(t), reached)
        g0, g1 = -2.0 * u - 400.0 * x * v, 200.0 * v
        if adam:
            h0, h1 = beta * h0 + (1.0 - beta) * g0, beta * h1 + (1.0 - beta) * g1
            s0, s1 = BETA2 * s0 + (1.0 - BETA2) * g0 * g0, BETA2 * s1 + (1.0 - BETA2) * g1 * g1
            p1, p2 = p1 * beta, p2 * BETA2
            x = x - lr / (torch.sqrt(s0 / (1.0 - p2)) + EPSILON) * h0 / (1.0 - p1)
            y = y - lr / (torch.sqrt(s1 / (1.0 - p2)) + EPSILON) * h1 / (1.0 - p1)
        else:
            h0, h1 = beta * h0 + g0, beta * h1 + g1
            x, y = x - lr * h0, y - lr * h1
    last = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
    found: Any = last.numpy()
    return found, reached.numpy().astype(int)
