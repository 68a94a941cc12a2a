"""A training as a program that stands by itself: with PyTorch and its optimizers, or with JAX's gradients and the optimizer's rule written out.

The numbers are those of the laboratory: the same data, first weights, batches, learning rates and noise, drawn by the same calls of NumPy. Nothing that a
person typed is copied into the text; classes are numbers, columns have no names.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import jax.numpy as jnp
import numpy as np

from lab.export.learning.data_text import data_text, loader
from lab.export.learning.network_text import Library as Library
from lab.export.learning.network_text import drops, network_text, parameters, start_text, stats_text
from lab.export.numbers import link
from lab.export.written import OVER, lacking, peer_made, rates, rule, states, steady, used_names
from lab.study import Study
from optim_core.clipping import ClipByNorm
from optim_core.hyper import hypers, resolve

if TYPE_CHECKING:
    from lab.lesson_types import Learned

LIBRARIES: tuple[Library, ...] = get_args(Library)
TITLES = {"torch": "PyTorch", "jax": "JAX"}
OTHER_MASKS = "# PyTorch's own random numbers: which neurons are dropped differs from the laboratory, and so do all numbers below"
_HELPERS = {
    "over": OVER,
    "sigmoid": "def sigmoid(x):\n    return np.exp(-np.logaddexp(0, -x))",
    "solve": (
        'def solve(A, v):\n    """nan where A is singular, and no error."""\n'
        "    try:\n        return np.linalg.solve(A, v)\n    except np.linalg.LinAlgError:\n        return np.full_like(v, np.nan)"
    ),
}


@dataclass(frozen=True)
class Sections:
    """A program in its parts: what it is, where it comes from, and the cells of its notebook with a word on each."""

    title: str
    link: str
    cells: tuple[str, ...]


def impossible(learned: Learned, library: Library) -> str | None:
    """Why a training cannot be written with a library, as a marked message; None where it can."""
    return lacking(learned.recipe.run.kind, "torch", learned.record.lr) if library == "torch" else None


def script(learned: Learned, library: Library) -> str:
    """A program that trains the network, and holds its last weights `w` `(P,)` and the batch losses `losses` `(T,)`.

    Raises:
        ValueError: the library does not have this optimizer.
    """
    parts = sections(learned, library)
    body = "\n\n\n".join(parts.cells)
    return f'"""{parts.title}\n\nMade by Descent Lab: {parts.link}\n"""\n\n{body}\n'


def sections(learned: Learned, library: Library) -> Sections:
    """The parts of `script`. It raises what `script` raises."""
    if reason := impossible(learned, library):
        raise ValueError(f"{library}: {reason}")
    recipe = learned.recipe
    title = f"{recipe.run.kind.title} on {recipe.data.title}, {learned.record.n_steps} iterations in {recipe.epochs} epochs, with {TITLES[library]}."
    network = network_text(learned.network, library, recipe.l1, recipe.l2)
    start = f"{start_text(learned.network, recipe.init, recipe.weights_seed)}\n\n{_batches(learned)}"
    loop = _torch(learned) if library == "torch" else _jax(learned)
    return Sections(title, link(Study(recipe)), (_head(learned, library), data_text(learned), network, start, loop, _end(learned, library)))


def _head(learned: Learned, library: Library) -> str:
    table = [f"from sklearn.datasets import {loader(learned)}"] if loader(learned) else []
    hypot = ["import math", ""] if isinstance(learned.recipe.run.clip, ClipByNorm) else []
    if library == "torch":
        return "\n".join([*hypot, "import numpy as np", "import torch", *table, "", "torch.set_default_dtype(torch.float64)"])
    quiet = 'np.seterr(all="ignore")  # a training that diverges ends in inf or nan; that is a result, too'
    imports = [*hypot, "import jax", "import jax.numpy as jnp", "import numpy as np", *table]
    return "\n".join([*imports, "", 'jax.config.update("jax_enable_x64", True)', quiet])


# ---------------------------------------------------------------------- what both have in common


def _batches(learned: Learned) -> str:
    """Lines that give `order`, the objects of every iteration."""
    recipe, n, k = learned.recipe, len(learned.data.train), learned.record.per_epoch
    if k == 1:
        return f"order = [np.arange({n})] * {recipe.epochs}  # the full batch every time"
    lines = [f"rng = np.random.default_rng(({recipe.batch_seed}, 1))", "order = []  # the objects of every iteration", f"for epoch in range({recipe.epochs}):"]
    if recipe.replace:
        return "\n".join([*lines, f"    order += list(rng.integers(0, {n}, ({k}, {recipe.batch})))"])
    lines += [f"    shuffled = rng.permutation({n})", f"    order += [shuffled[i : i + {recipe.batch}] for i in range(0, {n}, {recipe.batch})]"]
    return "\n".join(lines)


def _width(learned: Learned) -> int:
    """Objects of a step that is not cut short."""
    return len(learned.data.train) if learned.record.per_epoch == 1 else learned.recipe.batch


def _noise(learned: Learned) -> list[str]:
    """The line that draws the gradient's noise at every iteration, if there is any."""
    recipe = learned.recipe
    if not recipe.sigma:
        return []
    size = (learned.record.n_steps, learned.network.size)
    return [f"noise = {float(recipe.sigma)!r} * np.random.default_rng(({recipe.batch_seed}, 2)).standard_normal({size})"]


def _clip(learned: Learned, array: str, listed: str) -> list[str]:
    """Lines that clip g, if anything is clipped. A hypotenuse does not overflow before its sides do."""
    clip = learned.recipe.run.clip
    if clip is None:
        return []
    threshold = float(clip.threshold)
    if not isinstance(clip, ClipByNorm):
        return [f"g = {array}.clip(g, {-threshold!r}, {threshold!r})"]
    return [f"length = math.hypot(*{listed})", f"g = g * ({threshold!r} / length) if length >= {threshold!r} else g"]


def _end(learned: Learned, library: Library) -> str:
    """Lines that print losses and accuracies."""
    network = learned.network
    more = [*(["stats"] if network.norm == "batch" else []), *([f"[1.0] * {len(network.hidden)}"] if drops(network) else [])]
    given = ", ".join([*more, *(["training=False"] if network.norm == "batch" else [])])
    flat = "torch.from_numpy(w)" if library == "torch" else "w"
    lines = ['for name, x, y in (("training", points, targets), ("validation", valid_points, valid_targets)):']
    lines.append(f"    Z = forward({flat}, x{', ' + given if given else ''}){'[0]' if network.norm == 'batch' else ''}")
    accuracy = ', "accuracy", accuracy(Z, y)' if network.head != "linear" else ""
    return "\n".join([*lines, f'    print(name, "loss", float(mean_loss(Z, y)){accuracy})'])


# ---------------------------------------------------------------------- JAX


@functools.lru_cache(64)
def _first(optimizer: object, start: tuple[float, ...]) -> dict[str, np.ndarray]:
    """The optimizer's State before the first step, by its fields."""
    return {name: np.asarray(value) for name, value in resolve(optimizer).init(jnp.asarray(start))._asdict().items()}  # type: ignore[attr-defined]


def _jax(learned: Learned) -> str:
    recipe, network, record = learned.recipe, learned.network, learned.record
    kind, optimizer = recipe.run.kind, recipe.run.optimizer
    used, noise, clip = used_names(kind), _noise(learned), _clip(learned, "np", "g")
    changed, more = bool(noise or clip), parameters(network)
    carried = states(kind, _first(optimizer, tuple(record.w[0].tolist())), record.w[0])

    functions = ["value, slope = jax.jit(objective), jax.jit(jax.grad(objective))"]
    functions += ["curvature = jax.jit(jax.hessian(objective))"] if "f_hessian" in used else []
    if network.norm == "batch":
        given = ", ".join(("w", "x", *more))
        functions.append(f"advance = jax.jit(lambda {given}: forward({given}, training=True)[1])")
    blocks = ["\n".join(functions)]
    blocks.append('def loss(w):\n    """Of the batch that this iteration has seen."""\n    return float(value(w, *seen))')
    blocks.append("def grad(w):\n    return np.asarray(slope(w, *seen))")
    blocks += ["def hessian(w):\n    return np.asarray(curvature(w, *seen))"] if "f_hessian" in used else []
    if changed:
        raw = "grad(w) + noise[t - 1]" if noise else "grad(w)"
        blocks.append("\n    ".join(["def seen_grad(w):  # what the optimizer is given", f"g = {raw}", *clip, "return g"]))
    if noise and "f_loss" in used:
        blocks.append("def seen_loss(w):  # the loss that has this gradient\n    return loss(w) + noise[t - 1] @ w")
    if drops(network):
        blocks.append(_masks(learned))

    method = [f"# {kind.title}", *(f"{name} = {float(getattr(optimizer, name))!r}" for name in hypers(optimizer)), rates(record.lr), *noise]
    method += [f"I = np.eye({network.size})"] if "v_I" in used else []
    method += [stats_text(network, "jax")] if network.norm == "batch" else []
    method += ["w = start", *(f"{name} = {first}" for name, first in carried.items()), "losses = []"]
    body = ["batch = order[t - 1]", *(["keep = masks(t, len(batch))"] if drops(network) else [])]
    body.append(f"seen = {', '.join(('points[:, batch]', 'targets[batch]', *more))}")
    body += [f"stats = advance(w, points[:, batch], {', '.join(more)})"] if network.norm == "batch" else []
    body += ["losses.append(loss(w))", *(["eta = etas[t - 1]"] if steady(record.lr) is None else [])]
    body.append(f"{', '.join(f'{name}_old' for name in ('w', *carried))} = {', '.join(('w', *carried))}")
    body += rule(kind, {"grad": "seen_grad" if changed else "grad", "loss": "seen_loss" if noise else "loss"})
    method += [f"for t in range(1, {record.n_steps + 1}):", *(f"    {line}" for line in body), "losses = np.array(losses)"]
    text = "\n".join(method)
    called = {each.id for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Name)}
    return "\n\n\n".join([*(helper for name, helper in _HELPERS.items() if name in called), *blocks, text])


def _masks(learned: Learned) -> str:
    rate, widths = float(learned.recipe.dropout), [layer.width for layer in learned.network.hidden]
    return (
        'def masks(t, n):\n    """What dropout multiplies every hidden layer by, for n objects in iteration t."""\n'
        f"    key = jax.random.fold_in(jax.random.key({learned.recipe.batch_seed}), t)\n"
        f"    drawn = jax.random.uniform(key, ({sum(widths)}, {_width(learned)}))[:, :n]\n"
        f"    return np.split(np.where(drawn >= {rate!r}, {1 / (1 - rate)!r}, 0.0), {np.cumsum(widths)[:-1].tolist()})"
    )


# ---------------------------------------------------------------------- PyTorch


def _torch(learned: Learned) -> str:
    recipe, network, record = learned.recipe, learned.network, learned.record
    constant, noise, clip = steady(record.lr) is not None, _noise(learned), _clip(learned, "torch", "g.tolist()")
    more = parameters(network)
    sides = "points, targets, valid_points, valid_targets"
    lines = [f"{sides} = (torch.from_numpy(part.copy()) for part in ({sides}))", rates(record.lr), *noise]
    lines += [stats_text(network, "torch")] if network.norm == "batch" else []
    lines += ["w = torch.tensor(start, requires_grad=True)", f"optimizer = {peer_made(recipe.run.optimizer, 'torch', 'eta' if constant else 'etas[0]')}"]
    lines += [f"torch.manual_seed({recipe.batch_seed})"] if drops(network) else []
    body = ["batch = torch.from_numpy(order[t])", "x, y = points[:, batch], targets[batch]"]
    if drops(network):
        rate, widths = float(recipe.dropout), [layer.width for layer in network.hidden]
        body += [OTHER_MASKS, f"keep = [(torch.rand(width, len(batch)) >= {rate!r}) * {1 / (1 - rate)!r} for width in {widths}]"]
    body += [] if constant else ['optimizer.param_groups[0]["lr"] = etas[t]']
    body += ["optimizer.zero_grad()", f"value = objective({', '.join(('w', 'x', 'y', *more))})", "value.backward()"]
    if network.norm == "batch":
        body += ["with torch.no_grad():", f"    stats = forward({', '.join(('w', 'x', *more))}, training=True)[1]"]
    body += ["w.grad += torch.from_numpy(noise[t])"] if noise else []
    body += ["g = w.grad", *clip, "w.grad = g"] if clip else []
    body += ["optimizer.step()", "losses.append(value.item())"]
    lines += ["losses = []", f"for t in range({record.n_steps}):", *(f"    {line}" for line in body), "w, losses = w.detach().numpy(), np.array(losses)"]
    return "\n".join(lines)
