"""What a scene claims of its runs, as small tables that are checked against the core.

A claim names one run (`run = 2`) or two (`runs = [1, 2]`), one thing from the list below with its value, and the extras that thing needs:
`{run = 1, zigzags = 20}`, `{run = 2, ends_at = [1.0, 1.0], tolerance = 1e-3}`. Runs count from 1, as in the link. A thing is a function of the picture;
it answers whether the claim holds and what was measured, so that a failing test says both.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lab.compute import Picture
from lab.plane import drawn_points
from lab.scenes.inside_claims import INSIDE
from lab.scenes.map_claims import MAPPED
from lab.scenes.timed_claims import TIMED, Verdict
from optim_core.stopping import first_overflow


def check(claim: Mapping[str, Any], picture: Picture) -> Verdict:
    """Whether a claim holds of a picture, and what was measured.

    Raises:
        ValueError: the claim is malformed, or names a run that the experiment does not have.
    """
    kind, runs, extras = parse(claim, CLAIMS)
    if max(runs) > len(picture.paths):
        raise ValueError(f"{dict(claim)} names run {max(runs)}; the experiment has {len(picture.paths)}")
    return CLAIMS[kind](picture, *(run - 1 for run in runs), claim[kind], **extras)


def parse(claim: Mapping[str, Any], known: Mapping[str, Callable[..., Verdict]]) -> tuple[str, tuple[int, ...], dict[str, Any]]:
    """The kind of a claim, the runs it names and its extras.

    Args:
        claim: the table.
        known: the kinds there are, by name. Their parameters `run` and `other` are the runs, those by keyword only the extras.

    Raises:
        ValueError: not exactly one known kind, a wrong number of runs, or an extra that is unknown or missing.
    """
    kinds = [key for key in claim if key in known]
    if len(kinds) != 1:
        raise ValueError(f"{dict(claim)} must say exactly one of {', '.join(known)}")
    parameters = inspect.signature(known[kinds[0]]).parameters.values()
    wanted = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY}
    n_runs = sum(p.name in ("run", "other") for p in parameters)
    named = claim.get("runs") if n_runs == 2 else [claim.get("run")]
    if not isinstance(named, list) or len(named) != n_runs or not all(type(run) is int and run >= 1 for run in named):
        raise ValueError(f"{dict(claim)} must name {'one run, run = 1' if n_runs == 1 else 'two runs, runs = [1, 2]'}")
    extras = {key: value for key, value in claim.items() if key not in (kinds[0], "runs" if n_runs == 2 else "run")}
    if extras.keys() != wanted:
        raise ValueError(f"{dict(claim)}: beside its runs, {kinds[0]} takes {', '.join(sorted(wanted)) or 'nothing'}")
    return kinds[0], tuple(named), extras


def within_by(picture: Picture, run: int, value: int) -> Verdict:
    """The loss is near the lowest minimum at step `value` or before."""
    within = picture.readings[run].within
    return within is not None and within <= value, f"first near the lowest minimum at step {within}"


def never_within(picture: Picture, run: int, value: bool) -> Verdict:
    """The loss never comes near the lowest minimum (true), or does (false)."""
    within = picture.readings[run].within
    return (within is None) is value, f"first near the lowest minimum at step {within}"


def sooner(picture: Picture, run: int, other: int, value: bool) -> Verdict:
    """The first run is near the lowest minimum before the second one is."""
    mine, theirs = picture.readings[run].within, picture.readings[other].within
    return (mine is not None and (theirs is None or mine < theirs)) is value, f"near the lowest minimum at steps {mine} and {theirs}"


def overflows(picture: Picture, run: int, value: bool) -> Verdict:
    """The run reaches numbers that are not finite."""
    at = first_overflow(picture.paths[run])
    return (at is not None) is value, f"first overflow at step {at}"


def leaves_view(picture: Picture, run: int, value: bool) -> Verdict:
    """Some point of the run lies outside the map."""
    outside = ~picture.experiment.surface.domain.contains(drawn_points(picture.paths[run]))
    return bool(outside.any()) is value, f"{int(outside.sum())} of {len(outside)} points outside the map"


def stops_by(picture: Picture, run: int, value: int) -> Verdict:
    """The chosen stopping rule holds at step `value` or before."""
    stop = picture.readings[run].stop
    return stop is not None and stop <= value, f"stops at step {stop}"


def never_stops(picture: Picture, run: int, value: bool) -> Verdict:
    """The chosen stopping rule never holds (true), or does (false)."""
    stop = picture.readings[run].stop
    return (stop is None) is value, f"stops at step {stop}"


def last_loss_below(picture: Picture, run: int, value: float) -> Verdict:
    """The loss at the last step, or at the stop, is below `value`."""
    loss = picture.readings[run].last_loss
    return loss < value, f"last loss {loss:.6g}"


def last_loss_above(picture: Picture, run: int, value: float) -> Verdict:
    """The loss at the last step, or at the stop, is above `value`."""
    loss = picture.readings[run].last_loss
    return loss > value, f"last loss {loss:.6g}"


def ends_at(picture: Picture, run: int, value: list[float], *, tolerance: float) -> Verdict:
    """All coordinates of the last point are within `tolerance` of `value`."""
    last = picture.paths[run].w[-1]
    return bool(np.abs(last - np.array(value)).max() <= tolerance), f"last point ({', '.join(f'{x:.6f}' for x in last)})"


def first_step(picture: Picture, run: int, value: list[float], *, tolerance: float) -> Verdict:
    """All coordinates of the first update are within `tolerance` of `value`."""
    update = picture.paths[run].step.update[0]
    return bool(np.abs(update - np.array(value)).max() <= tolerance), f"first update ({', '.join(f'{x:.6f}' for x in update)})"


def zigzags(picture: Picture, run: int, value: int) -> Verdict:
    """The step in the last coordinate changes its sign at least `value` times."""
    changes = _changes_of_sign(picture, run)
    return changes >= value, f"{changes} changes of direction in w₂"


def zigzags_less(picture: Picture, run: int, other: int, value: bool) -> Verdict:
    """The step in w₂ changes its sign less often in the first run than in the second."""
    mine, theirs = _changes_of_sign(picture, run), _changes_of_sign(picture, other)
    return (mine < theirs) is value, f"{mine} and {theirs} changes of direction in w₂"


def effective_lr_falls(picture: Picture, run: int, value: float) -> Verdict:
    """In both coordinates the last effective learning rate is at most `value` times the first."""
    rates = picture.paths[run].step.effective_lr
    ratio = rates[-1] / rates[0]
    return bool((ratio <= value).all()), f"last effective learning rate over the first: {ratio[0]:.4g} and {ratio[1]:.4g}"


def same_path(picture: Picture, run: int, other: int, value: float) -> Verdict:
    """The two runs are never farther apart than `value`."""
    gap = _gap(picture, run, other).max()
    return bool(gap <= value), f"at most {gap:.3g} apart"


def part_by(picture: Picture, run: int, other: int, value: int, *, distance: float) -> Verdict:
    """The two runs are at least `distance` apart at step `value` or before."""
    gap = _gap(picture, run, other)[: value + 1].max()
    return bool(gap >= distance), f"at most {gap:.3g} apart up to step {value}"


def _changes_of_sign(picture: Picture, run: int) -> int:
    signs = np.sign(picture.paths[run].step.update[:, -1])
    return int((signs[1:] * signs[:-1] < 0).sum())


def _gap(picture: Picture, run: int, other: int) -> np.ndarray:
    gap: np.ndarray = np.linalg.norm(picture.paths[run].w - picture.paths[other].w, axis=1)
    return gap


CLAIMS: dict[str, Callable[..., Verdict]] = {
    function.__name__: function
    for function in (
        within_by, never_within, sooner, overflows, leaves_view, stops_by, never_stops, last_loss_below, last_loss_above,
        ends_at, first_step, zigzags, zigzags_less, effective_lr_falls, same_path, part_by, *TIMED, *INSIDE, *MAPPED,
    )
}  # fmt: skip
