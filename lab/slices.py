"""From a `Cut` to a `Survey`: the landscapes, the paths in them, lines and curvature. The cache is that of `lab.compute`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from lab import lessons
from lab.compute import cached, peek
from lab.cut import Cut
from lab.lesson_types import Learned, Lesson
from lab.reliefs import LINE, curvature_of, limits_of, looked, made_lines, made_relief, sharpest_plane, smoothness_of, through
from lab.slice_types import Line, Survey
from lab.study import objects
from optim_core.landscape import Curvature, Plane, Smoothness

Tell = Callable[[int, int], None]
AT_ONCE = 0.4
"""Seconds of work that a slider may wait for; what takes longer runs in the background."""
COARSE = 21
"""Places of a side of the slice that is shown meanwhile."""


class Piece(NamedTuple):
    """One piece of a survey that takes a while.

    Attributes:
        key: in the cache.
        seconds: about what it takes on two cores.
        make: makes it, telling its progress.
    """

    key: Any
    seconds: float
    make: Callable[[Tell | None], Any]


def survey(cut: Cut, _: Callable[[str], str] = str, *, draft: bool = False) -> Survey:
    """Everything that is shown of a cut.

    Args:
        cut: the reader's choice, its values in range.
        _: translates the labels of the trainings.
        draft: coarse landscapes will do where the fine ones are not at hand, and no curvature.
    """
    lesson = lessons.lesson(cut.study, _)
    reliefs = []
    for index in runs_shown(cut):
        piece = _relief(cut, lesson, index)
        reliefs.append(_had(_rougher(cut, lesson, index) if draft and peek(piece.key) is None else piece))
    lines: tuple[Line, ...] = ()
    curvatures: tuple[Curvature, ...] = ()
    limits: tuple[np.ndarray | None, ...] = ()
    smooth: tuple[Smoothness, ...] = ()
    extra = list(_extra(cut, lesson))
    if not draft or all(peek(piece.key) is not None for piece in extra):
        made = [_had(piece) for piece in extra]
        if cut.panel == "lines":
            lines = tuple(line for relief in reliefs for line in through(relief)) + tuple(line for found in made for line in found)
        elif cut.panel == "curvature":
            curvatures, limits = tuple(made), tuple(limits_of(run, found) for run, found in zip(lesson.runs, made, strict=True))
        else:
            smooth = tuple(made)
    rough = any(len(relief.x) != cut.cells for relief in reliefs) or bool(extra and not (lines or curvatures or smooth))
    return Survey(cut, lesson, tuple(reliefs), lines, curvatures, limits, smooth, rough)


def runs_shown(cut: Cut) -> tuple[int, ...]:
    """The trainings that have a landscape of their own."""
    if cut.together:
        return (0,)
    return cut.companions if cut.plane == "between" else tuple(range(len(cut.study.recipes)))


def drafted(cut: Cut) -> bool:
    """Whether the landscapes of a draft are at hand, or quick enough to wait for."""
    return lessons.at_hand(cut.study) and sum(piece.seconds for piece in _roughly(cut) if peek(piece.key) is None) <= AT_ONCE


def kept(cut: Cut) -> bool:
    """Whether the landscapes of a draft are kept still."""
    return lessons.at_hand(cut.study) and all(peek(piece.key) is not None for piece in _roughly(cut))


def ready(cut: Cut) -> bool:
    """Whether everything is at hand, or quick enough to wait for."""
    if not lessons.at_hand(cut.study):
        return False
    return sum(piece.seconds for piece in _pieces(cut) if peek(piece.key) is None) <= AT_ONCE


def at_hand(cut: Cut) -> bool:
    """Whether everything is kept still."""
    return lessons.at_hand(cut.study) and all(peek(piece.key) is not None for piece in _pieces(cut))


def question(cut: Cut) -> Any:
    """What is to be computed: two cuts that are looked at in another way ask for the same."""
    return dataclasses.replace(cut, part="train", view="map", study=dataclasses.replace(cut.study, axis="log", at=None)), lessons.question(cut.study)


def prepare(cut: Cut, tell: Tell) -> None:
    """Compute what is not at hand.

    Args:
        cut: the choice; its trainings are run, too.
        tell: told hundredths of the work; what it raises ends it.
    """
    lessons.prepare_all(cut.study, tell)
    missing = [piece for piece in [*_roughly(cut), *_pieces(cut)] if peek(piece.key) is None]  # the coarse ones first: there is something to look at
    total, before = sum(piece.seconds for piece in missing), 0.0
    for piece in missing:

        def told(done: int, of: int, before: float = before, own: float = piece.seconds) -> None:
            tell(round(100 * (before + own * done / max(of, 1)) / total), 100)

        told(0, 1)
        _had(piece, told)
        before += piece.seconds


# ---------------------------------------------------------------------- the pieces


def _pieces(cut: Cut) -> list[Piece]:
    """Everything of a survey that takes a while. The trainings are at hand."""
    lesson = lessons.lesson(cut.study)
    return [*(_relief(cut, lesson, index) for index in runs_shown(cut)), *_extra(cut, lesson)]


def _rougher(cut: Cut, lesson: Lesson, index: int) -> Piece:
    return _relief(dataclasses.replace(cut, cells=min(cut.cells, COARSE)), lesson, index)


def _roughly(cut: Cut) -> list[Piece]:
    """The landscapes that a draft shows: of each the fine one if it is at hand."""
    lesson = lessons.lesson(cut.study)
    fine = [_relief(cut, lesson, index) for index in runs_shown(cut)]
    return [piece if peek(piece.key) is not None else _rougher(cut, lesson, index) for piece, index in zip(fine, runs_shown(cut), strict=True)]


def _had(piece: Piece, tell: Tell | None = None) -> Any:
    return cached(piece.key, lambda: piece.make(tell), _size)


def _size(made: Any) -> int:
    """Bytes of all arrays in nested tuples."""
    if isinstance(made, np.ndarray):
        return made.nbytes
    return sum(map(_size, made)) if isinstance(made, tuple) else 8


def _relief(cut: Cut, lesson: Lesson, index: int) -> Piece:
    drawn, run = cut.companions if cut.together else (index,), lesson.runs[index]
    asked = lessons.question(cut.study)
    met = cut.companions if cut.plane == "between" else ()
    used = (index, *drawn, *met)  # a track names the place of its training: the same one elsewhere is another
    key = ("relief", used, tuple(asked[place] for place in used), cut.plane, cut.cells, cut.mode, cut.reach, cut.seed, cut.pair)
    seconds = _seconds(run, cut.cells**2) + 0.02 * len(drawn)
    sharpest = Piece(("sharpest", asked[index]), 80 * _gradient_seconds(run), functools.partial(_sharpest, run))
    if cut.plane == "hessian" and peek(sharpest.key) is None:
        seconds += sharpest.seconds
    return Piece(key, seconds, functools.partial(made_relief, cut, lesson, index, drawn, lambda: _had(sharpest)[0]))


def _sharpest(run: Learned, tell: Tell | None) -> tuple[Plane | None]:
    """In a tuple: that there is none is worth keeping, too."""
    return (sharpest_plane(run),)


def _extra(cut: Cut, lesson: Lesson) -> Iterator[Piece]:
    """What the chosen panel shows, training by training."""
    for index, run in enumerate(lesson.runs):
        asked = lessons.question(cut.study)
        gradient, points = _gradient_seconds(run), len(looked(run))
        if cut.panel == "lines":
            between = index > 0 and index in cut.companions
            key: Any = ("lines", asked[index], asked[0] if between else None, index, cut.mode, cut.reach, max(LINE, cut.cells))
            yield Piece(key, _seconds(run, (2 + between) * max(LINE, cut.cells)), functools.partial(_lines, cut, lesson, index))
        elif cut.panel == "curvature":
            yield Piece(("curvature", asked[index]), points * 120 * gradient, functools.partial(curvature_of, run))
        else:
            yield Piece(("smoothness", asked[index]), points * 12 * gradient, functools.partial(smoothness_of, run))


def _lines(cut: Cut, lesson: Lesson, index: int, tell: Tell | None) -> tuple[Line, ...]:
    return tuple(made_lines(cut, lesson, index))


def _seconds(run: Learned, points: int) -> float:
    """About what some points of a slice take on two cores, measured: 1.3·10⁻¹⁰ s a parameter and object, 10⁻⁴ s a row of a call."""
    return 1.3e-10 * points * run.network.size * objects(run.recipe.data) + 0.01


def _gradient_seconds(run: Learned) -> float:
    """About what a gradient, or the Hessian times a vector, takes."""
    return 2e-4 + 1.5e-9 * run.network.size * len(run.data.train)
