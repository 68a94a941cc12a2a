"""The learning rate through time: η_t of every run, in the colours of the map."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.figures import frame
from lab.figures.style import Theme, short_labels, styles

if TYPE_CHECKING:
    from lab.compute import Picture
    from lab.experiment import Experiment

DECADES = 16
"""A logarithmic axis goes at most this far below the highest rate."""


def rate_figure(picture: Picture, theme: Theme, _: Callable[[str], str]) -> dict[str, Any]:
    """η_t against t, as a plain Plotly figure: the rates that the runs were made with, an answer of the schedule to the run included.

    A rate holds from its step to the next one, so the curve is a staircase. On the logarithmic axis η = 0 leaves a gap.

    Args:
        picture: what to show.
        theme: light or dark.
        _: translates what is written on it.
    """
    experiment = picture.experiment
    looks, shorts = styles(experiment.runs, theme, _), short_labels(experiment.runs, _)
    shown = [index for index, run in enumerate(experiment.runs) if not run.hidden]
    rates = {index: np.append(picture.paths[index].lr, picture.paths[index].lr[-1]) for index in shown}
    layout = frame.layout(theme)
    layout["showlegend"] = False
    layout["margin"] = {"l": 60, "r": 12, "t": 8, "b": 38}
    layout |= {"xaxis": _time_axis(experiment, _), "yaxis": _rate_axis(list(rates.values()), log=experiment.rates == "log")}
    log = experiment.rates == "log"
    drawn = {index: np.where(lr > 0, lr, np.nan) if log else lr for index, lr in rates.items()}
    return {"data": [frame.line(index, lr, looks[index], shorts[index], "η", shape="hv") for index, lr in drawn.items()], "layout": layout}


def _time_axis(experiment: Experiment, _: Callable[[str], str]) -> dict[str, Any]:
    """Steps; where the schedules' clock counts epochs, these stand at their beginnings, which a warm-up that all runs share puts off."""
    n_steps, epoch = experiment.n_steps, experiment.epoch
    offsets = {experiment.plan(run).offset for run in experiment.runs if not run.hidden}
    offset = offsets.pop() if len(offsets) == 1 else 0
    if epoch == 1:
        return frame.steps(n_steps)
    count = max(n_steps - offset, 0) // epoch
    stride = -(-count // 8) or 1
    epochs = range(0, count + 1, stride)
    ticks = {"tickmode": "array", "tickvals": [offset + epoch * number for number in epochs], "ticktext": [str(number) for number in epochs]}
    return frame.axis(_("epoch of {k} steps").format(k=epoch), range=[0, n_steps], **ticks)


def _rate_axis(rates: list[np.ndarray], *, log: bool) -> dict[str, Any]:
    if log:
        low, high = frame.whole_decades([lr[lr > 0] for lr in rates], DECADES)
        return frame.axis("η", type="log", range=[low, high], **frame.decades(low, high))
    top = max((float(lr.max()) for lr in rates), default=0.0) or 1.0
    return frame.axis("η", range=[0, 1.08 * top], exponentformat="power", nticks=5)
