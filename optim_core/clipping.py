"""Gradient clipping: a wrapper on the gradient, so that every optimizer gets it.

    by norm     g ← g · threshold/‖g‖   where ‖g‖ ≥ threshold: shorter, the same direction
    by value    g_i ← min(max(g_i, −threshold), threshold): each coordinate by itself, which turns the direction

Source: lecture row C11; Pascanu, Mikolov and Bengio 2013. The first keeps the direction of descent; both keep one step off a cliff from throwing the point
out of the valley.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from optim_core.hyper import N_, hyper, spec


def _threshold() -> Any:
    return hyper(1.0, 1e-3, 1e4, symbol="c", scale="log", title=N_("threshold"), help=N_("What is longer than this is cut to it."))


@spec
class ClipByNorm:
    """g ← g · c/‖g‖ where ‖g‖ ≥ c."""

    title: ClassVar[str] = N_("by norm")
    rule: ClassVar[tuple[str, ...]] = (r"\hat g = g \cdot \frac{c}{\lVert g \rVert} \text{ if } \lVert g \rVert \ge c",)

    threshold: float = _threshold()

    def __call__(self, g: jax.Array) -> jax.Array:
        """The clipped gradient, `(n,)`.

        The largest coordinate is divided out first: the square of 10²⁰⁰ would overflow, and its true length does not. XLA divides by multiplying with the
        reciprocal, which for the largest numbers would be 0; hence the sixteenths.
        """
        largest = jnp.max(jnp.abs(g))
        scaled = (g / 16.0) / jnp.where(largest > 0.0, largest / 16.0, 1.0)
        length = jnp.sqrt(jnp.sum(scaled**2))
        return jnp.where(largest * length >= self.threshold, scaled * (self.threshold / jnp.where(length > 0.0, length, 1.0)), g)

    def longest(self, n: int) -> float:
        """The length that no clipped gradient of `n` coordinates exceeds: c."""
        return float(self.threshold)


@spec
class ClipByValue:
    """g_i ← min(max(g_i, −c), c)."""

    title: ClassVar[str] = N_("by value")
    rule: ClassVar[tuple[str, ...]] = (r"\hat g_i = \min(\max(g_i, -c), c)",)

    threshold: float = _threshold()

    def __call__(self, g: jax.Array) -> jax.Array:
        """The clipped gradient, `(n,)`."""
        return jnp.clip(g, -self.threshold, self.threshold)

    def longest(self, n: int) -> float:
        """The length that no clipped gradient of `n` coordinates exceeds: c√n."""
        return float(self.threshold * n**0.5)


CLIPS: Mapping[str, type[Any]] = MappingProxyType({"norm": ClipByNorm, "value": ClipByValue})
"""By their keys in a link."""
