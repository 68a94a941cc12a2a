"""`Run`: one optimizer in a race, with everything that is its own; `Chance`: the noise that all of them meet. With how both stand in a link."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.link import Reader, text_of, written, written_choice
from lab.values import choice, flag, number, whole
from optim_core import optimizers, schedules
from optim_core.clipping import CLIPS
from optim_core.hyper import N_, Hyper, TextError, hypers, texts
from optim_core.noise import DECAYS, Noise
from optim_core.plan import WARMUPS, Plan
from optim_core.registry import key_of

MAX_RUNS = 8
RUN_KEYS = tuple(f"run{index}" for index in range(1, MAX_RUNS + 1))

LR = Hyper(0.1, 1e-5, 10.0, r"\eta", N_("learning rate"), N_("Length of a step: too small crawls, too large jumps over the minimum."), "log")
SEED = Hyper(1, 1, 9999, "", N_("seed"), N_("Another seed draws other noise; the same seed draws the same."), "integer_log")
FAN = Hyper(1, 1, 200, "N", N_("seeds shown"), N_("How many draws of the noise are drawn as faint paths."), "integer_log")
CONSTANT = schedules.REGISTRY["constant"]()


@dataclass(frozen=True)
class Run:
    """One optimizer in the race.

    Attributes:
        optimizer: a spec of `optim_core.optimizers`.
        lr: its base learning rate η₀.
        hidden: kept, but not drawn.
        schedule: a spec of `optim_core.schedules`.
        warmup: a spec of `optim_core.plan.WARMUPS`, or None.
        clip: a spec of `optim_core.clipping`, or None.
    """

    optimizer: Any
    lr: float
    hidden: bool = False
    schedule: Any = CONSTANT
    warmup: Any = None
    clip: Any = None

    @property
    def key(self) -> str:
        """The optimizer's key in the registry."""
        return key_of(optimizers.REGISTRY, self.optimizer)

    @property
    def kind(self) -> Any:
        """The optimizer's class, which knows the update rule."""
        return type(self.optimizer)

    @property
    def steady(self) -> bool:
        """Whether η is the same at every step."""
        return self.schedule == CONSTANT and self.warmup is None

    def unbearable(self, n_steps: int, epoch: int) -> TextError | None:
        """What is wrong with a typed schedule that is understood, but no learning rate for this run: negative or not finite somewhere."""
        if texts(self.schedule):
            try:
                Plan(self.schedule, self.warmup, epoch)(np.arange(n_steps), n_steps, self.lr)
            except TextError as error:
                return error
        return None

    def timed_like(self, other: Run) -> Run:
        """This run under the other one's schedule and warm-up."""
        return dataclasses.replace(self, schedule=other.schedule, warmup=other.warmup)


@dataclass(frozen=True)
class Chance:
    """Noise on every gradient.

    Attributes:
        kind: a key of `optim_core.noise.DECAYS`.
        sigma: σ at the first step.
        seed: names the draw.
        common: every run meets the same noise, so that they differ only in what they make of it.
        fan: as many seeds are drawn as faint paths.
    """

    kind: str = "constant"
    sigma: float = hypers(Noise)["sigma"].default
    seed: int = 1
    common: bool = True
    fan: int = 1

    def noise(self, run: int, member: int) -> Noise:
        """What run `run` (from 0) meets in the fan's draw `member`; its own path is member 0."""
        stream = (self.seed, member) if self.common else (self.seed, member, run + 1)
        return Noise(self.sigma, DECAYS[self.kind], stream)


def suggested_lr(optimizer: Any, surface: Any) -> float:
    """Where a student begins on this surface with this optimizer."""
    if own := getattr(optimizer, "own_lr", None):
        return float(own)
    rates = surface.learning_rates
    return float(rates.scale_free if optimizer.scale_free else rates.gradient)


def default_runs(surface: Any) -> tuple[Run, ...]:
    """The lecture's race: GD, momentum, RMSprop, Adam."""
    registry = optimizers.REGISTRY
    chosen = (registry["gradient_descent"](), registry["momentum"](beta=0.5), registry["rmsprop"](), registry["adam"]())
    return tuple(Run(optimizer, suggested_lr(optimizer, surface)) for optimizer in chosen)


def written_run(run: Run, name: str) -> Iterator[tuple[str, str]]:
    """A run as pairs for a query, under `name`."""
    yield from written_method(run, name)
    yield f"{name}.hidden", str(int(run.hidden))


def written_method(run: Run, name: str) -> Iterator[tuple[str, str]]:
    """The same without whether it is hidden."""
    yield from ((name, run.key), (f"{name}.lr", text_of(run.lr)))
    yield from written(run.optimizer, name)
    yield from written_choice(schedules.REGISTRY, run.schedule, f"{name}.schedule")
    yield from written_choice(WARMUPS, run.warmup, f"{name}.warmup")
    yield from written_choice(CLIPS, run.clip, f"{name}.clip")


def written_chance(chance: Chance | None) -> Iterator[tuple[str, str]]:
    """The noise as pairs for a query."""
    yield "noise", chance.kind if chance else "none"
    if chance:
        yield from (("noise.sigma", text_of(chance.sigma)), ("noise.seed", str(chance.seed)))
        yield from (("noise.common", str(int(chance.common))), ("noise.fan", str(chance.fan)))


def read_chance(reader: Reader) -> Chance | None:
    """What a link says of the noise."""
    kind = reader.take("noise", choice(("none", *DECAYS)), "none")
    if kind == "none":
        return None
    default = Chance()
    sigma = reader.take("noise.sigma", number(hypers(Noise)["sigma"]), default.sigma)
    seed = reader.take("noise.seed", whole(int(SEED.low), int(SEED.high)), default.seed)
    common = reader.take("noise.common", flag, default.common)
    return Chance(kind, sigma, seed, common, reader.take("noise.fan", whole(int(FAN.low), int(FAN.high)), default.fan))


def read_runs(reader: Reader, surface: Any) -> dict[str, Run]:
    """The runs of a link by their names in it; none where it names none."""
    runs = {}
    for name in RUN_KEYS:
        if not reader.has(name):
            continue
        key = reader.take(name, choice(tuple(optimizers.REGISTRY)), "")
        if not key:
            reader.forget(f"{name}.")
            continue
        run = read_method(reader, name, key, surface)
        runs[name] = dataclasses.replace(run, hidden=reader.take(f"{name}.hidden", flag, False))
    return runs


def read_method(reader: Reader, name: str, key: str, surface: Any) -> Run:
    """Optimizer, learning rate, schedule, warm-up and clip of the run called `name` in a link.

    Args:
        reader: of the link.
        name: what the keys begin with.
        key: the optimizer's, in the registry.
        surface: suggests the learning rate where the link has none.
    """
    optimizer = reader.take_spec(optimizers.REGISTRY[key](), name)
    lr = reader.take(f"{name}.lr", number(LR), suggested_lr(optimizer, surface))
    schedule = reader.take_one_of(schedules.REGISTRY, f"{name}.schedule", "constant")
    warmup, clip = reader.take_one_of(WARMUPS, f"{name}.warmup", "none"), reader.take_one_of(CLIPS, f"{name}.clip", "none")
    return Run(optimizer, lr, False, schedule, warmup, clip)
