"""The player as a film, in the export dialog: options, progress, cancel, download."""

from __future__ import annotations

import functools
from collections.abc import Callable

import streamlit as st

from lab import errands, session
from lab.animation import FILMS, LENGTHS, RATES, SIDES, Film, Options, film
from lab.compute import Picture
from lab.figures.style import Theme
from lab.i18n import Translate, translator
from lab.jobs import Busy, Job, Tell

TITLES: dict[Film, str] = {"gif": "GIF", "mp4": "MP4", "webm": "WebM", "zip": "PNG · zip"}
Filming = Callable[[Film, Options, Tell], bytes]
"""Format, options and whom to tell of every frame → the file."""
EVERY = 0.4
"""Seconds between two looks at a film that is being made."""


def film_form(picture: Picture, theme: Theme, size: tuple[int, int], name: Callable[[str], str], _: Translate) -> None:
    """Options of the film of a picture, and where it stands.

    Args:
        picture: what is shown.
        theme: light or dark.
        size: width and height in px, as for pictures.
        name: a suffix → a file name.
        _: translates.
    """
    filming_form(functools.partial(_make, picture, theme, session.language()), size, name, _)


def filming_form(make: Filming, size: tuple[int, int], name: Callable[[str], str], _: Translate) -> None:
    """The same for anything that can be filmed.

    Args:
        make: makes the film in the background, without Streamlit.
        size, name, _: as for `film_form`.
    """
    st.markdown("**" + _("Film of the player") + "**")
    format = st.segmented_control(_("Format"), list(FILMS), default="gif", format_func=TITLES.__getitem__, required=True, key="film:format")
    columns = st.columns(2)
    fps = columns[0].number_input(_("Frames a second"), *RATES, 20, key="film:fps")
    seconds = columns[1].number_input(_("Length, s"), *LENGTHS, 6, key="film:seconds")
    width, height = (min(max(side, SIDES[0]), SIDES[1]) for side in size)
    options = Options(width, height, int(fps), int(seconds))
    st.caption(_("{width} × {height} px, {frames} frames").format(width=options.width, height=options.height, frames=options.frames))
    _progress(make, format, options, name)


def _make(picture: Picture, theme: Theme, language: str, format: Film, options: Options, tell: Tell) -> bytes:
    return film(picture, format, options, theme, translator(language), tell)


@st.fragment(run_every=EVERY)
def _progress(make: Filming, format: Film, options: Options, name: Callable[[str], str]) -> None:
    """The button, and what becomes of the film; only this part looks again."""
    _, job = session.translate(), errands.film()
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(_("Make the film"), disabled=job is not None and not job.over, key="film:make"):
            try:
                options.check()
                errands.make_film(format, functools.partial(make, format, options))
            except Busy:
                st.warning(_("Many films are being made just now. Try again in a minute."))
            except ValueError:
                st.warning(_("This film has too many pixels. Make it smaller, shorter, or with fewer frames a second."))
            job = errands.film()
        if job is not None and not job.over and st.button(_("Cancel"), key="film:cancel"):
            errands.drop_film()
            job = None
        if job is not None and job.state == "done":
            st.download_button(_("Download the film"), job.result, name(job.name), on_click="ignore", key="film:download")
    _say(job, _)


def _say(job: Job | None, _: Translate) -> None:
    """Where the film stands, in words and as a bar."""
    if job is None:
        return
    if job.state == "waiting":
        st.progress(0.0, _("Waiting for another film"))
    elif job.state == "running":
        share = job.done / job.total if job.total else 0.0
        st.progress(share, _("frame {done} of {total}").format(done=job.done, total=job.total))
    elif job.state == "failed":
        st.error(_("The film could not be made. Try another format or size."))
