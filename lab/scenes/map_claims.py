"""What a scene claims of its maps; with the rest in `lab.scenes.claims`."""

from __future__ import annotations

import numpy as np

from lab import atlas
from lab.boards import DIVERGED, Board
from lab.charts import position
from lab.compute import Picture
from lab.scenes.timed_claims import Verdict


def _board(picture: Picture, run: int) -> Board:
    return atlas.board(picture.experiment, run, atlas.wanted(picture.experiment))


def map_best(picture: Picture, run: int, value: list[float], *, cells: int) -> Verdict:
    """The best cell of the map lies within so many cells of the two values, across and upwards."""
    board, chart = _board(picture, run), picture.experiment.chart
    if chart is None or board.best is None:
        return False, "no run got there"
    sides = atlas.sides(chart, picture.experiment.runs[run], picture.experiment.surface)
    wanted = [float(position(declared, axis, np.array([number]))[0]) * board.cells for (axis, declared), number in zip(sides, value, strict=True)]
    row, column = board.best
    off = max(abs(column + 0.5 - wanted[0]), abs(row + 0.5 - wanted[1]))
    return off <= cells + 0.5, f"the best cell is {board.x[column]:.4g}, {board.y[row]:.4g}, {off:.1f} cells away"


def map_bound(picture: Picture, run: int, value: float) -> Verdict:
    """Along every row the first cell that diverges lies within `value` cells of the bound of theory."""
    board, theory = _board(picture, run), atlas.predicted(picture.experiment, run)
    if theory is None:
        return False, "theory knows no bound"
    rows = (np.arange(board.cells) + 0.5) / board.cells
    bound = np.interp(rows, theory.boundary[:, 1], theory.boundary[:, 0]) * board.cells
    gone = board.verdict == DIVERGED
    first = np.where(gone.any(axis=1), gone.argmax(axis=1), board.cells)
    seen = (bound > 1) & (bound < board.cells - 1)
    off = np.abs(first - bound)[seen]
    return bool(seen.any() and off.max() <= value), f"up to {off.max(initial=0.0):.2f} cells off in {seen.sum()} rows"


def map_lowest_share(picture: Picture, run: int, value: list[float]) -> Verdict:
    """The share of the starts that come to rest in the lowest minimum lies between two values."""
    share = float((_board(picture, run).basins == 0).mean())
    return value[0] <= share <= value[1], f"{share:.1%} of the starts"


def map_more_in_lowest(picture: Picture, run: int, other: int, value: float) -> Verdict:
    """More starts come to rest in the lowest minimum in the first run than in the second, by the share `value` or more."""
    mine, theirs = (float((_board(picture, index).basins == 0).mean()) for index in (run, other))
    return mine - theirs >= value, f"{mine:.1%} and {theirs:.1%} of the starts"


def seeds_lower(picture: Picture, run: int, other: int, value: float) -> Verdict:
    """The median of the seeds' last losses, above the lowest minimum, is at most `value` times as high in the first run as in the second."""
    mine, theirs = (float(np.median(_board(picture, index).shown("loss"))) for index in (run, other))
    return mine <= value * theirs, f"medians {mine:.4g} and {theirs:.4g} above the lowest minimum"


def seeds_elsewhere(picture: Picture, run: int, value: list[float]) -> Verdict:
    """The share of the seeds that end nearer to another minimum than the run without noise lies between two values."""
    board, quiet = _board(picture, run), atlas.without_noise(picture.experiment, run)
    if quiet is None:
        return False, "without noise it ends at no point"
    share = float(((board.nearest >= 0) & (board.nearest != board.nearest_to(quiet))).mean())
    return value[0] <= share <= value[1], f"{share:.1%} of the seeds"


MAPPED = (map_best, map_bound, map_lowest_share, map_more_in_lowest, seeds_lower, seeds_elsewhere)
