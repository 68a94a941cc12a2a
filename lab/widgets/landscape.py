"""The page Landscape: what is cut and how, and the pictures, bound to the reader's cut; long work with progress and cancel."""

from __future__ import annotations

import functools

import streamlit as st

from lab import errands, jobs, lessons, live, session, slices
from lab.cut import CELLS, PANELS, PARTS, PLANES, REACH, SEED, VIEWS, Cut
from lab.figures.landscape.names import weight_name
from lab.figures.style import Theme
from lab.i18n import Translate
from lab.scenes import Scene
from lab.slice_types import Survey
from lab.study import AXES
from lab.widgets import controls, pickers, waiting
from lab.widgets.survey import PANEL_TITLES, PART_TITLES, survey_payload

HEIGHT = 600


@st.fragment
def terrain(scene: Scene | None, *, cards: float = 0.24) -> None:
    """A slider moves, the slice is cut anew. Only this part runs again.

    Args:
        scene: the scene that the page around it speaks of.
        cards: the panel's share of the width.
    """
    _, theme = session.translate(), session.theme()
    cut = session.CUT.load()
    survey = shown(cut, _)
    with st.container(key="bench"):
        right, left = st.columns([1 - cards, cards], gap="medium")
    with right:
        if (survey is None or survey.cut != cut or survey.draft) and not session.dragging():
            waiting.under_way(*_work(cut, survey, _))
        if survey is not None:
            payload = survey_payload(survey, theme, _) | {"ack": session.acknowledged("landscape")}
            live.landscape(payload, key="landscape", height=HEIGHT, have=session.held())
    with left:
        live.panel(cut_panel(cut, theme, _) | {"ack": session.acknowledged("panel"), "height": HEIGHT}, key="panel", have=session.held())
    session.CUT.save(dragging=session.dragging())
    if not session.dragging() and pickers.present_scene("landscape", session.CUT.present) != scene:
        st.rerun()  # the question, the notice and the picker speak of another scene


def shown(cut: Cut, _: Translate) -> Survey | None:
    """The survey of a cut if it is at hand or quick to be had; a coarse one where only the training is; else the last one, which stays meanwhile."""
    if lessons.ready(cut.study):
        lessons.lesson(cut.study)
        whole = slices.ready(cut)
        if whole:
            errands.forget("survey")
        if whole or slices.drafted(cut):
            session.keep_survey(cut)
            return slices.survey(cut, _, draft=not whole)
    former = session.kept_survey()
    return None if former is None or not slices.kept(former) else slices.survey(former, _, draft=True)


def _work(cut: Cut, seen: Survey | None, _: Translate) -> tuple[waiting.Work, waiting.Words]:
    """What is not at hand, and what is said of it."""
    words = waiting.Words(
        again=_("Compute"),
        cancelled=_("This takes longer. It was cancelled."),
        before=_("The picture is a coarse one, or the one before."),
        crowded=_("Many landscapes are under way just now. Yours begins when there is room."),
        failed=_("The landscape could not be computed. Change something, or try again."),
        progress=_("training and slices: {done} of {total}"),
        queued=_("Waiting for another landscape"),
    )

    def present() -> object:
        return slices.question(session.CUT.present)

    at_hand, make = functools.partial(slices.at_hand, cut), functools.partial(slices.prepare, cut)
    stale = seen is None or seen.cut != cut
    work = waiting.Work("survey", jobs.TRAININGS, slices.question(cut), present, at_hand, make, seen is not None, lambda: stale and slices.kept(cut))
    return work, words


def cut_panel(cut: Cut, theme: Theme, _: Translate) -> dict[str, object]:
    """The card of a cut, as the panel takes it: only what matters for the chosen plane."""
    errors = session.CUT.errors()
    planes: dict[str, str] = {key: _(title) for key, title in PLANES.items() if key != "between" or len(cut.companions) > 1}
    told = _(
        "A slice shows two of many directions. By neuron: each neuron's part as long as its weights (filter-normalised). Sharpest: eigenvectors of the Hessian."
    )
    made = [controls.choice("cut", _("directions"), told, planes, cut.plane, errors, _, strong=True)]
    if cut.plane in ("filters", "random"):
        made.append(controls.number("cut.seed", SEED, cut.seed, errors, _))
    if cut.plane == "weights":
        names = ", ".join(weight_name(cut.study.recipe.network(), place) for place in cut.pair)
        asked = controls.control(
            "cut.pair", "text", "", _("weights"), _("Their places in the vector of all parameters, counted from 0: 0,5."), _pair(cut), errors, _
        )
        made.append(asked | {"note": names})
    made.append(controls.number("cut.reach", REACH, cut.reach, errors, _))
    grids = {str(cells): f"{cells} × {cells}" for cells in CELLS}
    made.append(controls.choice("cut.cells", _("grid"), _("Places at which the loss is computed."), grids, str(cut.cells), errors, _))
    classes = cut.study.recipe.head != "linear"
    parts: dict[str, str] = {part: _(PART_TITLES[part]) for part in PARTS if classes or not part.endswith("accuracy")}
    made.append(controls.choice("cut.part", _("heights"), _("What the colours show."), parts, cut.part, errors, _))
    if any(recipe.norm == "batch" for recipe in cut.study.recipes):
        modes = {"running": _("running statistics of the centre"), "batch": _("statistics of the objects")}
        told = _("At test batch norm goes by the running statistics of the last weights, in a step by those of the batch.")
        made.append(controls.choice("cut.norm", _("batch norm"), told, modes, cut.mode, errors, _))
    if len(cut.companions) > 1:
        told = _("The paths of all trainings of the same network and data, on the loss of A.")
        made.append(controls.switch("cut.together", _("one common plane"), told, cut.together, errors, _))
    panels: dict[str, str] = {panel: _(PANEL_TITLES[panel]) for panel in PANELS}
    made.append(
        controls.choice(
            "cut.panel",
            _("below"),
            _("What stands below the path's true loss: slices along lines, the Hessian's eigenvalues, or loss and gradient along −∇L."),
            panels,
            cut.panel,
            errors,
            _,
            strong=True,
        )
    )
    labels = live.Kept({name: _(text) for name, text in live.PANEL_LABELS.items()})
    return {"labels": labels, "theme": theme, "groups": [controls.group("cut", _("Slice"), made)], "add": None, "full": None}


def _pair(cut: Cut) -> str:
    return ",".join(map(str, cut.pair))


def view(cut: Cut, _: Translate) -> None:
    """Level lines or a surface in space."""
    _buttons("cut.view", _("View"), dict(zip(VIEWS, (_("Level lines"), _("3-D")), strict=True)), cut.view)


def loss_axis(cut: Cut, _: Translate) -> None:
    """How the heights and the axes of losses run."""
    _buttons("axis", _("Loss axis"), dict(zip(AXES, (_("log"), _("linear")), strict=True)), cut.study.axis)


def _buttons(key: str, label: str, titles: dict[str, str], value: str) -> None:
    widget = session.preset(f"choice:{key}", value)

    def changed() -> None:
        session.CUT.edit(key, str(session.chosen(widget)))

    st.segmented_control(label, list(titles), key=widget, format_func=titles.__getitem__, required=True, on_change=changed)
