"""What the record of a training shows, named: divergence, dead and saturated neurons, vanishing and exploding gradients, overfitting, early stopping.

Every sentence states what was measured; none is said where the record does not show it. Source: lecture rows A17, B2, B6, B8, B9, C10 to C12.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from lab.figures.numbers import number_text
from lab.recipe import Recipe
from optim_core.hyper import N_
from optim_core.networks import ACTIVATIONS, Network, Training

Finding = tuple[str, dict[str, Any]]
RISING = 10
"""Epochs for which the validation loss must have been above its lowest, before it is called rising."""
APART = 1e-3
"""A gradient so many times smaller in the first layer than in the last one has vanished on its way back."""
GROWN = 100.0
"""A gradient so many times longer than at first has exploded."""
NEAR = 0.02
"""A bounded activation this close to an end of its range, as a share of it, is saturated."""


def findings(recipe: Recipe, network: Network, record: Training, activations: tuple[np.ndarray, ...], slopes: np.ndarray) -> tuple[Finding, ...]:
    """Messages for the translators, each with its details.

    Args:
        recipe: what was trained.
        network: its shape.
        record: what happened.
        activations: of every hidden layer at the last checkpoint, for some objects, `(1, width, n)`.
        slopes: root mean square of the gradient of each layer's weights before training, `(layers,)`.
    """
    return (
        *_diverged(record),
        *_stopped(recipe, record),
        *_overfitting(record),
        *_exploding(record),
        *_vanishing(slopes),
        *_neurons(network, activations),
        *_equal(network, record),
    )


def _diverged(record: Training) -> Iterator[Finding]:
    bad = np.flatnonzero(~np.isfinite(record.loss))
    if len(bad):
        if len(bad) == len(record.loss) - bad[0]:
            yield N_("The loss is no longer a finite number from iteration {t} on."), {"t": int(bad[0])}
        else:
            yield N_("The loss is not a finite number at {count} iterations, first at {t}."), {"count": len(bad), "t": int(bad[0])}
    elif record.train_loss[-1] > record.train_loss[0]:
        first, last = (number_text(float(record.train_loss[at]), 3) for at in (0, -1))
        if first != last:
            yield N_("The training loss rose, from {first} to {last}."), {"first": first, "last": last}


class Stopping(NamedTuple):
    """Early stopping: the epoch after which a training would end, and the epoch whose weights it would keep."""

    epoch: int
    kept: int


def stopping(patience: int, record: Training) -> Stopping | None:
    """Where a training would stop: the first epoch at which the lowest validation loss is `patience` epochs old (lecture row B6); None for nowhere."""
    loss = np.where(np.isfinite(record.valid_loss), record.valid_loss, np.inf)
    best = np.minimum.accumulate(loss)
    improved = np.r_[True, best[1:] < best[:-1]]
    latest = np.maximum.accumulate(np.where(improved, np.arange(len(loss)), 0))
    stops = np.flatnonzero(np.arange(len(loss)) - latest >= patience)
    return Stopping(int(stops[0]), int(latest[stops[0]])) if patience and len(stops) else None


def _stopped(recipe: Recipe, record: Training) -> Iterator[Finding]:
    if not recipe.patience:
        return
    if (found := stopping(recipe.patience, record)) is None:
        yield N_("With a patience of {patience} it would not have stopped."), {"patience": recipe.patience}
    else:
        loss = number_text(float(record.valid_loss[found.kept]), 3)
        message = N_("With a patience of {patience} it would have stopped after epoch {epoch} and kept the weights of epoch {kept}, validation loss {loss}.")
        yield message, {"patience": recipe.patience, "epoch": found.epoch, "kept": found.kept, "loss": loss}


def _overfitting(record: Training) -> Iterator[Finding]:
    best, last = record.best, len(record.valid_loss) - 1
    rising = last - best
    lowest, end = float(record.valid_loss[best]), float(record.valid_loss[last])
    if rising >= RISING and end > 1.05 * lowest and record.train_loss[last] < record.train_loss[best]:
        message = N_("Overfitting: since epoch {best} the training loss fell on, and the validation loss rose from {lowest} to {end}.")
        yield message, {"best": best, "lowest": number_text(lowest, 3), "end": number_text(end, 3)}


def _vanishing(slopes: np.ndarray) -> Iterator[Finding]:
    if len(slopes) > 2 and 0.0 < slopes[0] < APART * slopes[-1]:
        message = N_("Vanishing gradient: at first it is {times} times smaller in layer 1 than in the last one.")
        yield message, {"times": number_text(float(slopes[-1] / slopes[0]), 2)}


def _exploding(record: Training) -> Iterator[Finding]:
    norms = record.grad_norm
    finite = norms[np.isfinite(norms)]
    if len(finite) and norms[0] > 0 and finite.max() > GROWN * norms[0]:
        at = int(np.nanargmax(np.where(np.isfinite(norms), norms, -1.0)))
        message = N_("Exploding gradient: ‖g‖ is {times} times as long at iteration {t} as at first.")
        yield message, {"times": number_text(float(norms[at] / norms[0]), 2), "t": at}


def _neurons(network: Network, activations: tuple[np.ndarray, ...]) -> Iterator[Finding]:
    for number, (layer, values) in enumerate(zip(network.hidden, activations, strict=True), 1):
        if not np.isfinite(values).all():
            continue
        ends = ACTIVATIONS[layer.activation].range
        if layer.activation == "relu":
            dead = int((values[0] == 0.0).all(axis=1).sum())
            if dead:
                message = N_("Layer {layer}: {dead} of {width} ReLU neurons are dead, 0 for all {count} objects looked at.")
                yield message, {"layer": number, "dead": dead, "width": layer.width, "count": values.shape[2]}
        elif ends is not None and layer.activation != "step":
            near = NEAR * (ends[1] - ends[0])
            share = float(((values < ends[0] + near) | (values > ends[1] - near)).mean())
            if share > 0.5:
                message = N_("Layer {layer}: {share} % of the activations are saturated, where the slope is almost 0.")
                yield message, {"layer": number, "share": f"{100 * share:.3g}"}


def _equal(network: Network, record: Training) -> Iterator[Finding]:
    """Constant initialisation: the neurons of a layer never part (lecture row A17), at no checkpoint."""
    for part in network.parts:
        if part.name == "W" and part.layer < len(network.hidden) and (width := network.hidden[part.layer].width) > 1:
            weights = record.w[:, part.where].reshape(len(record.w), part.shape[0], -1, width)  # maxout has two pieces
            if np.isfinite(weights).all() and np.ptp(weights, axis=3).max() <= 1e-9 * max(float(np.abs(weights).max()), 1e-300):
                yield N_("Layer {layer}: all {width} neurons are equal, and stay so."), {"layer": part.layer + 1, "width": width}
