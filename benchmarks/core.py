"""The speed of the core against its peers: `python -m benchmarks.core`.

Ratios, not seconds: every figure compares calls that took turns in one process. Slow peers run fewer steps, and are compared per step.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

import surfaces
from benchmarks import peers
from benchmarks.table import Row, show
from benchmarks.timing import interleaved, ratio
from optim_core import Job, optimizers, simulate, simulate_all
from optim_core.hyper import hypers, spec

ADAM = optimizers.REGISTRY["adam"]()
ROSENBROCK = surfaces.REGISTRY["rosenbrock"]()
SLOW_STEPS = {"optax_loop": 500, "torch_loop": 200, "numpy_loop": 1000}


def ours(n_steps: int) -> np.ndarray:
    """The core's own run."""
    return simulate(ADAM, ROSENBROCK, peers.START, peers.LR, n_steps).w[:-1]


def calling(run: Callable[[int], np.ndarray], n_steps: int) -> Callable[[], np.ndarray]:
    return lambda: run(n_steps)


def agreement() -> Row:
    """All run the same algorithm, or the ratios mean nothing."""
    runs = (peers.numba_loop, peers.numpy_loop, peers.torch_loop, peers.optax_scan, peers.optax_loop)
    worst = max(float(np.abs(run(200) - ours(200)).max()) for run in runs)
    return Row("largest difference of any peer's path, 200 steps", worst, "", "≤", 1e-10)


def against_peers(n_steps: int, numba_target: float) -> Iterator[Row]:
    """Adam on Rosenbrock, everything recorded."""
    contenders = {"ours": calling(ours, n_steps)}
    contenders |= {name: calling(getattr(peers, name), n_steps) for name in ("numba_loop", "optax_scan")}
    contenders |= {name: calling(getattr(peers, name), steps) for name, steps in SLOW_STEPS.items()}
    seconds = interleaved(contenders)
    mine = seconds["ours"]
    speed = n_steps / statistics.median(mine) / 1e6
    yield Row(f"{n_steps:,} steps ({speed:.1f} M/s): speed of numba reached", 100 * ratio(seconds["numba_loop"], mine), "%", "≥", numba_target)
    yield Row(f"{n_steps:,} steps: times optax in scan", ratio(seconds["optax_scan"], mine), "×", "≥", 1)
    for name, target in (("torch_loop", 2000), ("optax_loop", 300), ("numpy_loop", 60)):
        what = f"{n_steps:,} steps: times {name.replace('_', ' in a Python ' if name != 'numpy_loop' else ' ')}, per step of {SLOW_STEPS[name]}"
        yield Row(what, ratio(seconds[name], mine) * n_steps / SLOW_STEPS[name], "×", "≥", target)


def growth() -> Row:
    """Time must grow as the number of steps does."""
    seconds = interleaved({"long": calling(ours, 100_000), "short": calling(ours, 10_000)})
    return Row("time of 100,000 steps over that of 10,000", ratio(seconds["long"], seconds["short"]), "×", "≤", 13)


def all_optimizers() -> Iterator[Row]:
    """What a page asks for when every optimizer is on it: those of the slides; and all, of which some search, integrate or ask for Hessians."""
    taught = [cls for cls in optimizers.REGISTRY.values() if cls.rows]
    for what, classes, target in (("of the slides", taught, 1.5), ("in all", [*optimizers.REGISTRY.values()], 6.0)):
        jobs = [Job(cls(), ROSENBROCK, peers.START, 1e-4, 500) for cls in classes]
        milliseconds = 1e3 * statistics.median(interleaved({"all": lambda jobs=jobs: simulate_all(jobs)}, rounds=51)["all"])
        yield Row(f"{len(jobs)} optimizers {what}, 500 steps, warm", milliseconds, "ms", "≤", target)


def moves(spec: Any) -> Iterator[Any]:
    """The spec with each hyper-parameter at either end of its range."""
    for name, declared in hypers(spec).items():
        for value in (declared.low, declared.high):
            yield dataclasses.replace(spec, **{name: value})


def compilations(move: Callable[[], None]) -> int:
    """How many programs are compiled while `move` runs."""
    compiled: list[str] = []

    def listen(event: str, duration: float, **_: Any) -> None:
        if event == "/jax/core/compile/backend_compile_duration":
            compiled.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    move()
    during = len(compiled)

    @spec
    class Fresh:
        """A loss that nobody has compiled, which proves that the counter counts."""

        def __call__(self, w: jax.Array) -> jax.Array:
            return (w**2).sum()

    simulate(ADAM, Fresh(), peers.START, peers.LR, 10)
    jax.monitoring.unregister_event_duration_listener(listen)
    if len(compiled) == during:
        raise RuntimeError("the counter of compilations did not count one that must have happened")
    return during


def recompilations() -> Row:
    """Every hyper-parameter of every optimizer and of the surface, start, rate and number of steps move."""
    pairs = [cls() for cls in optimizers.REGISTRY.values()]
    for optimizer in pairs:
        simulate(optimizer, ROSENBROCK, peers.START, peers.LR, 500)

    def move() -> None:
        for optimizer in pairs:
            for moved in moves(optimizer):
                simulate(moved, ROSENBROCK, peers.START, peers.LR, 500)
            for surface in moves(ROSENBROCK):
                simulate(optimizer, surface, (0, 1), 1e-4, 400)

    return Row("recompilations while every number moves", compilations(move), "", "≤", 0)


def main() -> None:
    """Measure, and print each figure beside its target."""
    show("Core", [agreement(), *against_peers(1_000, 40), *against_peers(100_000, 60), growth(), *all_optimizers(), recompilations()])


if __name__ == "__main__":
    main()
