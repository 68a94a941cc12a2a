"""The fair race: every run tuned for the same goal, and what it was tuned to put into the experiment."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lab import compute
from lab.charts import TOLERANCE
from lab.experiment import Experiment
from lab.jobs import Tell
from lab.runs import LR, Run, suggested_lr
from optim_core import optimizers
from optim_core.hyper import hypers
from optim_core.sweep import Goal
from optim_core.tuning import Objective, Tuning, tune

DRAWS = 5
"""A noisy run is tuned for the median over so many seeds, its own first: else it would be tuned to one draw of the noise."""


@dataclass(frozen=True)
class Aim:
    """What the runs are tuned for.

    Attributes:
        objective: the fewest steps to L − L* ≤ tolerance, or the lowest loss after all steps.
        tolerance: of the former.
        decays: β and γ are sought, too.
    """

    objective: Objective = "steps"
    tolerance: float = TOLERANCE.default
    decays: bool = False

    def also(self, run: Run) -> tuple[str, ...]:
        """The hyper-parameters of a run that are sought beside η: how fast it forgets."""
        return tuple(name for name, declared in hypers(run.optimizer).items() if self.decays and declared.scale == "complement_log")


def possible(experiment: Experiment) -> tuple[Objective, ...]:
    """The objectives that make sense on a surface: without a lowest minimum nothing can be near it."""
    return ("loss",) if compute.landscape(experiment.surface).floor is None else ("steps", "loss")


def tuned(experiment: Experiment, index: int, aim: Aim, tell: Tell | None = None) -> Tuning:
    """Tune run `index`, from 0; what is known already is not computed again.

    Args:
        experiment: the surface, start, number of steps and noise are its own.
        index: the run.
        aim: what for.
        tell: hears of progress and may stop it.
    """
    return compute.cached(_key(experiment, index, aim), lambda: _tuned(experiment, index, aim, tell), lambda _: 2_000)


def known(experiment: Experiment, index: int, aim: Aim) -> Tuning | None:
    """The same, if it is at hand."""
    found: Tuning | None = compute.peek(_key(experiment, index, aim))
    return found


def all_tuned(experiment: Experiment, indices: Sequence[int], aim: Aim, tell: Tell) -> None:
    """Tune several runs one after the other; each is known from then on."""
    for number, index in enumerate(indices):
        tuned(experiment, index, aim, functools.partial(_share, tell, number, len(indices)))


def applied(experiment: Experiment, tunings: Mapping[int, Tuning]) -> Experiment:
    """The experiment with the winners in the place of what its runs had."""
    runs = list(experiment.runs)
    for index, tuning in tunings.items():
        fields = {name: value for name, value in tuning.values.items() if name != "lr"}
        runs[index] = dataclasses.replace(runs[index], lr=tuning.values["lr"], optimizer=dataclasses.replace(runs[index].optimizer, **fields))
    return dataclasses.replace(experiment, runs=tuple(runs))


def everyone(experiment: Experiment) -> Experiment:
    """The same surface, start, steps and noise with every optimizer there is, each with the slide's values and a constant η."""
    runs = tuple(Run(cls(), suggested_lr(cls(), experiment.surface)) for cls in optimizers.REGISTRY.values())
    chance = dataclasses.replace(experiment.chance, fan=1) if experiment.chance else None
    return Experiment(experiment.surface, experiment.start, experiment.n_steps, runs, axis=experiment.axis, chance=chance)


def alone(experiment: Experiment, index: int) -> Experiment:
    """One of its runs on the page of trajectories."""
    return dataclasses.replace(experiment, runs=(dataclasses.replace(experiment.runs[index], hidden=False),))


def _tuned(experiment: Experiment, index: int, aim: Aim, tell: Tell | None) -> Tuning:
    run, chance = experiment.runs[index], experiment.chance
    job = compute.job_of(experiment, index)
    if run.steady:
        job = job._replace(lr=run.lr)
    floor = compute.landscape(experiment.surface).floor
    goal = Goal(np.nan if floor is None else floor, aim.tolerance)
    seeds = [chance.noise(index, member).seed for member in range(DRAWS)] if chance else []
    streams = [seed if isinstance(seed, tuple) else (seed,) for seed in seeds]
    return tune(job, goal, aim.objective, aim.also(run), lr=(LR.low, LR.high), seeds=streams, tell=tell)


def _key(experiment: Experiment, index: int, aim: Aim) -> tuple[str, object, Aim]:
    return "tuning", compute.job_of(experiment, index), aim


def _share(tell: Tell, number: int, count: int, done: int, total: int) -> None:
    """Progress within one run as a share of all."""
    tell(number * total + done, count * total)
