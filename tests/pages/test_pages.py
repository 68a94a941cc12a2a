"""Every page in every language, and the session behind them, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from apptest import act, address_of, errors_of, experiment_of, opened, payload
from streamlit.testing.v1 import AppTest

import surfaces
from lab.i18n import LANGUAGES, translator
from lab.navigation import ROOT, page_files
from lab.scenes import scenes
from optim_core import optimizers

PAGES = [file.path for file in page_files()]


@pytest.fixture
def app() -> Iterator[AppTest]:
    yield opened()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_in_every_language(page: str, language: str) -> None:
    app = opened({"lang": language}, page)
    assert app.session_state["language"] == language


def test_language_comes_from_the_browser_on_the_first_visit() -> None:
    app = opened(locale="ru-RU")
    titles = [group["title"] for group in payload(app, "panel")["groups"]]
    assert translator("ru")(optimizers.REGISTRY["momentum"].title) in titles
    assert address_of(app)["lang"] == "ru"


def test_first_visit_is_the_lectures_race(app: AppTest) -> None:
    stage = payload(app, "stage")
    assert [run["label"].split()[0] for run in stage["runs"]] == ["GD", "Momentum", "RMSprop", "Adam"]
    assert len(stage["table"]["rows"]) == 4
    assert not app.warning


def test_address_holds_the_whole_experiment(app: AppTest) -> None:
    query = address_of(app)
    query.pop("lang")
    assert query == experiment_of(app).to_query()
    again = opened(query)
    assert experiment_of(again) == experiment_of(app)
    assert payload(again, "stage")["table"] == payload(app, "stage")["table"]


def test_a_slider_moves_one_value(app: AppTest) -> None:
    act(app, "panel", ["set", "run2.beta", "0.83"])
    assert experiment_of(app).runs[1].optimizer.beta == 0.83
    assert address_of(app)["run2.beta"] == "0.83"
    assert payload(app, "panel")["ack"] > 0


def test_the_address_waits_for_the_end_of_a_drag(app: AppTest) -> None:
    act(app, "stage", ["set", "start", "1,1"], dragging=True)
    assert experiment_of(app).start == (1.0, 1.0)
    assert address_of(app)["start"] == "-5,-2"
    act(app, "stage", ["set", "start", "1.5,1"])
    assert address_of(app)["start"] == "1.5,1"


@pytest.mark.parametrize("junk", ["nan", "inf", "-1", "abc", "", "1e999", "99"])
def test_junk_in_a_box_is_answered_beside_it(app: AppTest, junk: str) -> None:
    before = experiment_of(app)
    act(app, "panel", ["set", "run1.lr", junk])
    assert experiment_of(app) == before
    told = errors_of(app)["run1.lr"]
    assert "1e-05" in told and "10" in told
    assert len(payload(app, "stage")["runs"]) == 4
    act(app, "panel", ["set", "run1.lr", "0.2"])
    assert not errors_of(app)


def test_a_start_outside_the_domain_is_answered(app: AppTest) -> None:
    act(app, "panel", ["set", "start", "50,0"])
    controls = {control["key"]: control for group in payload(app, "panel")["groups"] for control in group["controls"] if control["kind"] == "point"}
    assert "w₁" in controls["start"]["error"]


def test_runs_are_added_duplicated_hidden_reset_removed(app: AppTest) -> None:
    act(app, "panel", ["add", "nesterov"], ["duplicate", 3], ["hide", 0, 1], ["set", "run2.beta", "0.1"], ["reset", 1])
    runs = experiment_of(app).runs
    assert [run.key for run in runs] == ["gradient_descent", "momentum", "rmsprop", "adam", "adam", "nesterov"]
    assert runs[0].hidden and runs[1].optimizer.beta == 0.9
    act(app, "panel", *(["remove", 0] for _ in range(9)))
    assert len(experiment_of(app).runs) == 1
    act(app, "panel", *(["add", "adam"] for _ in range(12)))
    assert len(experiment_of(app).runs) == 8
    assert payload(app, "panel")["full"]


def test_actions_of_a_lost_session_are_not_replayed() -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["panel"] = {"message": {"actions": [[5, "remove", 0]], "have": []}}
    app.run()
    assert len(experiment_of(app).runs) == 4


@pytest.mark.parametrize("message", [None, 7, "x", [], {"message": 3}, {"message": {"actions": [[1, "set", "surface"], "x", [2, "explode"]]}}])
def test_junk_from_a_component_changes_nothing(app: AppTest, message: Any) -> None:
    before = experiment_of(app)
    app.session_state["panel"] = message
    app.run()
    assert not app.exception and experiment_of(app) == before


def test_junk_in_the_link_gives_one_notice_in_the_readers_language() -> None:
    query = {"surface": "rosenbrock", "surface.b": "1e9", "run1": "adam", "run1.beta1": "nan", "steps": "1.5", "start": "9,9", "x": "<script>alert(1)</script>"}
    for language in LANGUAGES:
        app = opened({**query, "lang": language})
        assert len(app.warning) == 1
        assert all(text in app.warning[0].value for text in ("surface", "1e9", "300", "beta1", "10000", "w₁"))
        assert "<script>" not in app.warning[0].value
        assert len(payload(app, "stage")["runs"]) == 1


@pytest.mark.parametrize("key", surfaces.REGISTRY)
def test_choosing_a_surface(app: AppTest, key: str) -> None:
    app.selectbox(key="choice:surface").set_value(key).run()
    assert not app.exception
    assert experiment_of(app).surface_key == key
    assert address_of(app)["surface"] == key


def test_3d_view_and_linear_axis(app: AppTest) -> None:
    act(app, "panel", ["set", "view", "space"], ["set", "axis", "linear"])
    assert set(payload(app, "stage")["figures"]) == {"space", "curve"}


@pytest.mark.parametrize(("rule", "lr"), [("gradient", "0.3"), ("update", "0.3"), ("no_improvement", "0.6")])
def test_stopping_rules(app: AppTest, rule: str, lr: str) -> None:
    act(app, "panel", ["set", "stop", rule], ["set", "steps", "500"], ["set", "run1.lr", lr])
    assert payload(app, "stage")["runs"][0]["stop"] is not None


@pytest.mark.parametrize("scene", [scene for scene in scenes() if scene.page == "trajectories"], ids=lambda scene: scene.id)
def test_every_scene_opens(app: AppTest, scene: Any) -> None:
    app.selectbox(key="scene").set_value(scene.id).run()
    assert not app.exception and not app.warning
    assert experiment_of(app).to_query() == dict(scene.link)
    assert any(scene.notice in element.value for element in app.markdown)


def test_an_edit_is_not_lost_to_an_address_that_lags(app: AppTest) -> None:
    before = address_of(app)
    app.selectbox(key="choice:surface").set_value("booth").run()
    for key, value in before.items():  # the browser had sent this before it heard of the new address
        app.query_params[key] = value
    act(app, "panel", ["set", "run1.lr", "0.05"])
    assert experiment_of(app).surface_key == "booth" and experiment_of(app).runs[0].lr == 0.05


def test_edits_are_taken_in_the_order_they_were_made(app: AppTest) -> None:
    app.session_state["stage"] = {"message": {"actions": [[10, "set", "start", "1,1"]], "have": []}}
    app.session_state["panel"] = {"message": {"actions": [[20, "set", "start", "2,2"]], "have": []}}
    app.run()
    assert experiment_of(app).start == (2.0, 2.0)


def test_an_error_goes_with_the_control_it_stood_beside(app: AppTest) -> None:
    act(app, "panel", ["set", "run4.lr", "x"], ["remove", 3])
    assert not errors_of(app)
    act(app, "panel", ["set", "run9.lr", "1"], ["add", "adam"])
    assert len(experiment_of(app).runs) == 4


def test_the_table_names_the_run_it_speaks_of(app: AppTest) -> None:
    act(app, "panel", ["hide", 0, 1], ["set", "surface", "styblinski_tang"])
    stage = payload(app, "stage")
    assert [row["run"] for row in stage["table"]["rows"]] == [1, 2, 3]
    for run in stage["runs"]:
        assert run["loss"][-1] < 0 <= run["height"][-1] or run["height"][-1] != run["height"][-1]


@pytest.mark.parametrize(("lr", "word"), [("0.49", "stable while"), ("0.5", "at its stable bound"), ("0.51", "above")])
def test_the_bound_beside_the_slider(app: AppTest, lr: str, word: str) -> None:
    act(app, "panel", ["set", "run1.lr", lr])
    assert word in payload(app, "panel")["groups"][0]["note"]


def test_text_from_a_link_is_only_text() -> None:
    app = opened({"surface": "https://evil.example/a", "x`y": "&copy; *b*", "lang": "en"})
    lines = app.warning[0].value.splitlines()
    assert "`` surface = https://evil.example/a ``" in lines[1]
    assert all(line.count("``") == 2 for line in lines[1:])


def test_leaving_the_page_keeps_the_experiment(app: AppTest) -> None:
    act(app, "panel", ["set", "run1.lr", "0.123"])
    app.query_params.clear()
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/trajectories.py").run()
    assert experiment_of(app).runs[0].lr == 0.123
