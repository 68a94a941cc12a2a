"""What the stage is told of one run's steps: the rule with slots for every step's numbers, the arrows on the map, the state as bars and curves.

The numbers are columns of the record; the browser only puts those of the player's step into their slots. No optimizer is known by name here.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np

from lab.compute import Picture
from lab.figures.inside import Quantity, inside_figure, quantities
from lab.figures.predicted import bearable
from lab.figures.style import Theme, short_labels, styles
from lab.i18n import Translate
from lab.widgets.formula import mathml
from optim_core import rules, theory
from optim_core.formula_latex import COLUMN
from optim_core.types import Trajectory

_FENCED = re.compile(r"\(\\text\{@(\d+)@\}\)")  # has its brackets already
_SLOT = re.compile(r"<mtext>@(\d+)(!?)@</mtext>")


def inspector_payload(picture: Picture, theme: Theme, _: Translate) -> dict[str, Any]:
    """The stage's `inspector`: which runs there are to look into, and of the chosen one everything about its steps.

    Args:
        picture: what is shown.
        theme: light or dark.
        _: translates what is written.
    """
    experiment = picture.experiment
    shorts = short_labels(experiment.runs, _)
    options = [{"key": str(index), "title": shorts[index - 1]} for index, run in enumerate(experiment.runs, 1) if not run.hidden]
    told: dict[str, Any] = {"options": [{"key": "0", "title": _("no run")}, *options], "value": str(experiment.inspected), "run": None}
    index = experiment.inspected - 1
    if index < 0 or experiment.runs[index].hidden:
        return told | {"value": "0"}
    run, path, look = experiment.runs[index], picture.paths[index], styles(experiment.runs, theme, _)[index]
    given, chance = rules.Given(experiment.chance is not None, run.clip is not None), experiment.chance
    noise = None if chance is None else chance.noise(index, 0).draw(path.n_steps, path.w.shape[1])
    columns, shown = rules.recorded(run.optimizer, path, noise), quantities(run.optimizer, path)
    slots = _Slots(columns)
    lines = [{"symbols": mathml(symbols), "numbers": numbers and _slotted(numbers)} for symbols, numbers in _lines(run.kind, slots, given)]
    bars = [_bar(quantity) for quantity in shown]
    arrows = _arrows(path, run.optimizer, columns) if path.w.shape[1] == 2 else None
    figure, facts = inside_figure(shown, experiment.n_steps, look, theme), _facts(picture, index, _)
    return told | {
        "run": index, "color": look.color, "lines": lines, "numbers": slots.table(), "bars": bars, "arrows": arrows, "facts": facts, "figure": figure,
    }  # fmt: skip


def _facts(picture: Picture, index: int, _: Translate) -> dict[str, Any] | None:
    """The curvature at the points that the steps leave, and what a step of its own for each coordinate makes of it.

    Returns:
        `text`, `bound`, `lost` and `warning`, templates for the numbers of a step: the curvatures; what they allow η, where they are positive; the word where
        one is negative; where η is too large. `values`, `(T,)` each; `warned`, 1 where η is above the stable bound there.
    """
    hessians, path, optimizer = picture.hessians[index], picture.paths[index], picture.experiment.runs[index].optimizer
    if hessians is None:
        return None
    here, evened = theory.curvature(hessians[:-1]), theory.equalised(hessians[:-1], path.step.effective_lr)
    limit = bearable(optimizer, path.lr)
    with np.errstate(divide="ignore", invalid="ignore"):
        stable = 2.0 / here.high if limit is None else limit * path.lr / here.high
        warned = np.zeros(path.n_steps) if limit is None else ((here.high > limit) & (here.low >= 0.0)).astype(float)
    alone = path.w.shape[1] == 1
    text = (
        _("Curvature here: L″ = {high}.")
        if alone
        else _("Curvature here: λₘₐₓ = {high}, λₘᵢₙ = {low}, κ = {kappa}; with each coordinate's own step κ = {evened}.")
    )
    told = _("For comparison, 2/λₘₐₓ = {bound}; η = {eta}.") if limit is None else _("Stable here while η < {bound}; η = {eta}.")
    values = {"high": here.high, "low": here.low, "kappa": here.condition, "evened": evened.condition, "bound": np.where(here.high > 0, stable, np.nan)}
    words = {"text": text, "bound": told, "lost": _("A negative curvature: along it every η leads away."), "warning": _("Locally unstable here.")}
    return {**words, "values": {**values, "eta": path.lr}, "warned": warned}


class _Slots:
    """Numbers of the columns, each with a place in a table of one row a step."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.columns = columns
        self.places: dict[str, int] = {}
        self.width = 0

    def write(self, name: str, after: str = "") -> str:
        """LaTeX with a slot for every number of a name; `after` is "!" where a negative number needs no brackets."""
        shape = self.columns[name].shape[1:]
        if name not in self.places:
            self.places[name] = self.width
            self.width += int(np.prod(shape))
        first = self.places[name]
        if not shape or shape == (1,):
            return rf"\text{{@{first}{after}@}}"
        rows, per_row = shape[0], int(np.prod(shape[1:]))
        cells = [" & ".join(rf"\text{{@{first + row * per_row + column}!@}}" for column in range(per_row)) for row in range(rows)]
        return COLUMN + " " + r" \\ ".join(cells) + r" \end{pmatrix}}"

    def table(self) -> np.ndarray:
        """`(T, width)`."""
        steps = len(next(iter(self.columns.values())))
        return np.concatenate([self.columns[name].reshape(steps, -1) for name in self.places], axis=1)


@functools.lru_cache(512)
def _slotted(latex: str) -> str:
    """The LaTeX of `_Slots.write` as MathML; a slot tells its place, and whether it wants brackets around a negative number."""
    latex = _FENCED.sub(r"(\\text{@\1!@})", latex)
    return _SLOT.sub(lambda found: f'<mn data-slot="{found[1]}"{"" if found[2] else " data-bracket"}></mn>', mathml(latex))


def _lines(kind: Any, slots: _Slots, given: rules.Given) -> list[tuple[str, str]]:
    """Every line of the rule twice: in symbols, and with slots ending in the value; a statement has no numbers."""
    filled = rules.filled(kind, slots.write, functools.partial(slots.write, after="!"), given)
    return list(zip(rules.symbolic(kind, given), filled, strict=True))


def _bar(quantity: Quantity) -> dict[str, Any]:
    """One quantity, coordinate by coordinate, beside the largest size that it reaches."""
    finite = np.abs(quantity.values[np.isfinite(quantity.values)])
    return {"symbol": mathml(quantity.latex), "values": quantity.values, "most": float(finite.max()) if finite.size else 0.0}


def _arrows(path: Trajectory, optimizer: Any, columns: dict[str, np.ndarray]) -> dict[str, Any]:
    """What is drawn on the map at every step: displacements, in the units of w.

    The gradient's arrow is −ηg, what plain gradient descent would do from the query point; the velocity's is what it moves the point by. The box has the
    sides that each coordinate's own rate gives: the effective learning rate times |g|.
    """
    grad = -path.lr[:, None] * path.step.grad
    velocity, label = _velocity(path, columns)
    box = path.step.effective_lr * np.abs(path.step.grad)
    arrows = [{"name": "gradient", "label": "−ηg", "from": path.step.query, "by": grad}]
    arrows += [{"name": "velocity", "label": label, "from": path.w[:-1], "by": velocity}] if velocity is not None else []
    return {"arrows": [*arrows, {"name": "update", "label": "Δw", "from": path.w[:-1], "by": path.step.update}], "box": box}


def _velocity(path: Trajectory, columns: dict[str, np.ndarray]) -> tuple[np.ndarray | None, str]:
    """h as it moves the point: by itself where the rule takes η into it, else times η; None where a rule has no h."""
    velocity = columns.get("h")
    if velocity is None:
        return None, ""
    with np.errstate(invalid="ignore", over="ignore"):
        if np.array_equal(path.step.update, -velocity, equal_nan=True):
            return -velocity, "−h"
        return -path.lr[:, None] * velocity, "−ηh"
