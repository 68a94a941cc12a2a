"""The panel's controls for what changes along a run: schedule, warm-up, clipping, noise."""

from __future__ import annotations

from typing import Any

from lab.experiment import EPOCH, Experiment
from lab.i18n import Translate
from lab.runs import FAN, SEED, Run
from lab.widgets import controls
from lab.widgets.controls import Control, Errors
from optim_core import schedules
from optim_core.clipping import CLIPS
from optim_core.hyper import N_, hypers
from optim_core.noise import DECAYS, Noise
from optim_core.plan import WARMUPS
from optim_core.registry import key_of

NOISES = {"constant": N_("σ at every step"), "decaying": N_("σ/t^0.55, decaying")}


def schedule_controls(name: str, run: Run, errors: Errors, _: Translate) -> list[Control]:
    """Schedule and warm-up of the run called `name` in the link."""
    first = ("constant", *(key for key in schedules.REGISTRY if key not in ("constant", "custom")), "custom")  # the plain one, the named ones, one's own
    titles = {key: _(schedules.REGISTRY[key].title) for key in first}
    chosen = key_of(schedules.REGISTRY, run.schedule)
    key, warm = f"{name}.schedule", f"{name}.warmup"
    picked = controls.choice(key, _("schedule"), _("How the learning rate changes from step to step."), titles, chosen, errors, _, strong=True)
    picked["note"] = _(note) if (note := getattr(run.schedule, "note", "")) else None
    made = [picked, controls.rule(f"{key}.rule", run.schedule.rule), *controls.spec(key, run.schedule, errors, _)]
    titles = {"none": _("none"), **{shape: _(cls.title) for shape, cls in WARMUPS.items()}}
    grown = "none" if run.warmup is None else key_of(WARMUPS, run.warmup)
    made.append(controls.choice(warm, _("warm-up"), _("η grows to its base value first; then the schedule begins."), titles, grown, errors, _, strong=True))
    if run.warmup is not None:
        made += [controls.rule(f"{warm}.rule", run.warmup.rule), *controls.spec(warm, run.warmup, errors, _)]
    return made


def clip_controls(name: str, run: Run, errors: Errors, _: Translate) -> list[Control]:
    """Gradient clipping of the run called `name` in the link."""
    key = f"{name}.clip"
    titles = {"none": _("none"), **{kind: _(cls.title) for kind, cls in CLIPS.items()}}
    chosen = "none" if run.clip is None else key_of(CLIPS, run.clip)
    made = [
        controls.choice(
            key, _("gradient clipping"), _("Cuts a gradient that is too long, before the optimizer sees it."), titles, chosen, errors, _, strong=True
        )
    ]
    if run.clip is not None:
        made += [controls.rule(f"{key}.rule", run.clip.rule), *controls.spec(key, run.clip, errors, _)]
    return made


def schedules_group(experiment: Experiment, errors: Errors, _: Translate) -> dict[str, Any]:
    """What all schedules have in common, and the one schedule where all runs share it."""
    told = _("The first run's schedule and warm-up for all; what the others had is given up.")
    made = [controls.switch("together", _("same schedule for all runs"), told, experiment.together, errors, _)]
    made.append(controls.number("epoch", EPOCH, experiment.epoch, errors, _))
    if experiment.together:
        made += schedule_controls("run1", experiment.runs[0], errors, _)
    return controls.group("schedules", _("Schedule"), made)


def noise_group(experiment: Experiment, errors: Errors, _: Translate) -> dict[str, Any]:
    """Noise on the gradient, and how many of its draws are shown."""
    chance = experiment.chance
    titles = {"none": _("none"), **{key: _(NOISES[key]) for key in DECAYS}}
    told = _("A gradient from a few objects is uncertain; here the uncertainty is Gaussian.")
    made = [controls.choice("noise", _("gradient noise"), told, titles, chance.kind if chance else "none", errors, _)]
    if chance is not None:
        made.append(controls.rule("noise.rule", (r"\tilde g_t = \nabla L(w) + \sigma_t z_t,\quad z_t \sim N(0, I)",)))
        made.append(controls.number("noise.sigma", hypers(Noise)["sigma"], chance.sigma, errors, _))
        made.append(controls.number("noise.fan", FAN, chance.fan, errors, _))
        made.append(controls.number("noise.seed", SEED, chance.seed, errors, _))
        fair = _("A fair comparison: the runs differ only in what they make of the noise.")
        made.append(controls.switch("noise.common", _("same noise for every run"), fair, chance.common, errors, _))
    return controls.group("noise", _("Noise"), made)
