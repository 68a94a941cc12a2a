"""Maps: what runs they ask for, what became of them, and what a cell stands for; each against runs made one by one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import surfaces
from lab import atlas, charts, compute
from lab.boards import DIVERGED, NOT_YET, THERE
from lab.charts import SHOWS, Axis, Chart
from lab.experiment import Experiment
from optim_core import optimizers, simulate
from optim_core.hyper import hypers
from optim_core.stopping import first_within
from optim_core.sweep import NEVER

QUERY = {"surface": "himmelblau", "start": "0,0", "steps": "60", "run1": "momentum", "run1.lr": "0.01", "run2": "adam", "run2.lr": "0.1"}


def mapped(kind: str = "plane", **query: str) -> Experiment:
    e, problems = Experiment.from_query({**QUERY, "map": kind, "map.cells": "25", **query})
    assert not problems
    return e


def alone(e: Experiment, index: int, column: int, row: int, cells: int) -> Any:
    """The run of one cell, by the values that a click would set."""
    for key, text in atlas.values_at(e, index, cells, column, row).items():
        e, problem = e.set(key, text)
        assert problem is None, problem
    return e, compute.picture(dataclasses.replace(e, chance=e.chance)).paths[index]


CHANGES = [
    {},
    {"map.x": "beta", "map.y": "lr"},
    {"map.y": "w2"},
    {"run1.schedule": "cosine"},
    {"run1.schedule": "plateau"},
    {"run1.clip": "norm"},
    {"noise": "constant"},
    {"map.run": "2", "map.x": "beta1", "map.y": "epsilon"},
    {"surface": "tilted_wells", "start": "1"},
]


@pytest.mark.parametrize("query", CHANGES, ids=str)
def test_a_cell_is_the_run_that_a_click_on_it_sets(query: dict[str, str]) -> None:
    e = mapped(**query)
    index = e.chart.run - 1 if e.chart else 0
    board = atlas.board(e, index, 25)
    rng, verdicts = np.random.default_rng(1), board.verdict
    for column, row in rng.integers(0, 25, (12, 2)):
        clicked, path = alone(e, index, column, row, 25)
        at = first_within(path, board.goal.loss, board.goal.tolerance)
        away = e.chance is None and path.loss[-1] - board.goal.loss > 10 * (path.loss[0] - board.goal.loss)
        gone = not (np.isfinite(path.w[-1]).all() and np.isfinite(path.loss[-1])) or away
        assert verdicts[row, column] == (DIVERGED if gone else THERE if at is not None and path.loss[-1] - board.goal.loss <= board.goal.tolerance else NOT_YET)
        assert board.outcome.reached[row, column] == (NEVER if at is None else at)
        np.testing.assert_allclose(board.outcome.loss[row, column], path.loss[-1], rtol=1e-9)
        np.testing.assert_allclose(board.outcome.first_loss[row, column], path.loss[0], rtol=1e-12)
        assert clicked.chart == e.chart


def test_basins_are_where_single_runs_end_and_settle() -> None:
    e = mapped("basins")
    for index in atlas.mapped(e):
        board = atlas.board(e, index, 25)
        assert set(np.unique(board.basins)) <= {-1, 0, 1, 2, 3} and (board.basins >= 0).mean() > 0.4
        for column, row in np.random.default_rng(2).integers(0, 25, (12, 2)):
            _, path = alone(e, index, column, row, 25)
            near = np.linalg.norm(path.w[:, None] - board.minima, axis=-1).min(axis=1) <= board.goal.radius
            away = np.flatnonzero(~near)
            settled = NEVER if not near[-1] else (int(away[-1]) + 1 if len(away) else 0)
            assert board.outcome.settled[row, column] == settled
            ends = np.linalg.norm(path.w[-1] - board.minima, axis=1)
            assert board.basins[row, column] == (int(ends.argmin()) if near[-1] else -1)


def test_minima_are_told_apart_by_a_circle_smaller_than_the_gap_between_them() -> None:
    for key, surface in surfaces.ALL.items():
        e = Experiment.from_query({"surface": key, "map": "basins", "map.cells": "25"})[0]
        goal = atlas.request(e, 0, 25).goal
        minima = goal.minima
        assert goal.radius > 0 and minima is not None, key
        if len(minima) > 1:
            apart = np.linalg.norm(minima[:, None] - minima, axis=-1)
            assert goal.radius < apart[apart > 0].min() / 2, (key, surface)


def test_seeds_are_those_of_the_fan() -> None:
    e = mapped("seeds", noise="constant", **{"noise.sigma": "5", "noise.fan": "12", "noise.common": "0", "map.seeds": "12"})
    picture = compute.picture(e)
    for index in atlas.mapped(e):
        board, fan = atlas.board(e, index, 12), picture.fans[index]
        assert fan is not None and board.outcome.loss.shape == (1, 12)
        np.testing.assert_allclose(board.outcome.loss[0], fan.last_loss, rtol=1e-9)
        np.testing.assert_allclose(board.outcome.w[0], fan.last_w, rtol=1e-9)
    assert len(np.unique(board.outcome.loss)) == 12


def test_noise_is_added_when_seeds_are_to_be_mapped() -> None:
    e, problem = mapped().set("map", "seeds")
    assert problem is None and e.chance is not None and e.chance.fan > 1 and e.chart is not None and e.chart.kind == "seeds"


def test_readings_of_a_board() -> None:
    e = mapped(**{"surface": "elongated_quadratic", "start": "-5,-2", "map.x.low": "0.01", "map.x.high": "2"})
    board = atlas.board(e, 0, 25)
    values = {show: board.shown(show) for show in SHOWS}
    status = board.verdict
    assert {THERE, NOT_YET, DIVERGED} == set(np.unique(status).tolist())
    assert (np.isfinite(values["steps"]) == (status == THERE)).all()
    assert all((np.isfinite(values[show]) == (status != DIVERGED)).all() for show in ("loss", "distance", "rate"))
    row, column = board.best
    assert values["steps"][row, column] == np.nanmin(values["steps"])
    ties = values["steps"] == np.nanmin(values["steps"])
    assert values["loss"][row, column] == values["loss"][ties].min()
    w, loss, first = board.outcome.w, board.outcome.loss, board.outcome.first_loss
    seen = status == NOT_YET
    np.testing.assert_allclose(values["distance"][seen], np.linalg.norm(w[seen], axis=-1), rtol=1e-12)
    np.testing.assert_allclose(values["rate"][seen], (loss / first)[seen] ** (0.5 / e.n_steps), rtol=1e-12)
    there = status == THERE
    assert (loss[there] <= 1e-3).all(), "to fly past is not to arrive"
    np.testing.assert_allclose(values["rate"][there], (1e-3 / first[there]) ** (0.5 / board.outcome.reached[there]), rtol=1e-12)


def test_what_diverged_is_never_on_the_scale_and_never_the_best() -> None:
    e = mapped(**{"surface": "elongated_quadratic", "start": "-5,-2", "map.x.low": "1.5", "map.x.high": "2", "map.y.high": "0.3"})
    board = atlas.board(e, 0, 25)
    assert (board.verdict == DIVERGED).all() and board.best is None
    assert not any(np.isfinite(board.shown(show)).any() for show in SHOWS)


@pytest.mark.parametrize("key", ["gradient_descent", "momentum", "nesterov", "momentum_ema"])
@pytest.mark.parametrize("steps", [60, 1000])
def test_the_measured_boundary_is_that_of_theory(key: str, steps: int) -> None:
    e = Experiment.from_query({"surface": "elongated_quadratic", "run1": key, "steps": str(steps), "map": "plane"})[0]
    other = "beta" if hypers(e.runs[0].optimizer) else "w1"
    sides = Axis("lr", 0.05, 5.0), Axis(other, 0.0, 0.98)
    e = dataclasses.replace(e, chart=Chart("plane", 1, *sides))
    board, theory = atlas.board(e, 0, 60), atlas.predicted(e, 0)
    assert theory is not None
    rows = (np.arange(60) + 0.5) / 60
    bound = np.interp(rows, theory.boundary[:, 1], theory.boundary[:, 0]) * 60
    gone = board.verdict == DIVERGED
    first = np.where(gone.any(axis=1), gone.argmax(axis=1), 60)
    seen = (bound > 1) & (bound < 59)
    assert seen.sum() > 20 and np.abs(first - bound)[seen].max() <= 1.0


def test_theory_is_silent_where_it_does_not_hold() -> None:
    for query in ({"surface": "rosenbrock"}, {"run1.schedule": "cosine"}, {"run1.clip": "norm"}, {"noise": "constant"}, {"map.x": "beta", "map.y": "w1"}):
        assert atlas.predicted(mapped(**{"surface": "elongated_quadratic", **query}), 0) is None, query
    assert atlas.predicted(mapped(surface="elongated_quadratic"), 0) is not None


def test_sliders_that_the_map_varies_change_nothing_of_it() -> None:
    e = mapped()
    board = atlas.board(e, 0, 25)
    for key, text in (("run1.lr", "0.02"), ("run1.beta", "0.5"), ("map.show", "loss"), ("theory", "1"), ("run2.lr", "0.3"), ("stop", "gradient")):
        changed, problem = e.set(key, text)
        assert problem is None and (found := atlas.known(changed, 0, 25)) is not None and found.outcome.loss is board.outcome.loss, key
    for key, text in (("start", "1,1"), ("steps", "61"), ("map.tolerance", "0.01"), ("map.x.low", "0.0002"), ("surface.a", "10.5")):
        changed, problem = e.set(key, text)
        assert problem is None and atlas.known(changed, 0, 25) is None, key


def test_a_long_map_is_coarse_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    e = mapped(**{"map.cells": "60", "start": "0.25,0.125"})
    monkeypatch.setattr(atlas, "_seconds", {})
    assert atlas.at_once(e, 0, dragging=False).cells == atlas.COARSE["plane"], "how long it takes is not known yet"
    slow = dataclasses.replace(e, n_steps=10_000)
    monkeypatch.setattr(atlas, "_seconds", dict.fromkeys(atlas._seconds, 1e-6))
    assert atlas.at_once(slow, 0, dragging=False).cells == atlas.LEAST, "even the coarse one is quick"
    monkeypatch.setattr(atlas, "_seconds", dict.fromkeys(atlas._seconds, 1e-9))
    assert atlas.at_once(e, 0, dragging=False).cells == 60
    e = dataclasses.replace(e, start=(0.25, 0.25))
    monkeypatch.setattr(atlas, "_seconds", dict.fromkeys(atlas._seconds, 1.0))
    assert atlas.at_once(e, 0, dragging=True).cells == atlas.LEAST
    atlas.board(e, 0, 60)
    assert atlas.at_once(e, 0, dragging=True).cells == 60, "it is at hand"


@pytest.mark.parametrize("cell", [(0, 25, 25, 0), (0, 25, 0, 25), (9, 25, 0, 0), (0, 10**9, 5, 5)])
def test_a_cell_that_is_none_changes_nothing(cell: tuple[int, int, int, int]) -> None:
    assert atlas.values_at(mapped(), *cell) == {}
    assert atlas.values_at(dataclasses.replace(mapped(), chart=None), 0, 25, 1, 1) == {}


def test_without_a_chart_there_is_no_map() -> None:
    e = dataclasses.replace(mapped(), chart=None)
    assert atlas.mapped(e) == []
    with pytest.raises(ValueError, match="needs one"):
        atlas.board(e, 0, 25)


# ---------------------------------------------------------------------- charts


@pytest.mark.parametrize("key", list(optimizers.REGISTRY))
def test_every_optimizer_has_a_first_map(key: str) -> None:
    for surface in surfaces.ALL.values():
        e = Experiment.from_query({"surface": next(k for k, v in surfaces.ALL.items() if v is surface), "run1": key, "map": "plane"})[0]
        assert e.chart is not None
        (x, of_x), (y, of_y) = atlas.sides(e.chart, e.runs[0], e.surface)
        at = np.linspace(0.0, 1.0, 41)
        for axis, declared in ((x, of_x), (y, of_y)):
            values = charts.spread(declared, axis, at)
            assert (np.diff(values) >= 0).all() and values[0] == pytest.approx(axis.low) and values[-1] == pytest.approx(axis.high)
            assert all(declared.allows(float(value)) for value in values)
            np.testing.assert_allclose(charts.position(declared, axis, values), at, atol=1e-9)
            places, texts = charts.ticks(declared, axis)
            assert 2 <= len(texts) <= 14 and all(-1e-9 <= place <= 1 + 1e-9 for place in places) and places == sorted(places)


def test_the_map_follows_its_run() -> None:
    e = mapped(**{"map.run": "2", "map.x": "beta1", "map.y": "beta2"})
    assert e.duplicate(0).chart.run == 3 and e.duplicate(1).chart.run == 2
    assert e.remove(0).chart.run == 1 and e.remove(0).chart.x.name == "beta1"
    gone = e.remove(1)
    assert gone.chart.run == 1 and (gone.chart.x.name, gone.chart.y.name) == ("lr", "beta")
    changed, problem = e.set("run2", "momentum")
    assert problem is None and (changed.chart.x.name, changed.chart.y.name) == ("lr", "beta")
    assert e.on_surface("rosenbrock").chart.x != e.chart.x or e.on_surface("rosenbrock").chart.x.name != "lr"
    assert Experiment.from_query(changed.to_query()) == (changed, [])


def test_sides_change_places() -> None:
    e, problem = mapped().set("map.x", "beta")
    assert problem is None and (e.chart.x.name, e.chart.y.name) == ("beta", "lr") and e.chart.y == mapped().chart.x
    e, problem = mapped().set("map.x", "w1")
    assert problem is None and (e.chart.x, e.chart.y.name) == (Axis("w1", *e.surface.domain.w1), "beta")


@pytest.mark.parametrize(
    ("query", "blamed"),
    [
        ({"map": "globe"}, ["map"]),
        ({"map": "plane", "map.x": "gamma"}, ["map.x"]),
        ({"map": "plane", "map.x": "beta", "map.y": "beta"}, ["map.y"]),
        ({"map": "plane", "map.x.low": "1", "map.x.high": "0.1"}, ["map.x.high"]),
        ({"map": "plane", "map.x.high": "1e9"}, ["map.x.high"]),
        ({"map": "plane", "map.run": "3"}, ["map.run"]),
        ({"map": "plane", "map.cells": "301"}, ["map.cells"]),
        ({"map": "plane", "map.show": "beauty"}, ["map.show"]),
        ({"map.cells": "50"}, ["map.cells"]),
    ],
)  # fmt: skip
def test_links_that_are_not_understood(query: dict[str, str], blamed: list[str]) -> None:
    e, problems = Experiment.from_query({**QUERY, **query})
    assert [problem.key for problem in problems] == blamed
    assert Experiment.from_query(e.to_query()) == (e, [])


def test_a_path_from_a_cell_is_that_of_simulate() -> None:
    e = mapped("basins")
    _, path = alone(e, 0, 3, 4, 25)
    start = atlas.values_at(e, 0, 25, 3, 4)["start"].split(",")
    expected = simulate(e.runs[0].optimizer, e.surface, [float(at) for at in start], e.runs[0].lr, e.n_steps)
    np.testing.assert_array_equal(path.w, expected.w)
