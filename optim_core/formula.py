"""Formulas that people type, such as `eta0 * 0.98^t`: the one safe evaluator of the app.

The text is read in three passes, each of which knows only what is allowed. `formula_tokens` cuts it up and sees to the grammar, which is where a person's
mistakes are explained; Python's own parser makes a tree of the rest, for its precedence; `_Builder` walks the tree and turns it into nested closures over
an array namespace. Nothing that a person typed is ever executed or even handed to the parser: names reach it as `v_eta0` and `f_sin`, numbers as Python
prints them. So keywords, attributes, strings and Unicode's many spellings of one identifier have no way in.

Understood: numbers; the allowed names, `pi` and `e` (unless a variable has that name); `+ - * / % ^ **`, with `·×÷−` and superscripts, so that
−x² = −(x²) and 2^3^2 = 2^(3^2); `< <= > >= == !=` and `≤≥≠`, which give 1 or 0, and `0 < t < 5` means both; the functions of `FUNCTIONS`; Greek letters,
`w₁` and `w_1` for w1. `a % b` has the sign of b, for cyclic schedules. A product is always written, and a fraction has a point.

Why not a library? Of those looked at, sympy 1.14 (`parse_expr`) and numexpr 2.14 hand the text to `eval`; asteval 1.0 is an interpreter with loops and
functions whose documentation does not promise safety; simpleeval 1.0 reads strings and attributes, and its guard of `2**t` cannot be traced by JAX;
py_expression_eval 0.3 computes with `math`, which cannot be traced either.

In a gradient, `where(c, a, b)` computes both values: a nan or an infinite slope in the one *not* chosen makes the gradient nan, e.g.
`where(x > 0, sqrt(x), 0)` at x = 0. Slopes of abs, min and max at a kink are those that JAX gives.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optim_core.formula_tokens import ALIASES, CONSTANTS, DEPTH, FUNCTIONS, TOO_DEEP, Function, check, folded, read_tokens
from optim_core.hyper import N_, TextError

LONGEST = 300
"""Characters of a formula."""
NODES = 100
"""Numbers, names, operations and calls in it."""
EXPONENT = 64.0
"""The largest exponent that may be written as a number."""
_NO_FORMULA = N_("this is not understood as a formula")

Closure = Callable[[Any, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Formula:
    """A text that was understood, ready to be computed.

    Attributes:
        text: as the person typed it.
        names: the variables it uses, in the order in which they were allowed.
        tree: its syntax, checked: numbers, names `v_x`, the operations and comparisons above, calls `f_sin`, and nothing else.
    """

    text: str
    names: tuple[str, ...]
    tree: ast.expr = field(repr=False, compare=False)
    _root: Closure = field(repr=False, compare=False)

    def __call__(self, xp: Any, /, **values: Any) -> Any:
        """Compute it.

        Args:
            xp: `numpy` or `jax.numpy`; with the latter it can be traced, differentiated and mapped.
            values: a number or an array for each of `names`; they broadcast. Whole numbers are taken for floats; names that the formula does not use are
                ignored.

        Returns:
            An array of the common shape of the values *used*, so `()` where the formula uses none: broadcasting is up to the caller. What is infinite or
            undefined comes out as inf or nan, without a warning.

        Raises:
            ValueError: a value is missing.
        """
        missing = [name for name in self.names if name not in values]
        if missing:
            raise ValueError(f"the formula {self.text!r} needs a value for {', '.join(missing)}")
        with np.errstate(all="ignore"):
            return xp.asarray(self._root(xp, {name: _as_float(xp, values[name]) for name in self.names}))


def _as_float(xp: Any, value: Any) -> Any:
    """Whole numbers become floats: NumPy refuses 2 ** −1, and strict JAX the mixture."""
    array = xp.asarray(value)
    return array if xp.issubdtype(array.dtype, xp.floating) else array.astype(float)


def compile_formula(text: str, names: Iterable[str]) -> Formula:
    """Understand a text, or say why not.

    Args:
        text: what a person typed.
        names: the variables allowed, as Latin words without an underscore before a digit: `eta0` is then found by η₀, η0 and eta_0, too.

    Returns:
        The formula; the last 512 are kept.

    Raises:
        TextError: the text is not a formula. The column counts the characters as typed, from 1.
        ValueError: one of `names` cannot be a variable's name.
    """
    return _kept(text, tuple(dict.fromkeys(names)))


@functools.lru_cache(maxsize=512)
def _kept(text: str, names: tuple[str, ...]) -> Formula:
    return compile_with(FUNCTIONS, text, names)


def compile_with(functions: Mapping[str, Function], text: str, names: tuple[str, ...]) -> Formula:
    """`compile_formula` with another list of functions, for texts of our own such as the lines of an optimizer's rule."""
    for name in names:
        if not (name.isascii() and name.isidentifier()) or folded(name) != name or name in functions or name in ALIASES:
            raise ValueError(f"names: {name!r} cannot be the name of a variable")
    if len(text) > LONGEST:  # before anything looks at it; what the parser sees is then a few thousand characters at most
        raise TextError(N_("the formula is longer than {limit} characters"), LONGEST + 1, limit=LONGEST)
    tokens = check(read_tokens(text, names, functions))
    if not tokens:
        raise TextError(N_("the formula is empty; it may use {allowed}"), allowed=", ".join((*names, *CONSTANTS, *functions)))
    source = " ".join(token.python for token in tokens)  # all that the parser sees; it is ASCII, so that the parser's bytes are our characters
    columns = [token.column for token in tokens for _ in range(len(token.python) + 1)]
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # `check` lets nothing such through; a second lock
        raise TextError(_NO_FORMULA) from None
    if sum(isinstance(node, ast.expr) - isinstance(node, ast.Call) for node in ast.walk(tree)) > NODES:  # a call holds its function's name as a node
        raise TextError(N_("the formula has more than {limit} numbers, names and operations"), limit=NODES)
    builder = _Builder(names, functions, columns)
    root = builder.build(tree.body)
    return Formula(text, tuple(name for name in names if name in builder.used), tree.body, root)


_BINARY: Mapping[type[ast.AST], str] = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Mod: "mod", ast.Pow: "power"}
_COMPARISONS: Mapping[type[ast.AST], str] = {
    **{ast.Lt: "less", ast.LtE: "less_equal", ast.Gt: "greater", ast.GtE: "greater_equal"},
    **{ast.Eq: "equal", ast.NotEq: "not_equal"},
}
_CHAINS = ((ast.Add, ast.Sub), (ast.Mult, ast.Div, ast.Mod))


class _Builder:
    """Closures for a tree. It trusts nobody: what is not on its list is refused, whoever wrote the tree."""

    def __init__(self, names: tuple[str, ...], functions: Mapping[str, Function], columns: Sequence[int]) -> None:
        """`columns` leads from each position in the parser's text to the person's."""
        self.names, self.functions, self.columns = names, functions, columns
        self.used: set[str] = set()

    def build(self, node: ast.AST, level: int = 1) -> Closure:
        """The closure of a node on a level of the tree, the root being on the first."""
        if level > DEPTH:
            raise TextError(TOO_DEEP, self._column(node), limit=DEPTH)
        match node:
            case ast.Constant(value=float(value)):
                return lambda xp, values: value
            case ast.Name(id=written) if written[:2] == "v_" and (name := written[2:]) in self.names:
                self.used.add(name)
                return lambda xp, values: values[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.build(operand, level + 1)
                return lambda xp, values: xp.negative(inner(xp, values))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.build(operand, level + 1)
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _BINARY:
                chained = any(isinstance(op, chain) and isinstance(left, ast.BinOp) and isinstance(left.op, chain) for chain in _CHAINS)
                first = self.build(left, level + (not chained))
                second = self._exponent(right, level + 1) if isinstance(op, ast.Pow) else self.build(right, level + 1)
                operation = _BINARY[type(op)]
                return lambda xp, values: getattr(xp, operation)(first(xp, values), second(xp, values))
            case ast.Compare(ops=ops, left=left, comparators=others) if len(ops) == len(others) > 0 and all(type(op) in _COMPARISONS for op in ops):
                return _comparison([_COMPARISONS[type(op)] for op in ops], [self.build(part, level + 1) for part in (left, *others)])
            case ast.Call(func=ast.Name(id=written), args=args, keywords=[]) if written[:2] == "f_" and (function := self.functions.get(written[2:])):
                parts = [self.build(part, level + 1) for part in args]
                if function.fewest <= len(parts) <= function.most:
                    return lambda xp, values: function.apply(xp, *(part(xp, values) for part in parts))
        raise TextError(_NO_FORMULA, self._column(node))

    def _exponent(self, node: ast.AST, level: int) -> Closure:
        """An exponent written as a number is bounded; a whole one stays whole, so that slopes of x^2 are exact for every x."""
        sign, inner = 1, node
        while isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.UAdd | ast.USub):
            sign, inner = (-sign if isinstance(inner.op, ast.USub) else sign), inner.operand
        built = self.build(node, level)
        if not (isinstance(inner, ast.Constant) and isinstance(inner.value, float)):
            return built
        exponent = sign * inner.value
        if not abs(exponent) <= EXPONENT:
            raise TextError(
                N_("the exponent {exponent} is too large; allowed is at most {limit}"), self._column(inner), exponent=f"{exponent:g}", limit=f"{EXPONENT:g}"
            )
        power = int(exponent) if exponent.is_integer() else exponent
        return lambda xp, values: power

    def _column(self, node: ast.AST) -> int | None:
        at = getattr(node, "col_offset", len(self.columns))
        return self.columns[at] if at < len(self.columns) else None


def _comparison(operations: list[str], parts: list[Closure]) -> Closure:
    """1 where all neighbours compare so, else 0."""

    def compare(xp: Any, values: Mapping[str, Any]) -> Any:
        numbers = [part(xp, values) for part in parts]
        held = [getattr(xp, operation)(a, b) for operation, a, b in zip(operations, numbers, numbers[1:], strict=False)]
        return xp.where(functools.reduce(xp.logical_and, held), 1.0, 0.0)

    return compare
