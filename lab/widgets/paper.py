"""What every export dialog begins with: a figure as a picture for print."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Mapping
from typing import NamedTuple, TypeVar

import streamlit as st

from lab import export
from lab.figures.style import Theme
from lab.i18n import Translate

T = TypeVar("T")
Draw = Callable[[str, export.Format, int, int, Theme], bytes]


class Paper(NamedTuple):
    """What the reader chose: light or dark, width and height in px."""

    theme: Theme
    width: int
    height: int


def picture_form(
    titles: Mapping[str, str], first: str, height: int, draw: Draw, name: Callable[[str], str], _: Translate, *, without_chrome: Container[str] = ()
) -> Paper:
    """Choices of figure, background and size, and a button a format.

    Args:
        titles: of the figures, by their names, translated.
        first: the name of the one that is chosen at the beginning.
        height: at the beginning, px.
        draw: gives the file; called with name, format, width, height and theme when a button is pressed.
        name: of the file, by its ending.
        _: the reader's language.
        without_chrome: names of figures that need no Chrome.
    """
    papers = {"light": _("light"), "dark": _("dark")}
    shown = st.segmented_control(_("Figure"), list(titles), default=first, format_func=titles.__getitem__, required=True)
    paper = st.segmented_control(_("Background"), list(papers), default="light", format_func=papers.__getitem__, required=True)
    size = st.columns(2)
    chosen = Paper(
        "dark" if paper == "dark" else "light",
        int(size[0].number_input(_("Width, px"), *export.SIDES, 1200, 50)),
        int(size[1].number_input(_("Height, px"), *export.SIDES, height, 50)),
    )
    drawn = shown in without_chrome or export.image_available()
    with st.container(horizontal=True):
        for format in export.FORMATS:
            image = functools.partial(draw, shown, format, chosen.width, chosen.height, chosen.theme)
            st.download_button(format.upper(), image, name(format), disabled=not drawn, on_click="ignore", key=f"export:{format}")
    if not drawn:
        st.info(_(export.NEEDS_CHROME))
    return chosen


def dialog_button(fill: Callable[[Callable[[], T]], None], make: Callable[[], T], ready: bool, wait: str, _: Translate) -> None:
    """A button that opens an export dialog.

    Args:
        fill: fills the dialog.
        make: gives what is exported; `fill` calls it.
        ready: whether what it exports is at hand.
        wait: what the button says while it is not, translated.
        _: the reader's language.
    """
    pressed = st.button(_("Export"), icon=":material/download:")
    if pressed and not ready:
        st.toast(wait)
    elif pressed:
        st.dialog(_("Export"), width="medium")(fill)(make)
