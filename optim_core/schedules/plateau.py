"""Reduce on plateau: when the loss has not fallen for a while, the learning rate drops.

    L_t < b − ε|b| :       b ← L_t,  k ← 0
    otherwise:             k ← k + 1
    k > K :                f ← max(γ f, η_min/η₀),  k ← 0
    η_{t+1} = f η₀

Source: PyTorch's ReduceLROnPlateau (mode min, relative threshold, no cooldown; its `eps`, a smallest worthwhile drop, is 0 here). Row C10.
It depends on the run, so it lives inside the scan: `react` sees the loss before each step and changes the rate of the next one. A nan loss counts as
bad. For losses below zero PyTorch's relative threshold works backwards, accepting slightly larger ones as better; here the share is of |b|.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec


class State(NamedTuple):
    """Scalars in float64.

    Attributes:
        best: b, the lowest loss that counted.
        bad: k, looks at the loss since then, or since the last drop.
        factor: f, what the planned learning rate is multiplied by.
    """

    best: jax.Array
    bad: jax.Array
    factor: jax.Array


@spec
class Plateau:
    """η drops by γ whenever the loss has not improved for more than K steps."""

    title: ClassVar[str] = N_("Reduce on plateau")
    rows: ClassVar[tuple[str, ...]] = ("C10",)
    rule: ClassVar[tuple[str, ...]] = (
        r"L_t < b - \varepsilon |b|: \quad b \leftarrow L_t, \; k \leftarrow 0",
        r"L_t \ge b - \varepsilon |b|: \quad k \leftarrow k + 1",
        r"k > K: \quad f \leftarrow \max(\gamma f, \; \eta_{\min}/\eta_0), \; k \leftarrow 0",
        r"\eta_{t+1} = f\, \eta_0",
    )
    reacts: ClassVar[bool] = True

    factor: float = hyper(
        0.5, 0.01, 0.99, symbol=r"\gamma",
        title=N_("drop"), help=N_("The learning rate is multiplied by it at each drop."),
    )  # fmt: skip
    patience: float = hyper(
        10.0, 1.0, 10_000.0, symbol="K", scale="integer_log",
        title=N_("patience"), help=N_("So many looks at the loss without improvement are put up with; one more, and the rate drops."),
    )  # fmt: skip
    threshold: float = hyper(
        1e-4, 1e-8, 0.5, symbol=r"\varepsilon", scale="log",
        title=N_("threshold"), help=N_("The loss must fall by more than this share of its best value to count as improved."),
    )  # fmt: skip
    floor: float = hyper(
        0.0, 0.0, 1.0, symbol=r"\eta_{\min}/\eta_0",
        title=N_("smallest share"), help=N_("The learning rate never drops below this share of the base one."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """The planned η, were the loss never to stall: η₀, an array of the shape of `t`. The scan multiplies it by `State.factor`."""
        return np.full(np.shape(t), float(base_lr))

    def init(self) -> State:
        """Before the first loss: anything is better, nothing dropped."""
        return State(*(jnp.asarray(value, jnp.float64) for value in (jnp.inf, 0.0, 1.0)))

    def react(self, state: State, loss: jax.Array) -> State:
        """One look at the loss before a step; `factor` of the result is for the next step."""
        margin = self.threshold * jnp.where(jnp.isinf(state.best), 0.0, jnp.abs(state.best))
        better = loss < state.best - margin  # false for nan
        bad = jnp.where(better, 0.0, state.bad + 1.0)
        drops = bad > self.patience
        factor = jnp.where(drops, jnp.maximum(state.factor * self.factor, self.floor), state.factor)
        return State(jnp.where(better, loss, state.best), jnp.where(drops, 0.0, bad), factor)
