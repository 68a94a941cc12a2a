"""The tuned race of the whole registry: `python -m benchmarks.race`.

Every optimizer on Rosenbrock, 300 steps: a first grid of 64 learning rates × 16 values of its first hyper-parameter, three finer levels, the sharpness.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import surfaces
from benchmarks.core import compilations
from benchmarks.table import Row, show
from optim_core import optimizers
from optim_core.hyper import hypers
from optim_core.sweep import Goal, sweep
from optim_core.trajectory import Job
from optim_core.tuning import RATES, Tuning, tune

ROSENBROCK = surfaces.REGISTRY["rosenbrock"]()
START, STEPS, GOAL = (-1.5, 2.0), 300, Goal(0.0, 1e-3)


def also(key: str) -> tuple[str, ...]:
    """The second parameter: the first one that the optimizer has."""
    return tuple(hypers(optimizers.REGISTRY[key]))[:1]


def raced(key: str, lr: float = 0.01, steps: int = STEPS) -> Tuning:
    return tune(Job(optimizers.REGISTRY[key](), ROSENBROCK, START, lr, steps), GOAL, "steps", also(key))


def grid(key: str) -> None:
    """The first grid alone, as one sweep."""
    job = Job(optimizers.REGISTRY[key](), ROSENBROCK, START, 0.01, STEPS)
    ranges = {name: (declared.low, declared.high) for name, declared in hypers(job.optimizer).items() if name in also(key)}
    second = {name: np.tile(np.linspace(*ends, 16), RATES) for name, ends in ranges.items()}
    sweep(job, {"lr": np.repeat(np.geomspace(1e-5, 10.0, RATES), 16 if second else 1), **second}, GOAL)


def seconds(call: Callable[[str], object]) -> dict[str, float]:
    """Of a call for every optimizer, by key: the median of five, which take turns."""
    times: dict[str, list[float]] = {key: [] for key in optimizers.REGISTRY}
    for _ in range(5):
        for key, taken in times.items():
            begin = time.perf_counter()
            call(key)
            taken.append(time.perf_counter() - begin)
    return {key: statistics.median(taken) for key, taken in times.items()}


def main() -> None:
    """Measure, and print each figure beside its target."""
    begin = time.perf_counter()
    runs = sum(raced(key).runs for key in optimizers.REGISTRY)
    cold = time.perf_counter() - begin
    whole, first = seconds(raced), seconds(grid)
    slowest = max(whole, key=whole.__getitem__)
    total = sum(whole.values())
    again = compilations(lambda: [raced(key, 0.3, 200) for key in optimizers.REGISTRY] and None)
    rows = [
        Row(f"{len(whole)} optimizers tuned, {runs:,} runs × {STEPS} steps, warm", total, "s", "≤", 10),
        Row("of it the first grids, 64 × 16", sum(first.values()), "s", "≤", 10),
        Row(f"of it the slowest, {slowest}", whole[slowest], "s", "≤", 10),
        Row("the same, compiling everything", cold, "s", "≤", 60),
        Row("recompilations with other numbers", again, "", "≤", 0),
    ]
    show("Tuned race", rows)


if __name__ == "__main__":
    main()
