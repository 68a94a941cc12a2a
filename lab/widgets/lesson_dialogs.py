"""The export dialog of the page Training: figures, curves, weights, a film of the player, and a training as a program."""

from __future__ import annotations

import functools
from collections.abc import Callable

import streamlit as st

from lab import session
from lab.animation import Film, Options
from lab.export import Format
from lab.export.learning import images, scripts
from lab.export.learning.film import lesson_film
from lab.export.learning.notebook import notebook
from lab.export.learning.numbers import curves_csv, lesson_file, lesson_json, weights_json, weights_npz
from lab.figures.style import Theme
from lab.i18n import Translate, translator
from lab.jobs import Tell
from lab.lesson_types import Learned, Lesson
from lab.study import LETTERS
from lab.widgets.film import filming_form
from lab.widgets.paper import dialog_button, picture_form

Make = Callable[[], Lesson]


def export_button(make: Make, _: Translate, *, ready: bool = True) -> None:
    """A button that opens the export dialog.

    Args:
        make: gives the lesson, a whole one; called when the dialog opens.
        _: the reader's language.
        ready: whether the lesson is at hand; while it is not, the button says to wait.
    """
    wait = _("The training is still under way: export it when it is there.")
    dialog_button(_export, make, ready, wait, _)


def _export(make: Make) -> None:
    _, lesson = session.translate(), make()
    name = functools.partial(lesson_file, lesson.study)
    titles = {key: _(images.TITLES[key]) for key in images.offered(lesson)}
    paper = picture_form(titles, images.REGIONS, 900, functools.partial(_drawn, lesson, _), name, _, without_chrome=images.DRAWN)

    st.divider()
    with st.container(horizontal=True):
        st.download_button(_("Curves as CSV"), functools.partial(curves_csv, lesson), name("csv"), on_click="ignore")
        st.download_button("JSON", functools.partial(lesson_json, lesson), name("json"), on_click="ignore")
    st.caption(_("CSV and JSON hold every iteration in full precision, with the link and the versions in their header."))

    st.divider()
    filming_form(functools.partial(_filmed, lesson, paper.theme, session.language()), (paper.width, paper.height), name, _)

    st.divider()
    _training(lesson, name, _)


def _drawn(lesson: Lesson, _: Translate, shown: str, format: Format, width: int, height: int, theme: Theme) -> bytes:
    return images.lesson_image(lesson, shown, format, width, height, theme, _)


def _filmed(lesson: Lesson, theme: Theme, language: str, format: Film, options: Options, tell: Tell) -> bytes:
    return lesson_film(lesson, format, options, theme, translator(language), tell)


def _training(lesson: Lesson, name: Callable[[str], str], _: Translate) -> None:
    """One training: its weights, and for each library its program as a script and as a notebook, or why there is none."""
    st.markdown("**" + _("One training") + "**")
    labels = [learned.label for learned in lesson.runs]
    index = st.selectbox(_("Training"), range(len(labels)), format_func=labels.__getitem__, key="export:training") if len(labels) > 1 else 0
    learned, letter = lesson.runs[index], LETTERS[index]
    with st.container(horizontal=True):
        st.download_button(_("Weights as npz"), functools.partial(weights_npz, learned), name(f"{letter}.npz"), on_click="ignore")
        st.download_button(_("Weights as JSON"), functools.partial(weights_json, learned), name(f"{letter}.weights.json"), on_click="ignore")
    for library, column in zip(scripts.LIBRARIES, st.columns(len(scripts.LIBRARIES)), strict=True):
        with column:
            _programs(learned, library, functools.partial(_named, name, f"{letter}.{library}"), _)
    st.caption(_("Each program stands by itself and gives the numbers of this training; with dropout PyTorch draws other masks."))


def _named(name: Callable[[str], str], before: str, suffix: str) -> str:
    return name(f"{before}.{suffix}")


def _programs(learned: Learned, library: scripts.Library, name: Callable[[str], str], _: Translate) -> None:
    reason = scripts.impossible(learned, library)
    st.markdown(f"**{scripts.TITLES[library]}**")
    makers = {
        "py": (_("Script"), functools.partial(scripts.script, learned, library)),
        "ipynb": (_("Notebook"), functools.partial(notebook, learned, library, _)),
    }
    for suffix, (label, make) in makers.items():
        key = f"training:{library}:{suffix}"
        st.download_button(label, make, name(suffix), on_click="ignore", disabled=reason is not None, key=key, width="stretch")
    if reason:
        st.caption(_(reason))
