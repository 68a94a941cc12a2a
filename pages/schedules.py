"""Schedules: the learning rate through time, and what it does to the path."""

import streamlit as st

from lab import session
from lab.widgets import dialogs, pickers
from lab.widgets.bench import bench
from lab.widgets.race import race_button
from optim_core.hyper import N_

TITLE = N_("Schedules")
PLACE = 2

_ = session.translate()
session.load()
session.welcome(pickers.first_scene("schedules"))
experiment = session.load()
scene = pickers.present_scene("schedules", experiment)

pickers.notices(session.problems(), _)
top = st.container(horizontal=True, vertical_alignment="bottom", key="top")
with top:
    pickers.scene_picker("schedules", scene, _)
    pickers.surface(experiment, _)
    pickers.view(experiment, _)
    pickers.axis("rates", _("η axis"), experiment.rates, _)
    pickers.axis("axis", _("Loss axis"), experiment.axis, _)
    race_button(experiment, _)
    dialogs.export_button(_)
st.caption(_(scene.question) if scene else _("Choose a schedule for each run, or draw η with the pencil; watch what it does to the path, step by step."))
bench("schedules", scene, timed=True, cards=0.36)
pickers.notice(scene, _)
