"""Figures of what changes along a run: learning rates, gradients before and after clipping, and fans of many seeds."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import surfaces
from lab import compute
from lab.experiment import Experiment
from lab.figures import fan as fan_module
from lab.figures.curve import curve_figure
from lab.figures.fan import MARKS, faint_points
from lab.figures.map import map_figure
from lab.figures.norm import norm_figure
from lab.figures.rate import rate_figure
from lab.figures.space import space_figure
from lab.figures.style import labels, short_labels, styles
from lab.live import wire
from lab.runs import Chance, Run
from lab.widgets.stage import stage_payload
from optim_core import optimizers, schedules
from optim_core.clipping import CLIPS
from optim_core.plan import WARMUPS

FIGURES = {"map": map_figure, "curve": curve_figure, "space": space_figure, "rate": rate_figure, "norm": norm_figure}
S = schedules.REGISTRY
WARM = WARMUPS["linear"](steps=8.0)


def a(key: str = "gradient_descent", lr: float = 0.4, schedule: Any = None, warmup: Any = None, clip: Any = None, hidden: bool = False) -> Run:
    return Run(optimizers.REGISTRY[key](), lr, hidden, schedule or S["constant"](), warmup, clip)


def picture(*runs: Run, surface: str = "elongated_quadratic", steps: int = 60, **changes: Any) -> compute.Picture:
    made = surfaces.REGISTRY[surface]()
    return compute.picture(Experiment(made, made.starts[0], steps, runs, **changes))


def traces(figure: dict[str, Any], prefix: str = "") -> dict[str, dict[str, Any]]:
    return {trace["name"]: trace for trace in figure["data"] if trace["name"].startswith(prefix)}


def of_runs(figure: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {trace["meta"]["run"]: trace for trace in figure["data"] if "meta" in trace}


EVERYTHING = (
    a(schedule=S["plateau"](patience=1.0)),
    a("momentum", 0.2, S["custom"](), WARM, CLIPS["norm"]()),
    a("adam", 10.0, S["piecewise"](), None, CLIPS["value"](threshold=0.5)),
    a("nesterov", 5.0, S["cosine"](), WARM, CLIPS["norm"](threshold=1e4)),
    a("rmsprop", clip=CLIPS["norm"](), hidden=True),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("axis", ["log", "linear"])
@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_every_figure_with_everything_in_it(name: str, axis: Any, theme: Any) -> None:
    shown = picture(*EVERYTHING, steps=700, axis=axis, rates=axis, epoch=7, stop="update", chance=Chance(fan=4))
    figure = FIGURES[name](shown, theme, str)
    made = go.Figure(figure)
    for ours, theirs in zip(figure["data"], made.data, strict=True):
        for side in {"x", "y"} & set(ours):
            np.testing.assert_array_equal(np.asarray(theirs[side], dtype=float), np.asarray(ours[side], dtype=float))
    assert set(of_runs(figure)) == {0, 1, 2, 3}
    assert name == "space" or len(traces(figure)) == len(figure["data"])  # every trace has a name of its own
    wire.pack(figure)


# ---------------------------------------------------------------------- learning rates


@pytest.mark.parametrize("key", S)
def test_the_rates_are_those_the_runs_were_made_with(key: str) -> None:
    """A staircase: each holds to the next step, the last one to the end."""
    shown = picture(a("adam", 0.3, S[key](), WARM), epoch=2)
    trace = of_runs(rate_figure(shown, "light", str))[0]
    assert (trace["x0"], trace["dx"], trace["line"]["shape"]) == (0, 1, "hv")
    np.testing.assert_array_equal(trace["y"], [*shown.paths[0].lr, shown.paths[0].lr[-1]])


def test_an_answer_to_the_run_is_shown() -> None:
    run = a("gradient_descent", 0.6, S["plateau"](patience=2.0))
    y = of_runs(rate_figure(picture(run), "light", str))[0]["y"]
    assert y[0] == 0.6 and y[-1] == 0.3 and set(np.unique(y)) == {0.6, 0.3}


def test_the_logarithmic_axis_leaves_zero_out() -> None:
    runs = (a("adam", 0.3, S["custom"](formula="max(0, eta0 - t/100)"), WARM), a("gradient_descent", 1e-3))
    log, linear = (picture(*runs, rates=rates) for rates in ("log", "linear"))
    lr = np.append(log.paths[0].lr, log.paths[0].lr[-1])
    assert lr[0] == 0 == lr[-1] and lr.max() > 0.2
    figure = rate_figure(log, "light", str)
    np.testing.assert_array_equal(of_runs(figure)[0]["y"], np.where(lr > 0, lr, np.nan))
    low, high = figure["layout"]["yaxis"]["range"]
    assert figure["layout"]["yaxis"]["type"] == "log" and low <= -3 and high >= np.log10(lr.max())
    np.testing.assert_array_equal(of_runs(rate_figure(linear, "light", str))[0]["y"], lr)
    low, high = rate_figure(linear, "light", str)["layout"]["yaxis"]["range"]
    assert low == 0 and lr.max() < high < 1.2 * lr.max()


def test_a_rate_that_is_zero_throughout_is_drawn() -> None:
    for rates in ("log", "linear"):
        figure = rate_figure(picture(a(schedule=S["custom"](formula="0*t")), rates=rates), "light", str)
        low, high = figure["layout"]["yaxis"]["range"]
        assert low < high and np.isfinite([low, high]).all()


@pytest.mark.parametrize(("steps", "epoch", "wanted"), [(60, 10, 1), (60, 7, 1), (1000, 10, 13), (60, 60, 1), (60, 500, 1)])
@pytest.mark.parametrize("warmup", [0, 13])
def test_ticks_stand_at_the_beginnings_of_epochs(steps: int, epoch: int, wanted: int, warmup: int) -> None:
    shown = picture(a(schedule=S["exponential"](), warmup=WARMUPS["linear"](steps=warmup) if warmup else None), steps=steps, epoch=epoch)
    axis = rate_figure(shown, "light", str)["layout"]["xaxis"]
    numbers = [int(text) for text in axis["ticktext"]]
    assert axis["range"] == [0, steps] and axis["title"]["text"] == f"epoch of {epoch} steps"
    assert numbers == list(range(0, numbers[-1] + 1, wanted)) and axis["tickvals"] == [warmup + epoch * number for number in numbers]
    for value in axis["tickvals"][1:]:  # there the rate takes its next value
        assert value >= steps or shown.paths[0].lr[value] < shown.paths[0].lr[value - 1]
    assert "tickvals" not in rate_figure(picture(a(), steps=steps), "light", str)["layout"]["xaxis"]


def test_runs_with_different_warm_ups_share_no_beginnings() -> None:
    shown = picture(a(warmup=WARMUPS["linear"](steps=13)), a("adam", schedule=S["step"]()), epoch=10)
    assert rate_figure(shown, "light", str)["layout"]["xaxis"]["tickvals"][:2] == [0, 10]


# ---------------------------------------------------------------------- gradients


def test_the_norm_before_and_after_clipping_and_the_threshold() -> None:
    runs = (a("gradient_descent", 0.1, clip=CLIPS["norm"](threshold=2.0)), a("adam", 0.1), a("momentum", 0.1, clip=CLIPS["value"](threshold=0.5)))
    shown = picture(*runs)
    figure = norm_figure(shown, "light", str)
    for index, trace in of_runs(figure).items():
        np.testing.assert_allclose(trace["y"], np.linalg.norm(shown.paths[index].step.grad, axis=1), rtol=1e-14)
    assert set(of_runs(figure)) == {0, 1, 2} and set(traces(figure, "raw:")) == {"raw:0", "raw:2"}
    for index in (0, 2):
        np.testing.assert_allclose(traces(figure, "raw:")[f"raw:{index}"]["y"], np.linalg.norm(shown.paths[index].raw_grad, axis=1), rtol=1e-14)
    assert np.nanmax(of_runs(figure)[0]["y"]) <= 2.0 + 1e-12 < np.nanmax(traces(figure)["raw:0"]["y"])
    lines = traces(figure, "threshold:")
    assert {name: trace["y"] for name, trace in lines.items()} == {f"threshold:{c!r}": [c, c] for c in (2.0, 0.5 * 2**0.5)}
    assert np.nanmax(of_runs(figure)[2]["y"]) == pytest.approx(0.5 * 2**0.5), "clipping by value leaves c√2 at most, and here does"
    low, high = figure["layout"]["yaxis"]["range"]
    assert all(low <= np.log10(value) <= high for value in (0.7, 2.0, np.nanmax(traces(figure)["raw:0"]["y"])))


def test_thresholds_that_look_alike_are_two_lines() -> None:
    runs = (a("gradient_descent", 0.1, clip=CLIPS["norm"](threshold=1.0)), a("adam", 0.1, clip=CLIPS["norm"](threshold=1.0000001)))
    figure = norm_figure(picture(*runs), "light", str)
    assert len(traces(figure, "threshold:")) == len([trace for trace in figure["data"] if trace["name"].startswith("threshold:")])


def test_gradients_without_a_logarithm_leave_a_gap() -> None:
    standing = picture(a(clip=CLIPS["norm"]()), surface="elongated_quadratic")
    still = dataclasses.replace(
        standing, paths=(standing.paths[0]._replace(raw_grad=np.zeros((60, 2)), step=standing.paths[0].step._replace(grad=np.zeros((60, 2)))),)
    )
    figure = norm_figure(still, "light", str)
    assert np.isnan(of_runs(figure)[0]["y"]).all() and np.isfinite(figure["layout"]["yaxis"]["range"]).all()
    flown = of_runs(norm_figure(picture(a(lr=5.0), steps=1000), "light", str))[0]["y"]
    assert np.nanmax(flown) > 1e300 and np.isnan(flown[-1]) and not np.isinf(flown).any()


@pytest.mark.parametrize("key", CLIPS)
def test_marks_stand_exactly_where_a_step_was_cut(key: str) -> None:
    shown = picture(a(lr=0.1, clip=CLIPS[key](threshold=1.0)), a("adam"))
    path = shown.paths[0]
    cut = np.flatnonzero((path.raw_grad != path.step.grad).any(axis=1))
    marks = traces(map_figure(shown, "light", str), "clipped:")
    assert list(marks) == ["clipped:0"] and 0 < len(cut) < 60
    np.testing.assert_array_equal(marks["clipped:0"]["customdata"], cut)
    np.testing.assert_array_equal(np.column_stack([marks["clipped:0"]["x"], marks["clipped:0"]["y"]]), path.w[cut])


def test_of_very_many_marks_some_are_drawn_and_none_without_a_point() -> None:
    shown = picture(a(lr=1e-5, clip=CLIPS["norm"](threshold=1e-3)), steps=3000)
    marks = traces(map_figure(shown, "light", str))["clipped:0"]["customdata"]
    assert MARKS / 2 < len(marks) <= MARKS and marks[0] == 0 and len(set(np.diff(marks))) == 1
    flown = shown.paths[0]._replace(w=np.where(np.arange(3001)[:, None] < 100, shown.paths[0].w, np.nan))
    marks = traces(map_figure(dataclasses.replace(shown, paths=(flown,)), "light", str))["clipped:0"]
    assert marks["customdata"].tolist() == list(range(100))


# ---------------------------------------------------------------------- fans


def test_the_faint_paths_are_the_other_seeds_with_gaps_between() -> None:
    shown = picture(a(lr=0.1), a("adam", 0.1), a("adam", hidden=True), chance=Chance(fan=5))
    drawn = traces(map_figure(shown, "light", str), "fan:")
    assert set(drawn) == {"fan:0", "fan:1"}
    for index in (0, 1):
        made, trace = shown.fans[index], drawn[f"fan:{index}"]
        assert made is not None and trace["line"]["color"] == styles(shown.experiment.runs, "light")[index].color and "meta" not in trace
        points = np.column_stack([trace["x"], trace["y"]]).reshape(4, len(made.t) + 1, 2)
        np.testing.assert_array_equal(points[:, :-1], made.w[1:])
        assert np.isnan(points[:, -1]).all() and not np.isnan(points[:, :-1]).any()
        np.testing.assert_array_equal(faint_points(made), (trace["x"], trace["y"]))


@pytest.mark.parametrize("steps", [60, fan_module.BAND_POINTS - 1, 2000])
@pytest.mark.parametrize("axis", ["log", "linear"])
def test_the_band_lies_between_low_and_high(axis: Any, steps: int) -> None:
    shown = picture(a("adam", 0.1), axis=axis, steps=steps, chance=Chance(fan=9))
    made, drawn = shown.fans[0], traces(curve_figure(shown, "light", str))
    assert made is not None
    band, median = drawn["band:0"], drawn["median:0"]
    t = median["x"]
    assert t[0] == 0 and t[-1] == steps and len(t) == min(steps + 1, fan_module.BAND_POINTS) and (np.diff(t) > 0).all()
    np.testing.assert_array_equal(band["x"], [*t, *t[::-1]])
    upper, lower = band["y"][: len(t)], band["y"][len(t) :][::-1]
    for ours, quantile in ((upper, made.high), (median["y"], made.median), (lower, made.low)):
        np.testing.assert_array_equal(ours, quantile[t])  # its lowest loss is 0, so both axes have the loss itself
    assert (lower <= median["y"]).all() and (median["y"] <= upper).all() and band["fill"] == "toself"
    assert "median of 9 seeds" in median["hovertext"]


@pytest.mark.parametrize("axis", ["log", "linear"])
def test_a_band_of_seeds_that_fly_away_is_finite_and_leaves_the_top(axis: Any) -> None:
    shown = picture(a(lr=3.0), steps=1000, axis=axis, chance=Chance(fan=5))
    figure = curve_figure(shown, "light", str)
    top = figure["layout"]["yaxis"]["range"][1]
    for name in ("band:0", "median:0"):
        y = traces(figure)[name]["y"]
        assert np.isfinite(y).all() and y.max() >= (10.0**top if axis == "log" and top < 308 else top if axis == "linear" else 1e300)


def test_without_a_fan_nothing_is_drawn_of_one() -> None:
    shown = picture(a(), a("adam"), chance=Chance())
    for build in FIGURES.values():
        assert not any(name.startswith(("fan:", "band:", "median:", "clipped:", "raw:", "threshold:")) for name in traces(build(shown, "light", str)))


# ---------------------------------------------------------------------- what the stage is told


def test_the_stage_has_the_figures_that_are_in_use() -> None:
    plain = stage_payload(picture(a()), "light", str)
    assert set(plain["figures"]) == {"map", "curve"} and not {"rate", "norm", "clipped", "fan"} & set(plain["runs"][0])
    timed = picture(a(schedule=S["cosine"]()), a("adam", clip=CLIPS["norm"]()), chance=Chance(fan=3))
    told = stage_payload(timed, "light", str)
    assert set(told["figures"]) == {"map", "curve", "norm", "rate"}
    assert set(stage_payload(timed, "light", str, timed=True)["figures"]) == {"map", "curve", "norm"}  # there the panel has the rates
    assert [note.split(":")[0] for note in told["notes"]] == ["Dotted"] and "clipped" not in told["runs"][0] and "clipped" in told["runs"][1]
    for run, path in zip(told["runs"], timed.paths, strict=True):
        np.testing.assert_array_equal(run["rate"], path.lr)
        np.testing.assert_allclose(run["norm"], np.linalg.norm(path.step.grad, axis=1), rtol=1e-14)
    for run, fan in zip(told["runs"], timed.fans, strict=True):
        assert fan is not None
        np.testing.assert_array_equal(np.stack([run["fan"]["w1"], run["fan"]["w2"]], axis=-1)[:, :-1], fan.w[1:])
        assert np.isnan(run["fan"]["w1"][:, -1]).all()
    hidden = stage_payload(picture(a(), a("adam", schedule=S["cosine"](), clip=CLIPS["norm"](), hidden=True)), "light", str)
    assert set(hidden["figures"]) == {"map", "curve"}
    wire.pack(told)


# ---------------------------------------------------------------------- labels

PAIRS = {
    "schedule": ({"schedule": S["cosine"]()}, {}),
    "its number": ({"schedule": S["step"](k=10.0)}, {"schedule": S["step"](k=20.0)}),
    "its formula": ({"schedule": S["custom"](formula="eta0")}, {"schedule": S["custom"](formula="eta0/2")}),
    "its pieces": ({"schedule": S["piecewise"](pieces="0: 1")}, {"schedule": S["piecewise"](pieces="0: 0.5")}),
    "warm-up or none": ({"warmup": WARM}, {}),
    "warm-up's shape": ({"warmup": WARMUPS["linear"]()}, {"warmup": WARMUPS["cosine"]()}),
    "warm-up's length": ({"warmup": WARMUPS["linear"](steps=5.0)}, {"warmup": WARMUPS["linear"](steps=6.0)}),
    "clip or none": ({"clip": CLIPS["norm"]()}, {}),
    "clip's kind": ({"clip": CLIPS["norm"]()}, {"clip": CLIPS["value"]()}),
    "clip's threshold": ({"clip": CLIPS["norm"](threshold=1.0)}, {"clip": CLIPS["norm"](threshold=2.0)}),
}


@pytest.mark.parametrize("name", PAIRS)
def test_labels_tell_runs_apart_that_differ_only_in(name: str) -> None:
    runs = [a("adam", 0.1, **values) for values in PAIRS[name]]
    for made in (labels(runs), short_labels(runs)):
        assert len(set(made)) == 2 and all(label.startswith("Adam") for label in made)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(S, 2)))
def test_labels_tell_schedules_apart(one: str, other: str) -> None:
    for made in (labels, short_labels):
        assert len(set(made([a(schedule=S[one]()), a(schedule=S[other]())]))) == 2


def test_labels_of_steady_runs_are_what_they_were() -> None:
    assert labels([a("adam")]) == ("Adam η=0.4",) and short_labels([a("adam"), a()]) == ("Adam", "GD")
    assert labels([a("adam", schedule=S["cosine"]())]) == ("Adam η=0.4 Cosine",)
    assert short_labels([a("adam", schedule=S["cosine"]())]) == ("Adam",)
