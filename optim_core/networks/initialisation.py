"""How weights begin: the slides' ways and those that libraries use. Biases begin at 0, γ of a norm at 1, its β at 0.

    Var(z) = n · Var(w) · Var(x)        (lecture row A16)

so that a layer of n inputs keeps the size of its signal when Var(w) = 1/n. Source: rows A16, A17 and B10; Glorot and Bengio 2010; He et al. 2015; Saxe et
al. 2014. Ways that draw from a normal distribution draw the same numbers for the same seed and only scale them: two trainings then differ in nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from optim_core.hyper import N_, hyper, resolve, spec
from optim_core.networks.architecture import Network


@spec
class Zero:
    """All weights 0: all neurons of a layer stay equal, and the network does not learn."""

    title: ClassVar[str] = N_("zero")
    rule: ClassVar[str] = "w = 0"

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        """`(fan_in, fan_out)`."""
        return np.zeros((fan_in, fan_out))


@spec
class Constant:
    """All weights the same number: all neurons of a layer get the same gradient (lecture row A17)."""

    title: ClassVar[str] = N_("constant")
    rule: ClassVar[str] = "w = c"

    c: float = hyper(0.5, -2.0, 2.0, symbol="c", title=N_("constant"), help=N_("Every weight begins with this number."))

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        """`(fan_in, fan_out)`."""
        return np.full((fan_in, fan_out), float(self.c))


@spec
class Normal:
    """N(0, σ²), whatever the width of the layer."""

    title: ClassVar[str] = N_("normal")
    rule: ClassVar[str] = r"w \sim N(0, \sigma^2)"

    sigma: float = hyper(
        1.0, 1e-3, 10.0, symbol=r"\sigma", scale="log",
        title=N_("deviation"), help=N_("Standard deviation of the first weights."),
    )  # fmt: skip

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        """`(fan_in, fan_out)`."""
        return float(self.sigma) * rng.standard_normal((fan_in, fan_out))


@spec
class Uniform:
    """U(−a, a), whatever the width of the layer."""

    title: ClassVar[str] = N_("uniform")
    rule: ClassVar[str] = r"w \sim U(-a, a)"

    a: float = hyper(0.5, 1e-3, 10.0, symbol="a", scale="log", title=N_("bound"), help=N_("The first weights lie between −a and a."))

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        """`(fan_in, fan_out)`."""
        return rng.uniform(-float(self.a), float(self.a), (fan_in, fan_out))


@spec
class Xavier:
    """N(0, 1/n) with n the inputs of the layer: Xavier's initialisation as the slides have it."""

    title: ClassVar[str] = N_("Xavier of the slides")
    rule: ClassVar[str] = r"w \sim N\left(0, \frac{1}{n}\right)"

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        """`(fan_in, fan_out)`."""
        return math.sqrt(1.0 / fan_in) * rng.standard_normal((fan_in, fan_out))


@spec
class XavierNormal:
    """N(0, 2/(n + m)) with n inputs and m outputs: the compromise of Glorot and Bengio between the way forward and the way back."""

    title: ClassVar[str] = N_("Xavier, normal")
    rule: ClassVar[str] = r"w \sim N\left(0, \frac{2}{n + m}\right)"

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        """`(fan_in, fan_out)`."""
        return math.sqrt(2.0 / (fan_in + fan_out)) * rng.standard_normal((fan_in, fan_out))


@spec
class XavierUniform:
    """The same variance from a uniform distribution."""

    title: ClassVar[str] = N_("Xavier, uniform")
    rule: ClassVar[str] = r"w \sim U\left(-\sqrt{\tfrac{6}{n + m}}, \sqrt{\tfrac{6}{n + m}}\right)"

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        """`(fan_in, fan_out)`."""
        bound = math.sqrt(6.0 / (fan_in + fan_out))
        return rng.uniform(-bound, bound, (fan_in, fan_out))


@spec
class He:
    """N(0, 2/n): twice Xavier's variance, because ReLU passes on half of the signal."""

    title: ClassVar[str] = N_("He, normal")
    rule: ClassVar[str] = r"w \sim N\left(0, \frac{2}{n}\right)"

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        """`(fan_in, fan_out)`."""
        return math.sqrt(2.0 / fan_in) * rng.standard_normal((fan_in, fan_out))


@spec
class Orthogonal:
    """A random matrix with orthonormal rows or columns: it turns the signal and changes no length."""

    title: ClassVar[str] = N_("orthogonal")
    rule: ClassVar[str] = r"W^\top W = I"

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
        """`(fan_in, fan_out)`, uniform over all such matrices: the signs of R's diagonal undo the habit of QR."""
        tall = rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out)))
        q, r = np.linalg.qr(tall)
        q *= np.where(np.diag(r) < 0.0, -1.0, 1.0)
        return q if fan_in >= fan_out else q.T


INITS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "xavier_uniform": XavierUniform, "xavier_normal": XavierNormal, "xavier": Xavier, "he": He, "orthogonal": Orthogonal,
        "normal": Normal, "uniform": Uniform, "constant": Constant, "zero": Zero,
    }
)  # fmt: skip
"""By their keys in a link."""


def first_weights(network: Network, init: Any, seed: int | tuple[int, ...]) -> np.ndarray:
    """The parameters before training, `(P,)`.

    Args:
        network: its shape.
        init: one of `INITS`.
        seed: the same draws the same.

    Raises:
        ValueError: a number of `init` is out of range.
    """
    init, rng, w = resolve(init), np.random.default_rng(seed), np.zeros(network.size)
    for part in network.parts:
        if part.name == "W":
            fan_in, channels = part.shape
            pieces = channels // network.hidden[part.layer].width if part.layer < len(network.hidden) else 1
            w[part.where] = np.hstack([init.draw(rng, fan_in, channels // pieces) for _ in range(pieces)]).ravel()
        elif part.name == "gamma":
            w[part.where] = 1.0
    return w
