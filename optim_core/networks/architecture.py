"""The shape of a small multilayer perceptron: everything about it that is no number to be learnt or moved by a slider.

    H₀ = Xᵀ,   Z_l = W_lᵀ H_{l−1} + b_l,   H_l = f_l(Z_l),   O = head(W_Lᵀ H_{L−1} + b_L)          (lecture rows A1, A3, B4)

All parameters lie in one flat vector `w`, layer after layer, so that every optimizer of the registry trains the network unchanged. A `Network` is static
under jit: another width, depth or activation is another program, a moved slider is not.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import jax
import numpy as np

from optim_core.networks.activations import ACTIVATIONS

Head = Literal["linear", "sigmoid", "softmax"]
Loss = Literal["mse", "mae", "binary", "categorical"]
Norm = Literal["none", "batch", "layer"]
LOSSES: dict[Head, tuple[Loss, ...]] = {"linear": ("mse", "mae"), "sigmoid": ("binary", "mse", "mae"), "softmax": ("categorical", "mse")}
"""The losses that a head may have, the usual one first."""
NORMS: tuple[Norm, ...] = ("none", "batch", "layer")
MAX_DEPTH, MAX_WIDTH = 6, 64


class Layer(NamedTuple):
    """A hidden layer: how many neurons, and a key of `ACTIVATIONS`."""

    width: int
    activation: str


class Part(NamedTuple):
    """Where one array of parameters lies in the flat vector.

    Attributes:
        name: W, b, or γ and β of a norm.
        layer: from 0; the output layer is the last.
        shape: of W `(inputs, channels)`, of the others `(channels,)`.
        where: its slice of the flat vector.
    """

    name: Literal["W", "b", "gamma", "beta"]
    layer: int
    shape: tuple[int, ...]
    where: slice


@jax.tree_util.register_static
@dataclass(frozen=True)
class Network:
    """A multilayer perceptron.

    Attributes:
        inputs: d, the columns of the data.
        hidden: the hidden layers, at most `MAX_DEPTH`.
        outputs: q; 1 for a linear or sigmoid head, the number of classes for softmax.
        head: what the last layer's values mean (lecture row B4).
        loss: what is minimised; cross-entropies are taken of the values before the head, which never overflow.
        norm: between the linear part and the activation of every hidden layer (D12, D14).
        residual: a hidden layer adds its input where the widths are equal (B8, C12).
        dropout: hidden layers drop neurons at training (D11); how many is a number, not part of the shape.
    """

    inputs: int
    hidden: tuple[Layer, ...]
    outputs: int
    head: Head
    loss: Loss
    norm: Norm = "none"
    residual: bool = False
    dropout: bool = False

    def check(self) -> Network:
        """This network, if it is one.

        Raises:
            ValueError: a size is out of range, or a word is unknown.
        """
        if len(self.hidden) > MAX_DEPTH:
            raise ValueError(f"hidden has {len(self.hidden)} layers; allowed are 0 to {MAX_DEPTH}")
        for width, activation in self.hidden:
            if not 1 <= width <= MAX_WIDTH:
                raise ValueError(f"width = {width!r} is outside [1, {MAX_WIDTH}]")
            if activation not in ACTIVATIONS:
                raise ValueError(f"activation = {activation!r} is not one of {', '.join(ACTIVATIONS)}")
        if self.loss not in LOSSES.get(self.head, ()):
            raise ValueError(f"loss = {self.loss!r} does not go with head = {self.head!r}")
        if self.norm not in NORMS:
            raise ValueError(f"norm = {self.norm!r} is not one of {', '.join(NORMS)}")
        if self.inputs < 1 or self.outputs < 1 or (self.head != "softmax" and self.outputs != 1):
            raise ValueError(f"inputs = {self.inputs}, outputs = {self.outputs} do not go with head = {self.head!r}")
        return self

    @property
    def channels(self) -> tuple[int, ...]:
        """What the linear part of each hidden layer gives: its width, or for maxout two pieces of it."""
        return tuple(width * ACTIVATIONS[activation].pieces for width, activation in self.hidden)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The arrays of parameters in the order of the flat vector."""
        return _parts(self)

    @property
    def size(self) -> int:
        """P, the number of parameters."""
        return int(self.parts[-1].where.stop)

    @property
    def stats(self) -> int:
        """S, the numbers that batch norm remembers: a running mean and a running variance for every channel."""
        return 2 * sum(self.channels) if self.norm == "batch" else 0

    def fresh_stats(self) -> np.ndarray:
        """The running statistics before the first batch, mean 0 and variance 1, `(S,)`: of each layer first its means, then its variances."""
        if not self.stats:
            return np.zeros(0)
        return np.concatenate([np.concatenate([np.zeros(count), np.ones(count)]) for count in self.channels])


@functools.lru_cache(1024)
def _parts(network: Network) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    inputs = [network.inputs, *(width for width, _ in network.hidden)]
    for layer, (fan_in, channels) in enumerate(zip(inputs, [*network.channels, network.outputs], strict=True)):
        shapes: dict[Literal["W", "b", "gamma", "beta"], tuple[int, ...]] = {"W": (fan_in, channels), "b": (channels,)}
        if network.norm != "none" and layer < len(network.hidden):
            shapes |= {"gamma": (channels,), "beta": (channels,)}
        for name, shape in shapes.items():
            parts.append(Part(name, layer, shape, slice(at, at := at + math.prod(shape))))
    return tuple(parts)
