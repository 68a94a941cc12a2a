"""Adam: momentum divided by RMSprop, both corrected for their start at zero.

    h_t = β₁ h_{t−1} + (1−β₁) g_t          ĥ_t = h_t / (1−β₁ᵗ)
    s_t = β₂ s_{t−1} + (1−β₂) g_t²         ŝ_t = s_t / (1−β₂ᵗ)
    w_t = w_{t−1} − η/(√ŝ_t + ε) ⊙ ĥ_t

Source: lecture row A14; Kingma and Ba 2015. The first step has length η in every coordinate, whatever the gradient's size.
β₁ᵗ and β₂ᵗ are carried as running products: a power in the loop would double its time.
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
    """ĥ_t and ŝ_t, the corrected averages, `(n,)`."""

    corrected_first_moment: jax.Array
    corrected_second_moment: jax.Array


@spec
class Adam:
    """ĥ, ŝ: bias-corrected averages of g and g²; w ← w − η/(√ŝ+ε) ⊙ ĥ."""

    title: ClassVar[str] = N_("Adam")
    family: ClassVar[Family] = "adam"
    rows: ClassVar[tuple[str, ...]] = ("A14",)
    rule: ClassVar[tuple[str, ...]] = (
        "h = beta1 * h_old + (1 - beta1) * g",
        "s = beta2 * s_old + (1 - beta2) * g^2",
        "h_hat = h / (1 - beta1^t)",
        "s_hat = s / (1 - beta2^t)",
        "w = w_old - eta / (sqrt(s_hat) + epsilon) * h_hat",
    )
    symbols: ClassVar[Mapping[str, str]] = {"h": "first_moment", "s": "second_moment", "h_hat": "corrected_first_moment", "s_hat": "corrected_second_moment"}
    scale_free: ClassVar[bool] = True
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.adam({lr}, b1={beta1}, b2={beta2}, eps={epsilon})"),
        "torch": Peer("torch.optim.Adam([w], lr={lr}, betas=({beta1}, {beta2}), eps={epsilon})"),
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
        """One update from the gradient at `w`."""
        g = oracle(w)
        h = self.beta1 * state.first_moment + (1.0 - self.beta1) * g
        s = self.beta2 * state.second_moment + (1.0 - self.beta2) * g**2
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
