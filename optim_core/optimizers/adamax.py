"""AdaMax: Adam that divides by the largest gradient it remembers, not by a root of squares.

    h_t = β₁ h_{t−1} + (1−β₁) g_t          ĥ_t = h_t / (1−β₁ᵗ)
    u_t = max(β₂ u_{t−1}, |g_t| + ε)
    w_t = w_{t−1} − η/u_t ⊙ ĥ_t

Source: Kingma and Ba 2015, section 7.1; ε, which the paper lacks, is where PyTorch and optax have it. u needs no correction: the first gradient fills it.
No step is longer than η times |ĥ|/u, but one large gradient shortens some 1/(1−β₂) steps after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """h_t, the average of the gradient, and u_t, the decaying largest of its sizes, `(n,)`; β₁ᵗ, a scalar."""

    first_moment: jax.Array
    largest_grad: jax.Array
    beta1_power: jax.Array


class Inner(NamedTuple):
    """ĥ_t, the corrected average, `(n,)`."""

    corrected_first_moment: jax.Array


@spec
class Adamax:
    """ĥ as in Adam; u ← max(β₂u, |g|+ε), w ← w − η/u ⊙ ĥ."""

    title: ClassVar[str] = N_("AdaMax")
    family: ClassVar[Family] = "adam"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "h = beta1 * h_old + (1 - beta1) * g",
        "h_hat = h / (1 - beta1^t)",
        "u = max(beta2 * u_old, abs(g) + epsilon)",
        "w = w_old - eta / u * h_hat",
    )
    symbols: ClassVar[Mapping[str, str]] = {"h": "first_moment", "u": "largest_grad", "h_hat": "corrected_first_moment"}
    scale_free: ClassVar[bool] = True
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.adamax({lr}, b1={beta1}, b2={beta2}, eps={epsilon})"),
        "torch": Peer("torch.optim.Adamax([w], lr={lr}, betas=({beta1}, {beta2}), eps={epsilon})"),
    }

    beta1: float = hyper(
        0.9, 0.0, 0.9999, symbol=r"\beta_1", scale="complement_log",
        title=N_("decay of g"), help=N_("Share of the averaged gradient kept from step to step."),
    )  # fmt: skip
    beta2: float = hyper(
        0.999, 0.0, 0.99999, symbol=r"\beta_2", scale="complement_log",
        title=N_("decay of u"), help=N_("Share of the largest gradient so far kept from step to step."),
    )  # fmt: skip
    epsilon: float = hyper(
        1e-8, 1e-12, 0.1, symbol=r"\varepsilon", scale="log",
        title=N_("stabiliser"), help=N_("Keeps the division finite; added to the gradient's size."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """h₀ = u₀ = 0, β⁰ = 1."""
        return State(jnp.zeros_like(w), jnp.zeros_like(w), jnp.ones((), w.dtype))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`."""
        g = oracle(w)
        h = self.beta1 * state.first_moment + (1.0 - self.beta1) * g
        u = jnp.maximum(self.beta2 * state.largest_grad, jnp.abs(g) + self.epsilon)
        beta1_power = state.beta1_power * self.beta1
        h_hat = h / (1.0 - beta1_power)
        effective_lr = lr / u
        update = -effective_lr * h_hat
        return w + update, State(h, u, beta1_power), Step(w, g, update, effective_lr, Inner(h_hat))

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
