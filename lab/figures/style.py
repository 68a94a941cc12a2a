"""STUB"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

Theme = Literal["light", "dark"]
class RunStyle(NamedTuple):
    """How one run is drawn."""
    color: str
    dash: str
    marker: str
    label: str
def styles(runs: Sequence[Any], theme: Theme, _: Callable[[str], str] = str) -> tuple[RunStyle, ...]:
    return tuple(RunStyle("#0072B2", "solid", "circle", r.optimizer.title) for r in runs)
