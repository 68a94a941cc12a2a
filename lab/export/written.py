"""What programs of every kind have in common: numbers as Python reads them back, the learning rates, an optimizer's rule line by line."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from optim_core import rules
from optim_core.formula_python import NUMPY, python
from optim_core.hyper import N_, hypers

NO_PEER = N_("This library has no optimizer with this formula.")
STEADY_PEER = N_("This library has this formula only while η stays the same.")


def lacking(kind: Any, library: str, lr: np.ndarray) -> str | None:
    """Why a library's own optimizer cannot stand for ours, as a marked message; None where it can.

    Args:
        kind: an optimizer class of the registry.
        library: a key of its `peers`.
        lr: η of every step, `(T,)`.
    """
    peer = getattr(kind, "peers", {}).get(library)
    if peer is None:
        return NO_PEER
    return STEADY_PEER if peer.steady and steady(lr) is None else None


def peer_made(optimizer: Any, library: str, lr: str) -> str:
    """The library's optimizer, its numbers filled in; `lr` is the expression of its learning rate."""
    made: str = type(optimizer).peers[library].make
    return made.format(lr=lr, **{name: repr(float(getattr(optimizer, name))) for name in hypers(optimizer)})


def numbers(values: Any) -> str:
    """A list of Python's numbers, what is not finite included."""
    return "[" + ", ".join(repr(float(value)) if np.isfinite(value) else f'float("{value}")' for value in values) + "]"


def steady(lr: np.ndarray) -> float | None:
    """η where it is the same at every step, of `(T,)`."""
    return float(lr[0]) if (lr == lr[0]).all() else None


def rates(lr: np.ndarray, array: str = "np.array") -> str:
    """The line that says what η is, of `(T,)`; pieces of equal η are written as such."""
    constant = steady(lr)
    if constant is not None:
        return f"eta = {constant!r}"
    first = np.flatnonzero(np.r_[True, lr[1:] != lr[:-1]])
    if len(first) <= len(lr) // 4:
        counts = np.diff(np.r_[first, len(lr)])
        return f"etas = {array}(np.repeat({numbers(lr[first])}, {counts.tolist()}))"
    return f"etas = {array}({numbers(lr)})"


def names(tree: ast.expr) -> set[str]:
    """Every name in a tree, as it is written there: `f_norm`, `v_w`."""
    return {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}


def used_names(kind: Any) -> set[str]:
    """Every name in the rule of an optimizer class."""
    return {each for line in rules.lines(kind) if line.formula is not None for each in names(line.formula.tree)}


def states(kind: Any, first: Mapping[str, np.ndarray], start: np.ndarray) -> dict[str, str]:
    """What the optimizer carries from step to step, by the rule's names, with the Python of its first value.

    Args:
        kind: an optimizer class.
        first: its State before the first step, by its fields.
        start: the first point, `(n,)`.
    """
    found, used, n = {}, used_names(kind), len(start)
    for name, field in kind.symbols.items():
        if f"v_{name}_old" not in used:
            continue
        value = np.asarray(first[field])
        if rules.is_matrix(name):
            found[name] = f"np.eye({n})" if np.array_equal(value.reshape(n, n), np.eye(n)) else f"np.array({numbers(value)}).reshape({n}, {n})"
        elif value.ndim == 0:
            found[name] = repr(float(value))
        else:
            found[name] = f"np.zeros({n})" if not value.any() else "w" if np.array_equal(value, start) else f"np.array({numbers(value)})"
    return found


def rule(kind: Any, calls: Mapping[str, str]) -> Iterator[str]:
    """The rule of an optimizer class in NumPy, line by line; where it only says what a number fulfils, the search for it.

    Args:
        kind: the class.
        calls: what its `grad` and `loss` are called in the program.
    """
    functions = {**NUMPY, **calls}
    written = [f"{line.target} = {python(_guarded(kind, line.formula.tree), functions)}" for line in rules.lines(kind) if line.formula is not None]
    if program := getattr(kind, "program", ()):
        at = next(i for i, line in enumerate(line for line in rules.lines(kind) if line.formula is not None) if line.target == "w")
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


OVER = 'def over(a, b):\n    """a / b, and 0 where there is nothing to divide by: no step."""\n    return a / b if b != 0 else 0 * a'
"""The helper that a rule's guarded divisions call."""
