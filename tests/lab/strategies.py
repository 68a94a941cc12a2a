"""Hypothesis strategies for experiments with everything in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st

import surfaces
from lab import charts
from lab.charts import CELLS, KINDS, SEEDS, SHOWS, Axis, Chart, offered
from lab.experiment import AGAINST, AXES, MAX_STEPS, TOLERANCE, VIEWS, Experiment
from lab.runs import FAN, LR, MAX_RUNS, SEED, Chance, Run
from optim_core import optimizers, schedules
from optim_core.clipping import CLIPS
from optim_core.hyper import WHOLE, Hyper, hypers, texts
from optim_core.noise import DECAYS, Noise
from optim_core.plan import WARMUPS
from optim_core.schedules.piecewise import pieces_text
from optim_core.stopping import RULES

FORMULAS = ("eta0 / (1 + t / 20)", "eta0 * exp(-5 * t / T)", "0.1", " eta0*(1+cos(pi*t/T))/2 ", "t", "where(t < T/2, eta0, 0.5*eta0)", "max(0, eta0 - t/100)")
"""Learning rates for every T, η₀ and t."""
FRAIL = ("eta0 - 0.3", "1 - t / 100", "eta0 / (T - 61)", "10 ** (t - 80)", "sqrt(eta0 - 0.05)")
"""Learning rates for some only."""
pieces = st.dictionaries(st.integers(0, 10_000), st.floats(0.0, 1000.0), min_size=1, max_size=8).map(lambda pairs: pieces_text(sorted(pairs.items())))
LOSSES = ("(w1^2 + w2^2 - 1)^2 + 0.3*w1", "log(w1)", "w1 * w2", "1 / 0", "abs(w1) + max(w2, 0)", " exp(-w1²)*3 - w2^2 ", "7")
"""Losses for every view, finite or not."""
BENDS = ("0.2*w^2 + exp(-4*w^2)", "log(w)", "1 / 0", "abs(w) + max(w, 0)", " -w² ", "7")
"""The same of one parameter."""
TYPED = {"expression": st.sampled_from(LOSSES), "formula": st.sampled_from(FORMULAS), "pieces": pieces}


def typed(cls: type[Any], name: str) -> st.SearchStrategy[str]:
    """Texts that a field understands."""
    return st.sampled_from(BENDS) if cls is surfaces.CURVES["own_curve"] else TYPED[name]


def numbers(declared: Hyper) -> st.SearchStrategy[float]:
    ends = st.sampled_from([declared.low, declared.high, declared.default])
    between = st.integers(int(declared.low), int(declared.high)).map(float) if declared.scale in WHOLE else st.floats(declared.low, declared.high)
    return between | ends


def specs(registry: Mapping[str, type[Any]]) -> st.SearchStrategy[Any]:
    def built(cls: type[Any]) -> st.SearchStrategy[Any]:
        return st.builds(cls, **{name: numbers(declared) for name, declared in hypers(cls).items()}, **{name: typed(cls, name) for name in texts(cls)})

    return st.sampled_from(list(registry.values())).flatmap(built)


runs = st.builds(Run, specs(optimizers.REGISTRY), numbers(LR), st.booleans(), specs(schedules.REGISTRY), st.none() | specs(WARMUPS), st.none() | specs(CLIPS))
chances = st.none() | st.builds(
    Chance,
    st.sampled_from(list(DECAYS)),
    numbers(hypers(Noise)["sigma"]),
    st.integers(int(SEED.low), int(SEED.high)),
    st.booleans(),
    st.integers(int(FAN.low), int(FAN.high)),
)


@st.composite
def charts_for(draw: Any, chosen: tuple[Run, ...], surface: Any) -> Chart:
    index = draw(st.integers(1, len(chosen)))
    names = offered(chosen[index - 1], surface)
    x, y = draw(st.permutations(sorted(names)))[:2]

    def axis(name: str) -> Axis:
        low, high = sorted(draw(st.lists(numbers(names[name]), min_size=2, max_size=2, unique=True)))
        return Axis(name, low, high)

    sizes = (draw(st.integers(int(declared.low), int(declared.high))) for declared in (CELLS, SEEDS))
    return Chart(draw(st.sampled_from(KINDS)), index, axis(x), axis(y), draw(st.sampled_from(SHOWS)), draw(numbers(charts.TOLERANCE)), *sizes)


@st.composite
def experiments(draw: Any) -> Experiment:
    surface = draw(specs(surfaces.ALL))
    together, chosen = draw(st.booleans()), draw(st.lists(runs, min_size=1, max_size=MAX_RUNS))
    n_steps = draw(st.integers(1, MAX_STEPS))
    return Experiment(
        surface,
        start=tuple(draw(st.floats(*axis)) for axis in surface.domain[: len(surface.starts[0])]),
        n_steps=n_steps,
        runs=tuple(run.timed_like(chosen[0]) if together else run for run in chosen),
        stop=draw(st.sampled_from(RULES)),
        tolerance=draw(numbers(TOLERANCE)),
        patience=draw(st.integers(1, MAX_STEPS)),
        view=draw(st.sampled_from(VIEWS)) if len(surface.starts[0]) == 2 else "map",
        axis=draw(st.sampled_from(AXES)),
        rates=draw(st.sampled_from(AXES)),
        epoch=draw(st.integers(1, MAX_STEPS)),
        together=together,
        chance=draw(chances),
        theory=draw(st.booleans()),
        inspected=draw(st.integers(0, len(chosen))),
        at=draw(st.none() | st.integers(0, n_steps - 1)),
        against=draw(st.sampled_from(AGAINST)),
        chart=draw(st.none() | charts_for(tuple(chosen), surface)),
    )


def runnable(experiment: Experiment) -> bool:
    """Whether every run has a learning rate at every step; `simulate` takes nothing else."""
    rates = [experiment.plan(run)(np.arange(experiment.n_steps), experiment.n_steps, run.lr) for run in experiment.runs]
    return all(np.isfinite(lr).all() and (lr >= 0).all() for lr in rates)
