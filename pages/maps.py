"""Maps: every η and β at once, every start, every seed."""

import streamlit as st

from lab import session
from lab.widgets import dialogs, pickers
from lab.widgets.atlas import open_button
from lab.widgets.bench import bench
from optim_core.hyper import N_

TITLE = N_("Maps")
PLACE = 3

_ = session.translate()
session.load()
session.welcome(pickers.first_scene("maps"))
session.charted()
experiment = session.load()
scene = pickers.present_scene("maps", experiment)

pickers.notices(session.problems(), _)
top = st.container(horizontal=True, vertical_alignment="bottom", key="top")
with top:
    pickers.scene_picker("maps", scene, _)
    pickers.surface(experiment, _)
    pickers.map_kind(experiment, _)
    pickers.axis("axis", _("Loss axis"), experiment.axis, _)
    open_button(_)
    dialogs.export_button(_)
st.caption(_(scene.question) if scene else _("Every cell is a run. Click one, or drag across the map: the run appears beside it, with its player."))
bench("maps", scene, mapping=True)
pickers.notice(scene, _)
