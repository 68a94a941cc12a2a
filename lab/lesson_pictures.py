"""The pictures of a training: what the network says over the plane or along the line, and histograms of its weights, activations and gradients."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lab.lesson_types import Histogram, Plane
from optim_core.backend import bound
from optim_core.datasets import Data, principal
from optim_core.networks import Network, Training
from optim_core.networks.forward import Batch, forward, mean_loss
from optim_core.networks.losses import headed
from optim_core.networks.training import MAX_PROGRAMS

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
    """Root mean square of the gradient of each layer's weights before training, `(layers,)`."""

    @property
    def nbytes(self) -> int:
        arrays = (self.seen, self.lines, *(histogram.counts for histogram in self.histograms), *self.activations)
        return sum(array.nbytes for array in arrays)


def drawn(data: Data, network: Network, record: Training, draft: bool) -> Pictures:
    """The pictures of a training, at all checkpoints or, in a draft, at the last."""
    bound((_said, _looked), MAX_PROGRAMS)
    plane, grid = _plane(data)
    rows = range(len(record.at))[-1:] if draft else range(len(record.at))
    places, some = grid.T.copy(), _some(data)
    # One call a checkpoint, all under way before the first is fetched: in a loop XLA multiplies without Eigen, many times slower on so many places.
    dispatched = [(_said(network, record.w[row], record.stats[row], places), _looked(network, record.w[row], record.stats[row], *some)) for row in rows]
    first = _looked(network, record.w[0], record.stats[0], *some)[0] if draft else dispatched[0][1][0]
    said = np.stack([np.asarray(answer) for answer, _ in dispatched])
    gradients = np.stack([np.asarray(gradient) for _, (gradient, _held) in dispatched])
    held = tuple(np.stack(layer) for layer in zip(*(map(np.asarray, layers) for _, (_gradient, layers) in dispatched), strict=True))
    low, high = _span(data)
    is_line = plane.kind == "line"
    seen = np.zeros((len(rows), 0, 0), np.uint8) if is_line else _coded(said, data.classes, low, high).reshape(len(rows), CELLS, CELLS)
    lines = said[:, :, 0] if is_line else np.zeros((len(rows), 0))
    lost = np.isnan(said).any(axis=(1, 2))
    histograms = _histograms(network, record.w[rows], gradients, held)
    slopes = np.array([np.sqrt(np.mean(np.asarray(first)[part.where] ** 2)) for part in network.parts if part.name == "W"])
    line_x = grid[:, 0] if is_line else np.zeros(0)
    return Pictures(plane, seen, low, high, line_x, lines, lost, histograms, tuple(layer[-1:] for layer in held), slopes)


def cost(network: Network, frames: int) -> float:
    """About how many seconds the pictures of so many checkpoints take."""
    return frames * (5e-4 + 2e-10 * network.size * (LINE if network.inputs == 1 else CELLS**2))


def _some(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """The objects that are looked at, features first, and their targets."""
    some = data.train[:LOOKED]
    return data.x[some].T.copy(), data.y[some]


@functools.lru_cache(64)
def compiled(network: Network, some: int) -> None:
    """Let JAX compile the pictures' programs while the training's are compiled: a new shape of network is on the screen a third sooner."""
    w, stats = np.zeros(network.size), np.zeros(network.stats)
    _said(network, w, stats, np.zeros((network.inputs, LINE if network.inputs == 1 else CELLS**2)))
    _looked(network, w, stats, np.zeros((network.inputs, some)), np.zeros(some))


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
    margin = 0.08 * (high - low) or max(1.0, 1e-3 * abs(high))
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
    """Probabilities or values at the objects `x` (features first), `(n, q)`."""
    batch = Batch(x, jnp.zeros(x.shape[1]))
    return headed(network, forward(network, w, stats, batch, training=False).values).T


@jax.jit
def _looked(network: Network, w: jax.Array, stats: jax.Array, x: jax.Array, y: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    """The gradient of the loss over some objects, `(P,)`, without penalties and dropout, and what every hidden layer makes of them, `(width, n)` each.

    Batch norm goes by these objects, as in a step: by running statistics that have seen no batch yet the gradient would be another one's.
    """
    batch = Batch(x, y)

    def loss(w: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
        passed = forward(network, w, stats, batch, training=network.norm == "batch")
        return mean_loss(network, passed.values, batch), passed.activations

    gradient, activations = jax.grad(loss, has_aux=True)(w)
    return gradient, activations


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
