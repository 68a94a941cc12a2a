"""`Recipe`: everything that one training needs, and how it stands in a link. Pure.

Its keys are flat (`data`, `layers`, `run.lr`, `batch` …), because "the same but one choice" is then one key with another text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.link import Reader, text_of, written, written_choice
from lab.runs import SEED, Run, read_method, written_method
from lab.values import Allowed, choice, flag, number, whole
from optim_core import optimizers
from optim_core.datasets import DATASETS, TRAIN_SHARE
from optim_core.hyper import N_, Hyper, TextError, hypers
from optim_core.networks import ACTIVATIONS, INITS, LOSSES, NORMS, Layer, Network
from optim_core.networks.architecture import MAX_DEPTH, MAX_WIDTH, Head
from optim_core.noise import Noise
from optim_core.registry import key_of

OWN = "own"
"""The reader's own table, which is not in the link."""
NONE = "none"

EPOCHS = Hyper(100, 1, 5000, "E", N_("epochs"), N_("How often the network sees every object of the training part."), "integer_log")
BATCH = Hyper(16, 1, 2000, "b", N_("batch size"), N_("Objects in a step; as many as there are, or more, is the full batch."), "integer_log")
WIDTH = Hyper(8, 1, MAX_WIDTH, "h", N_("neurons"), N_("Neurons of this hidden layer."), "integer_log")
DROPOUT = Hyper(0, 0, 0.9, "p", N_("dropout"), N_("Share of the neurons of hidden layers that each step leaves out."))
L1 = Hyper(0, 0, 1, r"\lambda_1", N_("L1 penalty"), N_("Adds λ₁ Σ|w| over the weights to the loss: many weights become 0."), "log")
L2 = Hyper(0, 0, 1, r"\lambda_2", N_("L2 penalty"), N_("Adds λ₂/2 Σw² over the weights to the loss: all weights become smaller."), "log")
SIGMA = Hyper(0, 0, 100, r"\sigma", N_("gradient noise"), N_("Standard deviation of what is added to each coordinate of the gradient."), "log")
PATIENCE = Hyper(
    0, 0, 5000, "k", N_("patience, epochs"), N_("Tells where training would stop: after so many epochs without a new lowest validation loss. 0: nowhere.")
)  # fmt: skip


class Rates:
    """Where a student begins with a network, in the manner of a surface's suggested learning rates."""

    class learning_rates:
        """Of optimizers whose step follows the gradient's size, and of those whose step does not."""

        gradient, scale_free = 0.1, 0.01


@dataclass(frozen=True)
class Recipe:
    """One training.

    Attributes:
        data: a spec of `optim_core.datasets`, or the reader's own table.
        data_seed: of its draw and split.
        share: of the objects to learn from.
        standardise: columns are scaled.
        hidden: the hidden layers.
        head, loss, norm, residual: as in `optim_core.networks.Network`.
        init: a spec of `INITS`.
        weights_seed: of the first weights.
        run: optimizer, learning rate, schedule, warm-up and clipping.
        epochs: how many.
        batch: b; the full batch where it is not smaller than the training part.
        replace: batches are drawn with replacement.
        batch_seed: of the batches and of dropout.
        dropout, l1, l2: p, λ₁, λ₂.
        sigma: of gradient noise; 0 for none.
        patience: of early stopping, in epochs; 0 where it is not read.
    """

    data: Any
    data_seed: int
    share: float
    standardise: bool
    hidden: tuple[Layer, ...]
    head: Head
    loss: str
    norm: str
    residual: bool
    init: Any
    weights_seed: int
    run: Run
    epochs: int
    batch: int
    replace: bool
    batch_seed: int
    dropout: float
    l1: float
    l2: float
    sigma: float
    patience: int

    @property
    def data_key(self) -> str:
        """The data's key in the link."""
        return OWN if not any(type(self.data) is cls for cls in DATASETS.values()) else key_of(DATASETS, self.data)

    def network(self) -> Network:
        """The shape of what is trained."""
        outputs = len(self.data.labels) if self.head == "softmax" else 1
        loss: Any = self.loss
        norm: Any = self.norm
        return Network(len(self.data.names), self.hidden, outputs, self.head, loss, norm, self.residual, self.dropout > 0.0)

    def to_query(self) -> dict[str, str]:
        """Every value as text, in a fixed order."""
        query = {"data": self.data_key, **dict(written(self.data, "data") if self.data_key != OWN else ())}
        query |= {"data.seed": str(self.data_seed), "share": text_of(self.share), "standardise": str(int(self.standardise))}
        query |= {"layers": ",".join(str(layer.width) for layer in self.hidden) or NONE, "activations": activations_text(self.hidden)}
        query |= {"head": self.head, "loss": self.loss, "norm": self.norm, "residual": str(int(self.residual))}
        query |= {**dict(written_choice(INITS, self.init, "init")), "init.seed": str(self.weights_seed)}
        query |= dict(written_method(self.run, "run"))
        query |= {"epochs": str(self.epochs), "batch": str(self.batch), "replace": str(int(self.replace)), "batch.seed": str(self.batch_seed)}
        query |= {"dropout": text_of(self.dropout), "l1": text_of(self.l1), "l2": text_of(self.l2), "sigma": text_of(self.sigma)}
        return query | {"patience": str(self.patience)}


def activations_text(hidden: tuple[Layer, ...]) -> str:
    """One word where all layers have the same activation, else one a layer."""
    words = [layer.activation for layer in hidden]
    return ",".join(words if len(set(words)) > 1 else words[:1]) or NONE


def heads(data: Any) -> tuple[Head, ...]:
    """What the output may be for a data set, the usual head first (lecture row B4)."""
    if not data.labels:
        return ("linear",)
    return ("sigmoid", "softmax") if len(data.labels) == 2 else ("softmax",)


def read_recipe(reader: Reader, own: Any = None) -> Recipe:
    """What a link says of a training; never raises.

    Args:
        reader: of the link.
        own: the reader's own table, if they opened one.
    """
    data = _read_data(reader, own)
    seed = whole(int(SEED.low), int(SEED.high))
    data_seed = reader.take("data.seed", seed, 1)
    share, standardise = reader.take("share", number(TRAIN_SHARE), TRAIN_SHARE.default), reader.take("standardise", flag, False)
    widths = reader.take("layers", _widths, (8,))
    words = reader.take("activations", _activations, ("tanh",))
    if widths and not words:
        reader.note("activations", tuple(ACTIVATIONS))
    words = words or ("tanh",)
    hidden = tuple(Layer(width, words[min(index, len(words) - 1)]) for index, width in enumerate(widths))
    head = reader.take("head", choice(heads(data)), heads(data)[0])
    loss = reader.take("loss", choice(LOSSES[head]), LOSSES[head][0])
    norm, residual = reader.take("norm", choice(NORMS), "none"), reader.take("residual", flag, False)
    init = reader.take_one_of(INITS, "init", "xavier_uniform")
    weights_seed = reader.take("init.seed", seed, 1)
    run = read_method(reader, "run", reader.take("run", choice(tuple(optimizers.REGISTRY)), "adam"), Rates)
    epochs, batch = reader.take("epochs", _whole(EPOCHS), int(EPOCHS.default)), reader.take("batch", _whole(BATCH), int(BATCH.default))
    replace, batch_seed = reader.take("replace", flag, False), reader.take("batch.seed", seed, 1)
    dropout, l1 = reader.take("dropout", number(DROPOUT), 0.0), reader.take("l1", number(L1), 0.0)
    l2, sigma, patience = reader.take("l2", number(L2), 0.0), reader.take("sigma", _noise, 0.0), reader.take("patience", _whole(PATIENCE), 0)
    shape = (hidden, head, loss, norm, residual, init, weights_seed)
    return Recipe(data, data_seed, share, standardise, *shape, run, epochs, batch, replace, batch_seed, dropout, l1, l2, sigma, patience)


def _read_data(reader: Reader, own: Any) -> Any:
    key = reader.take("data", choice((*DATASETS, OWN)), "circle")
    if key != OWN:
        return reader.take_spec(DATASETS[key](), "data")
    if own is not None:
        return own
    reader.note("data", TextError(N_("an own table is not in the link: open its file again")))
    return DATASETS["circle"]()


def _whole(declared: Hyper) -> Any:
    return whole(int(declared.low), int(declared.high))


def _noise(text: str) -> tuple[float | None, Allowed]:
    """None, or an amount that `optim_core.noise.Noise` takes."""
    value, allowed = number(SIGMA)(text)
    least = hypers(Noise)["sigma"].low
    return (value, allowed) if value is None or value == 0.0 or value >= least else (None, ("0", f"{least:g} … {SIGMA.high:g}"))


def _widths(text: str) -> tuple[tuple[int, ...] | None, Allowed]:
    """Neurons of every hidden layer, `16,16`; none is a linear model."""
    allowed = (f"1 … {MAX_WIDTH}, 1 … {MAX_WIDTH}, …", NONE)
    if text.strip() == NONE:
        return (), ()
    parsed = [whole(1, MAX_WIDTH)(part)[0] for part in text.replace(";", ",").split(",")]
    return (None if None in parsed or len(parsed) > MAX_DEPTH else tuple(parsed)), allowed


def _activations(text: str) -> tuple[tuple[str, ...] | None, Allowed]:
    """One activation for all hidden layers, or one for each; the last one serves those that have none of their own."""
    words = tuple(word.strip() for word in text.split(","))
    if words == (NONE,):
        return (), ()
    fits = len(words) <= MAX_DEPTH and all(word in ACTIVATIONS for word in words)
    return (words if fits else None), tuple(ACTIVATIONS)


def layered(recipe: Recipe, key: str, text: str) -> Iterator[tuple[str, str]]:
    """The controls of single layers: `depth`, `width.2`, `activation.2` as changes of `layers` and `activations`; nothing where there is no such layer."""
    name, _, place = key.partition(".")
    hidden = list(recipe.hidden)
    if name == "depth" and text.isdecimal() and int(text) <= MAX_DEPTH:
        last = hidden[-1] if hidden else Layer(int(WIDTH.default), "tanh")
        hidden = [*hidden, *[last] * int(text)][: int(text)]
        yield from (("layers", ",".join(str(layer.width) for layer in hidden) or NONE), ("activations", activations_text(tuple(hidden))))
    elif place.isdecimal() and 1 <= int(place) <= len(hidden):
        index = int(place) - 1
        if name == "width":
            yield "layers", ",".join(text if at == index else str(layer.width) for at, layer in enumerate(hidden))
        elif name == "activation":
            yield "activations", ",".join(text if at == index else layer.activation for at, layer in enumerate(hidden))
