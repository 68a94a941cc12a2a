"""`simulate` against a plain loop, its compilations, its messages, and what it records of a diverging run."""

from __future__ import annotations

import dataclasses
import functools
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optim_core import Job, oracles, simulate, simulate_all
from optim_core.hyper import hyper, hypers, spec
from optim_core.optimizers import REGISTRY
from optim_core.plan import WARMUPS, Plan
from optim_core.schedules import REGISTRY as SCHEDULES
from optim_core.trajectory import BUCKETS, MAX_STEPS
from optim_core.types import Trajectory
from surfaces import REGISTRY as SURFACES

ADAM = REGISTRY["adam"]()
GD = REGISTRY["gradient_descent"]()
ROSENBROCK = SURFACES["rosenbrock"]()
QUADRATIC = SURFACES["elongated_quadratic"]()
START = (-1.2, 1.0)


def new_loss() -> Any:
    """A loss of a class that nobody has compiled yet."""

    @spec
    class Bowl:
        """L = a ‖w‖²."""

        a: float = hyper(1.0, 0.1, 10.0, symbol="a", title="steepness", help="The steeper, the faster.")

        def __call__(self, w: jax.Array) -> jax.Array:
            return self.a * jnp.sum(w**2)

    return Bowl()


def leaves(path: Trajectory) -> list[np.ndarray]:
    return [path.w, path.loss, path.lr, path.raw_grad, *jax.tree.leaves((path.step, path.state))]


def same(a: Trajectory, b: Trajectory) -> bool:
    """Bit-equal records."""
    return all(np.array_equal(x, y, equal_nan=True) for x, y in zip(leaves(a), leaves(b), strict=True))


@pytest.mark.parametrize("surface", [ROSENBROCK, QUADRATIC], ids=["rosenbrock", "elongated_quadratic"])
@pytest.mark.parametrize("key", REGISTRY)
def test_equals_a_plain_loop(key: str, surface: Any) -> None:
    """Everything recorded is what `step` gives when called in a Python loop."""
    optimizer, n = REGISTRY[key](), 25
    lrs = surface.learning_rates.gradient * 0.5 / np.sqrt(np.arange(1, n + 1))
    path = simulate(optimizer, surface, START, lrs, n)
    w = jnp.array(START)
    state, one_step = optimizer.init(w), jax.jit(functools.partial(optimizer.step, oracles.exact(surface)))
    rows = []
    for t in range(n):
        w_next, state_next, step = one_step(w, state, jnp.array(lrs[t]), jnp.array(t + 1.0))
        rows.append((w, surface(w), state, step, step.grad))
        w, state = w_next, state_next
    loop = jax.tree.map(lambda *values: np.stack(values), *rows)
    recorded = (path.w[:-1], path.loss[:-1], type(path.state)(*(field[:-1] for field in path.state)), path.step, path.raw_grad)
    for ours, theirs in zip(jax.tree.leaves(recorded), jax.tree.leaves(loop), strict=True):
        assert np.abs(ours - theirs).max() <= 1e-11 * np.abs(theirs).max()  # BFGS divides by differences of gradients
    assert np.abs(path.w[-1] - w).max() <= 1e-12 and abs(path.loss[-1] - surface(w)) <= 1e-12 * abs(path.loss).max()
    assert np.array_equal(path.lr, lrs) and path.n_steps == n


def test_a_new_pair_compiles_once(compilations: list[str]) -> None:
    """Also proves that the counter counts."""
    loss = new_loss()
    simulate(ADAM, loss, START, 0.1, 10)
    assert len(compilations) == 1
    simulate(ADAM, loss, START, 0.1, 300)  # the next bucket
    assert len(compilations) == 2


@pytest.mark.parametrize("key", REGISTRY)
def test_moving_an_optimizer_compiles_nothing(key: str, compilations: list[str]) -> None:
    """Hyper-parameters as float, int, float32 and NumPy scalar, start, learning rate, number of steps."""
    optimizer = REGISTRY[key]()
    simulate(optimizer, ROSENBROCK, START, 1e-3, 10)
    compilations.clear()
    for name, declared in hypers(optimizer).items():
        for value in (declared.low, declared.high, np.float64(declared.default), np.float32(declared.default)):
            simulate(dataclasses.replace(optimizer, **{name: value}), ROSENBROCK, START, 1e-3, 10)
        if declared.allows(0):
            simulate(dataclasses.replace(optimizer, **{name: 0}), ROSENBROCK, START, 1e-3, 10)
    for start in ((0, 1), [0.5, 0.5], np.array([1, 2]), np.array([1, 2], dtype=np.float32)):
        simulate(optimizer, ROSENBROCK, start, 1e-3, 10)
    for lr in (0, 1, 1e-2, np.float32(1e-3), [1e-3] * 10, np.linspace(0, 1e-3, 10)):
        simulate(optimizer, ROSENBROCK, START, lr, 10)
    for n_steps in (1, 2, BUCKETS[0] - 1, np.int64(BUCKETS[0])):
        simulate(optimizer, ROSENBROCK, START, 1e-3, n_steps)
    assert compilations == []


@pytest.mark.parametrize("key", SURFACES)
def test_moving_a_surface_compiles_nothing(key: str, compilations: list[str]) -> None:
    """Every parameter, from end to end."""
    surface = SURFACES[key]()
    simulate(GD, surface, surface.starts[0], 1e-3, 10)
    compilations.clear()
    for name, declared in hypers(surface).items():
        for value in (declared.low, declared.high):
            simulate(GD, dataclasses.replace(surface, **{name: value}), surface.starts[0], 1e-3, 10)
    assert compilations == []


def test_fifty_threads_compile_a_new_pair_once(compilations: list[str]) -> None:
    """And all receive the same bits."""
    loss, barrier = new_loss(), threading.Barrier(50)

    def ask(_: int) -> Trajectory:
        barrier.wait(timeout=60)
        return simulate(ADAM, loss, START, 0.1, 200)

    simulate(ADAM, ROSENBROCK, START, 0.1, 200)  # what belongs to no pair
    compilations.clear()
    with ThreadPoolExecutor(50) as pool:
        paths = list(pool.map(ask, range(50)))
    assert len(compilations) == 1
    assert all(same(paths[0], path) for path in paths)


def test_classes_of_one_shape_keep_their_own_programs() -> None:
    """Forty optimizers that differ in behaviour only: none may run the program of another."""

    def make(slope: float) -> Any:
        @spec
        class Slope:
            """L = slope · w."""

            def __call__(self, w: jax.Array) -> jax.Array:
                return slope * jnp.sum(w)

        return Slope()

    for slope in np.arange(1.0, 41.0):
        assert simulate(GD, make(float(slope)), (0.0,), 1.0, 1).w[1, 0] == -slope


def test_jobs_equal_single_runs() -> None:
    """`simulate_all` keeps the order and mixes lengths."""
    jobs = [Job(cls(), ROSENBROCK, START, 1e-3, n) for cls, n in zip(REGISTRY.values(), range(5, 500, 11), strict=False)]
    for job, path in zip(jobs, simulate_all(jobs), strict=True):
        assert same(path, simulate(*job))


def test_a_shorter_run_is_a_prefix() -> None:
    """The bucket leaves no trace: 100 steps are the first 100 of 5000."""
    short, long = (simulate(ADAM, ROSENBROCK, START, 1e-3, n) for n in (100, 5000))
    for a, b in zip(leaves(short), leaves(long), strict=True):
        assert np.array_equal(a, b[: len(a)])


def test_one_rate_and_an_array_of_it_are_the_same() -> None:
    """A number means the same rate at every step."""
    assert same(simulate(ADAM, ROSENBROCK, START, 1e-3, 30), simulate(ADAM, ROSENBROCK, START, np.full(30, 1e-3), 30))


@pytest.mark.parametrize("key", SCHEDULES)
@pytest.mark.parametrize(
    "make", [lambda schedule: schedule, lambda schedule: Plan(schedule, WARMUPS["linear"](steps=3.0, start=0.1), 2)], ids=["schedule", "plan"]
)
def test_a_schedule_is_the_array_of_its_rates(key: str, make: Any) -> None:
    """Called with the steps 0 … T−1, T and the base rate; a loss that keeps falling leaves the plateau's rate alone."""
    schedule = make(SCHEDULES[key]())
    rates = schedule(np.arange(30), 30, 0.05)
    path = simulate(GD, QUADRATIC, (-5.0, -2.0), schedule, 30, 0.05)
    assert np.array_equal(path.lr, rates)
    for ours, theirs in zip(leaves(path), leaves(simulate(GD, QUADRATIC, (-5.0, -2.0), rates, 30)), strict=True):
        assert np.abs(ours - theirs).max() <= 1e-13


def test_the_base_rate_is_of_schedules_only() -> None:
    """A number is itself, whatever the base; a schedule starts from 0.1 unless told."""
    constant = SCHEDULES["constant"]()
    assert same(simulate(GD, QUADRATIC, START, 0.3, 20, 7.0), simulate(GD, QUADRATIC, START, constant, 20, 0.3))
    assert (simulate(GD, QUADRATIC, START, constant, 5).lr == 0.1).all()


@pytest.mark.parametrize("base_lr", [float("nan"), float("inf"), -0.1])
def test_base_rate_is_checked(base_lr: float) -> None:
    """By name; where nothing uses it, it may be anything."""
    with pytest.raises(ValueError, match=rf"base_lr = {base_lr!r} is not a finite number, at least 0"):
        simulate(GD, QUADRATIC, START, SCHEDULES["cosine"](), 10, base_lr)
    simulate(GD, QUADRATIC, START, 0.1, 10, base_lr)


def test_schedules_are_checked() -> None:
    """A formula's first step that will not do; hyper-parameters of what answers to the run; a rate that a stranger's schedule gives."""
    with pytest.raises(ValueError, match=r"η is -0\.1 at t = 6"):
        simulate(GD, QUADRATIC, START, SCHEDULES["custom"](formula="0.5 - t/10"), 10)
    with pytest.raises(ValueError, match=r"Plateau\.factor = 2 is outside \[0\.01, 0\.99\]"):
        simulate(GD, QUADRATIC, START, SCHEDULES["plateau"](factor=2), 10)
    with pytest.raises(ValueError, match=r"Plateau\.patience = 1\.5 is not a whole number"):
        simulate(GD, QUADRATIC, START, Plan(SCHEDULES["plateau"](patience=1.5)), 10)
    with pytest.raises(ValueError, match="lr must be finite and not negative"):
        simulate(GD, QUADRATIC, START, lambda t, n_steps, base_lr: base_lr - t, 10)
    with pytest.raises(ValueError, match=r"lr has shape \(10, 1\)"):
        simulate(GD, QUADRATIC, START, lambda t, n_steps, base_lr: t[:, None], 10)


def test_each_step_has_its_own_rate() -> None:
    """lr[t] moves w[t] to w[t+1]: a zero rate stands still at its own step only."""
    path = simulate(GD, QUADRATIC, (-5.0, -2.0), [0.1, 0.0, 0.1], 3)
    assert [(path.w[t + 1] != path.w[t]).any() for t in range(3)] == [True, False, True]


def test_any_dimension() -> None:
    """The core knows vectors, not planes."""
    path = simulate(ADAM, new_loss(), np.ones(7), 0.1, 50)
    assert path.w.shape == (51, 7) and path.state.first_moment.shape == (51, 7) and path.state.beta1_power.shape == (51,)
    assert path.loss[-1] < path.loss[0]


def test_divergence_is_recorded_as_it_is() -> None:
    """w₂ ← (1 − 4η) w₂ with η = 1 gives (−3)ᵗ: true numbers, then inf, then nan; the other coordinate stays sound."""
    path = simulate(GD, QUADRATIC, (-5.0, 1.0), 1.0, 1000)
    finite = np.isfinite(path.w[:, 1])
    overflow = int(np.argmin(finite))
    exact = [(-3.0) ** t for t in range(overflow)]
    assert 640 <= overflow <= 648  # 3^646 is about 1e308
    assert np.allclose(path.w[:overflow, 1], exact, rtol=1e-12, atol=0)
    assert not finite[overflow:].any()
    assert np.isinf(path.loss).any() and np.isnan(path.w[-1, 1])
    assert np.isfinite(path.w[:overflow, 0]).all() and np.allclose(path.w[:600, 0], -5.0 * 0.8 ** np.arange(600), rtol=1e-12, atol=0)


def test_results_are_read_only_float64() -> None:
    """Results are shared by a cache; nobody may write into them."""
    for array in leaves(simulate(ADAM, ROSENBROCK, START, 1e-3, 10)):
        assert array.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


def test_the_caller_keeps_its_arrays() -> None:
    """Start and rates are neither changed nor frozen, and changing them later changes no record."""
    start, lrs = np.array(START), np.full(10, 1e-3)
    path = simulate(ADAM, ROSENBROCK, start, lrs, 10)
    start[:], lrs[:] = 7.0, 7.0
    assert np.array_equal(path.w[0], START) and np.array_equal(path.lr, np.full(10, 1e-3))


@pytest.mark.parametrize("n_steps", [0, -1, MAX_STEPS + 1, 10.0, "10", None, True])
def test_number_of_steps_is_checked(n_steps: Any) -> None:
    """Whole numbers from 1 to the largest bucket."""
    with pytest.raises(ValueError, match=rf"n_steps = .* is not a whole number in \[1, {MAX_STEPS}\]"):
        simulate(ADAM, ROSENBROCK, START, 1e-3, n_steps)


def test_the_largest_number_of_steps() -> None:
    """The end of the range is allowed."""
    assert simulate(GD, ROSENBROCK, START, 1e-4, MAX_STEPS).w.shape == (MAX_STEPS + 1, 2)


@pytest.mark.parametrize("shape", [(1,), (9,), (11,), (10, 1), (2, 10)])
def test_shape_of_the_rate_is_checked(shape: tuple[int, ...]) -> None:
    """A number, or one number a step."""
    with pytest.raises(ValueError, match=r"lr has shape .* n_steps = 10"):
        simulate(ADAM, ROSENBROCK, START, np.full(shape, 1e-3), 10)


@pytest.mark.parametrize("lr", [float("nan"), float("inf"), -1e-3, [1e-3] * 9 + [float("nan")]])
def test_rate_is_checked(lr: Any) -> None:
    """Finite and not negative."""
    with pytest.raises(ValueError, match="lr must be finite and not negative"):
        simulate(ADAM, ROSENBROCK, START, lr, 10)


@pytest.mark.parametrize("start", [(np.nan, 1.0), (np.inf, 1.0), [], 1.0, [[1.0, 2.0]]])
def test_start_is_checked(start: Any) -> None:
    """A vector of finite numbers."""
    with pytest.raises(ValueError, match=r"start = .* is not a vector of finite numbers"):
        simulate(ADAM, ROSENBROCK, start, 1e-3, 10)


def test_hyper_parameters_are_checked() -> None:
    """Of the optimizer and of the loss."""
    with pytest.raises(ValueError, match=r"Adam.beta1 = 1.5 is outside \[0, 0.9999\]"):
        simulate(dataclasses.replace(ADAM, beta1=1.5), ROSENBROCK, START, 1e-3, 10)
    with pytest.raises(ValueError, match=r"Rosenbrock.b = 0 is outside"):
        simulate(ADAM, dataclasses.replace(ROSENBROCK, b=0), START, 1e-3, 10)
