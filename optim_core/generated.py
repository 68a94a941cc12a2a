"""Data sets that are drawn: points of a plane, each with a class.

Sources: TensorFlow Playground (`src/dataset.ts`) for circle, XOR, Gauss and spiral, with its numbers; scikit-learn's `make_moons` for the moons; lecture rows
B1 (a line against a hidden layer), B2 (overfitting) and B4 (more than two classes).

A set is a `@spec`. All that is random is drawn first and only then multiplied by `noise`, so a seed has one draw and moving the noise moves its points, or the
places where they get their labels, without a jump. Where places are drawn, fewer points of a seed are the beginning of more.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from optim_core.hyper import N_, hyper, spec

Task = Literal["classes", "plane", "curve"]
"""What is learned: a class, a value over two or more inputs, a value over one."""
Drawn = tuple[np.ndarray, np.ndarray]
"""x `(n, d)` and y `(n,)`, float64."""


def size_hyper(default: float, high: float = 2000.0) -> Any:
    """How many objects; declared alike for every set."""
    return hyper(
        default, 10.0, high, symbol="n", scale="integer_log", title=N_("number of objects"), help=N_("Objects of both parts, to learn from and to judge by.")
    )


def noise_hyper(default: float, help: str) -> Any:
    """How much chance there is; what it does differs from set to set."""
    return hyper(default, 0.0, 1.0, symbol=r"\sigma", title=N_("noise"), help=help)


def label_noise() -> Any:
    """Noise of sets whose points stay, as the Playground has it."""
    return noise_hyper(0.0, N_("How far from a point its label is read, as a share of the picture; the points stay."))


def _scatter(default: float) -> Any:
    return noise_hyper(default, N_("How widely the points of a class scatter: their variance is 0.5 plus 7 times this."))


def turns_hyper(default: float, low: float, high: float) -> Any:
    """How often something turns."""
    return hyper(default, low, high, symbol="k", title=N_("turns"), help=N_("How many times it goes round, or up and down."))


def _classes() -> Any:
    return hyper(3.0, 3.0, 5.0, symbol="c", scale="integer_log", title=N_("number of classes"), help=N_("How many clouds there are."))


def _alternating(n: int) -> np.ndarray:
    """Class of each object, `(n,)`: 1, 0, 1, 0, …"""
    return 1.0 - np.arange(n) % 2.0


def _on_circle(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Points `(n, 2)`, the angle counted from the second axis, as the Playground counts it."""
    return np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])


class _TwoClasses:
    task: ClassVar[Task] = "classes"
    names: ClassVar[tuple[str, ...]] = ("x₁", "x₂")
    labels: ClassVar[tuple[str, ...]] = ("0", "1")


@spec
class Gauss(_TwoClasses):
    """Two round clouds around (2, 2) and (−2, −2); their variance grows from 0.5 to 4 while the noise grows from 0 to 0.5, and on at the same pace."""

    title: ClassVar[str] = N_("Two clouds")
    rows: ClassVar[tuple[str, ...]] = ("B1", "B3")
    note: ClassVar[str] = N_("Two round clouds; a straight line parts them as well as anything can.")
    size: float = size_hyper(500.0)
    noise: float = _scatter(0.0)

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The points and their classes."""
        y = _alternating(int(self.size))
        return (4.0 * y - 2.0)[:, None] + np.sqrt(0.5 + 7.0 * self.noise) * rng.standard_normal((y.size, 2)), y


@spec
class Circle(_TwoClasses):
    """A disc r < 2.5 inside a ring 3.5 < r < 5; the class is read at a place up to 5 · noise away in each coordinate: 1 where that is nearer than 2.5."""

    title: ClassVar[str] = N_("Circle")
    rows: ClassVar[tuple[str, ...]] = ("B1",)
    note: ClassVar[str] = N_("A disc inside a ring; no straight line parts them.")
    size: float = size_hyper(500.0)
    noise: float = label_noise()

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The points and their classes."""
        u = rng.random((int(self.size), 4))
        radius = np.where(_alternating(len(u)) == 1.0, 2.5 * u[:, 0], 3.5 + 1.5 * u[:, 0])
        x = _on_circle(radius, 2.0 * np.pi * u[:, 1])
        read = x + self.noise * (10.0 * u[:, 2:] - 5.0)
        return x, (np.hypot(read[:, 0], read[:, 1]) < 2.5).astype(float)


@spec
class Xor(_TwoClasses):
    """Even in [−5, 5]², moved 0.3 away from the axes; class 1 where x₁x₂ ≥ 0, read at a place up to 5 · noise away in each coordinate."""

    title: ClassVar[str] = N_("XOR")
    rows: ClassVar[tuple[str, ...]] = ("B1",)
    note: ClassVar[str] = N_("Four squares like a chessboard; no straight line parts them.")
    size: float = size_hyper(500.0)
    noise: float = label_noise()

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The points and their classes."""
        u = 10.0 * rng.random((int(self.size), 4)) - 5.0
        x = u[:, :2] + np.where(u[:, :2] > 0.0, 0.3, -0.3)
        return x, (np.prod(x + self.noise * u[:, 2:], axis=1) >= 0.0).astype(float)


@spec
class Moons(_TwoClasses):
    """Two half circles that reach into each other: (cos t, sin t) and (1 − cos t, ½ − sin t) for t evenly from 0 to π; noise is a standard deviation."""

    title: ClassVar[str] = N_("Moons")
    rows: ClassVar[tuple[str, ...]] = ("B1", "B2")
    note: ClassVar[str] = N_("Two half circles that reach into each other.")
    size: float = size_hyper(500.0)
    noise: float = noise_hyper(0.1, N_("How far points are moved at random, as a standard deviation."))

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The points and their classes."""
        y = _alternating(int(self.size))
        along = np.pi * (np.arange(y.size) // 2) / (np.where(y == 1.0, y.sum(), y.size - y.sum()) - 1.0)
        arc = np.column_stack([np.cos(along), np.sin(along)])
        x = np.where(y[:, None] == 1.0, np.array([1.0, 0.5]) - arc, arc)
        return x + self.noise * rng.standard_normal(x.shape), y


@spec
class Spiral(_TwoClasses):
    """Two arms of n/2 points each: r = 5 i/(n/2), angle 2π · turns · i/(n/2), plus π for class 0; noise moves a point by up to as much in each coordinate."""

    title: ClassVar[str] = N_("Spiral")
    rows: ClassVar[tuple[str, ...]] = ("B1", "B2")
    note: ClassVar[str] = N_("Two arms wound around each other; the hardest of these pictures.")
    size: float = size_hyper(500.0)
    noise: float = noise_hyper(0.0, N_("How far points are moved at random, at most, in each coordinate."))
    turns: float = turns_hyper(1.75, 0.25, 3.0)

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The points and their classes."""
        y = _alternating(int(self.size))
        along = (np.arange(y.size) // 2) / (y.size / 2.0)
        x = _on_circle(5.0 * along, 2.0 * np.pi * self.turns * along + np.pi * (1.0 - y))
        return x + self.noise * (2.0 * rng.random(x.shape) - 1.0), y


@spec
class Blobs:
    """Clouds whose centres lie evenly on a circle of radius 4, the first on top; they scatter as `Gauss` does."""

    title: ClassVar[str] = N_("Several clouds")
    rows: ClassVar[tuple[str, ...]] = ("B4",)
    task: ClassVar[Task] = "classes"
    note: ClassVar[str] = N_("Three to five round clouds on a circle, a class each.")
    names: ClassVar[tuple[str, ...]] = ("x₁", "x₂")
    size: float = size_hyper(500.0)
    noise: float = _scatter(0.0)
    classes: float = _classes()

    @property
    def labels(self) -> tuple[str, ...]:
        """What the classes are called."""
        return tuple(str(label) for label in range(int(self.classes)))

    def draw(self, rng: np.random.Generator) -> Drawn:
        """The points and their classes."""
        y = np.arange(int(self.size)) % float(self.classes)
        centre = _on_circle(np.full(y.size, 4.0), 2.0 * np.pi * y / self.classes)
        return centre + np.sqrt(0.5 + 7.0 * self.noise) * rng.standard_normal(centre.shape), y
