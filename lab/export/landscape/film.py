"""The player of landscapes as a film: the containers are those of `lab.animation`, the frames those of `lab.export.landscape.canvas`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.animation import Film, Options, filmed
from lab.export.landscape.canvas import SurveyCanvas
from lab.figures.style import Theme
from lab.i18n import Translate
from lab.jobs import Tell

if TYPE_CHECKING:
    from lab.slice_types import Survey


def survey_film(survey: Survey, format: Film, options: Options, theme: Theme, _: Translate, tell: Tell) -> bytes:
    """Make a film of a survey: its level lines, also where the page shows surfaces in space, and all paths by the clock of epochs.

    Args:
        survey: a whole one, no draft.
        format: GIF, MP4, WebM or a zip of PNG files.
        options: size, speed and length.
        theme: light or dark.
        _: translates what is written on it.
        tell: is told of every frame, and may raise to stop.

    Raises:
        ValueError: an option is out of range, or the survey is a draft.
    """
    options.check()
    canvas = SurveyCanvas(survey, options.even_width, options.even_height, theme, _)
    return filmed(canvas.at, format, options, tell)
