"""Derivatives of checked formulas: of `(a - w1)^2` with respect to `w1`, `-(2 * (a - w1))`. A tree in, a tree out; `optim_core.formula` says what is in one.

The result is tidied as one does on paper (0 and 1 vanish, numbers and signs come to the front, x + x is 2x) and not further. Slopes at a kink are those that
JAX gives: 0 for abs at 0, and between two equal values of max or min half of each. The slope of u^v along v is no number where u is 0 or less.

sympy's `diff` was looked at: its expressions have no % and reorder what a person wrote, and its derivatives of abs and max are distributions.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping

from optim_core.formula_tokens import CONSTANTS


def derivative(tree: ast.expr, name: str) -> ast.expr:
    """∂/∂name of a tree that `optim_core.formula` has checked.

    Args:
        tree: `Formula.tree`; it stays as it is, and its parts may be shared with the result.
        name: a variable, as `Formula.names` has it. What the formula does not use has the derivative 0.

    Raises:
        ValueError: a node that no checked formula has, or a function of vectors.
    """

    def slope(node: ast.expr) -> ast.expr:
        match node:
            case ast.Constant() | ast.Compare():
                return number(0.0)
            case ast.Name(id=written):
                return number(float(written == f"v_{name}"))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return negative(slope(inner))
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return slope(inner)
            case ast.BinOp(left=a, op=ast.Add(), right=b):
                return add(slope(a), slope(b))
            case ast.BinOp(left=a, op=ast.Sub(), right=b):
                return subtract(slope(a), slope(b))
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                return add(multiply(slope(a), b), multiply(a, slope(b)))
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                return subtract(divide(slope(a), b), divide(multiply(a, slope(b)), power(b, number(2.0))))
            case ast.BinOp(left=a, op=ast.Mod(), right=b):
                return subtract(slope(a), multiply(call("floor", divide(a, b)), slope(b)))
            case ast.BinOp(left=a, op=ast.Pow(), right=b):
                by_base = multiply(multiply(b, power(a, subtract(b, number(1.0)))), slope(a))
                by_exponent = slope(b)
                return by_base if value(by_exponent) == 0.0 else add(by_base, multiply(multiply(node, call("log", a)), by_exponent))
            case ast.Call(func=ast.Name(id="f_where"), args=[chosen, a, b]):
                return either(chosen, slope(a), slope(b))
            case ast.Call(func=ast.Name(id=("f_max" | "f_min") as written), args=args):
                better = ast.Gt() if written == "f_max" else ast.Lt()
                return functools.reduce(functools.partial(_of_two, written[2:], better), [(part, slope(part)) for part in args])[1]
            case ast.Call(func=ast.Name(id=written), args=[inner]) if written[2:] in _SLOPES:
                inside = slope(inner)
                return inside if value(inside) == 0.0 else _SLOPES[written[2:]](inner, inside)
        raise ValueError(f"{ast.dump(node)} has no derivative here")

    return slope(tree)


_Pair = tuple[ast.expr, ast.expr]


def _of_two(name: str, better: ast.cmpop, first: _Pair, second: _Pair) -> _Pair:
    """The larger or smaller of two expressions, and its derivative."""
    (a, slope_a), (b, slope_b) = first, second
    tie = either(_compare(a, ast.Eq(), b), divide(add(slope_a, slope_b), number(2.0)), slope_b)
    return call(name, a, b), slope_a if _same(slope_a, slope_b) else either(_compare(a, better, b), slope_a, tie)


_SLOPES: Mapping[str, Callable[[ast.expr, ast.expr], ast.expr]] = {
    "abs": lambda u, du: multiply(du, call("sign", u)),
    "cos": lambda u, du: negative(multiply(du, call("sin", u))),
    "exp": lambda u, du: multiply(du, call("exp", u)),
    "floor": lambda u, du: number(0.0),
    "log": lambda u, du: divide(du, u),
    "sigmoid": lambda u, du: multiply(du, multiply(call("sigmoid", u), call("sigmoid", negative(u)))),
    "sign": lambda u, du: number(0.0),
    "sin": lambda u, du: multiply(du, call("cos", u)),
    "sqrt": lambda u, du: divide(du, multiply(number(2.0), call("sqrt", u))),
    "tan": lambda u, du: divide(du, power(call("cos", u), number(2.0))),
    "tanh": lambda u, du: multiply(du, subtract(number(1.0), power(call("tanh", u), number(2.0)))),
}
"""f′(u)·u′ from u and u′."""


# ---------------------------------------------------------------------- building trees, tidied


def number(value: float) -> ast.expr:
    """A number; a negative one with its sign before it, as the parser has it."""
    value = float(f"{value:.15g}") + 0.0  # 0.1 · 3 is written 0.3, and −0 is 0
    return ast.Constant(value) if value >= 0.0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def value(node: ast.expr) -> float | None:
    """What a written number says, its sign included; None for anything else."""
    match node:
        case ast.Constant(value=float(found)):
            return found
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=float(found))):
            return -found
    return None


def call(name: str, *args: ast.expr) -> ast.expr:
    """A function of `formula_tokens.FUNCTIONS` of `args`."""
    return ast.Call(ast.Name(f"f_{name}"), list(args), [])


def either(chosen: ast.expr, a: ast.expr, b: ast.expr) -> ast.expr:
    """`where(chosen, a, b)`."""
    return a if _same(a, b) else call("where", chosen, a, b)


def negative(a: ast.expr) -> ast.expr:
    """−a."""
    factor, rest = _split(a)
    return _scaled(-factor, rest)


def add(a: ast.expr, b: ast.expr) -> ast.expr:
    """a + b."""
    (m, x), (n, y) = _split(a), _split(b)
    if m == 0.0 or n == 0.0:
        return a if n == 0.0 else b
    if (x is None and y is None) or (x is not None and y is not None and _same(x, y)):
        return _scaled(m + n, x)
    if m < 0.0 < n:
        a, b, m, n, x, y = b, a, n, m, y, x
    return ast.BinOp(a, ast.Sub(), _scaled(-n, y)) if n < 0.0 else ast.BinOp(a, ast.Add(), b)


def subtract(a: ast.expr, b: ast.expr) -> ast.expr:
    """a − b."""
    return add(a, negative(b))


def multiply(a: ast.expr, b: ast.expr) -> ast.expr:
    """a · b."""
    (m, x), (n, y) = _split(a), _split(b)
    if x is None or y is None:
        return _scaled(m * n, x or y)
    return _scaled(m * n, _product(x, y))


def divide(a: ast.expr, b: ast.expr) -> ast.expr:
    """a / b; two numbers are divided where the result is short."""
    (m, x), (n, y) = _split(a), _split(b)
    if m == 0.0:
        return number(0.0)
    if n != 0.0 and _is_short(m / n):
        m, n = m / n, 1.0
    elif n != 0.0 and (n / m).is_integer():
        m, n = 1.0, n / m
    sign = -1.0 if m * n < 0.0 else 1.0
    below = None if y is None and n == 1.0 else _scaled(abs(n), y)
    if below is None:
        return _scaled(m, x)
    above = _scaled(abs(m), x)
    return _scaled(sign, ast.BinOp(above, ast.Div(), below))


def power(a: ast.expr, b: ast.expr) -> ast.expr:
    """a ^ b."""
    if value(b) in (0.0, 1.0):
        return a if value(b) == 1.0 else number(1.0)
    return ast.BinOp(a, ast.Pow(), b)


def _compare(a: ast.expr, op: ast.cmpop, b: ast.expr) -> ast.expr:
    return ast.Compare(a, [op], [b])


def _same(a: ast.expr, b: ast.expr) -> bool:
    return ast.dump(a) == ast.dump(b)


def _is_short(number: float) -> bool:
    return len(f"{number:g}") <= 6 and float(f"{number:g}") == number


def _split(node: ast.expr) -> tuple[float, ast.expr | None]:
    """The number in front of a product, and the rest of it; None where nothing is left."""
    match node:
        case ast.Constant(value=float(found)) if found not in CONSTANTS.values():  # 2π stays 2π
            return found, None
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            factor, rest = _split(inner)
            return -factor, rest
        case ast.BinOp(left=a, op=ast.Div(), right=b) if (top := value(a)) is not None and (below := value(b)) and _is_short(top / below):
            return top / below, None
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            (m, x), (n, y) = _split(a), _split(b)
            return m * n, _product(x, y) if x is not None and y is not None else x or y
        case ast.BinOp(left=a, op=ast.Div(), right=b):
            factor, rest = _split(a)
            return (factor, ast.BinOp(rest, ast.Div(), b)) if rest is not None and _split(b)[1] is not None else (1.0, node)
    return 1.0, node


def _product(a: ast.expr, b: ast.expr) -> ast.expr:
    """A product of two that have no number in front; a chain is written from the left, so that it needs no brackets."""
    match a, b:
        case ast.BinOp(left=above, op=ast.Div(), right=below), _:
            return ast.BinOp(_product(above, b), ast.Div(), below)
        case _, ast.BinOp(left=above, op=ast.Div(), right=below):
            return ast.BinOp(_product(a, above), ast.Div(), below)
        case _, ast.BinOp(left=first, op=ast.Mult(), right=last):
            return ast.BinOp(_product(a, first), ast.Mult(), last)
    return ast.BinOp(a, ast.Mult(), b)


def _scaled(factor: float, rest: ast.expr | None) -> ast.expr:
    """factor · rest."""
    if rest is None or factor == 0.0:
        return number(factor)
    size = number(abs(factor))
    match rest:
        case _ if value(size) == 1.0:
            product = rest
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            product = ast.BinOp(_scaled(abs(factor), a), ast.Mult(), b)
        case _:
            product = ast.BinOp(size, ast.Mult(), rest)
    return ast.UnaryOp(ast.USub(), product) if factor < 0.0 else product
