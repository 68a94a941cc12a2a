"""A typed formula as data, so that another one compiles nothing.

`encode` turns a checked tree into arrays: one operation a line, with the registers it reads. `Program` is a pytree of them, all traced, and computes itself
in a loop over the lines that jit compiles once; XLA sees a machine, never the formula. Derivatives are JAX's own, of each operation: forwards through the
loop, whose length is data, too; `jax.grad` asks for them by a rule of ours. So values and slopes are those of `Formula.__call__`, with two exceptions at
slopes that are not finite: the slope of `where(c, a, b)` is that of the chosen one even where the other's is nan, and beside an infinite slope along one
variable those along the others may be nan.

A compiled function for each formula was measured instead: 140 to 180 ms and 2.4 MiB for each optimizer on it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from optim_core.formula import NODES
from optim_core.formula_tokens import FUNCTIONS

LINES = NODES + 4
"""Numbers and operations of a program: each takes a register. No formula has more than `NODES` of them; 1 and 0 may come on top."""

Operation = Callable[[jax.Array, jax.Array, jax.Array], jax.Array]


def _one(name: str) -> Operation:
    return lambda x, y, z: FUNCTIONS[name].apply(jnp, x)


def _compared(relation: Callable[[jax.Array, jax.Array], jax.Array]) -> Operation:
    """z where x and y compare so, else 0: a chain of comparisons hands on what held so far."""
    return lambda x, y, z: jnp.where(relation(x, y), z, 0.0)


@jax.custom_jvp
def _moved(slope: jax.Array, tangent: jax.Array) -> jax.Array:
    """slope · tangent, where a slope that is not finite leaves alone what rests: the plain product would be ∞ · 0."""
    product: jax.Array = slope * tangent
    return jnp.where((tangent == 0.0) & jnp.isnan(product), 0.0, product)


@_moved.defjvp
def _moved_twice(primals: tuple[jax.Array, jax.Array], tangents: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
    """So it is in the second derivative, too: 0^1.5 has the slope 0 and an infinite one beyond."""
    (slope, tangent), (slope_moved, tangent_moved) = primals, tangents
    return _moved(slope, tangent), _moved(slope_moved, tangent) + _moved(slope, tangent_moved)


def _steep(operation: Operation, *slopes: Operation) -> Operation:
    """An operation whose slope along x, and along y where there are two, may be infinite. A slope may name the operation itself."""
    wrapped = jax.custom_jvp(operation)

    @wrapped.defjvp
    def moved(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[jax.Array, jax.Array]:
        first, *others = (_moved(slope(*primals), tangent) for slope, tangent in zip(slopes, tangents, strict=False))
        return wrapped(*primals), sum(others, first)

    return wrapped


_divide: Operation = _steep(lambda x, y, z: x / y, lambda x, y, z: _divide(jnp.ones_like(y), y, z), lambda x, y, z: -_divide(_divide(x, y, z), y, z))
_power: Operation = _steep(
    lambda x, y, z: lax.pow(x, y),
    lambda x, y, z: y * _power(x, y - 1.0, z),
    lambda x, y, z: _power(x, y, z) * _log(jnp.where(x == 0.0, 1.0, x), y, z),
)
# Along x alone: ln x would make the slope of (−1)^5 nan.
_constant_power: Operation = _steep(lambda x, y, z: lax.pow(x, y), lambda x, y, z: y * _constant_power(x, y - 1.0, z))
_log: Operation = _steep(_one("log"), lambda x, y, z: _divide(jnp.ones_like(x), x, z))
_sqrt: Operation = _steep(_one("sqrt"), lambda x, y, z: _divide(jnp.full_like(x, 0.5), _sqrt(x, y, z), z))

_OPERATIONS: Mapping[str, Operation] = {
    "Add": lambda x, y, z: x + y,
    "Sub": lambda x, y, z: x - y,
    "Mult": lambda x, y, z: x * y,
    "Div": _divide,
    "Mod": lambda x, y, z: jnp.mod(x, y),
    "Pow": _power,
    "constant power": _constant_power,
    "USub": lambda x, y, z: -x,
    "max": lambda x, y, z: jnp.maximum(x, y),
    "min": lambda x, y, z: jnp.minimum(x, y),
    "where": lambda x, y, z: jnp.where(x != 0.0, y, z),
    **{name: _compared(getattr(lax, name.lower())) for name in ("Lt", "Gt", "Eq")},
    **{name: _compared(relation) for name, relation in (("LtE", lax.le), ("GtE", lax.ge), ("NotEq", lax.ne))},
    **{name: _one(name) for name, function in FUNCTIONS.items() if function.most == 1},
    "log": _log,
    "sqrt": _sqrt,
}
_CODES: Mapping[str, int] = {name: code for code, name in enumerate(_OPERATIONS)}


class Program(NamedTuple):
    """A formula, encoded. The registers hold the variables, then one number or result a line.

    Attributes:
        operations: what line i does, an index into the operations, `(LINES,)`.
        reads: the three registers it reads, `(LINES, 3)`.
        numbers: the formula's numbers, on the first lines, `(LINES,)`.
        begin: the first line that is an operation, `()`.
        end: one after the last, `()`.
        result: the register of the value, `()`.
    """

    operations: Any
    reads: Any
    numbers: Any
    begin: Any
    end: Any
    result: Any

    def __call__(self, w: jax.Array) -> jax.Array:
        """The formula's value where its variables have the values `w`, `(n,)`; a scalar. Can be differentiated twice and mapped over `w`."""
        value: jax.Array = _compiled(self, w)
        return value


def encode(tree: ast.expr, names: Sequence[str]) -> Program:
    """The program of a formula.

    Args:
        tree: `Formula.tree`.
        names: its variables, in the order of `w`.

    Raises:
        ValueError: a node that no checked formula has, or more of them than a formula may have.
    """
    encoder = _Encoder(tuple(names))
    result = encoder.register(tree)
    numbers, lines = list(encoder.numbers), encoder.lines
    begin, end = len(numbers), len(numbers) + len(lines)
    if end > LINES:
        raise ValueError(f"the formula takes {end} lines; a program has {LINES}")
    n = len(names)
    place = {("variable", i): i for i in range(n)} | {("number", i): n + i for i in range(begin)} | {("line", i): n + begin + i for i in range(len(lines))}
    operations, reads = np.zeros(LINES, np.int32), np.zeros((LINES, 3), np.int32)
    for i, (operation, *read) in enumerate(lines, begin):
        operations[i], reads[i] = _CODES[operation], [place[register] for register in read]
    return Program(operations, reads, np.pad(np.array(numbers, np.float64), (0, LINES - begin)), np.int32(begin), np.int32(end), np.int32(place[result]))


_Register = tuple[str, int]


class _Encoder:
    """Lines for a tree; equal parts are computed once."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.numbers: dict[float, int] = {}
        self.lines: dict[tuple[str, _Register, _Register, _Register], int] = {}

    def number(self, value: float) -> _Register:
        return "number", self.numbers.setdefault(value, len(self.numbers))

    def line(self, operation: str, *reads: _Register) -> _Register:
        x, y, z = (*reads, reads[0], reads[0])[:3]  # what an operation does not look at
        return "line", self.lines.setdefault((operation, x, y, z), len(self.lines))

    def register(self, node: ast.expr) -> _Register:
        """Where the value of a node will stand."""
        match node:
            case ast.Constant(value=float(value)):
                return self.number(value)
            case ast.Name(id=written) if written.removeprefix("v_") in self.names:
                return "variable", self.names.index(written.removeprefix("v_"))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.line("USub", self.register(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.register(operand)
            case ast.BinOp(op=ast.Pow(), left=left, right=right) if (exponent := _constant(right)) is not None:
                return self.power(self.register(left), exponent)
            case ast.BinOp(op=op, left=left, right=right):
                return self.line(type(op).__name__, self.register(left), self.register(right))
            case ast.Compare(ops=ops, left=left, comparators=others):
                held, parts = self.number(1.0), [self.register(part) for part in (left, *others)]
                for relation, a, b in zip(ops, parts, parts[1:], strict=False):
                    held = self.line(type(relation).__name__, a, b, held)
                return held
            case ast.Call(func=ast.Name(id=written), args=args):
                function, (first, *rest) = written.removeprefix("f_"), [self.register(part) for part in args]
                if function not in ("max", "min"):
                    return self.line(function, first, *rest)
                for part in rest:
                    first = self.line(function, first, part)
                return first
        raise ValueError(f"{ast.dump(node)} is no part of a checked formula")

    def power(self, base: _Register, exponent: float) -> _Register:
        """Squares and cubes are products, as in JAX, and far cheaper; so the slopes of the others are never 0 · 0^(−1)."""
        if exponent in (0.0, 1.0):
            return base if exponent else self.number(1.0)
        if exponent in (2.0, 3.0, 4.0):
            square = self.line("Mult", base, base)
            return square if exponent == 2.0 else self.line("Mult", square, base if exponent == 3.0 else square)
        return self.line("constant power", base, self.number(exponent))


def _constant(node: ast.expr) -> float | None:
    """The value of a number with or without signs."""
    match node:
        case ast.Constant(value=float(value)):
            return value
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand) if (inner := _constant(operand)) is not None:
            return -inner if isinstance(op, ast.USub) else inner
    return None


def _run(program: Program, w: jax.Array) -> jax.Array:
    """Line after line; the loop's length is data, so that short formulas are quick."""
    operations, reads, numbers, branches = jnp.asarray(program.operations), jnp.asarray(program.reads), jnp.asarray(program.numbers), list(_OPERATIONS.values())

    def line(i: jax.Array, registers: jax.Array) -> jax.Array:
        x, y, z = (lax.dynamic_index_in_dim(registers, reads[i, k], keepdims=False) for k in range(3))
        value = lax.switch(operations[i], branches, x, y, z)
        written: jax.Array = lax.dynamic_update_index_in_dim(registers, value, w.shape[0] + i, 0)
        return written

    registers = lax.fori_loop(program.begin, program.end, line, jnp.concatenate([w, numbers.astype(w.dtype)]))
    value: jax.Array = lax.dynamic_index_in_dim(registers, program.result, keepdims=False)
    return value


_evaluate = jax.custom_jvp(_run)


@_evaluate.defjvp
def _slope(primals: tuple[Program, jax.Array], tangents: tuple[Any, jax.Array]) -> tuple[jax.Array, jax.Array]:
    """Forwards along each variable, then a product that can be transposed: a loop of unknown length cannot."""
    (program, w), (_, direction) = primals, tangents

    def along(unit: jax.Array) -> tuple[jax.Array, jax.Array]:
        return jax.jvp(lambda w: _run(program, w), (w,), (unit,))

    value, gradient = jax.vmap(along, out_axes=(None, 0))(jnp.eye(w.shape[0], dtype=w.dtype))
    return value, gradient @ direction


_compiled = jax.jit(_evaluate)
"""Also for whoever calls a program outside of jit: the loop would be compiled at each such call, and never forgotten."""
