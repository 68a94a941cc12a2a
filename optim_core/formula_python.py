"""A checked formula as a line of Python over NumPy: `eta / (sqrt(s) + epsilon) * g` is eta / (np.sqrt(s) + epsilon) * g.

Only our own words are written: operators, functions of the lists below, the formula's names, and numbers as `repr` prints them. `ast.unparse` does the
brackets.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Mapping

from optim_core.formula_calculus import value
from optim_core.formula_tokens import CONSTANTS

NUMPY: Mapping[str, str] = {
    **{name: f"np.{name}" for name in ("abs", "cos", "exp", "floor", "log", "sign", "sin", "sqrt", "tan", "tanh", "where", "outer")},
    **{"max": "np.maximum", "min": "np.minimum", "dot": "np.dot", "matmul": "np.matmul", "solve": "solve", "transpose": "np.transpose"},
    **{"norm": "np.linalg.norm", "grad": "grad", "loss": "loss", "hessian": "hessian", "sigmoid": "sigmoid", "over": "over"},
}
"""What a function is called in a NumPy script; solve, grad, loss, hessian, sigmoid and over (a / b) are for the script to define."""
TORCH: Mapping[str, str] = {
    **{name: f"torch.{name}" for name in ("abs", "cos", "exp", "floor", "log", "sigmoid", "sign", "sin", "sqrt", "tan", "tanh", "where")},
    **{"max": "torch.maximum", "min": "torch.minimum", "constant": "torch.as_tensor"},
}
"""The same for PyTorch, whose functions want tensors: a bare number among their values becomes a `constant`."""
JAX: Mapping[str, str] = {
    **{name: f"jnp.{name}" for name in ("cos", "exp", "floor", "log", "sign", "sin", "sqrt", "tan", "tanh", "where")},
    **{"max": "jnp.maximum", "min": "jnp.minimum", "sigmoid": "jax.nn.sigmoid", "abs": "size"},
}
"""The same for JAX; size(x), for the script to define, is |x| with the slope 0 at 0."""


_CONSTANTS: Mapping[float, str] = {number: f"np.{name}" for name, number in CONSTANTS.items()}


def python(tree: ast.expr, functions: Mapping[str, str] = NUMPY, plain: Collection[str] = ()) -> str:
    """The Python expression of a tree that `optim_core.formula` has checked.

    Args:
        tree: `Formula.tree`, or what `formula_calculus` made of it.
        functions: function → what it is called; max and min take two values there.
        plain: names of Python's own numbers, which a library that wants a `constant` is given as such.

    Raises:
        ValueError: a node that no checked formula has, or a function that is not in the list.
    """

    def part(node: ast.expr) -> ast.expr:
        match node:
            case ast.Constant(value=float(found)) if found in _CONSTANTS:
                return ast.Name(_CONSTANTS[found])
            case ast.Constant(value=float(found)):
                return ast.Constant(int(found) if found.is_integer() and abs(found) < 1e6 else found)
            case ast.Name(id=written) if written.startswith("v_"):
                return ast.Name(written[2:])
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=inner):
                return _signed(op, part(inner))
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Mod() | ast.Pow() as op, right=b):
                bare = isinstance(op, ast.Div | ast.Mod | ast.Pow) and not _names(node)
                return ast.BinOp(ast.Call(ast.Name("np.float64"), [part(a)], []) if bare and _may_fail(a, b) else part(a), op, part(b))
            case ast.Compare():
                return ast.Call(ast.Name(functions["where"]), [condition(node), ast.Constant(1.0), ast.Constant(0.0)], [])
            case ast.Call(func=ast.Name(id="f_where"), args=[chosen, a, b]):
                return ast.Call(ast.Name(functions["where"]), [condition(chosen), part(a), part(b)], [])
            case ast.Call(func=ast.Name(id=written), args=args) if written[2:] in functions:
                name, parts = ast.Name(functions[written[2:]]), [wrapped(each, part(each)) for each in args]
                return functools.reduce(lambda a, b: ast.Call(name, [a, b], []), parts) if written in ("f_max", "f_min") else ast.Call(name, parts, [])
        raise ValueError(f"{ast.dump(node)} has no Python here")

    def wrapped(node: ast.expr, made: ast.expr) -> ast.expr:
        bare = "constant" in functions and _names(node) <= set(plain)
        return ast.Call(ast.Name(functions["constant"]), [made], []) if bare else made

    def condition(node: ast.expr) -> ast.expr:
        """True or False, where the language has 1 or 0."""
        match node:
            case ast.Compare(left=first, ops=ops, comparators=others):
                parts = [part(each) for each in (first, *others)]
                pairs: list[ast.expr] = [ast.Compare(a, [op], [b]) for a, op, b in zip(parts, ops, parts[1:], strict=False)]
                return wrapped(node, functools.reduce(lambda a, b: ast.BinOp(a, ast.BitAnd(), b), pairs))
        return wrapped(node, ast.Compare(part(node), [ast.NotEq()], [ast.Constant(0)]))

    return ast.unparse(part(tree))


def _names(node: ast.expr) -> set[str]:
    return {each.id[2:] for each in ast.walk(node) if isinstance(each, ast.Name) and each.id.startswith("v_")}


def _signed(op: ast.unaryop, node: ast.expr) -> ast.expr:
    """The sign at the first factor of a product: -2 * x, without brackets."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        return ast.BinOp(_signed(op, node.left), node.op, node.right)
    return ast.UnaryOp(op, node)


def _may_fail(a: ast.expr, b: ast.expr) -> bool:
    """Whether Python itself would raise an error for two written numbers where NumPy gives inf or nan: 1 / 0, 0 ^ -1, (-2) ^ 0.5."""
    return not ((value(a) or 0.0) > 0.0 and value(b))
