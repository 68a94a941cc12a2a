"""Figures of landscapes: colours that all of them share, gaps where there is no number, what a picture leaves out told beside it."""

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from lab.cut import Cut
from lab.figures.landscape import curvature, smooth
from lab.figures.landscape.drawing import band, view_of
from lab.figures.landscape.honesty import distance_figure, loss_figure
from lab.figures.landscape.lines import line_figures
from lab.figures.landscape.names import axis_titles, path_shares, weight_name
from lab.figures.landscape.panels import panels
from lab.figures.landscape.relief import BAR, relief_figure
from lab.figures.landscape.scale import LEVELS, scale_of
from lab.figures.landscape.space import space_figure, track_heights
from lab.figures.learning.looks import looks
from lab.figures.style import PALETTES, Theme
from lab.figures.ticks import linear_ticks, log_axis_ticks, log_ticks
from lab.live.wire import pack
from lab.slice_types import LINES, Relief, Survey
from lab.slices import survey
from optim_core.landscape import Curvature, Heights, Smoothness
from optim_core.networks import Layer, Network
from tests.unoptimised import unoptimised

THEMES: tuple[Theme, Theme] = ("light", "dark")


@pytest.fixture(scope="module", autouse=True)
def quick_to_compile() -> Iterator[None]:
    with unoptimised():
        yield


def cut_of(**query: str) -> Cut:
    cut, problems = Cut.from_query({"epochs": "10", "batch": "25", "data.size": "100", "layers": "4", "cut.cells": "21"} | query)
    assert problems == []
    return cut


def survey_of(**query: str) -> Survey:
    return survey(cut_of(**query))


def named(figure: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [trace for trace in figure["data"] if trace["name"] == name]
    return found


def with_heights(made: Survey, index: int, change: Any) -> Survey:
    """The survey with other heights of one landscape: `change` is given its training losses and changes them."""
    relief = made.reliefs[index]
    loss = relief.heights.loss.copy()
    change(loss)
    reliefs = list(made.reliefs)
    reliefs[index] = relief._replace(heights=relief.heights._replace(loss=loss))
    return dataclasses.replace(made, reliefs=tuple(reliefs))


@pytest.fixture(scope="module")
def two() -> Survey:
    return survey_of(**{"b.init.seed": "2"})


def test_all_landscapes_share_one_scale(two: Survey) -> None:
    """From the lowest height of all to the highest, in logarithms; the same levels and colours in every picture, one colour bar."""
    two = with_heights(with_heights(two, 0, lambda loss: loss.__setitem__((1, 2), 1e-4)), 1, lambda loss: loss.__setitem__((2, 1), 1e5))
    scale = scale_of(two)
    both = np.log10(np.concatenate([relief.heights.loss.ravel() for relief in two.reliefs]))
    assert scale.log and (scale.low, scale.high) == (both.min(), both.max())
    contours = [named(relief_figure(two, index, "light", str), "contour") for index in range(2)]
    for relief, contour in zip(two.reliefs, contours, strict=True):
        np.testing.assert_allclose(10 ** contour["z"], relief.heights.loss, rtol=1e-12)
        assert (contour["zmin"], contour["zmax"]) == (both.min(), both.max())
        assert contour["contours"] == contours[0]["contours"] and contour["colorscale"] == contours[0]["colorscale"]
        np.testing.assert_allclose(contour["x0"] + contour["dx"] * np.arange(21), relief.x, atol=1e-12)
        np.testing.assert_allclose(contour["y0"] + contour["dy"] * np.arange(21), relief.y, atol=1e-12)
    assert [contour["showscale"] for contour in contours] == [False, True]
    margins = [relief_figure(two, index, "light", str)["layout"]["margin"]["r"] for index in range(2)]
    assert margins[1] - margins[0] == BAR


def test_a_loss_without_a_logarithm_is_drawn_as_it_is(two: Survey) -> None:
    zero = with_heights(two, 1, lambda loss: loss.__setitem__((0, 0), 0.0))
    scale = scale_of(zero)
    assert not scale.log and scale.low == 0.0
    np.testing.assert_array_equal(named(relief_figure(zero, 0, "light", str), "contour")["z"], two.reliefs[0].heights.loss)
    linear = scale_of(dataclasses.replace(two, cut=cut_of(axis="linear", **{"b.init.seed": "2"})))
    assert not linear.log and linear.high == max(relief.heights.loss.max() for relief in two.reliefs)


def test_accuracy_goes_from_none_to_all(two: Survey) -> None:
    told = dataclasses.replace(two, cut=dataclasses.replace(two.cut, part="valid_accuracy"))
    scale = scale_of(told)
    assert (scale.low, scale.high, scale.log) == (0.0, 1.0, False)
    np.testing.assert_array_equal(named(relief_figure(told, 1, "dark", str), "contour")["z"], two.reliefs[1].heights.valid_accuracy)
    assert scale.texts == ("0 %", "20 %", "40 %", "60 %", "80 %", "100 %")


def test_what_is_not_finite_is_a_gap_and_moves_no_colour(two: Survey) -> None:
    def spoil(loss: np.ndarray) -> None:
        loss[3, 4], loss[5, 6] = np.inf, np.nan

    before, spoiled = scale_of(two), with_heights(two, 0, spoil)
    assert scale_of(spoiled).high == before.high
    figure = relief_figure(spoiled, 0, "light", str)
    z = named(figure, "contour")["z"]
    assert np.isnan(z[3, 4]) and np.isnan(z[5, 6]) and np.isnan(z).sum() == 2
    assert figure["layout"]["plot_bgcolor"] == PALETTES["light"].muted  # else a gap would look like the highest level
    assert relief_figure(spoiled, 1, "light", str)["layout"]["plot_bgcolor"] != PALETTES["light"].muted


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.2), (1e-9, 3e5), (2.0, 2.0), (0.4, 0.41), (1e-300, 1e300), (7e307, 1.5e308), (0.9, 9.0)])
@pytest.mark.parametrize("axis", ["log", "linear"])
def test_levels_and_ticks_are_round_few_and_inside(two: Survey, low: float, high: float, axis: str) -> None:
    values = np.linspace(low, high, 21 * 21).reshape(21, 21)
    made = with_heights(with_heights(two, 0, lambda loss: loss.__setitem__(..., values)), 1, lambda loss: loss.__setitem__(..., values))
    cut = cut_of(axis=axis, **{"b.init.seed": "2"})
    scale = scale_of(dataclasses.replace(made, cut=cut))
    ends = (math.log10(low), math.log10(high)) if axis == "log" else (low, high)
    assert (scale.low, scale.high) == pytest.approx(ends)
    slack = 1e-9 * max(abs(scale.low), abs(scale.high))
    if low < high:
        assert LEVELS / 2 - 1 <= round((scale.end - scale.start) / scale.size) + 1 <= LEVELS + 1
        assert scale.low - slack <= scale.start < scale.end <= scale.high + slack
        assert 2 <= len(scale.ticks) <= 9
    assert scale.start / scale.size == pytest.approx(round(scale.start / scale.size), abs=1e-6)
    assert all(scale.low - slack <= tick <= scale.high + slack for tick in scale.ticks)
    assert len(scale.texts) == len(scale.ticks) == len(set(scale.ticks))
    go.Figure(relief_figure(dataclasses.replace(made, cut=cut), 1, "light", str))


def test_ticks_are_where_they_say() -> None:
    assert log_ticks(-3.2, 2.9) == (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0)
    np.testing.assert_allclose(10 ** np.array(log_ticks(-0.9, 0.8)), [0.2, 0.5, 1, 2, 5])
    np.testing.assert_allclose(10 ** np.array(log_ticks(math.log10(0.41), math.log10(0.44))), np.arange(0.41, 0.4401, 0.005))
    assert linear_ticks(0.0, 1.0) == pytest.approx((0, 0.2, 0.4, 0.6, 0.8, 1.0))
    finer = log_axis_ticks(-0.5, 0.0)
    np.testing.assert_allclose(finer["tickvals"], [0.4, 0.6, 0.8, 1.0])
    assert log_axis_ticks(-2.0, 2.0)["ticktext"] == ["10⁻²", "10⁻¹", "1", "10", "10²"]


def test_a_path_is_where_its_shadow_is_and_hovering_tells_the_truth(two: Survey) -> None:
    figure = relief_figure(two, 1, "light", str)
    (path,) = [trace for trace in figure["data"] if "meta" in trace]
    (track,) = two.reliefs[1].tracks
    assert path["meta"] == {"run": 1} and path["line"]["color"] == looks("light")[1].color and path["marker"]["symbol"] == looks("light")[1].marker
    np.testing.assert_array_equal(np.column_stack([path["x"], path["y"]]), track.shadow.at)
    at = two.lesson.runs[1].record.at
    np.testing.assert_array_equal(path["customdata"], np.column_stack([at, track.true.loss, track.drawn.loss, track.shadow.distance]))
    np.testing.assert_array_equal(named(figure, "start")["x"], [track.shadow.at[0, 0]])
    np.testing.assert_array_equal(named(figure, "centre")["x"], [0.0])
    assert figure["layout"]["yaxis"]["scaleanchor"] == "x" and not named(figure, "ends")["x"].size


def test_a_path_that_leaves_the_view_has_an_arrow_at_the_border() -> None:
    """From the first weights, which the picture shows a little of, backwards would be outside: a path turned round leaves for good."""
    made = survey_of(**{"cut.reach": "0.3"})
    (relief,) = made.reliefs
    (track,) = relief.tracks
    back = track.shadow._replace(at=track.shadow.at[::-1].copy())
    turned = dataclasses.replace(made, reliefs=(relief._replace(tracks=(track._replace(shadow=back),)),))
    figure, view = relief_figure(turned, 0, "light", str), view_of(relief)
    first = int(np.flatnonzero(view.contains(back.at))[-1]) + 1
    exits = named(figure, "exits")
    (x, y) = exits["x"][1], exits["y"][1]
    span = view.w1[1] - view.w1[0]
    assert min(abs(x - view.w1[0]), abs(x - view.w1[1]), abs(y - view.w2[0]), abs(y - view.w2[1])) < 1e-5 * span
    assert f"t = {made.lesson.runs[0].record.at[first]}" in [note["text"] for note in figure["layout"]["annotations"]]
    assert not named(figure, "start")["x"].size or view.contains(back.at[0])
    heights = track_heights(turned, 0, turned.reliefs[0].tracks[0])
    np.testing.assert_array_equal(np.isfinite(heights), view.contains(back.at))


def test_axes_say_what_the_directions_are(two: Survey) -> None:
    relief = two.reliefs[0]
    shares = path_shares(relief)
    assert sum(shares) == pytest.approx(relief.tracks[0].explained) and shares[0] >= shares[1]
    assert axis_titles(two, relief, str) == tuple(f"d{sub} · {100 * share:.1f} % of the path" for sub, share in zip("₁₂", shares, strict=True))
    made = survey_of(**{"cut": "weights", "cut.pair": "5,15"})
    assert axis_titles(made, made.reliefs[0], str) == ("W1[2,2]", "W2[4,1]")  # 2 inputs, 4 neurons: 8 weights, 4 biases, 4 weights, 1 bias
    between = survey_of(**{"cut": "between", "b.init.seed": "2"})
    titles = [axis_titles(between, relief, str)[0] for relief in between.reliefs]
    assert titles == ["d₁ · A → B", "d₁ · B → A"]
    there = named(relief_figure(between, 0, "light", str), "ends")
    away = np.linalg.norm(between.lesson.runs[1].record.w[-1] - between.lesson.runs[0].record.w[-1])
    np.testing.assert_allclose([there["x"], there["y"]], [[away], [0.0]], atol=1e-9)


def test_weights_have_names_that_lead_back_to_them() -> None:
    network = Network(3, (Layer(4, "maxout"), Layer(2, "relu")), 2, "softmax", "categorical", "batch")
    vector = np.arange(network.size)
    for part in network.parts:
        block = vector[part.where].reshape(part.shape)
        for index, place in np.ndenumerate(block):
            symbol = {"gamma": "γ", "beta": "β"}.get(part.name, part.name)
            assert weight_name(network, int(place)) == f"{symbol}{part.layer + 1}[{','.join(str(i + 1) for i in index)}]"
    with pytest.raises(ValueError, match="parameter 99 is not one of"):
        weight_name(Network(2, (), 1, "sigmoid", "binary"), 99)


def test_the_hessians_plane_tells_its_eigenvalues_where_they_are_known() -> None:
    made = survey_of(cut="hessian", **{"cut.panel": "curvature"})
    first, second = made.curvatures[0].leading[-1, :2]
    told = axis_titles(made, made.reliefs[0], str)
    assert [float(text.split("= ")[1].replace("−", "-")) for text in told] == pytest.approx([first, second], rel=5e-3)
    assert axis_titles(dataclasses.replace(made, curvatures=()), made.reliefs[0], str) == ("d₁", "d₂")


def test_in_space_paths_lie_just_above_the_surface(two: Survey) -> None:
    figure = space_figure(two, 0, "light", str)
    scale, relief = scale_of(two), two.reliefs[0]
    surface = named(figure, "surface")
    np.testing.assert_array_equal(surface["z"], scale.transform(relief.heights.loss))
    (track,) = relief.tracks
    z = track_heights(two, 0, track)
    lift = 0.03 * (scale.end - scale.start)
    row, column = np.flatnonzero(relief.y == 0.0)[0], np.flatnonzero(relief.x == 0.0)[0]
    assert z[-1] == pytest.approx(surface["z"][row, column] + lift)  # the last point is the centre, a place of the grid
    assert len(named(figure, "cursor")["x"]) == 1
    (path,) = [trace for trace in figure["data"] if trace.get("meta") == {"run": 0}]
    assert (np.array([path["x"][-1], path["y"][-1], path["z"][-1]]) == [0.0, 0.0, z[-1]]).all()
    nothing = with_heights(two, 0, lambda loss: loss.__setitem__(..., np.nan))
    assert np.isnan(track_heights(nothing, 0, track)).all()
    assert len(named(space_figure(survey_of(**{"b.init.seed": "2", "cut.together": "1"}), 0, "dark", str), "cursor")["marker"]["color"]) == 2


def test_loss_and_distance_are_those_of_the_tracks(two: Survey) -> None:
    loss, distance = loss_figure(two, "light", str), distance_figure(two, "light", str)
    for index, relief in enumerate(two.reliefs):
        (track,) = relief.tracks
        np.testing.assert_array_equal(named(loss, f"true:{index}")["y"], track.true.loss)
        np.testing.assert_array_equal(named(loss, f"drawn:{index}")["y"], track.drawn.loss)
        np.testing.assert_array_equal(named(loss, f"true:{index}")["x"], two.lesson.runs[index].record.at)
        assert track.true.loss[-1] == pytest.approx(track.drawn.loss[-1], rel=1e-12)
        np.testing.assert_array_equal(named(distance, f"distance:{index}")["y"], track.shadow.distance)
        away = np.hypot(np.linalg.norm(track.shadow.at, axis=1), track.shadow.distance)  # at right angles
        np.testing.assert_allclose(named(distance, f"centre:{index}")["y"], away, rtol=1e-9, atol=1e-12)
    assert named(loss, "true:1")["line"]["dash"] == "solid" and named(loss, "drawn:1")["line"]["dash"] == "dash"
    assert named(loss, "true:0")["marker"]["symbol"] != named(loss, "true:1")["marker"]["symbol"]


def test_other_batches_make_other_iterations_of_the_same_epochs() -> None:
    made = survey_of(**{"b.batch": "10"})
    x = [named(loss_figure(made, "light", str), f"true:{index}")["x"][-1] for index in range(2)]
    assert x[0] == x[1] == max(run.record.n_steps for run in made.lesson.runs)


def test_a_path_that_flies_away_is_told_with_a_logarithm(two: Survey) -> None:
    """Weights of 1e200, whose squares overflow."""
    run = two.lesson.runs[0]
    w = run.record.w.copy()
    w[-3:] = np.array([1e200, np.inf, np.nan])[:, None]
    runs = (run._replace(record=run.record._replace(w=w)), *two.lesson.runs[1:])
    flown = dataclasses.replace(two, lesson=dataclasses.replace(two.lesson, runs=runs))
    figure = distance_figure(flown, "light", str)
    assert figure["layout"]["yaxis"]["type"] == "log"
    y = named(figure, "centre:0")["y"]
    assert y[-3] == pytest.approx(1e200 * math.sqrt(w.shape[1])) and np.isnan(y[-2:]).all() and np.isfinite(y[:-3]).all()
    assert "type" not in distance_figure(two, "light", str)["layout"]["yaxis"]


def test_lines_are_drawn_one_figure_a_kind() -> None:
    made = survey_of(**{"b.init.seed": "2"})
    found = line_figures(made, "light", str)
    assert [name for name, _title, _figure in found] == [f"line_{kind}" for kind in LINES]
    for name, title, figure in found:
        kind = name.removeprefix("line_")
        lines = [line for line in made.lines if line.kind == kind]
        assert title == LINES[kind] and len(figure["data"]) == 2 * len(lines)
        for line in lines:
            np.testing.assert_array_equal(named(figure, f"train:{line.run}")["y"], line.heights.loss)
            np.testing.assert_array_equal(named(figure, f"valid:{line.run}")["y"], line.heights.valid_loss)
            np.testing.assert_array_equal(named(figure, f"valid:{line.run}")["x"], line.x)
        low, high = figure["layout"]["yaxis"]["range"]
        assert low <= min(np.log10(line.heights.loss.min()) for line in lines) and high >= max(np.log10(line.heights.loss.max()) for line in lines)
        places = [shape["x0"] for shape in figure["layout"]["shapes"]]
        assert places == ([0.0, 1.0] if kind in ("training", "between") else [0.0])
    told = dataclasses.replace(made, cut=dataclasses.replace(made.cut, part="accuracy"))
    np.testing.assert_array_equal(named(line_figures(told, "light", str)[0][2], "valid:1")["y"], made.lines[2].heights.valid_accuracy)


def curved(made: Survey, leading: np.ndarray, limit: np.ndarray | None) -> Survey:
    """The survey with a Hessian of these leading eigenvalues, `(4, k)`, in each training."""
    at = np.array([0, 5, 10, 20])
    blank = np.array([np.nan, 3.0, np.nan, 2.0])
    one = Curvature(at, leading, leading.sum(axis=1), np.full(4, 0.5), np.linspace(0, 1, 4), 10 * blank, blank)
    count = len(made.lesson.runs)
    return dataclasses.replace(made, lines=(), curvatures=(one,) * count, limits=(limit,) * count)


def test_sharpness_stands_beside_its_limit(two: Survey) -> None:
    """2/η where the limit is that; an axis without a logarithm where an eigenvalue has none."""
    leading = np.array([[4.0, 2.0], [5.0, 1.0], [6.0, 0.5], [7.0, 0.25]])
    rates = two.lesson.runs[0].record.lr[[0, 5, 10, 19]]
    made = curved(two, leading, 2 / rates)
    figure = curvature.sharpness_figure(made, "light", str)
    for index in range(2):
        np.testing.assert_array_equal(named(figure, f"lambda1:{index}")["y"], leading[:, 0])
        np.testing.assert_array_equal(named(figure, f"lambda2:{index}")["y"], leading[:, 1])
        np.testing.assert_array_equal(named(figure, f"limit:{index}")["y"], 2 / rates)
    assert named(figure, "lambda2:0")["opacity"] < 1 and figure["layout"]["yaxis"]["type"] == "log"
    (note,) = figure["layout"]["annotations"]  # both have the same
    assert note["text"] == "2/η" and note["y"] == pytest.approx(math.log10(2 / rates[-1]))
    other = curvature.sharpness_figure(curved(two, leading, 3.8 / rates), "light", str)
    assert other["layout"]["annotations"][0]["text"] == "limit of stability"
    below = curvature.sharpness_figure(curved(two, leading - 1.0, None), "light", str)
    assert "type" not in below["layout"]["yaxis"] and below["layout"]["yaxis"]["range"][0] < -0.75
    trace = curvature.trace_figure(made, "dark", str)
    error = named(trace, "error:1")
    np.testing.assert_allclose(error["y"][:8], [*(leading.sum(axis=1) + 0.5), *(leading.sum(axis=1) - 0.5)[::-1]])
    points = named(curvature.condition_figure(made, "light", str), "condition:0")
    assert points["mode"] == "markers" and np.isnan(points["y"]).sum() == 2


def test_bands_are_areas_between_gaps() -> None:
    x, low = np.arange(6.0), np.array([1.0, 2.0, np.nan, 4.0, 5.0, 6.0])
    made = band(0, "b", x, low, low + 1.0, looks("light")[0])
    np.testing.assert_array_equal(made["x"], [0, 1, 1, 0, np.nan, 3, 4, 5, 5, 4, 3, np.nan])
    np.testing.assert_array_equal(made["y"], [2, 3, 2, 1, np.nan, 5, 6, 7, 6, 5, 4, np.nan])


def smoothed(made: Survey, loss: np.ndarray) -> Survey:
    at = np.array([0, 5, 10, 20])
    one = Smoothness(at, np.array([0.5, 2.0, 4.0]), loss, 2 * loss, loss[:, 0])
    return dataclasses.replace(made, lines=(), smoothness=(one,) * len(made.lesson.runs))


def test_smoothness_is_a_band_from_lowest_to_highest(two: Survey) -> None:
    loss = np.array([[1.0, 3.0, 2.0], [4.0, 5.0, 6.0], [7.0, np.inf, 8.0], [0.5, 0.4, 0.3]])
    made = smoothed(two, loss)
    figure = smooth.range_figure(made, "light", str)
    np.testing.assert_array_equal(named(figure, "low:1")["y"], [1.0, 4.0, 7.0, 0.3])
    np.testing.assert_array_equal(named(figure, "high:1")["y"], [3.0, 6.0, np.nan, 0.5])
    assert np.isnan(named(figure, "band:0")["y"]).sum() == 2  # two areas
    np.testing.assert_array_equal(named(smooth.change_figure(made, "light", str), "low:0")["y"], [2.0, 8.0, 14.0, 0.6])
    np.testing.assert_array_equal(named(smooth.beta_figure(made, "light", str), "beta:0")["y"], loss[:, 0])


def all_figures(made: Survey, theme: Theme) -> list[dict[str, Any]]:
    maps = [draw(made, index, theme, str) for index in range(len(made.reliefs)) for draw in (relief_figure, space_figure)]
    return maps + [panel["figure"] for panel in panels(made, theme, str)]


def blank(values: Any) -> Any:
    """The same arrays without a number in them."""
    return type(values)(*(np.full_like(value, np.nan, dtype=float) for value in values))


def lost(made: Survey) -> Survey:
    """The survey without a number anywhere but the axes."""

    def of(relief: Relief) -> Relief:
        tracks = tuple(track._replace(shadow=blank(track.shadow), true=blank(track.true), drawn=blank(track.drawn)) for track in relief.tracks)
        return relief._replace(heights=Heights(*blank(relief.heights)), tracks=tracks)

    runs = tuple(run._replace(record=run.record._replace(w=np.full_like(run.record.w, np.nan))) for run in made.lesson.runs)
    lines = tuple(line._replace(heights=Heights(*blank(line.heights))) for line in made.lines)
    lesson = dataclasses.replace(made.lesson, runs=runs)
    return dataclasses.replace(made, lesson=lesson, reliefs=tuple(map(of, made.reliefs)), lines=lines)


@pytest.mark.parametrize("part", ["train", "accuracy"])
def test_four_trainings_and_a_lost_one_can_be_drawn(part: str) -> None:
    """Everything is a figure that Plotly takes and that the wire carries."""
    whole = survey_of(**{"b.init.seed": "2", "c.run.lr": "0.1", "d.batch": "10", "cut.part": part})
    assert [panel["name"] for panel in panels(whole, "light", str)] == ["loss", "distance", *(f"line_{kind}" for kind in LINES)]
    leading, loss = np.full((4, 5), np.nan), np.full((4, 3), np.nan)
    never = curved(lost(whole), leading, np.full(4, np.nan))
    for made in (whole, lost(whole), never, curved(whole, leading + 1.0, None), smoothed(whole, np.abs(np.sin(np.arange(12.0))).reshape(4, 3))):
        for theme in THEMES:
            for figure in all_figures(made, theme):
                go.Figure(figure)
                pack(figure)
    for figure in (curvature.sharpness_figure, curvature.trace_figure, curvature.alignment_figure, curvature.condition_figure, curvature.negative_figure):
        go.Figure(figure(curved(whole, leading, np.full(4, np.nan)), "light", str))
    for figure in (smooth.range_figure, smooth.change_figure, smooth.beta_figure):
        go.Figure(figure(smoothed(whole, loss), "light", str))


def test_what_is_known_nowhere_has_no_panel(two: Survey) -> None:
    leading = np.ones((4, 2))
    made = curved(two, leading, None)
    assert [panel["name"] for panel in panels(made, "light", str)][2:] == ["sharpness", "trace", "alignment", "condition", "negative"]
    large = dataclasses.replace(made, curvatures=tuple(found._replace(condition=np.full(4, np.nan), negative=np.full(4, np.nan)) for found in made.curvatures))
    assert [panel["name"] for panel in panels(large, "light", str)][2:] == ["sharpness", "trace", "alignment"]
    told = panels(smoothed(two, np.ones((4, 3))), "light", str)
    assert [(panel["name"], panel["time"]) for panel in told[2:]] == [("range", True), ("change", True), ("beta", True)]
    assert [panel["time"] for panel in panels(two, "light", str)] == [True, True, *[False] * 5]
