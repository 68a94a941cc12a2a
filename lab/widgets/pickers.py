"""Pickers above the bench, and the notice about a link that was not fully understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

import surfaces
from lab import session
from lab.charts import KINDS
from lab.cut import Cut
from lab.desk import Desk
from lab.experiment import AXES, VIEWS, Experiment
from lab.i18n import Translate
from lab.scenes import CUTS, STUDIES, Scene, scenes
from lab.study import Study
from lab.values import Problem


def choice(key: str, label: str, options: Mapping[str, str], value: str, *, small: bool = False) -> None:
    """A choice of the experiment: its key in the link, its options by key.

    Args:
        key: key in the link; also the widget's.
        label: translated label.
        options: key → translated title.
        value: the present one.
        small: buttons side by side instead of a list.
    """
    widget = session.preset(f"choice:{key}", value)

    def changed() -> None:
        session.edit(key, str(session.chosen(widget)))

    if small:
        st.segmented_control(label, list(options), key=widget, format_func=lambda option: options[option], required=True, on_change=changed)
    else:
        st.selectbox(label, list(options), key=widget, format_func=lambda option: options[option], on_change=changed, width=200)


def surface(experiment: Experiment, _: Translate) -> None:
    """The surface to run on."""
    choice("surface", _("Surface"), {key: _(cls.title) for key, cls in surfaces.ALL.items()}, experiment.surface_key)


def view(experiment: Experiment, _: Translate) -> None:
    """Level lines or 3-D; of a curve there is one view only."""
    if experiment.on_curve:
        return
    choice("view", _("View"), dict(zip(VIEWS, (_("Level lines"), _("3-D")), strict=True)), experiment.view, small=True)


def map_kind(experiment: Experiment, _: Translate) -> None:
    """What the map varies."""
    titles = dict(zip(KINDS, (_("Hyper-parameters"), _("Starts"), _("Seeds")), strict=True))
    choice("map", _("Map over"), {str(kind): title for kind, title in titles.items()}, experiment.chart.kind if experiment.chart else KINDS[0], small=True)


def axis(key: str, label: str, value: str, _: Translate) -> None:
    """How an axis runs; `key` as in the link, `label` translated."""
    choice(key, label, dict(zip(AXES, (_("log"), _("linear")), strict=True)), value, small=True)


def theory(experiment: Experiment, _: Translate) -> None:
    """Whether what theory predicts is drawn, too."""
    widget = session.preset("choice:theory", experiment.theory)
    told = _("Draws what theory predicts: bounds, rates, curvature.")
    st.toggle(_("Theory"), key=widget, help=told, on_change=lambda: session.edit("theory", str(int(session.chosen(widget)))))


def desk(page: str) -> Desk[Any]:
    """Where the choice of a page lies: the study or the cut of the pages about networks, the experiment of the others."""
    if page in CUTS:
        return session.CUT
    return session.STUDY if page in STUDIES else session.EXPERIMENT


def present_scene(page: str, choice: Experiment | Study | Cut) -> Scene | None:
    """The scene that this very choice is, if it is one."""
    query = choice.to_query()
    return next((scene for scene in scenes() if scene.page == page and scene.link == query), None)


def first_scene(page: str) -> Any:
    """What a page shows to a reader who has nothing of their own yet."""
    return desk(page).read(next(scene for scene in scenes() if scene.page == page).link)[0]


def scene_picker(page: str, present: Scene | None, _: Translate) -> None:
    """The page's presets: its scenes. The first line stands for an experiment that is no scene."""
    offered = {scene.id: scene for scene in scenes() if scene.page == page}
    widget = session.preset("scene", present.id if present else "")

    def changed() -> None:
        if picked := offered.get(str(session.chosen(widget))):
            desk(page).replace(desk(page).read(picked.link)[0])

    def title(key: str) -> str:
        return _(offered[key].title) if key else _("my own")

    st.selectbox(_("Scene"), ["", *offered], key=widget, format_func=title, on_change=changed, width=240)


def notice(scene: Scene | None, _: Translate) -> None:
    """What to notice in a scene, below it."""
    if scene:
        st.markdown("**" + _("What to notice") + "** — " + _(scene.notice))


def notices(problems: Sequence[Problem], _: Translate) -> None:
    """One notice for everything in the link that was not understood."""
    if problems:
        lines = "\n".join(f"- {problem.message(_, quoted)}" for problem in problems)
        st.warning(_("Part of the link was not understood; defaults stand in its place:") + "\n" + lines)


def quoted(text: str) -> str:
    """Text of a person as code: in a code span nothing is a link, an entity or markup."""
    return "`` " + " ".join(text.split()).replace("`", "ˋ") + " ``"
