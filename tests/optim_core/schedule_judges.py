"""Independent judges of the schedules: PyTorch's and optax's, where the formula coincides, and plain loops typed from the lecture slides and papers.

None of them uses `optim_core`. A judge takes the hyper-parameters (any object with the right attributes), the number of steps and the base learning rate,
and returns the learning rate of every step, `(n_steps,)`.

A new schedule needs an entry in `LECTURE`, and one in `LIBRARY` where a library has the same formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

Judge = Callable[[Any, int, float], np.ndarray]


# Formulas typed from the slides, one step after another.


def with_formula(rate: Callable[[Any, int, int, float], float]) -> Judge:
    """A judge that computes η_t from (hyper-parameters, t, T, η₀) in plain Python numbers."""
    return lambda s, n_steps, base_lr: np.array([rate(s, t, n_steps, base_lr) for t in range(n_steps)])


def factor(s: Any, n_steps: int, base_lr: float) -> np.ndarray:
    """A5: each rate from the one before."""
    rates = [base_lr]
    while len(rates) < n_steps:
        rates.append(rates[-1] * s.alpha)
    return np.array(rates)


def one_cycle(s: Any, t: int, n_steps: int, base_lr: float) -> float:
    """Up to step ⌊pT⌋ and down to step T."""
    start, end, top = base_lr / s.div, base_lr / s.div / s.final_div, int(s.peak * n_steps)
    if t < top:
        return start + (base_lr - start) * (1 - math.cos(math.pi * t / top)) / 2
    return end + (base_lr - end) * (1 + math.cos(math.pi * (t - top) / (n_steps - top))) / 2


def cosine_restarts(s: Any, n_steps: int, base_lr: float) -> np.ndarray:
    """SGDR: T_cur counts up to T_i, then begins again with T_i longer."""
    rates, current, length, low = [], 0, int(s.period), s.final * base_lr
    for _ in range(n_steps):
        rates.append(low + (base_lr - low) / 2 * (1 + math.cos(math.pi * current / length)))
        current += 1
        if current == length:
            current, length = 0, length * int(s.multiplier)
    return np.array(rates)


def wsd(s: Any, t: int, n_steps: int, base_lr: float) -> float:
    """Up, along, down."""
    rise, fall, end = int(s.warmup * n_steps), max(1, int(s.decay * n_steps)), s.final * base_lr
    if t < rise:
        return base_lr * t / rise
    if t < n_steps - fall:
        return base_lr
    return end + (base_lr - end) * (n_steps - t) / fall


def pieces(written: str) -> list[tuple[int, float]]:
    """The pairs of "0: 1, 30: 0.5", read in the shortest way."""
    return [(int(pair.split(":")[0]), float(pair.split(":")[1])) for pair in written.split(",")]


def piecewise(s: Any, t: int, n_steps: int, base_lr: float) -> float:
    """The last boundary that has been reached decides."""
    return base_lr * ([1.0] + [share for step, share in pieces(s.pieces) if step <= t])[-1]


LECTURE: dict[str, tuple[Judge, ...]] = {
    "constant": (with_formula(lambda s, t, T, eta0: eta0),),
    "cosine": (with_formula(lambda s, t, T, eta0: s.final * eta0 + (eta0 - s.final * eta0) / 2 * (1 + math.cos(math.pi * t / T))),),
    "cosine_restarts": (cosine_restarts,),
    "custom": (with_formula(lambda s, t, T, eta0: eta0 / (1 + t / 20)),),
    "exponential": (with_formula(lambda s, t, T, eta0: eta0 * s.alpha**t), factor),
    "factor": (factor, with_formula(lambda s, t, T, eta0: eta0 * s.alpha**t)),
    "inverse_power": (with_formula(lambda s, t, T, eta0: (eta0 if s.tied == 1 else s.c) / (t + 1) ** s.p),),
    "linear": (with_formula(lambda s, t, T, eta0: eta0 + t / T * (s.final * eta0 - eta0)),),
    "one_cycle": (with_formula(one_cycle),),
    "piecewise": (with_formula(piecewise),),
    "plateau": (with_formula(lambda s, t, T, eta0: eta0),),
    "polynomial": (with_formula(lambda s, t, T, eta0: eta0 / (1 + s.alpha * t) ** s.beta),),
    "step": (with_formula(lambda s, t, T, eta0: eta0 * s.gamma ** (t // int(s.k))),),
    "wsd": (with_formula(wsd),),
}


# Libraries.


def with_torch(make: Callable[[torch.optim.Optimizer, Any, int, float], Any], metrics: Callable[[int], float] | None = None) -> Judge:
    """A judge that runs a `torch.optim.lr_scheduler`; `metrics` is the loss it looks at, if it does."""

    def judge(s: Any, n_steps: int, base_lr: float) -> np.ndarray:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], base_lr)
        scheduler, rates = make(optimizer, s, n_steps, base_lr), []
        for t in range(n_steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step(*([] if metrics is None else [metrics(t)]))
        return np.array(rates, dtype=np.float64)

    return judge


def with_optax(make: Callable[[Any, int, float], Callable[[Any], Any]]) -> Judge:
    """A judge that calls an optax schedule on steps in float64, so that it computes in float64."""

    def judge(s: Any, n_steps: int, base_lr: float) -> np.ndarray:
        with jax.numpy_dtype_promotion("standard"):
            rates = jax.vmap(make(s, n_steps, base_lr))(jnp.arange(n_steps, dtype=jnp.float64))
        assert rates.dtype == np.float64
        return np.asarray(rates)

    return judge


def plateau(s: Any, losses: Iterable[float], base_lr: float) -> np.ndarray:
    """ReduceLROnPlateau on these losses: the rate of each step, where the loss before the step changes the rate of the next."""
    seen = list(losses)
    reduce = torch.optim.lr_scheduler.ReduceLROnPlateau
    judge = with_torch(
        lambda o, s, T, eta0: reduce(o, "min", s.factor, int(s.patience), s.threshold, "rel", 0, s.floor * eta0, eps=0.0), metrics=lambda t: seen[t]
    )
    return judge(s, len(seen), base_lr)


def _ratios(s: Any) -> dict[int, float]:
    """optax multiplies its scales up."""
    pairs = pieces(s.pieces)
    return {step: share / before for (step, share), before in zip(pairs, [1.0, *(share for _, share in pairs)], strict=False)}


def _sgdr(s: Any, n_steps: int, base_lr: float) -> Callable[[Any], Any]:
    lengths = [int(s.period)]
    while sum(lengths) < n_steps:
        lengths.append(lengths[-1] * int(s.multiplier))
    end = s.final * base_lr
    return optax.sgdr_schedule(
        [{"init_value": base_lr, "peak_value": base_lr, "warmup_steps": 0, "decay_steps": length, "end_value": end} for length in lengths]
    )


def _torch_one_cycle(optimizer: torch.optim.Optimizer, s: Any, n_steps: int, base_lr: float) -> Any:
    """torch has its peak at pct·total − 1 and its end at total − 1; ours are at ⌊pT⌋ and T."""
    total = n_steps + 1
    share = (int(s.peak * n_steps) + 1) / total
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, base_lr, total, pct_start=share, cycle_momentum=False, div_factor=s.div, final_div_factor=s.final_div)


def _optax_wsd(s: Any, n_steps: int, base_lr: float) -> Callable[[Any], Any]:
    rise, fall = int(s.warmup * n_steps), int(s.decay * n_steps)
    parts = [optax.linear_schedule(0.0, base_lr, rise), optax.constant_schedule(base_lr), optax.linear_schedule(base_lr, s.final * base_lr, fall)]
    return optax.join_schedules(parts, [rise, n_steps - fall])


_lr = torch.optim.lr_scheduler
LIBRARY: dict[str, tuple[Judge, ...]] = {
    "constant": (with_optax(lambda s, T, eta0: optax.constant_schedule(eta0)), with_torch(lambda o, s, T, eta0: _lr.ConstantLR(o, factor=1.0))),
    "cosine": (
        with_optax(lambda s, T, eta0: optax.cosine_decay_schedule(eta0, T, alpha=s.final)),
        with_torch(lambda o, s, T, eta0: _lr.CosineAnnealingLR(o, T, eta_min=s.final * eta0)),
    ),
    "cosine_restarts": (
        with_optax(_sgdr),
        with_torch(lambda o, s, T, eta0: _lr.CosineAnnealingWarmRestarts(o, int(s.period), int(s.multiplier), eta_min=s.final * eta0)),
    ),
    "exponential": (
        with_optax(lambda s, T, eta0: optax.exponential_decay(eta0, 1, s.alpha)),
        with_torch(lambda o, s, T, eta0: _lr.ExponentialLR(o, s.alpha)),
    ),
    "factor": (
        with_torch(lambda o, s, T, eta0: _lr.MultiplicativeLR(o, lambda t: s.alpha)),
        with_optax(lambda s, T, eta0: optax.exponential_decay(eta0, 1, s.alpha)),
    ),
    "linear": (
        with_optax(lambda s, T, eta0: optax.linear_schedule(eta0, s.final * eta0, T)),
        with_torch(lambda o, s, T, eta0: _lr.LinearLR(o, 1.0, s.final, T)),
    ),
    "one_cycle": (
        with_optax(lambda s, T, eta0: optax.cosine_onecycle_schedule(T, eta0, s.peak, s.div, s.final_div)),
        with_torch(_torch_one_cycle),
    ),
    "piecewise": (with_optax(lambda s, T, eta0: optax.piecewise_constant_schedule(eta0, _ratios(s))),),
    "plateau": (lambda s, T, eta0: plateau(s, (0.5**t for t in range(T)), eta0),),
    "step": (
        with_torch(lambda o, s, T, eta0: _lr.StepLR(o, int(s.k), s.gamma)),
        with_optax(lambda s, T, eta0: optax.exponential_decay(eta0, int(s.k), s.gamma, staircase=True)),
    ),
    "wsd": (with_optax(_optax_wsd),),
}
