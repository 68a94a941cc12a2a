"""What a loss surface is, and the small records that describe one."""

from __future__ import annotations

import functools
from typing import Any, ClassVar, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.formula import Formula, compile_formula
from optim_core.hyper import hypers, resolve

Point = tuple[float, float]


class Domain(NamedTuple):
    """The rectangle that the map shows.

    Attributes:
        w1: lowest and highest w₁.
        w2: lowest and highest w₂.
    """

    w1: tuple[float, float]
    w2: tuple[float, float]

    def contains(self, w: np.ndarray) -> np.ndarray:
        """Which of the points `w`, `(…, 2)`, lie inside; nan and inf do not."""
        with np.errstate(invalid="ignore"):
            return (w[..., 0] >= self.w1[0]) & (w[..., 0] <= self.w1[1]) & (w[..., 1] >= self.w2[0]) & (w[..., 1] <= self.w2[1])


class Levels(NamedTuple):
    """Where the level lines run.

    Attributes:
        low: the lowest line; on a log scale measured from the lowest minimum, L − L*.
        high: the highest line, likewise.
        count: how many lines.
        log: evenly spaced in log(L − L*), which shows the floor of a valley; else evenly spaced in L.
    """

    low: float
    high: float
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody needs here
    log: bool = True


class LearningRates(NamedTuple):
    """Learning rates that go well from the first starting point: where a student begins, not an optimum.

    Attributes:
        gradient: for optimizers whose step follows the size of the gradient (GD, momentum).
        scale_free: for those whose step hardly does (RMSprop, Adam).
    """

    gradient: float
    scale_free: float


class Reference(NamedTuple):
    """A published value, away from the minimum.

    Attributes:
        w: the point.
        value: the loss there, at the default parameters.
        source: who says so.
    """

    w: tuple[float, ...]
    value: float
    source: str


class Surface(Protocol):
    """A loss L(w₁, w₂); its fields are its parameters (`optim_core.hyper`).

    Class data:
        title: the name a reader sees.
        formula: LaTeX, in w_1 and w_2 and the symbols of all parameters; several lines are separated by \\n.
        expression: the same in the language of `optim_core.formula`, over w1, w2 and the parameters: what exported scripts are written from.
        source: where the formula comes from.
        domain: what the map shows.
        starts: starting points, the first is the default.
        levels: level lines that show the valley.
        learning_rates: where a student begins.
        reference_values: published values away from the minimum.
        quadratic: true when the Hessian is the same everywhere, so that closed-form bounds hold.
    """

    title: ClassVar[str]
    formula: ClassVar[str]
    expression: ClassVar[str]
    source: ClassVar[str]
    domain: ClassVar[Domain]
    starts: ClassVar[tuple[Point, ...]]
    levels: ClassVar[Levels]
    learning_rates: ClassVar[LearningRates]
    reference_values: ClassVar[tuple[Reference, ...]]
    quadratic: ClassVar[bool]

    def __call__(self, w: jax.Array) -> jax.Array:
        """The loss at `w`, shape `(2,)`; a scalar."""
        ...

    def minima(self) -> np.ndarray:
        """The local minima at the present parameters, `(k, 2)`, the lowest first; `(0, 2)` where there is none."""
        ...


REQUIRED = ("title", "formula", "expression", "source", "domain", "starts", "levels", "learning_rates", "reference_values", "quadratic", "__call__", "minima")


def written_out(surface: Any) -> Formula:
    """The formula of a surface, checked, over w1, w2 and its parameters; that of a curve over w.

    Args:
        surface: a spec of `surfaces`, or its class.
    """
    return compile_formula(surface.expression, (*coordinates(surface), *hypers(surface)))


def coordinates(surface: Any) -> tuple[str, ...]:
    """What `expression` calls the coordinates of a point."""
    return ("w1", "w2") if len(surface.starts[0]) == 2 else ("w",)


@jax.jit
def _values(surface: Any, points: jax.Array) -> Any:
    return jax.vmap(surface)(points)


@functools.partial(jax.jit, static_argnums=2)
def _newton(surface: Any, points: jax.Array, steps: int, longest: float) -> Any:
    """Newton steps from each point, none longer than `longest`; then the points, and at each the last step's length, the largest slope, the smallest and the
    largest curvature, the loss, and the smallest size that the Hessian has at four points a fifth of `longest` away.

    The looks around after the last step are turns of the same loop: the derivatives of a typed formula take seconds to compile, so they stand here once.
    """
    sides = longest / 5.0 * jnp.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])

    def slope(w: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        loss, gradient = jax.value_and_grad(surface)(w)
        return gradient, (gradient, loss)

    def improve(w: jax.Array) -> tuple[jax.Array, ...]:
        def turn(i: jax.Array, carry: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
            w, length, beside, *there = carry
            hessian, (gradient, loss) = jax.jacfwd(slope, has_aux=True)(jnp.where(i > steps, w + sides[i - steps - 1], w))
            determinant = hessian[0, 0] * hessian[1, 1] - hessian[0, 1] * hessian[1, 0]
            adjugate = jnp.array([[hessian[1, 1], -hessian[0, 1]], [-hessian[1, 0], hessian[0, 0]]])
            move = adjugate @ gradient / determinant
            size = jnp.sqrt(jnp.sum(move**2))
            moved = w - move * jnp.where(size > longest, longest / size, 1.0)
            mean, spread = (hessian[0, 0] + hessian[1, 1]) / 2, jnp.hypot((hessian[0, 0] - hessian[1, 1]) / 2, hessian[0, 1])
            here = jnp.abs(gradient).max(), mean - spread, mean + spread, loss
            return (
                jnp.where(i < steps, moved, w),
                jnp.where(i < steps, size, length),
                jnp.where(i > steps, jnp.minimum(beside, jnp.abs(hessian).max()), beside),
                *(jnp.where(i == steps, new, old) for new, old in zip(here, there, strict=True)),
            )

        none = jnp.zeros(())
        w, length, beside, *there = jax.lax.fori_loop(0, steps + 1 + len(sides), turn, (w, none, none + jnp.inf, none, none, none, none))
        return w, length, *there, beside

    return jax.lax.map(improve, points, batch_size=min(TOGETHER, len(points)))


def values(surface: Any, points: np.ndarray) -> np.ndarray:
    """The losses at `points`, `(k, 2)`; one compilation per surface class and k."""
    return np.asarray(_values(resolve(surface), np.asarray(points, dtype=np.float64)))


def polish(surface: Any, near: np.ndarray) -> np.ndarray:
    """Minima without a closed form: Newton's method from points close to them, the lowest first; one compilation per surface class and k.

    Args:
        surface: a smooth surface.
        near: points near its minima, `(k, 2)`; one that Newton's method carries off is dropped, and so is a second copy.

    Returns:
        The minima found, `(≤k, 2)`, each with gradient below 1e-6 and a positive definite Hessian.
    """
    found = _newton(resolve(surface), np.asarray(near, dtype=np.float64).reshape(-1, 2), 12, np.inf)
    points, _, slope, low, _, losses, _ = (np.asarray(part) for part in found)
    is_minimum = np.isfinite(points).all(axis=1) & (slope < 1e-6) & (low > 0)
    minima = points[is_minimum][np.argsort(losses[is_minimum].round(9), kind="stable")]  # rounded: equally deep ones keep the order of their guesses
    distinct: np.ndarray = minima[_first_of_each(minima, 1e-6)]
    return distinct


class Critical(NamedTuple):
    """Points without a slope, by what the Hessian says of them; each `(k, 2)`.

    Attributes:
        minima: both curvatures positive.
        saddles: one positive, one negative.
        maxima: both negative.
        flat: a curvature of zero, of which the Hessian alone does not tell what it is.
    """

    minima: np.ndarray
    saddles: np.ndarray
    maxima: np.ndarray
    flat: np.ndarray


NOWHERE = Critical(*np.zeros((4, 0, 2)))


@functools.lru_cache(maxsize=512)
def critical_points(surface: Any) -> Critical:
    """The points without a slope inside a surface's domain that Newton's method finds from a grid over it; one compilation per surface class.

    Newton's method doubles the right digits near a point with a curvature, and creeps to one without; on a plateau, or where a kink has no curvature, it
    does not come to rest, and nothing is found.
    """
    domain = surface.domain
    columns, rows = np.linspace(domain.w1[0], domain.w1[1], COLUMNS), np.linspace(domain.w2[0], domain.w2[1], ROWS)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    view = np.hypot(domain.w1[1] - domain.w1[0], domain.w2[1] - domain.w2[0])
    found = _newton(resolve(surface), grid, ITERATIONS, view / 20.0)
    points, length, slope, low, high, _, beside = (np.asarray(part) for part in found)
    with np.errstate(invalid="ignore"):
        scale = np.maximum(np.abs(low), np.abs(high))
        rests = domain.contains(points) & (length <= 1e-5 * view) & (slope <= 1e-6 * np.maximum(scale, 1e-6) * view)
    order = np.flatnonzero(rests)[np.argsort(length[rests], kind="stable")]  # the best copy of each first
    cells = np.unique(np.round(points[order] / (1e-3 * view)), axis=0, return_index=True)[1]  # most are copies in one cell: spare the comparison of all
    order = order[np.sort(cells)]
    order = order[_first_of_each(points[order], 1e-3 * view)]
    order = order[np.lexsort(points[order].T[::-1])]
    points, low, high, beside = points[order], low[order], high[order], beside[order]
    sizes = np.sort(np.abs(np.stack([low, high])), axis=0)
    zero = (sizes[0] <= 1e-6 * sizes[1]) | (sizes[1] <= FLAT * beside)  # against the curvature a hundredth of the view away, whatever it is elsewhere
    return Critical(points[~zero & (low > 0)], points[~zero & (low < 0) & (high > 0)], points[~zero & (high < 0)], points[zero])


TOGETHER = 15
"""Points taken at a time: all at once, the registers of a typed formula outgrow the processor's cache, which takes four times as long."""
FLAT = 1e-2
"""A curvature so much smaller than that around the point, on all sides, counts as none."""
COLUMNS, ROWS, ITERATIONS = 45, 37, 40
"""The grid that the search begins from, and its steps."""


def _first_of_each(points: np.ndarray, distance: float) -> np.ndarray:
    """Which points are no copy, within `distance`, of an earlier one."""
    if not len(points):
        return np.zeros(0, dtype=bool)
    new: np.ndarray = np.tril(np.abs(points[:, None] - points[None]).max(axis=2) <= distance, -1).sum(axis=1) == 0
    return new
