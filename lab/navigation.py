"""The header: pages and language. A page is one file in `pages/` that names its TITLE and its PLACE in the header; the first place is the front page."""

from __future__ import annotations

import ast
import functools
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from lab import session
from lab.i18n import LANGUAGES, Translate

ROOT = Path(__file__).parent.parent
ICON = Path(__file__).parent / "icon.svg"
CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


class PageFile(NamedTuple):
    """A page as its file declares it.

    Attributes:
        place: its place in the header, from 1.
        title: its title in English.
        path: relative to the root of the app.
    """

    place: int
    title: str
    path: str


@functools.cache
def page_files(folder: Path = ROOT / "pages") -> tuple[PageFile, ...]:
    """The pages in the order of the header. The files are read, not run.

    Raises:
        ValueError: a page lacks TITLE or PLACE.
    """
    found = []
    for file in sorted(folder.glob("[!_]*.py")):
        declared = {}
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
                declared[node.targets[0].id] = value.value if isinstance(value, ast.Constant) else None
        title, place = declared.get("TITLE"), declared.get("PLACE")
        if not isinstance(title, str) or not isinstance(place, int):
            raise ValueError(f'{file.name} must say TITLE = N_("…") and PLACE = 1, 2, …')
        found.append(PageFile(place, title, f"{folder.name}/{file.name}"))
    return tuple(sorted(found))


def declare(_: Translate) -> Any:
    """Tell Streamlit which pages there are; returns the one asked for."""
    pages = [st.Page(ROOT / file.path, title=_(file.title), url_path=Path(file.path).stem, default=index == 0) for index, file in enumerate(page_files())]
    return st.navigation(pages, position="top")


def header(_: Translate) -> Any:
    """Draw the header; returns the page to run."""
    st.html(f"<style>{CSS}</style>")
    page = declare(_)
    session.visit(page.url_path)
    with st.container(key="language"):
        st.segmented_control(
            _("Language"),
            list(LANGUAGES),
            key=session.preset("language_choice", session.language()),
            format_func=str.upper,
            label_visibility="collapsed",
            required=True,
            on_change=lambda: session.speak(session.chosen("language_choice")),
        )
    return page
