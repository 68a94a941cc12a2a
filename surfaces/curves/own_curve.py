"""A curve of the student's own: a formula in w, looked at through a window of the student's own.

    L(w) = f(w)

Source: the reader's keyboard. The default is a valley with a bump in it. Like the surface of one's own it is data to a compiled machine, so that another
formula compiles nothing; range of the loss, starting points and learning rates follow from the formula. Where the loss is not finite, there is a gap.
"""

from __future__ import annotations

import functools
import math
from typing import ClassVar

import jax
import numpy as np

from optim_core import formula as typed
from optim_core.formula_calculus import derivative
from optim_core.formula_latex import latex
from optim_core.formula_machine import Program, encode
from optim_core.hyper import N_, hyper, spec, text
from surfaces._surface import Domain, LearningRates, Reference
from surfaces.curves._minima import minima_between

NAMES = ("w",)
LONGEST_LINE = 200
"""Characters of LaTeX: a longer slope is not printed."""
_PLACES = (0.85, -0.85, 0.4)
"""Starting points, as shares of the window's half-width."""
_POINTS = 401
FLATTEST, STEEPEST, USUAL = 0.05, 5e3, 10.0
"""Curvatures between which the suggested learning rate follows them, and the one that stands for a kink, a plain or what is not finite."""


def parse_loss(written: str) -> typed.Formula:
    """Compile a formula in `w`.

    Raises:
        TextError: it is not understood.
    """
    return typed.compile_formula(written, NAMES)


@spec
class OwnCurve:
    """L(w) is what the typed formula says."""

    title: ClassVar[str] = N_("Your own formula, one parameter")
    source: ClassVar[str] = "the reader"
    reference_values: ClassVar[tuple[Reference, ...]] = (Reference((0.0,), 1.0, "by hand: 0 + exp 0"),)
    quadratic: ClassVar[bool] = False

    centre: float = hyper(0.0, -20.0, 20.0, symbol="c", title=N_("middle of w"), help=N_("The view shows w from c − r to c + r."))
    reach: float = hyper(3.0, 0.1, 20.0, symbol="r", scale="log", title=N_("half-width of w"), help=N_("The view shows w from c − r to c + r."))
    expression: str = text(
        "0.2*w^2 + exp(-4*w^2)", parse=parse_loss, symbol="L",
        title=N_("formula"), help=N_("A formula in w, such as w^2 + sin(5*w)."),
    )  # fmt: skip

    @property
    def formula(self) -> str:
        """The formula, its slope where it is short, and the view, as LaTeX."""
        return "\n".join((*_printed(self.expression), r"\lvert w - c \rvert \le r"))

    @property
    def domain(self) -> Domain:
        """The window, and the range of the loss in it with some room; of one that is not finite anywhere, −1 to 1."""
        low, high = self.centre - self.reach, self.centre + self.reach
        return Domain((low, high), _range(self.expression, low, high))

    @property
    def starts(self) -> tuple[tuple[float], ...]:
        """Points in the window; those first at which the loss is finite."""
        points = [round(self.centre + share * self.reach, 6) for share in _PLACES]
        return tuple((point,) for point in sorted(points, key=lambda w: not math.isfinite(float(_losses(self.expression, np.array(w))))))

    @property
    def learning_rates(self) -> LearningRates:
        """A step of about 1/(2 L″) for the largest curvature at the starts and minima, and one of 1/80 of the window."""
        points = np.array([*self.starts, *self.minima()])[:, 0]
        bent = np.abs(_bends(self.expression, points))
        largest = max((float(bend) for bend in bent if FLATTEST < bend < STEEPEST), default=USUAL)
        return LearningRates(gradient=float(f"{0.5 / largest:.1g}"), scale_free=float(f"{self.reach / 40.0:.1g}"))

    def resolved(self) -> Program:
        """What jit gets: the program, which holds the formula as data."""
        return _program(self.expression)

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w), for w of shape `(1,)`."""
        return _program(self.expression)(w)

    def minima(self) -> np.ndarray:
        """Those in the window, the lowest first; kinks, too."""
        return _minima(self.expression, self.centre - self.reach, self.centre + self.reach)


@functools.lru_cache(maxsize=512)
def _program(expression: str) -> Program:
    return encode(parse_loss(expression).tree, NAMES)


def _losses(expression: str, w: np.ndarray) -> np.ndarray:
    return np.broadcast_to(parse_loss(expression)(np, w=w), w.shape)


def _bends(expression: str, w: np.ndarray) -> np.ndarray:
    """L″ at the points, by differences: good enough to suggest a step."""
    h = 1e-4
    with np.errstate(all="ignore"):
        found: np.ndarray = (_losses(expression, w + h) - 2 * _losses(expression, w) + _losses(expression, w - h)) / h**2
        return found


@functools.lru_cache(maxsize=512)
def _minima(expression: str, low: float, high: float) -> np.ndarray:
    found = minima_between(OwnCurve((low + high) / 2, (high - low) / 2, expression), low, high)
    found.flags.writeable = False
    return found


@functools.lru_cache(maxsize=512)
def _printed(expression: str) -> tuple[str, ...]:
    tree = parse_loss(expression).tree
    slope = f"L'(w) = {latex(derivative(tree, 'w'))}"
    return (f"L(w) = {latex(tree)}", *([slope] if len(slope) <= LONGEST_LINE else []))


@functools.lru_cache(maxsize=512)
def _range(expression: str, low: float, high: float) -> tuple[float, float]:
    values = _losses(expression, np.linspace(low, high, _POINTS))
    finite = np.clip(values[np.isfinite(values)], -1e300, 1e300)
    if not finite.size:
        return -1.0, 1.0
    low_share, top = (float(value) for value in np.quantile(finite, (0.02, 0.98)))
    bottom = float(finite.min()) if low_share - finite.min() <= top - low_share else low_share  # a pole is no valley
    room = 0.08 * (top - bottom) or 0.5
    return bottom - room, top + room
