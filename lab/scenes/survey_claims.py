"""What a scene of landscapes claims of them, checked against the core. How a claim is written stands in `lab.scenes.claims`; run 1 is the first training."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from lab import slices
from lab.cut import Cut
from lab.lesson_types import Learned
from lab.scenes.claims import parse
from lab.scenes.timed_claims import Verdict
from lab.slice_types import Line, Relief, Track
from optim_core.landscape.curvature import Curvature
from optim_core.landscape.smoothness import Smoothness


class Sight(NamedTuple):
    """A training with what a landscape shows of it.

    Attributes:
        learned: the training.
        relief: the landscape that its path is drawn on.
        track: its path there.
        lines: of this training, by kind.
        curvature, limit, smoothness: as in `lab.slice_types.Survey`; None unless the scene's panel shows them.
    """

    learned: Learned
    relief: Relief
    track: Track
    lines: Mapping[str, Line]
    curvature: Curvature | None = None
    limit: np.ndarray | None = None
    smoothness: Smoothness | None = None


Sights = tuple[Sight, ...]


def sights(cut: Cut) -> Sights:
    """What is seen of every training that has a path in the cut."""
    shown, straight = slices.survey(cut), slices.survey(dataclasses.replace(cut, panel="lines"))
    found = []
    for relief in shown.reliefs:
        for track in relief.tracks:
            lines: dict[str, Line] = {line.kind: line for line in straight.lines if line.run == track.run}
            extra: dict[str, Any] = {}
            if shown.curvatures:
                extra = {"curvature": shown.curvatures[track.run], "limit": shown.limits[track.run]}
            if shown.smoothness:
                extra["smoothness"] = shown.smoothness[track.run]
            found.append(Sight(shown.lesson.runs[track.run], relief, track, lines, **extra))
    return tuple(found)


def check(claim: Mapping[str, Any], seen: Sights) -> Verdict:
    """Whether a claim holds of what is seen, and what was measured.

    Raises:
        ValueError: the claim is malformed, or names a training whose path is not drawn.
    """
    kind, runs, extras = parse(claim, SURVEYED)
    if max(runs) > len(seen):
        raise ValueError(f"{dict(claim)} names run {max(runs)}; {len(seen)} paths are drawn")
    return SURVEYED[kind](*(seen[run - 1] for run in runs), claim[kind], **extras)


# ---------------------------------------------------------------------- of one training


def exact_at_centre(run: Sight, value: float) -> Verdict:
    """At the centre the slice's loss is the trained loss, relative to it."""
    relief, record = run.relief, run.learned.record
    at_centre = float(relief.heights.loss[relief.y == 0.0, relief.x == 0.0][0])
    gap = abs(at_centre / float(record.train_loss[-1]) - 1.0)
    return gap <= value, f"the slice has {at_centre!r}, off by {gap:.3g}"


def plane_holds(run: Sight, value: float) -> Verdict:
    """The plane holds at least this share of the path."""
    return run.track.explained >= value, f"the plane holds {run.track.explained:.4f} of the path"


def plane_misses(run: Sight, value: float) -> Verdict:
    """The plane holds at most this share of the path."""
    return run.track.explained <= value, f"the plane holds {run.track.explained:.4f} of the path"


def drawn_as_true(run: Sight, value: float) -> Verdict:
    """At every checkpoint the loss where the path is drawn differs from its true loss by at most this factor."""
    factor = float(np.exp(np.abs(np.log(run.track.drawn.loss / run.track.true.loss)).max()))
    return factor <= value, f"the drawn loss is off by up to a factor of {factor:.4g}"


def straight_down(run: Sight, value: float) -> Verdict:
    """On the straight way from the first weights to the last the training loss never rises by more than this share of its whole fall (Goodfellow et al.)."""
    line = run.lines["training"]
    losses = line.heights.loss[(line.x >= 0.0) & (line.x <= 1.0)]
    fall = float(losses[0] - losses[-1])
    rise = float((losses - np.minimum.accumulate(losses)).max())
    return fall > 0.0 and rise <= value * fall, f"the loss falls by {fall:.3g} and rises meanwhile by up to {rise:.3g}"


def ridge(run: Sight, value: float) -> Verdict:
    """Between A and this training the loss rises to at least so many times the higher of the two ends."""
    if "between" not in run.lines:
        return False, "nothing to go from"
    line = run.lines["between"]
    inside = line.heights.loss[(line.x >= 0.0) & (line.x <= 1.0)]
    times = float(inside.max() / max(inside[0], inside[-1]))
    return times >= value, f"the loss between rises to {times:.3g} times that of the worse end"


def sharpness_settles(run: Sight, value: list[float]) -> Verdict:
    """Over the last quarter of the checkpoints the median of λ_max over the bound of stability, 2/η for gradient descent, lies between two numbers."""
    if run.curvature is None or run.limit is None:
        return False, "no curvature, or no bound"
    last = _late(run.curvature.leading[:, 0] / run.limit)
    return value[0] <= last <= value[1], f"λ_max over the bound is {last:.4f} at the end"


def sharpness_rises(run: Sight, value: float) -> Verdict:
    """The largest λ_max is at least so many times the first (progressive sharpening)."""
    if run.curvature is None:
        return False, "no curvature"
    sharpest = run.curvature.leading[:, 0]
    return bool(np.nanmax(sharpest) >= value * sharpest[0]), f"λ_max rises from {sharpest[0]:.3g} to {np.nanmax(sharpest):.3g}"


# ---------------------------------------------------------------------- of two


def flatter(run: Sight, other: Sight, value: float) -> Verdict:
    """The median height of the slice above its centre is less than so many times the other's."""
    mine, theirs = (_rise(sight.relief) for sight in (run, other))
    return mine < value * theirs, f"median rises of {mine:.3g} and {theirs:.3g}"


def less_sharp(run: Sight, other: Sight, value: float) -> Verdict:
    """Over the last quarter of the checkpoints the median of λ_max is less than so many times the other's."""
    if run.curvature is None or other.curvature is None:
        return False, "no curvature"
    mine, theirs = (_late(curved.leading[:, 0]) for curved in (run.curvature, other.curvature))
    return mine < value * theirs, f"λ_max is {mine:.3g} and {theirs:.3g} at the end"


def apart(run: Sight, other: Sight, value: float) -> Verdict:
    """Where the two paths are drawn, their ends are at least this share of the longer way from the first weights apart."""
    ends, ways = [], []
    for sight in (run, other):
        at = sight.track.shadow.at
        ends.append(at[-1])
        ways.append(float(np.linalg.norm(at[-1] - at[0])))
    share = float(np.linalg.norm(ends[0] - ends[1])) / (max(ways) or 1.0)
    return share >= value, f"the ends are {share:.3g} of the longer way apart"


def narrower(run: Sight, other: Sight, value: float) -> Verdict:
    """Along −∇L the loss spans less than so many times what the other's does, in the median over the checkpoints (D13)."""
    return _of_two(run, other, value, lambda smooth: np.ptp(smooth.loss, axis=1), "spans of the loss")


def more_predictable(run: Sight, other: Sight, value: float) -> Verdict:
    """Along −∇L the gradient changes less than so many times as much as the other's, in the median over the checkpoints (D13)."""
    return _of_two(run, other, value, lambda smooth: smooth.change.max(axis=1), "changes of the gradient")


def smoother(run: Sight, other: Sight, value: float) -> Verdict:
    """The effective β-smoothness is less than so many times the other's, in the median over the checkpoints (D13)."""
    return _of_two(run, other, value, lambda smooth: smooth.beta, "β")


def _of_two(run: Sight, other: Sight, value: float, measure: Callable[[Smoothness], np.ndarray], named: str) -> Verdict:
    if run.smoothness is None or other.smoothness is None:
        return False, "smoothness was not measured"
    mine, theirs = (float(np.median(measure(smooth))) for smooth in (run.smoothness, other.smoothness))
    return mine < value * theirs, f"{named}, medians: {mine:.4g} and {theirs:.4g}"


def _late(values: np.ndarray) -> float:
    """The median of the last quarter."""
    return float(np.median(values[-max(len(values) // 4, 1) :]))


def _rise(relief: Relief) -> float:
    centre = relief.heights.loss[relief.y == 0.0, relief.x == 0.0][0]
    return float(np.median(relief.heights.loss) - centre)


SURVEYED: dict[str, Callable[..., Verdict]] = {
    function.__name__: function
    for function in (
        exact_at_centre, plane_holds, plane_misses, drawn_as_true, straight_down, ridge, sharpness_settles, sharpness_rises, flatter, less_sharp,
        apart, narrower, more_predictable, smoother,
    )
}  # fmt: skip
