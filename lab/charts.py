"""`Chart`: what is mapped on the page Maps, and how it stands in a link. Pure."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lab.link import Reader, text_of
from lab.runs import LR, Run, suggested_lr
from lab.values import choice, number, whole
from optim_core.hyper import N_, Hyper, bends, hypers

Kind = Literal["plane", "basins", "seeds"]
Show = Literal["steps", "loss", "distance", "rate"]
KINDS: tuple[Kind, ...] = ("plane", "basins", "seeds")
SHOWS: tuple[Show, ...] = ("steps", "loss", "distance", "rate")

CELLS = Hyper(100, 25, 300, "", N_("cells a side"), N_("More cells show finer borders and take longer: twice as many take four times as long."), "integer_log")
SEEDS = Hyper(200, 10, 1000, "N", N_("seeds"), N_("How many draws of the noise are run."), "integer_log")
TOLERANCE = Hyper(1e-3, 1e-12, 1.0, r"\tau", N_("tolerance"), N_("L − L* below this counts as there."), "log")
NEAR_ONE = 0.999
"""Where an axis of a decay such as β ends at first: beyond it hardly anything settles within a map's steps."""
AROUND = 100.0
"""An axis of η reaches so many times below and above the rate that the surface suggests."""


@dataclass(frozen=True)
class Axis:
    """One side of a map.

    Attributes:
        name: "lr", a hyper-parameter of the optimizer, or "w1" and "w2", the coordinates of the start.
        low, high: its ends.
    """

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class Chart:
    """What is mapped.

    Attributes:
        kind: over two hyper-parameters, over the start, or over the seeds of the noise.
        run: the run whose hyper-parameters vary, from 1; the other kinds map every run that is shown.
        x, y: the sides of the map over hyper-parameters.
        show: what its colours say.
        tolerance: L − L* at most this is there.
        cells: cells a side.
        seeds: draws of the noise.
    """

    kind: Kind
    run: int
    x: Axis
    y: Axis
    show: Show = "steps"
    tolerance: float = TOLERANCE.default
    cells: int = int(CELLS.default)
    seeds: int = int(SEEDS.default)


def offered(run: Run, surface: Any) -> dict[str, Hyper]:
    """What a side of the map may be, by name, each with the range it may have."""
    domain = surface.domain
    starts = {"w1": domain.w1, "w2": domain.w2} if len(surface.starts[0]) == 2 else {"w1": domain.w1}
    symbols = {"w1": "w_1", "w2": "w_2"} if len(starts) == 2 else {"w1": "w"}
    coordinates = {name: Hyper(low, low, high, symbols[name], N_("start"), N_("Where the run begins."), "linear") for name, (low, high) in starts.items()}
    return {"lr": LR, **hypers(run.optimizer), **coordinates}


def axis_of(name: str, run: Run, surface: Any) -> Axis:
    """A side of the map at its first range."""
    declared = offered(run, surface)[name]
    low, high = declared.low, declared.high
    if name == "lr":
        suggested = suggested_lr(run.optimizer, surface)
        low, high = max(low, suggested / AROUND), min(high, suggested * AROUND)
    elif declared.scale == "complement_log":
        high = min(high, NEAR_ONE)
    return Axis(name, low, high)


def chart_of(runs: tuple[Run, ...], surface: Any, kind: Kind = "plane") -> Chart:
    """The first map of an experiment: η against the optimizer's first hyper-parameter, or against the start where it has none.

    The first run that is shown and has such a hyper-parameter is taken.
    """
    shown = [index for index, run in enumerate(runs) if not run.hidden] or [0]
    index = next((index for index in shown if hypers(runs[index].optimizer)), shown[0])
    run = runs[index]
    names = list(offered(run, surface))
    return Chart(kind, index + 1, axis_of("lr", run, surface), axis_of(names[1], run, surface))


def rebased(chart: Chart | None, run: int, runs: tuple[Run, ...], surface: Any) -> Chart | None:
    """The same question of run `run`, from 1, after the runs or the surface changed; with fresh sides where it is 0 or the old ones do not fit it."""
    if chart is None:
        return None
    fresh = chart_of(runs, surface, chart.kind)
    if 1 <= run <= len(runs):
        fresh = dataclasses.replace(chart_of((runs[run - 1],), surface, chart.kind), run=run)
        names = offered(runs[run - 1], surface)
        if chart.x.name in names and chart.y.name in names:
            fresh = dataclasses.replace(fresh, x=chart.x, y=chart.y)
    return dataclasses.replace(chart, run=fresh.run, x=fresh.x, y=fresh.y)


def turned(chart: Chart, key: str, text: str) -> dict[str, str]:
    """What else of a link changes when the side `key` becomes `text`: the side that has it gets the former one."""
    mine, other, side = (chart.x, chart.y, "map.y") if key == "map.x" else (chart.y, chart.x, "map.x")
    if text != other.name:
        return {}
    ends = {f"{key}.low": other.low, f"{key}.high": other.high, f"{side}.low": mine.low, f"{side}.high": mine.high}
    return {side: mine.name, **{name: text_of(end) for name, end in ends.items()}}


def ticks(declared: Hyper, axis: Axis, placed: Hyper | None = None) -> tuple[list[float], list[str]]:
    """Round numbers on an axis, as positions from 0 to 1 and as texts.

    Args:
        declared: decides which numbers are round.
        axis: the side of the map.
        placed: decides where they stand, if another.
    """
    if declared.scale in ("log", "integer_log") and axis.low > 0.0:
        decades = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
        steps = (1.0,) if len(decades) > 3 else (1.0, 2.0, 5.0)
        values = [step * 10.0**decade for decade in decades for step in steps]
    elif declared.scale == "complement_log":
        values = [0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999]
    else:
        span = axis.high - axis.low
        step = 10.0 ** math.floor(math.log10(span / 3.0))
        step *= next((factor for factor in (5.0, 2.0) if span / (step * factor) >= 3.0), 1.0)
        values = [round(k * step, 12) for k in range(math.ceil(axis.low / step), math.floor(axis.high / step) + 1)]
    inside = [value for value in values if axis.low <= value <= axis.high * (1.0 + 1e-12)]
    if len(inside) < 2 and declared.scale != "linear":  # between two round numbers of its own scale
        return ticks(dataclasses.replace(declared, scale="linear"), axis, declared)
    at: list[float] = position(placed or declared, axis, np.array(inside)).tolist()
    return at, [f"{value:g}" for value in inside]


def spread(declared: Hyper, axis: Axis, at: np.ndarray) -> np.ndarray:
    """The values at the positions `at`, from 0 to 1, as evenly as the hyper-parameter's slider spreads them; whole where only whole ones are allowed."""
    bend, back = bends(declared.scale, axis.low)
    ends = bend(np.array([axis.low, axis.high]))
    values: np.ndarray = np.clip(back(ends[0] + at * (ends[1] - ends[0])), axis.low, axis.high)
    return np.round(values) if declared.scale in ("integer_log", "switch") else values


def position(declared: Hyper, axis: Axis, values: np.ndarray) -> np.ndarray:
    """Where values lie on the axis: 0 at its low end, 1 at its high end, beyond them outside."""
    bend, _ = bends(declared.scale, axis.low)
    low, high = bend(np.array([axis.low, axis.high]))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((bend(values) - low) / (high - low))


# ---------------------------------------------------------------------- the link


def written_chart(chart: Chart) -> Iterator[tuple[str, str]]:
    """A chart as pairs for a query."""
    yield from (("map", chart.kind), ("map.run", str(chart.run)))
    for side, axis in (("x", chart.x), ("y", chart.y)):
        yield from ((f"map.{side}", axis.name), (f"map.{side}.low", text_of(axis.low)), (f"map.{side}.high", text_of(axis.high)))
    yield from (("map.show", chart.show), ("map.tolerance", text_of(chart.tolerance)))
    yield from (("map.cells", str(chart.cells)), ("map.seeds", str(chart.seeds)))


def read_chart(reader: Reader, runs: tuple[Run, ...], surface: Any) -> Chart | None:
    """What a link says of the map; None where it says nothing."""
    if not reader.has("map"):
        return None
    kind = reader.take("map", choice(KINDS), "")
    if not kind:
        reader.forget("map.")
        return None
    plain = chart_of(runs, surface, kind)
    run = reader.take("map.run", whole(1, len(runs)), plain.run)
    chosen = runs[run - 1]
    names = offered(chosen, surface)
    first = "lr"
    second = plain.y.name if plain.y.name in names else next(name for name in names if name != first)
    x = _read_axis(reader, "map.x", first, chosen, surface)
    if x.name == second:
        second = "lr"
    y = _read_axis(reader, "map.y", second, chosen, surface)
    if y.name == x.name:
        reader.note("map.y", tuple(name for name in names if name != x.name))
        y = axis_of(second, chosen, surface)
    show = reader.take("map.show", choice(SHOWS), "steps")
    tolerance = reader.take("map.tolerance", number(TOLERANCE), TOLERANCE.default)
    cells = reader.take("map.cells", whole(int(CELLS.low), int(CELLS.high)), int(CELLS.default))
    return Chart(kind, run, x, y, show, tolerance, cells, reader.take("map.seeds", whole(int(SEEDS.low), int(SEEDS.high)), int(SEEDS.default)))


def _read_axis(reader: Reader, key: str, default: str, run: Run, surface: Any) -> Axis:
    names = offered(run, surface)
    plain = axis_of(reader.take(key, choice(tuple(names)), default), run, surface)
    declared = names[plain.name]
    low = reader.take(f"{key}.low", number(declared), plain.low)
    high = reader.take(f"{key}.high", number(declared), plain.high)
    if low < high:
        return dataclasses.replace(plain, low=low, high=high)
    blamed = f"{key}.high" if reader.has(f"{key}.high") else f"{key}.low"
    reader.note(blamed, (low, declared.high) if blamed.endswith("high") else (declared.low, high))
    return plain
