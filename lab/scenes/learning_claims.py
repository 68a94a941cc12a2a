"""What a scene of trainings claims of them, checked against the core. How a claim is written stands in `lab.scenes.claims`; run 1 is the first training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from lab.findings import stopping
from lab.recipe import Recipe
from lab.scenes.claims import parse
from lab.scenes.timed_claims import Verdict
from optim_core.networks import Training

WINDOW = 10
"""Epochs at the end over which a training is said to rest or to wander."""


class Outcome(NamedTuple):
    """A training and what came of it."""

    recipe: Recipe
    record: Training


Outcomes = tuple[Outcome, ...]


def check(claim: Mapping[str, Any], made: Outcomes) -> Verdict:
    """Whether a claim holds of trainings, and what was measured.

    Raises:
        ValueError: the claim is malformed, or names a training that the study does not have.
    """
    kind, runs, extras = parse(claim, LEARNT)
    if max(runs) > len(made):
        raise ValueError(f"{dict(claim)} names run {max(runs)}; the study has {len(made)}")
    return LEARNT[kind](*(made[run - 1] for run in runs), claim[kind], **extras)


# ---------------------------------------------------------------------- of one training


def shapes(run: Outcome, value: list[list[int]]) -> Verdict:
    """W and b of every layer have these shapes (lecture row A1)."""
    found = [list(part.shape) for part in run.recipe.network().parts]
    return found == value, f"shapes {found}"


def iterations_per_epoch(run: Outcome, value: int) -> Verdict:
    """An epoch is so many iterations (A8, B6)."""
    return run.record.per_epoch == value, f"{run.record.per_epoch} iterations an epoch"


def accuracy_above(run: Outcome, value: float) -> Verdict:
    """At the end at least this share of the validation objects is classified rightly."""
    share = float(run.record.valid_accuracy[-1])
    return share >= value, f"validation accuracy {share:.4f}"


def accuracy_below(run: Outcome, value: float) -> Verdict:
    """At the end at most this share of the validation objects is classified rightly."""
    share = float(run.record.valid_accuracy[-1])
    return share <= value, f"validation accuracy {share:.4f}"


def fits(run: Outcome, value: float) -> Verdict:
    """At the end at least this share of the training objects is classified rightly."""
    share = float(run.record.train_accuracy[-1])
    return share >= value, f"training accuracy {share:.4f}"


def overfits(run: Outcome, value: float) -> Verdict:
    """The validation loss ends `value` times as high as its lowest or higher, while the training loss fell on (B2)."""
    record = run.record
    ratio = record.valid_loss[-1] / record.valid_loss[record.best]
    before, after = record.train_loss[record.best], record.train_loss[-1]
    return bool(ratio >= value and after < before), f"validation loss {ratio:.3g} times its lowest, training loss from {before:.3g} to {after:.3g} since"


def rises(run: Outcome, value: float) -> Verdict:
    """The training loss ends `value` times as high as it began, or higher."""
    ratio = float(run.record.train_loss[-1] / run.record.train_loss[0])
    return ratio >= value, f"training loss {ratio:.3g} times the first"


def wanders(run: Outcome, value: float) -> Verdict:
    """Over the last epochs the training loss spans `value` or more."""
    span = _span(run)
    return span >= value, f"the training loss spans {span:.3g}"


def stopping_keeps(run: Outcome, value: float) -> Verdict:
    """With its patience it would stop before the end, and the kept weights have at most `value` times the last validation loss (B6)."""
    found = stopping(run.recipe.patience, run.record)
    if found is None:
        return False, "it would not stop"
    ratio = float(run.record.valid_loss[found.kept] / run.record.valid_loss[-1])
    return ratio <= value, f"stops after epoch {found.epoch}, keeps epoch {found.kept}, {ratio:.3g} times the last validation loss"


def neurons_equal(run: Outcome, value: bool) -> Verdict:
    """All neurons of every hidden layer end with the same weights (A17)."""
    gaps = []
    for part in run.recipe.network().parts:
        if part.name == "W" and part.layer < len(run.recipe.hidden):
            gaps.append(float(np.ptp(run.record.w[-1, part.where].reshape(part.shape), axis=1).max()))
    return (max(gaps, default=0.0) <= 1e-9) is value, f"weights of a layer differ by up to {max(gaps, default=0.0):.3g}"


def first_layer_moves(run: Outcome, value: float) -> Verdict:
    """At first the weights of layer 1 move at most `value` times as far as those of the last layer, root mean squares (B8)."""
    moved = run.record.w[1] - run.record.w[0]
    sizes = [float(np.sqrt(np.mean(moved[part.where] ** 2))) for part in run.recipe.network().parts if part.name == "W"]
    return sizes[-1] > 0.0 and sizes[0] <= value * sizes[-1], f"layer 1 moves by {sizes[0]:.3g}, the last by {sizes[-1]:.3g}"


def milder_at_test(run: Outcome, value: float) -> Verdict:
    """Over the last epochs the training loss at test is at most `value` times that of the steps, in which neurons are missing (D11)."""
    record = run.record
    steps, test = record.loss[-WINDOW * record.per_epoch :].mean(), record.train_loss[-WINDOW:].mean()
    return bool(test <= value * steps), f"training loss {test:.3g} at test, {steps:.3g} in the steps"


# ---------------------------------------------------------------------- of two


def better(run: Outcome, other: Outcome, value: float) -> Verdict:
    """The last validation loss is at most `value` times the other's."""
    mine, theirs = run.record.valid_loss[-1], other.record.valid_loss[-1]
    return bool(mine <= value * theirs), f"validation losses {mine:.4g} and {theirs:.4g}"


def ahead(run: Outcome, other: Outcome, value: float) -> Verdict:
    """The last training loss is at most `value` times the other's."""
    mine, theirs = run.record.train_loss[-1], other.record.train_loss[-1]
    return bool(mine <= value * theirs), f"training losses {mine:.4g} and {theirs:.4g}"


def same_curve(run: Outcome, other: Outcome, value: float) -> Verdict:
    """After every epoch the two training losses differ by at most `value`."""
    gap = float(np.abs(run.record.train_loss - other.record.train_loss).max())
    return gap <= value, f"training losses differ by up to {gap:.3g}"


def noisier(run: Outcome, other: Outcome, value: float) -> Verdict:
    """In the second half the batch loss changes from one iteration to the next at least `value` times as much, root mean squares (A8, B6)."""
    mine, theirs = (float(np.sqrt(np.mean(np.diff(each.record.loss[each.record.n_steps // 2 :]) ** 2))) for each in (run, other))
    return mine >= value * theirs, f"the batch loss changes by {mine:.3g} and {theirs:.3g} an iteration"


def calmer(run: Outcome, other: Outcome, value: float) -> Verdict:
    """Over the last epochs the training loss spans at most `value` times what the other's does."""
    mine, theirs = _span(run), _span(other)
    return mine <= value * theirs, f"the training losses span {mine:.3g} and {theirs:.3g}"


def _span(run: Outcome) -> float:
    return float(np.ptp(run.record.train_loss[-WINDOW:]))


LEARNT: dict[str, Callable[..., Verdict]] = {
    function.__name__: function
    for function in (
        shapes, iterations_per_epoch, accuracy_above, accuracy_below, fits, overfits, rises, wanders, stopping_keeps, neurons_equal, first_layer_moves,
        milder_at_test, better, ahead, same_curve, noisier, calmer,
    )
}  # fmt: skip
