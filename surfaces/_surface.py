"""What a loss surface is, and the small records that describe one."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np

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

    w: Point
    value: float
    source: str


class Surface(Protocol):
    """A loss L(w₁, w₂); its fields are its parameters (`optim_core.hyper`).

    Class data:
        title: the name a reader sees.
        formula: LaTeX, in w_1 and w_2 and the symbols of all parameters; several lines are separated by \\n.
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


REQUIRED = ("title", "formula", "source", "domain", "starts", "levels", "learning_rates", "reference_values", "quadratic", "__call__", "minima")


@jax.jit
def _values(surface: Any, points: jax.Array) -> Any:
    return jax.vmap(surface)(points)


@jax.jit
def _newton(surface: Any, points: jax.Array) -> Any:
    """Twelve Newton steps from each point; then the points, and at each the largest slope, the smallest curvature and the loss."""

    def improve(w: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
        def step(_: int, w: jax.Array) -> jax.Array:
            gradient, hessian = jax.grad(surface)(w), jax.hessian(surface)(w)
            determinant = hessian[0, 0] * hessian[1, 1] - hessian[0, 1] * hessian[1, 0]
            adjugate = jnp.array([[hessian[1, 1], -hessian[0, 1]], [-hessian[1, 0], hessian[0, 0]]])
            following: jax.Array = w - adjugate @ gradient / determinant
            return following

        w = jax.lax.fori_loop(0, 12, step, w)
        hessian = jax.hessian(surface)(w)
        smallest = (hessian[0, 0] + hessian[1, 1]) / 2 - jnp.hypot((hessian[0, 0] - hessian[1, 1]) / 2, hessian[0, 1])
        return w, jnp.abs(jax.grad(surface)(w)).max(), smallest, surface(w)

    return jax.vmap(improve)(points)


def values(surface: Any, points: np.ndarray) -> np.ndarray:
    """The losses at `points`, `(k, 2)`; one compilation per surface class and k."""
    return np.asarray(_values(jax.tree.map(np.float64, surface), np.asarray(points, dtype=np.float64)))


def polish(surface: Any, near: np.ndarray) -> np.ndarray:
    """Minima without a closed form: Newton's method from points close to them, the lowest first; one compilation per surface class and k.

    Args:
        surface: a smooth surface.
        near: points near its minima, `(k, 2)`; one that Newton's method carries off is dropped, and so is a second copy.

    Returns:
        The minima found, `(≤k, 2)`, each with gradient below 1e-6 and a positive definite Hessian.
    """
    found = _newton(jax.tree.map(np.float64, surface), np.asarray(near, dtype=np.float64).reshape(-1, 2))
    points, slope, curvature, losses = (np.asarray(part) for part in found)
    is_minimum = np.isfinite(points).all(axis=1) & (slope < 1e-6) & (curvature > 0)
    minima = points[is_minimum][np.argsort(losses[is_minimum].round(9), kind="stable")]  # rounded: equally deep ones keep the order of their guesses
    repeats = np.tril(np.abs(minima[:, None] - minima[None]).max(axis=2) <= 1e-6, -1).sum(axis=1)
    distinct: np.ndarray = minima[repeats == 0]
    return distinct
