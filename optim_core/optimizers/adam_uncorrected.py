"""Adam without bias correction, and with the stabiliser inside the root.

    h_t = β₁ h_{t−1} + (1−β₁) g_t
    s_t = β₂ s_{t−1} + (1−β₂) g_t²
    w_t = w_{t−1} − η/√(s_t + ε) ⊙ h_t

Source: lecture row C8. With β₂ = 0.999 the first steps are about (1−β₁)/√(1−β₂) ≈ 3.2 times those of `adam`, because s starts at 0 and grows slowly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Step


class State(NamedTuple):
    """h_t and s_t, the averages of gradient and squared gradient, `(n,)`."""

    first_moment: jax.Array
    second_moment: jax.Array


@spec
class AdamUncorrected:
    """h, s: averages of g and g²; w ← w − η/√(s+ε) ⊙ h."""

    title: ClassVar[str] = N_("Adam, uncorrected")
    family: ClassVar[Family] = "adam"
    rows: ClassVar[tuple[str, ...]] = ("C8",)
    rule: ClassVar[tuple[str, ...]] = (
        "h = beta1 * h_old + (1 - beta1) * g",
        "s = beta2 * s_old + (1 - beta2) * g^2",
        "w = w_old - eta / sqrt(s + epsilon) * h",
    )
    symbols: ClassVar[Mapping[str, str]] = {"h": "first_moment", "s": "second_moment"}
    scale_free: ClassVar[bool] = True

    beta1: float = hyper(
        0.9, 0.0, 0.9999, symbol=r"\beta_1", scale="complement_log",
        title=N_("decay of g"), help=N_("Share of the averaged gradient kept from step to step."),
    )  # fmt: skip
    beta2: float = hyper(
        0.999, 0.0, 0.99999, symbol=r"\beta_2", scale="complement_log",
        title=N_("decay of g²"), help=N_("Share of the averaged squared gradient kept from step to step."),
    )  # fmt: skip
    epsilon: float = hyper(
        1e-8, 1e-12, 0.1, symbol=r"\varepsilon", scale="log",
        title=N_("stabiliser"), help=N_("Keeps the division finite; added under the root."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """h₀ = s₀ = 0."""
        return State(jnp.zeros_like(w), jnp.zeros_like(w))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`."""
        g = oracle(w)
        h = self.beta1 * state.first_moment + (1.0 - self.beta1) * g
        s = self.beta2 * state.second_moment + (1.0 - self.beta2) * g**2
        effective_lr = lr / jnp.sqrt(s + self.epsilon)
        update = -effective_lr * h
        return w + update, State(h, s), Step(w, g, update, effective_lr)

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
