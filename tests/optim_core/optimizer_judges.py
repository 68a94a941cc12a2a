"""Independent judges of the optimizers: NumPy loops typed from the lecture slides, and the libraries where their formula coincides.

None of them uses `optim_core`. A judge takes the hyper-parameters (any object with the right attributes), a problem and the learning rates `(T,)`,
and returns the iterates `(T+1, 2)`, the start first.

A new optimizer needs an entry in `LECTURE` (or in `PAPER` of `modern_judges`, if no slide has it), and one in `LIBRARY` where a library has the same formula.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch


class Problem(NamedTuple):
    """A loss of `w[0]` and `w[1]` in plain arithmetic, its gradient by hand, a start, and learning rates that no optimizer diverges at.

    They are small enough that rounding is not amplified: RMSprop at 0.01 bounces between the walls of Rosenbrock's valley, and one unit
    in the last place grows to 1e-4 in 200 steps.
    """

    loss: Callable[[Any], Any]
    gradient: Callable[[np.ndarray], np.ndarray]
    start: tuple[float, float]
    lr: float
    scale_free_lr: float


PROBLEMS = {
    "rosenbrock": Problem(
        loss=lambda w: (1.0 - w[0]) ** 2 + 100.0 * (w[1] - w[0] ** 2) ** 2,
        gradient=lambda w: np.array([-2 * (1 - w[0]) - 400 * w[0] * (w[1] - w[0] ** 2), 200 * (w[1] - w[0] ** 2)]),
        start=(-1.2, 1.0),
        lr=1e-3,
        scale_free_lr=5e-4,
    ),
    "elongated_quadratic": Problem(
        loss=lambda w: 0.1 * w[0] ** 2 + 2.0 * w[1] ** 2,
        gradient=lambda w: np.array([0.2 * w[0], 4.0 * w[1]]),
        start=(-5.0, -2.0),
        lr=0.2,
        scale_free_lr=0.1,
    ),
    "beale": Problem(
        loss=lambda w: sum((a - w[0] * (1.0 - w[1] ** k)) ** 2 for k, a in enumerate((1.5, 2.25, 2.625), 1)),
        gradient=lambda w: sum(
            2 * (a - w[0] * (1 - w[1] ** k)) * np.array([w[1] ** k - 1, k * w[0] * w[1] ** (k - 1)]) for k, a in enumerate((1.5, 2.25, 2.625), 1)
        ),
        start=(3.0, -1.0),
        lr=1e-3,
        scale_free_lr=5e-3,
    ),
}
Judge = Callable[[Any, Problem, np.ndarray], np.ndarray]


# Loops typed from the slides.


def gradient_descent(_: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """A4."""
    w = np.array(problem.start)
    path = [w]
    for lr in lrs:
        w = w - lr * problem.gradient(w)
        path.append(w)
    return np.array(path)


def momentum(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """A11: η outside the buffer."""
    w, h = np.array(problem.start), np.zeros(2)
    path = [w]
    for lr in lrs:
        h = o.beta * h + problem.gradient(w)
        w = w - lr * h
        path.append(w)
    return np.array(path)


def momentum_ema(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """The first moment of A14 as a velocity."""
    w, h = np.array(problem.start), np.zeros(2)
    path = [w]
    for lr in lrs:
        h = o.beta * h + (1 - o.beta) * problem.gradient(w)
        w = w - lr * h
        path.append(w)
    return np.array(path)


def momentum_inner_rate(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """D5: η inside the buffer."""
    w, h = np.array(problem.start), np.zeros(2)
    path = [w]
    for lr in lrs:
        h = o.beta * h + lr * problem.gradient(w)
        w = w - h
        path.append(w)
    return np.array(path)


def heavy_ball(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """C6, first form: no velocity, the last two points."""
    w = last = np.array(problem.start)
    path = [w]
    for lr in lrs:
        w, last = w - lr * problem.gradient(w) + o.beta * (w - last), w
        path.append(w)
    return np.array(path)


def nesterov(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """D6."""
    w, h = np.array(problem.start), np.zeros(2)
    path = [w]
    for lr in lrs:
        h = o.beta * h + lr * problem.gradient(w - o.beta * h)
        w = w - h
        path.append(w)
    return np.array(path)


def nesterov_added_velocity(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """C7: the velocity is added."""
    x, v = np.array(problem.start), np.zeros(2)
    path = [x]
    for lr in lrs:
        v = o.beta * v - lr * problem.gradient(x + o.beta * v)
        x = x + v
        path.append(x)
    return np.array(path)


def adagrad(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """A12: ε inside the root."""
    w, s = np.array(problem.start), np.zeros(2)
    path = [w]
    for lr in lrs:
        g = problem.gradient(w)
        s = s + g**2
        w = w - lr / np.sqrt(s + o.epsilon) * g
        path.append(w)
    return np.array(path)


def rmsprop(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """A13: ε outside the root."""
    w, s = np.array(problem.start), np.zeros(2)
    path = [w]
    for lr in lrs:
        g = problem.gradient(w)
        s = o.gamma * s + (1 - o.gamma) * g**2
        w = w - lr / (np.sqrt(s) + o.epsilon) * g
        path.append(w)
    return np.array(path)


def rmsprop_inner_epsilon(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """C8: ε inside the root."""
    w, s = np.array(problem.start), np.zeros(2)
    path = [w]
    for lr in lrs:
        g = problem.gradient(w)
        s = o.gamma * s + (1 - o.gamma) * g**2
        w = w - lr / np.sqrt(s + o.epsilon) * g
        path.append(w)
    return np.array(path)


def adam(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """A14."""
    w, h, s = np.array(problem.start), np.zeros(2), np.zeros(2)
    path = [w]
    for t, lr in enumerate(lrs, start=1):
        g = problem.gradient(w)
        h = o.beta1 * h + (1 - o.beta1) * g
        s = o.beta2 * s + (1 - o.beta2) * g**2
        h_hat, s_hat = h / (1 - o.beta1**t), s / (1 - o.beta2**t)
        w = w - lr / (np.sqrt(s_hat) + o.epsilon) * h_hat
        path.append(w)
    return np.array(path)


def adam_uncorrected(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """C8: no correction, ε inside the root."""
    x, v, G = np.array(problem.start), np.zeros(2), np.zeros(2)
    path = [x]
    for lr in lrs:
        g = problem.gradient(x)
        v = o.beta1 * v + (1 - o.beta1) * g
        G = o.beta2 * G + (1 - o.beta2) * g**2
        x = x - lr / np.sqrt(G + o.epsilon) * v
        path.append(x)
    return np.array(path)


def adam_recursive_correction(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """D10: the corrected moments are fed back."""
    w, m, v = np.array(problem.start), np.zeros(2), np.zeros(2)
    path = [w]
    for t, lr in enumerate(lrs, start=1):
        g = problem.gradient(w)
        m = (o.beta1 * m + (1 - o.beta1) * g) / (1 - o.beta1**t)
        v = (o.beta2 * v + (1 - o.beta2) * g**2) / (1 - o.beta2**t)
        w = w - lr / (np.sqrt(v) + o.epsilon) * m
        path.append(w)
    return np.array(path)


# Libraries; the learning rate is constant.


def with_torch(make: Callable[[list[torch.Tensor], Any, float], torch.optim.Optimizer]) -> Judge:
    """A judge that runs a `torch.optim` optimizer on autograd's gradient."""

    def judge(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
        w = torch.tensor(problem.start, dtype=torch.float64, requires_grad=True)
        optimizer = make([w], o, float(lrs[0]))
        path = [w.detach().numpy().copy()]
        for _ in lrs:
            optimizer.zero_grad()
            problem.loss(w).backward()
            optimizer.step()
            path.append(w.detach().numpy().copy())
        return np.array(path)

    return judge


def with_optax(make: Callable[[Any, float], optax.GradientTransformation]) -> Judge:
    """A judge that runs an optax transformation on JAX's gradient."""

    def judge(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
        transformation = make(o, float(lrs[0]))

        def body(carry: Any, _: None) -> Any:
            w, state = carry
            updates, state = transformation.update(jax.grad(problem.loss)(w), state, w)
            w = optax.apply_updates(w, updates)
            return (w, state), w

        start = jnp.array(problem.start)
        with jax.numpy_dtype_promotion("standard"):  # optax raises a float to an integer power
            _, path = jax.lax.scan(body, (start, transformation.init(start)), length=len(lrs))
        return np.concatenate([np.array([problem.start]), np.asarray(path)])

    return judge


LECTURE: dict[str, tuple[Judge, ...]] = {
    "adagrad": (adagrad,),
    "adam": (adam,),
    "adam_recursive_correction": (adam_recursive_correction,),
    "adam_uncorrected": (adam_uncorrected,),
    "gradient_descent": (gradient_descent,),
    "momentum": (momentum,),
    "momentum_ema": (momentum_ema,),
    "momentum_inner_rate": (momentum_inner_rate, heavy_ball),
    "nesterov": (nesterov, nesterov_added_velocity),
    "rmsprop": (rmsprop,),
    "rmsprop_inner_epsilon": (rmsprop_inner_epsilon,),
}

_torch_momentum = with_torch(lambda w, o, lr: torch.optim.SGD(w, lr, momentum=o.beta))
LIBRARY: dict[str, tuple[Judge, ...]] = {
    "adagrad": (with_optax(lambda o, lr: optax.adagrad(lr, initial_accumulator_value=0.0, eps=o.epsilon)),),
    "adam": (
        with_torch(lambda w, o, lr: torch.optim.Adam(w, lr, betas=(o.beta1, o.beta2), eps=o.epsilon)),
        with_optax(lambda o, lr: optax.adam(lr, b1=o.beta1, b2=o.beta2, eps=o.epsilon)),
    ),
    "gradient_descent": (with_torch(lambda w, o, lr: torch.optim.SGD(w, lr)), with_optax(lambda o, lr: optax.sgd(lr))),
    "momentum": (_torch_momentum, with_optax(lambda o, lr: optax.sgd(lr, momentum=o.beta))),
    "momentum_ema": (
        with_torch(lambda w, o, lr: torch.optim.SGD(w, lr * (1.0 - o.beta), momentum=o.beta)),
        with_optax(lambda o, lr: optax.chain(optax.ema(o.beta, debias=False), optax.scale(-lr))),
    ),
    "momentum_inner_rate": (_torch_momentum,),
    "rmsprop": (
        with_torch(lambda w, o, lr: torch.optim.RMSprop(w, lr, alpha=o.gamma, eps=o.epsilon)),
        with_optax(lambda o, lr: optax.rmsprop(lr, decay=o.gamma, eps=o.epsilon, eps_in_sqrt=False)),
    ),
    "rmsprop_inner_epsilon": (with_optax(lambda o, lr: optax.rmsprop(lr, decay=o.gamma, eps=o.epsilon, eps_in_sqrt=True)),),
}

LOOK_AHEAD: dict[str, tuple[Judge, ...]] = {
    "nesterov": (
        with_torch(lambda w, o, lr: torch.optim.SGD(w, lr, momentum=o.beta, nesterov=True)),
        with_optax(lambda o, lr: optax.sgd(lr, momentum=o.beta, nesterov=True)),
    ),
}
"""Libraries whose iterates are the points where the gradient is taken: compare with `step.query`."""
