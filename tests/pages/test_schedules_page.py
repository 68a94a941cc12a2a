"""The schedules page, and schedules, clips and noise on the other pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from apptest import act, address_of, controls_of, errors_of, experiment_of, opened, payload
from streamlit.testing.v1 import AppTest

from lab import compute, export
from lab.experiment import Experiment
from lab.export import FIGURES
from lab.i18n import LANGUAGES, translator
from optim_core import schedules
from optim_core.clipping import CLIPS
from optim_core.hyper import hypers, texts
from optim_core.noise import DECAYS
from optim_core.plan import WARMUPS

RACE = {"v": "1"}
"""A link to the four optimizers, all at a constant η."""
SCHEDULES, TRAJECTORIES = "pages/schedules.py", "pages/trajectories.py"
EDITS = [
    ["set", "run1.schedule", "custom"], ["set", "run1.schedule.formula", "eta0 * exp(-t / 30)"], ["set", "run2.schedule", "piecewise"],
    ["set", "run2.schedule.pieces", "0: 1, 20: 0.25"], ["set", "run3.schedule", "plateau"], ["set", "run3.schedule.patience", "4"],
    ["set", "run4.schedule", "cosine"], ["set", "run4.warmup", "exponential"], ["set", "run4.warmup.steps", "7"], ["set", "run1.clip", "norm"],
    ["set", "run1.clip.threshold", "0.75"], ["set", "run2.clip", "value"], ["set", "noise", "decaying"], ["set", "noise.sigma", "0.5"],
    ["set", "noise.seed", "11"], ["set", "noise.fan", "4"], ["set", "noise.common", "0"], ["set", "epoch", "3"], ["set", "rates", "log"],
]  # fmt: skip


@pytest.fixture
def app() -> Iterator[AppTest]:
    yield opened(RACE, SCHEDULES)


def groups_of(app: AppTest) -> dict[str, dict[str, Any]]:
    return {group["id"]: group for group in payload(app, "panel")["groups"]}


def keys_of(app: AppTest, group: str) -> list[str]:
    return [control["key"] for control in groups_of(app)[group]["controls"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_with_controls_for_all_that_changes_along_a_run(language: str) -> None:
    app = opened({**RACE, "lang": language}, SCHEDULES)
    _ = translator(language)
    assert not app.warning and list(groups_of(app)) == ["schedules", "run1", "run2", "run3", "run4", "noise", "surface", "conditions"]
    assert keys_of(app, "schedules") == ["together", "epoch"] and keys_of(app, "noise") == ["noise"]
    assert {"run1.lr", "run1.schedule", "run1.warmup", "run1.clip"} <= set(keys_of(app, "run1"))
    titles = {option["key"]: option["title"] for option in controls_of(app)["run1.schedule"]["options"]}
    assert titles == {key: _(cls.title) for key, cls in schedules.REGISTRY.items()}
    panel = payload(app, "panel")
    assert [list(run["rate"]) for run in panel["rate"]["runs"]] == [[0.4] * 60] * 4
    assert {trace["meta"]["run"] for trace in panel["rate"]["figure"]["data"]} == {0, 1, 2, 3}


def test_who_comes_with_nothing_of_their_own_finds_a_scene() -> None:
    first = opened(page=SCHEDULES)
    assert any(not run.steady for run in experiment_of(first).runs) and first.selectbox(key="scene").value
    assert address_of(first)["run2.schedule"] != "constant"
    own = opened()
    act(own, "panel", ["set", "run1.lr", "0.3"])
    own.switch_page(SCHEDULES).run()
    assert experiment_of(own).runs[0].lr == 0.3 and experiment_of(own).runs[0].steady


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", schedules.REGISTRY)
def test_choosing_a_schedule(key: str, language: str) -> None:
    app = opened({**RACE, "lang": language}, SCHEDULES)
    act(app, "panel", ["set", "run2.schedule", key])
    run, cls = experiment_of(app).runs[1], schedules.REGISTRY[key]
    assert run.schedule == cls() and address_of(app)["run2.schedule"] == key
    assert {f"run2.schedule.{name}" for name in (*hypers(cls), *texts(cls))} <= set(keys_of(app, "run2"))
    rule = controls_of(app)["run2.schedule.rule"]["rule"]
    assert len(rule) == len(cls.rule) and all(line.startswith("<math") for line in rule)
    expected = compute.picture(experiment_of(app)).paths[1].lr
    assert list(payload(app, "panel")["rate"]["runs"][1]["rate"]) == expected.tolist()


@pytest.mark.parametrize(("part", "registry"), [("warmup", WARMUPS), ("clip", CLIPS)])
def test_choosing_warm_up_and_clip(app: AppTest, part: str, registry: dict[str, Any]) -> None:
    for key, cls in registry.items():
        act(app, "panel", ["set", f"run1.{part}", key])
        assert getattr(experiment_of(app).runs[0], part) == cls()
        assert {f"run1.{part}.{name}" for name in hypers(cls)} <= set(keys_of(app, "run1"))
        assert ("norm" in payload(app, "stage")["figures"]) == (part == "clip")
    act(app, "panel", ["set", f"run1.{part}", "none"])
    assert getattr(experiment_of(app).runs[0], part) is None and f"run1.{part}.rule" not in controls_of(app)


@pytest.mark.parametrize("kind", DECAYS)
def test_choosing_noise_and_many_seeds(app: AppTest, kind: str) -> None:
    act(app, "panel", ["set", "noise", kind], ["set", "noise.fan", "6"], ["hide", 2, 1])
    assert {"noise.sigma", "noise.fan", "noise.seed", "noise.common"} <= set(keys_of(app, "noise"))
    stage = payload(app, "stage")
    assert ["fan" in run for run in stage["runs"]] == [True, True, False, True]
    assert {trace["name"] for trace in stage["figures"]["map"]["data"] if trace["name"].startswith("fan:")} == {"fan:0", "fan:1", "fan:3"}
    act(app, "panel", ["set", "noise", "none"])
    assert experiment_of(app).chance is None and not any("fan" in run for run in payload(app, "stage")["runs"])


@pytest.mark.parametrize("junk", ["1 +", "eta0 * x", "", "-1", "1/t", "import os", "eta0 - 0.41", "x" * 300])
def test_a_formulas_error_stands_beside_it_while_the_last_good_picture_stays(app: AppTest, junk: str) -> None:
    act(app, "panel", ["set", "run1.schedule", "custom"], ["set", "run1.schedule.formula", "eta0 / (1 + t)"])
    before, picture = experiment_of(app), payload(app, "stage")["table"]
    act(app, "panel", ["set", "run1.schedule.formula", junk])
    assert experiment_of(app) == before and payload(app, "stage")["table"] == picture and address_of(app)["run1.schedule.formula"] == "eta0 / (1 + t)"
    assert list(errors_of(app)) == ["run1.schedule.formula"] and junk[:60] in errors_of(app)["run1.schedule.formula"]
    act(app, "panel", ["set", "run1.schedule.formula", "eta0 / 2"])
    assert not errors_of(app) and experiment_of(app).runs[0].schedule.formula == "eta0 / 2"


def test_what_a_formula_forbids_is_answered_beside_the_other_control(app: AppTest) -> None:
    act(app, "panel", ["set", "run1.schedule", "custom"], ["set", "run1.schedule.formula", "eta0 - t/200"])
    before = experiment_of(app)
    act(app, "panel", ["set", "steps", "200"], ["set", "run1.lr", "0.1"])
    assert experiment_of(app) == before and set(errors_of(app)) == {"steps", "run1.lr"}
    assert all("must be a finite number" in told for told in errors_of(app).values())


@pytest.mark.parametrize("action", [["set", "surface", "rosenbrock"], ["reset", 1], ["add", "rmsprop"], ["set", "together", "1"]])
def test_a_formula_that_an_action_makes_impossible_breaks_no_page(app: AppTest, action: list[Any]) -> None:
    act(app, "panel", *(["set", f"run{index}.lr", "1.5"] for index in range(1, 5)))
    if action[0] != "set":
        act(app, "panel", ["set", "together", "1"])
    elif action[1] == "together":
        act(app, "panel", ["set", "run2.lr", "0.1"])
    act(app, "panel", ["set", "run1.schedule", "custom"], ["set", "run1.schedule.formula", "eta0 - 1"])
    assert not errors_of(app)
    act(app, "panel", action)


def test_an_error_does_not_come_back_with_its_control(app: AppTest) -> None:
    act(app, "panel", ["set", "run1.schedule", "custom"], ["set", "run1.schedule.formula", "1 +"])
    act(app, "panel", ["set", "run1.schedule", "cosine"])
    assert not errors_of(app)
    act(app, "panel", ["set", "run1.schedule", "custom"])
    assert not errors_of(app)


def test_one_schedule_for_all(app: AppTest) -> None:
    act(app, "panel", ["set", "run1.schedule", "step"], ["set", "together", "1"])
    assert {run.schedule for run in experiment_of(app).runs} == {schedules.REGISTRY["step"]()}
    assert {"run1.schedule", "run1.schedule.k", "run1.warmup"} <= set(keys_of(app, "schedules"))
    assert not any("schedule" in key or "warmup" in key for index in range(1, 5) for key in keys_of(app, f"run{index}"))
    act(app, "panel", ["set", "run1.schedule.k", "7"], ["add", "nesterov"])
    assert {run.schedule.k for run in experiment_of(app).runs} == {7.0} and len(experiment_of(app).runs) == 5
    act(app, "panel", ["set", "together", "0"], ["set", "run2.schedule", "constant"])
    assert [run.steady for run in experiment_of(app).runs] == [False, True, False, False, False]


def test_drawing_a_schedule(app: AppTest) -> None:
    assert all("draw" in groups_of(app)[f"run{index}"]["actions"] for index in range(1, 5))
    act(app, "panel", ["draw", 1, "0: 1, 10: 0.5, 40: 0"])
    assert controls_of(app)["run2.schedule.pieces"]["value"] == "0: 1, 10: 0.5, 40: 0" == address_of(app)["run2.schedule.pieces"]
    assert list(payload(app, "panel")["rate"]["runs"][1]["rate"]) == [0.4] * 10 + [0.2] * 30 + [0.0] * 20
    before = experiment_of(app)
    act(app, "panel", ["draw", 1, "junk"], ["draw", 99, "0: 1"])
    assert experiment_of(app) == before
    act(app, "panel", ["draw", 0, "5: -1"])
    assert experiment_of(app) == before and list(errors_of(app)) == ["run1.schedule"]


def test_elsewhere_the_controls_stand_only_where_they_are_in_use() -> None:
    app = opened(RACE, TRAJECTORIES)
    plain = ("schedule", "warmup", "clip", "noise", "epoch", "together")
    assert not any(word in key for key in controls_of(app) for word in plain) and payload(app, "panel")["rate"] is None
    assert not any("draw" in group["actions"] for group in groups_of(app).values())
    app.switch_page(SCHEDULES).run()
    act(app, "panel", ["set", "run1.schedule", "cosine"], ["set", "run2.clip", "norm"], ["set", "noise", "constant"])
    app.switch_page(TRAJECTORIES).run()
    assert {"run1.schedule", "run1.schedule.final", "run1.warmup"} <= set(keys_of(app, "run1")) and "run1.clip" not in keys_of(app, "run1")
    assert "run2.clip.threshold" in keys_of(app, "run2") and "run2.schedule" not in keys_of(app, "run2")
    assert "noise.sigma" in keys_of(app, "noise") and "schedules" not in groups_of(app)
    assert set(payload(app, "stage")["figures"]) == {"map", "curve", "norm", "rate"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_leaving_and_returning_keeps_everything_and_a_link_opens_it(language: str) -> None:
    app = opened({**RACE, "lang": language}, SCHEDULES)
    act(app, "panel", *EDITS)
    before = experiment_of(app)
    assert not errors_of(app) and len(before.to_query()) > 50
    for page in (TRAJECTORIES, "pages/home.py", SCHEDULES):
        app.query_params.clear()
        app.switch_page(page).run()
        assert not app.exception and experiment_of(app) == before
    link = address_of(app)
    assert {**before.to_query(), "lang": language} == link
    for page in (SCHEDULES, TRAJECTORIES):
        again = opened(link, page)
        assert experiment_of(again) == before and not again.warning
        assert payload(again, "stage")["runs"][0]["label"] == payload(app, "stage")["runs"][0]["label"]


def test_a_link_with_an_impossible_formula_says_why_and_stays_text() -> None:
    evil = "eta0 * [a](https://evil.example) <b>"
    query = {"run1": "adam", "run1.schedule": "custom", "run1.schedule.formula": evil, "run2": "adam", "run2.schedule": "custom", "run2.schedule.formula": "-t"}
    app = opened({**query, "lang": "en"})
    assert len(app.warning) == 1 and len(experiment_of(app).runs) == 2
    lines = app.warning[0].value.splitlines()[1:]
    assert len(lines) == 2 and "at character" in lines[0] and "must be a finite number, at least 0" in lines[1]
    for line in lines:
        outside = "".join(line.split("``")[::2])
        assert line.count("``") % 2 == 0 and "[" not in outside and "<" not in outside and "evil" not in outside


def test_axis_of_the_rates(app: AppTest) -> None:
    act(app, "panel", ["set", "rates", "log"])
    assert payload(app, "panel")["rate"]["figure"]["layout"]["yaxis"]["type"] == "log" and address_of(app)["rates"] == "log"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_export_dialog_offers_every_figure(language: str) -> None:
    app = opened({**RACE, "lang": language}, SCHEDULES)
    act(app, "panel", *EDITS)
    next(button for button in app.button if button.label == translator(language)("Export")).click().run()
    assert not app.exception
    offered = [[option.content for option in group.proto.options] for group in app.get("button_group")]
    _ = translator(language)
    assert [_("Level lines"), _("Loss curve"), _("Learning rate"), _("Gradient"), _("3-D")] in offered
    shown = compute.picture(experiment_of(app))
    assert set(FIGURES) == {"map", "curve", "rate", "norm", "space", "atlas", "curvature"} and export.offered(shown) == (
        "map",
        "curve",
        "rate",
        "norm",
        "space",
    )
    assert all(FIGURES[name](shown, "light", _)["data"] for name in export.offered(shown))


def test_an_old_link_opens_unchanged() -> None:
    old = {
        key: text for key, text in Experiment.from_query({})[0].to_query().items() if not any(word in key for word in ("schedule", "warmup", "clip", "noise"))
    }
    old = {key: text for key, text in old.items() if key not in ("rates", "epoch", "together")}
    for page in (SCHEDULES, TRAJECTORIES):
        app = opened({**old, "lang": "en"}, page)
        assert not app.warning and experiment_of(app) == Experiment.from_query({})[0]
