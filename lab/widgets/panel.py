"""What the panel is told: cards for the runs, the schedules, the noise, the surface and the conditions."""

from __future__ import annotations

import dataclasses
from typing import Any

from lab import live
from lab.compute import Picture, best
from lab.experiment import MAX_STEPS, TOLERANCE, Experiment
from lab.figures.rate import rate_figure
from lab.figures.style import RunStyle, Theme, styles
from lab.ground import Landscape
from lab.i18n import Translate
from lab.link import text_of
from lab.runs import LR, MAX_RUNS, Run
from lab.widgets import controls, timing
from lab.widgets.atlas import map_group
from lab.widgets.controls import Control, Errors
from lab.widgets.formula import mathml
from lab.widgets.notes import run_note
from optim_core import optimizers, rules
from optim_core.hyper import N_, Hyper, texts
from optim_core.stopping import Rule

RULE_TITLES: dict[Rule, str] = {
    "none": N_("run all steps"),
    "gradient": N_("‖g‖ below the threshold"),
    "update": N_("‖Δw‖ below the threshold"),
    "no_improvement": N_("L no longer falls"),
}
PATIENCE = Hyper(10, 1, MAX_STEPS, "k", N_("patience, steps"), N_("Stop when L has set no new low for this many steps."), "integer_log")
STEPS = Hyper(60, 1, MAX_STEPS, "T", N_("steps"), N_("How many steps every run makes."), "integer_log")
BASE_LR = dataclasses.replace(LR, symbol=r"\eta_0", title=N_("base learning rate"), help=N_("What the schedule starts from."))
RATE_HEIGHT = 200


def panel_payload(picture: Picture, errors: Errors, theme: Theme, _: Translate, *, timed: bool = False, mapping: bool = False) -> dict[str, Any]:
    """The panel's payload, with errors beside the controls they belong to.

    Args:
        picture: what is shown.
        errors: what the reader typed last and was not accepted, by key.
        theme: light or dark.
        _: translates what is written.
        mapping: the page is about maps: their card comes first.
        timed: the page is about what changes along a run, and shows the controls for it. Elsewhere they appear where they are in use.
    """
    experiment, scene = picture.experiment, picture.landscape
    looks = styles(experiment.runs, theme, _)
    mapped = [map_group(experiment, errors, _)] if experiment.chart is not None and mapping else []
    shared = timed or experiment.epoch > 1 or experiment.together
    groups = [timing.schedules_group(experiment, errors, _)] if shared else []
    groups += [_run_group(index, run, looks[index - 1], experiment, scene, errors, _, timed=timed) for index, run in enumerate(experiment.runs, 1)]
    seeded = mapped and experiment.chart is not None and experiment.chart.kind == "seeds"
    groups += [timing.noise_group(experiment, errors, _)] if timed or experiment.chance or seeded else []
    surface = _surface_group(experiment, errors, _)
    groups = [surface, *groups] if texts(experiment.surface) else [*groups, surface]  # a surface to be typed is what one came for
    groups = [*mapped, *groups, _conditions(experiment, errors, _)]
    full = len(experiment.runs) >= MAX_RUNS
    offered = live.Kept([{"key": key, "title": _(cls.title)} for key, cls in optimizers.REGISTRY.items()])
    return {
        "labels": live.Kept({name: _(text) for name, text in live.PANEL_LABELS.items()}),
        "theme": theme,
        "groups": groups,
        "rate": _rate(picture, looks, theme, _) if timed else None,
        "add": None if full else {"label": _("Add a run"), "options": offered},
        "full": _("A race has at most {count} runs.").format(count=MAX_RUNS) if full else None,
    }


def _rate(picture: Picture, looks: tuple[RunStyle, ...], theme: Theme, _: Translate) -> dict[str, Any]:
    """The learning rates, above the cards that make them."""
    runs = [
        {"color": look.color, "dash": look.dash, "hidden": run.hidden, "rate": path.lr}
        for look, run, path in zip(looks, picture.experiment.runs, picture.paths, strict=True)
    ]
    return {"figure": rate_figure(picture, theme, _), "runs": runs, "height": RATE_HEIGHT}


def _run_group(index: int, run: Run, look: RunStyle, experiment: Experiment, scene: Landscape, errors: Errors, _: Translate, *, timed: bool) -> dict[str, Any]:
    key = f"run{index}"
    hypers = controls.spec(key, run.optimizer, errors, _)
    schedule = [] if experiment.together else timing.schedule_controls(key, run, errors, _)
    rows = [controls.number(f"{key}.lr", LR if run.steady else BASE_LR, run.lr, errors, _)]
    if timed:  # there the schedule is what one came for
        rows += [*schedule, *hypers]
    else:
        rows += hypers if run.steady else [*hypers, *schedule]
    if timed or run.clip is not None:
        rows += timing.clip_controls(key, run, errors, _)
    actions = ["hide", *(["draw"] if timed else []), "duplicate", "reset", "remove"]
    if experiment.theory and run.steady and (found := best(run, scene)) is not None and LR.allows(found.lr):
        actions.append("best")
    if len(experiment.runs) == 1:
        actions.remove("remove")
    if len(experiment.runs) >= MAX_RUNS:
        actions.remove("duplicate")
    return {
        "id": key,
        "title": _(run.optimizer.title),
        "swatch": {"color": look.color, "dash": look.dash, "marker": look.marker},
        "rule": [mathml(line) for line in rules.printed(run.kind)],
        "note": run_note(run, experiment, scene, _),
        "run": index - 1,
        "base": run.lr,
        "hidden": run.hidden,
        "actions": actions,
        "controls": rows,
    }


def _surface_group(experiment: Experiment, errors: Errors, _: Translate) -> dict[str, Any]:
    surface = experiment.surface
    return controls.group("surface", _(surface.title), controls.spec("surface", surface, errors, _), tuple(surface.formula.split("\n")))


def _conditions(experiment: Experiment, errors: Errors, _: Translate) -> dict[str, Any]:
    """Start, number of steps, stopping rule."""
    at = ", ".join(text_of(coordinate) for coordinate in experiment.start)
    told = _("Where every run begins; also by a click on the map.")
    rows = [controls.control("start", "point", "w₀", _("start"), told, at, errors, _), _listed_starts(experiment, _)]
    rows.append(controls.number("steps", STEPS, experiment.n_steps, errors, _))
    told = _("g is what the optimizer takes for the gradient. The path after the stop is grey.")
    rows.append(controls.choice("stop", _("stopping rule"), told, {key: _(title) for key, title in RULE_TITLES.items()}, experiment.stop, errors, _))
    if experiment.stop in ("gradient", "update"):
        rows.append(controls.number("tolerance", TOLERANCE, experiment.tolerance, errors, _))
    if experiment.stop == "no_improvement":
        rows.append(controls.number("patience", PATIENCE, experiment.patience, errors, _))
    titles = {"steps": _("steps"), "evaluations": _("evaluations")}
    told = _("A loss or a gradient counts 1, a Hessian as many as there are parameters.")
    rows.append(controls.choice("against", _("loss over"), told, titles, experiment.against, errors, _))
    return controls.group("conditions", _("Start and stop"), rows)


def _listed_starts(experiment: Experiment, _: Translate) -> Control:
    """The surface's own starting points; a start of the reader's own stands first."""
    listed = [",".join(map(text_of, point)) for point in experiment.surface.starts]
    present = ",".join(map(text_of, experiment.start))
    options = {key: key.replace(",", ", ") for key in dict.fromkeys([*([] if present in listed else [present]), *listed])}
    return controls.choice("start", _("listed starts"), _("Starting points that show what this surface is about."), options, present, {}, _)
