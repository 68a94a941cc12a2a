"""`sweep` against the runs that `simulate` records, one by one: every optimizer, schedules, noise, clips; its borders against theory; its compilations."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
import pytest

from optim_core import Job, simulate
from optim_core.clipping import CLIPS
from optim_core.hyper import hyper, hypers, spec
from optim_core.noise import Noise
from optim_core.optimizers import REGISTRY
from optim_core.plan import WARMUPS, Plan
from optim_core.schedules import REGISTRY as SCHEDULES
from optim_core.sweep import NEVER, Goal, Outcome, core, sweep
from surfaces import REGISTRY as SURFACES

ROSENBROCK = SURFACES["rosenbrock"]()
QUADRATIC = SURFACES["elongated_quadratic"]()
STARTS = {"rosenbrock": (-1.2, 1.0), "elongated_quadratic": (-5.0, -2.0)}
MINIMA = {"rosenbrock": np.array([[1.0, 1.0]]), "elongated_quadratic": np.array([[0.0, 0.0]])}
SIDE, PROBES = 20, 12
SETTINGS: dict[str, dict[str, Any]] = {
    "number": {"lr": 1e-3},
    "constant": {"lr": SCHEDULES["constant"]()},
    "cosine": {"lr": Plan(SCHEDULES["cosine"](), WARMUPS["linear"](steps=5.0, start=0.1), 2)},
    "plateau": {"lr": Plan(SCHEDULES["plateau"](factor=0.5, patience=1.0, threshold=0.2))},
    "noise": {"lr": 1e-3, "noise": Noise(0.5, 0.55, (7, 3))},
    "clip by norm": {"lr": 1e-3, "clip": CLIPS["norm"](threshold=3.0)},
    "all": {"lr": Plan(SCHEDULES["plateau"](factor=0.7, patience=1.0)), "noise": Noise(0.5), "clip": CLIPS["value"](threshold=5.0)},
}


def single(job: Job, varied: Mapping[str, np.ndarray], cell: int) -> Job:
    """The job of one cell."""
    fields = {name: float(values[cell]) for name, values in varied.items() if name not in ("lr", "start", "seed")}
    job = job._replace(optimizer=dataclasses.replace(job.optimizer, **fields))
    if "lr" in varied:
        job = job._replace(base_lr=float(varied["lr"][cell]), lr=job.lr if callable(job.lr) else float(varied["lr"][cell]))
    if "start" in varied:
        job = job._replace(start=varied["start"][cell])
    if "seed" in varied:
        assert job.noise is not None
        job = job._replace(noise=dataclasses.replace(job.noise, seed=tuple(map(int, varied["seed"][cell]))))
    return job


def recorded(job: Job, goal: Goal) -> Outcome:
    """What `sweep` should keep of a run, read from its whole record."""
    path = simulate(*job)
    with np.errstate(invalid="ignore", over="ignore"):
        there = np.flatnonzero(path.loss - goal.loss <= goal.tolerance)
        away = np.zeros(0) if goal.minima is None else np.linalg.norm(path.w[:, None] - goal.minima, axis=-1).min(axis=1)
    settled = NEVER
    if goal.minima is not None and away[-1] <= goal.radius:
        outside = np.flatnonzero(~(away <= goal.radius))
        settled = int(outside[-1]) + 1 if len(outside) else 0
    return Outcome(path.w[-1], path.loss[0], path.loss[-1], int(there[0]) if len(there) else NEVER, settled)


def assert_same(job: Job, varied: Mapping[str, np.ndarray], goal: Goal, probes: int = PROBES) -> Outcome:
    """Some cells of a sweep against single runs: the steps to the number, the values to 1e-9."""
    made = sweep(job, varied, goal)
    cells = len(made.loss)
    for cell in np.random.default_rng(0).choice(cells, min(probes, cells), replace=False):
        one = recorded(single(job, varied, int(cell)), goal)
        np.testing.assert_allclose(made.w[cell], one.w, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose([made.first_loss[cell], made.loss[cell]], [one.first_loss, one.loss], rtol=1e-9, atol=1e-12)
        assert (made.reached[cell], made.settled[cell]) == (one.reached, one.settled)
    return made


def plane(key: str, surface: str) -> dict[str, np.ndarray]:
    """η against the first hyper-parameter, or against the start where there is none.

    η reaches from tiny to diverging; where its step hardly follows the gradient, only to where rounding is not yet amplified from wall to wall.
    """
    spec = REGISTRY[key]()
    around = SURFACES[surface]().learning_rates
    base = around.scale_free if spec.scale_free else around.gradient
    rates = np.geomspace(base / 30, base * (2 if spec.scale_free else 30), SIDE)
    first = next(iter(hypers(spec).items()), None)
    if first is None:
        across = np.linspace(-1.5, 1.5, SIDE)
        lr, w1 = (values.ravel() for values in np.meshgrid(rates, across))
        return {"lr": lr, "start": np.stack([w1, np.full(SIDE * SIDE, 0.7)], axis=1)}
    name, declared = first
    ends = (-1e-3, 0.0) if name == "target" else (declared.low, declared.high)  # Polyak's step is chaotic where L* is wrong by much
    values = np.round(np.linspace(*ends, SIDE)) if declared.scale in ("switch", "integer_log") else np.linspace(*ends, SIDE)
    lr, other = (values.ravel() for values in np.meshgrid(rates, values))
    return {"lr": lr, name: other}


@pytest.mark.parametrize("surface", STARTS)
@pytest.mark.parametrize("key", REGISTRY)
def test_equals_single_runs(key: str, surface: str) -> None:
    """Every optimizer, from converging to diverging."""
    job = Job(REGISTRY[key](), SURFACES[surface](), STARTS[surface], 1e-3, 40)
    assert_same(job, plane(key, surface), Goal(0.0, 1e-2, MINIMA[surface], 0.5))


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("key", ["momentum", "adam"])
def test_equals_single_runs_under_conditions(key: str, name: str) -> None:
    """Schedules, one of which answers to the run; noise; clips; with 60 steps of η that differ from cell to cell."""
    job = Job(REGISTRY[key](), ROSENBROCK, STARTS["rosenbrock"], **{"n_steps": 60, "base_lr": 1e-3, **SETTINGS[name]})
    rates = np.geomspace(1e-5, 2e-3, SIDE)
    lr, w1 = (values.ravel() for values in np.meshgrid(rates, np.linspace(-1.5, 1.5, SIDE)))
    made = assert_same(job, {"lr": lr, "start": np.stack([w1, 0.5 + 0.0 * w1], axis=1)}, Goal(0.0, 0.3, MINIMA["rosenbrock"], 0.6))
    assert (made.reached != NEVER).any() and (made.reached == NEVER).any()


def test_the_plateau_answers_to_each_run() -> None:
    """Or the test above would pass with a schedule that never drops: without its answer the numbers are others."""
    job = Job(REGISTRY["momentum"](), ROSENBROCK, STARTS["rosenbrock"], n_steps=60, **SETTINGS["plateau"])
    varied = {"lr": np.geomspace(1e-4, 2e-3, 9)}
    dropped, held = (sweep(job._replace(lr=lr), varied, Goal(0.0, 0.3)) for lr in (job.lr, SCHEDULES["constant"]()))
    assert (dropped.w != held.w).any(axis=1).sum() >= 5


@pytest.mark.parametrize("decay", [0.0, 0.55])
def test_seeds_are_streams_of_noise(decay: float) -> None:
    """Each seed draws what `Noise` draws for it; the same seed twice is the same run."""
    job = Job(REGISTRY["adam"](), ROSENBROCK, (0.5, 0.5), 1e-2, 50, noise=Noise(2.0, decay))
    seeds = np.array([[7, k % 29] for k in range(300)])
    made = assert_same(job, {"seed": seeds}, Goal(0.0, 0.05, MINIMA["rosenbrock"], 0.3))
    assert len(np.unique(made.loss)) == 29 and made.loss[0] == made.loss[29] == made.loss[290]


def test_every_name_may_vary_at_once() -> None:
    """All of Adam's, η, the start and the seed."""
    rng, n = np.random.default_rng(5), 60
    drawn = {"lr": rng.uniform(1e-4, 1e-2, n), "beta1": rng.uniform(0, 0.99, n), "beta2": rng.uniform(0.5, 0.999, n), "epsilon": 10 ** rng.uniform(-8, -2, n)}
    drawn |= {"start": rng.uniform(-2, 2, (n, 2)), "seed": rng.integers(0, 10**6, (n, 2))}
    assert_same(Job(REGISTRY["adam"](), ROSENBROCK, (0.0, 0.0), 1e-2, 30, noise=Noise(1.0)), drawn, Goal(0.0, 1.0, MINIMA["rosenbrock"], 1.0))


@pytest.mark.parametrize("n_steps", [1, 250, 251, 1300])
def test_steps_across_the_buckets(n_steps: int) -> None:
    """The last step is made and looked at, not one more."""
    job = Job(REGISTRY["momentum"](0.5), QUADRATIC, STARTS["elongated_quadratic"], 0.1, n_steps)
    assert_same(job, {"lr": np.geomspace(1e-3, 2.0, 20)}, Goal(0.0, 1e-3, MINIMA["elongated_quadratic"], 0.1))
    assert_same(job._replace(lr=SCHEDULES["cosine"]()), {"lr": np.geomspace(1e-3, 2.0, 20)}, Goal(0.0, 1e-3, MINIMA["elongated_quadratic"], 0.1))


# ---------------------------------------------------------------------- by hand


@spec
class Line:
    """L = w²/2: gradient descent with η = 1/2 halves w."""

    def __call__(self, w: jax.Array) -> jax.Array:
        return 0.5 * (w**2).sum()


DESCENT = REGISTRY["gradient_descent"]()


def test_reached_and_settled_by_hand() -> None:
    """w = 8, 4, 2, 1, 1/2 …: L ≤ 1/2 first at step 3, |w| ≤ 2.5 since step 2; a start that is there already is there at 0."""
    starts = np.array([[8.0], [1.0], [2.5], [1e6]])
    made = sweep(Job(DESCENT, Line(), (8.0,), 0.5, 5), {"start": starts}, Goal(0.0, 0.5, np.zeros((1, 1)), 2.5))
    assert made.reached.tolist() == [3, 0, 2, NEVER] and made.settled.tolist() == [2, 0, 0, NEVER]
    assert made.w[:, 0].tolist() == (starts[:, 0] / 32).tolist()
    assert made.first_loss.tolist() == (starts[:, 0] ** 2 / 2).tolist() and made.loss.tolist() == (made.w[:, 0] ** 2 / 2).tolist()


def test_settled_begins_anew_after_leaving() -> None:
    """η = 3 doubles w and turns it round: 1, −2, 4, −8. Near 0 at first and gone; near 4 at one step only; the last point, −8, is where it is in the end."""
    job = Job(DESCENT, Line(), (1.0,), 3.0, 3)
    found = [sweep(job, {"lr": np.array([3.0])}, Goal(np.nan, 1.0, np.array(at), 0.5)).settled.item() for at in ([[0.0]], [[4.0]], [[-8.0]], [[4.0], [-8.0]])]
    assert found == [NEVER, NEVER, 3, 2]


def test_without_minima_and_without_a_lowest_loss() -> None:
    """L* = nan is never reached; nobody asked for minima, or there are none."""
    for minima in (None, np.zeros((0, 1))):
        made = sweep(Job(DESCENT, Line(), (1.0,), 0.5, 9), {"lr": np.array([0.1, 1.0])}, Goal(np.nan, 1.0, minima))
        assert made.reached.tolist() == made.settled.tolist() == [NEVER, NEVER]


def test_a_divergence_is_not_hidden() -> None:
    """η = 10⁶ overflows; the losses say so, and it reached nothing."""
    made = sweep(Job(DESCENT, Line(), (1.0,), 0.5, 200), {"lr": np.array([0.5, 1e6])}, Goal(0.0, 1e-3, np.zeros((1, 1)), 0.1))
    assert np.isfinite(made.loss).tolist() == [True, False] and made.reached.tolist() == [5, NEVER] and made.settled.tolist() == [4, NEVER]


# ---------------------------------------------------------------------- theory


@pytest.mark.parametrize("kappa", [1.0, 10.0, 40.0])
@pytest.mark.parametrize("key", [key for key, cls in REGISTRY.items() if cls().lr_bound(1.0) is not None and hasattr(cls(), "beta")])
def test_diverges_where_theory_says(key: str, kappa: float) -> None:
    """The first column of η that diverges, in each row of β, is the first one beyond the bound, or its neighbour."""
    surface = SURFACES["elongated_quadratic"](a=0.5 / kappa, b=0.5, angle=30.0)
    optimizer = REGISTRY[key]()
    rates, betas = np.geomspace(0.3, 30.0, 40), np.linspace(0.0, 0.95, 20)
    lr, beta = (values.ravel() for values in np.meshgrid(rates, betas))
    made = sweep(Job(optimizer, surface, (1.0, -2.0), 0.1, 4000), {"lr": lr, "beta": beta}, Goal(0.0, 1e-6))
    grown = (~np.isfinite(made.loss) | (made.loss > made.first_loss)).reshape(20, 40)
    for row, value in zip(grown, betas, strict=True):
        bound = dataclasses.replace(optimizer, beta=float(value)).lr_bound(1.0)
        first, expected = int(np.argmax(row)) if row.any() else 40, int(np.searchsorted(rates, bound))
        assert abs(first - expected) <= 1 and row[first:].all() and not row[:first].any()
    assert 0 < grown.sum() < grown.size


# ---------------------------------------------------------------------- arguments, progress, compilations


@pytest.mark.parametrize(
    ("varied", "said"),
    [
        ({}, "is not a choice of"),
        ({"wibble": np.ones(3)}, "wibble is not a choice of lr, beta, start"),
        ({"seed": np.ones((3, 1), int)}, "seed is not a choice"),
        ({"lr": np.ones(3), "beta": np.zeros(2)}, "one entry a cell"),
        ({"lr": np.zeros(0)}, "at least one"),
        ({"lr": np.array([0.1, -0.1])}, "lr must be finite and not negative"),
        ({"lr": np.array([0.1, np.nan])}, "lr must be finite and not negative"),
        ({"lr": np.array([0.1, np.inf])}, "lr must be finite and not negative"),
        ({"beta": np.array([0.5, 1.5])}, "beta is outside"),
        ({"beta": np.array([0.5, np.nan])}, "beta is outside"),
        ({"start": np.array([[0.0, np.nan]])}, "not finite"),
        ({"start": np.zeros((4, 3))}, r"start has the shape \(4, 3\)"),
        ({"start": np.zeros(4)}, r"start has the shape \(4,\)"),
        ({"lr": np.full((4, 1), 0.1)}, r"lr has the shape \(4, 1\)"),
    ],
)
def test_bad_arguments(varied: dict[str, np.ndarray], said: str) -> None:
    """What cannot vary, or not so, is said before anything runs."""
    with pytest.raises(ValueError, match=said):
        sweep(Job(REGISTRY["momentum"](), ROSENBROCK, (0.0, 0.0), 1e-3, 10), varied, Goal(0.0, 1e-3))


@pytest.mark.parametrize("seeds", [np.array([[0], [-1]]), np.array([[0.5]]), np.array([1, 2])])
def test_seeds_are_rows_of_whole_numbers(seeds: np.ndarray) -> None:
    """What NumPy takes for a seed."""
    with pytest.raises(ValueError, match="seed"):
        sweep(Job(REGISTRY["adam"](), ROSENBROCK, (0.0, 0.0), 1e-3, 10, noise=Noise()), {"seed": seeds}, Goal(0.0, 1e-3))


def test_progress_is_told_and_may_stop() -> None:
    """After each piece; an exception ends the sweep."""
    job, told = Job(DESCENT, Line(), (1.0,), 0.1, 1), []
    sweep(job, {"lr": np.full(2 * core.PIECE + 1, 0.1)}, Goal(0.0, 1e-3), tell=lambda done, total: told.append((done, total)))
    total = 2 * core.PIECE + 1
    assert told == [(core.PIECE, total), (2 * core.PIECE, total), (total, total)]

    def stop(done: int, total: int) -> None:
        raise InterruptedError(f"{done}")

    with pytest.raises(InterruptedError, match=str(core.PIECE)):
        sweep(job, {"lr": np.full(total, 0.1)}, Goal(0.0, 1e-3), tell=stop)


def test_a_cell_does_not_know_its_company() -> None:
    """The numbers of whole chunks are the same bits alone and among others."""
    lr = np.geomspace(1e-5, 2e-3, core.PIECE + 3 * core.CHUNK + 17)
    job, goal = Job(REGISTRY["adam"](), ROSENBROCK, (-1.2, 1.0), 1e-3, 50), Goal(0.0, 1e-3)
    whole = sweep(job, {"lr": lr}, goal)
    for begin in (core.CHUNK, core.PIECE):
        part = sweep(job, {"lr": lr[begin:]}, goal)
        assert all(np.array_equal(a[begin:], b) for a, b in zip(whole, part, strict=True))


def test_one_program_for_all_numbers(compilations: list[str]) -> None:
    """Values, ranges, what varies, cells, steps within a bucket, goal, start: none compiles anything. Also proves that the counter counts."""

    @spec
    class Bowl:
        """A loss of a class that nobody has compiled yet."""

        a: float = hyper(1.0, 0.1, 10.0, symbol="a", title="steepness", help="The steeper, the faster.")

        def __call__(self, w: jax.Array) -> jax.Array:
            return self.a * w[0] ** 2 + w[1] ** 4

    base = Job(REGISTRY["adam"](), Bowl(), (1.0, 1.0), 0.1, 10)
    run = functools.partial(sweep, goal=Goal(0.0, 1e-3))
    cosine, noisy = {"lr": SCHEDULES["cosine"]()}, {"noise": Noise()}
    kinds: list[tuple[dict[str, Any], dict[str, Any]]] = [({}, {}), (cosine, {}), (noisy, {}), (noisy, {"seed": np.arange(30)[:, None]})]
    for kind, extra in kinds:
        job = base._replace(**kind)
        compilations.clear()
        run(job, {"lr": np.full(30, 0.1), **extra})
        assert len(compilations) == 1
        compilations.clear()
        run(job, {"lr": np.geomspace(1e-6, 10, 30), "beta1": np.linspace(0.1, 0.9, 30), "start": np.ones((30, 2)), **extra})
        run(job._replace(n_steps=250, base_lr=0.5, loss=Bowl(2.0), start=(3, 4)), {"beta2": np.linspace(0.5, 0.9, 30), **extra}, goal=Goal(np.nan, 1))
        more = {"seed": np.arange(600).reshape(300, 2)} if extra else {}
        run(job, {"lr": np.resize(np.linspace(0.0, 1.0, 60), 3 * core.PIECE if not extra else 300), **more})
        run(job._replace(optimizer=REGISTRY["adam"](0.5, 0.6, 1e-3)), {"lr": np.array([0.1]), **({"seed": np.array([[5]])} if extra else {})})
        assert compilations == []
