"""A run as a short program that stands by itself: in plain NumPy, written from the optimizer's own rule, or with optax or PyTorch, where they have its formula.

The text is made of our own words, checked formulas and numbers; nothing that a person typed is copied into it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lab.export.numbers import link
from lab.export.written import OVER, lacking, numbers, peer_made, rates, rule, states, steady, used_names
from optim_core.clipping import ClipByNorm
from optim_core.formula_calculus import derivative
from optim_core.formula_python import JAX, NUMPY, TORCH, python
from optim_core.hyper import hypers
from surfaces import coordinates, written_out

if TYPE_CHECKING:
    from lab.compute import Picture

Library = Literal["numpy", "optax", "torch"]
LIBRARIES: tuple[Library, ...] = ("numpy", "optax", "torch")
TITLES = {"numpy": "NumPy", "optax": "optax", "torch": "PyTorch"}

_HELPERS = {
    "sigmoid": "def sigmoid(x):\n    return np.exp(-np.logaddexp(0, -x))",
    "over": OVER,
    "size": 'def size(x):\n    """|x|, with the slope 0 at 0."""\n    return x * jnp.sign(x)',
    "solve": (
        "def solve(A, v):\n"
        '    """Cramer\'s rule: inf or nan where A is singular, and no error."""\n'
        "    if A.shape == (1, 1):\n        return v / A[0]\n"
        "    (a, b), (c, d) = A\n"
        "    return np.array([d * v[0] - b * v[1], a * v[1] - c * v[0]]) / (a * d - b * c)"
    ),
}


def impossible(picture: Picture, index: int, library: Library) -> str | None:
    """Why run `index` (from 0) cannot be written with a library, as a marked message; None where it can."""
    if library == "numpy":
        return None
    return lacking(picture.experiment.runs[index].kind, library, picture.paths[index].lr)


def script(picture: Picture, index: int, library: Library) -> str:
    """A program that computes `path`, the iterates `(T+1, n)` of run `index` (from 0), and prints the last.

    Raises:
        ValueError: the library does not have this formula.
    """
    parts = sections(picture, index, library)
    head, ground, method, loop = parts.code
    return f'"""{parts.title}\n\nMade by Descent Lab: {parts.link}\n"""\n\n{head}\n\n\n{ground}\n\n\n{method}\n\n{loop}\n\n{parts.end}\n'


@dataclass(frozen=True)
class Sections:
    """A program in its parts: what it is, where it comes from, the imports, the loss, the optimizer and the loop, and what prints the end."""

    title: str
    link: str
    code: tuple[str, str, str, str]
    end: str


def sections(picture: Picture, index: int, library: Library) -> Sections:
    """The parts of `script`. It raises what `script` raises."""
    if reason := impossible(picture, index, library):
        raise ValueError(f"{library}: {reason}")
    experiment = picture.experiment
    run, surface = experiment.runs[index], experiment.surface
    title = f"{run.kind.title} on {surface.title}, {experiment.n_steps} steps, with {TITLES[library]}."
    text = _numpy(picture, index) if library == "numpy" else _optax(picture, index) if library == "optax" else _torch(picture, index)
    head, ground, method, loop = text
    body = "\n".join(text)
    used = {each.id for each in ast.walk(ast.parse(body)) if isinstance(each, ast.Name)}
    helpers = [text for name, text in _HELPERS.items() if name in used]
    return Sections(title, link(experiment), (head, "\n\n\n".join([*helpers, ground]), method, loop), "print(path[-1])")


# ---------------------------------------------------------------------- what all have in common


def _arguments(surface: Any) -> str:
    return "".join(f", {name}={float(getattr(surface, name))!r}" for name in hypers(surface) if name in written_out(surface).names)


def _unpacked(surface: Any) -> str:
    names = coordinates(surface)
    return f"    {', '.join(names)} = w" if len(names) > 1 else f"    ({names[0]},) = w"


def _loss(surface: Any, functions: Any) -> str:
    formula = written_out(surface)
    text = python(formula.tree, functions, tuple(hypers(surface)))
    if not set(coordinates(surface)) & set(formula.names):
        text = f"{text} + 0 * w.sum()"  # PyTorch differentiates only what depends on w
    return f"def loss(w{_arguments(surface)}):\n{_unpacked(surface)}\n    return {text}"


def _noise(picture: Picture, index: int) -> str:
    """The line that draws the noise of every step; empty where there is none."""
    chance, n_steps = picture.experiment.chance, picture.experiment.n_steps
    if chance is None:
        return ""
    noise = chance.noise(index, 0)
    drawn = f"noise = {float(noise.sigma)!r} * np.random.default_rng({noise.seed!r}).standard_normal(({n_steps}, {len(picture.experiment.start)}))"
    return f"{drawn} / np.arange(1, {n_steps + 1})[:, None] ** {noise.decay!r}" if noise.decay else drawn


def _clip(picture: Picture, index: int, np_like: str) -> str:
    """The line that clips g; empty where nothing is clipped. A hypotenuse does not overflow before its sides do."""
    clip = picture.experiment.runs[index].clip
    if clip is None:
        return ""
    threshold = float(clip.threshold)
    if not isinstance(clip, ClipByNorm):
        return f"g = {np_like}.clip(g, {-threshold!r}, {threshold!r})"
    length = f"{np_like}.abs(g[0])" if picture.experiment.on_curve else f"{np_like}.hypot(*g)"
    return f"g = g * {threshold!r} / {length} if {length} >= {threshold!r} else g" if np_like != "jnp" else f"g = g * jnp.minimum(1, {threshold!r} / {length})"


# ---------------------------------------------------------------------- NumPy


def _numpy(picture: Picture, index: int) -> tuple[str, str, str, str]:
    experiment = picture.experiment
    run, surface = experiment.runs[index], experiment.surface
    kind, axes, tree = run.kind, coordinates(surface), written_out(surface).tree
    trees = {name: derivative(tree, name) for name in axes}
    head = 'import numpy as np\n\nnp.seterr(all="ignore")  # a run that diverges ends in inf or nan; that is a result, too'

    arguments, unpacked = _arguments(surface), _unpacked(surface)
    slopes = "".join(f"\n        {python(slope)}," for slope in trees.values())
    ground = [_loss(surface, NUMPY), f"def grad(w{arguments}):\n{unpacked}\n    return np.array([{slopes}\n    ])"]
    used = used_names(kind)
    if "f_hessian" in used:
        rows = "".join("\n        [" + ", ".join(python(derivative(slope, name)) for name in axes) + "]," for slope in trees.values())
        ground.append(f"def hessian(w{arguments}):\n{unpacked}\n    return np.array([{rows}\n    ])")
    method = [f"{name} = {float(getattr(run.optimizer, name))!r}" for name in hypers(run.optimizer)]
    method += [rates(picture.paths[index].lr), *([noise] if (noise := _noise(picture, index)) else [])]
    method += [f"I = np.eye({len(axes)})"] if "v_I" in used else []

    body = [] if steady(picture.paths[index].lr) is not None else ["eta = etas[t - 1]"]
    if noise or run.clip is not None:
        raw = "grad(w) + noise[t - 1]" if noise else "grad(w)"
        clipping = [f"    {clip}"] if (clip := _clip(picture, index, "np")) else []
        body += ["", "def seen_grad(w):  # what the optimizer is given", f"    g = {raw}", *clipping, "    return g", ""]
    if noise and "f_loss" in used:
        body += ["def seen_loss(w):  # the loss that has this gradient", "    return loss(w) + noise[t - 1] @ w", ""]
    path = picture.paths[index]
    carried = states(kind, {name: values[0] for name, values in path.state._asdict().items()}, path.w[0])
    body.append(f"{', '.join(f'{name}_old' for name in ('w', *carried))} = {', '.join(('w', *carried))}")
    body += rule(kind, {"grad": "seen_grad" if noise or run.clip is not None else "grad", "loss": "seen_loss" if noise else "loss"})
    loop = ["w = np.array(" + numbers(experiment.start) + ")", *(f"{name} = {first}" for name, first in carried.items()), "path = [w]"]
    loop += [
        f"for t in np.arange(1, {experiment.n_steps + 1}):",
        *(f"    {line}" if line else "" for line in [*body, "path.append(w)"]),
        "path = np.array(path)",
    ]
    return head, "\n\n\n".join(ground), "\n".join([f"# {run.kind.title}", *method]), "\n".join(loop)


# ---------------------------------------------------------------------- libraries


def _optax(picture: Picture, index: int) -> tuple[str, str, str, str]:
    experiment, constant = picture.experiment, steady(picture.paths[index].lr) is not None
    head = 'import jax\nimport jax.numpy as jnp\nimport numpy as np\nimport optax\n\njax.config.update("jax_enable_x64", True)'
    noise, clip = _noise(picture, index), _clip(picture, index, "jnp")
    method = [rates(picture.paths[index].lr, "jnp.array"), *([noise] if noise else [])]
    method.append(f"optimizer = {peer_made(picture.experiment.runs[index].optimizer, 'optax', 'eta' if constant else 'lambda count: etas[count]')}")
    loop = ["def step(carry, z):", "    w, state = carry", f"    g = jax.grad(loss)(w){' + z' if noise else ''}", *([f"    {clip}"] if clip else [])]
    loop += ["    updates, state = optimizer.update(g, state, w)", "    w = optax.apply_updates(w, updates)", "    return (w, state), w", "", ""]
    loop += [f"start = jnp.array({numbers(experiment.start)})"]
    loop += [f"_, path = jax.lax.scan(step, (start, optimizer.init(start)), {'noise' if noise else 'None'}, {experiment.n_steps})"]
    loop += ["path = np.vstack([start, path])"]
    return head, _loss(experiment.surface, JAX), "\n".join(method), "\n" + "\n".join(loop)


def _torch(picture: Picture, index: int) -> tuple[str, str, str, str]:
    experiment, constant = picture.experiment, steady(picture.paths[index].lr) is not None
    head = "import numpy as np\nimport torch\n\ntorch.set_default_dtype(torch.float64)"
    noise, clip = _noise(picture, index), _clip(picture, index, "torch")
    method = [rates(picture.paths[index].lr, "np.array"), *([noise] if noise else [])]
    method.append(f"w = torch.tensor({numbers(experiment.start)}, requires_grad=True)")
    method.append(f"optimizer = {peer_made(picture.experiment.runs[index].optimizer, 'torch', 'eta' if constant else 'etas[0]')}")
    body = [] if constant else ['optimizer.param_groups[0]["lr"] = etas[t]']
    body += ["optimizer.zero_grad()", "loss(w).backward()", *(["w.grad += torch.from_numpy(noise[t])"] if noise else [])]
    body += ["g = w.grad", clip, "w.grad = g"] if clip else []
    body += ["optimizer.step()", "path.append(w.detach().numpy().copy())"]
    loop = ["path = [w.detach().numpy().copy()]", f"for t in range({experiment.n_steps}):", *(f"    {line}" for line in body), "path = np.array(path)"]
    return head, _loss(experiment.surface, TORCH), "\n".join(method), "\n".join(loop)
