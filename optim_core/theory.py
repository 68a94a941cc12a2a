"""What theory predicts on a quadratic, in closed form: bounds, best steps, rates, and an envelope that the loss of a run obeys.

In an eigen-direction of curvature λ the error x of a linear optimizer follows (x, h)ᵗ⁺¹ = M (x, h)ᵗ with a fixed matrix M, which the optimizer's own file
declares as `transition(lr, λ)`. The largest |σ| among the eigenvalues of M is the rate; below 1 it converges.

    GD          converges for 0 < ηλ < 2; best η = 2/(λ_min + λ_max), rate (κ−1)/(κ+1)
    momentum    converges for 0 < ηλ < 2 + 2β; best η = (2/(√λ_min + √λ_max))², β = ((√κ−1)/(√κ+1))², rate (√κ−1)/(√κ+1)
    Nesterov    best for quadratics η = 4/(3λ_max + λ_min), β = (√(3κ+1) − 2)/(√(3κ+1) + 2), rate 1 − 2/√(3κ+1)
    damping     critical at β = (1 − √(ηλ))²; above it the roots are complex and the rate is √β

Sources: Polyak 1964 (Some methods of speeding up the convergence of iteration methods); Nesterov 2004 (Introductory Lectures on Convex Optimization, 1.2.3
and 2.2); Lessard, Recht and Packard 2016 (table 1) for Nesterov on quadratics; Goh 2017 (Why Momentum Really Works, Distill), of which a footnote
prints 2√β for the rate in the complex region, where |σ| = √(σ₁σ₂) = √β. The best β is the *square* of (√κ−1)/(√κ+1), which is the rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np


class Best(NamedTuple):
    """The values of an optimizer that converge fastest on a quadratic.

    Attributes:
        lr: η.
        fields: hyper-parameters by name.
        rate: what the error is multiplied by in a step, in the long run.
    """

    lr: float
    fields: Mapping[str, float]
    rate: float


def best_gd(low: float, high: float) -> Best:
    """Gradient descent between the smallest and the largest curvature: both ends are damped alike."""
    return Best(2.0 / (low + high), {}, (high - low) / (high + low))


def best_momentum(low: float, high: float) -> Best:
    """Polyak's heavy ball: critically damped at both ends, √β everywhere between."""
    rate = (np.sqrt(high) - np.sqrt(low)) / (np.sqrt(high) + np.sqrt(low))
    return Best(float((2.0 / (np.sqrt(low) + np.sqrt(high))) ** 2), {"beta": float(rate**2)}, float(rate))


def best_nesterov(low: float, high: float) -> Best:
    """Nesterov's method with a constant β on a quadratic (Lessard, Recht and Packard 2016)."""
    root = np.sqrt(3.0 * high / low + 1.0)
    return Best(4.0 / (3.0 * high + low), {"beta": float((root - 2.0) / (root + 2.0))}, float(1.0 - 2.0 / root))


def critical_damping(lr: float, curvature: float) -> float:
    """The β at which momentum neither crawls nor oscillates: (1 − √(ηλ))²."""
    return float((1.0 - np.sqrt(lr * curvature)) ** 2)


def rate(transition: np.ndarray) -> float:
    """The spectral radius of a transition: what the error is multiplied by in a step, in the long run."""
    return float(np.abs(np.linalg.eigvals(transition)).max())


def rates(optimizer: Any, lr: float, curvatures: Sequence[float]) -> tuple[float, ...] | None:
    """The rate in every eigen-direction; None for an optimizer that is not linear on quadratics.

    Args:
        optimizer: a spec of `optim_core.optimizers`.
        lr: η.
        curvatures: the Hessian's eigenvalues, > 0.
    """
    transition = getattr(optimizer, "transition", None)
    return None if transition is None else tuple(rate(transition(lr, curvature)) for curvature in curvatures)


def amplitude(transition: np.ndarray, n_steps: int) -> np.ndarray:
    """A bound on |x_t| for an error that starts at 1 and without velocity, at the steps 0 … T, `(T+1,)`.

    With the eigenvalues σ₁, σ₂ and M₁₁ = m the solution is x_t = c₁σ₁ᵗ + c₂σ₂ᵗ, c₁ = (m−σ₂)/(σ₁−σ₂), so |x_t| ≤ |c₁||σ₁|ᵗ + |c₂||σ₂|ᵗ. Where the two fall
    together the c grow and cancel; there x_t = σ₂ᵗ + (m−σ₂)(σ₁ᵗ⁻¹ + … + σ₂ᵗ⁻¹) gives |x_t| ≤ |σ₂|ᵗ + |m−σ₂| t ρᵗ⁻¹. The smaller of the two counts.
    """
    t = np.arange(n_steps + 1.0)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        if transition.shape == (1, 1):
            alone: np.ndarray = np.abs(transition[0, 0]) ** t
            return alone
        one, two = sorted(np.linalg.eigvals(transition), key=abs, reverse=True)
        first = transition[0, 0]
        share = (first - two) / (one - two) if one != two else np.inf
        apart = np.abs(share) * np.abs(one) ** t + np.abs(1.0 - share) * np.abs(two) ** t
        together = np.abs(two) ** t + np.abs(first - two) * np.where(t > 0, t * np.abs(one) ** np.maximum(t - 1.0, 0.0), 0.0)
        bound: np.ndarray = np.fmin(apart, together)
        return bound


class Bowl(NamedTuple):
    """A quadratic with a minimum, L = L* + ½ (w−w*)ᵀ H (w−w*).

    Attributes:
        minimum: w*, `(n,)`.
        curvatures: the eigenvalues of H, `(n,)`, growing, all > 0.
        directions: its eigenvectors as columns, `(n, n)`.
    """

    minimum: np.ndarray
    curvatures: np.ndarray
    directions: np.ndarray

    @property
    def condition(self) -> float:
        """κ = λ_max/λ_min."""
        return float(self.curvatures[-1] / self.curvatures[0])


def bowl(minimum: np.ndarray, hessian: np.ndarray) -> Bowl | None:
    """The eigen-directions of a quadratic; None where a curvature is not positive.

    Args:
        minimum: `(n,)`.
        hessian: `(n, n)`.
    """
    curvatures, directions = np.linalg.eigh(hessian)
    return Bowl(minimum, curvatures, directions) if curvatures[0] > 0 else None


def components(shape: Bowl, w: np.ndarray) -> np.ndarray:
    """The loss of a path in parts, one for each eigen-direction: ½λ_i (v_i·(w_t − w*))².

    Args:
        shape: the quadratic.
        w: points, `(T+1, n)`.

    Returns:
        `(n, T+1)`; the sum over the directions is L − L*.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        parts: np.ndarray = 0.5 * shape.curvatures[:, None] * (shape.directions.T @ (w - shape.minimum).T) ** 2
        return parts


def envelope(optimizer: Any, lr: float, shape: Bowl, start: np.ndarray, n_steps: int) -> np.ndarray | None:
    """What L − L* of a run cannot exceed, `(T+1,)`: Σ ½λ_i A_i(t)², with A_i the `amplitude` in each direction times the error at the start.

    It holds for a constant η and exact gradients. None for an optimizer that is not linear on quadratics.

    Args:
        optimizer: a spec of `optim_core.optimizers`.
        lr: η.
        shape: the quadratic.
        start: `(n,)`.
        n_steps: T.
    """
    transition = getattr(optimizer, "transition", None)
    if transition is None:
        return None
    errors = shape.directions.T @ (start - shape.minimum)
    with np.errstate(over="ignore", under="ignore"):
        parts = [
            0.5 * curvature * (error * amplitude(transition(lr, curvature), n_steps)) ** 2 for curvature, error in zip(shape.curvatures, errors, strict=True)
        ]
    bound: np.ndarray = np.sum(parts, axis=0)
    return bound


def measured_rate(distances: np.ndarray, first: int, last: int) -> float:
    """The mean factor by which a distance shrinks in a step, (d_last/d_first)^(1/(last−first)); 0 where the point has arrived exactly.

    At critical damping the error is (a + bt)σᵗ, so between the steps 100 and 300 this is up to 3^(1/200) = 1.0055 times the rate σ.

    Args:
        distances: ‖w_t − w*‖, `(T+1,)`.
        first, last: between these steps.
    """
    if distances[first] == 0.0 or distances[last] == 0.0:
        return 0.0
    return float(np.exp((np.log(distances[last]) - np.log(distances[first])) / (last - first)))


class Curvature(NamedTuple):
    """The surface's curvature along a path, all of shape `(T+1,)`.

    Attributes:
        low: λ_min of the Hessian.
        high: λ_max.
        condition: κ = λ_max/λ_min; nan where λ_min is not positive.
    """

    low: np.ndarray
    high: np.ndarray
    condition: np.ndarray


def curvature(hessians: np.ndarray) -> Curvature:
    """Read Hessians `(T+1, n, n)`; what is not finite gives nan."""
    finite = np.isfinite(hessians).all(axis=(1, 2))
    values = np.linalg.eigvalsh(np.where(finite[:, None, None], hessians, 0.0))
    low, high = (np.where(finite, values[:, end], np.nan) for end in (0, -1))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return Curvature(low, high, np.where(low > 0, high / low, np.nan))


def equalised(hessians: np.ndarray, effective_lr: np.ndarray) -> Curvature:
    """The curvature that an optimizer with a step for each coordinate meets: that of D^½ H D^½, with D the effective learning rates on the diagonal.

    Args:
        hessians: `(T, n, n)`, at the points that the steps leave.
        effective_lr: `(T, n)`.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        root = np.sqrt(effective_lr)
        return curvature(root[:, :, None] * hessians * root[:, None, :])
