"""The table of results: one row a visible run, every cell a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lab.figures.numbers import number_text
from lab.figures.style import Theme, styles
from lab.readings import NEAR, Reading, clipped_steps

if TYPE_CHECKING:
    from lab.compute import Picture


def table(picture: Picture, theme: Theme, _: Callable[[str], str]) -> dict[str, Any]:
    """What the runs came to.

    Returns:
        `columns`, a title for each cell; and `rows`, each with `run`, its index, `swatch` {color, dash, marker}, `label` and `cells`.
    """
    experiment, floor = picture.experiment, picture.landscape.floor
    clips, fans = any(run.clip is not None for run in experiment.runs), any(picture.fans)
    columns = [_("last L(w)"), _("distance to a minimum"), _("within 10⁻³ of the minimum")]
    columns += [_("seeds that end there")] if fans and floor is not None else []
    columns += [_("clipped steps")] if clips else []
    looks = styles(experiment.runs, theme, _)
    rows = []
    for index, look in enumerate(looks):
        if experiment.runs[index].hidden:
            continue
        fan, reading = picture.fans[index], picture.readings[index]
        cells = _cells(reading, floor is not None, _)
        if fans and floor is not None:
            cells.append("" if fan is None else _("{some} of {all}").format(some=int((fan.last_loss - floor <= NEAR).sum()), all=len(fan.w)))
        if clips:
            cells.append("—" if experiment.runs[index].clip is None else str(len(clipped_steps(picture.paths[index]))))
        swatch = {"color": look.color, "dash": look.dash, "marker": look.marker}
        rows.append({"run": index, "swatch": swatch, "label": look.label, "cells": [*cells, status_text(reading, _)]})
    return {"columns": [*columns, _("status")], "rows": rows}


def _cells(reading: Reading, has_minimum: bool, _: Callable[[str], str]) -> list[str]:
    never = _("not yet") if has_minimum else "—"
    within = never if reading.within is None else _("step {k}").format(k=reading.within)
    distance = "—" if reading.distance is None else number_text(reading.distance)
    return [number_text(reading.last_loss), distance, within]


def status_text(reading: Reading, _: Callable[[str], str]) -> str:
    """How the run ended, in words."""
    texts = {
        "converged": _("converged at step {k}"),
        "moving": _("still moving"),
        "left_view": _("left the view at step {k}"),
        "overflow": _("overflow at step {k}"),
    }
    return texts[reading.status].format(k=reading.at)
