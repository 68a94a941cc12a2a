"""The export dialog offers a run as a program in each library that has its formula, and says why the others do not."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lab.i18n import LANGUAGES, translator
from tests.pages.apptest import opened


def dialog(language: str, **query: str) -> AppTest:
    app = opened({"surface": "booth", "steps": "20", "run1": "newton", "run2": "adam", **query, "lang": language})
    next(button for button in app.button if button.label == translator(language)("Export")).click().run()
    assert not app.exception
    return app


def disabled(app: AppTest, label: str) -> list[bool]:
    return [button.proto.disabled for button in app.get("download_button") if button.proto.label == label]


@pytest.mark.parametrize("language", LANGUAGES)
def test_programs_are_offered_where_a_library_has_the_formula(language: str) -> None:
    _, app = translator(language), dialog(language)
    assert disabled(app, _("Script")) == disabled(app, _("Notebook")) == [False, True, True]
    assert [caption.value for caption in app.caption].count(_("This library has no optimizer with this formula.")) == 2
    assert disabled(dialog(language, inspect="2"), _("Script")) == [False, False, False]
