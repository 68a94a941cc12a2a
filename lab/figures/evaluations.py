"""The loss over what it cost: the curve's traces moved from steps to evaluations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.figures import frame
from lab.figures.frame import Trace
from lab.figures.style import RunStyle
from optim_core.evaluations import counted, varies

if TYPE_CHECKING:
    from lab.compute import Picture


def spread(figure: dict[str, Any], picture: Picture, looks: tuple[RunStyle, ...], _: Callable[[str], str]) -> dict[str, Any]:
    """The figure of the loss with evaluations of loss, gradient and Hessian for its horizontal axis (`optim_core.evaluations`).

    Of a run whose steps cost now more, now less, the band of seeds is left out: each seed has an axis of its own.

    Args:
        figure: what is drawn over steps.
        picture: what is shown.
        looks: the runs'; arrows are found by their colour.
        _: translates the axis.
    """
    runs = picture.experiment.runs
    counts = [counted(run.optimizer, path) for run, path in zip(runs, picture.paths, strict=True)]
    uneven = {index for index, run in enumerate(runs) if varies(run.optimizer)}
    colors = {look.color: index for index, look in enumerate(looks)}
    data = []
    for trace in figure["data"]:
        index = run_of(trace)
        if index is None:
            owners = [colors[color] for color in trace["marker"]["color"]]
            data.append(trace | {"x": [float(np.interp(t, np.arange(len(counts[i])), counts[i])) for t, i in zip(trace["x"], owners, strict=True)]})
        elif not (index in uneven and trace["name"].startswith(("band:", "median:"))):
            data.append(_moved(trace, counts[index]))
    most = max((float(counts[index][-1]) for index, run in enumerate(runs) if not run.hidden), default=1.0)
    axis = frame.axis(_("evaluations"), range=[0, most], nticks=8, tickformat="d")
    return {"data": data, "layout": figure["layout"] | {"xaxis": axis}}


def run_of(trace: Trace) -> int | None:
    """Whose trace of the curve it is; None for the arrows, which are everybody's."""
    if "meta" in trace:
        return int(trace["meta"]["run"])
    number = trace["name"].partition(":")[2]
    return int(number) if number.isdigit() else None


def _moved(trace: Trace, counts: np.ndarray) -> Trace:
    """One trace with evaluations in the place of steps; what lies between two steps stays between them."""
    steps = np.asarray(trace["x"], dtype=float) if "x" in trace else np.arange(len(trace["y"]), dtype=float)
    moved = {key: value for key, value in trace.items() if key not in ("x0", "dx")}
    if "hovertemplate" in moved:
        moved["hovertemplate"] = moved["hovertemplate"].replace("t = %{x}", "#∇ = %{x}")
    return moved | {"x": np.interp(steps, np.arange(len(counts)), counts)}
