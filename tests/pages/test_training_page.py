"""The page Training without a browser: what it shows, what a slider does, variants, own tables, long trainings."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np
import pytest
from apptest import act, address_of, controls_of, errors_of, experiment_of, linked, opened, payload
from streamlit.testing.v1 import AppTest

from lab import lessons
from lab.i18n import LANGUAGES, translator
from lab.scenes import scenes
from lab.study import Study
from optim_core.csv_table import read_csv
from optim_core.tables import Uploaded

TRAINING = "pages/training.py"
QUERY = {"data": "circle", "data.size": "100", "epochs": "20", "batch": "50", "layers": "4", "activations": "tanh"}
LONG = {"data": "circle", "data.size": "2000", "layers": "64,64,64", "activations": "tanh", "epochs": "2000", "batch": "1000"}


def at_training(query: dict[str, str], page: str = TRAINING) -> AppTest:
    return linked(page, query)


def study_of(app: AppTest) -> Study:
    return app.session_state["study"]


def groups_of(app: AppTest) -> dict[str, dict[str, Any]]:
    return {group["id"]: group for group in payload(app, "panel")["groups"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens(language: str) -> None:
    app = at_training({**QUERY, "lang": language})
    assert not app.warning and not app.exception
    told = payload(app, "training")
    assert len(told["runs"]) == 1 and np.isfinite(told["runs"][0]["frames"]).all()
    assert list(groups_of(app)) == ["data", "network", "method", "penalties"]
    assert groups_of(app)["data"]["title"] == translator(language)("Data")
    assert address_of(app)["layers"] == "4"


def test_without_anything_the_page_shows_its_first_scene() -> None:
    app = at_training({})
    assert app.selectbox(key="scene").value and not app.warning


def test_a_slider_trains_anew_and_lands_in_the_address() -> None:
    app = at_training(QUERY)
    act(app, "panel", ["set", "run.lr", "0.05"])
    assert study_of(app).recipe.run.lr == 0.05 and address_of(app)["run.lr"] == "0.05"
    act(app, "panel", ["set", "width.1", "7"])
    assert address_of(app)["layers"] == "7" and controls_of(app)["width.1"]["value"] == "7"
    act(app, "panel", ["set", "depth", "2"])
    assert address_of(app)["layers"] == "7,7" and "activation.2" in controls_of(app)


def test_the_address_reproduces_the_picture() -> None:
    app = at_training(QUERY)
    act(app, "panel", ["add", "batch"])
    again = at_training({key: text for key, text in address_of(app).items() if key != "lang"})
    assert study_of(again) == study_of(app)
    assert payload(again, "training")["runs"] is not None and len(payload(again, "training")["runs"]) == 2


def test_a_drag_shows_the_last_picture_and_its_end_all_of_them() -> None:
    app = at_training(QUERY)
    act(app, "panel", ["set", "run.lr", "0.02"], dragging=True)
    assert len(payload(app, "training")["runs"][0]["frames"]) == 1 and address_of(app)["run.lr"] == "0.01"
    act(app, "panel", ["set", "run.lr", "0.03"])
    assert len(payload(app, "training")["runs"][0]["frames"]) > 1 and address_of(app)["run.lr"] == "0.03"


@pytest.mark.parametrize(("key", "text", "names"), [("batch", "0", "1"), ("layers", "65", "none"), ("epochs", "abc", "5000"), ("width.1", "65", "64")])
def test_junk_is_answered_beside_its_control_and_the_picture_stays(key: str, text: str, names: str) -> None:
    app = at_training(QUERY)
    act(app, "panel", ["add", "layers"])
    before = study_of(app)
    told = f"b.{key}" if key == "layers" else key
    act(app, "panel", ["set", told, text])
    assert study_of(app) == before and names in errors_of(app)[told]
    assert len(payload(app, "training")["runs"]) == 2


def test_a_variant_has_the_controls_of_its_choice_and_can_be_removed() -> None:
    app = at_training(QUERY)
    act(app, "panel", ["add", "run"])
    card = groups_of(app)["variant b"]
    keys = [control["key"] for control in card["controls"]]
    assert keys[:2] == ["b.run", "b.run.lr"] and not any("schedule" in key for key in keys) and card["actions"] == ["remove"]
    act(app, "panel", ["set", "b.run", "rmsprop"])
    assert "b.run.gamma" in controls_of(app) and study_of(app).recipes[1].run.key == "rmsprop"
    act(app, "panel", ["remove", 1])
    assert "variant b" not in groups_of(app) and len(payload(app, "training")["runs"]) == 1


def test_every_choice_of_a_variant_has_a_control_and_no_other() -> None:
    app = at_training(QUERY)
    for option in payload(app, "panel")["add"]["options"]:
        act(app, "panel", ["add", option["key"]])
        keys = [control["key"] for control in groups_of(app)["variant b"]["controls"] if control["kind"] != "rule"]
        assert keys and all(key == f"b.{option['key']}" or key.startswith(f"b.{option['key']}.") or option["key"] == "run" for key in keys), option
        act(app, "panel", ["remove", 1])


def test_a_new_seed_keeps_the_data() -> None:
    app = at_training(QUERY)
    before = study_of(app).recipe
    next(button for button in app.button if button.label == "New seed").click().run()
    after = study_of(app).recipe
    assert after.weights_seed != before.weights_seed and after.batch_seed != before.batch_seed and after.data_seed == before.data_seed
    assert address_of(app)["init.seed"] == str(after.weights_seed)


def test_a_link_that_was_not_understood_says_so() -> None:
    app = at_training({**QUERY, "layers": "1,2,3,4,5,6,7", "b.batch": "x", "foo": "1"})
    told = app.warning[0].value
    assert "layers" in told and "b.batch" in told and "foo" in told and not app.exception


def test_an_own_table_is_learned_from_and_belongs_to_its_reader() -> None:
    app = at_training(QUERY)
    rows = "".join(f"{i % 7},{i % 5},{'a' if i % 7 > 3 else 'b'}\n" for i in range(60))
    table = Uploaded(read_csv(("u,v,label\n" + rows).encode()))
    app.session_state["own"], app.session_state["study"] = table, dataclasses.replace(study_of(app), own=table)  # as `session.open_table` does
    act(app, "panel", ["set", "data", "own"])
    assert study_of(app).recipe.data_key == "own" and address_of(app)["data"] == "own"
    assert payload(app, "training")["runs"] and "own" not in at_training(QUERY).session_state
    other = at_training({"data": "own"})
    assert study_of(other).recipe.data_key == "circle" and "open its file" in other.warning[0].value


def test_a_long_training_shows_its_progress_and_can_be_cancelled() -> None:
    app = at_training(QUERY)
    before = payload(app, "training")["runs"]
    app.session_state["study"], app.session_state["study:touched"] = Study.from_query(QUERY | LONG)[0], True
    app.run()
    assert not app.exception
    job = app.session_state["training:job"][1]
    assert len(payload(app, "training")["runs"]) == len(before)  # the last good picture stays
    deadline = time.monotonic() + 60
    while not job.total:
        assert time.monotonic() < deadline
        time.sleep(0.05)
        app.run()
    next(button for button in app.button if button.label == "Cancel").click().run()
    while not job.over:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert job.state == "cancelled" and not app.exception
    app.run()
    assert any("cancelled" in caption.value for caption in app.caption)
    act(app, "panel", ["set", "epochs", "1"])
    assert not lessons.at_hand(Study.from_query(QUERY | LONG)[0])


def test_the_other_pages_keep_their_experiment() -> None:
    app = opened({"surface": "rosenbrock"})
    app.query_params.clear()
    app.switch_page(TRAINING).run()
    act(app, "panel", ["set", "run.lr", "0.02"])
    app.query_params.clear()
    app.switch_page("pages/trajectories.py").run()
    assert experiment_of(app).surface_key == "rosenbrock" and not app.warning
    app.query_params.clear()
    app.switch_page(TRAINING).run()
    assert study_of(app).recipe.run.lr == 0.02 and address_of(app)["run.lr"] == "0.02"


def test_a_scene_is_chosen_and_says_what_to_notice() -> None:
    app = at_training(QUERY)
    scene = next(scene for scene in scenes() if scene.id == "softmax_of_two")
    app.selectbox(key="scene").set_value(scene.id).run()
    assert not app.exception and not app.warning
    assert study_of(app).to_query() == dict(scene.link)
    assert any(scene.notice in element.value for element in app.markdown)
    assert len(payload(app, "training")["runs"]) == 3


def test_a_card_in_a_new_tab_opens_the_training() -> None:
    """The browser then asks for the page of the scenes, with the link of the card."""
    app = at_training({**QUERY, "layers": "5"}, "pages/home.py")
    assert study_of(app).to_query()["layers"] == "5"
    assert len(payload(app, "training")["runs"]) == 1
