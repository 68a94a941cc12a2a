"""Trajectories: optimizers race on a loss surface."""

import streamlit as st

import surfaces
from lab import compute, live, session
from lab.experiment import AXES, VIEWS
from lab.widgets import bench, dialogs, pickers
from optim_core.hyper import N_

TITLE = N_("Trajectories")
PLACE = 1
HEIGHT = 600


@st.fragment
def race() -> None:
    """The bench: a slider moves, the paths bend. Only this part runs again."""
    _, theme = session.translate(), session.theme()
    picture = compute.picture(session.load(), draft=session.dragging())
    with st.container(key="bench"):
        right, left = st.columns([0.68, 0.32], gap="medium")
    with right:
        stage = bench.stage_payload(picture, theme, _) | {"ack": session.acknowledged("stage")}
        live.stage(stage, key="stage", height=HEIGHT, have=session.held())
    with left:
        panel = bench.panel_payload(picture, session.errors(), theme, _) | {"ack": session.acknowledged("panel"), "height": HEIGHT}
        live.panel(panel, key="panel")
    session.save()
    if not session.dragging() and pickers.present_scene("trajectories", session.load()) != scene:
        st.rerun()  # the question, the notice and the picker speak of another scene


_ = session.translate()
experiment = session.load()
scene = pickers.present_scene("trajectories", experiment)

pickers.notices(session.problems(), _)
top = st.container(horizontal=True, vertical_alignment="bottom", key="top")
with top:
    pickers.scene_picker("trajectories", scene, _)
    pickers.choice("surface", _("Surface"), {key: _(cls.title) for key, cls in surfaces.REGISTRY.items()}, experiment.surface_key)
    pickers.choice("view", _("View"), dict(zip(VIEWS, (_("Level lines"), _("3-D")), strict=True)), experiment.view, small=True)
    pickers.choice("axis", _("Loss axis"), dict(zip(AXES, (_("log"), _("linear")), strict=True)), experiment.axis, small=True)
    dialogs.export_button(_)
st.caption(
    _(scene.question) if scene else _("Drag the ring to start elsewhere, move η, β and γ, press play. The address bar always holds this picture: share it.")
)
race()
if scene:
    st.markdown("**" + _("What to notice") + "** — " + _(scene.notice))
