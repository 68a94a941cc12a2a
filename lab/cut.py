"""`Cut`: trainings, and the planes in which their loss is looked at. With its link. Pure.

A cut is a `lab.study.Study` and a few keys of its own that begin with `cut`; so the link of a training becomes that of its landscape by adding none.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lab.link import Reader, text_of
from lab.recipe import Recipe
from lab.study import Study
from lab.values import Allowed, Problem, choice, flag, number, whole
from optim_core.hyper import N_, Hyper, TextError
from optim_core.landscape.directions import KINDS, Kind
from optim_core.landscape.slices import MODES, Mode

Part = Literal["train", "valid", "accuracy", "valid_accuracy"]
PARTS: tuple[Part, ...] = ("train", "valid", "accuracy", "valid_accuracy")
View = Literal["map", "space"]
VIEWS: tuple[View, ...] = ("map", "space")
Panel = Literal["lines", "curvature", "smoothness"]
PANELS: tuple[Panel, ...] = ("lines", "curvature", "smoothness")
ALONE = N_("there is no other training with the same network and data")
CELLS = (21, 51, 101, 201)
"""Places of a side of a slice."""
REACH = Hyper(1, 0.05, 20, "r", N_("reach"), N_("How far the picture goes, as a multiple of the usual."), "log")
SEED = Hyper(1, 1, 9999, "", N_("draw"), N_("Another number, other random directions."), "integer_log")

PLANES: dict[Kind, str] = {
    "path": N_("path's own plane"), "filters": N_("random, by neuron"), "random": N_("random"), "hessian": N_("sharpest"), "line": N_("first → last weights"),
    "between": N_("A → another training"), "weights": N_("two single weights"),
}  # fmt: skip
"""How a plane is chosen, and what a reader calls it."""


@dataclass(frozen=True)
class Cut:
    """The whole choice of the page Landscape.

    Attributes:
        study: the trainings, how the axis of the loss runs, and where the player stands.
        plane: how the directions are chosen.
        together: the paths of all trainings in one plane of the first one's loss; else a landscape for each.
        cells: places of a side of a slice, one of `CELLS`.
        part: what the heights are: the loss or the accuracy on the objects to learn from or to be judged by.
        mode: what batch norm goes by.
        reach: how far the picture goes, as a multiple of the usual.
        seed: of the random directions.
        pair: places of two single weights in the flat vector.
        view: level lines or a surface in space.
        panel: what stands under the player besides the path's true and drawn loss.
    """

    study: Study
    plane: Kind = "path"
    together: bool = False
    cells: int = 51
    part: Part = "train"
    mode: Mode = "running"
    reach: float = 1.0
    seed: int = 1
    pair: tuple[int, int] = (0, 1)
    view: View = "map"
    panel: Panel = "lines"

    @functools.cached_property
    def companions(self) -> tuple[int, ...]:
        """The trainings whose weights mean the same on the same data as the first one's, itself included: their paths can be drawn on its landscape."""
        return tuple(index for index, recipe in enumerate(self.study.recipes) if _meaning(recipe) == _meaning(self.study.recipe))

    def to_query(self) -> dict[str, str]:
        """Every value as text, in a fixed order."""
        pair = ",".join(map(str, self.pair))
        own = {"cut": self.plane, "cut.together": str(int(self.together)), "cut.cells": str(self.cells), "cut.part": self.part, "cut.norm": self.mode}
        own |= {"cut.reach": text_of(self.reach), "cut.seed": str(self.seed), "cut.pair": pair, "cut.view": self.view, "cut.panel": self.panel}
        return {**self.study.to_query(), **own}

    @staticmethod
    def from_query(query: Mapping[str, str], own: Any = None) -> tuple[Cut, list[Problem]]:
        """Read a link. Never raises.

        Args:
            query: any keys and texts; that of a study gives its trainings in their own plane.
            own: the reader's own table, if one is open.

        Returns:
            The cut, and a problem for each value that was not understood.
        """
        study, problems = Study.from_query({key: text for key, text in query.items() if not _is_own(key)}, own)
        reader = Reader({key: text for key, text in query.items() if _is_own(key)})
        plane, together = reader.take("cut", choice(KINDS), "path"), reader.take("cut.together", flag, False)
        cells = reader.take("cut.cells", _cells, 51)
        part, mode = reader.take("cut.part", choice(PARTS), "train"), reader.take("cut.norm", choice(MODES), "running")
        reach, seed = reader.take("cut.reach", number(REACH), 1.0), reader.take("cut.seed", whole(int(SEED.low), int(SEED.high)), 1)
        pair = reader.take("cut.pair", _pair, (0, 1))
        view, panel = reader.take("cut.view", choice(VIEWS), "map"), reader.take("cut.panel", choice(PANELS), "lines")
        made = Cut(study, plane, together, cells, part, mode, reach, seed, pair, view, panel)
        fitted, unfit = made.fitted()
        return fitted, [*problems, *reader.problems(), *unfit]

    def fitted(self) -> tuple[Cut, list[Problem]]:
        """This cut with what its trainings do not have put back, and what that was."""
        made, wrong = self, []
        size = min(recipe.network().size for recipe in self.study.recipes)
        if max(self.pair) >= size:
            wrong.append(Problem("cut.pair", ",".join(map(str, self.pair)), (f"0 … {size - 1}, 0 … {size - 1}",)))
            made = dataclasses.replace(made, pair=(0, 1))
        classless = self.study.recipe.head == "linear"
        if classless and self.part.endswith("accuracy"):
            wrong.append(Problem("cut.part", self.part, tuple(part for part in PARTS if not part.endswith("accuracy"))))
            made = dataclasses.replace(made, part="train")
        if self.together and len(self.companions) < 2:
            wrong.append(Problem("cut.together", "1", TextError(ALONE)))
            made = dataclasses.replace(made, together=False)
        if self.plane == "between" and len(self.companions) < 2:
            wrong.append(Problem("cut", self.plane, TextError(ALONE)))
            made = dataclasses.replace(made, plane="path")
        return made, wrong

    def set(self, key: str, text: str) -> tuple[Cut, Problem | None]:
        """Change one value by its key.

        Returns:
            The new cut, or this one together with the problem when the text is not understood. A key that is not there changes nothing.
        """
        if not _is_own(key):
            study, problem = self.study.set(key, text)
            return dataclasses.replace(self, study=study).fitted()[0], problem
        query = self.to_query()
        if key not in query:
            return self, None
        made, problems = Cut.from_query(query | {key: text}, self.study.own)
        serious = [problem for problem in problems if problem.key == key]
        return (self, serious[0]) if serious else (dataclasses.replace(made, study=self.study), None)


def _meaning(recipe: Recipe) -> Any:
    """What weights are weights of: network and data."""
    network = dataclasses.replace(recipe.network(), dropout=False)
    return network, recipe.data, recipe.data_seed, recipe.share, recipe.standardise


def _is_own(key: str) -> bool:
    return key == "cut" or key.startswith("cut.")


def _cells(text: str) -> tuple[int | None, Allowed]:
    """One of the sizes that there are."""
    found = whole(CELLS[0], CELLS[-1])(text)[0]
    return found if found in CELLS else None, tuple(map(str, CELLS))


def _pair(text: str) -> tuple[tuple[int, int] | None, Allowed]:
    """Two places in the flat vector of parameters, not the same: `0,5`."""
    parts = [whole(0, 10**6)(part)[0] for part in text.split(",")]
    pair = (parts[0], parts[1]) if len(parts) == 2 and None not in parts and parts[0] != parts[1] else None
    return pair, ("0 … P − 1, 0 … P − 1",)
