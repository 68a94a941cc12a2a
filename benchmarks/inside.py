"""The inside of a step and the modern set, against the record and the libraries: `python -m benchmarks.inside`."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import jax
import numpy as np

import surfaces
from benchmarks.table import Row, show
from benchmarks.timing import interleaved
from lab.animation import FILMS, Options, film
from lab.compute import picture
from lab.experiment import Experiment
from lab.runs import suggested_lr
from lab.widgets.inspector import inspector_payload
from optim_core import optimizers, oracles, rules, simulate
from tests.optim_core import modern_judges
from tests.optim_core.optimizer_judges import PROBLEMS

STEPS = 50
ON = ("elongated_quadratic", "rosenbrock", "himmelblau")


def lines() -> Row:
    """Every line of every rule, from the recorded numbers, against the recorded result."""
    worst = 0.0
    for cls in optimizers.REGISTRY.values():
        for key in ON:
            surface, optimizer = surfaces.REGISTRY[key](), cls()
            rates = 0.7 * suggested_lr(optimizer, surface) / np.sqrt(np.arange(1.0, STEPS + 1.0))
            path, oracle = simulate(optimizer, surface, surface.starts[0], rates, STEPS), oracles.Oracle(*map(jax.jit, oracles.exact(surface)))
            columns = rules.recorded(optimizer, path)
            for t in range(STEPS):
                values = {name: column[t] for name, column in columns.items()}
                for line in rules.lines(cls):
                    if line.formula is not None and np.isfinite(wanted := values[line.target]).all() and np.abs(wanted).max() > 1e-6:
                        worst = max(worst, float(np.abs(rules.evaluate(line, values, oracle) - wanted).max() / np.abs(wanted).max()))
    return Row(f"lines of {len(optimizers.REGISTRY)} rules × {len(ON)} surfaces × {STEPS} steps: largest relative error", worst, "", "≤", 1e-9)


def libraries() -> Row:
    """The modern set against optax and PyTorch where the formulas coincide."""
    worst = 0.0
    for key, judges in modern_judges.LIBRARY.items():
        for name in ("rosenbrock", "beale"):
            problem, optimizer = PROBLEMS[name], optimizers.REGISTRY[key]()
            lr = modern_judges.RATES.get(key, problem.scale_free_lr if optimizer.scale_free else problem.lr)
            surface = surfaces.REGISTRY[name]()
            path = simulate(optimizer, surface, problem.start, lr, 200)
            worst = max(worst, *(float(np.abs(path.w - judge(optimizer, problem, np.full(200, lr))).max()) for judge in judges))
    return Row(f"{len(modern_judges.LIBRARY)} modern optimizers against libraries, 200 steps on Rosenbrock and Beale", worst, "", "≤", 1e-10)


def payload() -> Row:
    """What the inspector adds to a move of a slider on the server."""
    of = picture(Experiment.from_query({"run1": "adam", "steps": "200", "inspect": "1"})[0])
    seconds = interleaved({"payload": lambda: inspector_payload(of, "light", str)}, rounds=51)["payload"]
    return Row("the inspector's part of a move, Adam, 200 steps", 1e3 * statistics.median(seconds), "ms", "≤", 3)


def films() -> Iterator[Row]:
    """120 frames of 640 × 480, of which 20 hold the last."""
    of = picture(Experiment.from_query({})[0])
    for format in FILMS:
        seconds = interleaved({format: lambda format=format: film(of, format, Options(640, 480, 20, 5), "light", str, lambda done, total: None)}, rounds=3)
        yield Row(f"a film of 120 frames, 640 × 480, {format}", statistics.median(seconds[format]), "s", "≤", 6)


def main() -> None:
    """Measure, and print each figure beside its target."""
    show("Inside a step", [lines(), libraries(), payload(), *films()])


if __name__ == "__main__":
    main()
