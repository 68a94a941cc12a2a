"""The reader's session: the only place that touches `st.session_state` and `st.query_params`.

The experiment in the session is the truth; the address bar mirrors it, so that a refreshed browser or a restarted server loses nothing. What the address
says is read again only when it changed from outside (a link, the back button), never when it merely lags behind.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import streamlit as st

from lab import atlas, compute, jobs, live
from lab.boards import Board
from lab.charts import chart_of
from lab.experiment import Experiment
from lab.figures.style import Theme
from lab.i18n import LANGUAGES, Translate, language_of, translator
from lab.jobs import Job, Tell
from lab.values import Problem

COMPONENTS = ("panel", "stage", "atlas")
_APP_KEYS = ("lang",)


def enter() -> None:
    """Say that the reader came in by app.py."""
    st.session_state["entered"] = True


def visit(page: str) -> None:
    """Say which page is about to run."""
    state = st.session_state
    state["switched"] = state.get("page") != page
    if state["switched"]:
        forget_map_job()
    state["page"] = page


def language() -> str:
    """The reader's language: from the link, else as chosen before, else from the browser."""
    if "entered" not in st.session_state:
        _through_the_front_door()
    if "language" not in st.session_state:
        asked = st.query_params.get("lang", "")
        st.session_state["language"] = asked if asked in LANGUAGES else language_of(st.context.locale)
    return str(st.session_state["language"])


def _listen() -> None:
    """Another link was opened: take its language, and draw the page anew if it is not the present one."""
    asked = st.query_params.get("lang", "")
    if asked in LANGUAGES and asked != language():
        st.session_state["language"] = asked
        st.rerun()


def _through_the_front_door() -> None:
    """Run the page again by way of app.py.

    A page asked for by its own address on a fresh server is run by Streamlit's older scheme for a folder `pages/`, which knows nothing of app.py.
    Declaring the pages ends that scheme for the process.
    """
    from lab import navigation  # it imports this module

    st.switch_page(navigation.declare(str), query_params=st.query_params.to_dict())


def speak(code: str) -> None:
    """Change the reader's language; an unknown code changes nothing."""
    if code in LANGUAGES:
        st.session_state["language"] = code
        st.query_params["lang"] = code


def translate() -> Translate:
    """The function that puts a message into the reader's language."""
    return translator(language())


def theme() -> Theme:
    """`light` or `dark`, as the reader sees the page now."""
    return "dark" if st.context.theme.type == "dark" else "light"


def load() -> Experiment:
    """The reader's experiment, with what they did since the last run taken in."""
    state = st.session_state
    query = {key: value for key, value in st.query_params.items() if key not in _APP_KEYS}
    actions = _actions(first="experiment" not in state)
    state["touched"] = bool(actions) or state.get("touched", False)  # then the address may lag behind, until this run has written it
    went_back = not query and not state["switched"]  # to the bare address that the visit began with
    if "experiment" not in state or (query != state["written"] and not state["touched"] and (query or went_back)):
        state["bare"] = "experiment" in state and went_back
        state["experiment"], state["problems"] = Experiment.from_query(query)
        state["errors"], state["written"], state["blank"] = {}, query, not query
        _listen()
    for action in actions:
        _take(action)
    return state["experiment"]  # type: ignore[no-any-return]


def welcome(first: Experiment) -> None:
    """On a page just entered, put `first` in place of the experiment of an empty address that nobody has touched; the reader's own is never replaced."""
    state = st.session_state
    if state["switched"] and state["blank"] and state["experiment"] == Experiment.from_query({})[0]:
        replace(first)


def charted() -> None:
    """On a page about maps the experiment has one."""
    experiment: Experiment = st.session_state["experiment"]
    if experiment.chart is None:
        st.session_state["experiment"] = dataclasses.replace(experiment, chart=chart_of(experiment.runs, experiment.surface))


def save() -> None:
    """Write the experiment into the address bar, unless a drag is under way: its release will.

    Nor when the reader went back to the bare address: writing there would keep them from going back any further.
    """
    state = st.session_state
    query = state["experiment"].to_query()
    state["bare"] = state["bare"] and not state["touched"]
    if not dragging() and not state["bare"] and (query != state["written"] or "lang" not in st.query_params):
        state["written"] = query
        st.query_params.from_dict({**query, "lang": language()})
    state["touched"] = False


def dragging() -> bool:
    """Whether the reader's hand is on a slider or on the start."""
    return any(live.dragging(st.session_state.get(component)) for component in COMPONENTS)


def replace(experiment: Experiment) -> None:
    """Put another experiment in place of the present one."""
    state = st.session_state
    state["experiment"], state["errors"], state["problems"], state["touched"] = experiment, {}, [], True


def edit(key: str, text: str) -> None:
    """Change one value by its key in the link; what is not understood is kept as an error of that key."""
    state = st.session_state
    state["experiment"], problem = state["experiment"].set(key, text)
    kept = {} if key == "surface" else {k: v for k, v in state["errors"].items() if k != key and not k.startswith(f"{key}.")}
    state["errors"], state["touched"] = kept | ({key: problem} if problem else {}), True


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


def map_job(question: Any, make: Callable[[Tell], None]) -> Job:
    """The finer map that is being made for this reader: another question ends the former one's.

    Args:
        question: what it answers; equal ones ask for the same.
        make: makes it, if it is not under way.

    Raises:
        Busy: too many are being made already.
    """
    asked, job = st.session_state.get("map:job", (None, None))
    if job is None or asked != question:
        forget_map_job()
        job = jobs.MAPS.start("map", make)
        st.session_state["map:job"] = (question, job)
    job.touch()
    return job  # type: ignore[no-any-return]


def open_map(experiment: Experiment, board: Board) -> None:
    """Show a map from a file, and the experiment it belongs to."""
    replace(experiment)
    st.session_state["map:opened"] = (experiment, board)


def opened_map() -> tuple[Experiment, Board] | None:
    """The map that was opened last, and the experiment it came with."""
    return st.session_state.get("map:opened")


def forget_map_job() -> None:
    """Nobody waits for the finer map any more; one that is being made stops."""
    _asked, job = st.session_state.pop("map:job", (None, None))
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


def problems() -> list[Problem]:
    """What the link said and nobody understood."""
    return list(st.session_state.get("problems", []))


def errors() -> dict[str, Problem]:
    """What the reader typed last and was not accepted, by key."""
    present = st.session_state["experiment"].to_query()
    return {key: problem for key, problem in st.session_state.get("errors", {}).items() if key in present}


def acknowledged(component: str) -> int:
    """The sequence number of the last action taken from a component."""
    return int(st.session_state.get(f"ack:{component}", 0))


def held() -> frozenset[str]:
    """Hashes of the large arrays that the browser already holds, as the component that spoke last has it."""
    latest = max((st.session_state.get(component) for component in COMPONENTS), key=live.spoken)
    return live.have(latest)


def preset(widget: str, value: Any) -> str:
    """Set what a native widget shows, before it is made; returns its key."""
    st.session_state[widget] = value
    return widget


def chosen(widget: str) -> Any:
    """What a native widget holds."""
    return st.session_state.get(widget)


def _actions(*, first: bool) -> list[live.Action]:
    """New actions from the components. A new session drops them: they were meant for the one that is gone."""
    fresh: list[live.Action] = []
    for component in COMPONENTS:
        actions, st.session_state[f"ack:{component}"] = live.fresh(st.session_state.get(component), acknowledged(component))
        fresh += actions
    return [] if first else sorted(fresh)


def _take(action: live.Action) -> None:
    """Apply one action; whatever does not fit changes nothing."""
    state = st.session_state
    experiment: Experiment = state["experiment"]
    match action.kind, action.args:
        case "set", (str(key), str(text)):
            edit(key, text)
        case "add", (str(key),):
            state["experiment"] = experiment.add(key)
        case "draw", (int(index), str(pieces)):
            state["experiment"], problem = experiment.drawn(index, pieces)
            state["errors"] = {problem.key: problem} if problem else {}
        case "hide", (int(index), int(hidden)):
            edit(f"run{index + 1}.hidden", str(hidden))
        case "cell", (int(index), int(cells), int(column), int(row)):
            for key, text in atlas.values_at(experiment, index, cells, column, row).items():
                edit(key, text)
        case "best", (int(index),):
            for key, text in compute.best_values(experiment, index).items():
                edit(key, text)
        case ("duplicate" | "remove" | "reset") as change, (int(index),):
            state["experiment"] = getattr(experiment, change)(index)
            state["errors"] = {}
