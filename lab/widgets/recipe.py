"""The cards of the page Training: data, network, optimizer, regularisation, and the trainings that are the same but for one choice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from lab import live
from lab.figures.learning.looks import looks
from lab.figures.style import Theme
from lab.i18n import Translate
from lab.lesson_types import Learned, Lesson
from lab.lessons import label
from lab.recipe import BATCH, DROPOUT, EPOCHS, L1, L2, OWN, PATIENCE, SIGMA, WIDTH, Recipe, activations_text, heads
from lab.runs import LR, SEED
from lab.study import CHOICES, LETTERS, MAX_VARIANTS, Study
from lab.values import Problem
from lab.widgets import controls, timing
from lab.widgets.controls import Control, Errors
from lab.widgets.formula import mathml
from optim_core import optimizers, rules
from optim_core.datasets import DATASETS, TRAIN_SHARE
from optim_core.hyper import N_
from optim_core.networks import ACTIVATIONS, INITS, LOSSES, NORMS
from optim_core.networks.architecture import MAX_DEPTH
from optim_core.registry import key_of
from optim_core.tables import Uploaded

HEADS = {"linear": N_("linear: a value"), "sigmoid": N_("sigmoid: one probability"), "softmax": N_("softmax: a probability for each class")}
LOSS_TITLES = {"mse": N_("mean square error"), "mae": N_("mean absolute error"), "binary": N_("cross-entropy, two classes"), "categorical": N_("cross-entropy")}
NORM_TITLES = {"none": N_("none"), "batch": N_("batch norm"), "layer": N_("layer norm")}


def study_panel(study: Study, lesson: Lesson | None, errors: Errors, theme: Theme, _: Translate) -> dict[str, Any]:
    """The panel's payload.

    Args:
        study: the reader's choice.
        lesson: what came of it, if it is there.
        errors: what the reader typed last and was not accepted, by key.
        theme: light or dark.
        _: translates what is written.
    """
    first = lesson.runs[0] if lesson is not None else None
    groups = [
        *_cards(study.recipe, first, errors, theme, _, own=study.own is not None),
        *(_variant(study, index, errors, theme, _) for index in range(1, len(study.variants) + 1)),
    ]
    full = len(study.variants) >= MAX_VARIANTS
    present = study.recipe.to_query()
    offered = [{"key": key, "title": _(title)} for key, title in CHOICES.items() if key in present]
    return {
        "labels": live.Kept({name: _(text) for name, text in live.PANEL_LABELS.items()}),
        "theme": theme,
        "groups": groups,
        "rate": None,
        "add": None if full else {"label": _("The same but …"), "options": live.Kept(offered)},
        "full": _("At most {count} trainings stand side by side.").format(count=MAX_VARIANTS + 1) if full else None,
    }


def _cards(recipe: Recipe, learned: Learned | None, errors: Errors, theme: Theme, _: Translate, *, own: bool) -> list[dict[str, Any]]:
    """The cards of the first training."""
    made = _controls(recipe, errors, _, own=own)
    data = controls.group("data", _("Data"), made["data"])
    network = controls.group("network", _("Network"), made["network"], _shapes(recipe))
    method = controls.group("method", _(recipe.run.optimizer.title), made["method"])
    method |= {"rule": [mathml(line) for line in rules.printed(recipe.run.kind)], "swatch": _swatch(0, theme)}
    if learned is not None:
        train, valid = len(learned.data.train), len(learned.data.valid)
        counts = _("{train} objects to learn from, {valid} to judge by").format(train=train, valid=valid)
        data["note"] = f"{_(recipe.data.note)} {counts}."
        network["note"] = _("{count} parameters").format(count=learned.network.size)
        per_epoch = learned.record.per_epoch
        whole = _("full batch: an epoch is one iteration") if per_epoch == 1 else _("an epoch is {count} iterations").format(count=per_epoch)
        method["note"] = whole
    return [data, network, method, controls.group("penalties", _("Regularisation"), made["penalties"])]


def _swatch(index: int, theme: Theme) -> dict[str, str]:
    look = looks(theme)[index]
    return {"color": look.color, "dash": look.dash, "marker": look.marker}


def _shapes(recipe: Recipe) -> tuple[str, ...]:
    """The network in matrix form with its shapes (lecture row A1), one line a layer."""
    network = recipe.network()
    lines = [rf"X: n \times {network.inputs}"]
    source = "X"
    for number, (layer, channels) in enumerate(zip(network.hidden, network.channels, strict=True), 1):
        inside = rf"{source} W_{number} + b_{number}"
        if network.norm != "none":
            inside = rf"\mathrm{{norm}}({inside})"
        skip = rf" + {source}" if network.residual and number > 1 and network.hidden[number - 2].width == layer.width else ""
        fan_in = network.parts[0].shape[0] if number == 1 else network.hidden[number - 2].width
        lines.append(rf"H_{number} = f({inside}){skip}, \quad W_{number}: {fan_in} \times {channels}")
        source = f"H_{number}"
    last, fan_in = len(network.hidden) + 1, network.hidden[-1].width if network.hidden else network.inputs
    head = {"linear": "", "sigmoid": r"\sigma", "softmax": r"\mathrm{softmax}"}[network.head]
    inside = rf"{source} W_{last} + b_{last}"
    lines.append(rf"O = {f'{head}({inside})' if head else inside}, \quad W_{last}: {fan_in} \times {network.outputs}")
    return tuple(lines)


def _controls(recipe: Recipe, errors: Errors, _: Translate, *, own: bool = False) -> dict[str, list[Control]]:
    """All controls of a training, card by card."""
    return {
        "data": _data_controls(recipe, errors, _, own),
        "network": _network_controls(recipe, errors, _),
        "method": _method_controls(recipe, errors, _),
        "penalties": [
            controls.number("dropout", DROPOUT, recipe.dropout, errors, _),
            controls.number("l1", L1, recipe.l1, errors, _),
            controls.number("l2", L2, recipe.l2, errors, _),
            controls.number("patience", PATIENCE, recipe.patience, errors, _),
        ],
    }


def _data_controls(recipe: Recipe, errors: Errors, _: Translate, own: bool) -> list[Control]:
    titles = {**({OWN: _(Uploaded.title)} if own else {}), **{key: _(cls.title) for key, cls in DATASETS.items()}}
    made = [controls.choice("data", _("data set"), _("What the network learns from."), titles, recipe.data_key, errors, _)]
    made += [] if recipe.data_key == OWN else controls.spec("data", recipe.data, errors, _)
    made.append(controls.number("share", TRAIN_SHARE, recipe.share, errors, _))
    told = _("Gives every column mean 0 and standard deviation 1 over the training part.")
    made.append(controls.switch("standardise", _("scale the columns"), told, recipe.standardise, errors, _))
    seed = dataclasses.replace(SEED, title=N_("seed of the data"), help=N_("Another seed draws other objects and another split; the same seed draws the same."))
    made.append(controls.number("data.seed", seed, recipe.data_seed, errors, _))
    return made


def _network_controls(recipe: Recipe, errors: Errors, _: Translate) -> list[Control]:
    depths = {str(count): str(count) for count in range(MAX_DEPTH + 1)}
    made = [controls.choice("depth", _("hidden layers"), _("Without one the model is linear in its inputs."), depths, str(len(recipe.hidden)), errors, _)]
    for number, layer in enumerate(recipe.hidden, 1):
        width = controls.number(f"width.{number}", WIDTH, layer.width, errors, _)
        made.append(width | {"name": _("neurons of layer {number}").format(number=number), "symbol": f"h{_small(number)}"})
        named = _("activation of layer {number}").format(number=number)
        made.append(controls.choice(f"activation.{number}", named, _("What a neuron makes of its sum."), _activations(_), layer.activation, errors, _))
    ways = {key: _(cls.title) for key, cls in INITS.items()}
    made.append(controls.choice("init", _("initialisation"), _("How the weights begin."), ways, key_of(INITS, recipe.init), errors, _, strong=True))
    made += [controls.rule("init.rule", (recipe.init.rule,)), *controls.spec("init", recipe.init, errors, _)]
    seed = dataclasses.replace(SEED, title=N_("seed of the weights"), help=N_("Another seed draws other first weights; the same seed draws the same."))
    made.append(controls.number("init.seed", seed, recipe.weights_seed, errors, _))
    told = _("Between the linear part and the activation of every hidden layer.")
    made.append(controls.choice("norm", _("normalisation"), told, {key: _(NORM_TITLES[key]) for key in NORMS}, recipe.norm, errors, _, strong=True))
    told = _("A hidden layer adds its input where both have the same number of neurons.")
    made.append(controls.switch("residual", _("skip connections"), told, recipe.residual, errors, _))
    outputs: dict[str, str] = {head: _(HEADS[head]) for head in heads(recipe.data)}
    made.append(controls.choice("head", _("output"), _("What the last layer's values mean."), outputs, recipe.head, errors, _, strong=True))
    minimised: dict[str, str] = {loss: _(LOSS_TITLES[loss]) for loss in LOSSES[recipe.head]}
    made.append(controls.choice("loss", _("loss"), _("What is minimised, as a mean over the objects."), minimised, recipe.loss, errors, _))
    return made


def _method_controls(recipe: Recipe, errors: Errors, _: Translate) -> list[Control]:
    titles = {key: _(cls.title) for key, cls in optimizers.REGISTRY.items()}
    made = [controls.choice("run", _("optimizer"), _("Another one brings the learning rate it goes well with."), titles, recipe.run.key, errors, _)]
    made += [controls.number("run.lr", LR, recipe.run.lr, errors, _), *controls.spec("run", recipe.run.optimizer, errors, _)]
    made += [controls.number("batch", BATCH, recipe.batch, errors, _), controls.number("epochs", EPOCHS, recipe.epochs, errors, _)]
    told = _("Every batch is drawn by itself from all objects; else they are shuffled once an epoch.")
    made.append(controls.switch("replace", _("draw with replacement"), told, recipe.replace, errors, _))
    seed = dataclasses.replace(SEED, title=N_("seed of the batches"), help=N_("Another seed draws other batches, and drops other neurons."))
    made.append(controls.number("batch.seed", seed, recipe.batch_seed, errors, _))
    made += timing.schedule_controls("run", recipe.run, errors, _)
    made += timing.clip_controls("run", recipe.run, errors, _)
    made.append(controls.number("sigma", SIGMA, recipe.sigma, errors, _))
    return made


def _variant(study: Study, index: int, errors: Errors, theme: Theme, _: Translate) -> dict[str, Any]:
    """The card of a training that is the same but for one choice: the controls of that choice, and nothing else."""
    letter, recipe = LETTERS[index], study.recipes[index]
    mine = {key[2:]: problem for key, problem in errors.items() if key.startswith(f"{letter}.")}
    listed = [control for rows in _controls(recipe, mine, _).values() for control in rows]
    listed += [_layers(recipe, mine, _), _all_activations(recipe, mine, _)]
    keys = [key for key, _text in study.variants[index - 1]]
    shown = [control | {"key": f"{letter}.{control['key']}"} for control in listed if _belongs(control["key"], keys)]
    made = controls.group(f"variant {letter}", label(study, index, _), shown)
    differences = study.differences(index)
    note = None if len(differences) == 1 else _("It is the same training.") if not differences else _("It differs in more than one choice.")
    return made | {"swatch": _swatch(index, theme), "run": index, "actions": ["remove"], "note": note}


def _belongs(key: str, keys: list[str]) -> bool:
    """Whether a control belongs to one of the choices `keys`, or hangs on it as β hangs on the optimizer; choices of their own do not hang on another one."""
    owner = max((other for other in keys if _hangs(key, other)), key=len, default=None)
    apart = (other for other in (*CHOICES, "data.seed") if other not in keys)
    return owner is not None and (key == owner or not any(_hangs(key, other) for other in apart))


def _hangs(key: str, other: str) -> bool:
    return key == other or key.startswith(f"{other}.")


def _layers(recipe: Recipe, errors: Mapping[str, Problem], _: Translate) -> Control:
    """All widths as one text: what a variant about layers changes."""
    told = _("Neurons of every hidden layer, separated by commas; none for a linear model.")
    return controls.control("layers", "text", "h", _("layers"), told, recipe.to_query()["layers"], errors, _)


def _all_activations(recipe: Recipe, errors: Mapping[str, Problem], _: Translate) -> Control:
    """The activation of all layers at once."""
    present = activations_text(recipe.hidden)
    options = _activations(_) | ({} if present in ACTIVATIONS else {present: present})
    return controls.choice("activations", _("activation"), _("Of all hidden layers."), options, present, errors, _)


def _activations(_: Translate) -> dict[str, str]:
    return {key: _(activation.title) for key, activation in ACTIVATIONS.items()}


def _small(number: int) -> str:
    return "₀₁₂₃₄₅₆₇₈₉"[number]
