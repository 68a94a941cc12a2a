"""Theory against runs of the core, and what it costs: `python -m benchmarks.theory`."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterator

import numpy as np

import surfaces
from benchmarks.table import Row, show
from benchmarks.timing import interleaved
from lab import compute
from lab.experiment import Experiment
from optim_core import optimizers, simulate, theory
from surfaces._surface import critical_points

KAPPAS = (1.0, 20.0, 1000.0)
START = (-5.0, -2.0)


def stretched(kappa: float) -> tuple[surfaces._surface.Surface, float, float]:
    """A turned quadratic with this condition number, and its curvatures."""
    low = 0.02 if kappa == 1000.0 else 4.0 / kappa
    return surfaces.REGISTRY["elongated_quadratic"](a=low / 2, b=low * kappa / 2, angle=30.0), low, low * kappa


def rates() -> Iterator[Row]:
    """GD and momentum at their best values: measured over the steps 100–300 against predicted."""
    for key in ("gradient_descent", "momentum"):
        for kappa in KAPPAS:
            surface, low, high = stretched(kappa)
            best = optimizers.REGISTRY[key]().best(low, high)
            path = simulate(dataclasses.replace(optimizers.REGISTRY[key](), **best.fields), surface, START, best.lr, 300)
            measured = theory.measured_rate(np.linalg.norm(path.w, axis=1), 100, 300)
            apart = 100 * abs(measured - best.rate) / best.rate if best.rate > 1e-12 else 100 * measured
            yield Row(f"{key}, κ = {kappa:g}: rate {measured:.5f}, predicted {best.rate:.5f}, apart", apart, "%", "≤", 1)


def bounds() -> Row:
    """η one per cent below and above each bound, in the steepest direction."""
    wrong = 0
    for cls in optimizers.REGISTRY.values():
        for beta in (0.0, 0.5, 0.9, 0.99):
            optimizer = dataclasses.replace(cls(), beta=beta) if hasattr(cls(), "beta") else cls()
            for kappa in KAPPAS:
                surface, _, high = stretched(kappa)
                bound = optimizer.lr_bound(high)
                if bound is None:
                    continue
                steepest = 3.0 * compute.landscape(surface).bowl.directions[:, -1]  # type: ignore[union-attr]
                for factor, shrinks in ((0.99, True), (1.01, False)):
                    loss = simulate(optimizer, surface, steepest, factor * bound, 10_000).loss
                    end = np.where(np.isfinite(loss[-200:]), loss[-200:], np.inf).max()
                    wrong += bool(end < 0.01 * loss[0]) is not shrinks
    return Row("bounds ±1 %: cases that do not converge below or diverge above", wrong, "", "≤", 0)


def costs() -> Iterator[Row]:
    """What the page waits for."""
    surface = surfaces.REGISTRY["himmelblau"]()
    seconds = interleaved({"points": lambda: critical_points.__wrapped__(surface)}, rounds=11)["points"]
    yield Row("critical points of Himmelblau, warm", 1e3 * statistics.median(seconds), "ms", "≤", 50)
    experiment = Experiment.from_query({"surface": "rosenbrock", "steps": "1000", "run1": "adam", "inspect": "1"})[0]
    path = compute.picture(experiment).paths[0]
    job = compute.resolve(experiment.surface)
    seconds = interleaved({"curvature": lambda: np.asarray(compute._hessians(job, path.w))}, rounds=11)["curvature"]
    yield Row("Hessians along 1,000 steps, warm", 1e3 * statistics.median(seconds), "ms", "≤", 5)


def main() -> None:
    """Measure, and print each figure beside its target."""
    show("Theory", [*rates(), bounds(), *costs()])


if __name__ == "__main__":
    main()
