"""Figures: what is drawn is what was recorded, Plotly accepts it, and no reader is left out by its colours."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import plotly.graph_objects as go
import pytest

import surfaces
from lab import compute
from lab.experiment import Experiment
from lab.figures import geometry, grid, places
from lab.figures.curve import curve_figure, plotted_loss
from lab.figures.map import DOTS, map_figure
from lab.figures.norm import norm_figure
from lab.figures.numbers import decade, number_text
from lab.figures.rate import rate_figure
from lab.figures.space import height_at, space_figure
from lab.figures.style import DASHES, HUES, MARKERS, PALETTES, Theme, labels, short_labels, styles, unicode_symbol
from lab.figures.table import table
from lab.live import wire
from lab.runs import MAX_RUNS, Run, default_runs
from optim_core import optimizers
from surfaces._surface import Domain

FIGURES = {"map": map_figure, "curve": curve_figure, "space": space_figure, "rate": rate_figure, "norm": norm_figure}
THEMES: tuple[Theme, ...] = ("light", "dark")
BOX = Domain((-1.0, 1.0), (-2.0, 2.0))


def an(key: str, lr: float = 0.4, hidden: bool = False, **values: float) -> Run:
    return Run(optimizers.REGISTRY[key](**values), lr, hidden)


def picture(*runs: Run, surface: str = "elongated_quadratic", steps: int = 60, **changes: object) -> compute.Picture:
    made = surfaces.REGISTRY[surface]()
    return compute.picture(Experiment(made, made.starts[0], steps, runs or default_runs(made), **changes))  # type: ignore[arg-type]


def traces(figure: dict, prefix: str = "") -> dict:
    return {trace["name"]: trace for trace in figure["data"] if trace["name"].startswith(prefix)}


def paths(figure: dict) -> dict[int, dict]:
    return {trace["meta"]["run"]: trace for trace in figure["data"] if "meta" in trace}


# ---------------------------------------------------------------------- Plotly


def assert_plotly_accepts(figure: dict) -> None:
    """`go.Figure` validates every key and value; what it then holds is what was given."""
    made = go.Figure(figure)
    assert len(made.data) == len(figure["data"])
    for ours, theirs in zip(figure["data"], made.data, strict=True):
        assert ours["type"] == theirs.type
        for axis in {"x", "y", "z"} & set(ours):
            np.testing.assert_array_equal(np.asarray(theirs[axis], dtype=float), np.asarray(ours[axis], dtype=float))


@pytest.mark.parametrize("surface", list(surfaces.REGISTRY))
@pytest.mark.parametrize("name", list(FIGURES))
def test_every_figure_of_every_surface_is_valid_plotly(name: str, surface: str) -> None:
    figure = FIGURES[name](picture(an("gradient_descent", 1e-3), an("adam", 0.05), surface=surface, stop="update", tolerance=0.05), "dark", str)
    assert_plotly_accepts(figure)
    wire.pack(figure)  # and travels to the browser


@pytest.mark.parametrize("name", list(FIGURES))
@pytest.mark.parametrize("axis", ["log", "linear"])
def test_divergence_overflow_and_hidden_runs_are_valid_plotly(name: str, axis: str) -> None:
    runs = (an("gradient_descent", 1.2), an("gradient_descent", 10.0), an("momentum", 0.51), an("adam", hidden=True))
    assert_plotly_accepts(FIGURES[name](picture(*runs, steps=700, axis=axis), "light", str))


def test_a_figure_without_visible_runs_is_drawn() -> None:
    for build in FIGURES.values():
        for axis in ("log", "linear"):
            assert_plotly_accepts(build(picture(an("adam", hidden=True), axis=axis), "light", str))


@pytest.mark.parametrize("build", [map_figure, curve_figure])
def test_moving_a_slider_changes_only_points_and_texts(build: object) -> None:
    """The browser redraws these and nothing else; any other change costs a full redraw."""
    before, after = (build(picture(an("gradient_descent", lr), an("adam"), stop="update"), "light", str) for lr in (0.30, 0.31))  # type: ignore[operator]
    assert {k: v for k, v in before["layout"].items() if k != "annotations"} == {k: v for k, v in after["layout"].items() if k != "annotations"}
    for old, new in zip(before["data"], after["data"], strict=True):
        moved = {key for key in old.keys() | new.keys() if wire.pack({"": old.get(key)}) != wire.pack({"": new.get(key)})}
        assert moved <= {"x", "y", "customdata", "hovertext", "hovertemplate", "marker"}


# ---------------------------------------------------------------------- the contour


def test_the_heights_are_the_same_object_for_the_same_landscape() -> None:
    first, second = (traces(map_figure(picture(an("adam", lr)), theme, str))["contour"] for lr, theme in ((0.1, "light"), (0.2, "dark")))
    assert first["z"] is second["z"]
    other = traces(map_figure(picture(surface="rosenbrock"), "light", str))["contour"]
    assert other["z"] is not first["z"]


def test_the_level_lines_stand_where_the_surface_wants_them() -> None:
    for surface in (cls() for cls in surfaces.REGISTRY.values()):
        shown = compute.landscape(surface)
        made, levels = grid.grid_of(shown, surface.levels), surface.levels
        drawn = made.start + made.size * np.arange(levels.count)
        wanted = np.geomspace(levels.low, levels.high, levels.count) if levels.log else np.linspace(levels.low, levels.high, levels.count)
        np.testing.assert_allclose(10**drawn if levels.log else drawn, wanted, rtol=1e-12)
        assert made.z.shape == shown.loss.shape
        if levels.log:
            exact = shown.loss - (shown.floor or 0.0) > levels.low
            np.testing.assert_allclose(10 ** made.z[exact] + (shown.floor or 0.0), shown.loss[exact], rtol=1e-9, atol=1e-9)
        else:
            assert made.z is shown.loss


# ---------------------------------------------------------------------- paths on the map


def test_a_path_is_the_record_itself() -> None:
    shown = picture()
    for index, trace in paths(map_figure(shown, "light", str)).items():
        np.testing.assert_array_equal(trace["x"], shown.paths[index].w[:, 0])
        np.testing.assert_array_equal(trace["y"], shown.paths[index].w[:, 1])
        np.testing.assert_array_equal(trace["customdata"], shown.paths[index].loss)
        assert trace["marker"]["maxdisplayed"] == 0  # a dot for every step
    assert paths(map_figure(picture(steps=DOTS * 2 + 1), "light", str))[0]["marker"]["maxdisplayed"] > 0


def test_hidden_runs_are_not_drawn_and_change_no_style() -> None:
    shown, hidden = picture(an("adam"), an("adam", 0.1)), picture(an("adam", hidden=True), an("adam", 0.1))
    for build in FIGURES.values():
        assert set(paths(build(hidden, "light", str))) == {1}
    assert paths(map_figure(hidden, "light", str))[1]["line"] == paths(map_figure(shown, "light", str))[1]["line"]


def test_after_the_stop_the_path_goes_on_in_grey() -> None:
    shown = picture(an("adam"), an("gradient_descent"), stop="update", tolerance=0.05)
    stop = shown.readings[1].stop
    assert stop is not None and stop < 60
    figure = map_figure(shown, "light", str)
    head, tail = paths(figure)[1], traces(figure)["tail:1"]
    np.testing.assert_array_equal(np.r_[head["x"], tail["x"][1:]], shown.paths[1].w[:, 0])
    assert len(head["x"]) == stop + 1 and head["x"][-1] == tail["x"][0]
    assert tail["line"]["color"] == PALETTES["light"].muted
    np.testing.assert_array_equal(tail["customdata"][:, 0], np.arange(stop, 61))
    curve = curve_figure(shown, "light", str)
    head, tail = paths(curve)[1]["y"], traces(curve)["tail:1"]["y"]
    np.testing.assert_array_equal(np.r_[head, tail[stop + 1 :]], plotted_loss(shown, 1))
    assert np.isnan(tail[:stop]).all()


def test_a_path_that_leaves_the_view_ends_in_an_arrow_with_the_step_of_the_table() -> None:
    shown = picture(an("gradient_descent", 0.51), an("adam"))
    reading, domain = shown.readings[0], shown.experiment.surface.domain
    assert reading.status == "left_view"
    figure = map_figure(shown, "light", str)
    exits = traces(figure)["exits"]
    assert exits["marker"]["symbol"] == ["circle", "arrow"]
    x, y = exits["x"], exits["y"]
    np.testing.assert_array_equal([x[0], y[0]], shown.paths[0].w[reading.at - 1])
    assert 3.2 * (1 - 1e-5) < abs(y[1]) < 3.2 and domain.w1[0] < x[1] < domain.w1[1]
    outside = shown.paths[0].w[reading.at]
    cross = (x[1] - x[0]) * (outside[1] - y[0]) - (y[1] - y[0]) * (outside[0] - x[0])
    assert abs(cross) < 1e-4  # on the segment, but for the hair by which the arrow keeps inside
    assert paths(figure)[0]["x"][-1] == outside[0]  # true numbers, and no more of them
    assert f"t = {reading.at}" in [note["text"] for note in figure["layout"]["annotations"]]


def test_numbers_that_end_inside_the_view_end_in_a_cross() -> None:
    w = np.array([[0.0, 0.0], [0.5, 0.5], [np.inf, np.nan], [np.nan, np.nan]])
    line = geometry.drawn(w, BOX)
    assert line.last == 1 and len(line.w) == 2
    assert line.exit is not None and line.exit.step == 2
    np.testing.assert_array_equal(line.exit.border, line.exit.inside)


@pytest.mark.parametrize("size", [10.0, 1e20, 1e154, 1.7e308])
def test_a_far_point_is_drawn_in_its_true_direction_however_far(size: float) -> None:
    line = geometry.drawn(np.array([[0.0, 0.0], [0.5, -1.0], [size, -size]]), BOX)
    assert line.exit is not None and line.exit.step == line.last == 2
    np.testing.assert_allclose(line.exit.border, [1.0, -1.5] if size > 1e19 else [1.0, -1.0 - 9 * 0.5 / 9.5], rtol=1e-12)
    if size > 1e19:
        np.testing.assert_allclose(line.w[-1], [41.0, -41.5])
        assert np.abs(line.w).max() < 1e3


def test_a_path_that_comes_back_is_drawn_whole() -> None:
    w = np.array([[0.0, 0.0], [300.0, 0.0], [0.5, 0.5]])
    line = geometry.drawn(w, BOX)
    np.testing.assert_array_equal(line.w, w)
    assert line.exit is None


def test_thinning_keeps_the_shape() -> None:
    t = np.linspace(0.0, 1.0, 10_000)
    w = np.column_stack([0.9 * (1 - t) ** 3 * np.cos(40 * t), 1.8 * (1 - t) ** 3 * np.sin(40 * t)])
    line = geometry.drawn(w, BOX)
    assert line.t is not None and line.t[0] == 0 and line.t[-1] == 9_999
    assert len(line.w) < 9_000
    np.testing.assert_array_equal(line.w, w[line.t])
    between = np.column_stack([np.interp(np.arange(10_000), line.t, line.w[:, axis]) for axis in (0, 1)])
    assert (np.abs(between - w) / [2.0, 4.0]).max() < 1 / 1000
    still = geometry.drawn(np.repeat(w[:1], 10_000, axis=0), BOX)
    assert len(still.w) == 2


def test_a_run_that_never_was_in_view_is_no_error() -> None:
    shown = picture()
    away = dataclasses.replace(shown, paths=tuple(path._replace(w=path.w + 100.0) for path in shown.paths))
    for build in FIGURES.values():
        assert_plotly_accepts(build(away, "light", str))


# ---------------------------------------------------------------------- names on the map


def test_names_are_written_only_where_they_cover_nothing() -> None:
    def end(x: float, y: float, text: str = "Adam") -> places.End:
        return places.End(np.array([x, y]), text, "#000000", True)

    def named(*ends: places.End) -> list[str]:
        return [label.text for label in places.place(ends, [np.array([0.0, 0.0])], [np.array([0.0])], [np.array([0.0])], BOX)]

    assert named(end(0.5, 1.0, "A"), end(-0.5, -1.0, "B")) == ["A", "B"]
    assert named(end(0.5, 1.0, "A"), end(0.51, 1.0, "B"), end(-0.5, -1.0, "C")) == ["C"]
    assert named(end(0.5, 1.0, "A name much longer than the whole of a phone's width, which has room nowhere")) == []
    (right,) = places.place([end(0.98, 1.0, "Momentum")], [], [np.array([0.0])], [np.array([0.0])], BOX)
    assert right.side[0] != 1  # it would leave the view


def test_a_name_keeps_clear_of_the_path() -> None:
    xs, ys = np.linspace(-0.9, 0.2, 300), np.zeros(300)
    for flip in (1, -1):
        (label,) = places.place([places.End(np.array([0.2 * flip, 0.0]), "Adam", "#000000", True)], [], [flip * xs], [ys], BOX)
        assert label.side != (-flip, 0)


# ---------------------------------------------------------------------- the curve


def test_the_curve_shows_the_recorded_loss() -> None:
    for surface in ("rosenbrock", "elongated_quadratic", "styblinski_tang"):
        if surface not in surfaces.REGISTRY:
            continue
        log, linear = (picture(surface=surface, axis=axis) for axis in ("log", "linear"))
        floor = log.landscape.floor
        assert floor is not None
        for index in range(4):
            np.testing.assert_array_equal(plotted_loss(linear, index), linear.paths[index].loss)
            above = log.paths[index].loss - floor
            np.testing.assert_array_equal(plotted_loss(log, index), np.where(above > 0, above, np.nan))
            assert paths(curve_figure(log, "light", str))[index]["y"].shape == (61,)
        title = curve_figure(log, "light", str)["layout"]["yaxis"]["title"]["text"]
        assert title == ("L(w) − L*" if floor else "L(w)")
        assert curve_figure(linear, "light", str)["layout"]["yaxis"]["title"]["text"] == "L(w)"


def test_without_a_minimum_the_log_axis_shows_the_loss_itself() -> None:
    shown = picture()
    bare = dataclasses.replace(shown, landscape=dataclasses.replace(shown.landscape, floor=None, minima=np.empty((0, 2))))
    np.testing.assert_array_equal(plotted_loss(bare, 0), shown.paths[0].loss)
    for build in FIGURES.values():
        assert_plotly_accepts(build(bare, "light", str))


def test_divergence_is_shown_and_spoils_no_axis() -> None:
    runs = (an("gradient_descent", 1.2), an("adam", 0.1))
    log, linear = (curve_figure(picture(*runs, steps=250, axis=axis), "light", str) for axis in ("log", "linear"))
    ticks = log["layout"]["yaxis"]["ticktext"]
    assert all(text.startswith("10") or text == "1" for text in ticks) and len(ticks) <= 8
    low, high = linear["layout"]["yaxis"]["range"]
    assert low < 0 and 10 < high < 20 and 1 < log["layout"]["yaxis"]["range"][1] < 4
    for figure, top in ((linear, high), (log, 10 ** log["layout"]["yaxis"]["range"][1])):
        assert np.nanmax(paths(figure)[0]["y"]) > 1e250  # the data are not cut
        arrow = traces(figure)["exits"]
        assert arrow["y"][1] == pytest.approx(top, rel=1e-5)
        t, border = int(arrow["x"][0]), arrow["x"][1]
        before, after = paths(figure)[0]["y"][t : t + 2]
        assert before <= top < after and t < border < t + 1
        if figure is log:  # on the line as the axis draws it
            assert np.log(before) + (border - t) * np.log(after / before) == pytest.approx(np.log(top))


def test_the_log_axis_shows_a_mild_divergence_whole() -> None:
    figure = curve_figure(picture(an("gradient_descent", 0.55), steps=30), "light", str)
    assert 10 ** figure["layout"]["yaxis"]["range"][1] > np.max(paths(figure)[0]["y"]) and not len(traces(figure)["exits"]["x"])


def test_the_log_axis_reaches_16_decades_below_the_start_and_no_further() -> None:
    shown = picture(an("gradient_descent", 0.4), steps=9_000)
    low, high = curve_figure(shown, "light", str)["layout"]["yaxis"]["range"]
    assert np.nanmin(plotted_loss(shown, 0)) < 1e-100
    assert -17 <= low <= -15 and 1 <= high <= 2


# ---------------------------------------------------------------------- space


def test_in_space_every_step_has_a_point_on_the_surface_and_the_player_a_cursor() -> None:
    shown = picture(an("gradient_descent", 0.51), an("adam"), an("momentum", hidden=True))
    figure = space_figure(shown, "light", str)
    made = grid.grid_of(shown.landscape, shown.experiment.surface.levels)
    steps = paths(figure)
    assert set(steps) == {0, 1} and "lines" in steps[1]["mode"]
    np.testing.assert_array_equal(steps[1]["x"], shown.paths[1].w[:, 0])
    lifted = steps[1]["z"] - height_at(made, shown.paths[1].w)
    assert (lifted > 0).all() and lifted.max() < 0.1 * (made.end - made.start)
    assert len(steps[0]["x"]) == shown.readings[0].at + 1 and abs(steps[0]["y"][-1]) == 3.2
    cursor = traces(figure)["cursor"]
    assert len(cursor["x"]) == 2 == len(cursor["marker"]["color"]) and np.isnan(cursor["x"]).all()
    for axis, (low, high) in (("x", (-6.0, 3.0)), ("y", (-3.2, 3.2))):
        for trace in figure["data"][1:-1]:
            assert ((np.asarray(trace[axis]) >= low) & (np.asarray(trace[axis]) <= high)).all()


def test_heights_between_the_corners() -> None:
    shown = compute.landscape(surfaces.REGISTRY["elongated_quadratic"]())
    made = grid.grid_of(shown, surfaces.REGISTRY["elongated_quadratic"].levels)
    corners = np.array([[shown.w1[3], shown.w2[5]], [shown.w1[-1], shown.w2[-1]], [(shown.w1[3] + shown.w1[4]) / 2, shown.w2[5]]])
    bowl = made.bowl
    np.testing.assert_allclose(height_at(made, corners), [bowl[5, 3], bowl[-1, -1], (bowl[5, 3] + bowl[5, 4]) / 2])


# ---------------------------------------------------------------------- style


def linear_rgb(color: str) -> np.ndarray:
    value = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2: (L₁ + 0.05) / (L₂ + 0.05)."""
    low, high = sorted(float(linear_rgb(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def cielab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


DEUTERANOPIA = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])
"""Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB."""


def test_the_measures_are_right() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)  # the well-known limit grey
    np.testing.assert_allclose(DEUTERANOPIA.sum(axis=1), 1.0, atol=1e-5)  # grey stays grey


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_stands_out_from_the_page(theme: Theme) -> None:
    for shades in HUES[theme].values():
        assert len(set(shades)) == 3
        for color in shades:
            assert contrast(color, PALETTES[theme].background) >= 3.0, color


@pytest.mark.parametrize("theme", THEMES)
def test_the_seven_hues_stay_apart_without_green_cones(theme: Theme) -> None:
    base = {family: linear_rgb(shades[0]) for family, shades in HUES[theme].items()}
    assert len(base) == 7
    for (one, a), (other, b) in itertools.combinations(base.items(), 2):
        assert np.linalg.norm(cielab(a) - cielab(b)) > 20, (one, other)
        assert np.linalg.norm(cielab(DEUTERANOPIA @ a) - cielab(DEUTERANOPIA @ b)) > 12, (one, other)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("key", list(optimizers.REGISTRY))
def test_eight_runs_of_one_optimizer_are_all_different(key: str, theme: Theme) -> None:
    made = styles([an(key, 0.1 * (i + 1)) for i in range(MAX_RUNS)], theme)
    assert len({look[:3] for look in made}) == MAX_RUNS == len({look.label for look in made})
    assert made[0][:3] == styles([an(key)], theme)[0][:3]
    assert all(len({a, b}) == 2 for one, other in itertools.pairwise(made) for a, b in zip(one[:3], other[:3], strict=True))
    shades = {shade for hue in HUES[theme].values() for shade in hue}
    assert all(look.dash in DASHES and look.marker in MARKERS and look.color in shades for look in made)
    hues = [next(family for family, hue in HUES[theme].items() if look.color in hue) for look in made[: len(HUES[theme])]]
    assert hues[0] == optimizers.REGISTRY[key].family and len(set(hues)) == len(HUES[theme]), "as many hues as there are"


def test_an_optimizer_wears_the_same_style_in_any_company() -> None:
    for some in itertools.combinations(optimizers.REGISTRY, 3):
        for order in itertools.permutations(some):
            runs = [an(key) for key in (order[0], *order)]  # with a second run of the first one
            for run, look in zip(runs[1:], styles(runs, "light")[1:], strict=True):
                if run.key != order[0]:
                    assert look[:3] == styles([run], "light")[0][:3]
    every = [an(key) for key in optimizers.REGISTRY]
    assert len({look[:3] for look in styles(every, "light")}) == len(every)


def test_labels_say_what_matters() -> None:
    assert labels([an("adam"), an("momentum", beta=0.5)]) == ("Adam η=0.4", "Momentum η=0.4 β=0.5")
    two = [an("adam", 0.1), an("adam", 0.1, beta1=0.5), an("gradient_descent", 1e-5)]
    assert labels(two) == ("Adam η=0.1 β₁=0.9", "Adam η=0.1 β₁=0.5", "GD η=10⁻⁵")
    assert short_labels(two) == ("Adam β₁=0.9", "Adam β₁=0.5", "GD")
    assert short_labels([an("adam", epsilon=1e-4), an("rmsprop")]) == ("Adam", "RMSprop")
    assert labels([an("adam")], str.upper) == ("ADAM η=0.4",)


def test_symbols() -> None:
    wanted = {r"\beta_1": "β₁", r"\beta_{2}": "β₂", r"\eta": "η", r"\varepsilon": "ε", r"\gamma": "γ", "k": "k"}
    assert {latex: unicode_symbol(latex) for latex in wanted} == wanted


# ---------------------------------------------------------------------- numbers and the table


def test_numbers() -> None:
    shown = {
        0.0: "0", 1.0: "1", 0.4: "0.4", 1 / 3: "0.3333", -2.5: "−2.5", 1234.5678: "1235", 9999.9: "10⁴", 12345.0: "1.234·10⁴", 0.001: "0.001",
        9.994e-4: "9.994·10⁻⁴", 1e-3 - 1e-9: "0.001", 1e-8: "10⁻⁸", -1e-8: "−10⁻⁸", 2.5e-4: "2.5·10⁻⁴", 1e300: "10³⁰⁰", 5e-324: "4.941·10⁻³²⁴",
        math.inf: "∞", -math.inf: "−∞", 100.0: "100", 20.0: "20",
    }  # fmt: skip
    assert {value: number_text(value) for value in shown} == shown
    assert number_text(math.nan) == "NaN"
    assert [decade(order) for order in (-3, 0, 1, 2)] == ["10⁻³", "1", "10", "10²"]


def test_the_table_reads_the_runs() -> None:
    runs = (an("gradient_descent", 0.51), an("gradient_descent", 10.0), an("momentum", 0.4, beta=0.5), an("adam", 1e-3), an("adam", hidden=True))
    shown = picture(*runs, steps=300, stop="update", tolerance=1e-4)
    made = table(shown, "light", str)
    assert [row["run"] for row in made["rows"]] == [0, 1, 2, 3]
    assert all(len(row["cells"]) == len(made["columns"]) for row in made["rows"])
    status = [row["cells"][-1] for row in made["rows"]]
    assert status[0] == f"left the view at step {shown.readings[0].at}"
    assert status[1].startswith("overflow at step ")
    assert status[2] == f"converged at step {shown.readings[2].stop}"
    assert status[3] == "still moving"
    assert made["rows"][1]["cells"][0] in ("∞", "NaN") and made["rows"][3]["cells"][2] == "not yet"
    assert made["rows"][2]["cells"][2] == f"step {shown.readings[2].within}"
    look = styles(runs, "light")[2]
    assert made["rows"][2]["swatch"] == {"color": look.color, "dash": look.dash, "marker": look.marker} and made["rows"][2]["label"] == look.label
    bare = dataclasses.replace(shown, landscape=dataclasses.replace(shown.landscape, floor=None))
    bare = dataclasses.replace(bare, readings=tuple(dataclasses.replace(r, within=None, distance=None) for r in shown.readings))
    assert all(row["cells"][1:3] == ["—", "—"] for row in table(bare, "light", str)["rows"])


def test_every_word_is_translated() -> None:
    seen: list[str] = []

    def shout(text: str) -> str:
        seen.append(text)
        return f"«{text}»"

    shown = picture(an("adam", 1e-3), an("gradient_descent"), stop="update", tolerance=0.05)
    made = table(shown, "light", shout)
    for row in made["rows"]:
        assert row["cells"][-1].startswith("«") and row["label"].startswith("«")
    for build in FIGURES.values():
        build(shown, "light", shout)
    assert {"after the stop", "log", "Adam", "GD"} <= set(seen)
