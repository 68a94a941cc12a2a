"""What theory predicts, drawn on the pictures: envelopes and parts of the loss, eigen-directions on the map, curvature along the paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.figures import frame
from lab.figures.frame import Trace
from lab.figures.style import Palette, RunStyle, Theme, short_labels, styles
from lab.plane import drawn_points
from optim_core import theory

if TYPE_CHECKING:
    from lab.compute import Picture

_INDICES = "₁₂"
_DECADES = 10


def loss_traces(picture: Picture, looks: tuple[RunStyle, ...], _: Callable[[str], str]) -> list[Trace]:
    """On the curve of the loss: the bound that each run obeys, dashed, and of one run the parts of the loss in the eigen-directions, thin."""
    experiment, shape = picture.experiment, picture.landscape.bowl
    if not experiment.theory or shape is None:
        return []
    floor = 0.0 if experiment.axis == "log" else picture.landscape.floor or 0.0
    visible = [index for index, run in enumerate(experiment.runs) if not run.hidden]
    traces = []
    for index in visible:
        bound = picture.envelopes[index]
        if bound is not None:
            told = _("bound by theory")
            traces.append(_thin(f"envelope:{index}", bound + floor, looks[index], f"{looks[index].label} · {told}", {"width": 1.6, "dash": "dash"}, 0.6))
    chosen = experiment.inspected - 1 if experiment.inspected - 1 in visible else visible[0] if len(visible) == 1 else None
    if chosen is not None and len(shape.curvatures) > 1:
        part = _("part of the loss in direction")
        for i, loss in enumerate(theory.components(shape, picture.paths[chosen].w)):
            label = f"{looks[chosen].label} · {part} v{_INDICES[i]}"
            traces.append(_thin(f"part{i}:{chosen}", loss + floor, looks[chosen], label, {"width": 1.0, "dash": ("dot", "dashdot")[i]}, 0.8))
    return traces


def _thin(name: str, heights: np.ndarray, look: RunStyle, label: str, line: dict[str, Any], opacity: float) -> Trace:
    return {
        "type": "scatter", "name": name, "x0": 0, "dx": 1, "y": np.where(np.isfinite(heights) & (heights != 0.0), heights, np.nan), "mode": "lines",
        "line": {"color": look.color, **line}, "opacity": opacity, "showlegend": False, "hovertext": label,
        "hovertemplate": frame.hover(label, "L"),
    }  # fmt: skip


def axes_trace(picture: Picture, palette: Palette) -> list[Trace]:
    """On the map: hairlines through the minimum of a quadratic along its eigen-directions."""
    shape, domain = picture.landscape.bowl, picture.experiment.surface.domain
    if not picture.experiment.theory or shape is None or len(shape.curvatures) < 2:
        return []
    reach = np.hypot(domain.w1[1] - domain.w1[0], domain.w2[1] - domain.w2[0])
    ends = np.array([point for axis in shape.directions.T for point in (shape.minimum - reach * axis, shape.minimum + reach * axis, [np.nan, np.nan])])
    return [
        {
            "type": "scatter", "name": "axes", "x": ends[:, 0], "y": ends[:, 1], "mode": "lines", "line": {"color": palette.muted, "width": 0.8, "dash": "dot"},
            "hoverinfo": "skip", "showlegend": False,
        }
    ]  # fmt: skip


def curvature_figure(picture: Picture, theme: Theme, _: Callable[[str], str]) -> dict[str, Any]:
    """λ_max along the path of every visible run, on a logarithmic axis, and dashed the curvature that its η can bear: above it the run is locally unstable.

    Args:
        picture: what to show.
        theme: light or dark.
        _: translates what is written on it.
    """
    experiment = picture.experiment
    looks, shorts = styles(experiment.runs, theme, _), short_labels(experiment.runs, _)
    met = {index: hessians for index, hessians in enumerate(picture.hessians) if hessians is not None}
    visible = list(met)
    high = {index: theory.curvature(hessians).high for index, hessians in met.items()}
    borne = {index: limit for index in visible if (limit := bearable(experiment.runs[index].optimizer, picture.paths[index].lr)) is not None}
    told = _("largest curvature that η bears")
    layout = frame.layout(theme)
    layout["showlegend"] = False
    layout["margin"] = {"l": 58, "r": 18, "t": 10, "b": 40}
    domain = experiment.surface.domain
    seen = [values[domain.contains(drawn_points(picture.paths[index]))] for index, values in high.items()]
    low, top = frame.whole_decades([*seen, *borne.values()], _DECADES)
    layout |= {"xaxis": frame.steps(experiment.n_steps), "yaxis": frame.axis("λₘₐₓ", type="log", range=[low, top], **frame.decades(low, top))}
    limits = [_thin(f"borne:{i}", limit, looks[i], f"{looks[i].label} · {told}", {"width": 1.6, "dash": "dash"}, 0.6) for i, limit in borne.items()]
    lines = [frame.line(i, np.where(values > 0, values, np.nan), looks[i], shorts[i], "λₘₐₓ") for i, values in high.items()]
    return {"data": [*limits, *lines], "layout": layout}


def bearable(optimizer: Any, lr: np.ndarray) -> np.ndarray | None:
    """The curvature at which each η is the stable bound, `(T,)`; None where theory knows none, or none that falls as 1/λ."""
    one, two = optimizer.lr_bound(1.0), optimizer.lr_bound(2.0)
    if one is None or not np.isclose(two, one / 2.0):
        return None
    with np.errstate(divide="ignore"):
        limit: np.ndarray = one / lr
        return limit


def points_traces(picture: Picture, palette: Palette, _: Callable[[str], str]) -> list[Trace]:
    """On the map: saddles as ×, maxima as open triangles, points of which the Hessian does not tell as open squares; each empty where there is none."""
    found = picture.landscape.critical
    kinds = (
        ("saddles", "x-thin-open", _("saddle"), found.saddles),
        ("maxima", "triangle-up-open", _("maximum"), found.maxima),
        ("flat", "square-open", _("flat point"), found.flat),
    )
    return [
        {
            "type": "scatter", "name": name, "x": points[:, 0], "y": points[:, 1], "mode": "markers", "showlegend": False,
            "marker": {"symbol": symbol, "size": 4 if len(points) > _MANY else 8, "color": palette.muted, "line": {"width": 1.4, "color": palette.muted}},
            "hovertemplate": f"{word} (%{{x:.4~g}}, %{{y:.4~g}})<extra></extra>",
        }
        for name, symbol, word, points in kinds
    ]  # fmt: skip


_MANY = 24
"""With more points of a kind than these, they are drawn small."""
