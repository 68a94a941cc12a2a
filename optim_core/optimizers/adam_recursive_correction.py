"""Not Adam: a slide read to the letter, with the correction printed inside the recursion.

    h_t = (β₁ h_{t−1} + (1−β₁) g_t) / (1−β₁ᵗ)
    s_t = (β₂ s_{t−1} + (1−β₂) g_t²) / (1−β₂ᵗ)
    w_t = w_{t−1} − η/(√s_t + ε) ⊙ h_t

Source: lecture row D10. The corrected moments are fed back and corrected again: s grows far beyond the mean square of the gradients (its factor
β₂/(1−β₂ᵗ) exceeds 1 for some 6,900 steps at β₂ = 0.999), so the point soon hardly moves. Kept to show the difference; `adam` is the algorithm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Step


class State(NamedTuple):
    """h_t and s_t as fed back, `(n,)`; β₁ᵗ and β₂ᵗ, scalars."""

    first_moment: jax.Array
    second_moment: jax.Array
    beta1_power: jax.Array
    beta2_power: jax.Array


@spec
class AdamRecursiveCorrection:
    """h and s divided by 1−βᵗ inside their own recursion; w ← w − η/(√s+ε) ⊙ h."""

    title: ClassVar[str] = N_("Not Adam: correction fed back")
    family: ClassVar[Family] = "adam"
    rows: ClassVar[tuple[str, ...]] = ("D10",)
    rule: ClassVar[tuple[str, ...]] = (
        "h = (beta1 * h_old + (1 - beta1) * g) / (1 - beta1^t)",
        "s = (beta2 * s_old + (1 - beta2) * g^2) / (1 - beta2^t)",
        "w = w_old - eta / (sqrt(s) + epsilon) * h",
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
        title=N_("stabiliser"), help=N_("Keeps the division finite; added to the root."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """h₀ = s₀ = 0, β⁰ = 1."""
        return State(jnp.zeros_like(w), jnp.zeros_like(w), jnp.ones((), w.dtype), jnp.ones((), w.dtype))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`."""
        g = oracle(w)
        beta1_power = state.beta1_power * self.beta1
        beta2_power = state.beta2_power * self.beta2
        h = (self.beta1 * state.first_moment + (1.0 - self.beta1) * g) / (1.0 - beta1_power)
        s = (self.beta2 * state.second_moment + (1.0 - self.beta2) * g**2) / (1.0 - beta2_power)
        effective_lr = lr / (jnp.sqrt(s) + self.epsilon)
        update = -effective_lr * h
        return w + update, State(h, s, beta1_power, beta2_power), Step(w, g, update, effective_lr)

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
