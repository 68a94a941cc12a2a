"""`Experiment`: what the student chose, and nothing else.

Frozen and hashable. Its query is the share link, the cache key and the header of every export: every value explicit, in a fixed order, with keys that
know no language. `from_query` never raises: what is unknown or out of range falls back to the default and comes back as a `Problem`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import surfaces
from lab.values import Problem, choice, flag, number, point, whole
from optim_core import optimizers
from optim_core.hyper import N_, Hyper, hypers
from optim_core.registry import key_of
from optim_core.stopping import RULES, Rule

VERSION = "1"
MAX_RUNS = 8
MAX_STEPS = 10_000
MAX_PROBLEMS = 12

View = Literal["map", "space"]
Axis = Literal["log", "linear"]
VIEWS: tuple[View, ...] = ("map", "space")
AXES: tuple[Axis, ...] = ("log", "linear")

LR = Hyper(0.1, 1e-5, 10.0, r"\eta", N_("learning rate"), N_("Length of a step: too small crawls, too large jumps over the minimum."), "log")
TOLERANCE = Hyper(1e-3, 1e-12, 1.0, r"\varepsilon", N_("threshold"), N_("Stop once the norm falls below it."), "log")


@dataclass(frozen=True)
class Run:
    """One optimizer in the race.

    Attributes:
        optimizer: a spec of `optim_core.optimizers`.
        lr: its base learning rate.
        hidden: kept, but not drawn.
    """

    optimizer: Any
    lr: float
    hidden: bool = False

    @property
    def key(self) -> str:
        """The optimizer's key in the registry."""
        return key_of(optimizers.REGISTRY, self.optimizer)


@dataclass(frozen=True)
class Experiment:
    """The whole choice.

    Attributes:
        surface: a spec of `surfaces`.
        start: the first point, inside the surface's domain.
        n_steps: 1 to `MAX_STEPS`.
        runs: 1 to `MAX_RUNS` runs.
        stop: the stopping rule.
        tolerance: threshold of the rules `gradient` and `update`.
        patience: steps without a new lowest loss, for `no_improvement`.
        view: level lines or 3-D.
        axis: how the loss curve's axis runs.
    """

    surface: Any
    start: tuple[float, float]
    n_steps: int
    runs: tuple[Run, ...]
    stop: Rule = "none"
    tolerance: float = TOLERANCE.default
    patience: int = 10
    view: View = "map"
    axis: Axis = "log"

    @property
    def surface_key(self) -> str:
        """The surface's key in the registry."""
        return key_of(surfaces.REGISTRY, self.surface)

    # ------------------------------------------------------------------ the link

    def to_query(self) -> dict[str, str]:
        """Every value as text, in a fixed order; numbers in the shortest form that reads back exactly."""
        query = {"v": VERSION, "surface": self.surface_key}
        query |= {f"surface.{name}": text_of(getattr(self.surface, name)) for name in hypers(self.surface)}
        query |= {"start": f"{text_of(self.start[0])},{text_of(self.start[1])}", "steps": str(self.n_steps)}
        query |= {"stop": self.stop, "tolerance": text_of(self.tolerance), "patience": str(self.patience), "view": self.view, "axis": self.axis}
        for index, run in enumerate(self.runs, 1):
            query |= {f"run{index}": run.key, f"run{index}.lr": text_of(run.lr)}
            query |= {f"run{index}.{name}": text_of(getattr(run.optimizer, name)) for name in hypers(run.optimizer)}
            query[f"run{index}.hidden"] = str(int(run.hidden))
        return query

    @staticmethod
    def from_query(query: Mapping[str, str]) -> tuple[Experiment, list[Problem]]:
        """Read a link. Never raises.

        Args:
            query: any keys and texts; an empty one gives the default experiment.

        Returns:
            The experiment, and a problem for each value that was not understood (at most `MAX_PROBLEMS`).
        """
        reader = _Reader(query)
        reader.take("v", choice((VERSION,)), VERSION)
        surface_key = reader.take("surface", choice(tuple(surfaces.REGISTRY)), DEFAULT_SURFACE)
        surface = reader.take_spec(surfaces.REGISTRY[surface_key](), "surface")
        start = reader.take("start", point(surface.domain), surface.starts[0])
        n_steps = reader.take("steps", whole(1, MAX_STEPS), DEFAULT_STEPS)
        stop = reader.take("stop", choice(RULES), "none")
        tolerance = reader.take("tolerance", number(TOLERANCE), TOLERANCE.default)
        patience = reader.take("patience", whole(1, MAX_STEPS), 10)
        view = reader.take("view", choice(VIEWS), "map")
        axis = reader.take("axis", choice(AXES), suggested_axis(surface) if "axis" not in query else "log")
        runs = []
        for index in range(1, MAX_RUNS + 1):
            if (name := f"run{index}") in query:
                key = reader.take(name, choice(tuple(optimizers.REGISTRY)), "")
                if not key:
                    reader.forget(f"{name}.")
                else:
                    optimizer = reader.take_spec(optimizers.REGISTRY[key](), name)
                    lr = reader.take(f"{name}.lr", number(LR), suggested_lr(optimizer, surface))
                    runs.append(Run(optimizer, lr, reader.take(f"{name}.hidden", flag, False)))
        experiment = Experiment(surface, start, n_steps, tuple(runs) or default_runs(surface), stop, tolerance, patience, view, axis)
        return experiment, reader.problems()

    # ------------------------------------------------------------------ changes

    def set(self, key: str, text: str) -> tuple[Experiment, Problem | None]:
        """Change one value by its key in the link.

        Returns:
            The new experiment, or this one together with the problem when the text is not understood. A key that the experiment does not have,
            such as one of a run just removed, changes nothing.
        """
        query = self.to_query()
        if key == "surface" and text in surfaces.REGISTRY:
            return self.on_surface(text), None
        if key not in query:
            return self, None  # a control that is gone
        changed, problems = Experiment.from_query({**query, key: text})
        mine = next((p for p in problems if p.key == key), None)
        return (self, mine) if mine else (changed, None)

    def on_surface(self, key: str) -> Experiment:
        """The same race on another surface: its own start, learning rates and axis, everything else kept."""
        surface = surfaces.REGISTRY[key]()
        runs = tuple(dataclasses.replace(run, lr=suggested_lr(run.optimizer, surface)) for run in self.runs)
        return dataclasses.replace(self, surface=surface, start=surface.starts[0], runs=runs, axis=suggested_axis(surface))

    def add(self, optimizer_key: str) -> Experiment:
        """One run more, with the slide's values; unchanged when the key is unknown or the race is full."""
        if optimizer_key not in optimizers.REGISTRY or len(self.runs) >= MAX_RUNS:
            return self
        optimizer = optimizers.REGISTRY[optimizer_key]()
        return dataclasses.replace(self, runs=(*self.runs, Run(optimizer, suggested_lr(optimizer, self.surface))))

    def duplicate(self, index: int) -> Experiment:
        """Run `index` again, beside itself; unchanged when there is no such run or the race is full."""
        if not 0 <= index < len(self.runs) or len(self.runs) >= MAX_RUNS:
            return self
        return dataclasses.replace(self, runs=(*self.runs[: index + 1], *self.runs[index:]))

    def remove(self, index: int) -> Experiment:
        """Without run `index`; unchanged when there is no such run or it is the last one: a race has at least one."""
        if not 0 <= index < len(self.runs) or len(self.runs) == 1:
            return self
        return dataclasses.replace(self, runs=(*self.runs[:index], *self.runs[index + 1 :]))

    def reset(self, index: int) -> Experiment:
        """Run `index` back to the slide's values; unchanged when there is no such run."""
        if not 0 <= index < len(self.runs):
            return self
        optimizer = type(self.runs[index].optimizer)()
        fresh = Run(optimizer, suggested_lr(optimizer, self.surface))
        return dataclasses.replace(self, runs=(*self.runs[:index], fresh, *self.runs[index + 1 :]))


def text_of(value: float) -> str:
    """The shortest text that reads back as exactly the same number: 0.1, 2, 1e-08."""
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def suggested_lr(optimizer: Any, surface: Any) -> float:
    """Where a student begins on this surface with this optimizer."""
    rates = surface.learning_rates
    return float(rates.scale_free if optimizer.scale_free else rates.gradient)


def suggested_axis(surface: Any) -> Axis:
    """Logarithmic where there is a lowest minimum to measure from; without one the loss goes below zero, where a logarithm has nothing to show."""
    return "log" if len(surface.minima()) else "linear"


DEFAULT_SURFACE = "elongated_quadratic"
DEFAULT_STEPS = 60


def default_runs(surface: Any) -> tuple[Run, ...]:
    """The lecture's race: GD, momentum, RMSprop, Adam."""
    registry = optimizers.REGISTRY
    chosen = (registry["gradient_descent"](), registry["momentum"](beta=0.5), registry["rmsprop"](), registry["adam"]())
    return tuple(Run(optimizer, suggested_lr(optimizer, surface)) for optimizer in chosen)


class _Reader:
    """Takes values out of a query one by one and notes what was wrong."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = dict(query)
        self._unread = dict.fromkeys(self._query)
        self._problems: list[Problem] = []

    def take(self, key: str, parse: Any, default: Any) -> Any:
        """The parsed value of `key`, or `default`."""
        self._unread.pop(key, None)
        if key not in self._query:
            return default
        text = str(self._query[key])
        value, allowed = parse(text)
        if value is None:
            self._problems.append(Problem(key, text[:60], allowed))
            return default
        return value

    def take_spec(self, instance: Any, prefix: str) -> Any:
        """`instance` with every hyper-parameter that the query gives."""
        values = {name: self.take(f"{prefix}.{name}", number(declared), getattr(instance, name)) for name, declared in hypers(instance).items()}
        return type(instance)(**values)

    def forget(self, prefix: str) -> None:
        """Keys that begin so belong to something that was not understood as a whole: no word about each of them."""
        self._unread = {key: None for key in self._unread if not str(key).startswith(prefix)}

    def problems(self) -> list[Problem]:
        """What was not understood, unknown keys last."""
        unknown = [Problem(str(key)[:60], str(self._query[key])[:60], ()) for key in self._unread]
        return [*self._problems, *unknown][:MAX_PROBLEMS]
