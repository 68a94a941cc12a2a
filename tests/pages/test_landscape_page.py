"""The page Landscape without a browser: what it shows, what a slider does, whose training it is, long work."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
import pytest
from apptest import act, address_of, controls_of, errors_of, linked, opened, payload
from streamlit.testing.v1 import AppTest

from lab import slices
from lab.cut import PANELS, PLANES, Cut
from lab.i18n import LANGUAGES, translator
from lab.scenes import scenes

LANDSCAPE, TRAINING = "pages/landscape.py", "pages/training.py"
QUERY = {"data": "circle", "data.size": "100", "epochs": "20", "batch": "50", "layers": "4", "cut.cells": "21"}
TWO = {**QUERY, "b.init.seed": "2"}


def cut_of(app: AppTest) -> Cut:
    return app.session_state["cut"]


def finished(app: AppTest) -> AppTest:
    """The page when nothing is under way any more."""
    for _ in range(300):
        if slices.at_hand(cut_of(app)):
            break
        time.sleep(0.1)
        app.run()
    assert not app.run().exception and slices.at_hand(cut_of(app))
    return app


def shown(app: AppTest) -> dict[str, Any]:
    return payload(finished(app), "landscape")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens(language: str) -> None:
    app = linked(LANDSCAPE, {**QUERY, "lang": language})
    told, _ = shown(app), translator(language)
    assert not app.warning and len(told["maps"]) == 1 and not told["maps"][0]["space"]
    assert [panel["title"] for panel in told["panels"][2:]] == [_("along d₁"), _("along d₂"), _("along −∇L"), _("first weights to last")]
    assert told["table"]["columns"][0] == _("training loss") and told["findings"] and told["notes"]
    assert address_of(app)["cut"] == "path" and address_of(app)["layers"] == "4"


def test_without_anything_the_page_shows_its_first_scene() -> None:
    app = linked(LANDSCAPE, {})
    first = next(scene for scene in scenes() if scene.page == "landscape")
    assert app.selectbox(key="scene").value == first.id and cut_of(app).to_query() == first.link and not app.warning


@pytest.mark.parametrize("plane", list(PLANES))
def test_every_plane_has_a_picture_and_says_how_far_it_can_be_trusted(plane: str) -> None:
    app = linked(LANDSCAPE, {**TWO, "cut": plane})
    told = shown(app)
    assert len(told["maps"]) == 2 and all(np.isfinite(track["x"]).all() for made in told["maps"] for track in made["tracks"])
    assert len(told["findings"]) == 2 and all("%" in finding["text"] for finding in told["findings"])
    assert ("shadow" in told["findings"][0]["text"]) is (plane in ("filters", "random"))


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_stands_below_the_true_loss(panel: str) -> None:
    told = shown(linked(LANDSCAPE, {**QUERY, "cut.panel": panel}))
    names = [made["name"] for made in told["panels"]]
    assert len(names) == len(set(names)) > 2 and names[:2] == ["loss", "distance"]
    assert all(made["time"] for made in told["panels"]) is (panel != "lines")


def test_a_control_cuts_anew_and_lands_in_the_address() -> None:
    app = linked(LANDSCAPE, QUERY)
    before = shown(app)["maps"][0]["figure"]["layout"]["xaxis"]["range"]
    act(app, "panel", ["set", "cut.reach", "3"])
    after = shown(app)["maps"][0]["figure"]["layout"]["xaxis"]["range"]
    assert address_of(app)["cut.reach"] == "3" and np.ptp(after) > 2 * np.ptp(before)
    act(app, "panel", ["set", "cut", "weights"])
    assert "cut.pair" in controls_of(app) and controls_of(app)["cut.pair"]["note"] == "W1[1,1], W1[1,2]"
    act(app, "panel", ["set", "cut", "filters"])
    assert "cut.seed" in controls_of(app) and "cut.pair" not in controls_of(app)


@pytest.mark.parametrize(("key", "text", "names"), [("cut.reach", "0", "20"), ("cut.reach", "x", "20"), ("cut.pair", "1,99", "16"), ("cut.pair", "1", "P")])
def test_junk_is_answered_beside_its_control_and_the_picture_stays(key: str, text: str, names: str) -> None:
    app = linked(LANDSCAPE, {**QUERY, "cut": "weights"})
    before = cut_of(app)
    act(app, "panel", ["set", key, text])
    assert cut_of(app) == before and names in errors_of(app)[key]
    assert len(shown(app)["maps"]) == 1


def test_what_is_not_there_has_no_control() -> None:
    """Batch norm, other trainings, classes."""
    keys = set(controls_of(linked(LANDSCAPE, {**QUERY, "data": "hills"})))
    assert not keys & {"cut.norm", "cut.together"} and "accuracy" not in [
        option["key"] for option in controls_of(linked(LANDSCAPE, {**QUERY, "data": "hills"}))["cut.part"]["options"]
    ]
    app = linked(LANDSCAPE, {**TWO, "norm": "batch"})
    assert {"cut.norm", "cut.together"} <= set(controls_of(app))
    assert "between" in [option["key"] for option in controls_of(app)["cut"]["options"]]


def test_one_common_plane_holds_all_paths() -> None:
    app = linked(LANDSCAPE, TWO)
    act(app, "panel", ["set", "cut.together", "1"])
    told = shown(app)
    assert len(told["maps"]) == 1 and [track["run"] for track in told["maps"][0]["tracks"]] == [0, 1]


def test_in_space_the_paths_have_heights() -> None:
    told = shown(linked(LANDSCAPE, {**QUERY, "cut.view": "space"}))
    assert told["maps"][0]["space"] and np.isfinite(told["maps"][0]["tracks"][0]["z"]).all()


def test_it_is_the_landscape_of_the_network_just_trained() -> None:
    """Of the page Training, whatever way it was chosen there; the next one, too; but an own link counts for itself."""
    app = linked(TRAINING, {key: text for key, text in QUERY.items() if not key.startswith("cut")})
    app.query_params.clear()
    app.switch_page(LANDSCAPE).run()
    assert not app.exception and cut_of(app).study == app.session_state["study"] and address_of(app)["layers"] == "4"
    app.query_params.clear()
    app.switch_page(TRAINING).run()
    act(app, "panel", ["set", "layers", "6"])
    app.query_params.clear()
    app.switch_page(LANDSCAPE).run()
    assert cut_of(app).study.recipe.hidden[0].width == 6
    app.query_params.clear()
    app.switch_page(TRAINING).run()
    app.query_params.clear()
    for key, text in {**QUERY, "layers": "5"}.items():
        app.query_params[key] = text
    app.switch_page(LANDSCAPE).run()
    assert cut_of(app).study.recipe.hidden[0].width == 5


def test_a_glance_at_training_takes_no_landscape_away() -> None:
    """What nobody chose there is no reason to look at something else here."""
    app = linked(LANDSCAPE, QUERY)
    shown(app)
    for page in (TRAINING, LANDSCAPE):
        app.query_params.clear()
        app.switch_page(page).run()
    assert not app.exception and cut_of(app).to_query().items() >= QUERY.items()


def test_the_former_picture_stays_while_another_training_runs() -> None:
    app = linked(LANDSCAPE, QUERY)
    before = shown(app)["maps"][0]["figure"]["layout"]["xaxis"]["range"]
    cut = cut_of(app)
    longer = cut.study.set("layers", "64,64")[0].set("data.size", "2000")[0].set("epochs", "300")[0]
    app.session_state["cut"] = dataclasses.replace(cut, study=longer)
    app.session_state["cut:touched"] = True
    app.run()
    assert not app.exception and app.button(key="survey:cancel")
    assert payload(app, "landscape")["maps"][0]["figure"]["layout"]["xaxis"]["range"] == before
    app.button(key="survey:cancel").click().run()
    assert not app.exception and payload(app, "landscape")["maps"]


def test_a_link_that_was_not_understood_says_so() -> None:
    app = linked(LANDSCAPE, {**QUERY, "cut": "between", "cut.cells": "22", "foo": "1"})
    told = app.warning[0].value
    assert "cut.cells" in told and "foo" in told and "no other training" in told and not app.exception


def test_long_work_can_be_cancelled_and_begun_again() -> None:
    app = opened()
    for key, text in {**QUERY, "cut.cells": "201", "layers": "64,64", "data.size": "2000", "epochs": "2", "cut": "random", "cut.seed": "5"}.items():
        app.query_params[key] = text
    app.switch_page(LANDSCAPE).run()
    assert not app.exception
    app.button(key="survey:cancel").click().run()
    assert not app.exception and app.button(key="survey:again").label == "Compute"
    app.button(key="survey:again").click().run()
    assert app.button(key="survey:cancel") and not app.exception
    act(app, "panel", ["set", "cut.cells", "21"])
    assert not app.exception
