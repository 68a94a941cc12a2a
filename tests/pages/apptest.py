"""What tests of pages share: the app without a browser, and actions as the browser sends them."""

from __future__ import annotations

import itertools
from typing import Any

from streamlit.testing.v1 import AppTest

from lab.experiment import Experiment
from lab.live import wire
from lab.navigation import ROOT

_sequence = itertools.count(1)


def opened(query: dict[str, str] | None = None, page: str | None = None, **context: Any) -> AppTest:
    """The app after its first run."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in (query or {}).items():
        app.query_params[key] = value
    app.context = context or {"locale": "en-US"}
    app.run()
    if page is not None:
        app.switch_page(page).run()
    assert not app.exception
    return app


def linked(page: str, query: dict[str, str]) -> AppTest:
    """A page as a link opens it: the app's own first page never sees the query."""
    app = opened({"lang": query.get("lang", "en")})
    app.query_params.clear()
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(page).run()
    assert not app.exception
    return app


def payload(app: AppTest, name: str) -> dict[str, Any]:
    """What a live component was told."""
    for element in app.get("bidi_component"):
        if name in element.proto.component_name:
            return wire.unpack(element.proto.bytes)
    raise AssertionError(f"no component {name}")


def address_of(app: AppTest) -> dict[str, str]:
    """The query in the address bar."""
    return {key: value if isinstance(value, str) else value[0] for key, value in app.query_params.items()}


def experiment_of(app: AppTest) -> Experiment:
    return app.session_state["experiment"]


def act(app: AppTest, component: str, *actions: list[Any], dragging: bool = False) -> None:
    """Send actions as the browser does."""
    first = next(_sequence) * 1000
    numbered = [[first + index, *action] for index, action in enumerate(actions)]
    app.session_state[component] = {"message": {"actions": numbered, "have": [], "dragging": dragging}}
    app.run()
    assert not app.exception


def controls_of(app: AppTest) -> dict[str, dict[str, Any]]:
    """The panel's controls by their keys."""
    return {control["key"]: control for group in payload(app, "panel")["groups"] for control in group["controls"]}


def errors_of(app: AppTest) -> dict[str, str]:
    """What stands beside the controls, by key."""
    return {key: control["error"] for key, control in controls_of(app).items() if control.get("error")}
