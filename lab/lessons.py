"""From a `Study` to a `Lesson`: the trainings are run, and what their pictures need is computed. The cache is that of `lab.compute`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lab.compute import cached, peek
from lab.findings import findings
from lab.lesson_types import Histogram, Learned, Lesson, Plane
from lab.recipe import Recipe
from lab.study import CHOICES, LETTERS, Study, iterations, plan
from optim_core.datasets import Data, prepare, principal
from optim_core.networks import Course, Network, Training, first_weights, train
from optim_core.networks.forward import Batch, forward, mean_loss
from optim_core.networks.losses import headed
from optim_core.networks.record import CHECKPOINTS
from optim_core.noise import Noise

Tell = Callable[[int, int], None]
CELLS = 48
"""Cells of a side of the picture of what the network says."""
LINE = 161
"""Points of a fitted curve."""
LOOKED = 128
"""Objects whose activations are looked at, and whose gradient is."""
BINS = 24
AT_ONCE = 0.4
"""Seconds of training that a slider may wait for; what takes longer runs in the background."""
_AHEAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="compile")


class _Pictures(NamedTuple):
    """What does not depend on the reader's language."""

    plane: Plane
    seen: np.ndarray
    low: float
    high: float
    line_x: np.ndarray
    lines: np.ndarray
    histograms: tuple[Histogram, ...]
    activations: tuple[np.ndarray, ...]
    slopes: np.ndarray
    """Root mean square of the gradient of each layer's weights, `(layers,)`, at the first checkpoint; in a draft at the last."""

    @property
    def nbytes(self) -> int:
        arrays = (self.seen, self.lines, *(histogram.counts for histogram in self.histograms), *self.activations)
        return sum(array.nbytes for array in arrays)


def course(recipe: Recipe) -> tuple[Data, Course]:
    """The data of a recipe, and the training as the core takes it.

    Raises:
        ValueError: a number is out of range.
    """
    data = prepare(recipe.data, recipe.data_seed, recipe.share, recipe.standardise)
    network = recipe.network()
    sides = (data.x[data.train], data.y[data.train], data.x[data.valid], data.y[data.valid])
    start = first_weights(network, recipe.init, recipe.weights_seed)
    batch = recipe.batch if recipe.batch < len(data.train) else 0
    noise = Noise(recipe.sigma, 0.0, (recipe.batch_seed, 2)) if recipe.sigma >= 1e-4 else None
    made = Course(network, *sides, recipe.run.optimizer, plan(recipe), start, recipe.epochs, batch, recipe.run.lr, recipe.replace, recipe.batch_seed)
    return data, made._replace(dropout=recipe.dropout, l1=recipe.l1, l2=recipe.l2, noise=noise, clip=recipe.run.clip)


def cost(recipe: Recipe) -> float:
    """About how many seconds a training takes on one core, pictures not counted: some 10⁹ products of a parameter and an object a second, and 30 µs a step."""
    network, steps = recipe.network(), iterations(recipe)
    n = steps // recipe.epochs * recipe.batch
    judged = recipe.epochs * 2 * n
    each = {"newton": network.size, "bfgs": network.size / 10, "gradient_flow": 65}.get(recipe.run.key, 1)
    return 1e-9 * network.size * (steps * min(recipe.batch, n) * each + judged / 2) + 3e-5 * steps


def trained(recipe: Recipe, tell: Tell | None = None) -> tuple[Data, Training]:
    """The training of a recipe; run once and kept.

    Args:
        recipe: its values in range.
        tell: told iterations done and to do; what it raises ends the training.
    """

    def made() -> tuple[Data, Training]:
        data, asked = course(recipe)
        _AHEAD.submit(_compiled, asked.network, min(len(data.train), LOOKED))
        return data, train(asked, tell)

    return cached(("training", recipe), made, lambda made: made[1].nbytes + made[0].x.nbytes)


def ready(study: Study) -> bool:
    """Whether every training is at hand, or short enough to wait for."""
    return sum(cost(recipe) for recipe in set(study.recipes) if peek(("training", recipe)) is None) <= AT_ONCE


@functools.lru_cache(64)
def _compiled(network: Network, some: int) -> None:
    """Let JAX compile the pictures' programs while the training's are compiled: a new shape of network is on the screen a third sooner."""
    w, stats = np.zeros((CHECKPOINTS, network.size)), np.zeros((CHECKPOINTS, network.stats))
    _said(network, w, stats, np.zeros((network.inputs, LINE if network.inputs == 1 else CELLS**2)))
    _looked(network, w, stats, np.zeros((network.inputs, some)), np.zeros(some))


def at_hand(study: Study) -> bool:
    """Whether every training is kept still."""
    return all(peek(("training", recipe)) is not None for recipe in study.recipes)


def prepare_all(study: Study, tell: Tell) -> None:
    """Run every training that is not at hand.

    Args:
        study: whose trainings.
        tell: told iterations done and to do, of all together.
    """
    missing = [recipe for recipe in dict.fromkeys(study.recipes) if peek(("training", recipe)) is None]
    total, before = sum(iterations(recipe) for recipe in missing), 0
    for recipe in missing:
        base = before
        trained(recipe, lambda done, _all, base=base: tell(base + done, total))  # type: ignore[misc]
        before += iterations(recipe)


def lesson(study: Study, _: Callable[[str], str] = str, *, draft: bool = False) -> Lesson:
    """Everything that is shown of a study.

    Args:
        study: the reader's choice, its values in range.
        _: translates labels and findings.
        draft: pictures of the last checkpoint will do, because the hand is on a slider.
    """
    runs = []
    for index, recipe in enumerate(study.recipes):
        data, record = trained(recipe)
        network = recipe.network()
        pictures = _pictures(recipe, data, network, record, draft)
        said = findings(recipe, network, record, pictures.activations, pictures.slopes)
        told = tuple(_(message).format(**details) for message, details in said)
        plane, seen, low, high, line_x, lines, histograms = pictures[:7]
        runs.append(Learned(recipe, data, network, record, plane, seen, low, high, line_x, lines, histograms, told, label(study, index, _)))
    return Lesson(study, tuple(runs), draft)


def label(study: Study, index: int, _: Callable[[str], str] = str) -> str:
    """What a training is called: A, or its letter with what it differs in: "B: batch size = 128"."""
    letter = LETTERS[index].upper()
    if index == 0:
        return letter
    variant = dict(study.variants[index - 1])
    named = [f"{_(CHOICES.get(key, key))} = {variant[key]}" for key in study.differences(index)]
    return f"{letter}: {', '.join(named)}" if named else letter


# ---------------------------------------------------------------------- pictures


def _pictures(recipe: Recipe, data: Data, network: Network, record: Training, draft: bool) -> _Pictures:
    if draft and (whole := peek(("pictures", recipe, False))) is not None:
        last = slice(-1, None)
        histograms = tuple(histogram._replace(counts=histogram.counts[last]) for histogram in whole.histograms)
        kept: _Pictures = whole._replace(seen=whole.seen[last], lines=whole.lines[last], histograms=histograms)
        return kept
    return cached(("pictures", recipe, draft), lambda: _drawn(data, network, record, draft), lambda made: made.nbytes)


def _drawn(data: Data, network: Network, record: Training, draft: bool) -> _Pictures:
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
    looked = _looked(network, w, stats, *_some(data))
    gradients, held = np.asarray(looked[0])[:count], tuple(np.asarray(layer)[:count] for layer in looked[1])
    histograms = _histograms(network, w[:count], gradients, held)
    slopes = np.array([np.sqrt(np.mean(gradients[0, part.where] ** 2)) for part in network.parts if part.name == "W"])
    line_x = grid[:, 0] if is_line else np.zeros(0)
    return _Pictures(plane, seen, low, high, line_x, lines, histograms, tuple(layer[-1:] for layer in held), slopes)


def _some(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """The objects that are looked at, features first, and their targets."""
    some = data.train[:LOOKED]
    return data.x[some].T.copy(), data.y[some]


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
    x, y = _ends(points[:, 0]), _ends(points[:, 1])
    across, up = (low + (high - low) * (np.arange(CELLS) + 0.5) / CELLS for low, high in (x, y))
    places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    return Plane(kind, x, y, points, names, share), centre + places @ axes  # type: ignore[arg-type]


def _ends(values: np.ndarray) -> tuple[float, float]:
    """The range of the values with a margin, in round numbers, so that the picture seldom moves when a slider does."""
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * (high - low) or 1.0
    unit = 10.0 ** np.floor(np.log10(high - low + margin)) / 4.0
    return float(np.floor((low - margin) / unit) * unit), float(np.ceil((high + margin) / unit) * unit)


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


def whole(study: Study) -> Study:
    """The same study with nothing pointed at: what an export shows."""
    return dataclasses.replace(study, at=None)
