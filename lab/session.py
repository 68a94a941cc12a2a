"""The reader's session: with `lab.desk` and `lab.errands` the only place that touches `st.session_state` and `st.query_params`.

A choice in the session is the truth; the address bar mirrors it (`lab.desk`), so that a refreshed browser or a restarted server loses nothing. There are two
kinds: the experiment of the pages about surfaces, and the study of those about networks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import streamlit as st

from lab import atlas, compute, errands, live
from lab.boards import Board
from lab.charts import chart_of
from lab.cut import Cut
from lab.desk import Desk
from lab.experiment import Experiment
from lab.figures.style import Theme
from lab.i18n import LANGUAGES, Translate, language_of, translator
from lab.recipe import OWN
from lab.study import Study
from lab.values import Problem
from optim_core.tables import Uploaded

COMPONENTS = ("panel", "stage", "atlas", "training", "landscape")


def enter() -> None:
    """Say that the reader came in by app.py."""
    st.session_state["entered"] = True


def visit(page: str) -> None:
    """Say which page is about to run."""
    state = st.session_state
    state["switched"] = state.get("page") != page
    if state["switched"]:
        for name in ("map", "training", "survey"):
            errands.forget(name)
        errands.drop_film()  # it was one of that page
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
    return EXPERIMENT.load()


def welcome(first: Experiment) -> None:
    """As `Desk.welcome`, of the experiment."""
    EXPERIMENT.welcome(first)


def charted() -> None:
    """On a page about maps the experiment has one."""
    experiment = EXPERIMENT.present
    if experiment.chart is None:
        EXPERIMENT.present = dataclasses.replace(experiment, chart=chart_of(experiment.runs, experiment.surface))


def save() -> None:
    """Write the experiment into the address bar, unless a drag is under way."""
    EXPERIMENT.save(dragging=dragging())


def dragging() -> bool:
    """Whether the reader's hand is on a slider or on the start."""
    return any(live.dragging(st.session_state.get(component)) for component in COMPONENTS)


def replace(experiment: Experiment) -> None:
    """Put another experiment in place of the present one."""
    EXPERIMENT.replace(experiment)


def edit(key: str, text: str) -> None:
    """Change one value of the experiment by its key in the link; what is not understood is kept as an error of that key."""
    EXPERIMENT.edit(key, text, afresh=("surface",))


def open_map(experiment: Experiment, board: Board) -> None:
    """Show a map from a file, and the experiment it belongs to."""
    replace(experiment)
    st.session_state["map:opened"] = (experiment, board)


def opened_map() -> tuple[Experiment, Board] | None:
    """The map that was opened last, and the experiment it came with."""
    return st.session_state.get("map:opened")


def problems() -> list[Problem]:
    """What the link said and nobody understood."""
    return EXPERIMENT.problems()


def errors() -> dict[str, Problem]:
    """What the reader typed last and was not accepted, by key."""
    present = EXPERIMENT.present.to_query()
    return {key: problem for key, problem in EXPERIMENT.errors().items() if key in present}


def study_errors() -> dict[str, Problem]:
    """The same of the study; a control of a layer or a variant that is gone has none."""
    present = STUDY.present
    known = present.to_query().keys() | {f"{name}.{place}" for name in ("width", "activation") for place in range(1, len(present.recipe.hidden) + 1)}
    return {key: problem for key, problem in STUDY.errors().items() if key in known or key == "depth"}


def open_table(table: Uploaded) -> None:
    """Keep a table of the reader's own, for this session only, and learn from it."""
    st.session_state["own"] = table
    STUDY.present = dataclasses.replace(STUDY.present, own=table)
    STUDY.edit("data", OWN, afresh=("data",))


def keep_lesson(study: Study) -> None:
    """Remember what is shown, for as long as the next lesson takes."""
    st.session_state["lesson"] = study


def kept_lesson() -> Study | None:
    """What was shown last."""
    return st.session_state.get("lesson")


def keep_survey(cut: Cut) -> None:
    """Remember which landscape is shown, for as long as the next one takes."""
    st.session_state["survey"] = cut


def kept_survey() -> Cut | None:
    """Which landscape was shown last."""
    return st.session_state.get("survey")


def follow_training(untouched: Study) -> None:
    """On the page Landscape just entered by its bare address: look at what was trained on the page Training, if that is another thing than last time.

    Args:
        untouched: what the page Training shows to who has chosen nothing there; it takes the place of no landscape that was looked at already.
    """
    state = st.session_state
    study: Study | None = state.get("study")
    if study is None or not state["switched"] or len(st.query_params) > ("lang" in st.query_params) or state.get("cut:followed") == study:
        return
    if study == untouched and kept_survey() is not None:
        return
    state["cut:followed"] = study
    CUT.replace(dataclasses.replace(CUT.present, study=study).fitted()[0])


def give_up(name: str, question: Any) -> None:
    """The reader cancelled some work, such as a training (see `lab.lessons.question`); with None they want it after all."""
    st.session_state[f"given up:{name}"] = question


def given_up(name: str) -> Any:
    """What the reader cancelled of that name."""
    return st.session_state.get(f"given up:{name}")


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


def _actions(first: bool) -> list[live.Action]:
    """New actions from the components. A new session drops them: they were meant for the one that is gone."""
    fresh: list[live.Action] = []
    for component in COMPONENTS:
        actions, st.session_state[f"ack:{component}"] = live.fresh(st.session_state.get(component), acknowledged(component))
        fresh += actions
    return [] if first else sorted(fresh)


def _take(action: live.Action) -> None:
    """Apply one action to the experiment; whatever does not fit changes nothing."""
    experiment = EXPERIMENT.present
    match action.kind, action.args:
        case "set", (str(key), str(text)):
            edit(key, text)
        case "add", (str(key),):
            EXPERIMENT.present = experiment.add(key)
        case "draw", (int(index), str(pieces)):
            EXPERIMENT.present, problem = experiment.drawn(index, pieces)
            EXPERIMENT.fail({problem.key: problem} if problem else {})
        case "hide", (int(index), int(hidden)):
            edit(f"run{index + 1}.hidden", str(hidden))
        case "cell", (int(index), int(cells), int(column), int(row)):
            for key, text in atlas.values_at(experiment, index, cells, column, row).items():
                edit(key, text)
        case "best", (int(index),):
            for key, text in compute.best_values(experiment, index).items():
                edit(key, text)
        case ("duplicate" | "remove" | "reset") as change, (int(index),):
            EXPERIMENT.present = getattr(experiment, change)(index)
            EXPERIMENT.fail({})


def _take_study(action: live.Action) -> None:
    """Apply one action to the study; whatever does not fit changes nothing."""
    match action.kind, action.args:
        case "set", (str(key), str(text)):
            STUDY.edit(key, text, afresh=("data",))
        case "add", (str(key),):
            STUDY.present = STUDY.present.add(key)
        case "remove", (int(index),):
            STUDY.present = STUDY.present.remove(index)
            STUDY.fail({})


def _take_cut(action: live.Action) -> None:
    """Apply one action to the cut; whatever does not fit changes nothing."""
    match action.kind, action.args:
        case "set", (str(key), str(text)):
            CUT.edit(key, text)


def _read_cut(query: Mapping[str, str]) -> tuple[Cut, list[Problem]]:
    """A link to a landscape; the reader's own table is the one that they opened last."""
    return Cut.from_query(query, st.session_state.get("own"))


def _read_study(query: Mapping[str, str]) -> tuple[Study, list[Problem]]:
    """A link to a training; the reader's own table is the one that they opened last."""
    return Study.from_query(query, st.session_state.get("own"))


EXPERIMENT: Desk[Experiment] = Desk("experiment", Experiment.from_query, _actions, _take, _listen, language)
STUDY: Desk[Study] = Desk("study", _read_study, _actions, _take_study, _listen, language)
"""What is chosen on the page Training."""
CUT: Desk[Cut] = Desk("cut", _read_cut, _actions, _take_cut, _listen, language)
"""What is chosen on the page Landscape."""
