"""The pictures of a training: what the network says over the plane or along the line, and histograms of its weights, activations and gradients."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lab.lesson_types import Histogram, Plane
from optim_core.datasets import Data, principal
from optim_core.networks import Network, Training
from optim_core.networks.forward import Batch, forward, mean_loss
from optim_core.networks.losses import headed
from optim_core.networks.record import CHECKPOINTS

CELLS = 48
"""Cells of a side of the picture of what the network says."""
LINE = 161
"""Points of a fitted curve."""
LOOKED = 128
"""Objects whose activations are looked at, and whose gradient is."""
BINS = 24


class Pictures(NamedTuple):
    """What does not depend on the reader's language."""

    plane: Plane
    seen: np.ndarray
    low: float
    high: float
    line_x: np.ndarray
    lines: np.ndarray
    lost: np.ndarray
    histograms: tuple[Histogram, ...]
    activations: tuple[np.ndarray, ...]
    slopes: np.ndarray
    """Root mean square of the gradient of each layer's weights, `(layers,)`, at the first checkpoint; in a draft at the last."""

    @property
    def nbytes(self) -> int:
        arrays = (self.seen, self.lines, *(histogram.counts for histogram in self.histograms), *self.activations)
        return sum(array.nbytes for array in arrays)


def drawn(data: Data, network: Network, record: Training, draft: bool) -> Pictures:
    plane, grid = _plane(data)
    rows = 1 if draft else CHECKPOINTS
    w, stats = (_filled(values[-rows:] if draft else values, rows) for values in (record.w, record.stats))
    count = 1 if draft else len(record.at)
    said = np.asarray(_said(network, w, stats, grid.T.copy()))[:count]
    low, high = _span(data)
    empty = np.zeros((count, 0, 0), np.uint8)
    is_line = plane.kind == "line"
    seen = empty if is_line else _coded(said, data.classes, low, high).reshape(count, CELLS, CELLS)
    lines = said[:, :, 0] if is_line else np.zeros((count, 0))
    lost = np.isnan(said).any(axis=(1, 2))
    looked = _looked(network, w, stats, *_some(data))
    gradients, held = np.asarray(looked[0])[:count], tuple(np.asarray(layer)[:count] for layer in looked[1])
    histograms = _histograms(network, w[:count], gradients, held)
    slopes = np.array([np.sqrt(np.mean(gradients[0, part.where] ** 2)) for part in network.parts if part.name == "W"])
    line_x = grid[:, 0] if is_line else np.zeros(0)
    return Pictures(plane, seen, low, high, line_x, lines, lost, histograms, tuple(layer[-1:] for layer in held), slopes)


def _some(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """The objects that are looked at, features first, and their targets."""
    some = data.train[:LOOKED]
    return data.x[some].T.copy(), data.y[some]


@functools.lru_cache(64)
def compiled(network: Network, some: int) -> None:
    """Let JAX compile the pictures' programs while the training's are compiled: a new shape of network is on the screen a third sooner."""
    w, stats = np.zeros((CHECKPOINTS, network.size)), np.zeros((CHECKPOINTS, network.stats))
    _said(network, w, stats, np.zeros((network.inputs, LINE if network.inputs == 1 else CELLS**2)))
    _looked(network, w, stats, np.zeros((network.inputs, some)), np.zeros(some))


def _filled(values: np.ndarray, rows: int) -> np.ndarray:
    """As many rows as a program takes: the last one stands for those that are missing."""
    return np.concatenate([values, np.repeat(values[-1:], rows - len(values), axis=0)])


def _plane(data: Data) -> tuple[Plane, np.ndarray]:
    """Where the picture lies, and the objects at its points, `(cells² or m, d)`."""
    if data.x.shape[1] == 1:
        x, y = _ends(data.x[:, 0]), _ends(data.y)
        return Plane("line", x, y, np.column_stack([data.x[:, 0], data.y]), (data.names[0], "y"), 1.0), np.linspace(*x, LINE)[:, None]
    if data.x.shape[1] == 2:
        points, kind, names, share = data.x, "plane", (data.names[0], data.names[1]), 1.0
        centre, axes = np.zeros(2), np.eye(2)
    else:
        centre, axes, shares = principal(data.x)
        points, kind, names, share = (data.x - centre) @ axes.T, "principal", ("PC1", "PC2"), float(shares.sum())
    x, y = _alike(_ends(points[:, 0]), _ends(points[:, 1]))
    across, up = (low + (high - low) * (np.arange(CELLS) + 0.5) / CELLS for low, high in (x, y))
    places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    return Plane(kind, x, y, points, names, share), centre + places @ axes  # type: ignore[arg-type]


def _ends(values: np.ndarray) -> tuple[float, float]:
    """The range of the values with a margin, in round numbers, so that the picture seldom moves when a slider does."""
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * (high - low) or 1.0
    unit = 10.0 ** np.floor(np.log10(high - low + margin)) / 4.0
    return float(np.floor((low - margin) / unit) * unit), float(np.ceil((high + margin) / unit) * unit)


def _alike(x: tuple[float, float], y: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The same ends on both sides where neither is twice as long as the other, so that a circle is one."""
    if 0.5 < (x[1] - x[0]) / (y[1] - y[0]) < 2.0:
        x = y = (min(x[0], y[0]), max(x[1], y[1]))
    return x, y


def _span(data: Data) -> tuple[float, float]:
    """The ends of the colours of values: those of the targets, the same distance on both sides of 0 where they lie on both."""
    if data.classes:
        return 0.0, 1.0
    low, high = float(data.y.min()), float(data.y.max())
    if low < 0.0 < high:
        low, high = -max(-low, high), max(-low, high)
    return low, high if high > low else low + 1.0


def _coded(said: np.ndarray, classes: int, low: float, high: float) -> np.ndarray:
    """What the network says at every place as one byte, see `Learned.seen`; what is not a number is class 0 without certainty."""
    if not classes:
        with np.errstate(over="ignore"):
            share = np.clip(np.nan_to_num((said[:, :, 0] - low) / (high - low), nan=0.0), 0.0, 1.0)
        return np.asarray((share * 255.0).round().astype(np.uint8))
    if said.shape[2] == 1:
        said = np.concatenate([1.0 - said, said], axis=2)
    levels = 256 // classes
    winner, certainty = said.argmax(axis=2), said.max(axis=2)
    share = np.nan_to_num((certainty - 1.0 / classes) / (1.0 - 1.0 / classes), nan=0.0)
    level = np.clip((share * (levels - 1)).round(), 0, levels - 1)
    return np.asarray((winner * levels + level).astype(np.uint8))


@jax.jit
def _said(network: Network, w: jax.Array, stats: jax.Array, x: jax.Array) -> jax.Array:
    """Probabilities or values at the objects `x` (features first) for every checkpoint, `(F, n, q)`."""
    batch = Batch(x, jnp.zeros(x.shape[1]))

    def one(held: tuple[jax.Array, jax.Array]) -> jax.Array:
        return headed(network, forward(network, *held, batch, training=False).values).T

    said: jax.Array = jax.lax.map(one, (w, stats))
    return said


@jax.jit
def _looked(network: Network, w: jax.Array, stats: jax.Array, x: jax.Array, y: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    """Of every checkpoint the gradient of the loss over some objects, `(F, P)`, and what every hidden layer makes of them, `(F, width, n)` each."""
    batch = Batch(x, y)

    def one(held: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, tuple[jax.Array, ...]]:
        weights, running = held

        def loss(w: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
            passed = forward(network, w, running, batch, training=False)
            return mean_loss(network, passed.values, batch), passed.activations

        gradient, activations = jax.grad(loss, has_aux=True)(weights)
        return gradient, activations

    looked: tuple[jax.Array, tuple[jax.Array, ...]] = jax.lax.map(one, (w, stats))
    return looked


def _histograms(network: Network, w: np.ndarray, gradients: np.ndarray, activations: tuple[np.ndarray, ...]) -> tuple[Histogram, ...]:
    made = []
    for part in network.parts:
        if part.name == "W":
            made += [_histogram("weights", part.layer, w[:, part.where]), _histogram("gradients", part.layer, gradients[:, part.where])]
    made += [_histogram("activations", layer, values.reshape(len(values), -1)) for layer, values in enumerate(activations)]
    return tuple(made)


def _histogram(kind: Any, layer: int, values: np.ndarray) -> Histogram:
    """Shares of the finite values in bins that are the same at all checkpoints, `values` being `(F, m)`."""
    finite = np.isfinite(values)
    low, high = (float(values[finite].min()), float(values[finite].max())) if finite.any() else (0.0, 0.0)
    unit = max(abs(low), abs(high)) or 1.0
    if not high / unit - low / unit > 1e-12:
        low, high = low - 0.5 * unit, high + 0.5 * unit
    edges = low * np.linspace(1.0, 0.0, BINS + 1) + high * np.linspace(0.0, 1.0, BINS + 1)  # high − low may overflow
    with np.errstate(invalid="ignore", over="ignore"):
        share = (values / unit - low / unit) / (high / unit - low / unit)
        place = np.clip(np.nan_to_num(share * BINS, nan=0.0), 0, BINS - 1).astype(int)
    rows = np.arange(len(values))[:, None] * BINS
    counts = np.bincount((place + rows)[finite], minlength=len(values) * BINS).reshape(len(values), BINS)
    return Histogram(kind, layer, edges, counts / values.shape[1])
