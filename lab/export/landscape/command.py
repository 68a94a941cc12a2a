"""Exports of a landscape from its link, for `python -m lab.export`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from lab import animation, export, slices
from lab.cut import Cut
from lab.export.asked import NO_FORMAT, TOO_MUCH, Impossible
from lab.export.landscape import images
from lab.export.landscape.film import survey_film
from lab.export.landscape.numbers import grid_csv, grid_npz, path_csv
from lab.export.landscape.solids import NoSolid, gltf, stl
from lab.i18n import Translate
from lab.slice_types import Survey
from optim_core.hyper import N_

FORMATS = (*export.FORMATS, "npz", "csv", "stl", "glb", *animation.FILMS)
TABLES = {"map": grid_csv, "space": grid_csv, "loss": path_csv, "distance": path_csv}
"""Of which figures there is a table."""
NO_LANDSCAPE = N_("Landscapes that there are: {count}.")
NO_TABLE = N_("As CSV there are: {figures}. All numbers are in npz.")


def is_landscape(query: Mapping[str, str]) -> bool:
    """Whether a link is one of the page Landscape."""
    return "cut" in query


def made(cut: Cut, given: argparse.Namespace, _: Translate) -> bytes | str:
    """What was asked for.

    Args:
        cut: of the link.
        given: the command's arguments.
        _: translates.

    Raises:
        Impossible: it cannot be made.
    """
    if given.format not in FORMATS:
        raise Impossible(_(NO_FORMAT).format(formats=", ".join(FORMATS)))
    if given.format == "csv" and given.figure not in (None, *TABLES):
        raise Impossible(_(NO_TABLE).format(figures=", ".join(TABLES)))
    survey = slices.survey(cut, _)
    if given.format == "npz":
        return grid_npz(survey)
    if given.format == "csv":
        return TABLES[given.figure or cut.view](survey)
    if given.format in ("stl", "glb"):
        return _body(survey, given, _)
    return _image(survey, given, _) if given.format in export.FORMATS else _film(survey, given, _)


def _image(survey: Survey, given: argparse.Namespace, _: Translate) -> bytes:
    figures = images.offered(survey, given.theme, _)
    if given.figure is not None and given.figure not in figures:
        raise Impossible(_(export.NOT_OFFERED).format(figures=", ".join(figures)))
    try:
        return images.survey_image(survey, given.figure or survey.cut.view, given.format, given.width, given.height, given.theme, _)
    except export.ExportUnavailable as error:
        raise Impossible(_(str(error))) from error


def _film(survey: Survey, given: argparse.Namespace, _: Translate) -> bytes:
    try:
        options = animation.Options(given.width, given.height, given.fps, given.seconds)
        return survey_film(survey, given.format, options, given.theme, _, lambda done, total: None)
    except ValueError as error:  # each option is in range; for a film, or all together, they are too much
        raise Impossible(_(TOO_MUCH)) from error


def _body(survey: Survey, given: argparse.Namespace, _: Translate) -> bytes:
    index = (given.run or 1) - 1
    if index >= len(survey.reliefs):
        raise Impossible(_(NO_LANDSCAPE).format(count=len(survey.reliefs)))
    try:
        return stl(survey, index) if given.format == "stl" else gltf(survey, index, given.theme)
    except NoSolid as error:
        raise Impossible(_(str(error))) from error
