"""What theory draws: a bound that the drawn loss obeys, parts that add up, curvature that the Hessian has, values that one click applies."""

from __future__ import annotations

import jax
import numpy as np
import plotly.graph_objects as go
import pytest

from lab.compute import Picture, best_values, picture
from lab.experiment import Experiment
from lab.figures.curve import curve_figure
from lab.figures.map import map_figure
from lab.figures.predicted import bearable, curvature_figure
from lab.widgets.inspector import inspector_payload
from lab.widgets.panel import panel_payload
from lab.widgets.stage import stage_payload
from optim_core.optimizers import REGISTRY

RACE = {"run1": "gradient_descent", "run1.lr": "0.45", "run2": "momentum", "run2.lr": "0.3", "run2.beta": "0.8", "run3": "adam", "run3.lr": "0.4"}


def shown(**query: str) -> Picture:
    return picture(Experiment.from_query({"theory": "1", "surface.angle": "20", **RACE, **query})[0])


def traces(of: Picture, figure: str = "curve") -> dict[str, dict]:  # type: ignore[type-arg]
    built = {"curve": curve_figure, "map": map_figure, "curvature": curvature_figure}[figure](of, "light", str)
    go.Figure(built)
    return {trace["name"]: trace for trace in built["data"]}


@pytest.mark.parametrize("axis", ["log", "linear"])
@pytest.mark.parametrize("against", ["steps", "evaluations"])
def test_the_drawn_bound_is_obeyed(axis: str, against: str) -> None:
    """For the optimizers that are linear on quadratics, on either axis; there is none for Adam."""
    found = traces(shown(axis=axis, against=against))
    assert "envelope:2" not in found
    for index, name in enumerate(("GD", "Momentum")):
        bound, loss = found[f"envelope:{index}"]["y"], found[name]["y"]
        assert np.nanmax(loss / bound) <= 1 + 1e-9 and np.nanmax(loss / bound) > 0.5
        assert ("x0" in found[f"envelope:{index}"]) is (against == "steps")


def test_no_bound_where_it_would_not_hold() -> None:
    """A schedule, noise, clipping, another surface, theory switched off."""
    for query in ({"run1.schedule": "cosine"}, {"run1.clip": "norm"}, {"noise": "constant"}, {"surface": "rosenbrock"}, {"theory": "0"}):
        assert "envelope:0" not in traces(shown(**query))


def test_parts_of_the_loss_add_up() -> None:
    """Of the inspected run; of the only one; of none among several."""
    found = traces(shown(inspect="2"))
    np.testing.assert_allclose(found["part0:1"]["y"] + found["part1:1"]["y"], found["Momentum"]["y"], rtol=1e-9)
    assert not any(name.startswith("part") for name in traces(shown()))
    assert "part0:0" in traces(shown(**{"run2.hidden": "1", "run3.hidden": "1"}))


def test_the_axes_are_eigen_directions() -> None:
    """Turned by 20°, through the minimum."""
    axes = traces(shown(), "map")["axes"]
    slopes = [(axes["y"][i + 1] - axes["y"][i]) / (axes["x"][i + 1] - axes["x"][i]) for i in (0, 3)]
    assert np.allclose(sorted(slopes), sorted([np.tan(np.radians(20)), np.tan(np.radians(110))]))
    assert "axes" not in traces(shown(theory="0"), "map")


def test_points_are_marked() -> None:
    """On Himmelblau's map, with words for the marks beneath it; in a draft they wait."""
    of = shown(surface="himmelblau")
    found = traces(of, "map")
    assert [len(found[name]["x"]) for name in ("minima", "saddles", "maxima", "flat")] == [4, 4, 1, 0]
    assert stage_payload(of, "light", str)["notes"][0] == "★ minimum · × saddle · △ maximum"
    moved = picture(Experiment.from_query({"surface": "himmelblau", "surface.a": "10.9"})[0], draft=True)
    assert len(traces(moved, "map")["saddles"]["x"]) == 0


def test_curvature_along_the_path() -> None:
    """λ_max of the Hessian at every point, the line that η bears, and the words of the inspector where it is crossed."""
    of = shown(surface="rosenbrock", inspect="1", steps="30", **{"run1.lr": "0.002"})
    found, surface, path = traces(of, "curvature"), of.experiment.surface, of.paths[0]
    for t in (0, 7, 29):
        assert np.isclose(found["GD"]["y"][t], np.linalg.eigvalsh(np.asarray(jax.hessian(surface)(path.w[t]))).max())
    assert np.allclose(found["borne:0"]["y"], 2 / 0.002) and "borne:2" not in found
    facts = inspector_payload(of, "light", str)["facts"]
    assert np.array_equal(facts["warned"] == 1, (found["GD"]["y"][:-1] > 1000.0) & (facts["values"]["low"] >= 0)) and 0 < facts["warned"].sum() < 30
    assert np.allclose(facts["values"]["bound"], 2 / found["GD"]["y"][:-1])
    assert "curvature" in stage_payload(of, "light", str)["figures"] and "curvature" not in stage_payload(shown(), "light", str)["figures"]


def test_what_an_lr_bears() -> None:
    """2/η for GD, 2(1+β)/η for momentum; nothing where the bound is no multiple of 1/λ."""
    lr = np.array([0.1, 0.2])
    assert np.allclose(bearable(REGISTRY["gradient_descent"](), lr), [20.0, 10.0])
    assert np.allclose(bearable(REGISTRY["momentum"](beta=0.5), lr), [30.0, 15.0])
    assert bearable(REGISTRY["newton"](), lr) is None and bearable(REGISTRY["adam"](), lr) is None


def test_a_click_applies_the_best_values() -> None:
    """They stand in the note, the button is there, and they are what theory says."""
    of = shown()
    groups = {group["id"]: group for group in panel_payload(of, {}, "light", str)["groups"]}
    assert "the best η = 0.6679, β = 0.4026 by 0.6345" in groups["run2"]["note"] and "κ = 20" in groups["run1"]["note"]
    assert ["best" in groups[f"run{index}"]["actions"] for index in (1, 2, 3)] == [True, True, False]
    assert best_values(of.experiment, 1) == {"run2.lr": "0.667907", "run2.beta": "0.402605"}
    assert best_values(of.experiment, 2) == {} == best_values(of.experiment, 7)
    assert "best" not in panel_payload(shown(theory="0"), {}, "light", str)["groups"][0]["actions"]
