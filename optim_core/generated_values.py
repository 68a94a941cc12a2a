"""Data sets that are drawn: heights over a plane, and curves of one variable.

Sources: TensorFlow Playground (`src/dataset.ts`) for plane and hills, with its numbers; lecture rows E2 and B5 (linear regression), B2 (a large network
overfits a few noisy values) and C2 (any continuous curve can be approximated). What `optim_core.generated` says of noise holds here, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from optim_core.generated import Drawn, Task, label_noise, noise_hyper, size_hyper, turns_hyper
from optim_core.hyper import N_, spec

Target = Callable[[np.ndarray], np.ndarray]
"""Values without noise, `(n,)`, at `x (n, d)`."""


def _heights(target: Target, rng: np.random.Generator, size: float, noise: float) -> Drawn:
    """Even in [−6, 6]²; the value is read at a place up to 6 · noise away in each coordinate."""
    u = 12.0 * rng.random((int(size), 4)) - 6.0
    return u[:, :2], target(u[:, :2] + noise * u[:, 2:])


class _Heights:
    task: ClassVar[Task] = "plane"
    names: ClassVar[tuple[str, ...]] = ("x₁", "x₂")
    labels: ClassVar[tuple[str, ...]] = ()


@spec
class Plane(_Heights):
    """y = (x₁ + x₂)/10, from −1.2 to 1.2."""

    title: ClassVar[str] = N_("Plane")
    rows: ClassVar[tuple[str, ...]] = ("B5", "E2")
    note: ClassVar[str] = N_("A tilted plane; a linear model is enough.")
    size: float = size_hyper(500.0)
    noise: float = label_noise()

    def target(self, x: np.ndarray) -> np.ndarray:
        """The value without noise, `(n,)`, at `x (n, 2)`."""
        height: np.ndarray = x.sum(axis=1) / 10.0
        return height

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The points and their values."""
        return _heights(self.target, rng, self.size, self.noise)


@spec
class Hills(_Heights):
    """Three hills and three hollows at {−4, 0, 4} × {2.5, −2.5}: y = ±max(0, 1 − r/2), r being the distance to the nearest centre."""

    title: ClassVar[str] = N_("Hills and hollows")
    rows: ClassVar[tuple[str, ...]] = ("B2", "C2")
    note: ClassVar[str] = N_("Three hills and three hollows on flat ground.")
    size: float = size_hyper(500.0)
    noise: float = label_noise()

    def target(self, x: np.ndarray) -> np.ndarray:
        """The value without noise, `(n,)`, at `x (n, 2)`."""
        centres = np.array([(x1, x2) for x2 in (2.5, -2.5) for x1 in (-4.0, 0.0, 4.0)])
        signs = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
        distance = np.hypot(x[:, :1] - centres[:, 0], x[:, 1:] - centres[:, 1])
        height: np.ndarray = signs[distance.argmin(axis=1)] * np.maximum(0.0, 1.0 - distance.min(axis=1) / 2.0)
        return height

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The points and their values."""
        return _heights(self.target, rng, self.size, self.noise)


def _curve(target: Target, rng: np.random.Generator, size: float, noise: float) -> Drawn:
    """x even in [−3, 3], y = f(x) plus Gaussian noise of this standard deviation."""
    places, deviations = rng.spawn(2)
    x = 6.0 * places.random((int(size), 1)) - 3.0
    return x, target(x) + noise * deviations.standard_normal(len(x))


class _Curve:
    task: ClassVar[Task] = "curve"
    names: ClassVar[tuple[str, ...]] = ("x",)
    labels: ClassVar[tuple[str, ...]] = ()


def _deviation() -> Any:
    return noise_hyper(0.2, N_("How far values lie from the curve, as a standard deviation."))


@spec
class Sine(_Curve):
    """y = sin(turns · πx/3): so many periods over [−3, 3]."""

    title: ClassVar[str] = N_("Sine")
    rows: ClassVar[tuple[str, ...]] = ("B2", "C2")
    note: ClassVar[str] = N_("Few noisy values of a sine: a large network passes through all of them.")
    size: float = size_hyper(30.0)
    noise: float = _deviation()
    turns: float = turns_hyper(1.0, 0.5, 8.0)

    def target(self, x: np.ndarray) -> np.ndarray:
        """The value without noise, `(n,)`, at `x (n, 1)`."""
        value: np.ndarray = np.sin(self.turns * np.pi * x[:, 0] / 3.0)
        return value

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The places and the values there."""
        return _curve(self.target, rng, self.size, self.noise)


@spec
class Square(_Curve):
    """y = 1 where sin(turns · πx/3) ≥ 0, else −1; with one turn a single step at 0."""

    title: ClassVar[str] = N_("Steps")
    rows: ClassVar[tuple[str, ...]] = ("C2",)
    note: ClassVar[str] = N_("Jumps between −1 and 1; a continuous network can only be steep there.")
    size: float = size_hyper(100.0)
    noise: float = _deviation()
    turns: float = turns_hyper(1.0, 0.5, 8.0)

    def target(self, x: np.ndarray) -> np.ndarray:
        """The value without noise, `(n,)`, at `x (n, 1)`."""
        value: np.ndarray = np.where(np.sin(self.turns * np.pi * x[:, 0] / 3.0) >= 0.0, 1.0, -1.0)
        return value

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The places and the values there."""
        return _curve(self.target, rng, self.size, self.noise)


@spec
class Chirp(_Curve):
    """y = sin(2π · turns · u²), u = (x + 3)/6: so many periods, each shorter than the last."""

    title: ClassVar[str] = N_("Faster and faster")
    rows: ClassVar[tuple[str, ...]] = ("B2", "C2")
    note: ClassVar[str] = N_("A wave whose frequency grows: how far does the network follow?")
    size: float = size_hyper(100.0)
    noise: float = _deviation()
    turns: float = turns_hyper(4.0, 1.0, 12.0)

    def target(self, x: np.ndarray) -> np.ndarray:
        """The value without noise, `(n,)`, at `x (n, 1)`."""
        value: np.ndarray = np.sin(2.0 * np.pi * self.turns * ((x[:, 0] + 3.0) / 6.0) ** 2)
        return value

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The places and the values there."""
        return _curve(self.target, rng, self.size, self.noise)
