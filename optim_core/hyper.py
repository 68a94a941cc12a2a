"""One declaration of a hyper-parameter, for every use of it.

`beta: float = hyper(0.9, 0.0, 0.9999, symbol=r"\\beta", …)` in a class decorated with `@spec` gives the traced leaf under jit, the slider with its range
and scale, the key in a link, the message for a value out of range, and the strategy of the property tests.

A spec's *class* is static under jit and its *fields* are traced numbers, so moving a slider makes a new spec of the same class and nothing recompiles.
`formula: str = text(…)` declares the one other kind of choice, a text that a person types; texts are static, like the class.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import weakref
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, dataclass_transform

import jax
import numpy as np

Scale = Literal["linear", "log", "complement_log", "integer_log", "switch"]
WHOLE: tuple[Scale, ...] = ("integer_log", "switch")
"""Scales of whole numbers."""
T = TypeVar("T")
_SPECS: weakref.WeakSet[type[Any]] = weakref.WeakSet()


def N_(message: str) -> str:
    """Mark a string for the translators and return it unchanged; whoever shows it translates it."""
    return message


@dataclass(frozen=True)
class Hyper:
    """What a person may know of one hyper-parameter.

    Attributes:
        default: the value of the slide, or of the paper.
        low: smallest allowed value.
        high: largest allowed value.
        symbol: LaTeX, as in the lectures.
        title: its name, in English, to be translated by whoever shows it.
        help: one line on what it does, likewise.
        scale: how a slider spreads its values: evenly, evenly in log(x), evenly in log(1 − x), which is dense near 1, or whole numbers evenly in log(x);
            a switch is 0 or 1.
    """

    default: float
    low: float
    high: float
    symbol: str
    title: str
    help: str
    scale: Scale = "linear"

    def allows(self, value: float) -> bool:
        """Whether `value` is a finite number inside the range, and a whole one where the scale says so."""
        return math.isfinite(value) and self.low <= value <= self.high and (self.scale not in WHOLE or float(value).is_integer())


class TextError(ValueError):
    """A person's text is not understood. Whoever shows it translates `message` and fills it in.

    Attributes:
        message: English, marked for the translators, with `{places}` for the details.
        details: what stands in the places; numbers and short texts.
        column: where in the text, from 1; None where no single place is to blame.
    """

    def __init__(self, message: str, column: int | None = None, **details: Any) -> None:
        super().__init__(message.format(**details) + (f" (column {column})" if column else ""))
        self.message, self.column, self.details = message, column, details

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TextError) and (self.message, self.column, self.details) == (other.message, other.column, other.details)

    def __hash__(self) -> int:
        return hash((self.message, self.column))


@dataclass(frozen=True)
class Text:
    """What a person may know of a text they type, such as a formula.

    Attributes:
        default: the text before anything was typed.
        parse: reads it; raises `TextError`.
        symbol, title, help: as in `Hyper`.
    """

    default: str
    parse: Callable[[str], Any]
    symbol: str
    title: str
    help: str


def bends(scale: Scale, low: float) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Along which a range from `low` is even, and back: those of the sliders (`lab/live/scale.js`)."""
    if scale == "complement_log":
        return (lambda v: -np.log(1.0 - v)), (lambda u: 1.0 - np.exp(-u))
    if scale in ("log", "integer_log") and low > 0.0:
        return np.log, np.exp
    return (lambda v: v), (lambda u: u)


def hyper(default: float, low: float, high: float, *, symbol: str, title: str, help: str, scale: Scale = "linear") -> Any:
    """Declare a hyper-parameter as a field of a `@spec` class. The arguments are those of `Hyper`."""
    return dataclasses.field(default=default, metadata={"hyper": Hyper(default, low, high, symbol, title, help, scale)})


def text(default: str, *, parse: Callable[[str], Any], symbol: str, title: str, help: str) -> Any:
    """Declare a text as a field of a `@spec` class. The arguments are those of `Text`."""
    return dataclasses.field(default=default, metadata={"text": Text(default, parse, symbol, title, help)})


@dataclass_transform(frozen_default=True, field_specifiers=(hyper, text))
def spec(cls: type[T]) -> type[T]:
    """Make `cls` a frozen dataclass that is also a JAX pytree: behaviour in the class, numbers in the fields.

    Nothing is validated at construction, because JAX rebuilds specs with tracers inside; `resolve` validates at the border.
    The class itself is the tree's static data. `jax.tree_util.register_dataclass` would not do: it holds two classes with equally many fields for equal
    (jax 0.10.2), and whenever their hashes fall together, jit runs the program of one for the other.
    """
    documented = cls.__doc__
    cls = dataclass(frozen=True)(cls)
    cls.__doc__ = documented  # dataclass makes one up where there is none, and discovery could not tell
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    names = tuple(f.name for f in fields if "text" not in f.metadata)
    written = tuple(f.name for f in fields if "text" in f.metadata)

    plain = (cls,)

    def flatten(instance: T) -> tuple[list[Any], Any]:
        held = instance.__dict__
        return [held[name] for name in names], (cls, *(held[name] for name in written)) if written else plain

    def unflatten(static: tuple[Any, ...], values: Iterable[Any]) -> T:
        return cls(**dict(zip(names, values, strict=True)), **dict(zip(written, static[1:], strict=True)))

    jax.tree_util.register_pytree_node(cls, flatten, unflatten)
    _SPECS.add(cls)
    return cls


def is_spec(cls: type[Any]) -> bool:
    """Whether `cls` itself was made by `@spec`."""
    return cls in _SPECS


def hypers(cls: Any) -> dict[str, Hyper]:
    """The declarations of a spec class (or instance), in the order of its fields."""
    kind: Hashable = cls if isinstance(cls, type) else type(cls)
    return dict(_declared(kind))


def texts(cls: Any) -> Mapping[str, Text]:
    """The declared texts of a spec class (or instance), in the order of its fields."""
    return {f.name: f.metadata["text"] for f in dataclasses.fields(cls) if "text" in f.metadata}


@functools.cache
def _declared(cls: Any) -> tuple[tuple[str, Hyper], ...]:
    return tuple((f.name, f.metadata["hyper"]) for f in dataclasses.fields(cls) if "hyper" in f.metadata)


def resolve(instance: T) -> T:
    """Check every hyper-parameter and give jit the exact dtype it was traced with.

    Args:
        instance: a spec with Python or NumPy numbers in its fields.

    Returns:
        The same spec with `numpy.float64` leaves; one Python int where a float64 was traced would cost a recompilation. A spec with a method `resolved`
        gives what that returns instead: texts are static, and one that changes often is better handed over as data.

    Raises:
        ValueError: a value is not a number, not finite or out of range; the message names argument, value and range.
    """
    cls = type(instance)
    values: dict[str, Any] = {}
    for name, declared in hypers(cls).items():
        raw = getattr(instance, name)
        value = raw if type(raw) is float else _as_float(cls, name, raw)
        if not declared.low <= value <= declared.high:  # false for nan, too
            raise ValueError(f"{cls.__name__}.{name} = {raw!r} is outside [{declared.low:g}, {declared.high:g}]")
        if declared.scale in WHOLE and not value.is_integer():
            raise ValueError(f"{cls.__name__}.{name} = {raw!r} is not a whole number")
        values[name] = np.float64(value)
    made = object.__new__(cls)  # not dataclasses.replace: a frozen __init__ would be a tenth of a short run
    made.__dict__.update(instance.__dict__, **values)
    turn: Callable[[T], T] | None = getattr(cls, "resolved", None)
    return made if turn is None else turn(made)


def _as_float(cls: type[Any], name: str, raw: Any) -> float:
    array = np.asarray(raw)
    if array.ndim or array.dtype.kind not in "fiu":
        raise ValueError(f"{cls.__name__}.{name} = {raw!r} is not a number")
    return float(array)
