r"""A checked formula as LaTeX: `eta / (sqrt(s) + epsilon) * g` is \frac{\eta}{\sqrt{s} + \varepsilon} \odot g.

sympy's printer was looked at: it reads its own expressions only, sorts and simplifies them on the way, and a reader wants the formula as it stands.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
"""How strongly a piece of a formula holds together; a weaker piece inside a stronger one gets brackets."""

COLUMN = r"{\begin{pmatrix}"
"""How a column of numbers begins; in braces, so that brackets beside it do not grow with its neighbours."""
_END = r"\end{pmatrix}}"
_LETTERS = "alpha beta gamma delta epsilon eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega Delta"
_GREEK = frozenset(_LETTERS.split())
_WRITTEN = {"epsilon": r"\varepsilon", "phi": r"\varphi"}
_NAMED: Mapping[float, str] = {math.pi: r"\pi", math.e: "e"}
_ACCENTS = ("hat", "tilde", "bar")
_BELOW = {"inf": r"\infty", "old": "t-1"}
_RELATIONS: Mapping[type[ast.AST], str] = {ast.Lt: "<", ast.LtE: r"\le", ast.Gt: ">", ast.GtE: r"\ge", ast.Eq: "=", ast.NotEq: r"\ne"}
_OTHERWISE: Mapping[type[ast.AST], type[ast.AST]] = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
_CALLS: Mapping[str, str] = {
    **{name: rf"\{name}" for name in ("cos", "sin", "tan", "tanh", "max", "min")},
    **{
        "log": r"\ln",
        "sigmoid": r"\sigma",
        "sign": r"\operatorname{sign}",
        "grad": r"\nabla L",
        "loss": "L",
        "hessian": r"\nabla^2 L",
        "tilted": r"\tilde L",
        "clip": r"\operatorname{clip}",
    },
}
_FENCED: Mapping[str, tuple[str, str]] = {
    "sqrt": (r"\sqrt{", "}"),
    "exp": ("e^{", "}"),
    "abs": (r"\lvert ", r" \rvert"),
    "norm": (r"\lVert ", r" \rVert"),
    "floor": (r"\lfloor ", r" \rfloor"),
}


class Piece(NamedTuple):
    """A part of a formula: its LaTeX, how strongly it holds together, and whether it is a vector."""

    latex: str
    strength: int = ATOM
    vector: bool = False

    def within(self, strength: int) -> str:
        """Its LaTeX inside something of that strength."""
        return self.latex if self.strength >= strength else fenced(self.latex)


def fenced(latex: str) -> str:
    """In brackets, which grow only around what is tall; a column of numbers has its own."""
    if latex.startswith(COLUMN) and latex.find(_END) == len(latex) - len(_END):  # that and nothing more
        return latex
    return rf"\left({latex}\right)" if any(tall in latex for tall in (r"\frac", r"\begin", r"\sqrt")) else f"({latex})"


def symbol(name: str) -> str:
    r"""A variable as LaTeX: `w1` is w_1, `s_hat` is \hat s, `eta0` is \eta_0, `rho_inf` is \rho_\infty."""
    head, *parts = name.split("_")
    letters, digits = re.fullmatch(r"(\D*)(\d*)", head).groups()  # type: ignore[union-attr]
    written = _WRITTEN.get(letters, rf"\{letters}" if letters in _GREEK else letters if len(letters) == 1 else rf"\mathrm{{{letters}}}")
    below = [digits] if digits else []
    for part in parts:
        if part in _ACCENTS:
            written = rf"\{part} {{{written}}}"
        else:
            below.append(_BELOW.get(part, part if len(part) == 1 or part.isdigit() else rf"\mathrm{{{part}}}"))
    return written + (f"_{{{','.join(below)}}}" if below else "")


def number(value: float) -> str:
    r"""A number as LaTeX, as short as reads back exactly: 0.1, 300, 2.5 \cdot 10^{-7}."""
    if value in _NAMED:
        return _NAMED[value]
    text = f"{value:g}" if float(f"{value:g}") == value else repr(value).removesuffix(".0")
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    return rf"10^{{{int(exponent)}}}" if mantissa == "1" else rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


def latex(tree: ast.expr, write: Callable[[str], str] = symbol, vectors: Collection[str] = (), *, numbers: bool = False) -> str:
    """The LaTeX of a tree that `optim_core.formula` has checked.

    Args:
        tree: `Formula.tree`.
        write: a name's LaTeX.
        vectors: names of vectors: a product of two is taken coordinate by coordinate and written ⊙.
        numbers: `write` gives numbers, so that a product needs a dot.

    Raises:
        ValueError: a node that no checked formula has.
    """
    return _Printer(write, vectors, numbers).piece(tree).latex


class _Printer:
    def __init__(self, write: Callable[[str], str], vectors: Collection[str], numbers: bool) -> None:
        self.write, self.vectors, self.numbers = write, vectors, numbers

    def piece(self, node: ast.expr) -> Piece:
        match node:
            case ast.Constant(value=float(value)):
                written = number(value)
                return Piece(written, ATOM if value >= 0 and "10^" not in written else PRODUCT)
            case ast.Name(id=identifier):
                name = identifier.removeprefix("v_")
                return Piece(self.write(name), ATOM, name in self.vectors)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.piece(operand)
                return Piece(f"-{inner.within(PRODUCT)}", SUM, inner.vector)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.piece(operand)
            case ast.BinOp(op=op, left=left, right=right):
                return self.operation(op, left, right)
            case ast.Compare(ops=ops, left=left, comparators=others):
                parts = [self.piece(part).within(SUM) for part in (left, *others)]
                return Piece(" ".join([parts[0], *(f"{_RELATIONS[type(op)]} {part}" for op, part in zip(ops, parts[1:], strict=True))]), SUM - 1)
            case ast.Call(func=ast.Name(id=identifier), args=args):
                return self.call(identifier.removeprefix("f_"), args)
        raise ValueError(f"{ast.dump(node)} is no part of a checked formula")

    def operation(self, op: ast.operator, left: ast.expr, right: ast.expr) -> Piece:
        a, b = self.piece(left), self.piece(right)
        either = a.vector or b.vector
        match op:
            case ast.Add() | ast.Sub():
                sign, strength = ("+", SUM) if isinstance(op, ast.Add) else ("-", PRODUCT)
                return Piece(f"{a.within(SUM)} {sign} {b.within(PRODUCT if b.latex.startswith('-') else strength)}", SUM, either)
            case ast.Mult():
                return Piece(f"{a.within(PRODUCT)}{self.times(a, b)}{b.within(PRODUCT)}", PRODUCT, either)
            case ast.Div():
                return Piece(rf"\frac{{{a.latex}}}{{{b.latex}}}", PRODUCT, either)
            case ast.Mod():
                return Piece(rf"{a.within(POWER)} \bmod {b.within(POWER)}", PRODUCT, either)
            case ast.Pow():
                base = a.within(ATOM) if not a.latex.startswith((r"\frac", r"\lvert", "e^")) else fenced(a.latex)
                return Piece(rf"{base}^{{{b.latex}}}", POWER, either)
        raise ValueError(f"{op} is no operation of a checked formula")

    def times(self, a: Piece, b: Piece) -> str:
        """The sign between two factors: ⊙ between vectors, a dot before a number, else none."""
        if a.vector and b.vector:
            return r" \odot "
        return r" \cdot " if self.numbers or (re.match(r"[\d.]|\\frac\{[\d.]", b.within(PRODUCT)) and re.search(r"[\d}]$", a.latex)) else r"\, "

    def call(self, name: str, args: list[ast.expr]) -> Piece:
        parts = [self.piece(part) for part in args]
        either = any(part.vector for part in parts)
        texts = [part.latex for part in parts]
        if name in _FENCED:
            before, after = _FENCED[name]
            return Piece(f"{before}{texts[0]}{after}", POWER if name == "exp" else ATOM, name != "norm" and either)
        if name == "where":
            return Piece(rf"\begin{{cases}} {texts[1]}, & {texts[0]} \\ {texts[2]}, & {self.otherwise(args[0])} \end{{cases}}", SUM, either)
        if name in _MATRIX:
            return _MATRIX[name](*parts)
        return Piece(_CALLS[name] + fenced(", ".join(texts)), ATOM, either and name not in ("loss", "tilted"))

    def otherwise(self, condition: ast.expr) -> str:
        """What holds where the condition does not."""
        match condition:
            case ast.Compare(ops=[op], left=left, comparators=[right]):
                return self.piece(ast.Compare(left=left, ops=[_OTHERWISE[type(op)]()], comparators=[right])).latex  # type: ignore[list-item]
        return rf"\lnot {fenced(self.piece(condition).latex)}"


_MATRIX: Mapping[str, Callable[..., Piece]] = {
    "dot": lambda a, b: Piece(rf"{a.within(ATOM)}^\top {b.within(POWER)}", PRODUCT),
    "outer": lambda a, b: Piece(rf"{a.within(ATOM)}\, {b.within(ATOM)}^\top", PRODUCT),
    "matmul": lambda a, b: Piece(rf"{a.within(PRODUCT)}\, {b.within(POWER)}", PRODUCT, b.vector),
    "solve": lambda a, b: Piece(rf"{a.within(ATOM)}^{{-1}} {b.within(POWER)}", PRODUCT, b.vector),
}
