"""Curves of one parameter, from the link to the picture, the words and the exports."""

from __future__ import annotations

import jax
import numpy as np
import plotly.graph_objects as go
import pytest

from lab import export
from lab.compute import Picture, picture
from lab.experiment import Experiment
from lab.figures.curve import curve_figure
from lab.figures.map import map_figure
from lab.i18n import translator
from lab.live import wire
from lab.plane import drawn_points
from lab.widgets.panel import panel_payload
from lab.widgets.stage import stage_payload
from optim_core.hyper import resolve
from surfaces import CURVES


def shown(surface: str = "parabola", **query: str) -> Picture:
    return picture(Experiment.from_query({"surface": surface, "steps": "30", **query})[0])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("key", CURVES)
def test_paths_stand_on_the_curve(key: str, theme: str) -> None:
    """Every drawn point is (w, L(w)); the curve goes through start and minima; Plotly takes both figures."""
    of = shown(key, theory="1", inspect="1", **{"noise": "constant", "noise.fan": "4", "run1.clip": "norm"})
    figure = map_figure(of, theme, str)  # type: ignore[arg-type]
    go.Figure(figure)
    go.Figure(curve_figure(of, theme, str))  # type: ignore[arg-type]
    traces = {trace["name"]: trace for trace in figure["data"]}
    line = traces["landscape"]
    heights = np.interp(np.r_[traces["start"]["x"], traces["minima"]["x"]], line["x"], line["y"])
    view = np.ptp(of.experiment.surface.domain.w2)
    inside = of.experiment.surface.domain.contains(of.landscape.stars)
    assert np.abs(heights - np.r_[traces["start"]["y"], traces["minima"]["y"]])[np.r_[True, inside]].max() < 1e-3 * view
    for index, path in enumerate(of.paths):
        assert np.array_equal(drawn_points(path), np.column_stack([path.w[:, 0], path.loss]))
        assert any(trace.get("meta") == {"run": index} for trace in figure["data"])
    payload = stage_payload(of, theme, translator("ru"))  # type: ignore[arg-type]
    assert set(payload["line"]) == {"w", "loss"} and payload["inspector"]["arrows"] is None
    tangent = payload["runs"][0]["tangent"]  # the curve's own slope, whatever noise and clip made of it
    slopes = [float(jax.grad(resolve(of.experiment.surface))(np.array([w]))[0]) for w in tangent["at"]]
    np.testing.assert_allclose(tangent["slope"], slopes, rtol=1e-9, atol=1e-9)
    assert tangent["label"] == "−ηg"
    wire.unpack(wire.pack(payload))


def test_the_step_of_gradient_descent_is_called_by_its_formula() -> None:
    """Elsewhere it is Δw."""
    labels = [run["tangent"]["label"] for run in stage_payload(shown(run1="gradient_descent", run2="adam"), "light", str)["runs"]]
    assert labels == ["−η L′(w)", "Δw"]


@pytest.mark.parametrize(
    ("surface", "eta", "words"),
    [
        ("parabola", "0.01", "η is too small: below 0.1/L″ = 0.05"),
        ("parabola", "0.4", "η is right: from 0.1/L″ = 0.05 to 1/L″ = 0.5"),
        ("parabola", "0.7", "η oscillates: between 1/L″ = 0.5 and 2/L″ = 1"),
        ("parabola", "1.2", "η diverges: from 2/L″ = 1"),
        ("tilted_wells", "0.1", "close to the minimum w = 0.9671, and only there: η is right"),
        ("quartic", "0.1", "L″ = 0 at the minimum"),
        ("absolute", "0.1", "a kink"),
    ],
)
def test_regimes_in_words(surface: str, eta: str, words: str) -> None:
    """With the bounds in numbers, for plain gradient descent only."""
    of = shown(surface, run1="gradient_descent", run2="adam", **{"run1.lr": eta})
    groups = {group["id"]: group["note"] for group in panel_payload(of, {}, "light", str)["groups"]}
    assert words in groups["run1"] and groups["run2"] is None


def test_links() -> None:
    """One number for the start, no view in space, the runs kept from surface to curve and back."""
    made, problems = Experiment.from_query({"surface": "parabola", "start": "1,5", "view": "space"})
    assert (made.start, made.view) == ((1.5,), "map") and [problem.key for problem in problems] == ["view"]
    assert Experiment.from_query({"surface": "parabola", "start": "9"})[1][0].allowed == (-3.2, 3.2)
    back = made.on_surface("rosenbrock")
    assert len(back.start) == 2 and [run.key for run in back.runs] == [run.key for run in made.runs]
    assert made.set("start", "2")[0].start == (2.0,)


def test_numbers_of_a_curve() -> None:
    """CSV and JSON have one coordinate."""
    of = shown(run1="adam")
    head = next(line for line in export.trajectories_csv(of).splitlines() if not line.startswith("#"))
    assert head.split(",")[4:8] == ["w1", "loss", "grad1", "raw_grad1"]
    assert '"w":[[-3.0],' in export.trajectories_json(of)
