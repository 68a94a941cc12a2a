"""Numbers as a reader wants them: 4 significant digits, 2.5·10⁻⁴ instead of 2.5e-04, a real minus sign."""

from __future__ import annotations

import math

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_text(value: float, digits: int = 4) -> str:
    """`value` to `digits` significant digits.

    Below 10⁻³ and from 10⁴ on it is written with a power of ten. Infinity is ∞; what is not a number is NaN.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    order = int(exponent)
    if -3 <= order < 4:
        places = max(digits - 1 - order, 0)
        text = f"{value:.{places}f}"
        return _trimmed(text)
    factor = _trimmed(mantissa)
    sign, factor = ("−", factor[1:]) if factor.startswith("−") else ("", factor)
    return f"{sign}{power(order)}" if factor == "1" else f"{sign}{factor}·{power(order)}"


def power(order: int) -> str:
    """10 to the power `order`: 10⁻³."""
    return "10" + str(order).translate(_SUPERSCRIPTS)


def decade(order: int) -> str:
    """A power of ten as a tick of an axis: 1, 10, 10²."""
    return {0: "1", 1: "10"}.get(order, power(order))


def _trimmed(text: str) -> str:
    """Without trailing zeros after the point, with a real minus."""
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
