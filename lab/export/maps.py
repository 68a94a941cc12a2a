"""The map of many runs, to be printed and to be computed with."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lab import atlas
from lab.boards import DIVERGED, NOT_YET, THERE, Board
from lab.experiment import Experiment
from lab.export.numbers import origin
from lab.figures.atlas import plane_figure
from lab.figures.basins import basins_figure
from lab.figures.seeds import seeds_figure
from lab.figures.style import Theme
from lab.i18n import Translate
from optim_core.hyper import N_
from optim_core.sweep import NEVER

if TYPE_CHECKING:
    from lab.compute import Picture

NO_MAP = N_("This experiment has no map of many runs.")
WORDS = {THERE: "there", NOT_YET: "not there", DIVERGED: "diverged"}


class NoMap(ValueError):
    """There is no map to export. Its text is a marked message."""

    def __init__(self) -> None:
        super().__init__(NO_MAP)


def boards(experiment: Experiment) -> list[Board]:
    """The maps of an experiment, as fine as asked; computed if they are not at hand.

    Raises:
        NoMap: it has no chart, or seeds of no noise.
    """
    if experiment.chart is None or (experiment.chart.kind == "seeds" and experiment.chance is None):
        raise NoMap
    return [atlas.board(experiment, index, atlas.wanted(experiment)) for index in atlas.mapped(experiment)]


def figure_of(experiment: Experiment, made: Sequence[Board], theme: Theme, _: Translate) -> dict[str, Any]:
    """The figure of computed maps, as it is shown and exported; a plain Plotly figure.

    Args:
        experiment: with a chart.
        made: its maps.
        theme: light or dark.
        _: translates what is written.
    """
    if experiment.chart is None:
        raise NoMap
    if experiment.chart.kind == "seeds":
        return dict(seeds_figure(made, experiment, theme, _))
    sides = atlas.sides(experiment.chart, experiment.runs[made[0].run], experiment.surface)
    if experiment.chart.kind == "basins":
        return dict(basins_figure(made, experiment, sides, theme, _))
    return dict(plane_figure(made[0], experiment, sides, atlas.predicted(experiment, made[0].run), theme, _))


def atlas_figure(picture: Picture, theme: Theme, _: Translate) -> dict[str, Any]:
    """The figure of a picture's maps. The arguments are those of `figure_of`.

    Raises:
        NoMap: it has none.
    """
    return figure_of(picture.experiment, boards(picture.experiment), theme, _)


def atlas_csv(picture: Picture) -> str:
    """Every cell of a picture's maps, one row each: what varies in it, and what became of the run. Numbers read back exactly; a step that never came is empty.

    Raises:
        NoMap: it has none.
    """
    experiment = picture.experiment
    text = io.StringIO()
    made = boards(experiment)
    text.writelines(f"# {key}: {value}\n" for key, value in origin(experiment).items())
    text.write("# verdict: diverged is not finite at the end, or ended more than ten times as high above L* as it began\n")
    table = csv.writer(text, lineterminator="\n")
    sides = (
        [] if experiment.chart is None or experiment.chart.kind == "seeds" else atlas.sides(experiment.chart, experiment.runs[made[0].run], experiment.surface)
    )
    names = [axis.name for axis, _ in sides] or ["seed"]
    n = made[0].outcome.w.shape[-1]
    table.writerow(["run", *names, "verdict", "reached", "settled", "first_loss", "loss", *(f"w{i}" for i in range(1, n + 1))])
    for board in made:
        for row, column in np.ndindex(board.verdict.shape):
            at = [repr(float(board.x[column])), repr(float(board.y[row]))] if sides else [column]
            steps = ["" if value == NEVER else int(value) for value in (board.outcome.reached[row, column], board.outcome.settled[row, column])]
            ends = [repr(float(value)) for value in (board.outcome.first_loss[row, column], board.outcome.loss[row, column], *board.outcome.w[row, column])]
            table.writerow([board.run + 1, *at, WORDS[int(board.verdict[row, column])], *steps, *ends])
    return text.getvalue()
