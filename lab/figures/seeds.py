"""Seeds: how the last losses of one run under many draws of the noise are distributed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.boards import Board
from lab.figures import frame
from lab.figures.atlas import mark
from lab.figures.frame import Trace
from lab.figures.style import PALETTES, Theme, short_labels, styles

if TYPE_CHECKING:
    from lab.experiment import Experiment


def seeds_figure(boards: Sequence[Board], experiment: Experiment, theme: Theme, _: Callable[[str], str]) -> Any:
    """The last loss of all seeds: the share that ended at or below each value, a staircase for each run, as a plain Plotly figure.

    Args:
        boards: one a run.
        experiment, theme, _: as in `plane_figure`.
    """
    looks, shorts, palette = styles(experiment.runs, theme, _), short_labels(experiment.runs, _), PALETTES[theme]
    log = all(not np.isnan(board.goal.loss) for board in boards)
    told_as = "L − L*" if log else "L"
    data: list[Trace] = []
    for board in boards:
        look, losses = looks[board.run], np.sort(board.shown("loss").ravel())
        share = np.arange(1, len(losses) + 1) / len(losses)
        seen = np.isfinite(losses) & ((losses > 0.0) if log else True)
        line = {"mode": "lines", "line": {"color": look.color, "width": 2.2, "dash": look.dash, "shape": "hv"}}
        told = {"hovertext": look.label, "hovertemplate": f"{look.label}<br>{told_as} = %{{x:.4~g}}<br>%{{y:.0%}}<extra></extra>"}
        data.append({"type": "scatter", "name": shorts[board.run], "x": losses[seen], "y": share[seen], **line, **told})
        middle = losses[max(math.ceil(len(losses) / 2) - 1, 0)] if len(losses) else np.nan
        if np.isfinite(middle):
            data.append(mark(_("median"), np.array([middle, 0.5]), look.marker, 9, look.color) | {"showlegend": False})
    layout = frame.layout(theme)
    layout["margin"] = {"l": 56, "r": 14, "t": 10, "b": 48}
    layout["xaxis"] = frame.axis(_("last L − L*") if log else _("last L"), **({"type": "log", "exponentformat": "power", "nticks": 6} if log else {}))
    layout["yaxis"] = frame.axis(_("share of the seeds"), range=[0, 1.02], tickformat=".0%")
    quiet = {"color": palette.muted, "width": 1, "dash": "dot"}
    layout["shapes"] = [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": quiet} for at in (0.1, 0.5, 0.9)]
    return {"data": data, "layout": layout}
