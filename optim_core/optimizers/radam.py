"""RAdam: Adam that waits until its mean square rests on enough gradients, and until then walks like momentum.

    h_t = β₁ h_{t−1} + (1−β₁) g_t          ĥ_t = h_t / (1−β₁ᵗ)
    s_t = β₂ s_{t−1} + (1−β₂) g_t²         ŝ_t = s_t / (1−β₂ᵗ)
    ρ∞ = 2/(1−β₂) − 1                      ρ_t = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ)
    r_t = √( (ρ_t−4)(ρ_t−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ_t) )
    w_t = w_{t−1} − η r_t/(√ŝ_t + ε) ⊙ ĥ_t   if ρ_t > 5,   else   w_{t−1} − η ĥ_t

Source: Liu et al. 2020. The paper's limit is 4; its code, PyTorch and optax wait until 5. PyTorch adds ε before correcting s, optax to √ŝ as here. A warm-up in
a formula: with β₂ = 0.999 the first five steps are plain momentum, of length η‖ĥ‖, so η has to suit the gradient's size; then r grows from 0.02 to 1, and η
is Adam's. For β₂ ≤ 2/3 it stays momentum.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """h_t and s_t, the averages of gradient and squared gradient, `(n,)`; β₁ᵗ and β₂ᵗ, scalars."""

    first_moment: jax.Array
    second_moment: jax.Array
    beta1_power: jax.Array
    beta2_power: jax.Array


class Inner(NamedTuple):
    """ĥ_t and ŝ_t, the corrected averages, `(n,)`; ρ∞, ρ_t and r_t, scalars."""

    corrected_first_moment: jax.Array
    corrected_second_moment: jax.Array
    longest: jax.Array
    length: jax.Array
    rectification: jax.Array


@spec
class Radam:
    """ĥ, ŝ as in Adam; w ← w − ηr/(√ŝ+ε) ⊙ ĥ once ρ > 5, before that w ← w − ηĥ."""

    title: ClassVar[str] = N_("RAdam")
    family: ClassVar[Family] = "adam"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "h = beta1 * h_old + (1 - beta1) * g",
        "s = beta2 * s_old + (1 - beta2) * g^2",
        "h_hat = h / (1 - beta1^t)",
        "s_hat = s / (1 - beta2^t)",
        "rho_inf = 2 / (1 - beta2) - 1",
        "rho = rho_inf - 2 * t * beta2^t / (1 - beta2^t)",
        "r = where(rho > 5, sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)), 0)",
        "w = w_old - where(rho > 5, eta * r / (sqrt(s_hat) + epsilon), eta) * h_hat",
    )
    symbols: ClassVar[Mapping[str, str]] = {
        "h": "first_moment",
        "s": "second_moment",
        "h_hat": "corrected_first_moment",
        "s_hat": "corrected_second_moment",
        "rho_inf": "longest",
        "rho": "length",
        "r": "rectification",
    }
    scale_free: ClassVar[bool] = False
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.radam({lr}, b1={beta1}, b2={beta2}, eps={epsilon})"),
    }

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
        """One update from the gradient at `w`. Where ρ ≤ 5, the root may be no number; it is not taken then, and r is 0."""
        g = oracle(w)
        h = self.beta1 * state.first_moment + (1.0 - self.beta1) * g
        s = self.beta2 * state.second_moment + (1.0 - self.beta2) * g**2
        beta1_power = state.beta1_power * self.beta1
        beta2_power = state.beta2_power * self.beta2
        h_hat = h / (1.0 - beta1_power)
        s_hat = s / (1.0 - beta2_power)
        longest = 2.0 / (1.0 - self.beta2) - 1.0
        rho = longest - 2.0 * t * beta2_power / (1.0 - beta2_power)
        r = jnp.where(rho > 5.0, jnp.sqrt((rho - 4.0) * (rho - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * rho)), 0.0)
        effective_lr = lr * jnp.where(rho > 5.0, r / (jnp.sqrt(s_hat) + self.epsilon), 1.0)
        update = -effective_lr * h_hat
        return w + update, State(h, s, beta1_power, beta2_power), Step(w, g, update, effective_lr, Inner(h_hat, s_hat, jnp.asarray(longest), rho, r))

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
