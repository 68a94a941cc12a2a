"""AdaDelta: RMSprop that also measures its own steps, so that the step has the units of w and needs no learning rate.

    s_t = γ s_{t−1} + (1−γ) g_t²
    d_t = √(u_{t−1} + ε)/√(s_t + ε) ⊙ g_t
    u_t = γ u_{t−1} + (1−γ) d_t²
    w_t = w_{t−1} − η d_t

Source: Zeiler 2012 (ρ there; η = 1; PyTorch and optax have η). u starts at 0, so the first steps are about η√ε long, whatever the gradient, and the run takes
long to gather pace; a larger ε starts it sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec
from optim_core.types import Family, Oracle, Peer, Step


class State(NamedTuple):
    """s_t and u_t, the running means of the squared gradients and of the squared steps before η, shape `(n,)`."""

    second_moment: jax.Array
    squared_steps: jax.Array


class Inner(NamedTuple):
    """d_t, the step before η, `(n,)`."""

    step: jax.Array


@spec
class Adadelta:
    """d = √(u+ε)/√(s+ε) ⊙ g with s, u the averages of g² and d²; w ← w − ηd."""

    title: ClassVar[str] = N_("AdaDelta")
    family: ClassVar[Family] = "rmsprop"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = (
        "s = gamma * s_old + (1 - gamma) * g^2",
        "d = sqrt(u_old + epsilon) / sqrt(s + epsilon) * g",
        "u = gamma * u_old + (1 - gamma) * d^2",
        "w = w_old - eta * d",
    )
    symbols: ClassVar[Mapping[str, str]] = {"s": "second_moment", "u": "squared_steps", "d": "step"}
    scale_free: ClassVar[bool] = True
    peers: ClassVar[Mapping[str, Peer]] = {
        "optax": Peer("optax.adadelta({lr}, rho={gamma}, eps={epsilon})"),
        "torch": Peer("torch.optim.Adadelta([w], lr={lr}, rho={gamma}, eps={epsilon})"),
    }
    own_lr: ClassVar[float] = 1.0

    gamma: float = hyper(
        0.9, 0.0, 0.9999, symbol=r"\gamma", scale="complement_log",
        title=N_("decay of g² and d²"), help=N_("Share of both averages, of squared gradients and of squared steps, kept from step to step."),
    )  # fmt: skip
    epsilon: float = hyper(
        1e-6, 1e-12, 0.1, symbol=r"\varepsilon", scale="log",
        title=N_("stabiliser"), help=N_("Keeps the division finite and sets the first steps going; added under both roots."),
    )  # fmt: skip

    def init(self, w: jax.Array) -> State:
        """s₀ = u₀ = 0."""
        return State(jnp.zeros_like(w), jnp.zeros_like(w))

    def step(self, oracle: Oracle, w: jax.Array, state: State, lr: jax.Array, t: jax.Array) -> tuple[jax.Array, State, Step]:
        """One update from the gradient at `w`."""
        g = oracle(w)
        s = self.gamma * state.second_moment + (1.0 - self.gamma) * g**2
        rate = jnp.sqrt(state.squared_steps + self.epsilon) / jnp.sqrt(s + self.epsilon)
        u = self.gamma * state.squared_steps + (1.0 - self.gamma) * (rate * g) ** 2
        effective_lr = lr * rate
        update = -effective_lr * g
        return w + update, State(s, u), Step(w, g, update, effective_lr, Inner(rate * g))

    def lr_bound(self, curvature: float) -> float | None:
        """No closed form: the step adapts to the gradient."""
        return None
