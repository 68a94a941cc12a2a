"""The curvature of the training loss along a path: leading eigenvalues of the Hessian, its trace, and the share of the gradient in its leading directions.

    Hv = d/dε ∇L(w + εv),      λ₁ ≥ λ₂ ≥ …,      tr H = E zᵀHz  for random signs z  (Hutchinson)

H is known by its products with vectors, each as dear as a few gradients (Pearlmutter 1994). The leading eigenvalues come from Lanczos' method (ARPACK), which
stops when the residual ‖Hv − λv‖ is below 10⁻¹⁰ ‖H‖; of few parameters the whole matrix is taken instead.

- Sharpness λ₁ against 2/η, above which gradient descent is unstable along the first eigenvector: Cohen et al. 2021, the edge of stability.
- The gradient soon lies in the span of few leading eigenvectors: Gur-Ari, Roberts, Dyer 2018.

Source: lecture rows A15, D13.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh
from threadpoolctl import ThreadpoolController

from optim_core.backend import bound
from optim_core.evaluations import MAX_MATRIX
from optim_core.landscape.directions import Plane, upright
from optim_core.landscape.objective import Held, held, objective
from optim_core.landscape.slices import Ground
from optim_core.networks.architecture import Network
from optim_core.networks.training import MAX_PROGRAMS

LEADING = 5
PROBES = 32
"""Random signs for a trace, and columns of a whole matrix that are computed together."""
SMALL = 60
"""Parameters up to which the whole matrix is the quicker way."""
SPECTRA = 12
"""Points of a path with the whole spectrum, where there are at most `MAX_MATRIX` parameters."""
TOLERANCE = 1e-10
RESTARTS = 200


_TURN = threading.Lock()
"""Held for one point of a path: the number of BLAS' threads is the process's, and who changes it must be alone. Paths that are looked at at the same time take
turns."""


@functools.cache
def _blas() -> ThreadpoolController:
    """What sets the number of BLAS' threads."""
    return ThreadpoolController()


class Curvature(NamedTuple):
    """The Hessian H of the training loss at F points of a path. Rows where H is not finite are nan.

    Attributes:
        at: the iterations, `(F,)`.
        leading: the algebraically largest eigenvalues, descending, `(F, k)`; nan what Lanczos' method did not reach.
        trace: tr H, `(F,)`: exact for at most `SMALL` parameters, else a mean over `PROBES` random signs, the same ones at every point.
        trace_error: its standard error, `(F,)`; 0 where it is exact.
        alignment: ‖Vᵀg‖²/‖g‖², the share of the gradient in the span of the k leading eigenvectors V, `(F,)`; nan where g = 0.
        condition: λ₁ by the smallest positive eigenvalue, `(F,)`. Those within ±P ε max|λ|, the rounding error by which `numpy.linalg.matrix_rank` goes, are
            flat directions (a network has many) and count neither here nor below. nan where λ₁ is not positive or the whole spectrum is not known.
        negative: the number of negative eigenvalues, `(F,)`; nan where the whole spectrum is not known. It is known at all points for at most `SMALL`
            parameters, for at most `MAX_MATRIX` at up to `SPECTRA` points, evenly chosen with both ends, else nowhere.
    """

    at: np.ndarray
    leading: np.ndarray
    trace: np.ndarray
    trace_error: np.ndarray
    alignment: np.ndarray
    condition: np.ndarray
    negative: np.ndarray


def curvature(ground: Ground, w: np.ndarray, at: np.ndarray | Sequence[int], k: int = LEADING, tell: Callable[[int, int], None] | None = None) -> Curvature:
    """The curvature at each of some weights. Batch norm goes by the objects themselves, as in a full-batch step.

    Args:
        ground: the loss, with its penalties.
        w: `(F, P)`.
        at: their iterations, `(F,)`.
        k: leading eigenvalues, at most P of them are told.
        tell: told points done and to do; what it raises ends the work.
    """
    count, size = w.shape
    spectra = set(np.round(np.linspace(0, count - 1, SPECTRA)).astype(int).tolist()) if size <= MAX_MATRIX else set()
    hessian, rows = _Hessian(ground), []
    for point, weights in enumerate(w):
        with _TURN, _blas().limit(limits=1, user_api="blas"):  # its threads wait for each other longer than such small matrices take
            rows.append(_row(hessian, weights, k, whole=size <= SMALL or point in spectra))
        if tell is not None:
            tell(point + 1, count)
    made = np.stack(rows) if rows else np.zeros((0, 5 + min(k, size)))
    return Curvature(np.asarray(at), made[:, 5:].copy(), *made[:, :5].T.copy())


def leading(ground: Ground, w: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k algebraically largest eigenvalues of the Hessian, descending, and their eigenvectors.

    Args:
        ground: the loss, with its penalties.
        w: `(P,)`.
        k: from 1; at most P are told.

    Returns:
        Values `(k,)` and vectors of length 1 `(k, P)`, each with its largest entry positive. nan what Lanczos' method did not reach; all where the Hessian is
        not finite.
    """
    hessian = _Hessian(ground)
    return _leading(hessian, w, k, hessian.matrix(w)[1] if len(w) <= max(SMALL, k) else None)


def hessian_plane(ground: Ground, centre: np.ndarray) -> Plane:
    """The plane through weights in which the loss is curved the most: along the Hessian's two leading eigenvectors.

    Args:
        ground: the loss, with its penalties.
        centre: `(P,)`.

    Raises:
        ValueError: the Hessian is not finite there, or the eigenvectors were not reached.
    """
    directions = leading(ground, centre, 2)[1]
    if not np.isfinite(directions).all():
        raise ValueError("the Hessian at the centre has no two leading eigenvectors that could be found")
    return Plane("hessian", centre, directions)


def threshold(optimizer: Any, lr: float) -> float | None:
    """The sharpness above which steps are unstable on a quadratic: 2/η for gradient descent, 2(1+β)/η with momentum; inf for η = 0.

    Args:
        optimizer: a spec; the answer is that of its `lr_bound`.
        lr: η ≥ 0.

    Returns:
        None where no bound is known, or none that is a number by λ, as for Newton's method.
    """
    one, two = optimizer.lr_bound(1.0), optimizer.lr_bound(2.0)
    if one is None or not math.isclose(one, 2.0 * two):
        return None
    return math.inf if lr == 0.0 else float(one) / float(lr)


class _Hessian:
    """The Hessian of a ground by its products with vectors."""

    def __init__(self, ground: Ground) -> None:
        bound((_product, _products), MAX_PROGRAMS)
        self.network, self.given = ground.network, held(ground)

    def times(self, w: np.ndarray, v: np.ndarray) -> np.ndarray:
        """H v, `(P,)`."""
        return np.asarray(_product(self.network, self.given, w, v))

    def times_all(self, w: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """∇L, `(P,)`, and H v of every row, `(m, P)`."""
        padded = np.zeros((-(-len(rows) // PROBES) * PROBES, len(w)))
        padded[: len(rows)] = rows
        made = [_products(self.network, self.given, w, padded[first : first + PROBES]) for first in range(0, len(padded), PROBES)]
        return np.asarray(made[0][0]), np.concatenate([np.asarray(images) for _, images in made])[: len(rows)]

    def matrix(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """∇L, `(P,)`, and H, `(P, P)`."""
        g, made = self.times_all(w, np.eye(len(w)))
        return g, np.asarray((made + made.T) / 2.0)


def _row(hessian: _Hessian, w: np.ndarray, k: int, *, whole: bool) -> np.ndarray:
    """The numbers of `Curvature` at one point: trace, error, alignment, condition, negative, then the leading eigenvalues."""
    matrix, condition, negative = None, np.nan, np.nan
    if whole:
        g, matrix = hessian.matrix(w)
        condition, negative = _shape(matrix)
    if matrix is not None and len(w) <= SMALL:
        trace, error = float(np.trace(matrix)), 0.0 if np.isfinite(matrix).all() else np.nan
        values, vectors = _leading(hessian, w, k, matrix)
    else:
        g, trace, error = _trace(hessian, w)
        values, vectors = _leading(hessian, w, k, None)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        alignment = np.sum((vectors @ g) ** 2) / np.sum(g**2)
    return np.array([trace, error, alignment, condition, negative, *values])


def _shape(matrix: np.ndarray) -> tuple[float, float]:
    """λ₁ by the smallest positive eigenvalue, and how many are negative."""
    if not np.isfinite(matrix).all():
        return np.nan, np.nan
    values = np.linalg.eigvalsh(matrix)
    flat = len(values) * np.finfo(float).eps * np.abs(values).max()
    positive = values[values > flat]
    return (float(positive[-1] / positive[0]) if len(positive) else np.nan), float(np.sum(values < -flat))


def _trace(hessian: _Hessian, w: np.ndarray) -> tuple[np.ndarray, float, float]:
    """∇L, Hutchinson's estimate of the trace, and its standard error."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (PROBES, len(w)))
    g, images = hessian.times_all(w, signs)
    if not np.isfinite(images).all():
        return g, np.nan, np.nan
    told = np.sum(signs * images, axis=1)
    return g, float(told.mean()), float(told.std(ddof=1) / np.sqrt(PROBES))


def _leading(hessian: _Hessian, w: np.ndarray, k: int, matrix: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """`leading`, from the whole matrix where that is known."""
    size = len(w)
    k = min(k, size)
    values, vectors = np.full(k, np.nan), np.full((k, size), np.nan)
    if matrix is not None:
        if np.isfinite(matrix).all():
            values, columns = np.linalg.eigh(matrix)
            values, vectors = values[::-1][:k], columns.T[::-1][:k]
        return values, upright(vectors)
    first = np.random.default_rng(0).normal(size=size)
    image = hessian.times(w, first)
    if not np.isfinite(image).all():
        return values, vectors
    scale = float(np.linalg.norm(image))  # about ‖H‖ in Frobenius' norm, for a vector of independent normal numbers
    if scale == 0.0:  # it would be by accident only if H were not 0
        return np.zeros(k), np.eye(k, size)

    def shifted(v: np.ndarray) -> np.ndarray:
        """(H + scale) v: what ARPACK holds a residual against is an eigenvalue, and H has some near 0."""
        return hessian.times(w, v.ravel()) + scale * v.ravel()

    operator = LinearOperator((size, size), matvec=shifted, dtype=np.float64)
    try:
        found, columns = eigsh(operator, k, which="LA", v0=first, tol=TOLERANCE, maxiter=RESTARTS, rng=np.random.default_rng(0))
    except ArpackNoConvergence as stopped:
        found, columns = stopped.eigenvalues, stopped.eigenvectors
    order = np.argsort(found)[::-1]
    values[: len(order)], vectors[: len(order)] = found[order] - scale, columns.T[order]
    return values, upright(vectors)


@jax.jit
def _product(network: Network, given: Held, w: jax.Array, v: jax.Array) -> jax.Array:
    made: jax.Array = jax.jvp(jax.grad(objective(network, given)), (w,), (v,))[1]
    return made


@jax.jit
def _products(network: Network, given: Held, w: jax.Array, rows: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The gradient, and `_product` of every row, `(PROBES, P)`."""
    g, times = jax.linearize(jax.grad(objective(network, given)), w)
    return g, jax.vmap(times)(rows)
