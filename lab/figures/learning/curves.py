"""Curves over the epochs: loss, accuracy, gradient norm, learning rate.

All trainings of a lesson share one axis. It is laid out in iterations of the training that has the most, where the player's step is a whole number, and
labelled in epochs, because batches of other sizes make other numbers of iterations in the same epoch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lab.figures import frame
from lab.figures.frame import Layout, Trace
from lab.figures.learning.looks import Look, looks
from lab.figures.style import Theme
from lab.lesson_types import Learned, Lesson

Translate = Callable[[str], str]
DRAWN = 2000
"""Iterations of a training that are drawn at most; of longer ones every second, third … is."""
DECADES = 12
FARTHEST = 1e6
"""A logarithmic axis goes up to so many times the largest beginning."""


def length(lesson: Lesson) -> int:
    """N, the iterations of the training that has the most."""
    return max(run.record.n_steps for run in lesson.runs)


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
        data.append(_line(index, f"batch:{index}", x, batch, look, f"{run.label} · {names['batch']}", "L", width=1.0, opacity=0.3))
    for index, (run, look) in enumerate(zip(lesson.runs, looks(theme), strict=False)):
        x = _epochs(lesson, run)
        for kind, y, dash in (("train", run.record.train_loss, "solid"), ("valid", run.record.valid_loss, "dash")):
            data.append(_line(index, f"{kind}:{index}", x, y, look, f"{run.label} · {names[kind]}", "L", dash=dash))
            values.append(y)
        if not np.isfinite(run.record.train_loss).all():  # what the epochs no longer tell, the iterations before the overflow do
            values.append(run.record.loss)
    log = lesson.study.axis == "log" and all((value[np.isfinite(value)] > 0).all() for value in values)
    return {"data": data, "layout": _layout(lesson, theme, _, _value_axis("L", values, log=log))}


def accuracy_figure(lesson: Lesson, theme: Theme, _: Translate) -> dict[str, Any]:
    """The share of objects of both parts whose class is right, after every epoch. The arguments are those of `loss_figure`."""
    data = []
    for index, (run, look) in enumerate(zip(lesson.runs, looks(theme), strict=False)):
        for kind, y, dash in ((_("training"), run.record.train_accuracy, "solid"), (_("validation"), run.record.valid_accuracy, "dash")):
            data.append(_line(index, f"{kind}:{index}", _epochs(lesson, run), y, look, f"{run.label} · {kind}", _("accuracy"), dash=dash))
    lowest = min((float(trace["y"].min()) for trace in data), default=0.0)
    floor = math.floor(max(lowest - 0.05, 0.0) * 10) / 10 if math.isfinite(lowest) else 0.0
    return {"data": data, "layout": _layout(lesson, theme, _, frame.axis(_("accuracy"), range=[floor, 1.02], tickformat=".0%", nticks=5))}


def norm_figure(lesson: Lesson, theme: Theme, _: Translate) -> dict[str, Any]:
    """‖g‖ of every iteration before clipping. The arguments are those of `loss_figure`."""
    drawn = [_thinned(lesson, run, run.record.grad_norm) for run in lesson.runs]
    data = [
        _line(i, f"norm:{i}", x, y, look, lesson.runs[i].label, "‖g‖", width=1.4) for i, ((x, y), look) in enumerate(zip(drawn, looks(theme), strict=False))
    ]
    return {"data": data, "layout": _layout(lesson, theme, _, _value_axis("‖g‖", [run.record.grad_norm for run in lesson.runs], log=True))}


def rate_figure(lesson: Lesson, theme: Theme, _: Translate) -> dict[str, Any]:
    """η of every iteration. The arguments are those of `loss_figure`."""
    data = []
    for index, (run, look) in enumerate(zip(lesson.runs, looks(theme), strict=False)):
        x, y = _thinned(lesson, run, run.record.lr)
        data.append(_line(index, f"rate:{index}", x, y, look, run.label, "η", shape="hv"))
    highest = max(float(run.record.lr.max()) for run in lesson.runs)
    return {"data": data, "layout": _layout(lesson, theme, _, frame.axis("η", range=[0.0, 1.08 * highest or 1.0], nticks=4))}


def has_classes(lesson: Lesson) -> bool:
    """Whether there is an accuracy to show."""
    return any(run.data.classes for run in lesson.runs)


def _scale(lesson: Lesson, run: Learned) -> float:
    """Places on the axis for an iteration of a training."""
    most = max(other.record.per_epoch for other in lesson.runs)
    return most / run.record.per_epoch


def _epochs(lesson: Lesson, run: Learned) -> np.ndarray:
    return np.asarray(run.record.epoch_at * _scale(lesson, run))


def _thinned(lesson: Lesson, run: Learned, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places and numbers of the iterations that are drawn."""
    stride = max(1, -(-len(values) // DRAWN))
    return np.arange(0, len(values), stride) * _scale(lesson, run), values[::stride]


def _line(index: int, name: str, x: np.ndarray, y: np.ndarray, look: Look, label: str, symbol: str, **more: Any) -> Trace:
    style = {"color": look.color, "width": more.pop("width", 2.0), "dash": more.pop("dash", "solid")}
    if "shape" in more:
        style["shape"] = more.pop("shape")
    return {
        "type": "scatter", "mode": "lines", "name": name, "meta": {"run": index}, "x": x, "y": np.where(np.isfinite(y), y, np.nan), "line": style,
        "hovertext": label, "hovertemplate": f"{_plain(label)}<br>{symbol} = %{{y:.4~g}}<extra></extra>", **more,
    }  # fmt: skip


def _plain(text: str) -> str:
    """Plotly takes what stands in angle brackets for markup."""
    return text.replace("<", "‹").replace(">", "›")


def _layout(lesson: Lesson, theme: Theme, _: Translate, values: Layout) -> Layout:
    layout = frame.layout(theme)
    layout["showlegend"] = False
    layout["margin"] = {"l": 54, "r": 12, "t": 8, "b": 36}
    return layout | {"xaxis": _time_axis(lesson, _), "yaxis": values}


def _time_axis(lesson: Lesson, _: Translate) -> Layout:
    """Laid out in iterations, labelled in epochs."""
    most = max(run.record.per_epoch for run in lesson.runs)
    epochs = length(lesson) / most
    step = next(nice * 10**power for power in range(5) for nice in (1, 2, 5) if epochs / (nice * 10**power) <= 6)
    ticks = np.arange(0, epochs + 1e-9, step)
    return frame.axis(_("epoch"), range=[0, length(lesson)], tickmode="array", tickvals=(ticks * most).tolist(), ticktext=[f"{tick:g}" for tick in ticks])


def _value_axis(title: str, values: list[np.ndarray], *, log: bool) -> Layout:
    """An axis for all values that are finite; no more than `DECADES` decades where it is logarithmic."""
    if log:  # what diverges leaves the picture at the top, so that the beginning and the others stay in it
        most = FARTHEST * max((float(value[0]) for value in values if len(value) and np.isfinite(value[0])), default=np.inf)
        low, high = frame.whole_decades([value[~(value > most)] for value in values], DECADES)
        return frame.axis(title, type="log", range=[low, high], **frame.decades(low, high))
    finite = np.concatenate([value[np.isfinite(value)] for value in values]) if values else np.zeros(0)
    first = np.concatenate([value[:1][np.isfinite(value[:1])] for value in values])
    top = (
        min(float(finite.max()), 3.0 * float(first.max())) if len(finite) and len(first) else 1.0
    )  # beyond three times the beginning a line leaves the picture
    bottom = min(0.0, float(finite.min())) if len(finite) else 0.0
    return frame.axis(title, range=[bottom, 1.05 * top or 1.0], nticks=5)
