"""The axis that all trainings of a lesson share, and what every figure over it has in common.

It is laid out in iterations of the training that has the most, where the player's step is a whole number, and labelled in epochs, because batches of other
sizes make other numbers of iterations in the same epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lab.figures import frame
from lab.figures.frame import Layout, Trace
from lab.figures.learning.looks import Look
from lab.figures.style import Theme
from lab.figures.ticks import log_axis_ticks
from lab.lesson_types import Learned, Lesson
from optim_core.hyper import N_

Translate = Callable[[str], str]
DECADES = 12
FARTHEST = 1e6
"""A logarithmic axis goes up to so many times the largest beginning."""


def length(lesson: Lesson) -> int:
    """N, the places on the axis: as many as the longest training has, see `scale`."""
    return max(round(run.record.n_steps * scale(lesson, run)) for run in lesson.runs)


def by_steps(lesson: Lesson) -> bool:
    """Whether the trainings share their iterations and not their epochs: they have not as many epochs as each other."""
    return len({run.recipe.epochs for run in lesson.runs}) > 1


def tick(lesson: Lesson, run: Learned) -> int:
    """How many iterations of a training are one tick of the common clock: those of an epoch, or one."""
    return 1 if by_steps(lesson) else run.record.per_epoch


def most(lesson: Lesson) -> int:
    """Places on the axis for a tick of the common clock."""
    return max(tick(lesson, run) for run in lesson.runs)


def scale(lesson: Lesson, run: Learned) -> float:
    """Places on the axis for an iteration of a training."""
    return most(lesson) / tick(lesson, run)


def line(index: int, name: str, x: np.ndarray, y: np.ndarray, look: Look, label: str, symbol: str, **more: Any) -> Trace:
    """A line of training `index`; what is not finite is a gap.

    Args:
        index: the training's place in the lesson.
        name: the trace's.
        x, y: places and values, `(m,)` each.
        look: the training's.
        label: what hovering calls the line, as plain text.
        symbol: what hovering calls the value.
        more: `width`, `dash` and `shape` of the line; the rest goes into the trace.
    """
    style = {"color": look.color, "width": more.pop("width", 2.0), "dash": more.pop("dash", "solid")}
    if "shape" in more:
        style["shape"] = more.pop("shape")
    return {
        "type": "scatter", "mode": "lines", "name": name, "meta": {"run": index}, "x": x, "y": np.where(np.isfinite(y), y, np.nan), "line": style,
        "hovertext": label, "hovertemplate": f"{plain(label)}<br>{symbol} = %{{y:.4~g}}<extra></extra>", **more,
    }  # fmt: skip


def plain(text: str) -> str:
    """Plotly takes what stands in angle brackets for markup."""
    return text.replace("<", "‹").replace(">", "›")


def layout(theme: Theme, x: Layout, y: Layout) -> Layout:
    """The layout of a small figure of lines without a legend."""
    made = frame.layout(theme)
    made["showlegend"] = False
    made["margin"] = {"l": 54, "r": 12, "t": 8, "b": 36}
    small = {"font": {"size": 13}}
    return made | {"xaxis": x | {"title": x["title"] | small}, "yaxis": y | {"title": y["title"] | small}}


def time_axis(lesson: Lesson, _: Translate) -> Layout:
    """Laid out in iterations, labelled in ticks of the common clock."""
    whole, wide = length(lesson) / most(lesson), most(lesson)
    step = next(nice * 10**power for power in range(5) for nice in (1, 2, 5) if whole / (nice * 10**power) <= 6)
    ticks = np.arange(0, whole + 1e-9, step)
    title, texts = _("iteration") if by_steps(lesson) else _("epoch"), [f"{place:g}" for place in ticks]
    return frame.axis(title, range=[0, length(lesson)], tickmode="array", tickvals=(ticks * wide).tolist(), ticktext=texts)


def step_words(lesson: Lesson) -> str:
    """How the player tells where it stands, to be translated."""
    return N_("iteration {t} / {n}") if by_steps(lesson) else N_("iteration {t} / {n} · epoch {epoch}")


def value_axis(title: str, values: Sequence[np.ndarray], *, log: bool) -> Layout:
    """An axis for all values that are finite; no more than `DECADES` decades where it is logarithmic."""
    if log:  # what diverges leaves the picture at the top, so that the beginning and the others stay in it
        most = FARTHEST * max((float(value[0]) for value in values if len(value) and np.isfinite(value[0])), default=np.inf)
        low, high = frame.whole_decades([value[~(value > most)] for value in values], DECADES)
        return frame.axis(title, type="log", range=[low, high], **log_axis_ticks(low, high))
    finite = np.concatenate([value[np.isfinite(value)] for value in values]) if values else np.zeros(0)
    first = np.concatenate([value[:1][np.isfinite(value[:1])] for value in values]) if values else np.zeros(0)
    top = (
        min(float(finite.max()), 3.0 * float(first.max())) if len(finite) and len(first) else 1.0
    )  # beyond three times the beginning a line leaves the picture
    bottom = min(0.0, float(finite.min())) if len(finite) else 0.0
    return frame.axis(title, range=[bottom, 1.05 * top or 1.0], nticks=5)


def share_axis(title: str, values: Sequence[np.ndarray]) -> Layout:
    """An axis for shares such as an accuracy, from a little below the lowest value that is finite to 1."""
    finite = [value[np.isfinite(value)] for value in values]
    lowest = min((float(value.min()) for value in finite if len(value)), default=0.0)
    floor = np.floor(max(lowest - 0.05, 0.0) * 10) / 10
    return frame.axis(title, range=[float(floor), 1.02], tickformat=".0%", nticks=5)
