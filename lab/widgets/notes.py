"""What theory says of a run, in the few words under its formula."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lab.compute import best, lr_bound
from lab.experiment import Experiment
from lab.figures.numbers import number_text
from lab.figures.style import unicode_symbol
from lab.ground import Landscape
from lab.i18n import Translate
from lab.runs import Run
from optim_core import theory
from optim_core.hyper import hypers
from optim_core.regime import regime


def run_note(run: Run, experiment: Experiment, scene: Landscape, _: Translate) -> str | None:
    """What η does on a curve, the stability bound, and where theory is shown the rates and the best values; None where there is nothing to say."""
    if run.clip is not None or experiment.chance is not None:  # theory speaks of the plain gradient
        return None
    told = [*_regime(run, experiment, scene, _), *_bound(run, scene, _), *(_rates(run, scene, _) if experiment.theory else [])]
    return "; ".join(told) or None


def _regime(run: Run, experiment: Experiment, scene: Landscape, _: Translate) -> Iterator[str]:
    """On a curve: what plain gradient descent does with this η near the minimum, and the bound that says so."""
    if not (experiment.on_curve and len(scene.bends) and run.steady and _plain(run)):
        return
    at = int(np.argmin(np.abs(scene.minima[:, 0] - experiment.start[0])))
    bend = float(scene.bends[at])
    found = regime(run.lr, bend)
    if math.isinf(bend):
        yield _("a kink: the slope does not fade, so no constant η settles, and the point ends jumping across by η times the slope")
    elif math.isnan(bend):
        return
    elif found is None:
        yield _("L″ = 0 at the minimum: close to it no η is too large, and all creep; farther out a step is too long once η L′(w) exceeds 2 (w − w*)")
    else:
        texts = {
            "small": _("η is too small: below 0.1/L″ = {tenth} a step covers less than a tenth of the way"),
            "right": _("η is right: from 0.1/L″ = {tenth} to 1/L″ = {one} it goes down without overshooting"),
            "oscillating": _("η oscillates: between 1/L″ = {one} and 2/L″ = {two} each step overshoots, and comes nearer"),
            "diverging": _("η diverges: from 2/L″ = {two} on each step overshoots farther"),
        }
        said = texts[found].format(tenth=number_text(0.1 / bend), one=number_text(1 / bend), two=number_text(2 / bend))
        here = number_text(float(scene.minima[at, 0]))
        yield said if experiment.surface.quadratic else _("close to the minimum w = {w}, and only there: {said}").format(w=here, said=said)


def _plain(run: Run) -> bool:
    """Whether the optimizer multiplies the error by 1 − ηλ, as gradient descent does."""
    transition = getattr(run.optimizer, "transition", None)
    return transition is not None and np.array_equal(transition(0.25, 2.0), [[0.5]])


def _bound(run: Run, scene: Landscape, _: Translate) -> Iterator[str]:
    """The stability bound of theory, where there is one, and whether η is above it."""
    bound = lr_bound(run, scene)
    if bound is None or scene.bowl is None:
        return
    if math.isclose(run.lr, bound, rel_tol=1e-9):
        text = _("η stands at its stable bound {bound} (λₘₐₓ = {curvature})")
    elif run.lr < bound or not run.steady:
        text = _("stable while η < {bound} (λₘₐₓ = {curvature})")
    else:
        text = _("η is above its stable bound {bound} (λₘₐₓ = {curvature})")
    yield text.format(bound=number_text(bound), curvature=number_text(scene.bowl.curvatures[-1]))


def _rates(run: Run, scene: Landscape, _: Translate) -> Iterator[str]:
    """κ, what the error is multiplied by in a step in each eigen-direction, and the values that make it shrink fastest."""
    shape = scene.bowl
    rates = None if shape is None or not run.steady else theory.rates(run.optimizer, run.lr, tuple(shape.curvatures))
    if shape is None or rates is None:
        return
    yield _("κ = {kappa}; a step multiplies the error by {rates}").format(kappa=number_text(shape.condition), rates=", ".join(map(number_text, rates)))
    if found := best(run, scene):
        symbols = {"lr": "η", **{name: unicode_symbol(declared.symbol) for name, declared in hypers(run.optimizer).items()}}
        values = ", ".join(f"{symbols[name]} = {number_text(value)}" for name, value in {"lr": found.lr, **found.fields}.items())
        yield _("the best {values} by {rate}").format(values=values, rate=number_text(found.rate))
