"""What the landscape component is told: maps with the paths in them, what the networks say, panels, results, and how far the picture can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lab import live
from lab.cut import Panel, Part
from lab.figures.landscape.drawing import shown
from lab.figures.landscape.names import percent
from lab.figures.landscape.panels import panels
from lab.figures.landscape.relief import relief_figure
from lab.figures.landscape.space import space_figure, track_heights
from lab.figures.learning.axes import length, most, step_words
from lab.figures.learning.looks import class_looks, ends, looks
from lab.figures.numbers import number_text
from lab.figures.style import Theme
from lab.i18n import Translate
from lab.slice_types import Relief, Survey, Track
from lab.widgets.lesson import run_payload
from optim_core.hyper import N_

PANEL_TITLES: dict[Panel, str] = {"lines": N_("1-D slices"), "curvature": N_("curvature"), "smoothness": N_("smoothness")}
"""What a panel is called."""
PART_TITLES: dict[Part, str] = {
    "train": N_("training loss"), "valid": N_("validation loss"), "accuracy": N_("training accuracy"), "valid_accuracy": N_("validation accuracy"),
}  # fmt: skip
"""What heights are called."""
LITTLE = 0.5
"""A plane that holds less of a path than this does not show it."""


def survey_payload(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """The component's payload.

    Args:
        survey: what is shown.
        theme: light or dark.
        _: translates what is written.
    """
    lesson = survey.lesson
    return {
        "labels": live.Kept({name: _(text) for name, text in live.LANDSCAPE_LABELS.items()} | {"step": _(step_words(lesson))}),
        "theme": theme,
        "n_steps": length(lesson),
        "per_epoch": most(lesson),
        "at": lesson.study.at,
        "ends": list(ends(theme)),
        "classes": [{"color": look.color, "marker": look.marker} for look in class_looks(theme)],
        "runs": [run_payload(lesson, index, theme) for index in range(len(lesson.runs))],
        "maps": [_map(survey, index, theme, _) for index in range(len(survey.reliefs))],
        "panels": panels(survey, theme, _),
        "table": results(survey, theme, _),
        "findings": [{"color": looks(theme)[index].color, "text": text} for index, text in _findings(survey, _)],
        "notes": list(_notes(survey, _)),
    }


def _map(survey: Survey, index: int, theme: Theme, _: Translate) -> dict[str, Any]:
    relief, space = survey.reliefs[index], survey.cut.view == "space"
    look, alone = looks(theme)[relief.run], len(survey.reliefs) == 1
    tracks = []
    for track in relief.tracks:
        at = track.shadow.at
        tracks.append({"run": track.run, "x": at[:, 0], "y": at[:, 1], "z": track_heights(survey, index, track) if space else None})
    return {
        "title": "" if alone else survey.lesson.runs[relief.run].label,
        "swatch": None if alone else {"color": look.color, "dash": look.dash, "marker": look.marker},
        "figure": (space_figure if space else relief_figure)(survey, index, theme, _),
        "space": space,
        "tracks": tracks,
    }


def _shown(survey: Survey) -> Iterator[tuple[Relief, Track]]:
    """Every path with the landscape it is drawn on."""
    for relief in survey.reliefs:
        for track in relief.tracks:
            yield relief, track


def results(survey: Survey, theme: Theme, _: Translate) -> dict[str, Any]:
    """The table of results: what every path came to and how much of it the picture holds, as texts."""
    columns = [_("training loss"), _("loss where drawn"), _("path in the plane"), _("farthest from the plane"), _("norm ratio there")]
    rows = []
    for _relief, track in _shown(survey):
        look, run = looks(theme)[track.run], survey.lesson.runs[track.run]
        distance = track.shadow.distance[: track.until + 1]
        far = int(distance.argmax())
        cells = [number_text(float(track.true.loss[-1])), number_text(float(track.drawn.loss[-1])), f"{percent(track.explained)} %"]
        cells += [number_text(float(distance[far]), 3), percent(float(track.shadow.ratio[far])) + " %"]
        rows.append({"run": track.run, "swatch": {"color": look.color, "dash": look.dash, "marker": look.marker}, "label": run.label, "cells": cells})
    return {"columns": columns, "rows": rows}


def _findings(survey: Survey, _: Translate) -> Iterator[tuple[int, str]]:
    """How far each picture can be trusted."""
    several = len(survey.lesson.runs) > 1
    for relief, track in _shown(survey):
        head = f"{survey.lesson.runs[track.run].label[0]} · " if several else ""
        share, size = percent(track.explained), len(relief.plane.centre)
        record, diverged = survey.lesson.runs[track.run].record, track.until < len(track.shadow.at) - 1
        if diverged and track.until == 0 and relief.plane.kind in ("path", "line"):
            yield track.run, head + _("The training diverged at once: before that there is no path, and the directions mean nothing.")
            continue
        if relief.plane.kind in ("filters", "random") and track.explained < LITTLE:
            words = _("A random plane cannot hold the path: 2 of {size} dimensions, {share} % of the way. What is drawn is the path's shadow.")
        elif track.explained < LITTLE:
            words = _("This plane holds {share} % of the path: most of the way runs outside the picture.")
        else:
            words = _("This plane holds {share} % of the path (squared distances from the centre).")
        yield track.run, head + words.format(size=size, share=share)
        if diverged:
            words = _("The training diverged after iteration {t}: the share, the distances in the table and the centre are those of the path up to there.")
            yield track.run, head + words.format(t=int(record.at[track.until]))


def _notes(survey: Survey, _: Translate) -> Iterator[str]:
    """How to read the pictures."""
    relief, cut, lesson = survey.reliefs[0], survey.cut, survey.lesson
    if survey.draft:
        yield _("A coarse picture; the finer one is on its way.")
    if any(np.linalg.matrix_rank(each.plane.directions) < 2 for each in survey.reliefs):
        yield _("The two directions are one here: the picture is that of a line.")
    if any(each.plane.kind != cut.plane for each in survey.reliefs):
        yield _("The two sharpest directions were not found: the principal plane of the path stands in their place.")
    exact = number_text(float(relief.heights.loss[relief.y == 0.0, relief.x == 0.0][0]), 6)
    label = lesson.runs[relief.run].label[0]
    yield _("At the centre the slice is exact: there the training loss of {run} is {loss}. Penalties and dropout are left out.").format(run=label, loss=exact)
    if any(run.network.norm == "batch" for run in lesson.runs):
        running = _("Batch norm goes by the running statistics of the centre, on every slice and line; the true losses of the path by those of each point.")
        yield running if cut.mode == "running" else _("Batch norm goes by the statistics of the objects at every point, as in a full-batch step.")
    apart = cut.together or cut.plane == "between"
    omitted = [run.label for index, run in enumerate(lesson.runs) if apart and index not in cut.companions]
    if omitted:
        yield _("Not drawn, because their weights mean something else: {runs}.").format(runs="; ".join(omitted))
    if cut.together and len(relief.tracks) > 1:
        yield _("The heights are the loss of A; all paths are drawn by their nearest points of its plane.")
    if any(not np.isfinite(shown(survey, each.heights)).all() for each in survey.reliefs):
        yield _("Gaps: there the height is not a finite number.")
    if cut.panel != "lines" or cut.plane == "hessian":
        told = _("Curvature and gradients are those of the loss of a full-batch step: all training objects, penalties, batch norm by the batch, no dropout.")
        partial = any(run.recipe.batch < len(run.data.train) or run.recipe.dropout for run in lesson.runs)
        yield told
        if cut.panel == "curvature" and partial:
            yield _("Steps of mini-batches, or with dropout, see other losses: there the bound of stability is only a guide.")
