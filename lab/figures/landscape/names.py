"""What the directions of a plane, and single weights, are called."""

from __future__ import annotations

import numpy as np

from lab.cut import PLANES
from lab.figures.landscape.drawing import letter
from lab.figures.learning.axes import Translate
from lab.figures.numbers import number_text
from lab.slice_types import Relief, Survey
from optim_core.networks import Network

_LETTERS = {"W": "W", "b": "b", "gamma": "γ", "beta": "β"}


def weight_name(network: Network, place: int) -> str:
    """A parameter's name: `W2[3,1]` is the weight from neuron 3 to neuron 1 of layer 2, `b1[4]` a bias; all counted from 1.

    Args:
        network: whose parameter.
        place: in the flat vector, from 0.

    Raises:
        ValueError: it is not there.
    """
    for part in network.parts:
        if part.where.start <= place < part.where.stop:
            at = np.unravel_index(place - part.where.start, part.shape)
            return f"{_LETTERS[part.name]}{part.layer + 1}[{','.join(str(int(index) + 1) for index in at)}]"
    raise ValueError(f"parameter {place!r} is not one of {network.size}")


def axis_titles(survey: Survey, relief: Relief, _: Translate) -> tuple[str, str]:
    """What the axes of a relief are called.

    Args:
        survey: the survey.
        relief: one of its landscapes.
        _: translates.
    """
    kind = relief.plane.kind
    if kind == "weights":
        network = survey.lesson.runs[relief.run].network
        first, second = (int(np.argmax(direction)) for direction in relief.plane.directions)
        return weight_name(network, first), weight_name(network, second)
    if kind == "path":
        first_share, second_share = (_("{share} % of the path").format(share=percent(share)) for share in path_shares(relief))
        return f"d₁ · {first_share}", f"d₂ · {second_share}"
    if kind == "hessian":
        first_value, second_value = (f" · λ = {number_text(value, 3)}" if np.isfinite(value) else "" for value in _eigenvalues(survey, relief))
        return f"d₁{first_value}", f"d₂{second_value}"
    if kind == "line":
        return f"d₁ · {_(PLANES['line'])}", "d₂"
    if kind == "between":
        return f"d₁ · {' → '.join(letter(survey, run) for run in met(survey, relief))}", "d₂"
    return "d₁", "d₂"


def met(survey: Survey, relief: Relief) -> tuple[int, int]:
    """The two trainings between which a relief of the kind "between" lies, its own first."""
    return relief.run, survey.cut.companions[1] if relief.run == 0 else 0


def met_point(survey: Survey, relief: Relief) -> tuple[int, np.ndarray] | None:
    """Of a relief of the kind "between" whose picture has not the other training's path: that training, and where its last weights lie in the plane; else
    None, and likewise where they do not lie in it, because that training diverged."""
    if relief.plane.kind != "between" or (other := met(survey, relief)[1]) in [track.run for track in relief.tracks]:
        return None
    away = survey.lesson.runs[other].record.w[-1] - relief.plane.centre
    point = relief.plane.directions @ away
    within = np.abs(away - point @ relief.plane.directions).max() <= 1e-6 * np.abs(away).max()
    return (other, point) if within else None


def path_shares(relief: Relief) -> tuple[float, float]:
    """The shares of Σ‖w_t − c‖² along each direction, over all paths of a relief up to where they diverge; 0 where nothing moves. The directions are at right
    angles."""
    rows = [np.column_stack([track.shadow.at, track.shadow.distance])[: track.until + 1] for track in relief.tracks]
    parts = np.concatenate(rows) if rows else np.zeros((0, 3))
    parts = parts[np.isfinite(parts).all(axis=1)]
    largest = float(np.abs(parts).max(initial=0.0)) or 1.0  # the square of a number as large as those of a divergence overflows
    first, second, rest = ((parts / largest) ** 2).sum(axis=0)
    whole = first + second + rest
    return (float(first / whole), float(second / whole)) if whole > 0.0 else (0.0, 0.0)


def percent(share: float) -> str:
    """A share as a number of per cent to one place; all but a little is not all."""
    return "100" if share > 1.0 - 1e-9 else f"{min(100.0 * share, 99.9):.1f}"


def _eigenvalues(survey: Survey, relief: Relief) -> tuple[float, float]:
    """The two leading eigenvalues at the end of the path, if they are at hand and the end is the relief's centre; else nan."""
    record = survey.lesson.runs[relief.run].record
    if relief.run >= len(survey.curvatures) or not np.array_equal(relief.plane.centre, record.w[-1]):
        return np.nan, np.nan
    last = survey.curvatures[relief.run].leading[-1]
    return (float(last[0]), float(last[1])) if len(last) > 1 else (np.nan, np.nan)
