r"""Update rules, read from the optimizers' own files: printed, filled with numbers, checked against the record.

A rule is a tuple of lines such as `"h = beta * h_old + g"`, in the language of `optim_core.formula`. The names in it are the optimizer's hyper-parameters,
`eta`, `t`, the point `w`, the query point `q` and the gradient `g` there, and what `symbols` calls a field of the State or of `Step.inner`. `x_old` is the
value before the step. Without a line that says otherwise the gradient is taken at the point: `g = grad(w_old)` then goes without saying. A capital letter is
a matrix. Beside the functions of formulas there are `grad`, `loss`, `hessian`, `norm`, `dot`, `outer`, `matmul`, `solve` and the unit matrix `I`.
A line that begins with `$` is a statement in LaTeX, nothing to compute.

Where the gradient is noisy or clipped (`Given`), the lines say so: g is then clip(g̃), g̃ = ∇L + ξ, and L̃ is the tilted loss L + ξ·w that belongs to ∇L + ξ.

Every name stands for numbers of the record, on the left as on the right: so each line can be printed with the numbers of any step, and checked.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core import oracles
from optim_core.formula import Formula, compile_with
from optim_core.formula_latex import latex, symbol
from optim_core.formula_tokens import FUNCTIONS, Function
from optim_core.hyper import hypers
from optim_core.types import Trajectory

OWN: Mapping[str, Function] = {
    "grad": Function("grad(w)", 1, 1, lambda xp, w: xp.oracle.gradient(w)),
    "loss": Function("loss(w)", 1, 1, lambda xp, w: xp.oracle.loss(w)),
    "hessian": Function("hessian(w)", 1, 1, lambda xp, w: xp.oracle.hessian(w)),
    "norm": Function("norm(v)", 1, 1, lambda xp, v: xp.sqrt(xp.sum(v**2))),
    "dot": Function("dot(u, v)", 2, 2, lambda xp, u, v: xp.sum(u * v)),
    "outer": Function("outer(u, v)", 2, 2, lambda xp, u, v: xp.outer(u, v)),
    "matmul": Function("matmul(A, B)", 2, 2, lambda xp, a, b: a @ b),
    "solve": Function("solve(A, v)", 2, 2, lambda xp, a, v: xp.linalg.solve(a, v)),
    "tilted": Function("tilted(w)", 1, 1, lambda xp, w: xp.oracle.loss(w) + xp.sum(xp.noise * w)),
    "clip": Function("clip(v)", 1, 1, lambda xp, v: xp.cut(v)),
}
"""What rules say and students' formulas do not."""

Kind = Any
"""An optimizer class of the registry."""
_BASE = ("w", "w_old", "q", "g", "eta", "t", "I", "g_tilde", "xi")
_SILENT = "g = grad(w_old)"
_TILTED = r"$\tilde L(w) = L(w) + \xi^\top w$"


class Given(NamedTuple):
    """What is done to the gradient before the optimizer has it."""

    noisy: bool = False
    clipped: bool = False


PLAIN = Given()


class Line(NamedTuple):
    """One line of a rule.

    Attributes:
        target: the name that it gives a value; empty for a statement.
        formula: what stands to the right; None for a statement.
        statement: LaTeX of a statement.
    """

    target: str
    formula: Formula | None
    statement: str = ""


@functools.cache
def lines(optimizer: Kind, given: Given = PLAIN) -> tuple[Line, ...]:
    """The lines of an optimizer class, the gradient's included.

    Args:
        optimizer: the class.
        given: what is done to its gradient.

    Raises:
        ValueError: a line is no assignment, or a name in it stands for nothing that is recorded.
    """
    shapes, fields = _shapes(optimizer), set(hypers(optimizer))
    names = tuple(dict.fromkeys([*_BASE, *fields, *shapes]))
    texts = optimizer.rule if any(text.startswith("g = ") for text in optimizer.rule) else (_SILENT, *optimizer.rule)
    return tuple(_line(text, names, optimizer) for said in texts for text in _given(said, given))


def _given(text: str, given: Given) -> Iterator[str]:
    """A line as it reads when the gradient is not the plain one."""
    if given.noisy and re.search(r"\bloss\(", text):
        yield _TILTED
        text = re.sub(r"\bloss\(", "tilted(", text)
    asked = re.fullmatch(r"(\w+) = (grad\(.*\))", text)
    if asked is None:
        yield text
        return
    target, taken = asked[1], asked[2] + (" + xi" if given.noisy else "")
    if not given.clipped:
        yield f"{target} = {taken}"
    elif target == "g":  # before clipping it is recorded
        yield f"g_tilde = {taken}"
        yield "g = clip(g_tilde)"
    else:
        yield f"{target} = clip({taken})"


def _line(text: str, names: tuple[str, ...], optimizer: Kind) -> Line:
    if text.startswith("$"):
        return Line("", None, text.strip("$"))
    target, equals, right = text.partition(" = ")
    if not equals or target not in names:
        raise ValueError(f"{optimizer.__name__}: the line {text!r} gives no recorded name a value")
    return Line(target, compile_with({**FUNCTIONS, **OWN}, right, names))


@functools.cache
def _shapes(optimizer: Kind) -> Mapping[str, tuple[int, ...]]:
    """For each name beside the hyper-parameters its shape where the point has two coordinates."""
    w, one = jnp.zeros(2), jnp.ones(())
    state = jax.eval_shape(optimizer().init, w)
    step = jax.eval_shape(lambda w, state: optimizer().step(oracles.exact(jnp.sum), w, state, one, one)[2], w, state)
    shapes: dict[str, tuple[int, ...]] = {"w": (2,), "w_old": (2,), "q": (2,), "g": (2,), "g_tilde": (2,), "xi": (2,), "I": (4,), "eta": (), "t": ()}
    for name, field in optimizer.symbols.items():
        if hasattr(state, field):
            shapes[f"{name}_old"] = getattr(state, field).shape
            shapes.setdefault(name, getattr(state, field).shape)
        elif hasattr(step.inner, field):
            shapes[name] = getattr(step.inner, field).shape
        else:
            raise ValueError(f"{optimizer.__name__}.symbols: neither State nor Inner has a field {field!r}")
    return MappingProxyType(shapes)


def recorded(optimizer: Any, path: Trajectory, noise: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """The numbers of every name at every step of a run, views of its record.

    Args:
        optimizer: the spec that made the run.
        path: its record, of T steps in n dimensions.
        noise: what was added to the gradient at each step, `(T, n)`; None where nothing was.

    Returns:
        Name → `(T,)` for a scalar, `(T, n)` for a vector, `(T, n, n)` for a matrix; a hyper-parameter is the same at every step.
    """
    steps, n = path.n_steps, path.w.shape[1]
    found = {name: np.broadcast_to(np.float64(getattr(optimizer, name)), (steps,)) for name in hypers(optimizer)}
    found |= {"w": path.w[1:], "w_old": path.w[:-1], "q": path.step.query, "g": path.step.grad, "eta": path.lr, "t": np.arange(1.0, steps + 1.0)}
    found |= {"g_tilde": path.raw_grad, "xi": np.zeros((steps, n)) if noise is None else noise}
    found["I"] = np.broadcast_to(np.eye(n), (steps, n, n))
    for name, field in optimizer.symbols.items():
        if hasattr(path.state, field):
            values = getattr(path.state, field)
            found[f"{name}_old"] = values[:-1]
            found.setdefault(name, values[1:])
        else:
            found[name] = getattr(path.step.inner, field)
    return {name: values.reshape(steps, n, n) if is_matrix(name) and values.ndim == 2 else values for name, values in found.items()}


def is_matrix(name: str) -> bool:
    """Whether a name stands for a matrix: a single capital letter."""
    return len(letter := name.removesuffix("_old")) == 1 and letter.isupper()


class _Arrays:
    """NumPy, and beside it the loss that a rule speaks of, the step's noise and the clip."""

    def __init__(self, oracle: oracles.Oracle, noise: Any, cut: Callable[[Any], Any]) -> None:
        self.oracle, self.noise, self.cut = oracle, noise, cut

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def evaluate(line: Line, values: Mapping[str, Any], oracle: oracles.Oracle, clip: Callable[[Any], Any] = np.asarray) -> np.ndarray:
    """What stands to the right of a line, from the numbers of one step.

    Args:
        line: an assignment.
        values: name → number, vector or matrix: a step of `recorded`.
        oracle: answers `grad`, `loss` and `hessian`, exactly.
        clip: what cuts the gradient.

    Raises:
        ValueError: the line is a statement.
    """
    if line.formula is None:
        raise ValueError(f"the statement {line.statement!r} has no value")
    return np.asarray(line.formula(_Arrays(oracle, values["xi"], clip), **{name: values[name] for name in line.formula.names}))


@functools.cache
def printed(optimizer: Kind) -> tuple[str, ...]:
    """The rule in symbols, one LaTeX line each, for whom the gradient at the point goes without saying."""
    return tuple(line for line, said in zip(symbolic(optimizer), lines(optimizer), strict=True) if not (said.target == "g" and _is_silent(said)))


def _is_silent(line: Line) -> bool:
    return line.formula is not None and f"g = {line.formula.text}" == _SILENT


@functools.cache
def symbolic(optimizer: Kind, given: Given = PLAIN) -> tuple[str, ...]:
    """The rule in symbols, one LaTeX line for each of `lines`.

    Read from top to bottom like a program: what has an old and a new value is assigned (←), and an old value needs its index only once it was replaced.
    """
    said: list[str] = []
    assigned: set[str] = set()
    for line in lines(optimizer, given):
        if line.formula is None:
            said.append(line.statement)
            continue
        carried = f"{line.target}_old" in _shapes(optimizer)
        right = latex(line.formula.tree, _writer(optimizer, frozenset(assigned)), vectors(optimizer))
        sign = r"\leftarrow" if carried and line.target != "g" else "="
        said.append(right if _is_condition(line) else f"{symbol(line.target)} {sign} {right}")
        assigned.add(line.target)
    return tuple(said)


def filled(optimizer: Kind, write: Callable[[str], str], result: Callable[[str], str] | None = None, given: Given = PLAIN) -> tuple[str, ...]:
    """The rule with something else in the place of the names, such as this step's numbers: name = right side = value, one LaTeX line for each of `lines`.

    Args:
        optimizer: the class.
        write: a name → LaTeX.
        result: the same for the value; `write` where None.
        given: what is done to the gradient.

    Returns:
        The lines; that of a statement is empty.
    """
    said = []
    for line in lines(optimizer, given):
        right = "" if line.formula is None else latex(line.formula.tree, write, vectors(optimizer), numbers=True)
        plain = line.formula is None or _is_condition(line)
        said.append(right if plain else f"{symbol(line.target)} = {right} = {(result or write)(line.target)}")
    return tuple(said)


def vectors(optimizer: Kind) -> frozenset[str]:
    """The names of vectors: products of two are taken coordinate by coordinate."""
    return frozenset(name for name, shape in _shapes(optimizer).items() if shape == (2,))


def _is_condition(line: Line) -> bool:
    """Whether the line says that something holds: it is printed without a name for the 1 or 0 it gives."""
    return line.target == "holds"


def _writer(optimizer: Kind, assigned: frozenset[str]) -> Callable[[str], str]:
    declared = hypers(optimizer)

    def write(name: str) -> str:
        if name in declared:
            return declared[name].symbol
        plain = name.removesuffix("_old")
        return symbol(plain) if name == plain or plain not in assigned else symbol(name)

    return write
