"""The gallery: every optimizer on the reader's surface, as tiles that can be sorted."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lab import compute, race
from lab.canvas import backdrop_png
from lab.experiment import Experiment
from lab.figures.style import Theme
from lab.i18n import Translate
from lab.plane import drawn_points
from lab.race import Aim
from optim_core.evaluations import counted
from optim_core.stopping import first_within

Sort = Literal["steps", "loss", "evaluations", "name", "family"]
SORTS: tuple[Sort, ...] = ("steps", "loss", "evaluations", "name", "family")


@dataclass(frozen=True)
class Tile:
    """One optimizer in the gallery, read off its recorded run.

    Attributes:
        index: its place in the experiment.
        name: its title in English.
        family: as the optimizer says.
        tuned: whether its values are a winner's; else they are the slide's, with the η that the surface suggests.
        steps: the first step with L − L* ≤ tolerance of a run that is there at the end, too; ∞ where there is none.
        evaluations: of loss, gradient and Hessian up to that step, ∞ where there is none.
        loss: L − L* at the end, L where there is no L*; ∞ where it is no finite number.
        points: the path as it is drawn, `(T+1, 2)`.
    """

    index: int
    name: str
    family: str
    tuned: bool
    steps: float
    evaluations: float
    loss: float
    points: np.ndarray


def gallery(experiment: Experiment, aim: Aim) -> tuple[Experiment, list[Tile]]:
    """What is known of all optimizers: tuned where the race has got to, as on the slides elsewhere.

    Args:
        experiment: of `race.everyone`.
        aim: what they are tuned for.

    Returns:
        The experiment with the winners put in, and a tile for each of its runs.
    """
    found = {index: tuning for index in range(len(experiment.runs)) if (tuning := race.known(experiment, index, aim)) is not None}
    raced = race.applied(experiment, found)
    picture = compute.picture(raced)
    floor = picture.landscape.floor
    tiles = []
    for index, (run, path) in enumerate(zip(raced.runs, picture.paths, strict=True)):
        loss = float(path.loss[-1]) - (floor or 0.0)
        step = first_within(path, floor, aim.tolerance) if floor is not None and loss <= aim.tolerance else None
        steps, price = (np.inf, np.inf) if step is None else (float(step), float(counted(run.optimizer, path)[step]))
        kind = type(run.optimizer)
        tiles.append(Tile(index, kind.title, kind.family, index in found, steps, price, loss if np.isfinite(loss) else np.inf, drawn_points(path)))
    return raced, tiles


def ordered(tiles: list[Tile], by: Sort, _: Translate = str) -> list[Tile]:
    """The tiles, the best first; of equals the one with the lower loss, then by name as the reader sees it."""
    name = {tile.index: _(tile.name).casefold() for tile in tiles}
    keys: dict[Sort, Callable[[Tile], Any]] = {
        "steps": lambda tile: (tile.steps, tile.loss, name[tile.index]),
        "loss": lambda tile: (tile.loss, tile.steps, name[tile.index]),
        "evaluations": lambda tile: (tile.evaluations, tile.loss, name[tile.index]),
        "name": lambda tile: name[tile.index],
        "family": lambda tile: (tile.family, name[tile.index]),
    }
    return sorted(tiles, key=keys[by])


def backdrop(experiment: Experiment, theme: Theme) -> str:
    """The level lines that all tiles share, as a data URI."""

    def made() -> str:
        hidden = dataclasses.replace(experiment, runs=(dataclasses.replace(experiment.runs[0], hidden=True),))
        return "data:image/png;base64," + base64.b64encode(backdrop_png(compute.picture(hidden), theme)).decode()

    return compute.cached(("backdrop", experiment.surface, experiment.start, theme), made, len)
