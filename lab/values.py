"""Text from a person → a value, or what would have been allowed. Pure; whoever shows a `Problem` translates it.

A parser maps a text to `(value, allowed)`; the value is None when the text is not understood. `allowed` is either two numbers, a range, or the words to
choose from, or what is wrong with a formula and where. pydantic was looked at: its errors are English prose, and ours must name key, value and range in
the reader's language.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optim_core.hyper import Hyper, Text, TextError

Allowed = tuple[float, float] | tuple[str, ...] | TextError
Parser = Callable[[str], tuple[Any, Allowed]]

_GROUPED = re.compile(r",\d{3}$")  # 1,000 is a thousand to some and one to others
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


@dataclass(frozen=True)
class Problem:
    """Something a person wrote that is not understood.

    Attributes:
        key: which value; a key of the link.
        given: what was written, shortened.
        allowed: lowest and highest number, or the words to choose from, or what is wrong with a longer text; empty when the key itself is unknown.
    """

    key: str
    given: str
    allowed: Allowed

    def message(self, translate: Callable[[str], str], quote: Callable[[str], str] = str) -> str:
        """One sentence that names the value and what is allowed.

        Args:
            translate: into the reader's language.
            quote: makes a text from outside harmless in whatever shows the sentence.
        """
        if self.allowed == ():
            return translate("{key} is not known here and was left out.").format(key=quote(self.key))
        written = quote(f"{self.key} = {self.given}")
        return f"{written}: {self.allowance(translate, quote)}"

    def allowance(self, translate: Callable[[str], str], quote: Callable[[str], str] = str) -> str:
        """What is allowed, without naming the key: the words beside a control. The arguments are those of `message`."""
        if isinstance(self.allowed, TextError):
            return _explained(self.allowed, translate, quote)
        if not self.allowed:
            return translate("no such value")
        if isinstance(self.allowed[0], str):
            return translate("allowed are {options}").format(options=", ".join(str(option) for option in self.allowed))
        low, high = self.allowed
        return translate("allowed is a number from {low} to {high}").format(low=f"{low:g}", high=f"{high:g}")


def _explained(error: TextError, translate: Callable[[str], str], quote: Callable[[str], str]) -> str:
    def shown(value: Any) -> str:
        if isinstance(value, TextError):
            return _explained(value, translate, quote)
        return quote(value) if isinstance(value, str) else f"{value:.4g}" if isinstance(value, float) else str(value)

    details = {name: shown(value) for name, value in error.details.items()}
    said = translate(error.message).format(**details)
    return said if error.column is None else translate("{said} (at character {column})").format(said=said, column=error.column)


def parse_number(text: str) -> float | None:
    """A decimal number, with a point or one comma, and a real minus sign if need be; nothing else is a number, nan and inf included."""
    cleaned = text.strip().replace("−", "-").replace(",", ".")
    value = float(cleaned) if len(cleaned) <= 40 and _NUMBER.fullmatch(cleaned) else math.nan
    return value if math.isfinite(value) else None


def number(declared: Hyper) -> Parser:
    """A number inside the declared range."""

    def parse(text: str) -> tuple[Any, Allowed]:
        value = parse_number(text)
        return (value if value is not None and declared.allows(value) else None), (declared.low, declared.high)

    return parse


def text(declared: Text) -> Parser:
    """A text that its declaration can read; it stays as it was written."""

    def parse(text: str) -> tuple[Any, Allowed]:
        try:
            declared.parse(text)
        except TextError as error:
            return None, error
        return text, ()

    return parse


def whole(low: int, high: int) -> Parser:
    """A whole number."""

    def parse(text: str) -> tuple[Any, Allowed]:
        value = None if _GROUPED.search(text) else parse_number(text)
        fits = value is not None and value.is_integer() and low <= value <= high
        return (int(value) if fits and value is not None else None), (low, high)

    return parse


def choice(options: tuple[str, ...]) -> Parser:
    """One of some words."""

    def parse(text: str) -> tuple[Any, Allowed]:
        return (text if text in options else None), options

    return parse


def flag(text: str) -> tuple[Any, Allowed]:
    """0 or 1."""
    return {"0": False, "1": True}.get(text), ("0", "1")


def place(domain: Any) -> Parser:
    """One number `w` inside the range of a curve, as a point of one coordinate."""
    low, high = domain.w1

    def parse(text: str) -> tuple[Any, Allowed]:
        w = parse_number(text)
        return ((w,) if w is not None and low <= w <= high else None), (low, high)

    return parse


def point(domain: Any) -> Parser:
    """Two numbers `w₁,w₂` inside a rectangle; with decimal commas, separated by a semicolon."""
    allowed = (f"{domain.w1[0]:g} ≤ w₁ ≤ {domain.w1[1]:g}", f"{domain.w2[0]:g} ≤ w₂ ≤ {domain.w2[1]:g}")

    def parse(text: str) -> tuple[Any, Allowed]:
        parts = [parse_number(part) for part in (text.split(";") if ";" in text else text.split(","))]
        if len(parts) != 2 or parts[0] is None or parts[1] is None:
            return None, allowed
        w1, w2 = parts
        inside = domain.w1[0] <= w1 <= domain.w1[1] and domain.w2[0] <= w2 <= domain.w2[1]
        return ((w1, w2) if inside else None), allowed

    return parse
