"""Work that takes longer, on its page: a bar that says how far it is, with a button to cancel; the page is drawn anew when it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from lab import errands, session
from lab.jobs import Busy, Pool, Tell

EVERY = 0.3
"""Seconds between two looks at work that is under way."""


class Words(NamedTuple):
    """What is said meanwhile, translated.

    Attributes:
        again: on the button that begins what was cancelled after all.
        cancelled: it was cancelled.
        before: added where a former picture stands.
        crowded: too many are waiting.
        failed: it could not be finished.
        progress: how far it is, with {done} and {total}.
        queued: it waits for another one.
    """

    again: str
    cancelled: str
    before: str
    crowded: str
    failed: str
    progress: str
    queued: str


class Work(NamedTuple):
    """Something to wait for.

    Attributes:
        name: under which the session keeps it.
        pool: whose workers do it.
        question: what it answers; equal ones ask for the same.
        present: the same of what the reader has chosen by now.
        at_hand: whether it is there.
        make: does it, telling its progress.
        former: whether a former picture stands meanwhile.
        glimpsed: whether a first, coarse picture of it has come, and is not shown yet.
    """

    name: str
    pool: Pool
    question: Any
    present: Callable[[], Any]
    at_hand: Callable[[], bool]
    make: Callable[[Tell], None]
    former: bool
    glimpsed: Callable[[], bool] = lambda: False


@st.fragment(run_every=EVERY)
def under_way(work: Work, words: Words) -> None:
    """Do it in the background, tell how far it is, and draw the page anew when it is there; only this part looks again."""
    if work.question != work.present():
        return
    _, name = session.translate(), work.name
    if session.given_up(name) == work.question:
        st.button(words.again, icon=":material/play_arrow:", key=f"{name}:again", on_click=session.give_up, args=(name, None))
        st.caption(words.cancelled + (" " + words.before if work.former else ""))
        return
    try:
        job = errands.work(name, work.pool, work.question, work.make)
    except Busy:
        st.warning(words.crowded)
        return
    if (job.state == "done" and work.at_hand()) or work.glimpsed():
        st.rerun()
    if job.state == "done":  # others' work has taken its place meanwhile
        errands.forget(name)
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.state in ("failed", "cancelled"):
            st.error(words.failed)
            st.button(_("Try again"), key=f"{name}:retry", on_click=errands.forget, args=(name,))
            return
        told = words.progress.format(done=job.done, total=job.total) if job.total else words.queued if job.state == "waiting" else _("Compiling")
        st.progress(job.done / job.total if job.total else 0.0, told)
        st.button(_("Cancel"), key=f"{name}:cancel", on_click=_cancel, args=(name, work.question))


def _cancel(name: str, question: Any) -> None:
    errands.forget(name)
    session.give_up(name, question)
