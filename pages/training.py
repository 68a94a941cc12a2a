"""Training: a small network learns on screen."""

import functools

import streamlit as st

from lab import lessons, session
from lab.widgets import lesson_dialogs, pickers, school
from optim_core.hyper import N_

TITLE = N_("Training")
PLACE = 4

_ = session.translate()
session.STUDY.load()
session.STUDY.welcome(pickers.first_scene("training"))
study = session.STUDY.load()
scene = pickers.present_scene("training", study)

pickers.notices(session.STUDY.problems(), _)
top = st.container(horizontal=True, vertical_alignment="bottom", key="top")
with top:
    pickers.scene_picker("training", scene, _)
    school.loss_axis(study, _)
    school.own_table(_)
    school.new_seed(study, _)
    link = study.to_query() | {"lang": session.language()}
    st.page_link("pages/landscape.py", label=_("Landscape of its loss"), icon=":material/landscape:", query_params=link)
    lesson_dialogs.export_button(functools.partial(lessons.lesson, study, _), _, ready=lessons.ready(study))
st.caption(_(scene.question) if scene else _("Move a slider: the network learns anew, at once. Play, or drag along the curves, to see every step again."))
school.school(scene)
pickers.notice(scene, _)
