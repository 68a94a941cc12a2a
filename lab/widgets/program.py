"""The part of the export dialog that writes a run as a program: a script and a notebook for each library that has the formula."""

from __future__ import annotations

import functools

import streamlit as st

from lab.compute import Picture
from lab.export import file_name, scripts
from lab.export.notebook import notebook
from lab.figures.style import labels
from lab.i18n import Translate


def program(picture: Picture, _: Translate) -> None:
    """Which run, and for each library two downloads, or why there are none.

    Args:
        picture: what is shown.
        _: the reader's language.
    """
    experiment = picture.experiment
    st.markdown("**" + _("A run as a program") + "**")
    names = labels(experiment.runs, _)
    index = st.selectbox(_("Run"), range(len(names)), max(experiment.inspected - 1, 0), format_func=names.__getitem__)
    for library, column in zip(scripts.LIBRARIES, st.columns(len(scripts.LIBRARIES)), strict=True):
        reason, title = scripts.impossible(picture, index, library), scripts.TITLES[library]
        with column:
            st.markdown(f"**{title}**")
            makers = {
                "py": (_("Script"), functools.partial(scripts.script, picture, index, library)),
                "ipynb": (_("Notebook"), functools.partial(notebook, picture, index, library, _)),
            }
            for suffix, (label, make) in makers.items():
                name = file_name(experiment, f"run{index + 1}.{library}.{suffix}")
                st.download_button(label, make, name, on_click="ignore", disabled=reason is not None, key=f"program:{library}:{suffix}", width="stretch")
            if reason:
                st.caption(_(reason))
    st.caption(_("Each program stands by itself and gives the numbers of this picture, but libraries may differ where a slope is infinite or undefined."))
