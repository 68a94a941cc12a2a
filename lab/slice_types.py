"""What the page Landscape, a figure or an export of it is given: NumPy arrays and plain numbers, computed by `lab.slices`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from lab.cut import Cut
from lab.lesson_types import Lesson
from optim_core.hyper import N_
from optim_core.landscape import Curvature, Heights, Plane, Shadow, Smoothness

LINES = {
    "first": N_("along d₁"), "second": N_("along d₂"), "gradient": N_("along −∇L"), "training": N_("first weights to last"),
    "between": N_("from A to another training"),
}  # fmt: skip
"""What lines the loss is drawn along, and what a reader calls them."""


class Track(NamedTuple):
    """A training's path in a plane.

    Attributes:
        run: the training's place in the lesson.
        shadow: where the F checkpoints are drawn, and how far from there they are.
        until: the last checkpoint before it diverged; the last of all where it did not.
        explained: the share of the path up to there that lies in the plane, 0 to 1.
        true: loss and accuracy at the checkpoints, `(F,)`.
        drawn: the same where they are drawn, of the loss that the picture shows, `(F,)`.
    """

    run: int
    shadow: Shadow
    until: int
    explained: float
    true: Heights
    drawn: Heights


class Relief(NamedTuple):
    """One landscape.

    Attributes:
        run: the training whose loss it is and whose last weights are its centre.
        plane: where it lies.
        x, y: the coordinates of its columns and rows, `(m,)` each; each has one 0.
        heights: at (x[i], y[j]) in row j, column i, `(m, m)`.
        tracks: the paths that are drawn on it.
    """

    run: int
    plane: Plane
    x: np.ndarray
    y: np.ndarray
    heights: Heights
    tracks: tuple[Track, ...]


class Line(NamedTuple):
    """Loss and accuracy along a line.

    Attributes:
        kind: "first" and "second" along the directions of the plane; "gradient" along −∇L of unit length from the last weights; "training" from the first
            weights, 0, to the last, 1; "between" from the last weights of A, 0, to those of another training, 1.
        run: whose loss it is; of "between" the other training.
        x: where, `(m,)`.
        heights: there, `(m,)`.
    """

    kind: Literal["first", "second", "gradient", "training", "between"]
    run: int
    x: np.ndarray
    heights: Heights


@dataclass(frozen=True)
class Survey:
    """A cut with everything computed. A draft has coarse landscapes, and no curvature where it is not at hand: the next survey will be whole.

    Attributes:
        cut: the choice.
        lesson: its trainings.
        reliefs: one of each training, or of the first one alone.
        lines: where the panel is "lines".
        curvatures: of each training, where the panel is "curvature".
        limits: of each training the sharpness above which a step is unstable, at the same points, or None where theory does not know it.
        smoothness: of each training, where the panel is "smoothness".
        draft: whether it is one.
    """

    cut: Cut
    lesson: Lesson
    reliefs: tuple[Relief, ...]
    lines: tuple[Line, ...] = ()
    curvatures: tuple[Curvature, ...] = ()
    limits: tuple[np.ndarray | None, ...] = ()
    smoothness: tuple[Smoothness, ...] = ()
    draft: bool = False
