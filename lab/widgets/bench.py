"""The bench: panel and stage side by side, bound to the reader's experiment."""

from __future__ import annotations

import streamlit as st

from lab import compute, errands, live, session
from lab.experiment import Experiment
from lab.figures.style import Theme
from lab.i18n import Translate
from lab.scenes import Scene
from lab.values import Problem
from lab.widgets import pickers
from lab.widgets.atlas import atlas_payload, boards_of, refine
from lab.widgets.panel import panel_payload
from lab.widgets.stage import stage_payload
from optim_core.hyper import TextError

HEIGHT = 600


@st.fragment
def bench(page: str, scene: Scene | None, *, timed: bool = False, mapping: bool = False, cards: float = 0.32) -> None:
    """A slider moves, the paths bend. Only this part runs again.

    Args:
        page: stem of the page's file.
        scene: the scene that the page around it speaks of.
        timed, mapping: as in `panel_payload`; with `mapping` the map of many runs stands beside the stage.
        cards: the panel's share of the width.
    """
    _, theme = session.translate(), session.theme()
    picture = compute.picture(session.load(), draft=session.dragging())
    with st.container(key="bench"):
        right, left = st.columns([1 - cards, cards], gap="medium")
    if mapping:
        with right:
            maps, right = st.columns(2, gap="medium")
        with maps:
            _maps(picture.experiment, theme, _)
    with right:
        stage = stage_payload(picture, theme, _, timed=timed) | {"ack": session.acknowledged("stage")}
        live.stage(stage, key="stage", height=HEIGHT, have=session.held())
    with left:
        panel = panel_payload(picture, session.errors(), theme, _, timed=timed, mapping=mapping) | {"ack": session.acknowledged("panel"), "height": HEIGHT}
        live.panel(panel, key="panel", have=session.held())
    session.save()
    if not session.dragging() and pickers.present_scene(page, session.load()) != scene:
        st.rerun()  # the question, the notice and the picker speak of another scene


def _maps(experiment: Experiment, theme: Theme, _: Translate) -> None:
    """The map of many runs, coarse if need be, and below it how far the finer one is."""
    if experiment.chart is None or (experiment.chart.kind == "seeds" and experiment.chance is None):
        st.info(_("Seeds differ only where the gradient is noisy: choose a noise in the card below."))
        return
    try:
        boards, fine = boards_of(experiment)
    except TextError as error:  # a typed schedule that is a learning rate for the run, and not for all of the side
        why = Problem("", "", error).allowance(_)
        st.warning(_("The schedule's formula is no learning rate everywhere on this map: {why}. Move the ends of η.").format(why=why))
        return
    payload = atlas_payload(experiment, boards, theme, _) | {"ack": session.acknowledged("atlas")}
    live.atlas(payload, key="atlas", height=HEIGHT, have=session.held())
    if fine or session.dragging():
        errands.forget("map")
    else:
        refine(experiment)
