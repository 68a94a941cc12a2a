"""Curves over the epochs: loss, accuracy, gradient norm, learning rate. Their axis is that of `axes`."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.figures import frame
from lab.figures.learning.axes import Translate, layout, line, scale, share_axis, time_axis, value_axis
from lab.figures.learning.looks import looks
from lab.figures.style import Theme
from lab.lesson_types import Learned, Lesson

DRAWN = 2000
"""Iterations of a training that are drawn at most; of longer ones every second, third … is."""


def loss_figure(lesson: Lesson, theme: Theme, _: Translate) -> dict[str, Any]:
    """The loss of both parts after every epoch, and faintly the batch loss of every iteration, as a plain Plotly figure.

    Args:
        lesson: what to show.
        theme: light or dark.
        _: translates what is written on it.
    """
    data, values = [], []
    names = {"batch": _("batch"), "train": _("training"), "valid": _("validation")}
    for index, (run, look) in enumerate(zip(lesson.runs, looks(theme), strict=False)):
        x, batch = _thinned(lesson, run, run.record.loss)
        data.append(line(index, f"batch:{index}", x, batch, look, f"{run.label} · {names['batch']}", "L", width=1.0, opacity=0.3))
    for index, (run, look) in enumerate(zip(lesson.runs, looks(theme), strict=False)):
        x = _epochs(lesson, run)
        for kind, y, dash in (("train", run.record.train_loss, "solid"), ("valid", run.record.valid_loss, "dash")):
            data.append(line(index, f"{kind}:{index}", x, y, look, f"{run.label} · {names[kind]}", "L", dash=dash))
            values.append(y)
        if not np.isfinite(run.record.train_loss).all():  # what the epochs no longer tell, the iterations before the overflow do
            values.append(run.record.loss)
    log = lesson.study.axis == "log" and all((value[np.isfinite(value)] > 0).all() for value in values)
    return {"data": data, "layout": layout(theme, time_axis(lesson, _), value_axis("L", values, log=log))}


def accuracy_figure(lesson: Lesson, theme: Theme, _: Translate) -> dict[str, Any]:
    """The share of objects of both parts whose class is right, after every epoch. The arguments are those of `loss_figure`."""
    data = []
    for index, (run, look) in enumerate(zip(lesson.runs, looks(theme), strict=False)):
        for kind, y, dash in ((_("training"), run.record.train_accuracy, "solid"), (_("validation"), run.record.valid_accuracy, "dash")):
            data.append(line(index, f"{kind}:{index}", _epochs(lesson, run), y, look, f"{run.label} · {kind}", _("accuracy"), dash=dash))
    return {"data": data, "layout": layout(theme, time_axis(lesson, _), share_axis(_("accuracy"), [trace["y"] for trace in data]))}


def norm_figure(lesson: Lesson, theme: Theme, _: Translate) -> dict[str, Any]:
    """‖g‖ of every iteration before clipping. The arguments are those of `loss_figure`."""
    drawn = [_thinned(lesson, run, run.record.grad_norm) for run in lesson.runs]
    data = [line(i, f"norm:{i}", x, y, look, lesson.runs[i].label, "‖g‖", width=1.4) for i, ((x, y), look) in enumerate(zip(drawn, looks(theme), strict=False))]
    return {"data": data, "layout": layout(theme, time_axis(lesson, _), value_axis("‖g‖", [run.record.grad_norm for run in lesson.runs], log=True))}


def rate_figure(lesson: Lesson, theme: Theme, _: Translate) -> dict[str, Any]:
    """η of every iteration. The arguments are those of `loss_figure`."""
    data = []
    for index, (run, look) in enumerate(zip(lesson.runs, looks(theme), strict=False)):
        x, y = _thinned(lesson, run, run.record.lr)
        data.append(line(index, f"rate:{index}", x, y, look, run.label, "η", shape="hv"))
    highest = max(float(run.record.lr.max()) for run in lesson.runs)
    return {"data": data, "layout": layout(theme, time_axis(lesson, _), frame.axis("η", range=[0.0, 1.08 * highest or 1.0], nticks=4))}


def has_classes(lesson: Lesson) -> bool:
    """Whether there is an accuracy to show."""
    return any(run.data.classes for run in lesson.runs)


def _epochs(lesson: Lesson, run: Learned) -> np.ndarray:
    return np.asarray(run.record.epoch_at * scale(lesson, run))


def _thinned(lesson: Lesson, run: Learned, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places and numbers of the iterations that are drawn."""
    stride = max(1, -(-len(values) // DRAWN))
    return np.arange(0, len(values), stride) * scale(lesson, run), values[::stride]
