"""What a page, a figure or an export of trainings is given: NumPy arrays and plain numbers, computed by `lab.lessons`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from lab.recipe import Recipe
from lab.study import Study
from optim_core.datasets import Data
from optim_core.hyper import N_
from optim_core.networks import Network, Training

KINDS = {"weights": N_("weights"), "activations": N_("activations"), "gradients": N_("gradients")}
"""What histograms are of, and what a reader calls it."""


class Plane(NamedTuple):
    """Where a picture of the data is drawn.

    Attributes:
        kind: two inputs as they are; the two leading principal components; one input and the target.
        x, y: the ends of the picture.
        points: where the objects lie in it, `(n, 2)`.
        names: of the axes, plain text.
        share: of the variance that lies in the plane; 1 unless principal.
    """

    kind: Literal["plane", "principal", "line"]
    x: tuple[float, float]
    y: tuple[float, float]
    points: np.ndarray
    names: tuple[str, str]
    share: float


class Histogram(NamedTuple):
    """How the numbers of one layer are distributed at the checkpoints.

    Attributes:
        kind: of what.
        layer: from 0; the output layer is the last.
        edges: of the bins, `(bins+1,)`, the same at all checkpoints.
        counts: shares of all values at a checkpoint, `(F, bins)`; values that are not finite are in none.
    """

    kind: Literal["weights", "activations", "gradients"]
    layer: int
    edges: np.ndarray
    counts: np.ndarray


class Learned(NamedTuple):
    """One training, with everything that a picture of it needs. F checkpoints, or in a draft only the last one.

    Attributes:
        recipe, data, network, record: what was trained, on what, and what happened.
        plane: where the data are drawn.
        seen: what the network says there, `(F, cells, cells)`, uint8, row 0 lowest. Of classes: class·levels + level with levels = 256 // classes, from the
            certainty 1/classes (level 0) to 1; of values over two inputs: 0 … 255 between `low` and `high`; `(F, 0, 0)` for a line.
        low, high: the ends of the values' colours; a value beyond them has the colour of the end.
        line_x, lines: the fitted curve, `(m,)` and `(F, m)`; empty otherwise.
        lost: where the network says, in the picture, what is not a number, `(F,)`, bool; `seen` is then to be drawn as lost.
        histograms: weights, activations and gradients, layer by layer.
        findings: what the record shows, as translated sentences.
        label: "A", or "B: batch size 128", translated.
    """

    recipe: Recipe
    data: Data
    network: Network
    record: Training
    plane: Plane
    seen: np.ndarray
    low: float
    high: float
    line_x: np.ndarray
    lines: np.ndarray
    lost: np.ndarray
    histograms: tuple[Histogram, ...]
    findings: tuple[str, ...]
    label: str


@dataclass(frozen=True)
class Lesson:
    """A study with everything computed. In a draft only the last checkpoint has pictures: the next lesson will be whole."""

    study: Study
    runs: tuple[Learned, ...]
    draft: bool = False
