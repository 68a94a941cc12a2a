"""Figures of maps: every cell where its values are, its own colour for what has no value, and every sign explained."""

from __future__ import annotations

import csv
import dataclasses
from typing import Any

import numpy as np
import pytest

from lab import atlas, compute, export
from lab.boards import DIVERGED, NOT_YET
from lab.charts import SHOWS
from lab.experiment import Experiment
from lab.export.maps import figure_of
from lab.i18n import LANGUAGES, translator
from lab.widgets.atlas import atlas_payload
from optim_core.sweep import NEVER

PLANE = {"surface": "elongated_quadratic", "start": "-5,-2", "run1": "momentum", "run1.lr": "0.2", "run1.beta": "0.5", "map": "plane", "map.cells": "25"}
BASINS = {"surface": "himmelblau", "start": "0,0", "run1": "gradient_descent", "run2": "momentum", "run3": "adam", "map": "basins", "map.cells": "25"}
SEEDS = {"surface": "three_hump_camel", "start": "2,1.5", "run1": "gradient_descent", "noise": "constant", "map": "seeds", "map.seeds": "20"}


def made(query: dict[str, str], theme: Any = "light", lang: str = "en") -> tuple[Experiment, list[Any], dict[str, Any]]:
    e, problems = Experiment.from_query(query)
    assert not problems
    boards = [atlas.board(e, index, atlas.wanted(e)) for index in atlas.mapped(e)]
    return e, boards, figure_of(e, boards, theme, translator(lang))


def traces(figure: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["name"] == name]


@pytest.mark.parametrize("show", SHOWS)
def test_values_and_what_has_none_fill_the_map_and_never_overlap(show: str) -> None:
    _, (board,), figure = made({**PLANE, "map.show": show})
    (values,), (apart,) = traces(figure, "values"), traces(figure, "apart")
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = board.shown(show) if show == "rate" else np.log10(np.maximum(board.shown(show), 1.0 if show == "steps" else 0.0))
    seen = np.isfinite(wanted)
    np.testing.assert_allclose(values["z"][seen], wanted[seen], rtol=1e-6, atol=1e-6)
    assert (np.isnan(values["z"]) == ~seen).all()
    assert (apart["z"][board.verdict == DIVERGED] == 1.0).all() and (apart["z"][(board.verdict == NOT_YET) & ~seen] == 0.0).all()
    assert not (np.isfinite(apart["z"]) & seen & (board.verdict != DIVERGED)).any()
    assert (np.isfinite(values["z"]) | np.isfinite(apart["z"])).all(), "no hole"


def test_the_scale_is_never_shared_with_what_diverged() -> None:
    _, _, figure = made(PLANE)
    (values,), (apart,) = traces(figure, "values"), traces(figure, "apart")
    assert apart["showscale"] is False and values["showscale"] is True
    assert values["zmin"] == pytest.approx(np.nanmin(values["z"])) and values["zmax"] == pytest.approx(np.nanmax(values["z"]))
    assert len(apart["colorscale"]) == 4 and apart["colorscale"][0][1] != apart["colorscale"][2][1]


def test_the_mark_stands_on_the_cell_that_a_click_there_sets() -> None:
    e, (board,), _ = made(PLANE)
    for key, text in atlas.values_at(e, 0, 25, 11, 7).items():
        e, problem = e.set(key, text)
        assert problem is None
    (mark,) = [trace for trace in figure_of(e, [board], "light", str)["data"] if trace.get("meta") == "present"]
    assert (mark["x"][0], mark["y"][0]) == pytest.approx((11.5 / 25, 7.5 / 25))
    (panel,) = atlas_payload(e, [board], "light", str)["panels"]
    assert panel["at"] == [11, 7]


def test_basins_have_one_map_a_run_with_axes_of_its_own() -> None:
    _, boards, figure = made(BASINS)
    assert len(boards) == 3 and len(traces(figure, "values")) == 3
    assert [trace["xaxis"] for trace in traces(figure, "values")] == ["x", "x2", "x3"]
    layout = figure["layout"]
    spans = [(*layout[f"xaxis{tail}"]["domain"], *layout[f"yaxis{tail}"]["domain"]) for tail in ("", "2", "3")]
    for i, (left, right, low, high) in enumerate(spans):
        assert 0 <= left < right <= 1 and 0 <= low < high <= 1
        for other in spans[:i]:
            assert left >= other[1] or right <= other[0] or low >= other[3] or high <= other[2], "maps overlap"
    assert [text["text"] for text in layout["annotations"]] == ["GD", "Momentum", "Adam"]
    for board, trace in zip(boards, traces(figure, "values"), strict=True):
        there = board.basins >= 0
        np.testing.assert_array_equal(np.floor(trace["z"][there]).astype(int), board.basins[there])
        first = trace["z"][there] % 1
        order = np.argsort(board.outcome.settled[there])
        assert first[order[0]] >= first[order[-1]], "the soonest is the strongest"


def test_seeds_are_a_staircase_from_the_lowest_to_the_highest() -> None:
    _, (board,), figure = made(SEEDS)
    stairs = figure["data"][0]
    np.testing.assert_allclose(stairs["x"], np.sort(board.shown("loss").ravel()))
    np.testing.assert_allclose(stairs["y"], np.arange(1, 21) / 20)


@pytest.mark.parametrize("query", [PLANE, BASINS, SEEDS], ids=["plane", "basins", "seeds"])
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_payload_is_told_in_the_readers_language(query: dict[str, str], lang: str, theme: Any) -> None:
    e, boards, _ = made(query, theme, lang)
    told = atlas_payload(e, boards, theme, translator(lang))
    words = [*told["notes"], *(word for panel in told["panels"] for word in panel["words"].values())]
    assert words and all(word.strip() for word in words)
    assert all(any("а" <= letter <= "я" for letter in word.lower()) == (lang == "ru") for word in words)
    for panel in told["panels"]:
        assert told["figure"]["data"][panel["values"]]["name"] == "values" and told["figure"]["data"][panel["apart"]]["name"] == "apart"
        assert all("{x}" in word and "{y}" in word for word in panel["words"].values())


@pytest.mark.parametrize("query", [PLANE, BASINS, SEEDS], ids=["plane", "basins", "seeds"])
def test_the_csv_has_every_cell_with_its_values(query: dict[str, str]) -> None:
    e, boards, _ = made(query)
    lines = [line for line in export.atlas_csv(compute.picture(e)).splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert len(rows) == sum(board.verdict.size for board in boards)
    for board in boards:
        own = [row for row in rows if row["run"] == str(board.run + 1)]
        np.testing.assert_array_equal([float(row["loss"]) for row in own], board.outcome.loss.ravel())
        np.testing.assert_array_equal([int(row["reached"] or NEVER) for row in own], board.outcome.reached.ravel())
        if query is PLANE:
            np.testing.assert_array_equal([float(row["lr"]) for row in own], np.tile(board.x, 25))


def test_without_a_map_there_is_nothing_to_export() -> None:
    plain = Experiment.from_query({})[0]
    for query in (plain, dataclasses.replace(made(SEEDS)[0], chance=None)):
        with pytest.raises(export.NoMap):
            export.atlas_csv(compute.picture(query))


def test_a_printed_map_keeps_its_legend() -> None:
    e, _, _ = made(PLANE)
    figure = export.printed(compute.picture(e), "atlas", "light", str)
    assert figure["layout"]["showlegend"] and {"best cell", "theory: bound", "present"} <= {trace["name"] for trace in figure["data"]}


@pytest.mark.parametrize(
    "query",
    [
        {"surface": "booth", "run1": "newton", "map": "plane", "map.show": "loss"},
        {"surface": "parabola", "run1": "gradient_descent", "map": "plane", "map.show": "distance"},
        {"surface": "saddle", "run1": "momentum", "map": "plane", "map.show": "loss"},
    ],
    ids=str,
)
def test_zeros_and_negative_losses_have_a_colour(query: dict[str, str]) -> None:
    e, (board,), figure = made({**query, "map.cells": "25"})
    (values,), (apart,) = traces(figure, "values"), traces(figure, "apart")
    finite = np.isfinite(board.shown(e.chart.show))  # type: ignore[union-attr]
    assert (np.isfinite(values["z"]) == finite).all() and (np.isnan(apart["z"]) | (apart["z"] == 1.0)).all()
    (panel,) = atlas_payload(e, [board], "light", str)["panels"]
    if panel["zero"] is not None:
        assert ((panel["zero"] == 1) == (board.shown(e.chart.show) <= 0)).all()  # type: ignore[union-attr]


def test_seeds_that_end_higher_than_they_began_are_not_lost() -> None:
    query = {"surface": "elongated_quadratic", "start": "0.05,0.05", "run1": "gradient_descent", "run1.lr": "0.1", "noise": "constant", "map": "seeds"}
    _, (board,), figure = made({**query, "map.seeds": "50"})
    assert (board.outcome.loss > board.outcome.first_loss).sum() > 25 and not (board.verdict == DIVERGED).any()
    assert len(figure["data"][0]["x"]) == 50 and figure["data"][0]["y"][-1] == 1.0


def test_the_note_names_what_is_drawn_and_nothing_else() -> None:
    for show, extra in (("steps", True), ("loss", False)):
        e, boards, _ = made({**PLANE, "map.show": show})
        assert ("grey" in atlas_payload(e, boards, "light", str)["notes"][0]) is extra
    e, boards, _ = made({name: value for name, value in PLANE.items() if name != "run1.beta"} | {"run1": "gradient_descent", "map.x": "lr", "map.y": "w1"})
    assert "◇" not in atlas_payload(e, boards, "light", str)["notes"][0]
