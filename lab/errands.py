"""Work that is done for this reader in the background: films, maps, races, trainings. Each is a job of `lab.jobs`, kept in the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lab import jobs
from lab.jobs import Job, Pool, Tell


def film() -> Job | None:
    """The film that the reader is having made, or has had made last."""
    return st.session_state.get("film")


def make_film(name: str, make: Callable[[Tell], bytes]) -> None:
    """Have a film made in the place of the one before, under a name such as its format.

    Raises:
        Busy: too many are being made already.
    """
    drop_film()
    st.session_state["film"] = jobs.EXPORTS.start(name, make)


def drop_film() -> None:
    """Forget the film; one that is being made stops."""
    if job := st.session_state.pop("film", None):
        job.cancel()


def work(name: str, pool: Pool, question: Any, make: Callable[[Tell], None]) -> Job:
    """What is being made for this reader in the background under a name: another question ends the former one's.

    Args:
        name: "map" or "training".
        pool: whose workers make it.
        question: what it answers; equal ones ask for the same.
        make: makes it, if it is not under way.

    Raises:
        Busy: too many are being made already.
    """
    asked, job = st.session_state.get(f"{name}:job", (None, None))
    if job is None or asked != question:
        forget(name)
        job = pool.start(name, make)
        st.session_state[f"{name}:job"] = (question, job)
    job.touch()
    return job  # type: ignore[no-any-return]


def forget(name: str) -> None:
    """Nobody waits for it any more; what is being made stops."""
    _asked, job = st.session_state.pop(f"{name}:job", (None, None))
    if job is not None:
        job.cancel()


def race_job(question: Any = None, make: Callable[[Tell], None] | None = None) -> Job | None:
    """The fair race that is being run for this reader, or was run last, if it answers `question`; with `make` it is begun in the place of the one before.

    Raises:
        Busy: too many are being run already.
    """
    asked, job = st.session_state.get("race:job", (None, None))
    if make is not None:
        former, asked, job = job, question, jobs.RACES.start("race", make)
        if former is not None:
            former.cancel()
        st.session_state["race:job"] = (asked, job)
    return job if asked == question else None
