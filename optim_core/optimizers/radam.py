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

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Step


class State(NamedTuple):
    """h_t and s_t, the averages of gradient and squared gradient, `(n,)`; β₁ᵗ and β₂ᵗ, scalars."""

    first_moment: jax.Array
    second_moment: jax.Array
    beta1_power: jax.Array
    beta2_power: jax.Array


@spec
class Radam:
    """ĥ, ŝ as in Adam; w ← w − ηr/(√ŝ+ε) ⊙ ĥ once ρ > 5, before that w ← w − ηĥ."""

    title: ClassVar[str] = N_("RAdam")
    family: ClassVar[Family] = "adam"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        r"h \leftarrow \beta_1 h + (1-\beta_1)\, g,\quad \hat h = \frac{h}{1-\beta_1^t}",
        r"s \leftarrow \beta_2 s + (1-\beta_2)\, g^2,\quad \hat s = \frac{s}{1-\beta_2^t}",
        r"\rho_\infty = \frac{2}{1-\beta_2} - 1,\quad \rho = \rho_\infty - \frac{2t\beta_2^t}{1-\beta_2^t}",
        r"r = \sqrt{\frac{(\rho-4)(\rho-2)\,\rho_\infty}{(\rho_\infty-4)(\rho_\infty-2)\,\rho}}",
        r"\rho > 5:\ w \leftarrow w - \frac{\eta\, r}{\sqrt{\hat s} + \varepsilon} \odot \hat h,\qquad \rho \le 5:\ w \leftarrow w - \eta\, \hat h",
    )
    scale_free: ClassVar[bool] = False

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
        """One update from the gradient at `w`. Where ρ ≤ 5, r may be no number; it is not taken then."""
        g = oracle(w)
        h = self.beta1 * state.first_moment + (1.0 - self.beta1) * g
        s = self.beta2 * state.second_moment + (1.0 - self.beta2) * g**2
        beta1_power = state.beta1_power * self.beta1
        beta2_power = state.beta2_power * self.beta2
        h_hat = h / (1.0 - beta1_power)
        s_hat = s / (1.0 - beta2_power)
        longest = 2.0 / (1.0 - self.beta2) - 1.0
        rho = longest - 2.0 * t * beta2_power / (1.0 - beta2_power)
        r = jnp.sqrt((rho - 4.0) * (rho - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * rho))
        effective_lr = lr * jnp.where(rho > 5.0, r / (jnp.sqrt(s_hat) + self.epsilon), 1.0)
        update = -effective_lr * h_hat
        return w + update, State(h, s, beta1_power, beta2_power), Step(w, g, update, effective_lr)

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
