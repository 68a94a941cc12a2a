"""The data of a training as text of a program: numbers in full, or one of scikit-learn's tables with the rows that were drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lab.lesson_types import Learned

SCALED = """part = data[train]  # columns are scaled by mean and standard deviation of the training part; constant ones only lose their value
deviation = part.std(axis=0)
constant = (part.min(axis=0) == part.max(axis=0)) | (deviation == 0.0)
data = (data - np.where(constant, part[0], part.mean(axis=0))) / np.where(constant, 1.0, deviation)"""
_SIDES = """points, targets = data[train].T, values[train]  # objects are columns
valid_points, valid_targets = data[valid].T, values[valid]"""


def loader(learned: Learned) -> str:
    """Of `sklearn.datasets`, what reads the table; empty for other data."""
    return str(getattr(learned.recipe.data, "loader", ""))


def data_text(learned: Learned) -> str:
    """Lines that give `points` `(d, n)` and `targets` `(n,)`, and the same of the validation part; classes are numbers from 0."""
    data = learned.data
    if name := loader(learned):
        size, seed = int(learned.recipe.data.size), learned.recipe.data_seed
        lines = [
            f"table = {name}()",
            f"chosen = np.random.default_rng({seed}).spawn(2)[0].permutation(len(table.data))[:{size}]",
            "data, values = table.data[chosen], table.target[chosen].astype(float)",
            f"train = np.array({_wrapped([str(int(i)) for i in data.train])})",
            "valid = np.setdiff1d(np.arange(len(data)), train)",
            *([SCALED] if learned.recipe.standardise else []),
            _SIDES,
        ]
        return "\n".join(lines)
    order = np.concatenate([data.train, data.valid])
    rows = [" ".join([*(_short(number) for number in x), _short(y)]) for x, y in zip(data.x[order].tolist(), data.y[order].tolist(), strict=True)]
    said = "class, from 0" if data.classes else "value"
    scaled = "; columns are scaled" if learned.recipe.standardise else ""
    return "\n".join(
        [
            f"# one object a row, its {said} last; the first {len(data.train)} are learned from{scaled}",
            'table = np.array("""',
            *rows,
            f'""".split(), dtype=float).reshape(-1, {data.x.shape[1] + 1})',
            f"points, targets = table[:{len(data.train)}, :-1].T, table[:{len(data.train)}, -1]  # objects are columns",
            f"valid_points, valid_targets = table[{len(data.train)}:, :-1].T, table[{len(data.train)}:, -1]",
        ]
    )


def _short(number: float) -> str:
    """The shortest text that reads back exactly; whole numbers without a point."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 and (number or np.copysign(1.0, number) > 0) else repr(number)


def _wrapped(words: list[str], each: int = 30) -> str:
    """A list over several lines."""
    return "[\n" + "".join("    " + ", ".join(words[i : i + each]) + ",\n" for i in range(0, len(words), each)) + "]"
