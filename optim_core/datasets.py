"""Data sets to learn from: the registry, the split into a part to learn from and one to judge by, and the scaling of columns.

    x ← (x − m)/s,   m and s: mean and standard deviation of each column over the training part alone

Source: lecture rows A9 and D8 (scaling), B6 (a validation part). The sets themselves are in `optim_core.generated`, `generated_values` and
`tables`; `optim_core.csv_table` reads a person's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np

from optim_core.generated import Blobs, Circle, Drawn, Gauss, Moons, Spiral, Task, Xor
from optim_core.generated_values import Chirp, Hills, Plane, Sine, Square
from optim_core.hyper import N_, Hyper, resolve
from optim_core.tables import BreastCancer, Digits, Iris, Wine


class Dataset(Protocol):
    """A set that can be drawn. Its fields are its hyper-parameters (`optim_core.hyper`)."""

    @property
    def title(self) -> str:
        """The name a reader sees."""

    @property
    def rows(self) -> tuple[str, ...]:
        """Lecture rows it serves."""

    @property
    def note(self) -> str:
        """What it is, in one line."""

    @property
    def task(self) -> Task:
        """What is learned. A set with values that is drawn also has `target(x (n, d)) -> (n,)`, the values without noise."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns, d of them."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the classes; empty where values are learned."""

    def draw(self, rng: np.random.Generator) -> Drawn:
        """x `(n, d)` and y `(n,)`, float64: the class's index from 0, or the value."""


DATASETS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "gauss": Gauss, "circle": Circle, "xor": Xor, "moons": Moons, "blobs": Blobs, "spiral": Spiral,
        "plane": Plane, "hills": Hills, "sine": Sine, "square": Square, "chirp": Chirp,
        "iris": Iris, "wine": Wine, "breast_cancer": BreastCancer, "digits": Digits,
    }
)  # fmt: skip
"""Key → class of a `Dataset`: points with classes, surfaces and curves, tables; within each from easy to hard."""

TRAIN_SHARE = Hyper(
    0.5, 0.05, 0.95, r"p", N_("training share"), N_("Share of the objects to learn from; the others only judge.")
)  # fmt: skip
"""Which shares of the objects may be learned from."""


class Data(NamedTuple):
    """Objects, split into a part to learn from and a part to judge by.

    Attributes:
        x: `(n, d)`, float64; scaled if that was asked for.
        y: `(n,)`, float64: the class's index 0…c−1, or the value, which is never scaled.
        classes: c ≥ 2, or 0 for regression.
        names: of the columns, d of them, plain text.
        labels: of the classes, c of them, plain text.
        train: `(n_train,)`, rising indices of the objects to learn from.
        valid: `(n_valid,)`, likewise all others.
    """

    x: np.ndarray
    y: np.ndarray
    classes: int
    names: tuple[str, ...]
    labels: tuple[str, ...]
    train: np.ndarray
    valid: np.ndarray


def prepare(dataset: Dataset, seed: int, train_share: float, standardise: bool) -> Data:
    """Draw a set, split it and, if asked, scale its columns.

    Each class is split in the same proportion, up to one object, and each part has at least one object. Who learns and who judges is drawn apart from the
    points, so a little more noise or a few more objects move hardly any to the other part.

    Args:
        dataset: a class of `DATASETS` with its numbers, or an `Uploaded`.
        seed: a whole number ≥ 0; the same seed gives the same data.
        train_share: share of the objects to learn from.
        standardise: give every column mean 0 and standard deviation 1 over the training part; a column that is constant there only has its mean taken away.

    Raises:
        ValueError: a number of the set, the seed or the share is out of range.
    """
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise ValueError(f"seed = {seed!r} is not a whole number ≥ 0")
    if not isinstance(train_share, int | float | np.floating) or not TRAIN_SHARE.allows(train_share):
        raise ValueError(f"train_share = {train_share!r} is outside [{TRAIN_SHARE.low:g}, {TRAIN_SHARE.high:g}]")
    dataset = resolve(dataset)
    points, parts = np.random.default_rng(seed).spawn(2)
    x, y = dataset.draw(points)
    labels = dataset.labels
    learns = _split(y if labels else np.zeros_like(y), train_share, parts.random(len(y)))
    train, valid = np.flatnonzero(learns), np.flatnonzero(~learns)
    return Data(_standardised(x, x[train]) if standardise else x, y, len(labels), dataset.names, labels, train, valid)


def _split(y: np.ndarray, share: float, ranks: np.ndarray) -> np.ndarray:
    """Who learns, `(n,)` of bool: of each class those of the lowest ranks. scikit-learn's `train_test_split` refuses a class of one object, or fewer objects
    in a part than classes, and lets one label that changes shuffle all."""
    n, begin = len(y), 0
    n_train = min(max(round(share * n), 1), n - 1)
    learns = np.zeros(n, bool)
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        end = begin + len(members)
        quota = end * n_train // n - begin * n_train // n  # the quotas of all classes add up to n_train
        learns[members[np.argsort(ranks[members])[:quota]]] = True
        begin = end
    return learns


def _standardised(x: np.ndarray, train: np.ndarray) -> np.ndarray:
    deviation = train.std(axis=0)
    constant = (train.min(axis=0) == train.max(axis=0)) | (deviation == 0.0)  # rounding may give one a tiny deviation, or numbers of 1e-200 none
    centre = np.where(constant, train[0], train.mean(axis=0))
    scaled: np.ndarray = (x - centre) / np.where(constant, 1.0, deviation)
    return scaled


def principal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The plane in which points spread most, for a picture of many columns: a point is drawn at `(x − centre) @ axes.T`.

    Args:
        x: `(n, d)`, finite, n ≥ 2 and d ≥ 2.

    Returns:
        The mean, `(d,)`; two orthogonal axes of length 1, `(2, d)`, the one of larger spread first, the largest entry of each positive so that a picture does
        not flip; and the share of the variance along each, `(2,)`, 0 where all points coincide.

    Raises:
        ValueError: `x` is of another shape or not finite.
    """
    if x.ndim != 2 or min(x.shape) < 2 or not np.isfinite(x).all():
        raise ValueError(f"x of shape {x.shape} is not a finite array (n ≥ 2, d ≥ 2)")
    centre = x.mean(axis=0)
    _, spread, axes = np.linalg.svd(x - centre, full_matrices=False)
    axes = axes[:2] * np.sign(axes[np.arange(2), np.abs(axes[:2]).argmax(axis=1)])[:, None]
    total = np.sum(spread**2)
    return centre, axes, spread[:2] ** 2 / total if total > 0.0 else np.zeros(2)
