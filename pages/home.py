"""Scenes: prepared experiments by lecture and topic, each a link that opens it."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from lab import session
from lab.scenes import TOPICS, Scene, scenes
from optim_core.hyper import N_

TITLE = N_("Scenes")
PLACE = 7
COLUMNS = 3
LECTURES = {
    "A": N_("Training neural networks"),
    "B": N_("Introduction to neural networks"),
    "C": N_("Deep learning: introduction"),
    "D": N_("Optimisation in deep learning"),
    "E": N_("Gradient descent and backprop"),
}


def card(scene: Scene) -> None:
    """One scene: its title, which opens it, its question, its lecture rows."""
    with st.container(border=True, height="stretch"):
        st.page_link(
            f"pages/{scene.page}.py", label=f"**{_(scene.title)}**", icon=":material/play_circle:", query_params={**scene.link, "lang": session.language()}
        )
        st.markdown(_(scene.question))
        st.caption(" · ".join(scene.rows))


def shelf(offered: Sequence[Scene]) -> None:
    """Scenes under the headings of their topics."""
    by_topic = sorted(offered, key=lambda scene: TOPICS.index(scene.topic))
    for topic, group in groupby(by_topic, key=lambda scene: scene.topic):
        st.markdown(f"##### {_(topic)}")
        members = list(group)
        for first in range(0, len(members), COLUMNS):
            for column, scene in zip(st.columns(COLUMNS), members[first : first + COLUMNS], strict=False):
                with column:
                    card(scene)


for key, page in (("surface", "trajectories"), ("cut", "landscape"), ("data", "training")):
    if key in st.query_params:  # a card opened in a new tab: Streamlit makes the front page's address relative to this page
        st.switch_page(f"pages/{page}.py", query_params=st.query_params.to_dict())

_ = session.translate()
st.markdown(
    _("Descent Lab shows how optimizers descend on a loss surface; every number on the screen is computed from the formula beside it.")
    + " "
    + _("Open a scene, answer its question, then press play and check yourself.")
)
st.caption(_("To share what you see, copy the address of the page: it holds the whole experiment."))

by_lecture = {lecture: [scene for scene in scenes() if any(row[0] == lecture for row in scene.rows)] for lecture in LECTURES}
taught = {lecture: offered for lecture, offered in by_lecture.items() if offered}
tabs = st.tabs([_("All lectures"), *(f"{lecture} · {_(LECTURES[lecture])}" for lecture in taught)])
for tab, offered in zip(tabs, [scenes(), *taught.values()], strict=True):
    with tab:
        shelf(offered)
