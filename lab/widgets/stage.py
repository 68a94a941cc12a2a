"""What the stage is told: the figures, the recorded paths for the player, the table, and what can be said of two runs at once."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from lab import live
from lab.compute import Picture
from lab.figures.curve import curve_figure, plotted_loss
from lab.figures.fan import faint_points, marked
from lab.figures.map import map_figure
from lab.figures.norm import lengths, norm_figure
from lab.figures.predicted import curvature_figure
from lab.figures.rate import rate_figure
from lab.figures.space import space_figure
from lab.figures.style import Theme, short_labels, styles
from lab.figures.table import table
from lab.i18n import Translate
from lab.plane import drawn_points
from lab.readings import part_at
from lab.widgets.inspector import inspector_payload
from optim_core.evaluations import counted
from optim_core.hyper import texts

SAME = 1e-12
"""Two runs nearer than this share of the view are the same: rounding tells no more."""
SEEN = 0.01
"""Two runs farther apart than this share of the view are seen apart."""
MAX_NOTES = 3
COUNTLESS = 100
"""Minima of a typed surface, found from a grid: with more than these there may be others between its points."""


def stage_payload(picture: Picture, theme: Theme, _: Translate, *, timed: bool = False) -> dict[str, Any]:
    """The stage's payload.

    Args:
        picture: what is shown.
        theme: light or dark.
        _: translates what is written.
        timed: the page shows the learning rates itself, and compares the runs in words.
    """
    experiment = picture.experiment
    looks = styles(experiment.runs, theme, _)
    flat = experiment.view == "map" or not picture.landscape.w2.size
    map_or_space = {"map": map_figure} if flat else {"space": space_figure}
    figures = {name: _kept(build(picture, theme, _)) for name, build in map_or_space.items()}
    figures["curve"] = curve_figure(picture, theme, _)
    shown = [run for run in experiment.runs if not run.hidden]
    if any(run.clip is not None for run in shown):
        figures["norm"] = norm_figure(picture, theme, _)
    if experiment.theory and picture.landscape.bowl is None:
        figures["curvature"] = curvature_figure(picture, theme, _)
    if not timed and any(not run.steady for run in shown):
        figures["rate"] = rate_figure(picture, theme, _)
    runs = []
    for index, (run, path, look) in enumerate(zip(experiment.runs, picture.paths, looks, strict=True)):
        points = drawn_points(path)
        told = {
            "label": look.label, "color": look.color, "dash": look.dash, "marker": look.marker, "hidden": run.hidden,
            "w1": points[:, 0], "w2": points[:, 1], "loss": path.loss, "height": plotted_loss(picture, index),
            "stop": picture.readings[index].stop, "n": path.n_steps,
        }  # fmt: skip
        told |= {"evaluations": counted(run.optimizer, path)} if experiment.against == "evaluations" else {}
        told |= {"tangent": _tangent(picture, index)} if path.w.shape[1] == 1 else {}
        told |= {"rate": path.lr} if "rate" in figures else {}
        told |= {"norm": lengths(path.step.grad)} if "norm" in figures else {}
        told |= {"clipped": marked(path)} if run.clip is not None else {}
        if (fan := picture.fans[index]) is not None:
            told["fan"] = {name: points.reshape(len(fan.w) - 1, -1) for name, points in zip(("w1", "w2"), faint_points(fan), strict=True)}
        runs.append(told)
    domain = experiment.surface.domain
    return {
        "labels": live.Kept({name: _(text) for name, text in live.STAGE_LABELS.items()}),
        "theme": theme,
        "figures": figures,
        "start": drawn_points(picture.paths[0])[0],
        **({} if picture.landscape.w2.size else {"line": {"w": picture.landscape.w1, "loss": picture.landscape.loss}}),
        "view_domain": {"w1": list(domain.w1), "w2": list(domain.w2)},
        "runs": runs,
        "n_steps": experiment.n_steps,
        "table": table(picture, theme, _),
        "inspector": inspector_payload(picture, theme, _),
        "at": experiment.at,
        "notes": [
            *_of_gaps(picture, _),
            *_of_points(picture, _),
            *_of_theory(picture, _),
            *_of_space(picture, _),
            *_of_seeds(picture, _),
            *(partings(picture, _) if timed else []),
        ],
    }


def _of_gaps(picture: Picture, _: Translate) -> list[str]:
    """Where a surface of the reader's own has no height."""
    scene, domain = picture.landscape, picture.experiment.surface.domain
    seen = scene.loss if scene.w2.size else scene.loss[(scene.w1 >= domain.w1[0]) & (scene.w1 <= domain.w1[1])]  # a curve is drawn a little farther
    missing = 1.0 - float(np.isfinite(seen).mean())
    share = f"{100 * missing:.2g}" if missing < 1.0 else "100"
    return [_("L is not finite on {share} % of the view: there the picture has a gap.").format(share=share)] if missing else []


def _of_seeds(picture: Picture, _: Translate) -> list[str]:
    """How to read a fan, and what of it is not drawn."""
    asked, drawn = picture.experiment.chance, min((len(fan.w) for fan in picture.fans if fan is not None), default=None)
    if asked is None or drawn is None:
        return []
    notes = [_("Dotted: the median loss of {count} seeds; the band holds the middle 80 % of them.").format(count=drawn)]
    if drawn < asked.fan and not picture.draft:
        notes.append(_("{drawn} seeds are drawn, not {asked}: all of them would take too many steps together.").format(drawn=drawn, asked=asked.fan))
    return notes


def _tangent(picture: Picture, index: int) -> dict[str, Any]:
    """What is drawn on a curve at every step: its own slope where the gradient was taken, without noise and uncut, and the step."""
    path, chance = picture.paths[index], picture.experiment.chance
    slope = path.raw_grad[:, 0] - (0.0 if chance is None else chance.noise(index, 0).draw(path.n_steps, 1)[:, 0])
    update, given = path.step.update[:, 0], -path.lr * path.step.grad[:, 0]
    plain = chance is None and picture.experiment.runs[index].clip is None
    with np.errstate(invalid="ignore"):
        same = bool((np.abs(update - given) <= 1e-12 * np.abs(update)).all())
    return {"at": path.step.query[:, 0], "slope": slope, "step": update, "label": ("−η L′(w)" if plain else "−ηg") if same else "Δw"}


def _of_points(picture: Picture, _: Translate) -> list[str]:
    """What the marks on the map are, beside the minima."""
    found = picture.landscape.critical
    words = [_("× saddle")] if len(found.saddles) else []
    words += [_("△ maximum")] if len(found.maxima) else []
    words += [_("□ flat point, of which the Hessian does not tell")] if len(found.flat) else []
    stars = [_("★ minimum")] if len(picture.landscape.minima) else []
    signs = [" · ".join([*stars, *words])] if words and picture.experiment.view == "map" else []
    if texts(picture.experiment.surface) and len(found.minima) > COUNTLESS:
        signs.append(_("So many minima that some may not have been found; a distance to the nearest may then be too large."))
    return signs


def _of_theory(picture: Picture, _: Translate) -> list[str]:
    """What theory has drawn."""
    if not picture.experiment.theory:
        return []
    if picture.landscape.bowl is None:
        return [_("λₘₐₓ is the largest curvature at the point; where it is above the dashed line, η is too large for it: locally unstable.")]
    if picture.experiment.on_curve:
        return [_("Dashed: the bound that theory gives for the loss; where there is none, theory knows none.")]
    return [_("Dashed: the bound that theory gives for the loss; where there is none, theory knows none. Thin: the loss in each eigen-direction.")]


def _of_space(picture: Picture, _: Translate) -> list[str]:
    """What the 3-D view leaves out."""
    hidden = any(picture.fans) or any(run.clip is not None for run in picture.experiment.runs)
    return [_("Other seeds and clipped steps are drawn on the level lines only.")] if hidden and picture.experiment.view == "space" else []


def partings(picture: Picture, _: Translate) -> list[str]:
    """Which runs walk the same path, and up to where; of runs that part with the first step there is nothing to say."""
    domain = picture.experiment.surface.domain
    view = float(np.hypot(domain.w1[1] - domain.w1[0], domain.w2[1] - domain.w2[0]))
    shorts = short_labels(picture.experiment.runs, _)
    shown = [index for index, run in enumerate(picture.experiment.runs) if not run.hidden]
    notes = []
    for i, j in combinations(shown, 2):
        first = part_at(picture.paths[i], picture.paths[j], SAME * view)
        if picture.experiment.runs[i] == picture.experiment.runs[j] or (first is not None and first < 2):
            continue
        seen = part_at(picture.paths[i], picture.paths[j], SEEN * view)
        if first is None:
            text = _("{one} and {other} walk the same path.")
        elif seen is None:
            text = _("{one} and {other} walk the same path up to step {same}, then part, but never by as much as 1 % of the view.")
        else:
            text = _("{one} and {other} walk the same path up to step {same}, then part; from step {seen} on one sees it.")
        notes.append(text.format(one=shorts[i], other=shorts[j], same=(first or 0) - 1, seen=seen))
    return notes[:MAX_NOTES]


def _kept(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure with its grid marked as one that the browser keeps: it is the largest part, and changes only with the surface."""
    data = [trace | {"z": live.Kept(trace["z"])} if trace["type"] in ("contour", "surface") else trace for trace in figure["data"]]
    return {**figure, "data": data}
