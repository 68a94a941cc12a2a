"""Figures of trainings as pictures for print: curves by Chrome, what the networks say and hold by matplotlib, which needs none."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.export import images
from lab.export.images import Format
from lab.export.learning.canvas import LessonCanvas
from lab.export.learning.inside import histogram_picture, network_picture
from lab.figures.learning.axes import length, most
from lab.figures.learning.curves import accuracy_figure, has_classes, loss_figure, norm_figure, rate_figure
from lab.figures.style import Theme
from lab.i18n import Translate
from optim_core.hyper import N_

if TYPE_CHECKING:
    from lab.lesson_types import Lesson

CURVES: Mapping[str, Callable[[Lesson, Theme, Translate], dict[str, Any]]] = {
    "loss": loss_figure,
    "accuracy": accuracy_figure,
    "norm": norm_figure,
    "rate": rate_figure,
}
INSIDE = {"network": network_picture, "histograms": histogram_picture}
REGIONS = "regions"
DRAWN = (REGIONS, *INSIDE)
"""Those that matplotlib draws: they need no Chrome."""
TITLES: Mapping[str, str] = {
    REGIONS: N_("Pictures and losses"), "loss": N_("Loss curve"), "accuracy": N_("Accuracy"), "norm": N_("Gradient"), "rate": N_("Learning rate"),
    "network": N_("Network"), "histograms": N_("Histograms"),
}  # fmt: skip
"""Every figure, the one that is offered first at the beginning."""


def offered(lesson: Lesson) -> tuple[str, ...]:
    """Which of `TITLES` a lesson has: without classes there is no accuracy, and a learning rate that stays needs no curve."""
    lacking = {"accuracy": not has_classes(lesson), "rate": not any(np.ptp(run.record.lr) > 0.0 for run in lesson.runs)}
    return tuple(name for name in TITLES if not lacking.get(name, False))


def lesson_image(lesson: Lesson, name: str, format: Format, width: int, height: int, theme: Theme, _: Translate) -> bytes:
    """One figure of a lesson.

    Args:
        lesson: a whole one, no draft; the pictures are those at the player's place.
        name: one of `offered`.
        format: png, svg or pdf.
        width, height: in px.
        theme: light is white paper.
        _: translates what is written on it.

    Raises:
        ExportUnavailable: a curve needs Chrome, and there is none, or it failed.
        ValueError: an argument is out of range, or the lesson is a draft.
    """
    if name not in offered(lesson):
        raise ValueError(f"name = {name!r} is not one of {', '.join(offered(lesson))}")
    if name in CURVES:
        title = _(lesson.study.recipe.data.title)
        return images.image(images.print_figure(CURVES[name](lesson, theme, _), theme, title), format, width, height)
    at = lesson.study.at
    share = 1.0 if at is None else min(at / length(lesson), 1.0)
    if name == REGIONS:
        canvas = LessonCanvas(lesson, width, height, theme, _)
        canvas.at(share)
        figure = canvas.figure
        for artist in figure.findobj(lambda artist: artist.get_animated()):
            artist.set_animated(False)
    else:
        figure = INSIDE[name](lesson, share * length(lesson) / most(lesson), width, height, theme, _)
    made = io.BytesIO()
    figure.savefig(made, format=format)
    return made.getvalue()
