"""The sweep against its peers, against single runs, and against theory: `python -m benchmarks.sweep`. Peers take turns with us in one process."""

from __future__ import annotations

import dataclasses
import resource
import statistics
import time
from collections.abc import Iterator

import numpy as np

import surfaces
from benchmarks import sweep_peers
from benchmarks.sweep_peers import START, TOLERANCE
from benchmarks.table import Row, show
from benchmarks.timing import interleaved, ratio
from lab import atlas
from lab.boards import DIVERGED
from lab.charts import Axis, Chart
from lab.experiment import Experiment
from optim_core import Job, optimizers, simulate
from optim_core.stopping import first_within
from optim_core.sweep import NEVER, Goal, Outcome, sweep

ROSENBROCK = surfaces.REGISTRY["rosenbrock"]()
SIDE, STEPS = 100, 200
OURS = {"momentum": "beta", "adam": "beta1"}


def cells(side: int) -> tuple[np.ndarray, np.ndarray]:
    """η from 1e-5 to 1e-2 and β from 0 to 0.99."""
    rates, betas = np.meshgrid(np.geomspace(1e-5, 1e-2, side), np.linspace(0.0, 0.99, side), indexing="ij")
    return rates.ravel(), betas.ravel()


def ours(key: str, side: int = SIDE, n_steps: int = STEPS) -> Outcome:
    """The sweep of one optimizer."""
    rates, betas = cells(side)
    return sweep(Job(optimizers.REGISTRY[key](), ROSENBROCK, START, 0.1, n_steps), {"lr": rates, OURS[key]: betas}, Goal(0.0, TOLERANCE))


def against_peers() -> Iterator[Row]:
    """100 × 100 cells, 200 steps, results in NumPy."""
    rates, betas = cells(SIDE)
    for key, target in (("momentum", 0.7), ("adam", 1.0)):
        parallel = getattr(sweep_peers, f"numba_{key}")
        mine, theirs = ours(key), parallel(rates, betas, STEPS)
        agree = theirs[0] < mine.first_loss  # a run that grows multiplies every rounding
        yield Row(f"{key}: largest relative difference from numba's last loss", float(np.abs(mine.loss / theirs[0] - 1.0)[agree].max()), "", "≤", 1e-6)
        contenders = {"ours": lambda key=key: ours(key), "numba": lambda run=parallel: run(rates, betas, STEPS)}
        seconds = interleaved(contenders | {"torch": lambda key=key: sweep_peers.torch_sweep(key == "adam", rates, betas, STEPS)})
        milliseconds = 1e3 * statistics.median(seconds["ours"])
        yield Row(
            f"{key}, 100×100 × 200 steps ({milliseconds:.1f} ms): time over that of numba on all cores",
            ratio(seconds["ours"], seconds["numba"]),
            "×",
            "≤",
            target,
        )
        yield Row(f"{key}: times vectorised PyTorch", ratio(seconds["torch"], seconds["ours"]), "×", "≥", 5.0)


def large() -> Iterator[Row]:
    """300 × 300 cells, 500 steps."""
    for key in OURS:
        ours(key)
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
        ours(key, 300, 500)
        seconds, peak = time.perf_counter() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        yield Row(f"{key}, 300×300 × 500 steps", seconds, "s", "≤", 3.0)
        yield Row(f"{key}: peak extra memory", peak, "MB", "≤", 300.0)


def against_single_runs() -> Iterator[Row]:
    """200 random cells of each map, run alone."""
    rates, betas = cells(SIDE)
    worst, wrong = 0.0, 0
    for key, name in OURS.items():
        made = ours(key)
        for cell in np.random.default_rng(0).integers(0, SIDE**2, 200):
            path = simulate(optimizers.REGISTRY[key](**{name: betas[cell]}), ROSENBROCK, START, float(rates[cell]), STEPS)
            at = first_within(path, 0.0, TOLERANCE)
            wrong += (NEVER if at is None else at) != made.reached[cell] or bool(np.isfinite(path.loss[-1])) != bool(np.isfinite(made.loss[cell]))
            if np.isfinite(path.loss[-1]):
                worst = max(worst, abs(made.loss[cell] / path.loss[-1] - 1.0))
    yield Row("map against single runs at 400 random cells: other verdicts", wrong, "", "≤", 0)
    yield Row("the same: largest relative difference of the last loss", worst, "", "≤", 1e-9)


def against_theory() -> Row:
    """The first cell that diverges in every row of the (η, β) plane, on quadratics of four condition numbers; 1,000 steps, so that near the bound it shows."""
    worst = 0.0
    for a, b in ((1.0, 1.0), (0.1, 2.0), (0.05, 5.0), (0.01, 10.0)):
        for key in ("momentum", "nesterov", "momentum_ema"):
            plain = Experiment.from_query({"surface": "elongated_quadratic", "surface.a": str(a), "surface.b": str(b), "run1": key, "steps": "1000"})[0]
            sides = Axis("lr", 0.1 / b, min(10.0, 20.0 / b)), Axis("beta", 0.0, 0.98)
            e = dataclasses.replace(plain, chart=Chart("plane", 1, *sides))
            board, theory = atlas.board(e, 0, 100), atlas.predicted(e, 0)
            if theory is None:
                raise RuntimeError(f"theory has no bound for {key}")
            rows = (np.arange(100) + 0.5) / 100
            bound = np.interp(rows, theory.boundary[:, 1], theory.boundary[:, 0]) * 100
            gone = board.verdict == DIVERGED
            first = np.where(gone.any(axis=1), gone.argmax(axis=1), 100)
            seen = (bound > 1) & (bound < 99)
            worst = max(worst, float(np.abs(first - bound)[seen].max(initial=0.0)))
    return Row("measured boundary against theory, 12 maps of quadratics: cells apart", worst, "", "≤", 1.0)


def main() -> None:
    """Measure everything and print it beside its target."""
    show("Sweeps", [*large(), *against_peers(), *against_single_runs(), against_theory()])


if __name__ == "__main__":
    main()
