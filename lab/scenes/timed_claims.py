"""What a scene claims of the learning rate through time, of clipping, and of many seeds; with the rest in `lab.scenes.claims`."""

from __future__ import annotations

import numpy as np

from lab.compute import Picture
from lab.readings import clipped_steps

Verdict = tuple[bool, str]

WINDOW = 20
"""Steps over which the median of the seeds is averaged: one step of noise says little."""


def lr_falls(picture: Picture, run: int, value: float) -> Verdict:
    """The last learning rate is at most `value` times the largest."""
    rates = picture.paths[run].lr
    ratio = float(rates[-1] / rates.max())
    return ratio <= value, f"last learning rate over the largest: {ratio:.4g}"


def clips_at_least(picture: Picture, run: int, value: int) -> Verdict:
    """The gradient is cut at `value` steps or more."""
    steps = clipped_steps(picture.paths[run])
    return len(steps) >= value, f"{len(steps)} clipped steps"


def same_until(picture: Picture, run: int, other: int, value: int, *, distance: float) -> Verdict:
    """The two runs are never farther apart than `distance` up to step `value`."""
    gap = np.linalg.norm(picture.paths[run].w - picture.paths[other].w, axis=1)[: value + 1].max()
    return bool(gap <= distance), f"at most {gap:.3g} apart up to step {value}"


def rests_within(picture: Picture, run: int, value: float, *, last: int) -> Verdict:
    """None of the `last` points is farther than `value` from their mean."""
    reach = _reach(picture, run, last)
    return bool(reach <= value), f"the last {last} points stray up to {reach:.3g} from their mean"


def rests_more(picture: Picture, run: int, other: int, value: bool, *, last: int) -> Verdict:
    """The `last` points of the first run stray less than half as far from their mean as those of the second."""
    mine, theirs = _reach(picture, run, last), _reach(picture, other, last)
    return bool(mine < 0.5 * theirs) is value, f"the last {last} points stray up to {mine:.3g} and {theirs:.3g} from their mean"


def fan_ends_at(picture: Picture, run: int, value: list[float], *, tolerance: float, share: float) -> Verdict:
    """At least a `share` of the seeds end with both coordinates within `tolerance` of `value`."""
    fan = picture.fans[run]
    if fan is None:
        return False, "no other seeds"
    there = (np.abs(fan.last_w - np.array(value)).max(axis=1) <= tolerance).mean()
    return bool(there >= share), f"{there:.0%} of the seeds end there"


def fan_lower(picture: Picture, run: int, other: int, value: float, *, at: int) -> Verdict:
    """At step `at` the median loss over the seeds is at most `value` times as high above the lowest minimum in the first run as in the second."""
    mine, theirs = _median(picture, run, at), _median(picture, other, at)
    return bool(mine <= value * theirs), f"median losses at step {at}: {mine:.4g} and {theirs:.4g} above the lowest minimum"


def fan_falls(picture: Picture, run: int, value: float, *, between: list[int]) -> Verdict:
    """Between the two steps the median loss over the seeds, above the lowest minimum, falls to at most `value` times what it was."""
    before, after = (_median(picture, run, at) for at in between)
    return bool(after <= value * before), f"median losses at steps {between}: {before:.4g} and {after:.4g} above the lowest minimum"


def _reach(picture: Picture, run: int, last: int) -> float:
    points = picture.paths[run].w[-last:]
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.linalg.norm(points - points.mean(axis=0), axis=1).max())


def _median(picture: Picture, run: int, at: int) -> float:
    """Mean of the seeds' median loss over the `WINDOW` steps up to `at`, above L*; nan without other seeds or without a minimum, so that no claim holds."""
    fan, floor = picture.fans[run], picture.landscape.floor
    if fan is None or floor is None:
        return float("nan")
    return float(fan.median[max(at - WINDOW + 1, 0) : at + 1].mean() - floor)


TIMED = (lr_falls, clips_at_least, same_until, rests_within, rests_more, fan_ends_at, fan_lower, fan_falls)
