"""The panels under the player of the page Landscape, in their order: what the pictures leave out, then what the reader chose."""

from __future__ import annotations

from typing import Any

from lab.figures.landscape import curvature, honesty, smooth
from lab.figures.landscape.drawing import is_share
from lab.figures.landscape.lines import line_figures
from lab.figures.learning.axes import Translate
from lab.figures.style import Theme
from lab.slice_types import Survey
from optim_core.hyper import N_

CURVATURE = {
    "sharpness": (N_("Leading eigenvalues, λ₁ strong"), curvature.sharpness_figure, "leading"),
    "trace": (N_("Trace of the Hessian ± standard error"), curvature.trace_figure, "trace"),
    "alignment": (N_("Share of ∇L along these eigenvectors"), curvature.alignment_figure, "alignment"),
    "condition": (N_("Condition number of the Hessian"), curvature.condition_figure, "condition"),
    "negative": (N_("Negative eigenvalues of the Hessian"), curvature.negative_figure, "negative"),
}
SMOOTHNESS = {
    "range": (N_("Range of L along −∇L, from η/2 to 4η"), smooth.range_figure),
    "change": (N_("Change of the gradient along −∇L"), smooth.change_figure),
    "beta": (N_("Effective β-smoothness along −∇L"), smooth.beta_figure),
}


def panels(survey: Survey, theme: Theme, _: Translate) -> list[dict[str, Any]]:
    """The panels of a survey: name, translated title, plain Plotly figure, and whether its axis is that of the player.

    Args:
        survey: what to show; what a draft does not have yet has no panel, nor has what is known at no point.
        theme: light or dark.
        _: translates.
    """
    loss = _("Accuracy: true solid, where drawn dashed") if is_share(survey.cut.part) else _("Loss: true solid, where drawn dashed")
    made = [
        _panel("loss", loss, honesty.loss_figure(survey, theme, _)),
        _panel("distance", _("Distance from plane; dotted: from centre"), honesty.distance_figure(survey, theme, _)),
    ]
    made += [_panel(name, title, figure, time=False) for name, title, figure in line_figures(survey, theme, _)]
    made += [_panel(name, _(title), draw(survey, theme, _)) for name, (title, draw, field) in CURVATURE.items() if curvature.known(survey, field)]
    if survey.smoothness:
        made += [_panel(name, _(title), draw(survey, theme, _)) for name, (title, draw) in SMOOTHNESS.items()]
    return made


def _panel(name: str, title: str, figure: dict[str, Any], *, time: bool = True) -> dict[str, Any]:
    return {"name": name, "title": title, "figure": figure, "time": time}
