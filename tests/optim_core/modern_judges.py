"""Independent judges of the optimizers that stand on no slide: NumPy loops typed from the papers, and the libraries where their formula coincides.

Like `optimizer_judges`, none of them uses `optim_core`. Where libraries and papers part, we follow

    adamw          PyTorch and optax: λ is multiplied by η; the paper has a schedule of its own there.
    nadam          optax. PyTorch lets β₁ grow with time (ψ) and is asked for ψ → ∞, where it does not; the paper's further β₂ in front of ŝ nobody keeps.
    amsgrad        optax: the largest *corrected* s. The paper corrects nothing, PyTorch takes the largest first: its rate grows at the start, against the idea.
    adamax         PyTorch and optax: |g| + ε; the paper divides by zero where no gradient was met.
    adadelta       PyTorch and optax: η in front; the paper has η = 1.
    radam          optax: ε beside √ŝ, as in Adam. PyTorch adds it to √s; its judge hands it the ε that makes the two one. Both wait for ρ > 5, the paper for 4.
    adabelief      the paper and optax with eps_root = eps: ε is added to s at every step.
    yogi           optax started at 0 (its default 10⁻⁶ also starts h there). The paper's listing has no corrections.
    adan           the paper and its authors' code. optax 0.2.8 puts 1−β₂ where they have β₂: it judges at β₂ = ½ only (`adan_half`), its eps_root set to 0.
    schedule_free  the paper: weights η². optax and the authors' code weigh by the largest η so far, the same while η is constant. Their iterates are y.
    sam            the paper and optax; where g = 0 both divide by zero and ours stays.
    newton         no library; the Hessian is PyTorch's, the solver NumPy's.
    polyak_step    the book, and optax without its bound on the step, its stabiliser, and η where `polyak_sgd` has it: below the line.
    line_search_gd Nocedal and Wright; optax's backtracking search adds a slack for rounding and grows the next first guess.
    gradient_flow  SciPy's integrator; the fixed steps of ours agree to what `TOLERANCES` says.
    bfgs           Nocedal and Wright; B₁ = I/‖g₁‖ is B₁ = I on the loss divided by ‖g₁‖, which is what optax's L-BFGS is given. It skips no update: on these
                   paths the curvature is positive. PyTorch's L-BFGS rescales B at every step, which is another method.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import optax
import scipy.integrate
import torch
from optimizer_judges import Judge, Problem, with_optax, with_torch

# Loops typed from the papers.


def adam_like(o: Any, problem: Problem, lrs: np.ndarray, kind: str) -> np.ndarray:
    """Those that keep Adam's two averages and its corrections."""
    w, m, v, largest = np.array(problem.start), np.zeros(2), np.zeros(2), np.zeros(2)
    path = [w]
    for t, lr in enumerate(lrs, start=1):
        g = problem.gradient(w)
        m = o.beta1 * m + (1 - o.beta1) * g
        if kind == "adabelief":  # Zhuang et al. 2020, algorithm 2
            v = o.beta2 * v + (1 - o.beta2) * (g - m) ** 2 + o.epsilon
        elif kind == "yogi":  # Zaheer et al. 2018, algorithm 2
            v = v - (1 - o.beta2) * np.sign(v - g**2) * g**2
        else:
            v = o.beta2 * v + (1 - o.beta2) * g**2
        m_hat, v_hat = m / (1 - o.beta1**t), v / (1 - o.beta2**t)
        if kind == "amsgrad":  # Reddi et al. 2018
            v_hat = largest = np.maximum(largest, v_hat)
        if kind == "nadam":  # Dozat 2016
            m_hat = o.beta1 * m / (1 - o.beta1 ** (t + 1)) + (1 - o.beta1) * g / (1 - o.beta1**t)
        decay = lr * o.decay * w if kind == "adamw" else 0.0  # Loshchilov and Hutter 2019, algorithm 2
        w = w - lr * m_hat / (np.sqrt(v_hat) + o.epsilon) - decay
        path.append(w)
    return np.array(path)


def kind_of_adam(kind: str) -> Judge:
    return lambda o, problem, lrs: adam_like(o, problem, lrs, kind)


def adamax(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Kingma and Ba 2015, algorithm 2, with ε."""
    w, m, u = np.array(problem.start), np.zeros(2), np.zeros(2)
    path = [w]
    for t, lr in enumerate(lrs, start=1):
        g = problem.gradient(w)
        m = o.beta1 * m + (1 - o.beta1) * g
        u = np.maximum(o.beta2 * u, np.abs(g) + o.epsilon)
        w = w - lr / (1 - o.beta1**t) * m / u
        path.append(w)
    return np.array(path)


def adadelta(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Zeiler 2012, algorithm 1, its Δx times η."""
    x, squared_g, squared_dx = np.array(problem.start), np.zeros(2), np.zeros(2)
    path = [x]
    for lr in lrs:
        g = problem.gradient(x)
        squared_g = o.gamma * squared_g + (1 - o.gamma) * g**2
        dx = -np.sqrt(squared_dx + o.epsilon) / np.sqrt(squared_g + o.epsilon) * g
        squared_dx = o.gamma * squared_dx + (1 - o.gamma) * dx**2
        x = x + lr * dx
        path.append(x)
    return np.array(path)


def radam(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Liu et al. 2020, algorithm 2, waiting for 5 and with ε."""
    w, m, v = np.array(problem.start), np.zeros(2), np.zeros(2)
    path, rho_inf = [w], 2 / (1 - o.beta2) - 1
    for t, lr in enumerate(lrs, start=1):
        g = problem.gradient(w)
        m = o.beta1 * m + (1 - o.beta1) * g
        v = o.beta2 * v + (1 - o.beta2) * g**2
        m_hat, rho = m / (1 - o.beta1**t), rho_inf - 2 * t * o.beta2**t / (1 - o.beta2**t)
        if rho > 5:
            r = np.sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
            w = w - lr * r * m_hat / (np.sqrt(v / (1 - o.beta2**t)) + o.epsilon)
        else:
            w = w - lr * m_hat
        path.append(w)
    return np.array(path)


def lion(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Chen et al. 2023, algorithm 2."""
    w, m = np.array(problem.start), np.zeros(2)
    path = [w]
    for lr in lrs:
        g = problem.gradient(w)
        w, m = w - lr * (np.sign(o.beta1 * m + (1 - o.beta1) * g) + o.decay * w), o.beta2 * m + (1 - o.beta2) * g
        path.append(w)
    return np.array(path)


def sign_sgd(_: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Bernstein et al. 2018, algorithm 1."""
    path = [np.array(problem.start)]
    for lr in lrs:
        path.append(path[-1] - lr * np.sign(problem.gradient(path[-1])))
    return np.array(path)


def adan(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Xie et al. 2022, algorithm 1, in the paper's own β (1 minus ours), corrected as in the authors' code."""
    theta, m, v, n = np.array(problem.start), np.zeros(2), np.zeros(2), np.zeros(2)
    path, last = [theta], problem.gradient(np.array(problem.start))
    b1, b2, b3 = 1 - o.beta1, 1 - o.beta2, 1 - o.beta3
    for k, lr in enumerate(lrs, start=1):
        g = problem.gradient(theta)
        m = (1 - b1) * m + b1 * g
        v = (1 - b2) * v + b2 * (g - last)
        n = (1 - b3) * n + b3 * (g + (1 - b2) * (g - last)) ** 2
        m_hat, v_hat, n_hat = m / (1 - (1 - b1) ** k), v / (1 - (1 - b2) ** k), n / (1 - (1 - b3) ** k)
        theta, last = theta - lr / (np.sqrt(n_hat) + o.epsilon) * (m_hat + (1 - b2) * v_hat), g
        path.append(theta)
    return np.array(path)


def schedule_free_sgd(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Defazio et al. 2024, equations 3 to 5 with the weights of algorithm 1; returns x."""
    x = z = np.array(problem.start)
    path = [x]
    for t, lr in enumerate(lrs):
        y = (1 - o.beta) * z + o.beta * x
        z = z - lr * problem.gradient(y)
        c = lr**2 / (lrs[: t + 1] ** 2).sum()
        x = (1 - c) * x + c * z
        path.append(x)
    return np.array(path)


def sam(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Foret et al. 2021, algorithm 1, p = 2."""
    w = np.array(problem.start)
    path = [w]
    for lr in lrs:
        g = problem.gradient(w)
        w = w - lr * problem.gradient(w + o.rho * g / np.linalg.norm(g))
        path.append(w)
    return np.array(path)


def newton(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Nocedal and Wright 2006, (3.30) with H + μI; the Hessian is PyTorch's."""
    path = [np.array(problem.start)]
    for lr in lrs:
        hessian = torch.autograd.functional.hessian(problem.loss, torch.tensor(path[-1])).numpy()
        path.append(path[-1] - lr * np.linalg.solve(hessian + o.mu * np.eye(2), problem.gradient(path[-1])))
    return np.array(path)


def bfgs(_: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Nocedal and Wright 2006, (6.19): the estimate of the Hessian itself, and a system solved at every step."""
    x = np.array(problem.start)
    g = problem.gradient(x)
    path, hessian = [x], np.linalg.norm(g) * np.eye(2)
    for lr in lrs:
        s = -lr * np.linalg.solve(hessian, g)
        y = problem.gradient(x + s) - g
        if y @ s > 1e-10 * np.linalg.norm(y) * np.linalg.norm(s):
            hs = hessian @ s
            hessian = hessian - np.outer(hs, hs) / (s @ hs) + np.outer(y, y) / (y @ s)
        x, g = x + s, g + y
        path.append(x)
    return np.array(path)


def polyak_step(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Polyak 1987, (5.3.2) with λ = η."""
    path = [np.array(problem.start)]
    for lr in lrs:
        g = problem.gradient(path[-1])
        path.append(path[-1] - lr * (problem.loss(path[-1]) - o.target) / (g @ g) * g)
    return np.array(path)


def line_search_gd(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """Nocedal and Wright 2006, algorithm 3.1 along −∇f."""
    path = [np.array(problem.start)]
    for lr in lrs:
        x, g, alpha = path[-1], problem.gradient(path[-1]), lr
        tries = 0
        while problem.loss(x - alpha * g) > problem.loss(x) - o.c * alpha * (g @ g) and tries < 60:
            alpha, tries = alpha * o.rho, tries + 1
        path.append(x - alpha * g if tries < 60 else x)
    return np.array(path)


def gradient_flow(_: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """SciPy's DOP853 at a tolerance far below the one compared at."""
    path = [np.array(problem.start)]
    for lr in lrs:
        walk = scipy.integrate.solve_ivp(lambda _, w: -problem.gradient(w), (0.0, lr), path[-1], method="DOP853", rtol=1e-12, atol=1e-13)
        path.append(walk.y[:, -1])
    return np.array(path)


# Libraries that want more than a line; the learning rate is constant.


def radam_torch(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """PyTorch divides by (√s + ε)/√(1−β₂ᵗ); with ε√(1−β₂ᵗ) for its ε that is √ŝ + ε."""
    w = torch.tensor(problem.start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.RAdam([w], float(lrs[0]), betas=(o.beta1, o.beta2))
    path = [w.detach().numpy().copy()]
    for t in range(1, len(lrs) + 1):
        optimizer.param_groups[0]["eps"] = o.epsilon * (1 - o.beta2**t) ** 0.5
        optimizer.zero_grad()
        problem.loss(w).backward()
        optimizer.step()
        path.append(w.detach().numpy().copy())
    return np.array(path)


def nadam_torch(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """PyTorch keeps the product of its growing β₁ in the default dtype, which is float32 unless told otherwise."""
    judge = with_torch(lambda w, o, lr: torch.optim.NAdam(w, lr, betas=(o.beta1, o.beta2), eps=o.epsilon, momentum_decay=1e6))
    torch.set_default_dtype(torch.float64)
    try:
        return judge(o, problem, lrs)
    finally:
        torch.set_default_dtype(torch.float32)


def sam_optax(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """optax asks for the second gradient itself."""
    climb = optax.chain(optax.contrib.normalize(), optax.sgd(o.rho))
    both = optax.contrib.sam(optax.sgd(float(lrs[0])), climb, opaque_mode=True)
    update = lambda g, state, w: both.update(g, state, w, grad_fn=lambda at, _: jax.grad(problem.loss)(at))  # noqa: E731
    return with_optax(lambda o, lr: optax.GradientTransformation(both.init, update))(o, problem, lrs)


def bfgs_optax(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """L-BFGS that forgets nothing, started from I, on the loss divided by ‖g₁‖."""
    size = np.linalg.norm(problem.gradient(np.array(problem.start)))
    scaled = problem._replace(loss=lambda w: problem.loss(w) / size)
    direction = optax.scale_by_lbfgs(memory_size=len(lrs), scale_init_precond=False)
    return with_optax(lambda o, lr: optax.chain(direction, optax.scale(-lr)))(o, scaled, lrs)


def polyak_optax(o: Any, problem: Problem, lrs: np.ndarray) -> np.ndarray:
    """optax wants the loss beside the gradient, and gets neither its bound on the step nor its stabiliser. Its `polyak_sgd` multiplies the gradient by η before
    it divides by its square, so that η ends up below the line; here it is multiplied afterwards."""
    inner = optax.chain(optax.scale_by_polyak(max_learning_rate=np.inf, f_min=o.target, eps=0.0), optax.scale(-float(lrs[0])))
    update = lambda g, state, w: inner.update(g, state, w, value=problem.loss(w))  # noqa: E731
    return with_optax(lambda o, lr: optax.GradientTransformation(inner.init, update))(o, problem, lrs)


adan_half = with_optax(lambda o, lr: optax.adan(lr, b1=o.beta1, b2=o.beta2, b3=o.beta3, eps=o.epsilon, eps_root=0.0))
"""optax's Adan, which is the paper's where β₂ = 1−β₂."""

PAPER: dict[str, tuple[Judge, ...]] = {key: (kind_of_adam(key),) for key in ("adabelief", "adamw", "amsgrad", "nadam", "yogi")} | {
    "adadelta": (adadelta,),
    "adamax": (adamax,),
    "adan": (adan,),
    "bfgs": (bfgs,),
    "gradient_flow": (gradient_flow,),
    "line_search_gd": (line_search_gd,),
    "lion": (lion,),
    "newton": (newton,),
    "polyak_step": (polyak_step,),
    "radam": (radam,),
    "sam": (sam,),
    "schedule_free_sgd": (schedule_free_sgd,),
    "sign_sgd": (sign_sgd,),
}

LIBRARY: dict[str, tuple[Judge, ...]] = {
    "adabelief": (with_optax(lambda o, lr: optax.adabelief(lr, b1=o.beta1, b2=o.beta2, eps=o.epsilon, eps_root=o.epsilon)),),
    "adadelta": (
        with_torch(lambda w, o, lr: torch.optim.Adadelta(w, lr, rho=o.gamma, eps=o.epsilon)),
        with_optax(lambda o, lr: optax.adadelta(lr, rho=o.gamma, eps=o.epsilon)),
    ),
    "adamax": (
        with_torch(lambda w, o, lr: torch.optim.Adamax(w, lr, betas=(o.beta1, o.beta2), eps=o.epsilon)),
        with_optax(lambda o, lr: optax.adamax(lr, b1=o.beta1, b2=o.beta2, eps=o.epsilon)),
    ),
    "adamw": (
        with_torch(lambda w, o, lr: torch.optim.AdamW(w, lr, betas=(o.beta1, o.beta2), eps=o.epsilon, weight_decay=o.decay)),
        with_optax(lambda o, lr: optax.adamw(lr, b1=o.beta1, b2=o.beta2, eps=o.epsilon, weight_decay=o.decay)),
    ),
    "amsgrad": (with_optax(lambda o, lr: optax.amsgrad(lr, b1=o.beta1, b2=o.beta2, eps=o.epsilon)),),
    "bfgs": (bfgs_optax,),
    "lion": (with_optax(lambda o, lr: optax.lion(lr, b1=o.beta1, b2=o.beta2, weight_decay=o.decay)),),
    "nadam": (nadam_torch, with_optax(lambda o, lr: optax.nadam(lr, b1=o.beta1, b2=o.beta2, eps=o.epsilon))),
    "polyak_step": (polyak_optax,),
    "radam": (radam_torch, with_optax(lambda o, lr: optax.radam(lr, b1=o.beta1, b2=o.beta2, eps=o.epsilon))),
    "sam": (sam_optax,),
    "sign_sgd": (with_optax(lambda o, lr: optax.sign_sgd(lr)),),
    "yogi": (with_optax(lambda o, lr: optax.chain(optax.scale_by_yogi(o.beta1, o.beta2, o.epsilon, initial_accumulator_value=0.0), optax.scale(-lr))),),
}

LOOK_AHEAD: dict[str, tuple[Judge, ...]] = {
    "schedule_free_sgd": (with_optax(lambda o, lr: optax.contrib.schedule_free(optax.sgd(lr), lr, b1=o.beta)),),
}

TOLERANCES = {"gradient_flow": 1e-7}
"""How near a path has to be to its judge's where it is not 1e-10: an integrator has an error of its own, of the fourth order."""

RATES = {"line_search_gd": 1.0, "polyak_step": 0.004, "adadelta": 0.02, "bfgs": 0.02, "newton": 0.5, "sam": 3e-5}
"""Learning rates of those that need their own: rounding is amplified where AdaDelta bounces, BFGS meets negative curvature, or SAM climbs far up a wall."""
