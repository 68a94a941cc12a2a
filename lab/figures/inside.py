"""What an optimizer carries, through time: the vectors of its rule and the effective learning rate, coordinate by coordinate."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lab.figures import frame
from lab.figures.frame import Trace
from lab.figures.style import PALETTES, RunStyle, Theme
from optim_core import rules
from optim_core.formula_latex import symbol
from optim_core.types import Trajectory

EFFECTIVE = r"\eta_{\mathrm{eff}}"
_ACCENTS = {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304"}
_COORDINATES = "₁₂₃₄₅₆₇₈₉"
_DECADES = 16


class Quantity(NamedTuple):
    """Something that has a number for every coordinate at every step.

    Attributes:
        name: plain text, such as ŝ.
        latex: the same for a formula.
        values: `(T, n)`.
    """

    name: str
    latex: str
    values: np.ndarray

    @property
    def positive(self) -> bool:
        """Whether no value is negative: such quantities live on a logarithmic axis."""
        with np.errstate(invalid="ignore"):
            return not bool((self.values < 0).any())


def quantities(optimizer: Any, path: Trajectory) -> list[Quantity]:
    """The vectors that the rule of an optimizer names, as they are after each step, and the effective learning rate.

    Args:
        optimizer: the spec that made the run.
        path: its record.
    """
    columns = rules.recorded(optimizer, path)
    named = [name for name in optimizer.symbols if columns[name].ndim == 2 and name != "g"]
    vectors = [Quantity(plain(name), symbol(name), columns[name]) for name in ["g", *named]]
    return [*vectors, Quantity("η eff", EFFECTIVE, path.step.effective_lr)]


def plain(name: str) -> str:
    """A name of a rule as plain text: `s_hat` is ŝ."""
    letter, _, accent = name.partition("_")
    return unicodedata.normalize("NFC", {"Delta": "Δ"}.get(letter, letter) + _ACCENTS.get(accent, accent))


def inside_figure(shown: Sequence[Quantity], n_steps: int, look: RunStyle, theme: Theme) -> dict[str, Any]:
    """Two pictures side by side, as a plain Plotly figure: what has a sign on a linear axis, what has none on a logarithmic one.

    Args:
        shown: the quantities of one run.
        n_steps: T.
        look: the run's.
        theme: light or dark.
    """
    halves = [[quantity for quantity in shown if not quantity.positive], [quantity for quantity in shown if quantity.positive]]
    halves = [half for half in halves if half]
    layout = frame.layout(theme)
    layout["margin"] = {"l": 58, "r": 18, "t": 28, "b": 40}
    data: list[Trace] = []
    for place, half in enumerate(halves):
        number = "" if place == 0 else "2"
        left, right = (0.0, 1.0) if len(halves) == 1 else (0.56 * place, 0.44 + 0.56 * place)
        layout[f"xaxis{number}"] = frame.steps(n_steps) | {"domain": [left, right], "anchor": f"y{number}"}
        layout[f"yaxis{number}"] = _axis(half) | {"anchor": f"x{number}"}
        for rank, quantity in enumerate(half):
            color = (look.color, PALETTES[theme].text, PALETTES[theme].muted)[rank % 3]
            data += [_line(quantity, i, color, number) for i in range(quantity.values.shape[1])]
    return {"data": data, "layout": layout}


def _axis(half: Sequence[Quantity]) -> frame.Layout:
    values = [quantity.values for quantity in half]
    if not half[0].positive:
        return frame.axis("", exponentformat="power", nticks=6)
    low, high = frame.whole_decades(values, _DECADES)
    return frame.axis("", type="log", range=[low, high], **frame.decades(low, high))


def _line(quantity: Quantity, coordinate: int, color: str, number: str) -> Trace:
    values = quantity.values[:, coordinate]
    name = quantity.name + (_COORDINATES[coordinate] if quantity.values.shape[1] > 1 else "")
    return {
        "type": "scatter", "name": name, "x0": 0, "dx": 1, "y": np.where(values > 0, values, np.nan) if quantity.positive else values, "mode": "lines",
        "line": {"color": color, "width": 1.8, "dash": ("solid", "dash")[coordinate % 2]}, "xaxis": f"x{number}", "yaxis": f"y{number}",
        "hovertemplate": frame.hover(name, name),
    }  # fmt: skip
