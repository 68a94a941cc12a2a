r"""A surface of the student's own: a formula in w₁ and w₂, looked at through a window of the student's own.

    L(w) = f(w₁, w₂)

Source: the reader's keyboard. The default is a round valley that is tilted: from almost everywhere the way leads down into the ring, then slowly along it.
Starting points, level lines and learning rates follow from the formula: they are looked for on a grid, and by Newton's method. Values are shown as they
are; where one is not finite, there is a gap.
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
from surfaces._surface import Domain, LearningRates, Levels, Point, Reference, critical_points

NAMES = ("w1", "w2")
LONGEST_LINE = 260
"""Characters of LaTeX: a longer gradient or Hessian is not printed."""
_PLACES = np.array([(0.7, 0.6), (-0.7, 0.6), (-0.6, -0.7), (0.6, -0.7), (0.2, 0.85), (-0.85, 0.2), (0.3, 0.3), (-0.3, 0.1)])
"""Starting points, as shares of the window's half-widths."""
STARTS = 4
_COLUMNS, _ROWS = 81, 61
MOST_CURVED, FLATTEST, USUAL = 5e4, 0.05, 10.0
"""Curvatures between which the suggested learning rate follows them, and the one that stands for what is flatter or not finite."""


def parse_loss(written: str) -> typed.Formula:
    """Compile a formula in `w1` and `w2`.

    Raises:
        TextError: it is not understood.
    """
    return typed.compile_formula(written, NAMES)


@spec
class Formula:
    """L(w) is what the typed formula says."""

    title: ClassVar[str] = N_("Your own formula")
    source: ClassVar[str] = "the reader"
    reference_values: ClassVar[tuple[Reference, ...]] = (
        Reference((0.0, 0.0), 1.0, "by hand: (0 − 1)² + 0"),
        Reference((1.0, 2.0), 16.3, "by hand: (5 − 1)² + 0.3"),
    )
    quadratic: ClassVar[bool] = False

    centre1: float = hyper(0.0, -20.0, 20.0, symbol="c_1", title=N_("middle of w₁"), help=N_("The view shows w₁ from c₁ − r₁ to c₁ + r₁."))
    reach1: float = hyper(2.0, 0.1, 20.0, symbol="r_1", scale="log", title=N_("half-width of w₁"), help=N_("The view shows w₁ from c₁ − r₁ to c₁ + r₁."))
    centre2: float = hyper(0.0, -20.0, 20.0, symbol="c_2", title=N_("middle of w₂"), help=N_("The view shows w₂ from c₂ − r₂ to c₂ + r₂."))
    reach2: float = hyper(2.0, 0.1, 20.0, symbol="r_2", scale="log", title=N_("half-width of w₂"), help=N_("The view shows w₂ from c₂ − r₂ to c₂ + r₂."))
    expression: str = text(
        "(w1^2 + w2^2 - 1)^2 + 0.3*w1", parse=parse_loss, symbol="L",
        title=N_("formula"), help=N_("A formula in w1 and w2, such as sin(w1)*cos(w2) + 0.1*w1^2."),
    )  # fmt: skip

    @property
    def formula(self) -> str:
        """The formula, its gradient and Hessian where they are short, and the view, as LaTeX."""
        view = r"\lvert w_1 - c_1 \rvert \le r_1,\quad \lvert w_2 - c_2 \rvert \le r_2"
        return "\n".join((*_printed(self.expression), view))

    @property
    def domain(self) -> Domain:
        """The window."""
        return Domain((self.centre1 - self.reach1, self.centre1 + self.reach1), (self.centre2 - self.reach2, self.centre2 + self.reach2))

    @property
    def starts(self) -> tuple[Point, ...]:
        """Points spread over the window; those first at which the loss is finite."""
        return _starts(self.expression, self.domain)

    @property
    def levels(self) -> Levels:
        """Level lines through most of what the window holds."""
        return _levels(self)

    @property
    def learning_rates(self) -> LearningRates:
        """A step of about 1/(2 λ) for the largest curvature λ at the first start and at the lowest minimum, and one of 1/80 of the window."""
        return _learning_rates(self)

    def resolved(self) -> Program:
        """What jit gets: the program, which holds the formula as data; another formula compiles nothing."""
        return _program(self.expression)

    def __call__(self, w: jax.Array) -> jax.Array:
        """L(w)."""
        return _program(self.expression)(w)

    def minima(self) -> np.ndarray:
        """Those in the window that Newton's method finds from a grid; none at a kink, which it does not settle on."""
        found = critical_points(self).minima
        losses = _losses(self.expression, found)
        ordered: np.ndarray = found[np.argsort(losses.round(9), kind="stable")]
        return ordered


@functools.lru_cache(maxsize=512)
def _program(expression: str) -> Program:
    return encode(parse_loss(expression).tree, NAMES)


def _losses(expression: str, w: np.ndarray) -> np.ndarray:
    """The loss at the points `w`, `(…, 2)`."""
    return np.broadcast_to(parse_loss(expression)(np, w1=w[..., 0], w2=w[..., 1]), w.shape[:-1])


@functools.lru_cache(maxsize=512)
def _printed(expression: str) -> tuple[str, ...]:
    tree = parse_loss(expression).tree
    slopes = [derivative(tree, name) for name in NAMES]
    curvatures = [[derivative(slope, name) for name in NAMES] for slope in slopes]
    columns = r" \\ ".join(latex(slope) for slope in slopes), r" \\ ".join(" & ".join(latex(entry) for entry in row) for row in curvatures)
    lines = [rf"{name} = \begin{{pmatrix}} {entries} \end{{pmatrix}}" for name, entries in zip((r"\nabla L", r"\nabla^2 L"), columns, strict=True)]
    return (f"L(w) = {latex(tree)}", *(line for line in lines if len(line) <= LONGEST_LINE))


@functools.lru_cache(maxsize=512)
def _starts(expression: str, domain: Domain) -> tuple[Point, ...]:
    low, high = np.array(domain).T
    points = np.round((low + high) / 2 + _PLACES * (high - low) / 2, 6)
    finite = np.isfinite(_losses(expression, points))
    chosen = points[np.argsort(~finite, kind="stable")][:STARTS]
    return tuple((float(w1), float(w2)) for w1, w2 in chosen)


@functools.lru_cache(maxsize=512)
def _levels(surface: Formula) -> Levels:
    domain, minima = surface.domain, surface.minima()
    table = _losses(surface.expression, np.stack(np.meshgrid(np.linspace(*domain.w1, _COLUMNS), np.linspace(*domain.w2, _ROWS)), axis=-1))
    heights = np.clip(table[np.isfinite(table)], -1e300, 1e300)
    if not heights.size:
        return Levels(0.0, 1.0, 12, log=False)
    if len(minima):
        above = heights - _losses(surface.expression, minima)[0]
        low, high = (float(level) for level in np.quantile(above, (0.01, 0.97)))
        if above.min() > -1e-9 * (1.0 + np.abs(heights).max()) and 0.0 < 2.0 * low < high:  # else the floor is not the lowest point in view
            return Levels(low, high, 13)
    low, high = (float(level) for level in np.quantile(heights, (0.02, 0.98)))
    return Levels(low, high, 14, log=False) if high > low else Levels(low - 0.5, low + 0.5, 3, log=False)


_hessians = jax.jit(lambda program, points: jax.vmap(jax.hessian(program))(points))


@functools.lru_cache(maxsize=512)
def _learning_rates(surface: Formula) -> LearningRates:
    points = np.resize(np.concatenate([np.array(surface.starts[:1]), surface.minima()[:1]]), (2, 2))
    largest = float(np.abs(np.asarray(_hessians(surface.resolved(), points))).sum(axis=2).max())  # Gershgorin: no eigenvalue is larger
    curvature = min(largest, MOST_CURVED) if FLATTEST < largest < math.inf else USUAL
    side = 2.0 * min(surface.reach1, surface.reach2)
    return LearningRates(gradient=float(f"{0.5 / curvature:.1g}"), scale_free=float(f"{side / 80.0:.1g}"))
