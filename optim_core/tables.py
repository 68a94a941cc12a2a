"""Data sets that are measured: four of scikit-learn's, which come with it, and a person's own table from a text file.

Sources: `sklearn.datasets` for the digits (8×8 pixels), Iris, Wine and Breast Cancer; lecture rows A9 and D8 (columns of very different size), A16 (digits) and
B4 (several classes). `optim_core.csv_table` reads an own table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, NamedTuple

import numpy as np

from optim_core.generated import Drawn, Task, size_hyper
from optim_core.hyper import N_, spec


class _Bundled(NamedTuple):
    x: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]
    labels: tuple[str, ...]


@cache
def _bundled(loader: str) -> _Bundled:
    import sklearn.datasets  # slow to import, and only those who open a table need it

    read = getattr(sklearn.datasets, loader)()
    names, labels = (tuple(str(word) for word in words) for words in (read.feature_names, read.target_names))
    return _Bundled(np.asarray(read.data, float), np.asarray(read.target, float), names, labels)


class _Sklearn:
    task: ClassVar[Task] = "classes"
    loader: ClassVar[str]
    size: Any

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns are called."""
        return _bundled(self.loader).names

    @property
    def labels(self) -> tuple[str, ...]:
        """What the classes are called."""
        return _bundled(self.loader).labels

    def draw(self, rng: np.random.Generator) -> Drawn:
        """So many rows of the table, in the order of this draw."""
        table = _bundled(self.loader)
        chosen = rng.permutation(len(table.x))[: int(self.size)]
        return table.x[chosen], table.y[chosen]


def _size(n: float) -> Any:
    return size_hyper(n, n)


@spec
class Iris(_Sklearn):
    """Fisher 1936: 150 flowers, 4 lengths in cm, 3 species."""

    title: ClassVar[str] = N_("Iris")
    rows: ClassVar[tuple[str, ...]] = ("B4",)
    note: ClassVar[str] = N_("150 flowers of three species, four lengths of each.")
    loader: ClassVar[str] = "load_iris"
    size: float = _size(150.0)


@spec
class Wine(_Sklearn):
    """178 wines of 3 growers, 13 measurements between 0.1 and 1700."""

    title: ClassVar[str] = N_("Wine")
    rows: ClassVar[tuple[str, ...]] = ("A9", "B4", "D8")
    note: ClassVar[str] = N_("178 wines of three growers; one measurement is a thousand times another.")
    loader: ClassVar[str] = "load_wine"
    size: float = _size(178.0)


@spec
class BreastCancer(_Sklearn):
    """569 tumours, 30 measurements of their cells, malignant or benign."""

    title: ClassVar[str] = N_("Breast cancer")
    rows: ClassVar[tuple[str, ...]] = ("A9", "D8")
    note: ClassVar[str] = N_("569 tumours, 30 measurements of each; malignant or benign.")
    loader: ClassVar[str] = "load_breast_cancer"
    size: float = _size(569.0)


@spec
class Digits(_Sklearn):
    """1797 handwritten digits of 8×8 pixels, each from 0 to 16."""

    title: ClassVar[str] = N_("Digits")
    rows: ClassVar[tuple[str, ...]] = ("A16", "B4")
    note: ClassVar[str] = N_("1797 handwritten digits of 8×8 pixels.")
    loader: ClassVar[str] = "load_digits"
    size: float = _size(1797.0)


@dataclass(frozen=True)
class Table:
    """An own table. Two are equal if their files are.

    Attributes:
        names: of the columns, d of them, plain text as it was written.
        labels: of the classes; empty for regression.
        x: `(n, d)`, float64.
        y: `(n,)`, float64: the class's index, or the value.
        classes: how many; 0 for regression.
        digest: SHA-256 of the file.
    """

    names: tuple[str, ...] = field(compare=False)
    labels: tuple[str, ...] = field(compare=False)
    x: np.ndarray = field(compare=False, repr=False)
    y: np.ndarray = field(compare=False, repr=False)
    classes: int = field(compare=False)
    digest: str


@dataclass(frozen=True)
class Uploaded:
    """An own table as a data set: all its rows, in the order of a draw."""

    title: ClassVar[str] = N_("Own table")
    rows: ClassVar[tuple[str, ...]] = ()
    note: ClassVar[str] = N_("A text file with columns of numbers and a label.")
    table: Table

    @property
    def task(self) -> Task:
        """Classes, or values over several columns."""
        return "classes" if self.table.classes else "plane"

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns are called."""
        return self.table.names

    @property
    def labels(self) -> tuple[str, ...]:
        """What the classes are called."""
        return self.table.labels

    @property
    def size(self) -> int:
        """How many objects there are."""
        return len(self.table.x)

    def draw(self, rng: np.random.Generator) -> Drawn:
        """All rows, in the order of this draw."""
        order = rng.permutation(len(self.table.x))
        return self.table.x[order], self.table.y[order]
