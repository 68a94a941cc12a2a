"""Yogi: Adam whose mean square moves by a fixed share of g², however large it is, so that it never forgets in a hurry.

    h_t = β₁ h_{t−1} + (1−β₁) g_t                          ĥ_t = h_t / (1−β₁ᵗ)
    s_t = s_{t−1} − (1−β₂) sign(s_{t−1} − g_t²) g_t²       ŝ_t = s_t / (1−β₂ᵗ)
    w_t = w_{t−1} − η/(√ŝ_t + ε) ⊙ ĥ_t

Source: Zaheer et al. 2018 (ε = 10⁻³ there), with Adam's corrections and start at zero. The paper's listing corrects nothing and starts s from a first batch;
optax starts h and s at 10⁻⁶ unless told otherwise. After a steep place g² is small, so s hardly falls and the steps stay short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """h_t, the average of the gradient, and s_t, which follows its square, `(n,)`; β₁ᵗ and β₂ᵗ, scalars."""

    first_moment: jax.Array
    second_moment: jax.Array
    beta1_power: jax.Array
    beta2_power: jax.Array


class Inner(NamedTuple):
    """ĥ_t and ŝ_t, the corrected averages, `(n,)`."""

    corrected_first_moment: jax.Array
    corrected_second_moment: jax.Array


@spec
class Yogi:
    """Adam with s ← s − (1−β₂) sign(s−g²) g²."""

    title: ClassVar[str] = N_("Yogi")
    family: ClassVar[Family] = "adam"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "h = beta1 * h_old + (1 - beta1) * g",
        "s = s_old - (1 - beta2) * sign(s_old - g^2) * g^2",
        "h_hat = h / (1 - beta1^t)",
        "s_hat = s / (1 - beta2^t)",
        "w = w_old - eta / (sqrt(s_hat) + epsilon) * h_hat",
    )
    symbols: ClassVar[Mapping[str, str]] = {"h": "first_moment", "s": "second_moment", "h_hat": "corrected_first_moment", "s_hat": "corrected_second_moment"}
    scale_free: ClassVar[bool] = True
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.chain(optax.scale_by_yogi({beta1}, {beta2}, {epsilon}, initial_accumulator_value=0.0), optax.scale_by_learning_rate({lr}))"),
    }

    beta1: float = hyper(
        0.9, 0.0, 0.9999, symbol=r"\beta_1", scale="complement_log",
        title=N_("decay of g"), help=N_("Share of the averaged gradient kept from step to step."),
    )  # fmt: skip
    beta2: float = hyper(
        0.999, 0.0, 0.99999, symbol=r"\beta_2", scale="complement_log",
        title=N_("inertia of s"), help=N_("What is missing to 1 is the share of g² by which s moves in a step."),
    )  # fmt: skip
    epsilon: float = hyper(
        1e-3, 1e-12, 0.1, symbol=r"\varepsilon", scale="log",
        title=N_("stabiliser"), help=N_("Keeps the division finite; added to the root."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """h₀ = s₀ = 0, β⁰ = 1."""
        return State(jnp.zeros_like(w), jnp.zeros_like(w), jnp.ones((), w.dtype), jnp.ones((), w.dtype))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`."""
        g = oracle(w)
        h = self.beta1 * state.first_moment + (1.0 - self.beta1) * g
        s = state.second_moment - (1.0 - self.beta2) * jnp.sign(state.second_moment - g**2) * g**2
        beta1_power = state.beta1_power * self.beta1
        beta2_power = state.beta2_power * self.beta2
        h_hat = h / (1.0 - beta1_power)
        s_hat = s / (1.0 - beta2_power)
        effective_lr = lr / (jnp.sqrt(s_hat) + self.epsilon)
        update = -effective_lr * h_hat
        return w + update, State(h, s, beta1_power, beta2_power), Step(w, g, update, effective_lr, Inner(h_hat, s_hat))

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
