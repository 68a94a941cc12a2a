"""The export dialog of the page Landscape: what is offered, for which landscape, why not, and in whose language."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lab.i18n import LANGUAGES, translator

QUERY = {"data": "circle", "data.size": "40", "epochs": "3", "layers": "2", "run": "gradient_descent", "b.run": "adam", "cut": "weights", "cut.cells": "21"}


def page(query: dict[str, str], lost: int | None, ready: bool) -> None:
    """Nothing but the button; of the landscape `lost` no height is a number."""
    import numpy as np

    from lab import session, slices
    from lab.cut import Cut
    from lab.slice_types import Survey
    from lab.widgets.survey_dialogs import export_button

    _ = session.translate()

    def make() -> Survey:
        import dataclasses

        survey = slices.survey(Cut.from_query(query)[0], _)
        nowhere = type(survey.reliefs[0].heights)(*(np.full_like(values, np.nan) for values in survey.reliefs[0].heights))
        reliefs = tuple(relief._replace(heights=nowhere) if index == lost else relief for index, relief in enumerate(survey.reliefs))
        return dataclasses.replace(survey, reliefs=reliefs)

    export_button(make, _, ready=ready)


def dialog(language: str, lost: int | None = None, ready: bool = True, **query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60, args=(QUERY | query, lost, ready))
    app.session_state["entered"], app.session_state["language"] = True, language
    app.run()
    next(button for button in app.button if button.label == translator(language)("Export")).click().run()
    assert not app.exception
    return app


def disabled(app: AppTest, label: str) -> list[bool]:
    return [button.proto.disabled for button in app.get("download_button") if button.proto.label == label]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_offered(language: str) -> None:
    _, app = translator(language), dialog(language)
    for label in ("PNG", "SVG", "PDF", _("All as npz"), _("Heights as CSV"), _("Paths as CSV"), "STL", "glTF"):
        assert disabled(app, label) == [False]
    assert app.selectbox(key="export:landscape").options == ["A", f"B: {_('optimizer')} = Adam"]
    figures = app.get("button_group")[0]
    assert [option.content for option in figures.proto.options][:2] == [_("Level lines"), _("3-D")]


def test_a_landscape_with_holes_says_why_it_is_not_printed() -> None:
    assert disabled(dialog("en", lost=1), "STL") == disabled(dialog("en", lost=1), "glTF") == [False], "the first landscape is whole"
    app = dialog("en", lost=0)
    assert disabled(app, "STL") == disabled(app, "glTF") == [True]
    assert any("cannot be printed" in caption.value for caption in app.caption)


def test_one_landscape_of_all_needs_no_choice() -> None:
    app = dialog("en", **{"cut.together": "1"})
    assert [box.label for box in app.selectbox] == [] and disabled(app, "STL") == [False]


def test_what_is_filmed_is_told() -> None:
    """A film is offered of both views; one of a surface has level lines, and says so."""
    told = [[caption.value for caption in dialog("en", **{"cut.view": view}).caption] for view in ("map", "space")]
    assert all("1200 × 900 px, 140 frames" in captions for captions in told)
    assert [any("film shows level lines" in caption for caption in captions) for captions in told] == [False, True]


def test_what_is_under_way_is_not_exported() -> None:
    app = dialog("en", ready=False)
    assert not app.get("download_button") and "under way" in app.toast[0].value
