"""Round numbers for axes and colour bars."""

from __future__ import annotations

import math
from typing import Any

from lab.figures import frame
from lab.figures.numbers import decade, number_text

TICKS = 6
"""About so many at most."""


def nice(least: float) -> float:
    """The smallest round number, 1, 2, 2.5 or 5 times a power of ten, that is at least `least` > 0."""
    order = math.floor(math.log10(least))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        if (made := factor * 10.0**order) >= least * (1.0 - 1e-9):
            return made
    return 10.0 ** (order + 1)


def linear_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round numbers from `low` to `high` ≥ `low`, at most `TICKS` and one more; `low` alone where there is none."""
    step = nice((high / TICKS - low / TICKS) or 0.1 * abs(high) or 0.1)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(step * place for place in range(first, last + 1)) or (low,)


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Exponents of round numbers between two exponents: of powers of ten or, where few of them lie between, of 1, 2 and 5 times one, or of even numbers."""
    orders = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    stride = next(every for every in (1, 2, 3, 5, 10, 20, 30, 50, 100, 200) if len(orders) <= every * (TICKS + 1))
    if len(whole := tuple(float(order) for order in orders if order % stride == 0)) > 2:
        return whole
    all_orders = range(math.floor(low), math.ceil(high) + 1)
    finer = tuple(order + math.log10(factor) for order in all_orders for factor in (1, 2, 5) if low <= order + math.log10(factor) <= high)
    if len(finer) > 2:
        return finer
    return tuple(math.log10(tick) for tick in linear_ticks(10.0**low, 10.0**high))


def log_texts(exponents: tuple[float, ...]) -> tuple[str, ...]:
    """Numbers by their exponents: as powers of ten where all of them are."""
    if all(exponent.is_integer() for exponent in exponents):
        return tuple(decade(int(exponent)) for exponent in exponents)
    return tuple(number_text(10.0**exponent, 3) for exponent in exponents)


def log_axis_ticks(low: float, high: float) -> dict[str, Any]:
    """Ticks of a logarithmic axis from one exponent to another: powers of ten, or finer ones where there would be less than two."""
    made = frame.decades(low, high)
    if len(made["tickvals"]) > 1:
        return made
    exponents = log_ticks(low, high)
    return {"tickmode": "array", "tickvals": [10.0**exponent for exponent in exponents], "ticktext": list(log_texts(exponents))}
