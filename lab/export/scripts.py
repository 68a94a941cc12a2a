"""A run as a short program that stands by itself: in plain NumPy, written from the optimizer's own rule, or with optax or PyTorch, where they have its formula.

The text is made of our own words, checked formulas and numbers; nothing that a person typed is copied into it.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lab.export.numbers import link
from optim_core import rules
from optim_core.clipping import ClipByNorm
from optim_core.formula_calculus import derivative
from optim_core.formula_python import JAX, NUMPY, TORCH, python
from optim_core.hyper import N_, hypers
from optim_core.types import Peer
from surfaces import coordinates, written_out

if TYPE_CHECKING:
    from lab.compute import Picture

Library = Literal["numpy", "optax", "torch"]
LIBRARIES: tuple[Library, ...] = ("numpy", "optax", "torch")
NO_PEER = N_("This library has no optimizer with this formula.")
STEADY_PEER = N_("This library has this formula only while η stays the same.")
TITLES = {"numpy": "NumPy", "optax": "optax", "torch": "PyTorch"}

_HELPERS = {
    "sigmoid": "def sigmoid(x):\n    return np.exp(-np.logaddexp(0, -x))",
    "over": 'def over(a, b):\n    """a / b, and 0 where there is nothing to divide by: no step."""\n    return a / b if b != 0 else 0 * a',
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
    peer = _peer(picture, index, library)
    if peer is None:
        return NO_PEER
    return STEADY_PEER if peer.steady and _steady(picture, index) is None else None


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
    made = _numpy(picture, index) if library == "numpy" else _optax(picture, index) if library == "optax" else _torch(picture, index)
    head, ground, method, loop = made
    body = "\n".join(made)
    used = {each.id for each in ast.walk(ast.parse(body)) if isinstance(each, ast.Name)}
    helpers = [text for name, text in _HELPERS.items() if name in used]
    return Sections(title, link(experiment), (head, "\n\n\n".join([*helpers, ground]), method, loop), "print(path[-1])")


# ---------------------------------------------------------------------- what all have in common


def _numbers(values: Any) -> str:
    return "[" + ", ".join(repr(float(value)) if np.isfinite(value) else f'float("{value}")' for value in values) + "]"


def _peer(picture: Picture, index: int, library: Library) -> Peer | None:
    return getattr(picture.experiment.runs[index].kind, "peers", {}).get(library)


def _steady(picture: Picture, index: int) -> float | None:
    """η where it is the same at every step."""
    lr = picture.paths[index].lr
    return float(lr[0]) if (lr == lr[0]).all() else None


def _rates(picture: Picture, index: int, array: str = "np.array") -> str:
    """The line that says what η is; pieces of equal η are written as such."""
    lr, steady = picture.paths[index].lr, _steady(picture, index)
    if steady is not None:
        return f"eta = {steady!r}"
    first = np.flatnonzero(np.r_[True, lr[1:] != lr[:-1]])
    if len(first) <= len(lr) // 4:
        counts = np.diff(np.r_[first, len(lr)])
        return f"etas = {array}(np.repeat({_numbers(lr[first])}, {counts.tolist()}))"
    return f"etas = {array}({_numbers(lr)})"


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
    kind, names, tree = run.kind, coordinates(surface), written_out(surface).tree
    trees = {name: derivative(tree, name) for name in names}
    head = 'import numpy as np\n\nnp.seterr(all="ignore")  # a run that diverges ends in inf or nan; that is a result, too'

    arguments, unpacked = _arguments(surface), _unpacked(surface)
    slopes = "".join(f"\n        {python(slope)}," for slope in trees.values())
    ground = [_loss(surface, NUMPY), f"def grad(w{arguments}):\n{unpacked}\n    return np.array([{slopes}\n    ])"]
    lines = rules.lines(kind)
    used = {each for line in lines if line.formula is not None for each in _names(line.formula.tree)}
    if "f_hessian" in used:
        rows = "".join("\n        [" + ", ".join(python(derivative(slope, name)) for name in names) + "]," for slope in trees.values())
        ground.append(f"def hessian(w{arguments}):\n{unpacked}\n    return np.array([{rows}\n    ])")
    method = [f"{name} = {float(getattr(run.optimizer, name))!r}" for name in hypers(run.optimizer)]
    method += [_rates(picture, index), *([noise] if (noise := _noise(picture, index)) else [])]
    method += [f"I = np.eye({len(names)})"] if "v_I" in used else []

    body = [] if _steady(picture, index) is not None else ["eta = etas[t - 1]"]
    if noise or run.clip is not None:
        raw = "grad(w) + noise[t - 1]" if noise else "grad(w)"
        clipping = [f"    {clip}"] if (clip := _clip(picture, index, "np")) else []
        body += ["", "def seen_grad(w):  # what the optimizer is given", f"    g = {raw}", *clipping, "    return g", ""]
    if noise and "f_loss" in used:
        body += ["def seen_loss(w):  # the loss that has this gradient", "    return loss(w) + noise[t - 1] @ w", ""]
    states = _states(picture, index, used)
    carried = ["w", *states]
    body.append(f"{', '.join(f'{name}_old' for name in carried)} = {', '.join(carried)}")
    body += _steps(kind, lines, {"grad": "seen_grad" if noise or run.clip is not None else "grad", "loss": "seen_loss" if noise else "loss"})
    loop = ["w = np.array(" + _numbers(experiment.start) + ")", *(f"{name} = {first}" for name, first in states.items()), "path = [w]"]
    loop += [
        f"for t in np.arange(1, {experiment.n_steps + 1}):",
        *(f"    {line}" if line else "" for line in [*body, "path.append(w)"]),
        "path = np.array(path)",
    ]
    return head, "\n\n\n".join(ground), "\n".join([f"# {run.kind.title}", *method]), "\n".join(loop)


def _states(picture: Picture, index: int, used: set[str]) -> dict[str, str]:
    """What the optimizer carries from step to step, by the rule's names, with the Python of its first value."""
    path, n = picture.paths[index], len(picture.experiment.start)
    found = {}
    for name, field in picture.experiment.runs[index].kind.symbols.items():
        if f"v_{name}_old" not in used:
            continue
        first = np.asarray(getattr(path.state, field)[0])
        if rules.is_matrix(name):
            found[name] = f"np.eye({n})" if np.array_equal(first.reshape(n, n), np.eye(n)) else f"np.array({_numbers(first)}).reshape({n}, {n})"
        elif first.ndim == 0:
            found[name] = repr(float(first))
        else:
            found[name] = f"np.zeros({n})" if not first.any() else "w" if np.array_equal(first, path.w[0]) else f"np.array({_numbers(first)})"
    return found


def _steps(kind: Any, lines: tuple[rules.Line, ...], calls: dict[str, str]) -> Iterator[str]:
    """The rule, line by line; where it only says what a number fulfils, the search for it."""
    functions = {**NUMPY, **calls}
    written = [f"{line.target} = {python(_guarded(kind, line.formula.tree), functions)}" for line in lines if line.formula is not None]
    if program := getattr(kind, "program", ()):
        at = next(i for i, line in enumerate(line for line in lines if line.formula is not None) if line.target == "w")
        yield from written[:at]
        yield from (text.replace("grad(", f"{functions['grad']}(") for text in program)
        yield from written[at:]
    elif search := getattr(kind, "search", None):
        end = next(i for i, text in enumerate(written) if text.startswith("holds ")) + 1
        yield written[0]  # the gradient
        yield f"for {search[0]} in [*range({search[1] + 1}), np.inf]:  # the first that will do"
        yield from (f"    {text}" for text in written[1:end])
        yield from ("    if holds:", "        break")
        yield from written[end:]
    else:
        yield from written


def _names(tree: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}


def _guarded(kind: Any, tree: ast.expr) -> ast.expr:
    """A division by something that can vanish (a length, a number carried along) becomes over(a, b)."""
    plain = rules.vectors(kind) | set(hypers(kind)) | {"t", "eta"}

    class Guard(ast.NodeTransformer):
        def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
            self.generic_visit(node)
            below = node.right.func if isinstance(node.right, ast.Call) else node.right
            vanishes = isinstance(below, ast.Name) and (below.id in ("f_norm", "f_dot") or (below.id.startswith("v_") and below.id[2:] not in plain))
            return ast.Call(ast.Name("f_over"), [node.left, node.right], []) if isinstance(node.op, ast.Div) and vanishes else node

    made: ast.expr = Guard().visit(copy.deepcopy(tree))
    return made


# ---------------------------------------------------------------------- libraries


def _made(picture: Picture, index: int, library: Library, lr: str) -> str:
    """The library's optimizer, its numbers filled in."""
    peer, optimizer = _peer(picture, index, library), picture.experiment.runs[index].optimizer
    assert peer is not None
    return peer.make.format(lr=lr, **{name: repr(float(getattr(optimizer, name))) for name in hypers(optimizer)})


def _optax(picture: Picture, index: int) -> tuple[str, str, str, str]:
    experiment, steady = picture.experiment, _steady(picture, index) is not None
    head = 'import jax\nimport jax.numpy as jnp\nimport numpy as np\nimport optax\n\njax.config.update("jax_enable_x64", True)'
    noise, clip = _noise(picture, index), _clip(picture, index, "jnp")
    method = [_rates(picture, index, "jnp.array"), *([noise] if noise else [])]
    method.append(f"optimizer = {_made(picture, index, 'optax', 'eta' if steady else 'lambda count: etas[count]')}")
    loop = ["def step(carry, z):", "    w, state = carry", f"    g = jax.grad(loss)(w){' + z' if noise else ''}", *([f"    {clip}"] if clip else [])]
    loop += ["    updates, state = optimizer.update(g, state, w)", "    w = optax.apply_updates(w, updates)", "    return (w, state), w", "", ""]
    loop += [f"start = jnp.array({_numbers(experiment.start)})"]
    loop += [f"_, path = jax.lax.scan(step, (start, optimizer.init(start)), {'noise' if noise else 'None'}, {experiment.n_steps})"]
    loop += ["path = np.vstack([start, path])"]
    return head, _loss(experiment.surface, JAX), "\n".join(method), "\n" + "\n".join(loop)


def _torch(picture: Picture, index: int) -> tuple[str, str, str, str]:
    experiment, steady = picture.experiment, _steady(picture, index) is not None
    head = "import numpy as np\nimport torch\n\ntorch.set_default_dtype(torch.float64)"
    noise, clip = _noise(picture, index), _clip(picture, index, "torch")
    method = [_rates(picture, index, "np.array"), *([noise] if noise else [])]
    method.append(f"w = torch.tensor({_numbers(experiment.start)}, requires_grad=True)")
    method.append(f"optimizer = {_made(picture, index, 'torch', 'eta' if steady else 'etas[0]')}")
    body = [] if steady else ['optimizer.param_groups[0]["lr"] = etas[t]']
    body += ["optimizer.zero_grad()", "loss(w).backward()", *(["w.grad += torch.from_numpy(noise[t])"] if noise else [])]
    body += ["g = w.grad", clip, "w.grad = g"] if clip else []
    body += ["optimizer.step()", "path.append(w.detach().numpy().copy())"]
    loop = ["path = [w.detach().numpy().copy()]", f"for t in range({experiment.n_steps}):", *(f"    {line}" for line in body), "path = np.array(path)"]
    return head, _loss(experiment.surface, TORCH), "\n".join(method), "\n".join(loop)
