"""What the training component is told: pictures at the checkpoints, curves, the network's drawing, histograms, results and findings."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab import live
from lab.figures.learning.axes import length, most, step_words, tick
from lab.figures.learning.curves import accuracy_figure, has_classes, loss_figure, norm_figure, rate_figure
from lab.figures.learning.looks import class_looks, ends, looks
from lab.figures.numbers import number_text
from lab.figures.style import Theme
from lab.i18n import Translate
from lab.lesson_types import KINDS, Histogram, Learned, Lesson
from optim_core.networks.activations import ACTIVATIONS

NEURONS = 10
"""Neurons of a layer that are drawn at most."""


def lesson_payload(lesson: Lesson, theme: Theme, _: Translate) -> dict[str, Any]:
    """The component's payload.

    Args:
        lesson: what is shown.
        theme: light or dark.
        _: translates what is written.
    """
    figures = {"curve": loss_figure(lesson, theme, _)}
    if has_classes(lesson):
        figures["accuracy"] = accuracy_figure(lesson, theme, _)
    figures["norm"] = norm_figure(lesson, theme, _)
    if any(np.ptp(run.record.lr) > 0.0 for run in lesson.runs):
        figures["rate"] = rate_figure(lesson, theme, _)
    return {
        "labels": live.Kept({name: _(text) for name, text in live.TRAINING_LABELS.items()} | {"step": _(step_words(lesson))}),
        "theme": theme,
        "figures": figures,
        "n_steps": length(lesson),
        "per_epoch": most(lesson),
        "at": lesson.study.at,
        "ends": list(ends(theme)),
        "classes": [{"color": look.color, "marker": look.marker} for look in class_looks(theme)],
        "runs": [run_payload(lesson, index, theme) | _inside(lesson, index, _) for index in range(len(lesson.runs))],
        "table": results(lesson, theme, _),
        "findings": [{"color": looks(theme)[index].color, "text": text} for index, text in _findings(lesson)],
        "notes": _reading(lesson, figures["curve"], _),
    }


def run_payload(lesson: Lesson, index: int, theme: Theme) -> dict[str, Any]:
    """What a training is called and looks like, and what its network says at the checkpoints.

    Args:
        lesson: what is shown.
        index: the training.
        theme: light or dark.
    """
    run, look = lesson.runs[index], looks(theme)[index]
    record, plane = run.record, run.plane
    frames = record.at[-1:] if lesson.draft else record.at
    learns = np.zeros(len(run.data.x), np.int32)
    learns[run.data.train] = 1
    points = {"x": plane.points[:, 0], "y": plane.points[:, 1], "learns": learns}
    return {
        "label": run.label, "color": look.color, "dash": look.dash, "marker": look.marker, "hidden": False,
        "n": record.n_steps, "per_epoch": tick(lesson, run), "frames": frames.astype(np.int32), "loss": record.loss,
        "kind": plane.kind, "view": {"x": list(plane.x), "y": list(plane.y)}, "names": list(plane.names),
        "cells": run.seen.shape[1], "levels": 256 // run.data.classes if run.data.classes else 0, "low": run.low, "high": run.high,
        "seen": live.Kept(run.seen.reshape(len(run.seen), -1)), "line": {"x": run.line_x, "y": run.lines}, "lost": run.lost.astype(np.uint8),
        "points": {name: live.Kept(values) for name, values in points.items()}, "targets": live.Kept(run.data.y),
        "labels": list(run.data.labels),
    }  # fmt: skip


def _inside(lesson: Lesson, index: int, _: Translate) -> dict[str, Any]:
    """The network's drawing and its histograms."""
    run = lesson.runs[index]
    return {"net": _net(run, lesson.draft, _), "strips": [_strip(histogram, run, _) for histogram in sorted(run.histograms, key=_place)]}


def _net(run: Learned, draft: bool, _: Translate) -> dict[str, Any]:
    """The network's drawing: how many neurons of each layer, and the weights between those that are drawn at every checkpoint, `(F, edges)`."""
    network = run.network
    sizes = [network.inputs, *(layer.width for layer in network.hidden), network.outputs]
    shown = [min(size, NEURONS) for size in sizes]
    w = run.record.w[-1:] if draft else run.record.w
    weights, biases = [], []
    for part in network.parts:
        if part.name == "W":
            held = w[:, part.where].reshape(len(w), *part.shape)
            weights.append(held[:, : shown[part.layer], : shown[part.layer + 1]].reshape(len(w), -1))
        elif part.name == "b":
            biases.append(w[:, part.where][:, : shown[part.layer + 1]])
    inputs, outputs = run.data.names[: shown[0]], run.data.labels[: shown[-1]] if network.outputs > 1 else ("ŷ",)
    titles = [_("inputs"), *(_layer_title(layer.activation, _) for layer in network.hidden), _("output")]
    told = {"titles": titles, "names": [list(inputs), list(outputs)]}
    return {**told, "sizes": sizes, "shown": shown, "weights": np.concatenate(weights, axis=1), "biases": np.concatenate(biases, axis=1)}


def _place(histogram: Histogram) -> tuple[int, int]:
    """Layer after layer, in each of them in the order of `KINDS`."""
    return histogram.layer, list(KINDS).index(histogram.kind)


def _layer_title(activation: str, _: Translate) -> str:
    """What a hidden layer is called; of maxout one of two weights is drawn."""
    title = _(ACTIVATIONS[activation].title)
    return title if ACTIVATIONS[activation].pieces == 1 else _("{title}, first piece").format(title=title)


def _strip(histogram: Histogram, run: Learned, _: Translate) -> dict[str, Any]:
    """A histogram at every checkpoint, each bin as one byte of the largest."""
    largest = float(histogram.counts.max()) or 1.0
    last = histogram.layer == len(run.network.hidden)
    layer = _("output") if last else _("layer {number}").format(number=histogram.layer + 1)
    low, high = (number_text(float(histogram.edges[at]), 3) for at in (0, -1))
    counts = (histogram.counts / largest * 255.0).round().astype(np.uint8)
    return {"kind": histogram.kind, "layer": histogram.layer, "title": f"{_(KINDS[histogram.kind])} · {layer}", "low": low, "high": high, "counts": counts}


def results(lesson: Lesson, theme: Theme, _: Translate) -> dict[str, Any]:
    """The table of results: what every training came to, as texts."""
    classes = has_classes(lesson)
    columns = [_("training loss"), _("validation loss"), *([_("training accuracy"), _("validation accuracy")] if classes else []), _("lowest validation loss")]
    rows = []
    for index, run in enumerate(lesson.runs):
        record, look = run.record, looks(theme)[index]
        cells = [number_text(float(record.train_loss[-1])), number_text(float(record.valid_loss[-1]))]
        cells += [f"{100 * float(share[-1]):.1f} %" for share in (record.train_accuracy, record.valid_accuracy)] if classes else []
        lowest = _("{loss} after epoch {epoch}").format(loss=number_text(float(record.valid_loss[record.best])), epoch=record.best)
        swatch = {"color": look.color, "dash": look.dash, "marker": look.marker}
        rows.append({"run": index, "swatch": swatch, "label": run.label, "cells": [*cells, lowest]})
    return {"columns": columns, "rows": rows}


def _reading(lesson: Lesson, curve: dict[str, Any], _: Translate) -> list[str]:
    """How to read the pictures."""
    told = [_("Solid: training; dashed: validation; faint: the batch of each iteration.")]
    run = lesson.runs[0]
    if run.plane.kind == "principal":
        share = f"{min(100 * run.plane.share, 99.9):.3g}"  # all but a little is not all
        words = _("The picture is the plane of the two leading principal components, {share} % of the variance; the objects lie beside it.")
        told.append(words.format(share=share))
    if lesson.study.axis == "log" and curve["layout"]["yaxis"].get("type") != "log":
        told.append(_("A loss of 0 or below has no logarithm: the axis is linear."))
    if any(layer.activation == "maxout" for learned in lesson.runs for layer in learned.network.hidden):
        told.append(_("Of a maxout neuron the drawing shows the weights of its first piece."))
    if run.plane.kind == "line":
        told.append(_("Filled: objects to learn from; rings: objects to judge by."))
    else:
        told.append(_("Filled: objects to learn from; rings: objects to judge by. The stronger the colour, the surer the network."))
    return told


def _findings(lesson: Lesson) -> list[tuple[int, str]]:
    """What the records show: the training, and a sentence that begins with its letter where there are several."""
    alone = len(lesson.runs) == 1
    return [(index, finding if alone else f"{run.label[0]} · {finding}") for index, run in enumerate(lesson.runs) for finding in run.findings]
