"""Landscape: the loss of the network just trained, cut by a plane, and the optimizer's real path in it."""

import functools

import streamlit as st

from lab import session, slices
from lab.widgets import landscape, pickers, survey_dialogs
from optim_core.hyper import N_

TITLE = N_("Landscape")
PLACE = 5

_ = session.translate()
session.CUT.load()
session.follow_training(pickers.first_scene("training"))
session.CUT.welcome(pickers.first_scene("landscape"))
cut = session.CUT.load()
scene = pickers.present_scene("landscape", cut)

pickers.notices(session.CUT.problems(), _)
top = st.container(horizontal=True, vertical_alignment="bottom", key="top")
with top:
    pickers.scene_picker("landscape", scene, _)
    landscape.view(cut, _)
    landscape.loss_axis(cut, _)
    survey_dialogs.export_button(functools.partial(slices.survey, cut, _), _, ready=slices.ready(cut))
    st.page_link("pages/training.py", label=_("Change the training"), icon=":material/tune:", query_params=cut.study.to_query() | {"lang": session.language()})
st.caption(
    _(scene.question) if scene else _("Choose directions: the loss of the trained network is cut along them. Play: the point follows the training's real path.")
)
landscape.terrain(scene)
pickers.notice(scene, _)
