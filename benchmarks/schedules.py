"""Schedules, noise and formulas: `python -m benchmarks.schedules`."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import surfaces
from benchmarks.core import compilations
from benchmarks.table import Row, show
from benchmarks.timing import interleaved
from lab import compute
from lab.experiment import Experiment
from optim_core import Job, optimizers, schedules, simulate, simulate_all
from optim_core.noise import Noise
from tests.optim_core.schedule_judges import LIBRARY

ROSENBROCK = surfaces.REGISTRY["rosenbrock"]()
VALLEY = surfaces.REGISTRY["elongated_quadratic"]()
SEEDS, STEPS = 200, 500


def agreement() -> Row:
    """Every schedule that optax or PyTorch has, over 1,000 steps."""
    worst = 0.0
    for key, judges in LIBRARY.items():
        spec = schedules.REGISTRY[key]()
        rates = spec(np.arange(1000), 1000, 0.1)
        for judge in judges:
            judged = judge(spec, 1000, 0.1)
            worst = max(worst, float((np.abs(rates - judged) / np.where(judged > 1e-290, judged, 1.0)).max()))
    return Row(f"{len(LIBRARY)} schedules against optax and PyTorch, 1,000 steps: largest relative difference", worst, "", "≤", 1e-12)


def slowest() -> Row:
    """A schedule is computed anew at every move of a slider."""
    times = {}
    for key, cls in schedules.REGISTRY.items():
        begin = time.perf_counter()
        cls()(np.arange(100_000), 100_000, 0.1)
        times[key] = 1e3 * (time.perf_counter() - begin)
    worst = max(times, key=times.__getitem__)
    return Row(f"slowest schedule over 100,000 steps ({worst})", times[worst], "ms", "≤", 50)


def two_momenta() -> Iterator[Row]:
    """η outside the buffer and inside it."""
    outer, inner = optimizers.REGISTRY["momentum"](), optimizers.REGISTRY["momentum_inner_rate"]()

    def gap(lr: Any) -> np.ndarray:
        one, other = (simulate(optimizer, VALLEY, (-5.0, -2.0), lr, 1000, 0.1).w for optimizer in (outer, inner))
        distance: np.ndarray = np.linalg.norm(one - other, axis=1)
        return distance

    yield Row("momentum with η outside and inside the buffer, η constant, 1,000 steps: farthest apart", float(gap(0.1).max()), "", "≤", 1e-12)
    decayed = gap(schedules.REGISTRY["exponential"](alpha=0.97))
    yield Row("the same with η₀·0.97ᵗ: farthest apart", float(decayed.max()), "", "≥", 0.1)
    yield Row("and the first step at which they are", float(np.argmax(decayed > 1e-12)), "", "≥", 2)


def fan() -> Iterator[Row]:
    """Every seed's whole record in NumPy."""
    adam = optimizers.REGISTRY["adam"]()

    def run(sigma: float = 1.0, lr: float = 0.01, start: tuple[float, float] = (-1.2, 1.0), seed: int = 1) -> list[Any]:
        return simulate_all([Job(adam, ROSENBROCK, start, lr, STEPS, noise=Noise(sigma, 0.0, (seed, member))) for member in range(SEEDS)])

    milliseconds = 1e3 * statistics.median(interleaved({"fan": run})["fan"])
    yield Row(f"fan of {SEEDS} seeds × {STEPS} steps, Adam on Rosenbrock, everything recorded", milliseconds, "ms", "≤", 100)

    def move() -> None:
        for index in range(5):
            run(sigma=0.1 + index, lr=0.001 * (index + 1), start=(-1.0, 0.1 * index), seed=index)

    yield Row("recompilations while σ, η, start and seed move", compilations(move), "", "≤", 0)
    base = Experiment.from_query({"surface": "rosenbrock", "steps": str(STEPS), "run1": "adam", "noise": "constant", "noise.fan": str(SEEDS)})[0]
    rates = iter(np.linspace(0.01, 0.02, 100_000))

    def shown() -> None:
        compute.picture(dataclasses.replace(base, runs=(dataclasses.replace(base.runs[0], lr=float(next(rates))),)))

    yield Row("the same fan with its median and band, as a page asks for it", 1e3 * statistics.median(interleaved({"fan": shown})["fan"]), "ms", "≤", 100)


def main() -> None:
    """Measure, and print each figure beside its target."""
    show("Schedules", [agreement(), slowest(), *two_momenta(), *fan()])


if __name__ == "__main__":
    main()
