"""The export dialog: the current figure as a picture, the race as a file that plays offline, the numbers, a film, a run as a program."""

from __future__ import annotations

import functools

import streamlit as st

from lab import compute, export, live, session
from lab.figures.style import Theme
from lab.i18n import Translate
from lab.widgets.film import film_form
from lab.widgets.paper import picture_form
from lab.widgets.program import program
from lab.widgets.stage import stage_payload


def export_button(_: Translate) -> None:
    """A button that opens the export dialog."""
    if st.button(_("Export"), icon=":material/download:"):
        st.dialog(_("Export"), width="medium")(_export)()


def _export() -> None:
    _ = session.translate()
    picture = compute.picture(session.load())
    name = functools.partial(export.file_name, picture.experiment)
    named = {"map": _("Level lines"), "curve": _("Loss curve"), "rate": _("Learning rate"), "norm": _("Gradient"), "space": _("3-D")}
    named |= {"atlas": _("Map of many runs"), "curvature": _("Curvature")}
    titles = {key: title for key, title in named.items() if key in export.offered(picture)}
    mapped = "atlas" in titles

    def image(shown: str, format: export.Format, width: int, height: int, theme: Theme) -> bytes:
        return export.image(export.printed(picture, shown, theme, _), format, width, height)

    paper = picture_form(titles, "atlas" if mapped else picture.experiment.view, 750, image, name, _)
    theme, language = session.theme(), session.language()

    def offline() -> str:
        return live.offline_html(stage_payload(picture, theme, _), "Descent Lab", language)

    st.divider()
    with st.container(horizontal=True):
        st.download_button(_("HTML that plays offline"), offline, name("html"), on_click="ignore")
        st.download_button("CSV", functools.partial(export.trajectories_csv, picture), name("csv"), on_click="ignore")
        if mapped:
            st.download_button(_("Map as CSV"), functools.partial(export.atlas_csv, picture), name("map.csv"), on_click="ignore")
        st.download_button("JSON", functools.partial(export.trajectories_json, picture), name("json"), on_click="ignore")
    st.caption(_("CSV and JSON hold every step in full precision, with the link and the versions in their header."))

    st.divider()
    film_form(picture, paper.theme, (paper.width, paper.height), name, _)

    st.divider()
    program(picture, _)
