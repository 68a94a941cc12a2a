"""Numbers of trainings that read back exactly: curves as CSV, everything but the weights as JSON, the weights of a training as npz and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lab.export.numbers import named, origin, plain
from lab.lesson_types import Lesson
from lab.study import LETTERS, Study

if TYPE_CHECKING:
    from lab.lesson_types import Learned

COLUMNS = ("run", "iteration", "epoch", "batch_loss", "grad_norm", "lr", "train_loss", "valid_loss", "train_accuracy", "valid_accuracy")
KEYS = {
    "run": "a is the first training, b to d are the variants",
    "iteration": "steps made so far; row 0 is the start",
    "epoch": "the same as epochs, with the fraction that is done",
    "batch_loss": "loss of the batch of the step that follows, with penalties; empty in the last row, like grad_norm and lr",
    "grad_norm": "length of the gradient of that step, noise included, before clipping",
    "lr": "learning rate of that step",
    "train_loss": "loss over all objects that are learned from, without penalties and dropout; in rows where an epoch ends",
    "valid_loss": "the same over the objects that only judge",
    "train_accuracy": "share of objects whose class is right; nan for values",
    "valid_accuracy": "the same over the objects that only judge",
}
"""What every column of the curves means; part of the files, in English like the keys."""
WEIGHTS = {
    "W1": "weights of the first layer, (inputs, neurons); the last number is the output layer's; maxout has its two pieces side by side",
    "b1": "its biases",
    "gamma1": "scale of its norm; beta1 is the shift",
    "mean1": "running mean of batch norm, in the order of the neurons; variance1 is the running variance",
    "first": "before training",
    "last": "after it",
    "best": "after the epoch with the lowest validation loss",
    "checkpoints": "at the iterations in `iterations`, one row each",
}
"""What every name of the weights means."""


def lesson_file(study: Study, suffix: str) -> str:
    """Short, safe everywhere, and different for different studies: descent-lab_moons_adam_1a2b3c4d.csv."""
    return named(study, study.recipe.data_key, [recipe.run.key for recipe in study.recipes], suffix)


def curves_csv(lesson: Lesson) -> str:
    """Every curve of every training: one row an iteration, numbers in the shortest form that reads back exactly.

    Lines that begin with # say where the numbers come from: the link, the versions, the meaning of the columns.
    """
    text = io.StringIO()
    text.writelines(f"# {key}: {value}\n" for key, value in origin(lesson.study).items())
    text.writelines(f"# column {key}: {KEYS[key]}\n" for key in COLUMNS)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for letter, learned in zip(LETTERS, lesson.runs, strict=False):
        writer.writerows((letter, *row) for row in _rows(learned))
    return text.getvalue()


def _rows(learned: Learned) -> Iterator[tuple[Any, ...]]:
    record = learned.record
    steps = [[*column.tolist(), ""] for column in (record.loss, record.grad_norm, record.lr)]
    ends = [column.tolist() for column in (record.train_loss, record.valid_loss, record.train_accuracy, record.valid_accuracy)]
    for t, step in enumerate(zip(*steps, strict=True)):
        epoch, left = divmod(t, record.per_epoch)
        yield (t, t / record.per_epoch, *step, *([column[epoch] for column in ends] if not left else [""] * len(ends)))


def lesson_json(lesson: Lesson) -> str:
    """The same and the data, as strict JSON, with the settings of every training. What is not finite is "Infinity", "-Infinity" or "NaN", in quotes."""
    runs = [
        {
            "run": letter,
            "settings": learned.recipe.to_query(),
            "network": _shape(learned),
            "data": {"names": learned.data.names, "labels": learned.data.labels, "x": learned.data.x, "y": learned.data.y}
            | {"train": learned.data.train, "valid": learned.data.valid},
            "findings": learned.findings,
            "curves": {"iterations_in_an_epoch": learned.record.per_epoch, "best_epoch": learned.record.best}
            | {"batch_loss": learned.record.loss, "grad_norm": learned.record.grad_norm, "lr": learned.record.lr}
            | {name: getattr(learned.record, name) for name in COLUMNS[6:]},
        }
        for letter, learned in zip(LETTERS, lesson.runs, strict=False)
    ]
    head = origin(lesson.study) | {"not finite": 'written as "Infinity", "-Infinity" or "NaN"', "keys": KEYS}
    return _json({**head, "runs": runs})


def weights_npz(learned: Learned) -> bytes:
    """The weights of a training by layers, as an archive that `numpy.load` reads without pickle.

    Its arrays are called `first_W1`, `last_W1`, `best_W1`, `checkpoints_W1` `(F, …)` and so on, with `iterations` `(F,)` of the checkpoints; `about` is a text
    of JSON with the link, the network and the meaning of the names.
    """
    record = learned.record
    made = io.BytesIO()
    moments = _moments(learned)
    arrays: dict[str, Any] = {f"{when}_{name}": array for when, (w, stats) in moments.items() for name, array in _arrays(learned, w, stats).items()}
    arrays |= {f"checkpoints_{name}": array for name, array in _arrays(learned, record.w, record.stats).items()}
    np.savez_compressed(made, about=np.array(_json(_about(learned))), iterations=record.at, **arrays)
    return made.getvalue()


def weights_json(learned: Learned) -> str:
    """The first, best and last weights of a training by layers, as strict JSON."""
    return _json({**_about(learned), **{when: _arrays(learned, *held) for when, held in _moments(learned).items()}})


def _moments(learned: Learned) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
    """Weights and running statistics of the three moments that matter."""
    record = learned.record
    return {"first": (record.w[0], record.stats[0]), "best": (record.best_w, record.best_stats), "last": (record.w[-1], record.stats[-1])}


def _arrays(learned: Learned, w: np.ndarray, stats: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of every layer, of one vector `(P,)` or of several, `(F, P)`."""
    network, rows, at = learned.network, w.shape[:-1], 0
    found = {f"{part.name}{part.layer + 1}": w[..., part.where].reshape(*rows, *part.shape) for part in network.parts}
    if network.norm == "batch":
        for layer, count in enumerate(network.channels, 1):
            for name in ("mean", "variance"):
                found[f"{name}{layer}"] = stats[..., at : (at := at + count)]
    return found


def _about(learned: Learned) -> dict[str, Any]:
    recipe, record = learned.recipe, learned.record
    told = {"settings": recipe.to_query(), "network": _shape(learned), "iterations": record.n_steps, "best_epoch": record.best}
    return {**origin(Study(recipe)), **told, "keys": WEIGHTS}


def _shape(learned: Learned) -> dict[str, Any]:
    network = learned.network
    hidden = [layer._asdict() for layer in network.hidden]
    rest = {"outputs": network.outputs, "head": network.head, "loss": network.loss, "norm": network.norm, "residual": network.residual}
    return {"inputs": network.inputs, "hidden": hidden, **rest, "parameters": network.size}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(plain(value), allow_nan=False, ensure_ascii=False, separators=(",", ":"))
