"""The export dialog of the page Training: what is offered, for which training, and in whose language."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lab.i18n import LANGUAGES, translator
from tests.pages.apptest import opened

QUERY = {"data": "circle", "data.size": "40", "epochs": "3", "layers": "2", "run": "newton", "run.lr": "0.5", "b.run": "adam"}


def dialog(language: str, **query: str) -> AppTest:
    app = opened({"lang": language})
    app.query_params.clear()
    for key, value in {**QUERY, **query, "lang": language}.items():
        app.query_params[key] = value
    app.switch_page("pages/training.py").run()
    next(button for button in app.button if button.label == translator(language)("Export")).click().run()
    assert not app.exception
    return app


def disabled(app: AppTest, label: str) -> list[bool]:
    return [button.proto.disabled for button in app.get("download_button") if button.proto.label == label]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_offered_and_why_not(language: str) -> None:
    _, app = translator(language), dialog(language)
    for label in ("PNG", "SVG", "PDF", "JSON", _("Curves as CSV"), _("Weights as npz"), _("Weights as JSON")):
        assert disabled(app, label) == [False], "the first figure and all numbers need no Chrome"
    assert disabled(app, _("Script")) == disabled(app, _("Notebook")) == [True, False], "PyTorch has no Newton; JAX writes its rule out"
    assert _("This library has no optimizer with this formula.") in [caption.value for caption in app.caption]
    assert app.selectbox(key="export:training").options == ["A", f"B: {_('optimizer')} = Adam"]
    assert disabled(dialog(language, run="adam"), _("Script")) == [False, False]
