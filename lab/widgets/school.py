"""The page Training: cards and pictures side by side, bound to the reader's study; long trainings with progress and cancel; an own table."""

from __future__ import annotations

import dataclasses
import functools

import streamlit as st

from lab import errands, jobs, lessons, live, session
from lab.i18n import Translate
from lab.lesson_types import Lesson
from lab.scenes import Scene
from lab.study import AXES, Study
from lab.values import Problem
from lab.widgets import pickers, waiting
from lab.widgets.lesson import lesson_payload
from lab.widgets.recipe import study_panel
from optim_core.csv_table import MAX_BYTES, read_csv
from optim_core.hyper import TextError
from optim_core.tables import Uploaded

HEIGHT = 640


@st.fragment
def school(scene: Scene | None, *, cards: float = 0.3) -> None:
    """A slider moves, the network learns anew. Only this part runs again.

    Args:
        scene: the scene that the page around it speaks of.
        cards: the panel's share of the width.
    """
    _, theme = session.translate(), session.theme()
    study = session.STUDY.load()
    lesson = shown(study, _)
    with st.container(key="bench"):
        right, left = st.columns([1 - cards, cards], gap="medium")
    with right:
        if lesson is None or lesson.study != study:
            waiting.under_way(*_work(study, _))
        if lesson is not None:
            payload = lesson_payload(lesson, theme, _) | {"ack": session.acknowledged("training")}
            live.training(payload, key="training", height=HEIGHT, have=session.held())
    with left:
        panel = study_panel(study, lesson if lesson is not None and lesson.study == study else None, session.study_errors(), theme, _)
        live.panel(panel | {"ack": session.acknowledged("panel"), "height": HEIGHT}, key="panel", have=session.held())
    session.STUDY.save(dragging=session.dragging())
    if not session.dragging() and pickers.present_scene("training", session.STUDY.present) != scene:
        st.rerun()  # the question, the notice and the picker speak of another scene


def shown(study: Study, _: Translate) -> Lesson | None:
    """The lesson of a study if it is at hand or quick to be had; else the last one, which stays until the new one is there."""
    if lessons.ready(study):
        errands.forget("training")
        lesson = lessons.lesson(study, _, draft=session.dragging())
        session.keep_lesson(study)
        return lesson
    former = session.kept_lesson()
    return None if former is None or not lessons.at_hand(former) else lessons.lesson(former, _, draft=session.dragging())


def _work(study: Study, _: Translate) -> tuple[waiting.Work, waiting.Words]:
    """The trainings that are not at hand, and what is said of them."""
    words = waiting.Words(
        again=_("Train"),
        cancelled=_("This training takes longer. It was cancelled."),
        before=_("The picture is the one before."),
        crowded=_("Many trainings are under way just now. Yours begins when there is room."),
        failed=_("The training could not be finished. Change something, or try again."),
        progress=_("iteration {done} of {total}"),
        queued=_("Waiting for another training"),
    )
    asked, former = lessons.question(study), session.kept_lesson() is not None

    def present() -> object:
        return lessons.question(session.STUDY.present)

    make = functools.partial(lessons.prepare_all, study)
    return waiting.Work("training", jobs.TRAININGS, asked, present, functools.partial(lessons.at_hand, study), make, former), words


def loss_axis(study: Study, _: Translate) -> None:
    """How the axis of the loss runs."""
    widget = session.preset("study:axis", study.axis)
    titles = dict(zip(AXES, (_("log"), _("linear")), strict=True))

    def changed() -> None:
        session.STUDY.edit("axis", str(session.chosen(widget)))

    st.segmented_control(_("Loss axis"), list(titles), key=widget, format_func=titles.__getitem__, required=True, on_change=changed)


def new_seed(study: Study, _: Translate) -> None:
    """A button that draws other first weights and other batches. Rewinding the player keeps those that there are."""
    if st.button(_("New seed"), icon=":material/casino:", help=_("Other first weights and other batches; the data stay.")):
        seed = study.recipe.weights_seed % 9999 + 1
        session.STUDY.replace(dataclasses.replace(study, recipe=dataclasses.replace(study.recipe, weights_seed=seed, batch_seed=seed)))
        st.rerun()


def own_table(_: Translate) -> None:
    """A button to learn from a table of one's own."""
    with st.popover(_("Own data"), icon=":material/upload:"):
        told = _("A CSV file: two or more columns of numbers and a column of labels, at most 2,000 rows. It stays in this session and is not stored.")
        file = st.file_uploader(told, type=["csv", "tsv", "txt"], max_upload_size=MAX_BYTES // 2**20, key="own:file")
        if file is not None and file.file_id != session.chosen("own:file_id"):
            session.preset("own:file_id", file.file_id)
            try:
                session.open_table(Uploaded(read_csv(file.getvalue())))
            except TextError as error:
                session.preset("own:error", Problem("", "", error).allowance(_, pickers.quoted))
            else:
                session.preset("own:error", "")
                st.rerun()
        if file is not None and (wrong := session.chosen("own:error")):
            st.error(wrong)
