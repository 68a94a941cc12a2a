"""Newton's method, damped: divide the gradient by the curvature, in every direction at once.

    H = ∇²L(w_{t−1}) + μI
    w_t = w_{t−1} − η H⁻¹ ∇L(w_{t−1})

Source: Nocedal and Wright 2006, chapter 3; the damping is Levenberg's (1944) and Marquardt's (1963). With η = 1 and μ → 0 a quadratic takes one step, and near
a minimum the number of right digits doubles each step. It goes to saddles and maxima as willingly, for it solves ∇L = 0; μ above the most negative curvature
turns it downhill again, and a large μ is gradient descent with η/μ. The Hessian is that of the surface, so a step costs n+1 gradients; noise and clipping
leave it alone. In the plane the inverse is written out; else it is a library's, some twenty times slower.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Cost, Family, Oracle, Step


class State(NamedTuple):
    """Newton's method remembers nothing."""


class Inner(NamedTuple):
    """H_t, the Hessian, row after row, `(n²,)`."""

    hessian: jax.Array


@spec
class Newton:
    """w ← w − η(∇²L + μI)⁻¹g."""

    title: ClassVar[str] = N_("Newton")
    family: ClassVar[Family] = "curvature"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = ("H = hessian(w_old)", "w = w_old - eta * solve(H + mu * I, g)")
    symbols: ClassVar[Mapping[str, str]] = {"H": "hessian"}
    scale_free: ClassVar[bool] = True
    cost: ClassVar[Cost] = Cost(gradients=1, hessians=1)
    own_lr: ClassVar[float] = 1.0

    mu: float = hyper(
        1e-3, 1e-6, 1e3, symbol=r"\mu", scale="log",
        title=N_("damping"), help=N_("Added to every curvature; the larger it is, the shorter the step and the closer to plain gradient descent."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """Nothing to remember."""
        return State()

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from gradient and Hessian at `w`. The effective rate is the diagonal of ηH⁻¹."""
        g, hessian = oracle(w), oracle.hessian(w)
        inverse = _inverse(hessian + self.mu * jnp.eye(w.size, dtype=w.dtype))
        update = -lr * (inverse @ g)
        return w + update, state, Step(w, g, update, lr * jnp.diagonal(inverse), Inner(hessian.ravel()))

    def lr_bound(self, curvature: float) -> float | None:
        """η < 2(λ_max+μ)/λ_max: along an eigenvector of curvature λ the error is multiplied by 1 − ηλ/(λ+μ), and the largest λ is the strictest."""
        return 2.0 * (curvature + self.mu) / curvature

    def transition(self, lr: float, curvature: float) -> np.ndarray:
        """x ← (1 − ηλ/(λ+μ)) x in an eigen-direction of curvature λ."""
        return np.array([[1.0 - lr * curvature / (curvature + self.mu)]])


def _inverse(matrix: jax.Array) -> jax.Array:
    if matrix.shape != (2, 2):
        general: jax.Array = jnp.linalg.inv(matrix)
        return general
    (a, b), (c, d) = matrix
    written_out: jax.Array = jnp.stack([d, -b, -c, a]).reshape(2, 2) / (a * d - b * c)
    return written_out
