"""One declaration of a hyper-parameter, for every use of it.

`beta: float = hyper(0.9, 0.0, 0.9999, symbol=r"\\beta", …)` in a class decorated with `@spec` gives the traced leaf under jit, the slider with its range
and scale, the key in a link, the message for a value out of range, and the strategy of the property tests.

A spec's *class* is static under jit and its *fields* are traced numbers, so moving a slider makes a new spec of the same class and nothing recompiles.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import weakref
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, dataclass_transform

import jax
import numpy as np

Scale = Literal["linear", "log", "complement_log"]
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
        scale: how a slider spreads its values: evenly, evenly in log(x), or evenly in log(1 − x), which is dense near 1.
    """

    default: float
    low: float
    high: float
    symbol: str
    title: str
    help: str
    scale: Scale = "linear"

    def allows(self, value: float) -> bool:
        """Whether `value` is a finite number inside the range."""
        return math.isfinite(value) and self.low <= value <= self.high


def hyper(default: float, low: float, high: float, *, symbol: str, title: str, help: str, scale: Scale = "linear") -> Any:
    """Declare a hyper-parameter as a field of a `@spec` class. The arguments are those of `Hyper`."""
    return dataclasses.field(default=default, metadata={"hyper": Hyper(default, low, high, symbol, title, help, scale)})


@dataclass_transform(frozen_default=True, field_specifiers=(hyper,))
def spec(cls: type[T]) -> type[T]:
    """Make `cls` a frozen dataclass that is also a JAX pytree: behaviour in the class, numbers in the fields.

    Nothing is validated at construction, because JAX rebuilds specs with tracers inside; `resolve` validates at the border.
    The class itself is the tree's static data. `jax.tree_util.register_dataclass` would not do: it holds two classes with equally many fields for equal
    (jax 0.10.2), and whenever their hashes fall together, jit runs the program of one for the other.
    """
    written = cls.__doc__
    cls = dataclass(frozen=True)(cls)
    cls.__doc__ = written  # dataclass makes one up where there is none, and discovery could not tell
    names = tuple(f.name for f in dataclasses.fields(cls))  # type: ignore[arg-type]

    def flatten(instance: T) -> tuple[list[Any], Any]:
        held = instance.__dict__
        return [held[name] for name in names], cls

    def unflatten(_: Hashable, values: Iterable[Any]) -> T:
        return cls(*values)

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


@functools.cache
def _declared(cls: Any) -> tuple[tuple[str, Hyper], ...]:
    return tuple((f.name, f.metadata["hyper"]) for f in dataclasses.fields(cls) if "hyper" in f.metadata)


def resolve(instance: T) -> T:
    """Check every hyper-parameter and give jit the exact dtype it was traced with.

    Args:
        instance: a spec with Python or NumPy numbers in its fields.

    Returns:
        The same spec with `numpy.float64` leaves; one Python int where a float64 was traced would cost a recompilation.

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
        values[name] = np.float64(value)
    made = object.__new__(cls)  # not dataclasses.replace: a frozen __init__ would be a tenth of a short run
    made.__dict__.update(instance.__dict__, **values)
    return made


def _as_float(cls: type[Any], name: str, raw: Any) -> float:
    array = np.asarray(raw)
    if array.ndim or array.dtype.kind not in "fiu":
        raise ValueError(f"{cls.__name__}.{name} = {raw!r} is not a number")
    return float(array)
