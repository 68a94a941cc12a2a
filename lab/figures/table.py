"""The table of results: one row a visible run, every cell a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lab.figures.numbers import number_text
from lab.figures.style import Theme, styles
from lab.readings import Reading

if TYPE_CHECKING:
    from lab.compute import Picture


def table(picture: Picture, theme: Theme, _: Callable[[str], str]) -> dict[str, Any]:
    """What the runs came to.

    Returns:
        `columns`, a title for each cell; and `rows`, each with `run`, its index, `swatch` {color, dash, marker}, `label` and `cells`.
    """
    columns = [_("last L(w)"), _("distance to a minimum"), _("within 10⁻³ of the minimum"), _("status")]
    looks = styles(picture.experiment.runs, theme, _)
    rows = [
        {
            "run": index,
            "swatch": {"color": look.color, "dash": look.dash, "marker": look.marker},
            "label": look.label,
            "cells": _cells(picture.readings[index], picture.landscape.floor is not None, _),
        }
        for index, look in enumerate(looks)
        if not picture.experiment.runs[index].hidden
    ]
    return {"columns": columns, "rows": rows}


def _cells(reading: Reading, has_minimum: bool, _: Callable[[str], str]) -> list[str]:
    never = _("not yet") if has_minimum else "—"
    within = never if reading.within is None else _("step {k}").format(k=reading.within)
    distance = "—" if reading.distance is None else number_text(reading.distance)
    return [number_text(reading.last_loss), distance, within, status_text(reading, _)]


def status_text(reading: Reading, _: Callable[[str], str]) -> str:
    """How the run ended, in words."""
    texts = {
        "converged": _("converged at step {k}"),
        "moving": _("still moving"),
        "left_view": _("left the view at step {k}"),
        "overflow": _("overflow at step {k}"),
    }
    return texts[reading.status].format(k=reading.at)
