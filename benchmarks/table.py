"""A figure beside its target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple


class Row(NamedTuple):
    """One measured figure.

    Attributes:
        what: what was measured.
        value: the figure.
        unit: its unit.
        side: whether it should be at most or at least `target`.
        target: the figure asked for.
    """

    what: str
    value: float
    unit: str
    side: Literal["≤", "≥"]
    target: float

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.value <= self.target if self.side == "≤" else self.value >= self.target


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the rows, each with `ok` or `MISSED`."""
    width = max(len(row.what) for row in rows)
    print(f"\n{title}")
    for row in rows:
        print(f"  {row.what:<{width}}  {row.value:>10,.4g} {row.unit:<3} {row.side} {row.target:>8,g}  {'ok' if row.holds else 'MISSED'}")
