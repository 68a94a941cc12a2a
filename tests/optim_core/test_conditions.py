"""Noise, clipping and a schedule that answers to the run: the scan against a plain Python loop, and how often it is compiled."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from optim_core import Job, oracles, simulate, simulate_all
from optim_core.clipping import CLIPS
from optim_core.hyper import hyper, hypers, spec
from optim_core.noise import Noise
from optim_core.optimizers import REGISTRY
from optim_core.plan import WARMUPS, Plan
from optim_core.schedules import REGISTRY as SCHEDULES
from optim_core.trajectory import BUCKETS
from surfaces import REGISTRY as SURFACES

ROSENBROCK = SURFACES["rosenbrock"]()
QUADRATIC = SURFACES["elongated_quadratic"]()
START = (-1.2, 1.0)
N = 24
PLATEAU = SCHEDULES["plateau"](factor=0.5, patience=1.0, threshold=0.5, floor=0.1)
WARM = WARMUPS["linear"](steps=3.0, start=0.2)
CONDITIONS = {
    "norm, every step": {"lr": Plan(PLATEAU), "noise": Noise(30.0, 0.0, 1), "clip": CLIPS["norm"](threshold=5.0)},
    "value, W = 3, k = 4": {"lr": Plan(PLATEAU, WARM, 4), "noise": Noise(30.0, 0.55, (1, 2)), "clip": CLIPS["value"](threshold=5.0)},
}


LOSS, GRADIENT, HESSIAN = (jax.jit(part) for part in (ROSENBROCK, jax.grad(ROSENBROCK), jax.hessian(ROSENBROCK)))


def hand_cut(kind: str, g: jax.Array, c: float) -> jax.Array:
    length = jnp.sqrt((g**2).sum())
    return jnp.clip(g, -c, c) if kind == "value" else jnp.where(length >= c, g * c / length, g)


class Torch:
    """PyTorch's ReduceLROnPlateau, called at the end of every epoch after the warm-up with the loss before that step."""

    def __init__(self, plan: Plan, base: float) -> None:
        s: Any = plan.schedule
        self.optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
        self.scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            self.optimizer, factor=s.factor, patience=int(s.patience), threshold=s.threshold, min_lr=s.floor * base, eps=0.0
        )
        self.plan, self.base = plan, base

    def rate(self, t: int) -> float:
        """At step t, from 0."""
        warm = float(self.plan.warmup.factor(t)) if self.plan.warmup else 1.0
        return float(self.optimizer.param_groups[0]["lr"]) * warm

    def look(self, t: int, loss: float) -> None:
        """After step t."""
        if t >= self.plan.offset and (t - self.plan.offset + 1) % self.plan.epoch == 0:
            self.scheduler.step(loss)


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("key", REGISTRY)
def test_equals_a_plain_loop(key: str, name: str) -> None:
    """Iterates, gradients before and after clipping, rates and losses of all conditions together, in a Python loop."""
    optimizer, base = REGISTRY[key](), 0.02
    plan, noise, clip = (CONDITIONS[name][part] for part in ("lr", "noise", "clip"))
    path = simulate(optimizer, ROSENBROCK, START, plan, N, base, noise, clip)
    added, judge = noise.draw(N, 2), Torch(plan, base)
    kind = name.split(",")[0]
    w = jnp.array(START)
    state, rows = optimizer.init(w), []
    for t in range(N):
        asked: list[np.ndarray] = []

        def gradient(at: jax.Array, t: int = t, asked: list[np.ndarray] = asked) -> jax.Array:
            raw = GRADIENT(at) + added[t]
            if not isinstance(raw, jax.core.Tracer):  # inside a loop of the optimizer's own
                asked.append(np.asarray(raw))
            return hand_cut(kind, raw, clip.threshold)

        def tilted(at: jax.Array, t: int = t) -> jax.Array:
            return LOSS(at) + jnp.sum(added[t] * at)

        oracle = oracles.Oracle(gradient, tilted, HESSIAN)
        loss, lr = float(LOSS(w)), judge.rate(t)
        w_next, state, step = optimizer.step(oracle, w, state, jnp.array(lr), jnp.array(t + 1.0))
        judge.look(t, loss)
        rows.append((w, loss, lr, asked[-1], step.grad))
        w = w_next
    recorded = (path.w[:-1], path.loss[:-1], path.lr, path.raw_grad, path.step.grad)
    for ours, theirs in zip(recorded, (np.array(column) for column in zip(*rows, strict=True)), strict=True):
        assert np.abs(ours - theirs).max() <= 1e-10 * np.abs(theirs).max()
    assert np.abs(path.w[-1] - w).max() <= 1e-10
    assert (path.raw_grad != path.step.grad).any() and path.lr[-1] < base  # all of it happened


@pytest.mark.parametrize("epoch", [1, 3])
@pytest.mark.parametrize("warm", [0, 7])
@pytest.mark.parametrize("patience", [1, 2])
def test_the_plateau_drops_at_the_beginning_of_an_epoch(patience: int, warm: int, epoch: int) -> None:
    """A loss that never falls: the first look finds it better than nothing, K more are put up with, one more drops."""
    schedule = SCHEDULES["plateau"](factor=0.5, patience=float(patience), threshold=0.01)
    plan = Plan(schedule, WARMUPS["cosine"](steps=float(warm), start=0.5) if warm else None, epoch)
    path = simulate(REGISTRY["gradient_descent"](), ROSENBROCK, (1.0, 1.0), plan, 60, 1e-3)  # it stands in the minimum
    assert (path.loss == 0.0).all()
    warmed = plan.warmup.factor(np.arange(60)) if plan.warmup else 1.0
    judge = Torch(plan, 1e-3)
    rates = []
    for t in range(60):
        rates.append(judge.rate(t))
        judge.look(t, float(path.loss[t]))
    np.testing.assert_allclose(path.lr, rates, rtol=1e-14)
    changed = np.flatnonzero(np.diff(np.log2(path.lr / warmed)) < -0.5) + 1
    assert changed.tolist() == list(range(warm + (patience + 2) * epoch, 60, (patience + 1) * epoch))


@pytest.mark.parametrize("key", REGISTRY)
def test_the_plateau_sees_the_loss_before_the_step(key: str) -> None:
    """Its own record, read by PyTorch, gives its own rates; the loss one step later would give others."""
    differ = 0
    for patience, warm, epoch, threshold in ((1, 0, 1, 0.05), (2, 5, 1, 0.05), (1, 0, 3, 0.05), (1, 7, 4, 0.05), (1, 0, 1, 0.003)):
        schedule = SCHEDULES["plateau"](factor=0.7, patience=float(patience), threshold=threshold)
        plan = Plan(schedule, WARMUPS["linear"](steps=float(warm), start=0.5) if warm else None, epoch)
        path = simulate(REGISTRY[key](), QUADRATIC, (-5.0, -2.0), plan, 200, 0.45, Noise(0.5, 0.0, 3))
        rates = []
        for shift in (0, 1):
            judge, judged = Torch(plan, 0.45), []
            for t in range(200):
                judged.append(judge.rate(t))
                judge.look(t, float(path.loss[t + shift]))
            rates.append(judged)
        np.testing.assert_allclose(path.lr, rates[0], rtol=1e-13)
        differ += rates[0] != rates[1]
    assert differ


def test_what_was_not_asked_for_is_not_there() -> None:
    """Without conditions `raw_grad` is the gradient itself, in a record of the old width."""
    job = Job(REGISTRY["adam"](), ROSENBROCK, START, 1e-3, 50)
    plain, clipped = simulate(*job), simulate(*job._replace(clip=CLIPS["norm"]()))
    assert plain.raw_grad is plain.step.grad
    assert clipped.nbytes == plain.nbytes + 2 * 8 * (BUCKETS[0] + 1)


def test_jobs_with_and_without_conditions_keep_their_order() -> None:
    """One list, every combination; each is what it is alone."""
    base = Job(REGISTRY["nesterov"](), ROSENBROCK, START, 1e-3, 40)
    jobs = [
        base._replace(noise=noise, clip=clip, lr=lr, base_lr=1e-3)
        for noise in (None, Noise(5.0, 0.0, 1), Noise(5.0, 0.0, 2))
        for clip in (None, CLIPS["norm"](threshold=2.0), CLIPS["value"](threshold=2.0))
        for lr in (1e-3, PLATEAU, Plan(PLATEAU, WARM, 2))
    ]
    paths = simulate_all(jobs)
    for job, path in zip(jobs, paths, strict=True):
        alone = simulate(*job)
        assert np.array_equal(path.w, alone.w) and np.array_equal(path.lr, alone.lr) and np.array_equal(path.raw_grad, alone.raw_grad)


def test_records_are_read_only() -> None:
    """With conditions as without."""
    path = simulate(REGISTRY["adam"](), ROSENBROCK, START, Plan(PLATEAU), 10, 0.1, Noise(), CLIPS["norm"]())
    for array in (path.w, path.loss, path.lr, path.raw_grad, path.next_grad, *jax.tree.leaves((path.step, path.state))):
        assert array.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


# ---------------------------------------------------------------------- the two momentums, A11 and D5


def apart(surface: Any, lr: Any) -> float:
    """How far momentum and momentum with η inside come apart in 1000 steps; where there is no minimum to end in, before they leave the view."""
    outside, inside = (
        simulate(REGISTRY[key](), surface, surface.starts[0], lr, 1000, surface.learning_rates.gradient) for key in ("momentum", "momentum_inner_rate")
    )
    seen = len(outside.w) if len(surface.minima()) else int(np.argmin(np.r_[surface.domain.contains(outside.w), False]))
    assert seen > 10 and np.isfinite(outside.w[:seen]).all()
    return float(np.abs(outside.w[:seen] - inside.w[:seen]).max())


@pytest.mark.parametrize("key", SURFACES)
def test_the_momentums_are_one_until_the_rate_changes(key: str) -> None:
    """h is the sum of gradients, or of steps: the same path while η stands still, another as soon as it does not."""
    surface = SURFACES[key]()
    rate = surface.learning_rates.gradient
    assert apart(surface, rate) <= 1e-12 and apart(surface, SCHEDULES["constant"]()) <= 1e-12
    assert apart(surface, SCHEDULES["exponential"](alpha=0.97)) > 0.01 * (surface.domain.w1[1] - surface.domain.w1[0])


def test_factor_and_exponential_are_one_path() -> None:
    """A5: two forms of one schedule."""
    one, other = (simulate(REGISTRY["adam"](), ROSENBROCK, START, SCHEDULES[key](alpha=0.97), 500, 0.05) for key in ("factor", "exponential"))
    assert np.abs(one.w - other.w).max() <= 1e-12


# ---------------------------------------------------------------------- compilations


def new_loss() -> Any:
    """A loss of a class that nobody has compiled yet."""

    @spec
    class Valley:
        """L = a w₁² + w₂⁴."""

        a: float = hyper(1.0, 0.1, 10.0, symbol="a", title="steepness", help="The steeper, the faster.")

        def __call__(self, w: jax.Array) -> jax.Array:
            return self.a * w[0] ** 2 + w[1] ** 4

    return Valley()


def test_one_program_a_kind(compilations: list[str]) -> None:
    """Noise is one, each clip, each reaction; a schedule that does not answer to the run needs none. Also proves that the counter counts."""
    loss, noise = new_loss(), Noise()
    norm, value = CLIPS["norm"](), CLIPS["value"]()
    kinds: list[dict[str, Any]] = [{}, {"noise": noise}, {"clip": norm}, {"clip": value}, {"lr": PLATEAU}, {"lr": Plan(PLATEAU), "clip": norm, "noise": noise}]
    for count, kind in enumerate(kinds, 1):
        job = Job(REGISTRY["adam"](), loss, START, 0.01, 10)._replace(**kind)
        simulate(*job)
        simulate(*job)
        assert len(compilations) == count
    simulate(*Job(REGISTRY["adam"](), loss, START, SCHEDULES["cosine"](), 10))
    simulate(*Job(REGISTRY["adam"](), loss, START, Plan(SCHEDULES["step"](), WARM, 5), 10))
    simulate(*Job(REGISTRY["adam"](), loss, START, 0.01, 10, noise=noise, clip=norm))  # a clip's program is ready for noise
    assert len(compilations) == len(kinds)


@pytest.mark.parametrize("key", SCHEDULES)
def test_moving_a_schedule_compiles_nothing(key: str, compilations: list[str]) -> None:
    """Its hyper-parameters from end to end, the base rate, every warm-up, the epoch and the number of steps."""
    schedule, optimizer = SCHEDULES[key](), REGISTRY["momentum"]()
    simulate(optimizer, QUADRATIC, START, 1e-3, 10)
    simulate(optimizer, QUADRATIC, START, schedule, 10)
    compilations.clear()
    for name, declared in hypers(schedule).items():
        for end in (declared.low, declared.high):
            simulate(optimizer, QUADRATIC, START, dataclasses.replace(schedule, **{name: end}), 10)
    for base_lr in (0, 1, 0.3, np.float32(0.5)):
        simulate(optimizer, QUADRATIC, START, schedule, 10, base_lr)
    for warmup in (None, *(cls(steps=steps, start=0.5) for cls in WARMUPS.values() for steps in (1, 4.0, 10_000))):
        for epoch in (1, 2, 10_000):
            simulate(optimizer, QUADRATIC, START, Plan(schedule, warmup, epoch), 10)
    for n_steps in (1, 2, BUCKETS[0]):
        simulate(optimizer, QUADRATIC, START, schedule, n_steps)
    assert compilations == []


@pytest.mark.parametrize("kind", CLIPS)
def test_moving_noise_and_clip_compiles_nothing(kind: str, compilations: list[str]) -> None:
    """σ, p, seed and threshold, and any schedule beside them."""
    optimizer = REGISTRY["rmsprop"]()
    simulate(optimizer, QUADRATIC, START, 1e-3, 10, noise=Noise(), clip=CLIPS[kind]())
    compilations.clear()
    for sigma in (1e-4, 1, np.float32(2.0), 1e4):
        for decay in (0, 0.55, 2.0):
            for seed in (0, 1, (1, 2), (9999, 199, 8)):
                simulate(optimizer, QUADRATIC, START, 1e-3, 10, noise=Noise(sigma, decay, seed), clip=CLIPS[kind]())
    for threshold in (1e-3, 1, 1e4, np.float32(2.0)):
        simulate(optimizer, QUADRATIC, START, SCHEDULES["cosine"](), 250, noise=Noise(), clip=CLIPS[kind](threshold=threshold))
    assert compilations == []
