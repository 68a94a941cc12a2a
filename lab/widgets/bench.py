"""The bench: panel and stage side by side, bound to the reader's experiment."""

from __future__ import annotations

import streamlit as st

from lab import compute, live, session
from lab.scenes import Scene
from lab.widgets import pickers
from lab.widgets.panel import panel_payload
from lab.widgets.stage import stage_payload

HEIGHT = 600


@st.fragment
def bench(page: str, scene: Scene | None, *, timed: bool = False, cards: float = 0.32) -> None:
    """A slider moves, the paths bend. Only this part runs again.

    Args:
        page: stem of the page's file.
        scene: the scene that the page around it speaks of.
        timed: as in `panel_payload`.
        cards: the panel's share of the width.
    """
    _, theme = session.translate(), session.theme()
    picture = compute.picture(session.load(), draft=session.dragging())
    with st.container(key="bench"):
        right, left = st.columns([1 - cards, cards], gap="medium")
    with right:
        stage = stage_payload(picture, theme, _, timed=timed) | {"ack": session.acknowledged("stage")}
        live.stage(stage, key="stage", height=HEIGHT, have=session.held())
    with left:
        panel = panel_payload(picture, session.errors(), theme, _, timed=timed) | {"ack": session.acknowledged("panel"), "height": HEIGHT}
        live.panel(panel, key="panel", have=session.held())
    session.save()
    if not session.dragging() and pickers.present_scene(page, session.load()) != scene:
        st.rerun()  # the question, the notice and the picker speak of another scene
