"""A plan: a warm-up, then a schedule whose clock starts when the warm-up is over.

    η_t = g(t) · η(0)              t < W,   g grows from s to 1
    η_t = η(⌊(t − W)/k⌋)           t ≥ W,   k steps an epoch

Source: lecture rows A6 and C10. The warm-up *shifts* the schedule, as optax.warmup_cosine_decay_schedule and PyTorch's SequentialLR do: a cosine still
starts at its top and has T − W steps left for its whole wave. Multiplying the two instead would start the cosine below its top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, hyper, spec
from optim_core.schedules._clock import clock
from optim_core.types import Schedule


@spec
class WarmUp:
    """η_t = η₀ (s + (1−s) f(t/W)) for t < W, with f from 0 to 1; the shapes of f are its subclasses. η₀ is the rate that the schedule starts with."""

    title: ClassVar[str]
    rows: ClassVar[tuple[str, ...]] = ("A6", "C10")
    rule: ClassVar[tuple[str, ...]]

    steps: float = hyper(
        10.0, 1.0, 10_000.0, symbol="W", scale="integer_log",
        title=N_("warm-up steps"), help=N_("The learning rate grows for so many steps before the schedule begins."),
    )  # fmt: skip
    start: float = hyper(
        0.0, 0.0, 1.0, symbol="s",
        title=N_("start share"), help=N_("First learning rate as a share of the base one; from 0, the first step does not move."),
    )  # fmt: skip

    def factor(self, t: ArrayLike) -> np.ndarray:
        """What the schedule's first rate is multiplied by at the steps `t`: from `start` at 0 to 1 at W, and 1 after it."""
        start = float(self.start)
        return np.asarray(start + (1.0 - start) * self.rise(np.minimum(clock(t) / float(self.steps), 1.0)))

    def rise(self, x: np.ndarray) -> np.ndarray:
        """f: 0 at 0, 1 at 1, growing."""
        raise NotImplementedError


@spec
class LinearWarmUp(WarmUp):
    """A straight line."""

    title: ClassVar[str] = N_("Linear warm-up")
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = \eta_0 \left( s + (1 - s) \frac{t}{W} \right), \quad t < W",)

    def rise(self, x: np.ndarray) -> np.ndarray:
        """f(x) = x."""
        return x


@spec
class CosineWarmUp(WarmUp):
    """Half a wave: slow, fast, slow."""

    title: ClassVar[str] = N_("Cosine warm-up")
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = \eta_0 \left( s + (1 - s) \frac{1 - \cos(\pi t / W)}{2} \right), \quad t < W",)

    def rise(self, x: np.ndarray) -> np.ndarray:
        """f(x) = (1 − cos πx)/2."""
        return np.asarray((1.0 - np.cos(np.pi * x)) / 2.0)


@spec
class ExponentialWarmUp(WarmUp):
    """Slow, then ever faster. Pure growth by a constant factor could not start at 0; shifted by 1, e^{5x} can."""

    title: ClassVar[str] = N_("Exponential warm-up")
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = \eta_0 \left( s + (1 - s) \frac{e^{5 t / W} - 1}{e^5 - 1} \right), \quad t < W",)

    def rise(self, x: np.ndarray) -> np.ndarray:
        """f(x) = (e^{5x} − 1)/(e⁵ − 1)."""
        return np.asarray(np.expm1(5.0 * x) / np.expm1(5.0))


WARMUPS: Mapping[str, type[WarmUp]] = MappingProxyType({"cosine": CosineWarmUp, "exponential": ExponentialWarmUp, "linear": LinearWarmUp})


@dataclass(frozen=True)
class Plan:
    """The learning rate of a whole run; called like a schedule.

    Attributes:
        schedule: a spec of `optim_core.schedules`.
        warmup: goes before it, if any.
        epoch: steps between two ticks of the schedule's clock. 1 counts steps; the number of batches in the data counts epochs.
    """

    schedule: Schedule
    warmup: WarmUp | None = None
    epoch: int = 1

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`. If W ≥ `n_steps`, all of the run is warm-up."""
        step, offset = clock(t), self.offset
        ticks = max(1, -((offset - n_steps) // self.epoch))  # ⌈(n_steps − W)/k⌉
        etas = self.schedule(np.floor(np.maximum(step - offset, 0.0) / self.epoch), ticks, base_lr)  # during the warm-up the clock stands at 0
        if self.warmup is None:
            return etas
        with np.errstate(under="ignore"):
            return np.asarray(etas * self.warmup.factor(step))

    @property
    def offset(self) -> int:
        """W, the steps before the schedule's clock starts."""
        return 0 if self.warmup is None else int(self.warmup.steps)

    @property
    def reaction(self) -> tuple[Any, int, int] | None:
        """(the schedule, W, k) if it reacts to the loss, else None.

        The scan lets it look at the loss before the last step of each epoch, W + k − 1, W + 2k − 1, …, so that a drop begins with an epoch.
        """
        return (self.schedule, self.offset, self.epoch) if getattr(self.schedule, "reacts", False) else None
