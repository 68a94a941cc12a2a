"""From a `Study` to a `Lesson`: the trainings are run, and what their pictures need is computed. The cache is that of `lab.compute`."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from lab import lesson_pictures
from lab.compute import cached, peek
from lab.findings import findings
from lab.lesson_pictures import LOOKED, Pictures, compiled, drawn
from lab.lesson_types import Learned, Lesson
from lab.recipe import Recipe
from lab.study import CHOICES, LETTERS, Study, iterations, learners, objects, plan
from optim_core import optimizers, schedules
from optim_core.datasets import Data, prepare
from optim_core.evaluations import holds_matrix
from optim_core.networks import ACTIVATIONS, INITS, Course, Network, Training, first_weights, train
from optim_core.networks.record import CHECKPOINTS
from optim_core.noise import Noise
from optim_core.types import Cost

Tell = Callable[[int, int], None]
AT_ONCE = 0.4
"""Seconds of training that a slider may wait for; what takes longer runs in the background."""
SEARCHED = 10
"""Evaluations that an optimizer which searches is taken to ask for in a step."""
_AHEAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="compile")
_ahead: Future[None] | None = None


def course(recipe: Recipe) -> tuple[Data, Course]:
    """The data of a recipe, and the training as the core takes it.

    Raises:
        ValueError: a number is out of range.
    """
    data = prepare(recipe.data, recipe.data_seed, recipe.share, recipe.standardise)
    network = recipe.network()
    sides = (data.x[data.train], data.y[data.train], data.x[data.valid], data.y[data.valid])
    start = first_weights(network, recipe.init, recipe.weights_seed)
    batch = recipe.batch if recipe.batch < len(data.train) else 0
    noise = Noise(recipe.sigma, 0.0, (recipe.batch_seed, 2)) if recipe.sigma else None
    made = Course(network, *sides, recipe.run.optimizer, plan(recipe), start, recipe.epochs, batch, recipe.run.lr, recipe.replace, recipe.batch_seed)
    return data, made._replace(dropout=recipe.dropout, l1=recipe.l1, l2=recipe.l2, noise=noise, clip=recipe.run.clip)


def cost(recipe: Recipe) -> float:
    """About how many seconds a training and its pictures take on one core: some 10⁹ products of a parameter and an object a second, 30 µs a step, and where
    the optimizer holds a matrix, half a nanosecond for each of the P³ products in a step."""
    network, steps, n = recipe.network(), iterations(recipe), learners(recipe)
    asked: Cost = getattr(recipe.run.optimizer, "cost", Cost())
    gradients, losses, hessians = (SEARCHED if isinstance(count, str) else count for count in asked)
    each = gradients + losses / 2 + 6 * hessians * network.size  # derivatives of derivatives are slower
    judged = recipe.epochs * objects(recipe.data) / 2
    matrix = 5e-10 * network.size**3 if holds_matrix(recipe.run.kind) else 0.0
    trained = 1e-9 * network.size * (steps * min(recipe.batch, n) * each + judged) + (3e-5 + matrix) * steps
    return trained + lesson_pictures.cost(network, min(steps + 1, CHECKPOINTS))


def trained(recipe: Recipe, tell: Tell | None = None) -> tuple[Data, Training]:
    """The training of a recipe; run once and kept.

    Args:
        recipe: its values in range.
        tell: told iterations done and to do; what it raises ends the training.
    """

    def made() -> tuple[Data, Training]:
        data, asked = course(recipe)
        _compile_ahead(asked.network, min(len(data.train), LOOKED))
        return data, train(asked, tell)

    return cached(("training", _trained_as(recipe)), made, lambda made: made[1].nbytes + made[0].x.nbytes)


def ready(study: Study) -> bool:
    """Whether every training is at hand, or short enough to wait for."""
    return sum(cost(recipe) for recipe in set(study.recipes) if peek(("training", _trained_as(recipe))) is None) <= AT_ONCE


def _trained_as(recipe: Recipe) -> Recipe:
    """What of a recipe changes the training: where it would have stopped is only read from it."""
    return dataclasses.replace(recipe, patience=0)


def _compile_ahead(network: Network, some: int) -> None:
    """Compile the pictures' programs beside the training's, unless another network's are being compiled: they can wait."""
    global _ahead
    if _ahead is None or _ahead.done():
        _ahead = _AHEAD.submit(compiled, network, some)
        _ahead.add_done_callback(_report)


def _report(future: Future[None]) -> None:
    if error := future.exception():
        logging.getLogger(__name__).error("The pictures' programs were not compiled ahead", exc_info=error)


def question(study: Study) -> tuple[Recipe, ...]:
    """What is to be trained: two studies that are looked at in another way ask for the same."""
    return tuple(map(_trained_as, study.recipes))


def at_hand(study: Study) -> bool:
    """Whether every training is kept still."""
    return all(peek(("training", _trained_as(recipe))) is not None for recipe in study.recipes)


def prepare_all(study: Study, tell: Tell) -> None:
    """Run every training that is not at hand.

    Args:
        study: whose trainings.
        tell: told iterations done and to do, of all together.
    """
    missing = [recipe for recipe in dict.fromkeys(study.recipes) if peek(("training", _trained_as(recipe))) is None]
    total, before = sum(iterations(recipe) for recipe in missing), 0
    for recipe in missing:
        base = before
        data, record = trained(recipe, lambda done, _all, base=base: tell(base + done, total))  # type: ignore[misc]
        _pictures(recipe, data, recipe.network(), record, draft=False)
        before += iterations(recipe)


def lesson(study: Study, _: Callable[[str], str] = str, *, draft: bool = False) -> Lesson:
    """Everything that is shown of a study.

    Args:
        study: the reader's choice, its values in range.
        _: translates labels and findings.
        draft: pictures of the last checkpoint will do, because the hand is on a slider.
    """
    runs = []
    for index, recipe in enumerate(study.recipes):
        data, record = trained(recipe)
        network = recipe.network()
        pictures = _pictures(recipe, data, network, record, draft)
        said = findings(recipe, network, record, pictures.activations, pictures.slopes)
        told = tuple(_(message).format(**details) for message, details in said)
        shown = {name: value for name, value in pictures._asdict().items() if name in Learned._fields}
        runs.append(Learned(recipe, data, network, record, findings=told, label=label(study, index, _), **shown))
    return Lesson(study, tuple(runs), draft)


def label(study: Study, index: int, _: Callable[[str], str] = str) -> str:
    """What a training is called: A, or its letter with what it differs in: "B: batch size = 128"."""
    letter = LETTERS[index].upper()
    if index == 0:
        return letter
    variant = dict(study.variants[index - 1])
    keys = study.differences(index)
    keys = tuple(dict.fromkeys(name for key in keys for name in ((key, "run.lr") if key == "run" else (key,))))  # an optimizer comes with its η
    named = [f"{_(CHOICES.get(key, key))} = {_spoken(key, variant[key], _)}" for key in keys if key in variant]
    return f"{letter}: {', '.join(named)}" if named else letter


def _spoken(key: str, text: str, _: Callable[[str], str]) -> str:
    """A value of the link as a reader knows it: the title where it is a word of ours."""
    registries: dict[str, Mapping[str, Any]] = {"run": optimizers.REGISTRY, "init": INITS, "activations": ACTIVATIONS, "run.schedule": schedules.REGISTRY}
    if text in registries.get(key, {}):
        return _(registries[key][text].title)
    if key in ("standardise", "residual"):
        return _("yes") if text == "1" else _("no")
    return _("none") if text == "none" else text


# ---------------------------------------------------------------------- pictures


def _pictures(recipe: Recipe, data: Data, network: Network, record: Training, draft: bool) -> Pictures:
    if draft and (whole := peek(("pictures", _trained_as(recipe), False))) is not None:
        last = slice(-1, None)
        histograms = tuple(histogram._replace(counts=histogram.counts[last]) for histogram in whole.histograms)
        kept: Pictures = whole._replace(seen=whole.seen[last], lines=whole.lines[last], lost=whole.lost[last], histograms=histograms)
        return kept
    return cached(("pictures", _trained_as(recipe), draft), lambda: drawn(data, network, record, draft), lambda made: made.nbytes)
