"""The page Maps without a browser: what it shows, how a cell is picked, how a fine map follows a coarse one."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from apptest import act, address_of, controls_of, errors_of, experiment_of, opened, payload
from streamlit.testing.v1 import AppTest

from lab import atlas, errands, jobs, session
from lab.i18n import LANGUAGES

MAPS = "pages/maps.py"
QUERY = {"v": "1", "surface": "himmelblau", "start": "0,0", "run1": "momentum", "run1.lr": "0.01", "map": "plane", "map.cells": "25"}


def settled(app: AppTest) -> dict[str, Any]:
    """The atlas once it is as fine as asked."""
    deadline = time.monotonic() + 60
    while (told := payload(app, "atlas"))["panels"] and told["panels"][0]["cells"] != atlas.wanted(experiment_of(app)):
        assert time.monotonic() < deadline, "the finer map never came"
        time.sleep(0.1)
        app.run()
    return told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["plane", "basins", "seeds"])
def test_the_page_opens(language: str, kind: str) -> None:
    app = opened({**QUERY, "map": kind, "lang": language, **({"noise": "constant"} if kind == "seeds" else {})}, MAPS)
    told = settled(app)
    assert not app.warning and not app.exception
    assert len(told["panels"]) == {"plane": 1, "basins": 1, "seeds": 0}[kind]
    assert payload(app, "panel")["groups"][0]["id"] == "map"
    assert address_of(app)["map"] == kind


def test_without_anything_the_page_shows_its_first_scene() -> None:
    app = opened({}, MAPS)
    assert experiment_of(app).chart is not None and app.selectbox(key="scene").value == "maps_distill"


def test_a_cell_moves_the_sliders_and_the_path() -> None:
    app = opened(QUERY, MAPS)
    before = payload(app, "stage")["runs"][0]["w1"].tolist()
    act(app, "atlas", ["cell", 0, 25, 12, 20])
    e = experiment_of(app)
    assert atlas.values_at(e, 0, 25, 12, 20) == {"run1.lr": address_of(app)["run1.lr"], "run1.beta": address_of(app)["run1.beta"]}
    assert payload(app, "stage")["runs"][0]["w1"].tolist() != before and payload(app, "atlas")["panels"][0]["at"] == [12, 20]


def test_the_best_cell_is_one_click() -> None:
    app = opened({**QUERY, "steps": "100"}, MAPS)
    best = settled(app)["best"]
    act(app, "atlas", ["cell", best["run"], best["cells"], best["column"], best["row"]])
    assert settled(app)["panels"][0]["at"] == [best["column"], best["row"]]


JUNK = [["cell", 9, 25, 1, 1], ["cell", 0, 0, 0, 0], ["cell", 0, 25, 25, 1], ["cell", 0, 25, "1", 1], ["cell", 0], ["cell", -1, 25, 1, 1]]


@pytest.mark.parametrize("junk", JUNK, ids=str)
def test_cells_that_do_not_exist_change_nothing(junk: list[Any]) -> None:
    app = opened(QUERY, MAPS)
    before = experiment_of(app)
    act(app, "atlas", junk)
    assert experiment_of(app) == before


def test_sides_ranges_and_colours_are_controls() -> None:
    app = opened(QUERY, MAPS)
    keys = {key for key in controls_of(app) if key.startswith("map.")}
    assert keys == {"map.x", "map.x.low", "map.x.high", "map.y", "map.y.low", "map.y.high", "map.show", "map.tolerance", "map.cells"}
    act(app, "panel", ["set", "map.y", "w2"], ["set", "map.show", "loss"])
    assert experiment_of(app).chart.y.name == "w2" and experiment_of(app).chart.show == "loss"
    act(app, "panel", ["set", "map.x.low", "20"])
    assert "map.x.low" in errors_of(app) and experiment_of(app).chart.x.low < 1


def test_seeds_without_noise_say_what_is_missing() -> None:
    app = opened({**QUERY, "map": "seeds"}, MAPS)
    assert len(app.info) == 1
    act(app, "panel", ["set", "noise", "constant"])
    assert not app.info and payload(app, "atlas")["panels"] == []


def test_a_finer_map_follows_and_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "AT_ONCE", 0.0)
    app = opened({**QUERY, "map.cells": "80", "start": "0.5,0.125"}, MAPS)
    assert payload(app, "atlas")["panels"][0]["cells"] == atlas.LEAST
    assert settled(app)["panels"][0]["cells"] == 80
    assert "map:job" not in app.session_state


def test_another_question_ends_the_former_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "AT_ONCE", 0.0)
    app = opened({**QUERY, "map.cells": "300", "steps": "5000", "start": "0.25,0.625"}, MAPS)
    _asked, job = app.session_state["map:job"]
    act(app, "panel", ["set", "steps", "10"])
    deadline = time.monotonic() + 60
    while not job.over:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert job.state == "cancelled"


def test_a_schedule_that_some_rates_do_not_bear_is_answered_in_words() -> None:
    app = opened({**QUERY, "run1.lr": "0.05", "run1.schedule": "custom", "run1.schedule.formula": "eta0 - 0.01"}, MAPS)
    assert not app.exception and any("Move the ends" in warning.value for warning in app.warning)
    act(app, "panel", ["set", "map.x.low", "0.02"])
    assert not app.warning and payload(app, "atlas")["panels"]


def test_another_page_and_silence_give_up_the_finer_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session.st, "session_state", {})

    def slow(tell: jobs.Tell) -> None:
        while True:
            time.sleep(0.01)
            tell(0, 1)

    session.visit("maps")
    left = errands.work("map", jobs.MAPS, ("one",), slow)
    assert errands.work("map", jobs.MAPS, ("one",), slow) is left and left.wanted
    session.visit("trajectories")
    assert not left.wanted and "map:job" not in session.st.session_state
    forgotten = errands.work("map", jobs.MAPS, ("two",), slow)
    monkeypatch.setattr(forgotten, "_looked", time.monotonic() - jobs.MAPS.patience)
    deadline = time.monotonic() + 30
    while not (left.over and forgotten.over):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (left.state, forgotten.state) == ("cancelled", "cancelled")


def test_jobs_that_nobody_wants_take_no_place() -> None:
    pool = jobs.Pool("test", workers=1, most=2)
    hold = threading.Event()
    pool.start("a", lambda tell: hold.wait(30))
    for _ in range(20):
        pool.start("b", lambda tell: None).cancel()
    pool.start("c", lambda tell: None)
    with pytest.raises(jobs.Busy):
        pool.start("d", lambda tell: None)
    hold.set()
