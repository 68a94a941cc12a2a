"""Inside one step: what the stage is told is the record, for every optimizer."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from lab.compute import Picture, picture
from lab.experiment import Experiment
from lab.figures.inside import plain, quantities
from lab.figures.style import Theme
from lab.live import wire
from lab.widgets.inspector import inspector_payload
from lab.widgets.stage import stage_payload
from optim_core import rules
from optim_core.evaluations import counted
from optim_core.optimizers import REGISTRY

SLOT = re.compile(r'data-slot="(\d+)"')


def shown(key: str, surface: str = "rosenbrock", **query: str) -> Picture:
    return picture(Experiment.from_query({"surface": surface, "steps": "20", "run1": key, "inspect": "1", **query})[0])


def told(key: str, theme: Theme = "light", **query: str) -> dict[str, Any]:
    return inspector_payload(shown(key, **query), theme, str)


@pytest.mark.parametrize("key", REGISTRY)
def test_every_slot_holds_a_recorded_number(key: str) -> None:
    """The slots of a line are the numbers of the names in it, in the order in which they stand there; the value comes last."""
    of = shown(key)
    payload, columns = told(key), rules.recorded(of.experiment.runs[0].optimizer, of.paths[0])
    kind = type(of.experiment.runs[0].optimizer)
    assert len(payload["lines"]) == len(rules.lines(kind)) and payload["numbers"].shape[0] == 20
    for line, formula in zip(payload["lines"], rules.lines(kind), strict=True):
        assert line["symbols"].startswith("<math")
        places = [int(place) for place in SLOT.findall(line["numbers"])]
        if formula.formula is None:
            assert not places
            continue
        names = [*formula.formula.names, *([] if formula.target == "holds" else [formula.target])]
        wanted = {float(number) for name in names for number in np.ravel(columns[name][7])}
        assert {float(payload["numbers"][7, place]) for place in places} == wanted
        if formula.target != "holds":
            value = np.ravel(columns[formula.target][7])
            assert payload["numbers"][7, places[-value.size :]].tolist() == value.tolist()


@pytest.mark.parametrize("key", REGISTRY)
def test_the_arrows_lead_where_the_run_goes(key: str) -> None:
    """The update from point to point; the gradient from where it was taken."""
    of = shown(key)
    path, arrows = of.paths[0], {arrow["name"]: arrow for arrow in told(key)["arrows"]["arrows"]}
    assert np.allclose(arrows["update"]["from"] + arrows["update"]["by"], path.w[1:], rtol=1e-12, atol=1e-14, equal_nan=True)
    assert np.array_equal(arrows["gradient"]["from"], path.step.query)
    assert np.array_equal(arrows["gradient"]["by"], -path.lr[:, None] * path.step.grad)
    assert list(arrows)[-1] == "update" and ("velocity" in arrows) == ("h" in REGISTRY[key].symbols)


def test_the_velocity_is_what_moves_the_point() -> None:
    """Where the rule takes η into h, h itself."""
    for key, label in (("momentum", "−ηh"), ("momentum_inner_rate", "−h"), ("nesterov", "−h")):
        velocity, update = told(key)["arrows"]["arrows"][1:]
        assert velocity["label"] == label and np.allclose(velocity["by"], update["by"], rtol=1e-12)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("key", REGISTRY)
def test_bars_and_curves_hold_the_state(key: str, theme: Theme) -> None:
    """Every vector of the rule and the effective rate; Plotly takes the figure as it is."""
    of, payload = shown(key), told(key, theme)
    vectors = quantities(of.experiment.runs[0].optimizer, of.paths[0])
    assert [bar["values"] is not None and bar["most"] >= np.abs(bar["values"]).max() for bar in payload["bars"]] == [True] * len(vectors)
    assert np.array_equal(payload["bars"][-1]["values"], of.paths[0].step.effective_lr)
    figure = go.Figure(payload["figure"])
    assert len(figure.data) == 2 * len(vectors)
    assert wire.unpack(wire.pack(payload))["numbers"].shape == payload["numbers"].shape


def test_names_in_plain_text() -> None:
    assert [plain(name) for name in ("h", "s_hat", "g_bar", "Delta", "h_tilde")] == ["h", "ŝ", "ḡ", "Δ", "h\u0303"]


def test_no_run_or_a_hidden_one() -> None:
    """Then there is the list to choose from and nothing else."""
    assert told("adam", inspect="0")["run"] is None
    hidden = told("adam", **{"run1.hidden": "1", "run2": "momentum"})
    assert hidden["run"] is None and hidden["value"] == "0" and [option["key"] for option in hidden["options"]] == ["0", "2"]
    both = stage_payload(shown("adam", at="3"), "light", str)
    assert both["at"] == 3 and both["inspector"]["run"] == 0


def test_the_inspected_run_follows_the_list() -> None:
    """Runs are removed and doubled; what is looked into stays the same run, or nothing."""
    race = Experiment.from_query({"inspect": "3"})[0]
    assert (race.remove(0).inspected, race.remove(2).inspected, race.remove(3).inspected) == (2, 0, 3)
    assert (race.duplicate(0).inspected, race.duplicate(2).inspected) == (4, 3)
    assert Experiment.from_query({"run1": "adam", "inspect": "5", "at": "700"})[0].inspected == 0


@pytest.mark.parametrize("axis", ["log", "linear"])
def test_the_loss_over_evaluations(axis: str) -> None:
    """Each run's losses at its own counts, arrows between theirs; a band only where every step costs the same."""
    runs = {"run1": "newton", "run2": "line_search_gd", "run3": "gradient_descent", "run3.lr": "1", "noise": "constant", "noise.fan": "5"}
    of = shown("newton", against="evaluations", axis=axis, **runs)
    payload = stage_payload(of, "light", str)
    figure = payload["figures"]["curve"]
    go.Figure(figure)
    for index, run in enumerate(of.experiment.runs):
        counts = counted(run.optimizer, of.paths[index])
        line = next(trace for trace in figure["data"] if trace.get("meta") == {"run": index})
        assert np.array_equal(line["x"], counts) and np.array_equal(payload["runs"][index]["evaluations"], counts)
    names = [trace["name"] for trace in figure["data"]]
    assert "band:0" in names and "band:1" not in names
    exits = next(trace for trace in figure["data"] if trace["name"] == "exits")
    assert len(exits["x"]) == len(exits["y"]) and max(exits["x"], default=0.0) <= figure["layout"]["xaxis"]["range"][1]
    assert figure["layout"]["xaxis"]["title"]["text"] == "evaluations"
