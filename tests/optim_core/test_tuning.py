"""`tune` against closed forms, brute force on a fine grid, and single runs; and what it says where nothing converges."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import surfaces
from benchmarks.core import compilations
from optim_core import optimizers, schedules, simulate, theory
from optim_core.hyper import hypers
from optim_core.noise import Noise
from optim_core.plan import Plan
from optim_core.stopping import first_within
from optim_core.sweep import Goal, sweep
from optim_core.trajectory import Job
from optim_core.tuning import FACTORS, LR_RANGE, WORSE, tune

BOWL = surfaces.ALL["elongated_quadratic"]()
ROSENBROCK = surfaces.ALL["rosenbrock"]()
CURVATURES = (0.2, 4.0)
START = (-1.5, 2.0)


def job(key: str, surface: Any = BOWL, lr: Any = 0.01, n_steps: int = 200, **more: Any) -> Job:
    return Job(optimizers.REGISTRY[key](), surface, START, lr, n_steps, **more)


@pytest.mark.parametrize(("key", "also", "best"), [("gradient_descent", (), theory.best_gd), ("momentum", ("beta",), theory.best_momentum)])
def test_a_quadratic_is_tuned_to_the_closed_form(key: str, also: tuple[str, ...], best: Any) -> None:
    """The fastest rate is that of infinitely many steps: after 200 the winner is within a few percent of it, and at least as good."""
    np.testing.assert_allclose(np.linalg.eigvalsh(jax.hessian(BOWL)(np.zeros(2))), CURVATURES)
    expected, found = best(*CURVATURES), tune(job(key), Goal(0.0, 1e-3), "loss", also)
    assert found.values["lr"] == pytest.approx(expected.lr, rel=0.03)
    assert found.values.get("beta", 0.0) == pytest.approx(expected.fields.get("beta", 0.0), abs=0.03)
    ideal = simulate(type(optimizers.REGISTRY[key]())(**expected.fields), BOWL, START, float(expected.lr), 200)
    assert found.score.loss <= ideal.loss[-1]
    assert found.edges == () and found.found


@pytest.mark.parametrize("key", ["gradient_descent", "adam", "newton", "sign_sgd"])
@pytest.mark.parametrize("surface", [BOWL, ROSENBROCK], ids=["bowl", "rosenbrock"])
@pytest.mark.parametrize("objective", ["steps", "loss"])
def test_brute_force_hardly_finds_better(key: str, surface: Any, objective: Any) -> None:
    """Of 20,000 learning rates over the same range at most one in 500 is better: near divergence there are lucky throws between the cells of any grid."""
    asked, goal = job(key, surface, 1e-3, 300), Goal(0.0, 1e-2)
    found = tune(asked, goal, objective)
    outcome = sweep(asked, {"lr": np.geomspace(*LR_RANGE, 20_000)}, goal)
    good = np.isfinite(outcome.loss) & (outcome.loss <= outcome.first_loss)
    if found.score.steps == np.inf or objective == "loss":
        better = good & (outcome.loss < found.score.loss)
    else:
        better = good & (outcome.loss <= 1e-2) & (outcome.reached >= 0) & (outcome.reached < found.score.steps)
    assert better.mean() <= 1 / 500
    assert found.runs < 1000


@pytest.mark.parametrize("key", sorted(optimizers.REGISTRY))
def test_the_winner_does_what_it_says(key: str) -> None:
    """A single recorded run with its values has its score; it is never worse than the run as it was given, and never one that diverged."""
    optimizer, goal = optimizers.REGISTRY[key](), Goal(0.0, 1e-2)
    also = tuple(hypers(optimizer))[:1]
    found = tune(job(key, ROSENBROCK, 1e-3, 150), goal, "steps", also)
    fields = {name: value for name, value in found.values.items() if name != "lr"}
    path, *nudged = (simulate(type(optimizer)(**fields), ROSENBROCK, START, found.values["lr"] * (1.0 + k * 2.3e-16), 150) for k in range(6))
    amplified = max(abs(other.loss[-1] - path.loss[-1]) for other in nudged)  # what rounding may do to a run that hops about
    step = first_within(path, 0.0, 1e-2) if path.loss[-1] <= 1e-2 else None
    assert found.score.steps == (np.inf if step is None else step)
    assert path.loss[-1] == pytest.approx(found.score.loss, rel=1e-6, abs=1e-12 + 10.0 * amplified)
    assert path.loss[-1] <= path.loss[0]
    assert (found.score.steps, found.score.loss) <= (found.before.steps, found.before.loss)
    assert list(found.values) == ["lr", *also] == list(found.ranges)


def test_it_is_deterministic_and_compiles_once() -> None:
    """Other numbers, the same program."""
    first = tune(job("momentum"), Goal(0.0, 1e-3), "steps", ("beta",))
    assert first == tune(job("momentum"), Goal(0.0, 1e-3), "steps", ("beta",))
    assert compilations(lambda: tune(job("momentum", lr=0.3, n_steps=77), Goal(0.1, 1e-5), "loss", ("beta",))) == 0


@pytest.mark.parametrize("objective", ["steps", "loss"])
def test_sharpness_is_what_its_definition_says(objective: Any) -> None:
    """One factor further down or up the run is worse, up to there it is not."""
    found, goal = tune(job("gradient_descent"), Goal(0.0, 1e-3), objective), Goal(0.0, 1e-3)
    first = BOWL(np.array(START))

    def worse(lr: float) -> bool:
        path = simulate(optimizers.REGISTRY["gradient_descent"](), BOWL, START, lr, 200)
        if objective == "steps":
            step = first_within(path, goal.loss, goal.tolerance)
            return step is None or step > max((1 + WORSE) * found.score.steps, found.score.steps + 1)
        limit = max(found.score.loss, 2.3e-16 * first)
        return not np.log10(first / path.loss[-1]) >= (1 - WORSE) * np.log10(first / limit)

    for side, reach in zip((-1, 1), found.sharpness, strict=True):
        at = 0 if reach == 1.0 else 1 + int(np.argmin(np.abs(FACTORS - reach)))
        assert 1.0 <= reach < 100.0
        assert not any(worse(found.values["lr"] * factor**side) for factor in FACTORS[:at])
        assert worse(found.values["lr"] * FACTORS[at] ** side)


def test_what_cannot_converge_says_so() -> None:
    """Two steps are not enough: the lowest loss wins, nothing was found; and where every run flies away, the run as it was given stands."""
    short = tune(job("gradient_descent", ROSENBROCK, 1e-4, 2), Goal(0.0, 1e-6), "steps")
    assert not short.found and short.score.steps == np.inf and short.score.loss < short.before.loss
    flown = tune(job("gradient_descent", ROSENBROCK, 5.0, 50), Goal(0.0, 1e-6), "loss", lr=(5.0, 10.0))
    assert not flown.found and flown.score.diverged and flown.before.diverged
    assert flown.values == {"lr": 5.0} and flown.sharpness == (1.0, 1.0)
    higher = tune(job("gradient_descent", BOWL, 0.7, 9), Goal(0.0, 1e-6), "loss", lr=(0.65, 0.7))
    assert np.isfinite(simulate(optimizers.REGISTRY["gradient_descent"](), BOWL, START, 0.65, 9).loss[-1]) and higher.score.diverged


def test_an_end_of_the_range_is_named() -> None:
    assert tune(job("gradient_descent"), Goal(0.0, 1e-3), "loss", lr=(1e-3, 0.1)).edges == ("lr",)


def test_noise_is_tuned_by_the_median_of_the_seeds() -> None:
    """The winner's score is the median over single runs with the seeds given, not that of a lucky one."""
    streams = [(1, member) for member in range(5)]
    found = tune(job("gradient_descent", noise=Noise(0.5, 0.0, (1, 0))), Goal(0.0, 1e-3), "loss", seeds=streams)
    runs = [simulate(optimizers.REGISTRY["gradient_descent"](), BOWL, START, found.values["lr"], 200, noise=Noise(0.5, 0.0, stream)) for stream in streams]
    assert found.score.loss == pytest.approx(np.median([run.loss[-1] for run in runs]), rel=1e-9)


def test_a_schedule_is_tuned_by_its_base_rate() -> None:
    """A typed schedule that is no learning rate for most base rates leaves those out; the winner is one that it can bear."""
    cosine = tune(job("gradient_descent", lr=Plan(schedules.REGISTRY["cosine"]())), Goal(0.0, 1e-3), "loss")
    assert cosine.found and cosine.values["lr"] > theory.best_gd(*CURVATURES).lr
    typed = schedules.REGISTRY["custom"](formula="eta0 - 0.05")
    found = tune(job("gradient_descent", lr=Plan(typed), base_lr=0.1), Goal(0.0, 1e-3), "loss")
    assert found.values["lr"] == pytest.approx(theory.best_gd(*CURVATURES).lr + 0.05, rel=0.03)
    assert found.runs < 512


def test_progress_grows_to_its_end_and_may_stop_it() -> None:
    told: list[tuple[int, int]] = []
    tune(job("momentum"), Goal(0.0, 1e-3), "steps", ("beta",), tell=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1] and len({total for _, total in told}) == 1

    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        tune(job("momentum"), Goal(0.0, 1e-3), "steps", tell=stop)


@pytest.mark.parametrize(
    ("more", "reason"), [({"also": ("gamma",)}, "gamma"), ({"goal": Goal(np.nan, 1e-3)}, "nan"), ({"job": job("momentum", lr=np.full(200, 0.1))}, "every step")]
)
def test_what_cannot_be_asked_is_refused(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        tune(**{"job": job("momentum"), "goal": Goal(0.0, 1e-3), "objective": "steps", **more})
