"""The export dialog of the page Landscape: figures, numbers, a film of the player, and landscapes as bodies to print and scenes to view."""

from __future__ import annotations

import functools
from collections.abc import Callable

import streamlit as st

from lab import session
from lab.animation import Film, Options
from lab.export import Format
from lab.export.landscape import images
from lab.export.landscape.film import survey_film
from lab.export.landscape.numbers import grid_csv, grid_npz, path_csv, survey_file
from lab.export.landscape.solids import gltf, no_body, no_scene, stl
from lab.figures.style import Theme
from lab.i18n import Translate, translator
from lab.jobs import Tell
from lab.slice_types import Survey
from lab.study import LETTERS
from lab.widgets.film import filming_form
from lab.widgets.paper import dialog_button, picture_form

Make = Callable[[], Survey]


def export_button(make: Make, _: Translate, *, ready: bool = True) -> None:
    """A button that opens the export dialog.

    Args:
        make: gives the survey, a whole one; called when the dialog opens.
        _: the reader's language.
        ready: whether the survey is at hand; while it is not, the button says to wait.
    """
    wait = _("The landscape is still under way: export it when it is there.")
    dialog_button(_export, make, ready, wait, _)


def _export(make: Make) -> None:
    _, survey = session.translate(), make()
    name = functools.partial(survey_file, survey)
    titles = images.offered(survey, "light", _)
    paper = picture_form(titles, survey.cut.view, 900, functools.partial(_drawn, survey, _), name, _)

    st.divider()
    with st.container(horizontal=True):
        st.download_button(_("All as npz"), functools.partial(grid_npz, survey), name("npz"), on_click="ignore")
        st.download_button(_("Heights as CSV"), functools.partial(grid_csv, survey), name("csv"), on_click="ignore")
        st.download_button(_("Paths as CSV"), functools.partial(path_csv, survey), name("paths.csv"), on_click="ignore")
    st.caption(_("Every number in full precision, with the link and the versions; npz, read by NumPy, has the directions and what the panels show, too."))

    st.divider()
    filming_form(functools.partial(_filmed, survey, paper.theme, session.language()), (paper.width, paper.height), name, _)
    if survey.cut.view == "space":
        st.caption(_("The film shows level lines, also where the page shows a surface."))

    st.divider()
    _bodies(survey, paper.theme, name, _)


def _drawn(survey: Survey, _: Translate, shown: str, format: Format, width: int, height: int, theme: Theme) -> bytes:
    return images.survey_image(survey, shown, format, width, height, theme, _)


def _filmed(survey: Survey, theme: Theme, language: str, format: Film, options: Options, tell: Tell) -> bytes:
    return survey_film(survey, format, options, theme, translator(language), tell)


def _bodies(survey: Survey, theme: Theme, name: Callable[[str], str], _: Translate) -> None:
    """One landscape in three dimensions, or why there is none."""
    st.markdown("**" + _("One landscape in three dimensions") + "**")
    labels = [survey.lesson.runs[relief.run].label for relief in survey.reliefs]
    index = st.selectbox(_("Landscape"), range(len(labels)), format_func=labels.__getitem__, key="export:landscape") if len(labels) > 1 else 0
    letter = LETTERS[survey.reliefs[index].run]
    body, scene = no_body(survey, index), no_scene(survey, index)
    with st.container(horizontal=True):
        st.download_button("STL", functools.partial(stl, survey, index), name(f"{letter}.stl"), disabled=body is not None, on_click="ignore")
        st.download_button("glTF", functools.partial(gltf, survey, index, theme), name(f"{letter}.glb"), disabled=scene is not None, on_click="ignore")
    if body:
        st.caption(_(body))
    st.caption(_("STL is a closed body for a 3-D printer, 100 mm wide; glTF is the surface in colour with the paths on it, for viewers, slides and the web."))
