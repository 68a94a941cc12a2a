"""The export dialog: the current figure as a picture, the race as a file that plays offline, the numbers."""

from __future__ import annotations

import streamlit as st

from lab import compute, export, live, session
from lab.figures.curve import curve_figure
from lab.figures.map import map_figure
from lab.figures.space import space_figure
from lab.i18n import Translate
from lab.widgets import bench

SIDES = (200, 4000)


def export_button(_: Translate) -> None:
    """A button that opens the export dialog."""
    if st.button(_("Export"), icon=":material/download:"):
        st.dialog(_("Export"), width="medium")(_export)()


def _export() -> None:
    _ = session.translate()
    picture = compute.picture(session.load())
    experiment = picture.experiment
    figures = {"map": (_("Level lines"), map_figure), "curve": (_("Loss curve"), curve_figure), "space": (_("3-D"), space_figure)}

    shown = st.segmented_control(_("Figure"), list(figures), default=experiment.view, format_func=lambda key: figures[key][0], required=True)
    look = st.segmented_control(
        _("Background"), ["light", "dark"], default="light", format_func={"light": _("light"), "dark": _("dark")}.__getitem__, required=True
    )
    size = st.columns(2)
    width = size[0].number_input(_("Width, px"), *SIDES, 1200, 50)
    height = size[1].number_input(_("Height, px"), *SIDES, 750, 50)

    def image(format: export.Format) -> bytes:
        return export.image(export.print_figure(figures[shown][1](picture, look, _), look), format, int(width), int(height))

    available = export.image_available()
    with st.container(horizontal=True):
        for format in export.FORMATS:
            st.download_button(
                format.upper(),
                lambda format=format: image(format),
                export.file_name(experiment, format),
                disabled=not available,
                on_click="ignore",
                key=f"export:{format}",
            )
    if not available:
        st.info(_(export.NEEDS_CHROME))

    st.divider()
    with st.container(horizontal=True):
        st.download_button(
            _("HTML that plays offline"),
            lambda: live.offline_html(bench.stage_payload(picture, session.theme(), _), "Descent Lab", session.language()),
            export.file_name(experiment, "html"),
            on_click="ignore",
        )
        st.download_button("CSV", lambda: export.trajectories_csv(picture), export.file_name(experiment, "csv"), on_click="ignore")
        st.download_button("JSON", lambda: export.trajectories_json(picture), export.file_name(experiment, "json"), on_click="ignore")
    st.caption(_("CSV and JSON hold every step in full precision, with the link and the versions in their header."))
