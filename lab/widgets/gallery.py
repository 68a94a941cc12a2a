"""The gallery on its page: goal, progress, order, tiles that are links, all of it on one sheet."""

from __future__ import annotations

import functools
from html import escape
from urllib.parse import quote

import streamlit as st

from lab import errands, race, session
from lab.experiment import Experiment
from lab.figures.numbers import number_text
from lab.figures.style import styles
from lab.figures.tile import HEIGHT, WIDTH, sheet, tile_path
from lab.gallery import SORTS, Sort, Tile, backdrop, gallery, ordered
from lab.i18n import Translate
from lab.race import Aim
from lab.widgets.race import aim_form, loss_text, run_button

EVERY = 0.8
"""Seconds between two looks at a race that is being run."""


def gallery_view(experiment: Experiment, _: Translate) -> None:
    """Everything below the header of the page; while a race is run, only this part looks again."""
    everyone, aim = race.everyone(experiment), aim_form(experiment, "gallery", _)
    job = errands.race_job((everyone, aim))
    running = job is not None and not job.over
    st.fragment(_body, run_every=EVERY if running else None)(everyone, aim, running)


def _body(everyone: Experiment, aim: Aim, running: bool) -> None:
    _, theme = session.translate(), session.theme()
    titles: dict[Sort, str] = {"steps": _("steps"), "loss": _("loss"), "evaluations": _("evaluations"), "name": _("name"), "family": _("family")}
    by = st.segmented_control(_("Sort by"), SORTS, default="steps", format_func=titles.__getitem__, required=True, key="gallery:sort")
    job = run_button((everyone, aim), everyone, list(range(len(everyone.runs))), aim, _("Tune them all"), "gallery", _)
    if (job is not None and not job.over) != running:
        st.rerun()
    raced, tiles = gallery(everyone, aim)
    tiles = ordered(tiles, by, _)
    looks, ground, domain = styles(raced.runs, theme, _), backdrop(everyone, theme), raced.surface.domain
    drawn = [(tile_path(tile.points, domain, looks[tile.index], theme), _(tile.name), _lines(tile, raced, looks[tile.index].label, _)) for tile in tiles]
    st.html(f"<style>.lab-tile {{ background: url({ground}) 0 0 / 100% 100%; border-radius: 4px; width: 100%; display: block; }}</style>")
    with st.container(horizontal=True, key="gallery"):
        for tile, parts in zip(tiles, drawn, strict=True):
            _tile(tile, parts, raced)
    name = f"gallery-{everyone.surface_key}.svg"
    st.download_button(_("The gallery as SVG"), functools.partial(sheet, drawn, ground, _(everyone.surface.title), theme), name, on_click="ignore")


def _tile(tile: Tile, parts: tuple[str, str, list[str]], raced: Experiment) -> None:
    """One optimizer: its name, which opens the run; its path; its values; what it came to."""
    path, name, lines = parts
    with st.container(width=WIDTH, key=f"tile:{tile.index}", gap=None):
        link = {**race.alone(raced, tile.index).to_query(), "lang": session.language()}
        st.page_link("pages/trajectories.py", label=f"**{name}**", query_params=link)
        drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">{path}</svg>'
        picture = f'<img class="lab-tile" alt="{escape(name)}" src="data:image/svg+xml,{quote(drawn)}">'  # Streamlit lets no inline SVG through
        st.html(f'{picture}<div style="font-size:.8rem;line-height:1.35">{"<br>".join(map(escape, lines))}</div>')


def _lines(tile: Tile, raced: Experiment, label: str, _: Translate) -> list[str]:
    """What the run came to, and with which values."""
    told = _("{steps} steps, {evaluations} evaluations").format(steps=number_text(tile.steps), evaluations=number_text(tile.evaluations))
    values = label.removeprefix(_(tile.name)).strip() + ("" if tile.tuned else " · " + _("not tuned yet"))
    return [told if tile.steps < float("inf") else _("not there"), loss_text(raced, tile.loss), values]
