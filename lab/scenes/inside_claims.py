"""What a scene claims of the inside of a step and of theory; with the rest in `lab.scenes.claims`."""

from __future__ import annotations

import numpy as np

from lab.compute import Picture
from lab.figures.predicted import bearable
from lab.scenes.timed_claims import Verdict
from optim_core import theory
from optim_core.evaluations import counted


def rate_is(picture: Picture, run: int, value: float, *, tolerance: float, between: list[int]) -> Verdict:
    """Between the two steps the distance to the lowest minimum is multiplied by `value` in a step, within `tolerance`."""
    distances = np.linalg.norm(picture.paths[run].w - picture.landscape.minima[0], axis=1)
    rate = theory.measured_rate(distances, *between) if np.isfinite(distances[between]).all() else float("nan")
    return abs(rate - value) <= tolerance, f"measured rate {rate:.5f}"


def envelope_holds(picture: Picture, run: int, value: float) -> Verdict:
    """The loss never exceeds the bound of theory, and comes within the share `value` of it somewhere after the start."""
    bound, floor = picture.envelopes[run], picture.landscape.floor or 0.0
    if bound is None:
        return False, "theory has no bound"
    with np.errstate(over="ignore", invalid="ignore"):
        share = ((picture.paths[run].loss - floor) / np.maximum(bound, 1e-300))[1:]
    share = share[np.isfinite(share)]
    return bool(share.max(initial=0.0) <= 1 + 1e-9 and share.max(initial=0.0) >= value), f"up to {share.max(initial=0.0):.4g} of the bound"


def unstable_steps(picture: Picture, run: int, value: int) -> Verdict:
    """At `value` points or more η is above the stable bound of the curvature there."""
    hessians = picture.hessians[run]
    limit = bearable(picture.experiment.runs[run].optimizer, picture.paths[run].lr)
    if hessians is None or limit is None:
        return False, "no curvature was asked for, or no bound is known"
    count = int((theory.curvature(hessians[:-1]).high > limit).sum())
    return count >= value, f"{count} locally unstable steps"


def evens_out(picture: Picture, run: int, value: float, *, at: int) -> Verdict:
    """At step `at` the condition number that the optimizer's own steps meet is at most `value` times that of the surface."""
    hessians, path = picture.hessians[run], picture.paths[run]
    if hessians is None:
        return False, "no curvature was asked for"
    here, evened = theory.curvature(hessians[:-1]).condition[at], theory.equalised(hessians[:-1], path.step.effective_lr).condition[at]
    return bool(evened <= value * here), f"condition {here:.4g}, with own steps {evened:.4g}"


def looks_ahead(picture: Picture, run: int, value: float) -> Verdict:
    """The gradient is taken at least `value` away from the point at some step."""
    path = picture.paths[run]
    far = float(np.linalg.norm(path.step.query - path.w[:-1], axis=1).max())
    return far >= value, f"the gradient is taken up to {far:.4g} away"


def cheaper(picture: Picture, run: int, other: int, value: bool) -> Verdict:
    """The first run is near the lowest minimum after fewer evaluations than the second, which gets there, too."""
    costs = []
    for index in (run, other):
        within = picture.readings[index].within
        costs.append(None if within is None else float(counted(picture.experiment.runs[index].optimizer, picture.paths[index])[within]))
    mine, theirs = costs
    return (mine is not None and theirs is not None and mine < theirs) is value, f"near the lowest minimum after {mine} and {theirs} evaluations"


INSIDE = (rate_is, envelope_holds, unstable_steps, evens_out, looks_ahead, cheaper)
