"""The map of many runs on its page: what the component is told, the card with its settings, and a fine map that is still being made."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from lab import atlas, errands, jobs, live, session
from lab.boards import DIVERGED, NOT_YET, THERE, Board
from lab.charts import CELLS, SEEDS, SHOWS, TOLERANCE, Axis, Chart, Show, offered
from lab.experiment import Experiment
from lab.export.maps import figure_of
from lab.figures.atlas import TITLES, Side, scaling
from lab.figures.numbers import number_text
from lab.figures.style import Theme, short_labels, unicode_symbol
from lab.i18n import Translate
from lab.jobs import Busy, Tell
from lab.opening import MEGABYTES, opened
from lab.widgets import controls
from lab.widgets.controls import Control, Errors
from optim_core.hyper import N_, Hyper, TextError

WORDS: dict[Show, str] = {
    "steps": N_("{x}, {y}: there after {value} steps"),
    "loss": N_("{x}, {y}: ends with L − L* = {value}"),
    "distance": N_("{x}, {y}: ends {value} from the nearest minimum"),
    "rate": N_("{x}, {y}: mean factor {value} a step"),
}
EVERY = 0.3
"""Seconds between two looks at a map that is being made."""


def atlas_payload(experiment: Experiment, boards: Sequence[Board], theme: Theme, _: Translate) -> dict[str, Any]:
    """The atlas's payload.

    Args:
        experiment: with a chart.
        boards: its maps, computed.
        theme: light or dark.
        _: translates what is written.
    """
    chart, figure = _chart(experiment), figure_of(experiment, boards, theme, _)
    if chart.kind == "plane":  # a column of the page has no room for a legend: the notes name the marks
        figure["layout"] = figure["layout"] | {"showlegend": False}
    panels = [] if chart.kind == "seeds" else [_panel(number, board, chart, experiment, figure, _) for number, board in enumerate(boards)]
    figure["data"] = [trace | {"z": live.Kept(trace["z"])} if trace["type"] == "heatmap" else trace for trace in figure["data"]]  # the browser keeps them
    return {
        "labels": live.Kept({name: _(text) for name, text in live.ATLAS_LABELS.items()}),
        "theme": theme,
        "figure": figure,
        "panels": panels,
        "best": _best(boards[0], _) if chart.kind == "plane" else None,
        "notes": _notes(experiment, boards, _),
    }


def _panel(number: int, board: Board, chart: Chart, experiment: Experiment, figure: dict[str, Any], _: Translate) -> dict[str, Any]:
    run = experiment.runs[board.run]
    sides = atlas.sides(chart, run, experiment.surface)
    tail = "" if number == 0 else str(number + 1)
    of = {name: [i for i, trace in enumerate(figure["data"]) if trace["name"] == name] for name in ("values", "apart")}
    marks = [trace for trace in figure["data"] if trace.get("meta") == "present"]
    at = [min(max(int(marks[number][side][0] * board.cells), 0), board.cells - 1) for side in ("x", "y")]
    basins = chart.kind == "basins"
    return {
        "run": board.run, "cells": board.cells, "xaxis": f"xaxis{tail}", "yaxis": f"yaxis{tail}", "values": of["values"][number], "apart": of["apart"][number],
        "scaling": "linear" if basins else scaling(chart.show, board), "zero": None if basins else _zero(board, chart), "x": board.x, "y": board.y, "at": at,
        "index": board.basins.astype(np.int32) + 1 if basins else None, "words": _words(sides, chart, board, _),
    }  # fmt: skip


def _zero(board: Board, chart: Chart) -> np.ndarray | None:
    """Where a logarithmic scale has no place for the value, because it is exactly 0 or below it by rounding; None where there is no such cell."""
    values = board.shown(chart.show)
    with np.errstate(invalid="ignore"):
        found = (values <= 0.0) & (scaling(chart.show, board) == "log")
    return found.astype(np.int32) if found.any() else None


def _words(sides: tuple[Side, Side], chart: Chart, board: Board, _: Translate) -> dict[str, str]:
    """The sentences that the browser fills with a cell's numbers."""
    named = {name: f"{unicode_symbol(declared.symbol)} = {{{name}}}" for name, (_axis, declared) in zip(("x", "y"), sides, strict=True)}
    basins, lowless = chart.kind == "basins", scaling(chart.show, board) == "signed"
    told = {
        "value": _("{x}, {y}: comes to rest in minimum {value}") if basins else _("{x}, {y}: ends with L = {value}") if lowless else _(WORDS[chart.show]),
        "not_yet": _("{x}, {y}: at no minimum after all steps") if basins else _("{x}, {y}: not there within the steps"),
        "diverged": _("{x}, {y}: diverges"),
    }
    return {name: text.replace("{x}", named["x"]).replace("{y}", named["y"]) for name, text in told.items()}


def _best(board: Board, _: Translate) -> dict[str, Any] | None:
    if (cell := board.best) is None:
        return None
    row, column = cell
    steps = int(board.outcome.reached[row, column])
    return {"run": board.run, "cells": board.cells, "column": column, "row": row, "label": _("Use the best cell: {steps} steps").format(steps=steps)}


def _notes(experiment: Experiment, boards: Sequence[Board], _: Translate) -> list[str]:
    """How to read the map, and shares of what became of the runs."""
    chart = _chart(experiment)
    if chart.kind == "seeds":
        return [_of_seeds(experiment, board, _) for board in boards]
    if chart.kind == "basins":
        radius = number_text(boards[0].goal.radius, 3)
        return [_("Hue: the minimum it comes to rest in. Faintest: last there. Grey: within {radius} of none. ×: diverges.").format(radius=radius)]
    status, total = boards[0].verdict, boards[0].verdict.size
    shares = {code: f"{100 * float((status == code).sum()) / total:.3g}" for code in (THERE, NOT_YET, DIVERGED)}
    told = _(
        "{there} % of the runs are there after {steps} steps, {not_yet} % are not, {diverged} % diverge: overflow, or end ten times as high as they began."
    )
    theory = atlas.predicted(experiment, boards[0].run)
    signs = {
        _("○ present"): True,
        _("★ best cell"): boards[0].best is not None,
        _("× diverges"): bool((status == DIVERGED).any()),
        _("grey: not there"): chart.show == "steps" and bool((status == NOT_YET).any()),
        _("dashed: the bound of theory"): theory is not None,
        _("◇ its fastest values"): theory is not None and theory.best is not None,
    }
    marks = [sign for sign, drawn in signs.items() if drawn]
    notes = [" · ".join(marks), told.format(there=shares[THERE], not_yet=shares[NOT_YET], diverged=shares[DIVERGED], steps=experiment.n_steps)]
    if np.isnan(boards[0].goal.loss):
        notes.append(_("This surface has no lowest minimum: nothing can be there."))
    return notes


def _of_seeds(experiment: Experiment, board: Board, _: Translate) -> str:
    """Median, band and the share that noise has carried elsewhere, of one run."""
    losses = np.sort(np.where(np.isnan(board.outcome.loss), np.inf, board.outcome.loss).ravel())
    low, middle, high = (number_text(float(losses[max(int(np.ceil(share * len(losses))) - 1, 0)]), 3) for share in (0.1, 0.5, 0.9))
    label = short_labels(experiment.runs, _)[board.run]
    told = _("{run}: median of the last L {middle}, 80 % of the seeds between {low} and {high}.").format(run=label, middle=middle, low=low, high=high)
    quiet = atlas.without_noise(experiment, board.run)
    if quiet is None or len(board.minima) < 2:
        return told
    where, ended = board.nearest, board.nearest >= 0
    elsewhere = 100.0 * float((where[ended] != board.nearest_to(quiet)).sum()) / where.size
    told = f"{told} " + _("{share} % end nearer to another minimum than without noise.").format(share=f"{elsewhere:.3g}")
    return told if ended.all() else f"{told} " + _("{share} % overflow.").format(share=f"{100.0 * float((~ended).mean()):.3g}")


# ---------------------------------------------------------------------- the card


def map_group(experiment: Experiment, errors: Errors, _: Translate) -> dict[str, Any]:
    """The card with the settings of the map."""
    chart = _chart(experiment)
    made: list[Control] = []
    if chart.kind == "seeds":
        made.append(controls.number("map.seeds", SEEDS, chart.seeds, errors, _))
    if chart.kind == "plane":
        run = experiment.runs[chart.run - 1]
        labels = short_labels(experiment.runs, _)
        if len(experiment.runs) > 1:
            titles = {str(index): label for index, label in enumerate(labels, 1)}
            made.append(controls.choice("map.run", _("run"), _("Whose hyper-parameters vary."), titles, str(chart.run), errors, _))
        names = offered(run, experiment.surface)
        for side, title, axis in (("map.x", _("across"), chart.x), ("map.y", _("upwards"), chart.y)):
            made += _side(side, title, axis, names, errors, _)
        titles = {show: _(TITLES[show]) for show in SHOWS}
        made.append(controls.choice("map.show", _("colour"), _("What the colours say."), titles, chart.show, errors, _, strong=True))
    if chart.kind == "plane":
        made.append(controls.number("map.tolerance", TOLERANCE, chart.tolerance, errors, _))
    if chart.kind != "seeds":
        made.append(controls.number("map.cells", CELLS, chart.cells, errors, _))
    return controls.group("map", _("Map"), made)


def _side(key: str, title: str, axis: Axis, names: dict[str, Hyper], errors: Errors, _: Translate) -> list[Control]:
    titles = {name: f"{unicode_symbol(declared.symbol)} · {_(declared.title)}" for name, declared in names.items()}
    declared = names[axis.name]
    made = [controls.choice(key, title, _("What varies along this side."), titles, axis.name, errors, _, strong=True)]
    for end, word, value in (("low", _("from"), axis.low), ("high", _("to"), axis.high)):
        made.append(controls.number(f"{key}.{end}", declared, value, errors, _) | {"name": word, "symbol": "", "help": _("An end of this side.")})
    return made


def _chart(experiment: Experiment) -> Chart:
    if experiment.chart is None:
        raise ValueError("experiment.chart is None; a map needs one")
    return experiment.chart


# ---------------------------------------------------------------------- coarse first


def boards_of(experiment: Experiment) -> tuple[list[Board], bool]:
    """The maps, and whether they are all as fine as asked. What takes long is shown coarse; `refine` makes it fine."""
    whose, brought = session.opened_map() or (experiment, None)
    if brought is not None and brought.run in atlas.mapped(experiment) and atlas.same_question(experiment, whose, brought.run):
        return [brought], True
    found = [atlas.at_once(experiment, index, dragging=session.dragging()) for index in atlas.mapped(experiment)]
    return found, all(board.cells == atlas.wanted(experiment) for board in found)


def open_button(_: Translate) -> None:
    """A button to open a map that was computed elsewhere."""
    with st.popover(_("Open a map"), icon=":material/upload:"):
        told = _("A file that python -m optim_core.sweep has written, of at most 1,000 × 1,000 cells.")
        file = st.file_uploader(told, type="npz", max_upload_size=MEGABYTES, key="map:file")
        if file is None or file.file_id == session.chosen("map:file_id"):
            return
        session.preset("map:file_id", file.file_id)
        try:
            session.open_map(*opened(file.getvalue()))
        except TextError as error:
            st.error(_(error.message).format(**error.details))
            return
        st.rerun()


def _made(experiment: Experiment, tell: Tell) -> None:
    indices = atlas.mapped(experiment)
    for number, index in enumerate(indices):
        atlas.board(experiment, index, atlas.wanted(experiment), functools.partial(_share, tell, number, len(indices)))


def _share(tell: Tell, number: int, count: int, done: int, total: int) -> None:
    tell(number * total + done, count * total)


@st.fragment(run_every=EVERY)
def refine(experiment: Experiment) -> None:
    """Make the map finer in the background, tell how far it is, and draw the page anew when it is there; only this part looks again."""
    _ = session.translate()
    try:
        job = errands.work("map", jobs.MAPS, atlas.question(experiment), functools.partial(_made, experiment))
    except Busy:
        st.caption(_("Many maps are being made just now; this one stays coarse until one is done."))
        return
    if job.state in ("waiting", "running"):
        with st.container(horizontal=True, vertical_alignment="center"):
            share = job.done / job.total if job.total else 0.0
            st.progress(share, _("A finer map is being made: {share} %").format(share=round(100 * share)))
            if st.button(_("Cancel"), key="map:cancel"):
                job.cancel()
    elif job.state == "done":
        st.rerun()
    elif job.state == "cancelled":
        if st.button(_("Make the finer map"), key="map:again"):
            errands.forget("map")
    else:
        st.error(_("The finer map could not be made. Try fewer cells or steps."))
