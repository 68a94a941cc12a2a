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
from lab.charts import Chart, read_chart, rebased, turned, written_chart
from lab.link import Reader, text_of, written
from lab.runs import MAX_RUNS, Chance, Run, default_runs, read_chance, read_runs, suggested_lr, written_chance, written_run
from lab.values import Allowed, Problem, choice, flag, number, place, point, whole
from optim_core import optimizers
from optim_core.hyper import N_, Hyper, TextError, texts
from optim_core.plan import Plan
from optim_core.registry import key_of
from optim_core.schedules.piecewise import parse_pieces, pieces_text
from optim_core.stopping import RULES, Rule

VERSION = "1"
MAX_STEPS = 10_000

View = Literal["map", "space"]
Axis = Literal["log", "linear"]
Against = Literal["steps", "evaluations"]
VIEWS: tuple[View, ...] = ("map", "space")
AXES: tuple[Axis, ...] = ("log", "linear")
AGAINST: tuple[Against, ...] = ("steps", "evaluations")

EPOCH = Hyper(
    1, 1, MAX_STEPS, "", N_("steps in an epoch"), N_("The schedules' clock ticks once in so many steps: what they call a step is then an epoch."), "integer_log"
)  # fmt: skip
TOLERANCE = Hyper(1e-3, 1e-12, 1.0, r"\varepsilon", N_("threshold"), N_("Stop once the norm falls below it."), "log")


@dataclass(frozen=True)
class Experiment:
    """The whole choice.

    Attributes:
        surface: a spec of `surfaces`.
        start: the first point, inside the surface's domain; one number on a curve.
        n_steps: 1 to `MAX_STEPS`.
        runs: 1 to `MAX_RUNS` runs.
        stop: the stopping rule.
        tolerance: threshold of the rules `gradient` and `update`.
        patience: steps without a new lowest loss, for `no_improvement`.
        view: level lines or 3-D.
        axis: how the loss curve's axis runs.
        rates: how the axis of the learning rates runs.
        epoch: steps between two ticks of every schedule's clock.
        together: every run has the first one's schedule and warm-up.
        chance: the gradients' noise, or None.
        theory: what theory predicts is drawn, too.
        inspected: the run whose steps are looked into, from 1; 0 where none is.
        at: the step at which the player stands when the link is opened; None for the end.
        against: what the loss is drawn over.
        chart: what is mapped, or None away from the page Maps.
    """

    surface: Any
    start: tuple[float, ...]
    n_steps: int
    runs: tuple[Run, ...]
    stop: Rule = "none"
    tolerance: float = TOLERANCE.default
    patience: int = 10
    view: View = "map"
    axis: Axis = "log"
    rates: Axis = "linear"
    epoch: int = 1
    together: bool = False
    chance: Chance | None = None
    theory: bool = False
    inspected: int = 0
    at: int | None = None
    against: Against = "steps"
    chart: Chart | None = None

    @property
    def surface_key(self) -> str:
        """The surface's key in the registry."""
        return key_of(surfaces.ALL, self.surface)

    @property
    def on_curve(self) -> bool:
        """Whether the loss is one of a single parameter."""
        return len(self.start) == 1

    def plan(self, run: Run) -> Plan:
        """The learning rate of one of the runs through time."""
        return Plan(run.schedule, run.warmup, self.epoch)

    # ------------------------------------------------------------------ the link

    def to_query(self) -> dict[str, str]:
        """Every value as text, in a fixed order; numbers in the shortest form that reads back exactly."""
        query = {"v": VERSION, "surface": self.surface_key, **dict(written(self.surface, "surface"))}
        query |= {"start": ",".join(map(text_of, self.start)), "steps": str(self.n_steps)}
        query |= {"stop": self.stop, "tolerance": text_of(self.tolerance), "patience": str(self.patience), "view": self.view, "axis": self.axis}
        query |= {"rates": self.rates, "epoch": str(self.epoch), "together": str(int(self.together))}
        query |= {"theory": str(int(self.theory)), "inspect": str(self.inspected), "at": END if self.at is None else str(self.at), "against": self.against}
        query |= dict(written_chance(self.chance))
        for index, run in enumerate(self.runs, 1):
            query |= dict(written_run(run, f"run{index}"))
        return query | dict(written_chart(self.chart) if self.chart else ())

    @staticmethod
    def from_query(query: Mapping[str, str]) -> tuple[Experiment, list[Problem]]:
        """Read a link. Never raises.

        Args:
            query: any keys and texts; an empty one gives the default experiment.

        Returns:
            The experiment, and a problem for each value that was not understood (at most `MAX_PROBLEMS`).
        """
        reader = Reader(query)
        reader.take("v", choice((VERSION,)), VERSION)
        surface_key = reader.take("surface", choice(tuple(surfaces.ALL)), DEFAULT_SURFACE)
        surface = reader.take_spec(surfaces.ALL[surface_key](), "surface")
        start = reader.take("start", (point if len(surface.starts[0]) == 2 else place)(surface.domain), surface.starts[0])
        n_steps = reader.take("steps", whole(1, MAX_STEPS), DEFAULT_STEPS)
        stop = reader.take("stop", choice(RULES), "none")
        tolerance = reader.take("tolerance", number(TOLERANCE), TOLERANCE.default)
        patience = reader.take("patience", whole(1, MAX_STEPS), 10)
        view = reader.take("view", choice(VIEWS), "map") if len(start) == 2 else reader.take("view", _map_only, "map")
        axis = reader.take("axis", choice(AXES), suggested_axis(surface) if "axis" not in query else "log")
        rates = reader.take("rates", choice(AXES), "linear")
        epoch = reader.take("epoch", whole(1, MAX_STEPS), 1)
        together = reader.take("together", flag, False)
        theory = reader.take("theory", flag, False)
        inspected = reader.take("inspect", whole(0, MAX_RUNS), 0)
        at = reader.take("at", _step, MAX_STEPS)
        against = reader.take("against", choice(AGAINST), "steps")
        chance = read_chance(reader)
        runs = _bearable(reader, read_runs(reader, surface), n_steps, epoch, together) or default_runs(surface)
        if inspected > len(runs):
            reader.note("inspect", (0, len(runs)))
        if n_steps <= at < MAX_STEPS:
            reader.note("at", (f"0 … {n_steps - 1}", END))
        inspected, at = inspected if inspected <= len(runs) else 0, at if at < n_steps else None
        seen = (view, axis, rates, epoch, together, chance, theory, inspected, at, against, read_chart(reader, runs, surface))
        made = Experiment(surface, start, n_steps, runs, stop, tolerance, patience, *seen)
        return made, reader.problems()

    # ------------------------------------------------------------------ changes

    def set(self, key: str, text: str) -> tuple[Experiment, Problem | None]:
        """Change one value by its key in the link.

        Returns:
            The new experiment, or this one together with the problem when the text is not understood. A key that the experiment does not have,
            such as one of a run just removed, changes nothing.
        """
        query = self.to_query()
        if key == "surface" and text in surfaces.ALL:
            return self.on_surface(text), None
        if key not in query:
            return self, None  # a control that is gone
        if key == "map" and text == "seeds" and self.chance is None:  # seeds of what?
            return self._changed(key, {key: text, "noise": "constant", "noise.fan": str(MAPPED_FAN)})
        return self._changed(key, {key: text, **(turned(self.chart, key, text) if self.chart and key in ("map.x", "map.y") else {})})

    def drawn(self, index: int, pieces: str) -> tuple[Experiment, Problem | None]:
        """Run `index` under a schedule drawn by hand, in the manner of `piecewise` with the steps of the run. Returns what `set` does.

        A warm-up was drawn too, so there is none before it; where the clock counts epochs, a piece begins with the nearest one.
        """
        name = f"run{1 if self.together else index + 1}"
        if name not in self.to_query():
            return self, None
        try:
            ticks = {round(step / self.epoch): factor for step, factor in parse_pieces(pieces)}
        except TextError as error:
            return self, Problem(f"{name}.schedule", pieces[:60], error)
        drawn = {f"{name}.schedule": "piecewise", f"{name}.schedule.pieces": pieces_text(tuple(ticks.items())), f"{name}.warmup": "none"}
        return self._changed(f"{name}.schedule", drawn)

    def _changed(self, key: str, values: dict[str, str]) -> tuple[Experiment, Problem | None]:
        """With other values, or with the problem if they, or anything they make impossible, cannot be.

        What hangs on `key` does not count: another optimizer, noise or warm-up keeps the values it shares with the former one. Only another schedule
        starts afresh, as its α is not the former one's, and so does a side of the map. The map, and what is looked at, follow: they forbid nothing.
        """
        afresh = ("map.x", "map.y") if key == "map.run" else (key,) if key.endswith(".schedule") or key in ("map.x", "map.y") else ()
        query = {name: value for name, value in self.to_query().items() if not name.startswith(afresh)}
        changed, problems = Experiment.from_query({**query, **values})
        hanging = (f"{key}.", "map", "at", "inspect")
        serious = [problem for problem in problems if problem.key in values or (problem.allowed and not problem.key.startswith(hanging))]
        if not serious:
            return changed, None
        if key.startswith("surface.") and all(problem.key == "start" for problem in serious) and "start" not in values:  # another view: the start moves into it
            inside = (min(max(at, low), high) for at, (low, high) in zip(self.start, changed.surface.domain, strict=True))
            return self._changed(key, {**values, "start": ",".join(map(text_of, inside))})
        reason = serious[0].allowed
        if serious[0].key not in values and isinstance(reason, TextError):
            reason = TextError(N_("the formula of {run} does not bear it: {why}"), run=serious[0].key.partition(".")[0], why=reason)
        return self, Problem(key, values[key][:60], reason)

    def on_surface(self, key: str) -> Experiment:
        """The same race on another surface: its own start, learning rates and axis, everything else kept. A run whose formula cannot bear the new learning
        rate keeps its own."""
        surface = surfaces.ALL[key]()
        fresh = [dataclasses.replace(run, lr=suggested_lr(run.optimizer, surface)) for run in self.runs]
        runs = tuple(run if new.unbearable(self.n_steps, self.epoch) else new for run, new in zip(self.runs, fresh, strict=True))
        view = self.view if len(surface.starts[0]) == 2 else "map"
        chart = rebased(self.chart, 0, runs, surface)
        return dataclasses.replace(self, surface=surface, start=surface.starts[0], runs=runs, axis=suggested_axis(surface), view=view, chart=chart)

    def add(self, optimizer_key: str) -> Experiment:
        """One run more, with the slide's values; unchanged when the key is unknown or the race is full."""
        if optimizer_key not in optimizers.REGISTRY or len(self.runs) >= MAX_RUNS:
            return self
        optimizer = optimizers.REGISTRY[optimizer_key]()
        return dataclasses.replace(self, runs=(*self.runs, self._fresh(optimizer)))

    def duplicate(self, index: int) -> Experiment:
        """Run `index` again, beside itself; unchanged when there is no such run or the race is full."""
        if not 0 <= index < len(self.runs) or len(self.runs) >= MAX_RUNS:
            return self
        runs, inspected = (*self.runs[: index + 1], *self.runs[index:]), self.inspected + (self.inspected > index + 1)
        chart = self.chart and rebased(self.chart, self.chart.run + (self.chart.run > index + 1), runs, self.surface)
        return dataclasses.replace(self, runs=runs, inspected=inspected, chart=chart)

    def remove(self, index: int) -> Experiment:
        """Without run `index`; unchanged when there is no such run or it is the last one: a race has at least one."""
        if not 0 <= index < len(self.runs) or len(self.runs) == 1:
            return self
        runs = (*self.runs[:index], *self.runs[index + 1 :])
        inspected, mapped = (0 if number == index + 1 else number - (number > index + 1) for number in (self.inspected, self.chart.run if self.chart else 0))
        return dataclasses.replace(self, runs=runs, inspected=inspected, chart=rebased(self.chart, mapped, runs, self.surface))

    def reset(self, index: int) -> Experiment:
        """Run `index` back to the slide's values; unchanged when there is no such run."""
        if not 0 <= index < len(self.runs):
            return self
        fresh = self._fresh(type(self.runs[index].optimizer)())
        return dataclasses.replace(self, runs=(*self.runs[:index], fresh, *self.runs[index + 1 :]))

    def _fresh(self, optimizer: Any) -> Run:
        """A run with the slide's values. A shared schedule that cannot bear the surface's learning rate brings the first run's."""
        run = Run(optimizer, suggested_lr(optimizer, self.surface))
        if not self.together:
            return run
        timed = run.timed_like(self.runs[0])
        return dataclasses.replace(timed, lr=self.runs[0].lr) if timed.unbearable(self.n_steps, self.epoch) else timed


def suggested_axis(surface: Any) -> Axis:
    """Logarithmic where there is a lowest minimum to measure from; without one the loss goes below zero, where a logarithm has nothing to show."""
    return "log" if len(surface.minima()) else "linear"


DEFAULT_SURFACE = "elongated_quadratic"
DEFAULT_STEPS = 60
MAPPED_FAN = 40
"""Faint paths beside a map of seeds."""
END = "end"


def _map_only(text: str) -> tuple[str | None, Allowed]:
    """A curve has no view in space."""
    return ("map" if text == "map" else None), ("map",)


def _step(text: str) -> tuple[int | None, Allowed]:
    """A step, or the word for the last one."""
    if text == END:
        return MAX_STEPS, ()
    value, _ = whole(0, MAX_STEPS)(text)
    return value, (f"0 … {MAX_STEPS}", END)


def _bearable(reader: Reader, runs: Mapping[str, Run], n_steps: int, epoch: int, together: bool) -> tuple[Run, ...]:
    """The runs of a link under one schedule, if they are `together`. Typed schedules that are no learning rate for their run are noted and set back."""
    shared = next(iter(runs), "")
    timed = {name: run.timed_like(runs[shared]) if together else run for name, run in runs.items()}
    for name, run in timed.items():
        if error := run.unbearable(n_steps, epoch):
            reader.note(f"{shared if together else name}.schedule.{next(iter(texts(run.schedule)))}", error)
            if together:
                return tuple(dataclasses.replace(run, schedule=type(run.schedule)()) for run in timed.values())
            timed[name] = dataclasses.replace(run, schedule=type(run.schedule)())
    return tuple(timed.values())
