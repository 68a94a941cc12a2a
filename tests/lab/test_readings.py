"""Readings that compare: where two runs part, and which steps were cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import surfaces
from lab import compute
from lab.experiment import Experiment
from lab.readings import clipped_steps, part_at
from lab.runs import Run
from lab.widgets.stage import MAX_NOTES, partings
from optim_core import optimizers, schedules, simulate
from optim_core.clipping import CLIPS

BOOTH = surfaces.REGISTRY["booth"]()
MOMENTA = [optimizers.REGISTRY[key]() for key in ("momentum", "momentum_inner_rate")]
nan, inf = np.nan, np.inf


def path(*points: tuple[float, float]) -> Any:
    """A record with these iterates."""
    return simulate(MOMENTA[0], BOOTH, (0.0, 0.0), 0.0, len(points))._replace(w=np.array(points, dtype=float))


@pytest.mark.parametrize(
    ("one", "other", "step"),
    [
        ([(0, 0), (1, 1), (2, 2)], [(0, 0), (1, 1), (2, 2)], None),
        ([(0, 0), (1, 1), (2, 2)], [(0, 0), (1, 1.05), (2, 2)], None),
        ([(0, 0), (1, 1), (2, 2)], [(0, 0), (1, 1.2), (2, 2)], 1),
        ([(0, 0), (1, 1), (2, 2)], [(5, 0), (1, 1), (2, 2)], 0),
        ([(0, 0), (inf, 1), (nan, nan)], [(0, 0), (inf, 1), (nan, nan)], None),
        ([(0, 0), (inf, 1), (nan, nan)], [(0, 0), (-inf, 1), (nan, nan)], 1),
        ([(0, 0), (inf, 1), (nan, nan)], [(0, 0), (inf, 1), (3, 3)], 2),
        ([(0, 0), (1e308, -1e308)], [(0, 0), (-1e308, 1e308)], 1),
    ],
)
def test_where_two_runs_part(one: Any, other: Any, step: int | None) -> None:
    assert part_at(path(*one), path(*other), 0.1) == step == part_at(path(*other), path(*one), 0.1)


def notes(*runs: Run, steps: int = 100, surface: str = "booth") -> list[str]:
    made = surfaces.REGISTRY[surface]()
    return partings(compute.picture(Experiment(made, made.starts[0], steps, runs)), str)


def under(schedule: Any, lr: float = 0.02, hidden: bool = False) -> list[Run]:
    return [Run(optimizer, lr, hidden, schedule) for optimizer in MOMENTA]


@pytest.mark.parametrize("surface", ["booth", "elongated_quadratic", "rosenbrock"])
def test_the_two_momentums_walk_one_path_while_the_rate_stands_still(surface: str) -> None:
    """A11 against D5."""
    lr = surfaces.REGISTRY[surface].learning_rates.gradient / 4
    assert notes(*under(schedules.REGISTRY["constant"](), lr), surface=surface, steps=1000) == ["Momentum and Momentum, η inside walk the same path."]


@pytest.mark.parametrize(("key", "values", "same"), [("exponential", {"alpha": 0.97}, 1), ("step", {"k": 10.0}, 10), ("piecewise", {"pieces": "25: 0.5"}, 25)])
def test_the_sentence_names_the_step_where_the_momentums_part(key: str, values: dict[str, Any], same: int) -> None:
    """The first changed rate is that of step `same`; the step after it is the first that differs."""
    runs = under(schedules.REGISTRY[key](**values))
    shown = compute.picture(Experiment(BOOTH, BOOTH.starts[0], 100, tuple(runs)))
    distances = np.linalg.norm(shown.paths[0].w - shown.paths[1].w, axis=1)
    view = np.hypot(20.0, 20.0)
    seen = int(np.argmax(distances > 0.01 * view))
    assert (distances[: same + 1] <= 1e-12 * view).all() and distances[same + 1] > 1e-12 * view and seen > same
    text = f"Momentum and Momentum, η inside walk the same path up to step {same}, then part; from step {seen} on one sees it."
    assert partings(shown, str) == [text]


def test_a_small_difference_is_called_small() -> None:
    made = notes(*under(schedules.REGISTRY["piecewise"](pieces="50: 0.999"), 0.001), steps=60)
    assert made == ["Momentum and Momentum, η inside walk the same path up to step 50, then part, but never by as much as 1 % of the view."]


def test_factor_and_exponential_walk_the_same_path() -> None:
    runs = [Run(optimizers.REGISTRY["adam"](), 0.3, schedule=schedules.REGISTRY[key](alpha=0.97)) for key in ("factor", "exponential")]
    (said,) = notes(*runs, steps=500)
    assert said.endswith("walk the same path.") and "Factor" in said and "Exponential" in said


def test_of_runs_that_part_at_once_or_are_hidden_nothing_is_said() -> None:
    constant = schedules.REGISTRY["constant"]()
    assert notes(Run(MOMENTA[0], 0.02), Run(MOMENTA[0], 0.03)) == []
    assert notes(*under(constant, hidden=True)) == []
    assert len(notes(*under(constant), *under(constant))) == MAX_NOTES


@pytest.mark.parametrize("key", CLIPS)
def test_clipped_steps_are_those_whose_gradient_was_cut(key: str) -> None:
    path = simulate(optimizers.REGISTRY["gradient_descent"](), BOOTH, BOOTH.starts[0], 0.02, 60, clip=CLIPS[key](threshold=20.0))
    raw = path.raw_grad
    longer = np.hypot(*raw.T) > 20.0 if key == "norm" else (np.abs(raw) > 20.0).any(axis=1)
    assert 0 < longer.sum() < 60 and clipped_steps(path).tolist() == np.flatnonzero(longer).tolist()


def test_nan_is_not_cut_and_a_plain_run_never() -> None:
    plain = simulate(optimizers.REGISTRY["gradient_descent"](), BOOTH, BOOTH.starts[0], 5.0, 1000)
    assert np.isnan(plain.step.grad).any() and not len(clipped_steps(plain))
    blown = plain._replace(raw_grad=plain.step.grad.copy())
    blown.raw_grad[3, 1] = 7.0
    assert clipped_steps(blown).tolist() == [3]
