"""Fair timing on a machine that does other things too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def interleaved(contenders: Mapping[str, Callable[[], object]], rounds: int = 15) -> dict[str, list[float]]:
    """Seconds of a call, by name, one figure a round; all take their turn in every round, so that they share the same weather.

    A turn is one untimed call and the median of some 5 ms of calls, three at least: what ran before has emptied the caches, and everything is
    compared warm.
    """
    for call in contenders.values():
        call()
    calls = {name: max(3, int(5e-3 / _timed(call))) for name, call in contenders.items()}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            call()
            seconds[name].append(statistics.median(_timed(call) for _ in range(calls[name])))
    return seconds


def ratio(above: list[float], below: list[float]) -> float:
    """The median of the ratios round by round."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def _timed(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin
