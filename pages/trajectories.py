"""Trajectories: optimizers race on a loss surface."""

import streamlit as st

from lab import session
from lab.widgets import dialogs, pickers
from lab.widgets.bench import bench
from lab.widgets.race import race_button
from optim_core.hyper import N_

TITLE = N_("Trajectories")
PLACE = 1

_ = session.translate()
experiment = session.load()
scene = pickers.present_scene("trajectories", experiment)

pickers.notices(session.problems(), _)
top = st.container(horizontal=True, vertical_alignment="bottom", key="top")
with top:
    pickers.scene_picker("trajectories", scene, _)
    pickers.surface(experiment, _)
    pickers.view(experiment, _)
    pickers.axis("axis", _("Loss axis"), experiment.axis, _)
    pickers.theory(experiment, _)
    race_button(experiment, _)
    dialogs.export_button(_)
st.caption(
    _(scene.question) if scene else _("Drag the ring to start elsewhere, move η, β and γ, press play. The address bar always holds this picture: share it.")
)
bench("trajectories", scene)
pickers.notice(scene, _)
