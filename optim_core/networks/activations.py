"""The activations of the lectures: their formulas, each beside the function that is computed.

Source: lecture rows A2, B9 and C1. The slides give leaky ReLU two slopes, 0.1 (A2) and 0.01 (C1), so there are two. The slope at a corner is that of PyTorch:
0 for ReLU at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import N_

Array = jax.Array


class Activation(NamedTuple):
    """What a hidden layer does to its values.

    Attributes:
        title: the name a reader sees.
        formula: LaTeX.
        function: `(channels, n)` → `(width, n)`.
        pieces: channels for each neuron; two for maxout.
        range: the values it can take, if they are bounded on both sides: near its ends the slope vanishes.
    """

    title: str
    formula: str
    function: Callable[[Array], Array]
    pieces: int = 1
    range: tuple[float, float] | None = None


def _step(z: Array) -> Array:
    return jnp.where(z > 0.0, 1.0, 0.0)


def _leaky(slope: float) -> Callable[[Array], Array]:
    return lambda z: jnp.where(z > 0.0, z, slope * z)


def _elu(z: Array) -> Array:
    return jnp.where(z > 0.0, z, jnp.expm1(jnp.where(z > 0.0, 0.0, z)))  # without the inner where e^z overflows in the branch that is not taken


def _maxout(z: Array) -> Array:
    one, other = jnp.split(z, 2)
    return jnp.maximum(one, other)


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "linear": Activation(N_("linear"), "f(z) = z", lambda z: z),
        "step": Activation(N_("binary step"), r"f(z) = [z > 0]", _step, range=(0.0, 1.0)),
        "sigmoid": Activation(N_("sigmoid"), r"f(z) = \frac{1}{1 + e^{-z}}", jax.nn.sigmoid, range=(0.0, 1.0)),
        "tanh": Activation("tanh", r"f(z) = \tanh z", jnp.tanh, range=(-1.0, 1.0)),
        "relu": Activation("ReLU", r"f(z) = \max(0, z)", jax.nn.relu),
        "leaky_relu_01": Activation(N_("leaky ReLU, 0.1"), r"f(z) = \max(0.1 z, z)", _leaky(0.1)),
        "leaky_relu_001": Activation(N_("leaky ReLU, 0.01"), r"f(z) = \max(0.01 z, z)", _leaky(0.01)),
        "elu": Activation("ELU", r"f(z) = z \text{ if } z > 0 \text{ else } e^z - 1", _elu),
        "softplus": Activation("softplus", r"f(z) = \ln(1 + e^z)", jax.nn.softplus),
        "maxout": Activation("maxout", r"f(z_1, z_2) = \max(z_1, z_2)", _maxout, pieces=2),
    }
)
