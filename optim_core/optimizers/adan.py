"""Adan: Adam that looks ahead by the change of the gradient, without taking one there.

    Δ_t = g_t − g_{t−1},  Δ_1 = 0
    h_t = β₁ h_{t−1} + (1−β₁) g_t                    ĥ_t = h_t / (1−β₁ᵗ)
    d_t = β₂ d_{t−1} + (1−β₂) Δ_t                    d̂_t = d_t / (1−β₂ᵗ)
    s_t = β₃ s_{t−1} + (1−β₃) (g_t + β₂ Δ_t)²        ŝ_t = s_t / (1−β₃ᵗ)
    w_t = w_{t−1} − η/(√ŝ_t + ε) ⊙ (ĥ_t + β₂ d̂_t)

Source: Xie et al. 2022, with the corrections of the authors' code and its β, the shares kept (the paper's β are 1 minus these); no weight decay. optax 0.2.8
weighs Δ and d̂ by 1−β₂ = 0.08 where paper and code have 0.92: it agrees at β₂ = ½ only. Noise in g enters Δ twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Step


class State(NamedTuple):
    """h_t, d_t, s_t, the averages of gradient, change of gradient and squared sum of both, and the last gradient, `(n,)`; powers of the β, scalars."""

    first_moment: jax.Array
    change: jax.Array
    second_moment: jax.Array
    last_grad: jax.Array
    beta1_power: jax.Array
    beta2_power: jax.Array
    beta3_power: jax.Array


class Inner(NamedTuple):
    """Δ_t, the change of the gradient, and ĥ_t, d̂_t, ŝ_t, the corrected averages, `(n,)`."""

    last_change: jax.Array
    corrected_first_moment: jax.Array
    corrected_change: jax.Array
    corrected_second_moment: jax.Array


@spec
class Adan:
    """ĥ, d̂: corrected averages of g and of its change Δ, ŝ of (g+β₂Δ)²; w ← w − η/(√ŝ+ε) ⊙ (ĥ+β₂d̂)."""

    title: ClassVar[str] = N_("Adan")
    family: ClassVar[Family] = "adam"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "Delta = where(t == 1, 0, g - g_old)",
        "h = beta1 * h_old + (1 - beta1) * g",
        "d = beta2 * d_old + (1 - beta2) * Delta",
        "s = beta3 * s_old + (1 - beta3) * (g + beta2 * Delta)^2",
        "h_hat = h / (1 - beta1^t)",
        "d_hat = d / (1 - beta2^t)",
        "s_hat = s / (1 - beta3^t)",
        "w = w_old - eta / (sqrt(s_hat) + epsilon) * (h_hat + beta2 * d_hat)",
    )
    symbols: ClassVar[Mapping[str, str]] = {
        "g": "last_grad",
        "Delta": "last_change",
        "d": "change",
        "d_hat": "corrected_change",
        "h": "first_moment",
        "s": "second_moment",
        "h_hat": "corrected_first_moment",
        "s_hat": "corrected_second_moment",
    }
    scale_free: ClassVar[bool] = True

    beta1: float = hyper(
        0.98, 0.0, 0.9999, symbol=r"\beta_1", scale="complement_log",
        title=N_("decay of g"), help=N_("Share of the averaged gradient kept from step to step."),
    )  # fmt: skip
    beta2: float = hyper(
        0.92, 0.0, 0.9999, symbol=r"\beta_2", scale="complement_log",
        title=N_("decay of Δ"), help=N_("Share of the averaged change of the gradient kept from step to step, and its weight in the step."),
    )  # fmt: skip
    beta3: float = hyper(
        0.99, 0.0, 0.99999, symbol=r"\beta_3", scale="complement_log",
        title=N_("decay of g²"), help=N_("Share of the averaged squared gradient kept from step to step."),
    )  # fmt: skip
    epsilon: float = hyper(
        1e-8, 1e-12, 0.1, symbol=r"\varepsilon", scale="log",
        title=N_("stabiliser"), help=N_("Keeps the division finite; added to the root."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """h₀ = d₀ = s₀ = 0, β⁰ = 1."""
        nothing, one = jnp.zeros_like(w), jnp.ones((), w.dtype)
        return State(nothing, nothing, nothing, nothing, one, one, one)

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`."""
        g = oracle(w)
        change = jnp.where(t == 1.0, 0.0, g - state.last_grad)
        h = self.beta1 * state.first_moment + (1.0 - self.beta1) * g
        d = self.beta2 * state.change + (1.0 - self.beta2) * change
        s = self.beta3 * state.second_moment + (1.0 - self.beta3) * (g + self.beta2 * change) ** 2
        powers = state.beta1_power * self.beta1, state.beta2_power * self.beta2, state.beta3_power * self.beta3
        h_hat, d_hat, s_hat = (moment / (1.0 - power) for moment, power in zip((h, d, s), powers, strict=True))
        effective_lr = lr / (jnp.sqrt(s_hat) + self.epsilon)
        update = -effective_lr * (h_hat + self.beta2 * d_hat)
        return w + update, State(h, d, s, g, *powers), Step(w, g, update, effective_lr, Inner(change, h_hat, d_hat, s_hat))

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
