"""Gallery: every optimizer races on the reader's surface, each tuned."""

import streamlit as st

from lab import session
from lab.figures.numbers import number_text
from lab.widgets import pickers
from lab.widgets.gallery import gallery_view
from optim_core.hyper import N_

TITLE = N_("Gallery")
PLACE = 6

_ = session.translate()
experiment = session.load()

pickers.notices(session.problems(), _)
with st.container(horizontal=True, vertical_alignment="bottom"):
    pickers.surface(experiment, _)
start = ", ".join(map(number_text, experiment.start))
st.caption(
    _("All optimizers from w = ({start}), {steps} steps, with a constant η. Start, steps and noise are those of the page Trajectories.").format(
        start=start, steps=experiment.n_steps
    )
    + " "
    + _("A name opens its run there.")
)
gallery_view(experiment, _)
session.save()
