"""Figures of landscapes as pictures for print, drawn by Chrome."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lab.cut import PLANES
from lab.export import images
from lab.export.images import Format
from lab.export.landscape.sheet import named_once, sheet
from lab.figures.landscape.panels import CURVATURE, SMOOTHNESS, panels
from lab.figures.landscape.relief import relief_figure
from lab.figures.landscape.space import space_figure
from lab.figures.style import Theme
from lab.i18n import Translate
from lab.slice_types import LINES
from optim_core.hyper import N_

if TYPE_CHECKING:
    from lab.slice_types import Survey

MAPS: dict[str, tuple[str, Callable[[Survey, int, Theme, Translate], dict[str, Any]]]] = {
    "map": (N_("Level lines"), relief_figure),
    "space": (N_("3-D"), space_figure),
}
FIGURES = (*MAPS, "loss", "distance", *(f"line_{kind}" for kind in LINES), *CURVATURE, *SMOOTHNESS)
"""Every name there is; a survey has those of its panel."""


def offered(survey: Survey, theme: Theme, _: Translate) -> dict[str, str]:
    """The names of the figures that a survey has, and their translated titles, the landscape itself first."""
    return {name: _(title) for name, (title, _draw) in MAPS.items()} | {panel["name"]: panel["title"] for panel in panels(survey, theme, _)}


def survey_image(survey: Survey, name: str, format: Format, width: int, height: int, theme: Theme, _: Translate) -> bytes:
    """One figure of a survey.

    Args:
        survey: a whole one, no draft.
        name: one of `offered`; "map" and "space" show all landscapes side by side.
        format: png, svg or pdf.
        width, height: in px.
        theme: light is white paper.
        _: translates what is written on it.

    Raises:
        ExportUnavailable: there is no Chrome, or it failed.
        ValueError: an argument is out of range, or the survey is a draft.
    """
    if survey.draft:
        raise ValueError("a draft is not exported")
    return images.image(printed(survey, name, width, height, theme, _), format, width, height)


def printed(survey: Survey, name: str, width: int, height: int, theme: Theme, _: Translate) -> dict[str, Any]:
    """The same as a plain Plotly figure.

    Raises:
        ValueError: it has no figure of that name.
    """
    if name in MAPS:
        draw, count = MAPS[name][1], range(len(survey.reliefs))
        labels = [survey.lesson.runs[relief.run].label for relief in survey.reliefs]
        figure = sheet([draw(survey, index, theme, _) for index in count], labels, width, height)
        title = _(survey.cut.study.recipe.data.title) + " · " + _("directions") + ": " + _(PLANES[survey.cut.plane])
        return images.print_figure(named_once(figure), theme, title)
    found = {panel["name"]: panel for panel in panels(survey, theme, _)}
    if name not in found:
        raise ValueError(f"name = {name!r} is not one of {', '.join((*MAPS, *found))}")
    return images.print_figure(named_once(found[name]["figure"]), theme, found[name]["title"])
