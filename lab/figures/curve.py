"""The loss curve: L(w) at each step of every run, in the colours of the map."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.figures import frame
from lab.figures.evaluations import spread
from lab.figures.fan import band_traces
from lab.figures.frame import Trace
from lab.figures.predicted import loss_traces
from lab.figures.style import PALETTES, Palette, RunStyle, Theme, short_labels, styles
from lab.plane import drawn_points

if TYPE_CHECKING:
    from lab.compute import Picture

DECADES = 16
"""The log axis goes at most this far below the loss at the start: what double precision tells apart."""
ABOVE = 6
"""It shows the whole of a run that diverges, unless that is more than so many decades above what happens inside the view."""
FAR = 1.3
"""The linear axis shows all the data while none is more than this many times above what happens inside the view."""


def curve_figure(picture: Picture, theme: Theme, _: Callable[[str], str]) -> dict[str, Any]:
    """L(w) against t, as a plain Plotly figure.

    On the log axis it is L − L* where the minimum is known, and what is not positive leaves a gap. The data are never cut: where a run diverges, the
    axis ends a little above the others and an arrow shows where the run crosses its top. Of a run with many seeds the median and a band are drawn too.

    Args:
        picture: what to show.
        theme: light or dark.
        _: translates what is written on it.
    """
    experiment, palette = picture.experiment, PALETTES[theme]
    looks, shorts = styles(experiment.runs, theme, _), short_labels(experiment.runs, _)
    visible = [index for index, run in enumerate(experiment.runs) if not run.hidden]
    losses = {index: plotted_loss(picture, index) for index in visible}
    log = experiment.axis == "log"
    low, high = _log_range(picture, losses) if log else _linear_range(picture, losses)
    symbol = "L(w) − L*" if log and picture.landscape.floor else "L(w)"
    tails: list[Trace] = []
    lines: list[Trace] = []
    for index, loss in losses.items():
        stop, look = picture.readings[index].stop, looks[index]
        lines.append(frame.line(index, loss if stop is None else loss[: stop + 1], look, shorts[index], symbol))
        if experiment.stop != "none":
            tails.append(_tail(index, loss, len(loss) if stop is None else stop, look, palette, symbol, _))
    ways = {looks[index].color: _way(picture, index, loss) for index, loss in losses.items()}
    exits = [_exits(ways, 10.0**high if log else high, log=log)]
    if not log and low > -math.inf:  # and through the floor, where a loss has none: the same picture upside down
        fallen = _exits({color: -way for color, way in ways.items()}, -low, log=False)
        exits = [_both(exits[0], fallen | {"y": [-y for y in fallen["y"]]})]
    layout = frame.layout(theme)
    layout["showlegend"] = False  # the map beside it has one; a print turns it on
    layout["margin"] = {"l": 58, "r": 18, "t": 10, "b": 40}
    layout |= {
        "xaxis": frame.steps(experiment.n_steps),
        "yaxis": frame.axis(symbol, type="log", range=[low, high], **frame.decades(low, high)) if log
        else frame.axis(symbol, range=[low, high], exponentformat="power", nticks=6),
    }  # fmt: skip
    bands = [
        trace
        for index in visible
        if picture.fans[index]
        for trace in band_traces(picture, index, looks[index], 2 * high - low if not log else min(2 * high - low, 300.0), _)
    ]
    figure = {"data": [*bands, *loss_traces(picture, looks, _), *tails, *lines, *exits], "layout": layout}
    return spread(figure, picture, looks, _) if experiment.against == "evaluations" else figure


def plotted_loss(picture: Picture, index: int) -> np.ndarray:
    """The heights of run `index` on the curve, `(T+1,)`: L, or on the log axis L − L* with nan where that is not positive."""
    loss = picture.paths[index].loss
    if picture.experiment.axis == "linear":
        return loss
    with np.errstate(over="ignore", invalid="ignore"):
        above = loss - (picture.landscape.floor or 0.0)
        return np.where(above > 0, above, np.nan)


def _tail(index: int, loss: np.ndarray, stop: int, look: RunStyle, palette: Palette, symbol: str, _: Callable[[str], str]) -> Trace:
    """What would have come after the stop, grey."""
    late = _("after the stop")
    label = f"{look.label} · {late}"
    after = loss.copy()
    after[:stop] = np.nan
    return {
        "type": "scatter", "name": f"tail:{index}", "x0": 0, "dx": 1, "y": after, "mode": "lines", "opacity": 0.75, "showlegend": False,
        "line": {"color": palette.muted, "width": 1.6, "dash": look.dash},
        "hovertext": label, "hovertemplate": frame.hover(label, symbol),
    }  # fmt: skip


def _way(picture: Picture, index: int, heights: np.ndarray) -> np.ndarray:
    """Where a run goes, for finding out whether it leaves: at infinity where its loss is no number, at 0 where a logarithm has nothing to show."""
    return np.where(np.isnan(picture.paths[index].loss), np.inf, np.where(np.isnan(heights), 0.0, heights))


def _exits(losses: dict[str, np.ndarray], top: float, *, log: bool) -> Trace:
    """Arrows where a run crosses the top of the axis for good, in pairs of points as on the map."""
    x: list[float] = []
    y: list[float] = []
    colors: list[str] = []
    for color, loss in losses.items():
        below = np.flatnonzero(loss <= top)
        if len(below) and (t := int(below[-1])) < len(loss) - 1:
            with np.errstate(divide="ignore"):
                here, there, border = np.log([loss[t], loss[t + 1], top]) if log else (loss[t], loss[t + 1], top)
            rise = there - here
            x += [t, t + (float((border - here) / rise) if np.isfinite(rise) else 0.0)]
            y += [float(loss[t]), top - 1e-6 * abs(top)]  # just inside, see the map's arrows
            colors += [color, color]
    marker = {"color": colors, "symbol": "arrow", "size": [0, 13] * (len(x) // 2), "opacity": [0, 1] * (len(x) // 2), "angleref": "previous"}
    return {
        "type": "scatter", "name": "exits", "x": x, "y": y, "mode": "markers", "cliponaxis": False, "marker": marker,
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def _both(exits: Trace, more: Trace) -> Trace:
    """Two traces of arrows as one."""
    marker = {**exits["marker"], **{name: exits["marker"][name] + more["marker"][name] for name in ("color", "size", "opacity")}}
    return exits | {"x": exits["x"] + more["x"], "y": exits["y"] + more["y"], "marker": marker}


def _log_range(picture: Picture, losses: dict[int, np.ndarray]) -> tuple[float, float]:
    """Lowest and highest exponent shown: all the data, but at most `DECADES` below the start, and at most `ABOVE` over what happens inside the view."""
    values = {index: finite for index, loss in losses.items() if len(finite := loss[np.isfinite(loss)])}
    if not values:
        return -1.0, 1.0
    least, most, start = min(v.min() for v in values.values()), max(v.max() for v in values.values()), max(v[0] for v in values.values())
    domain = picture.experiment.surface.domain
    inside = [losses[index][domain.contains(drawn_points(picture.paths[index])) & np.isfinite(losses[index])] for index in values]
    seen = max((float(loss.max()) for loss in inside if len(loss)), default=most)
    high = math.log10(most) if math.log10(most) - math.log10(seen) < ABOVE else math.log10(seen) + 1
    return frame.halves(max(math.log10(least), math.log10(start) - DECADES), high)


def _linear_range(picture: Picture, losses: dict[int, np.ndarray]) -> tuple[float, float]:
    """Lowest and highest loss shown: what happens inside the view, and all the data when there is little more; in round numbers."""
    domain, least, most, seen = picture.experiment.surface.domain, math.inf, -math.inf, -math.inf
    lowest = math.inf
    for index, loss in losses.items():
        finite = np.isfinite(loss)
        inside = loss[domain.contains(drawn_points(picture.paths[index])) & finite]
        if len(inside):
            least, most, seen = min(least, float(inside.min())), max(most, float(loss[finite].max())), max(seen, float(inside.max()))
            lowest = min(lowest, float(loss[finite].min()))
    if not math.isfinite(least):
        return -1.0, 1.0
    if picture.landscape.floor is not None:
        least = picture.landscape.floor
    if lowest < least and seen - lowest <= FAR * (seen - least):  # outside the view it may be lower still
        least = lowest
    high = most if most - least <= FAR * (seen - least) else seen
    span = (high - least) or 1.0
    unit = 10.0 ** math.floor(math.log10(span)) / 5
    return least - 0.03 * span, least + math.ceil(1.04 * span / unit) * unit
