"""What the two live components are told: the panel's controls, and the stage's figures, player and table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lab import live
from lab.compute import Landscape, Picture, lr_bound
from lab.experiment import LR, MAX_RUNS, MAX_STEPS, TOLERANCE, Experiment, Run, text_of
from lab.figures.curve import curve_figure, plotted_loss
from lab.figures.map import map_figure
from lab.figures.numbers import number_text
from lab.figures.space import space_figure
from lab.figures.style import RunStyle, Theme, styles, unicode_symbol
from lab.figures.table import table
from lab.i18n import Translate
from lab.values import Problem
from lab.widgets.formula import mathml
from optim_core import optimizers
from optim_core.hyper import N_, Hyper, hypers
from optim_core.stopping import Rule

RULE_TITLES: dict[Rule, str] = {
    "none": N_("run all steps"),
    "gradient": N_("‖g‖ below the threshold"),
    "update": N_("‖Δw‖ below the threshold"),
    "no_improvement": N_("L no longer falls"),
}
PATIENCE = Hyper(10, 1, MAX_STEPS, "k", N_("patience, steps"), N_("Stop when L has set no new low for this many steps."), "log")
STEPS = Hyper(60, 1, MAX_STEPS, "T", N_("steps"), N_("How many steps every run makes."), "log")

Control = dict[str, Any]


def panel_payload(picture: Picture, errors: Mapping[str, Problem], theme: Theme, _: Translate) -> dict[str, Any]:
    """Cards for the runs, the surface and the conditions, with errors beside the controls they belong to."""
    experiment, scene = picture.experiment, picture.landscape
    looks = styles(experiment.runs, theme, _)
    groups = [_run_group(index, run, looks[index - 1], experiment, scene, errors, _) for index, run in enumerate(experiment.runs, 1)]
    groups += [_surface_group(experiment, errors, _), _conditions(experiment, errors, _)]
    full = len(experiment.runs) >= MAX_RUNS
    return {
        "labels": _labels(live.PANEL_LABELS, _),
        "groups": groups,
        "add": None if full else {"label": _("Add a run"), "options": [{"key": key, "title": _(cls.title)} for key, cls in optimizers.REGISTRY.items()]},
        "full": _("A race has at most {count} runs.").format(count=MAX_RUNS) if full else None,
    }


def stage_payload(picture: Picture, theme: Theme, _: Translate) -> dict[str, Any]:
    """Figures, the recorded paths for the player, and the table."""
    experiment = picture.experiment
    looks = styles(experiment.runs, theme, _)
    view = {"map": map_figure} if experiment.view == "map" else {"space": space_figure}
    figures = {name: _kept(build(picture, theme, _)) for name, build in view.items()}
    runs = [
        {
            "label": looks[index].label,
            "color": looks[index].color,
            "dash": looks[index].dash,
            "marker": looks[index].marker,
            "hidden": run.hidden,
            "w1": path.w[:, 0],
            "w2": path.w[:, 1],
            "loss": path.loss,
            "height": plotted_loss(picture, index),
            "stop": picture.readings[index].stop,
            "n": path.n_steps,
        }
        for index, (run, path) in enumerate(zip(experiment.runs, picture.paths, strict=True))
    ]
    domain = experiment.surface.domain
    return {
        "labels": _labels(live.STAGE_LABELS, _),
        "theme": theme,
        "figures": figures | {"curve": curve_figure(picture, theme, _)},
        "start": list(experiment.start),
        "view_domain": {"w1": list(domain.w1), "w2": list(domain.w2)},
        "runs": runs,
        "n_steps": experiment.n_steps,
        "table": table(picture, theme, _),
    }


def _kept(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure with its grid marked as one that the browser keeps: it is the largest part, and changes only with the surface."""
    data = [trace | {"z": live.Kept(trace["z"])} if trace["type"] in ("contour", "surface") else trace for trace in figure["data"]]
    return {**figure, "data": data}


def _labels(labels: Mapping[str, str], _: Translate) -> dict[str, str]:
    return {name: _(text) for name, text in labels.items()}


def _run_group(index: int, run: Run, look: RunStyle, experiment: Experiment, scene: Landscape, errors: Mapping[str, Problem], _: Translate) -> dict[str, Any]:
    key = f"run{index}"
    controls = [_number(f"{key}.lr", LR, run.lr, errors, _)]
    controls += [_number(f"{key}.{name}", declared, getattr(run.optimizer, name), errors, _) for name, declared in hypers(run.optimizer).items()]
    alone = len(experiment.runs) == 1
    actions = ["hide", "duplicate", "reset", "remove"]
    if alone:
        actions.remove("remove")
    if len(experiment.runs) >= MAX_RUNS:
        actions.remove("duplicate")
    return {
        "id": key,
        "title": _(run.optimizer.title),
        "swatch": {"color": look.color, "dash": look.dash, "marker": look.marker},
        "rule": [mathml(line) for line in run.optimizer.rule],
        "note": _bound_note(run, scene, _),
        "run": index - 1,
        "hidden": run.hidden,
        "actions": actions,
        "controls": controls,
    }


def _bound_note(run: Run, scene: Landscape, _: Translate) -> str | None:
    """The stability bound of theory, where there is one, and whether η is above it."""
    bound = lr_bound(run, scene)
    if bound is None or scene.max_curvature is None:
        return None
    if math.isclose(run.lr, bound, rel_tol=1e-9):
        text = _("η stands at its stable bound {bound} (λₘₐₓ = {curvature})")
    elif run.lr < bound:
        text = _("stable while η < {bound} (λₘₐₓ = {curvature})")
    else:
        text = _("η is above its stable bound {bound} (λₘₐₓ = {curvature})")
    return text.format(bound=number_text(bound), curvature=number_text(scene.max_curvature))


def _surface_group(experiment: Experiment, errors: Mapping[str, Problem], _: Translate) -> dict[str, Any]:
    surface = experiment.surface
    return _group(
        "surface",
        _(surface.title),
        [mathml(line) for line in surface.formula.split("\n")],
        [_number(f"surface.{name}", declared, getattr(surface, name), errors, _) for name, declared in hypers(surface).items()],
    )


def _conditions(experiment: Experiment, errors: Mapping[str, Problem], _: Translate) -> dict[str, Any]:
    """Start, number of steps, stopping rule."""
    at = ", ".join(text_of(coordinate) for coordinate in experiment.start)
    start = _control("start", "point", "w₀", _("start"), _("Where every run begins; also by a click on the map."), at, errors, _)
    rule = _control(
        "stop",
        "choice",
        "",
        _("stopping rule"),
        _("g is what the optimizer takes for the gradient. The path after the stop is grey."),
        experiment.stop,
        errors,
        _,
    )
    rule["options"] = [{"key": key, "title": _(title)} for key, title in RULE_TITLES.items()]
    controls = [start, _listed_starts(experiment, _), _number("steps", STEPS, experiment.n_steps, errors, _, scale="integer_log"), rule]
    if experiment.stop in ("gradient", "update"):
        controls.append(_number("tolerance", TOLERANCE, experiment.tolerance, errors, _))
    if experiment.stop == "no_improvement":
        controls.append(_number("patience", PATIENCE, experiment.patience, errors, _, scale="integer_log"))
    return _group("conditions", _("Start and stop"), [], controls)


def _listed_starts(experiment: Experiment, _: Translate) -> Control:
    """The surface's own starting points; a start of the reader's own stands first."""
    listed = [f"{text_of(w1)},{text_of(w2)}" for w1, w2 in experiment.surface.starts]
    present = f"{text_of(experiment.start[0])},{text_of(experiment.start[1])}"
    control = _control("start", "choice", "", _("listed starts"), _("Starting points that show what this surface is about."), present, {}, _)
    control["options"] = [{"key": key, "title": key.replace(",", ", ")} for key in dict.fromkeys([*([] if present in listed else [present]), *listed])]
    return control


def _group(name: str, title: str, rule: list[str], controls: list[Control]) -> dict[str, Any]:
    return {"id": name, "title": title, "swatch": None, "rule": rule, "note": None, "run": None, "hidden": False, "actions": [], "controls": controls}


def _number(key: str, declared: Hyper, value: float, errors: Mapping[str, Problem], _: Translate, scale: str | None = None) -> Control:
    made = _control(key, "number", unicode_symbol(declared.symbol), _(declared.title), _(declared.help), text_of(value), errors, _)
    return made | {"low": declared.low, "high": declared.high, "scale": scale or declared.scale}


def _control(key: str, kind: str, symbol: str, name: str, help: str, value: str, errors: Mapping[str, Problem], _: Translate) -> Control:
    problem = errors.get(key)
    error = _("“{given}” was not accepted: {allowed}").format(given=problem.given, allowed=problem.allowance(_)) if problem else None
    return {"key": key, "kind": kind, "symbol": symbol, "name": name, "help": help, "value": value, "error": error}
