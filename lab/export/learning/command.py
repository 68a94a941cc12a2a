"""Exports of a training from its link, for `python -m lab.export`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import get_args

from lab import animation, export, lessons
from lab.export.asked import NO_FORMAT, NO_LIBRARY, NO_RUN, TOO_MUCH, Impossible
from lab.export.learning import images, scripts
from lab.export.learning.film import lesson_film
from lab.export.learning.network_text import Library
from lab.export.learning.notebook import notebook
from lab.export.learning.numbers import curves_csv, lesson_json, weights_json, weights_npz
from lab.i18n import Translate
from lab.lesson_types import Lesson
from lab.study import Study

OWN_LIBRARY: Library = "jax"
"""Unless another is asked for: it has every optimizer."""
FORMATS = (*export.FORMATS, "csv", "json", "npz", *animation.FILMS, "py", "ipynb")


def is_training(query: Mapping[str, str]) -> bool:
    """Whether a link is one of the page Training."""
    return "surface" not in query and bool({"data", "layers", "epochs"} & set(query))


def made(study: Study, given: argparse.Namespace, _: Translate) -> bytes | str:
    """What was asked for.

    Args:
        study: of the link.
        given: the command's arguments.
        _: translates.

    Raises:
        Impossible: it cannot be made.
    """
    if given.format not in FORMATS:
        raise Impossible(_(NO_FORMAT).format(formats=", ".join(FORMATS)))
    lesson = lessons.lesson(study, _)
    if given.format in ("csv", "json", "npz", "py", "ipynb"):
        return _text(lesson, given, _)
    try:
        if given.format in export.FORMATS:
            return _image(lesson, given, _)
        options = animation.Options(given.width, given.height, given.fps, given.seconds)
        return lesson_film(lesson, given.format, options, given.theme, _, lambda done, total: None)
    except ValueError as error:  # each option is in range; all together, or for a film, they are too much
        raise Impossible(_(TOO_MUCH)) from error


def _image(lesson: Lesson, given: argparse.Namespace, _: Translate) -> bytes:
    figures = images.offered(lesson)
    if given.figure is not None and given.figure not in figures:
        raise Impossible(_(export.NOT_OFFERED).format(figures=", ".join(figures)))
    try:
        return images.lesson_image(lesson, given.figure or images.REGIONS, given.format, given.width, given.height, given.theme, _)
    except export.ExportUnavailable as error:
        raise Impossible(_(str(error))) from error


def _text(lesson: Lesson, given: argparse.Namespace, _: Translate) -> bytes | str:
    if given.format == "csv":
        return curves_csv(lesson)
    if given.format == "json" and given.run is None:
        return lesson_json(lesson)
    index = (given.run or 1) - 1
    if index >= len(lesson.runs):
        raise Impossible(_(NO_RUN).format(count=len(lesson.runs)))
    learned, library = lesson.runs[index], given.library or OWN_LIBRARY
    if given.format in ("npz", "json"):
        return weights_npz(learned) if given.format == "npz" else weights_json(learned)
    if library not in get_args(Library):
        raise Impossible(_(NO_LIBRARY).format(libraries=", ".join(scripts.LIBRARIES)))
    if reason := scripts.impossible(learned, library):
        raise Impossible(_(reason))
    return scripts.script(learned, library) if given.format == "py" else notebook(learned, library, _)
