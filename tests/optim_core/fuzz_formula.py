"""Everything one can throw at `compile_formula`: random text, random syntax trees of every kind, and valid formulas with their value.

`python -m tests.optim_core.fuzz_formula --cases 200000` throws and counts: crashes, executions seen by an audit hook, and the slowest rejection. The property
tests of `test_formula.py` draw from the same generators.
"""

from __future__ import annotations

import argparse
import ast
import math
import random
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import optim_core  # noqa: F401  (configures JAX)
from optim_core import formula
from optim_core.formula import FUNCTIONS, Formula, compile_formula
from optim_core.hyper import TextError

NAMES = ("t", "T", "eta0", "w1", "w2", "x")
VALUES = {"t": 3.0, "T": 10.0, "eta0": 0.1, "w1": -1.5, "w2": 0.5, "x": 2.0}
SLOWEST_MS = 50.0

PIECES = (
    *NAMES,
    *(
        "η",
        "η₀",
        "w₁",
        "w_2",
        "π",
        "pi",
        "e",
        "α",
        "𝜂",
        "Т",
        "ᵗ",
        "lambda",
        "if",
        "else",
        "and",
        "or",
        "not",
        "in",
        "is",
        "for",
        "await",
        "yield",
        "import",
        "None",
    ),
    *("sin", "cos", "tan", "exp", "log", "ln", "sqrt", "√", "abs", "min", "max", "tanh", "sigmoid", "floor", "where", "pow", "eval", "exec", "open", "sum"),
    *("sin(", "exp(", "where(", "min(", "max(", "(", "(", "(", ")", ")", ")", ",", ",", "[", "]", "{", "}"),
    *(
        "+",
        "-",
        "*",
        "/",
        "^",
        "**",
        "%",
        "//",
        "<",
        "<=",
        ">",
        ">=",
        "==",
        "!=",
        "=",
        ":=",
        ":",
        ";",
        "@",
        "&",
        "|",
        "~",
        "!",
        ".",
        "...",
        "_",
        "__",
        "\\",
        "#",
    ),
    *(
        "−",
        "·",
        "×",
        "÷",
        "≤",
        "≥",
        "≠",
        "²",
        "³",
        "⁻¹",
        "x²",
        "x¹⁰",
        "₀",
        "‐",
        "½",
        "ﬁ",
        "∞",
        "İ",
        "ß",
        "\u200b",
        "\u202e",
        "\u0301",
        "\ud800",
        "\x00",
        "\n",
        "\t",
        " ",
    ),
    *("0", "1", "2", "3.5", ".5", "5.", "0,5", "1e5", "1e-3", "1e999", "1_000", "0x10", "1j", "007", "64", "65", "9" * 50, "9**9**9", "1if", "0in"),
    *(
        "__class__",
        "__import__",
        ".__class__",
        "('os')",
        "'a'",
        '"b"',
        "f'{x}'",
        "b''",
        "\\x41",
        "%s",
        "{0.x}",
        "ｅｖａｌ",
        "__ｉmport__",
        "()",
        "**x",
        "*x",
        "x=1",
    ),
)
"""What formulas, mistakes and attacks are made of."""


def random_text(rng: random.Random) -> str:
    """Pieces of formulas, now and then a character from anywhere in Unicode; a few texts repeat one piece to the brim."""
    if rng.random() < 0.05:
        return rng.choice(PIECES) * rng.randrange(1, 320)
    pieces = [rng.choice(PIECES) if rng.random() < 0.9 else chr(rng.randrange(0x110000)) for _ in range(rng.randrange(0, rng.choice((4, 12, 60))))]
    return rng.choice(("", "", " ")).join(pieces)


def mutated(rng: random.Random) -> str:
    """A valid formula with a few characters dropped, doubled or replaced."""
    text = list(valid_formula(rng)[0])
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text) + 1)
        text[at : at + rng.randrange(3)] = rng.choice(("", *PIECES))
    return "".join(text)


# Python's own syntax, from the documentation that its parser's generator leaves in every class
_FIELD = re.compile(r"(\w+)([*?]?) (\w+)")
_ATOMS: dict[str, Callable[[random.Random], Any]] = {
    "identifier": lambda rng: rng.choice(("v_t", "v_x", "f_sin", "f_where", "t", "x", "eta0", "sin", "__import__", "__class__", "eval", "os", "e")),
    "constant": lambda rng: rng.choice(
        (1.0, 2.0, 0.5, 65.0, 2, 10**400, True, None, ..., "a", "__class__", b"b", 1j, math.inf, math.nan, (1, 2), frozenset((1,)))
    ),
    "int": lambda rng: rng.choice((0, 1, -1, 114, 115)),
    "string": lambda rng: rng.choice(("u", "int", "ignore")),
    "expr_context": lambda rng: ast.Load(),
}


def random_tree(rng: random.Random, kind: type[ast.AST] = ast.expr, depth: int = 5) -> Any:
    """A syntax tree with nodes of all kinds that Python has, the friendly ones more often; the parser's own rules are not kept."""
    choices = kind.__subclasses__()
    if choices:
        friendly = [ast.Name, ast.Constant] if depth <= 0 else [ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant]
        kind = rng.choice([cls for cls in friendly if issubclass(cls, kind)] or choices) if depth <= 0 or rng.random() < 0.5 else rng.choice(choices)
    declared = (kind.__doc__ or "").partition("(")[2]
    node = kind(lineno=1, col_offset=rng.randrange(40)) if "lineno" in kind._attributes else kind()
    for type_, many, name in _FIELD.findall(declared):
        count = rng.randrange(3 if depth > 0 else 1) if many == "*" else 1
        made = [_ATOMS[type_](rng) if type_ in _ATOMS else random_tree(rng, getattr(ast, type_), depth - 1) for _ in range(count)]
        setattr(node, name, made if many == "*" else None if many == "?" and rng.random() < 0.5 else made[0])
    return node


def unparsed(tree: ast.AST) -> str | None:
    """The tree as Python would write it; None where the tree makes no sense to it."""
    try:
        return ast.unparse(tree)
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):  # ast.unparse trusts its tree
        return None


# Valid formulas, with an evaluator that shares nothing with the one under test
Value = Callable[[dict[str, float]], Any]
_POWER, _UNARY, _PRODUCT, _SUM, _COMPARE, _ATOM = 5, 4, 3, 2, 1, 9
_WRITTEN = {
    "+": ("+", " + "),
    "-": ("-", " - ", "−"),
    "*": ("*", " * ", "·", "×"),
    "/": ("/", " / ", "÷"),
    "%": ("%", " % "),
    "<": ("<", " < "),
    "<=": ("<=", "≤"),
    "!=": ("!=", "≠"),
}
_OPERATIONS: dict[str, tuple[int, Callable[[Any, Any], Any]]] = {
    "+": (_SUM, lambda a, b: a + b),
    "-": (_SUM, lambda a, b: a - b),
    "*": (_PRODUCT, lambda a, b: a * b),
    "/": (_PRODUCT, lambda a, b: a / b),
    "%": (_PRODUCT, lambda a, b: a % b),
    "<": (_COMPARE, lambda a, b: np.float64(a < b)),
    "<=": (_COMPARE, lambda a, b: np.float64(a <= b)),
    "!=": (_COMPARE, lambda a, b: np.float64(a != b)),
}
_CALLS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "exp", "sqrt", "abs", "tanh", "floor")},
    **{"log": np.log, "ln": np.log, "√": np.sqrt, "tg": np.tan},
    "sigmoid": lambda x: np.exp(-np.logaddexp(0.0, -x)),
}
_SPELLED = {"t": ("t",), "T": ("T",), "eta0": ("eta0", "η₀", "η0", "eta_0"), "w1": ("w1", "w₁", "w_1"), "w2": ("w2", "w₂"), "x": ("x", "х")}


def valid_formula(rng: random.Random, depth: int = 4) -> tuple[str, Value]:
    """A formula with no more brackets than it needs, and the function that its author had in mind."""
    text, _, value = _valid(rng, depth)
    return text, value


def _valid(rng: random.Random, depth: int) -> tuple[str, int, Value]:
    shape = rng.choice(("leaf", "unary", "binary", "binary", "binary", "power", "superscript", "call", "extreme", "where")) if depth else "leaf"
    if shape == "leaf":
        if rng.random() < 0.5:
            name = rng.choice(NAMES)
            return rng.choice(_SPELLED[name]), _ATOM, lambda values: np.float64(values[name])
        literal = rng.choice(("0", "1", "2", "007", "0.5", ".25", "3.", "1e-3", "2E2", "π", "e"))
        number = np.float64({"π": math.pi, "e": math.e}.get(literal) or literal)
        return literal, _ATOM, lambda values: number
    first = _valid(rng, depth - 1)
    a = first[2]
    if shape == "unary":
        return rng.choice(("-", "−", "- ")) + _within(first, _UNARY), _UNARY, lambda values: -a(values)
    if shape == "superscript":  # binds to what stands right before it, which must not be a power itself
        exponent = rng.choice(("²", "³", "⁻¹", "¹⁰"))
        number = np.float64({"²": 2, "³": 3, "⁻¹": -1, "¹⁰": 10}[exponent])
        return _within(first, _ATOM) + exponent, _POWER, lambda values: np.power(a(values), number)
    if shape == "call":
        name, function = rng.choice(list(_CALLS.items()))
        return f"{name}({first[0]})", _ATOM, lambda values: function(a(values))
    second = _valid(rng, depth - 1)
    b = second[2]
    if shape == "power":
        text = _within(first, _POWER + 1) + rng.choice(("^", "**", " ^ ")) + _within(second, _UNARY)  # to the right a sign or another power may stand
        return text, _POWER, lambda values: np.power(a(values), b(values))
    if shape == "extreme":
        name, pick = rng.choice((("min", np.minimum), ("max", np.maximum)))
        return f"{name}({first[0]}, {second[0]})", _ATOM, lambda values: pick(a(values), b(values))
    if shape == "where":
        third = _valid(rng, depth - 1)
        c = third[2]
        return f"where({first[0]},{second[0]}, {third[0]})", _ATOM, lambda values: b(values) if a(values) != 0 else c(values)
    operator = rng.choice(list(_OPERATIONS))
    binding, operation = _OPERATIONS[operator]
    text = _within(first, binding + (binding == _COMPARE)) + rng.choice(_WRITTEN[operator]) + _within(second, binding + 1)
    return text, binding, lambda values: operation(a(values), b(values))


def _within(part: tuple[str, int, Value], binding: int) -> str:
    return part[0] if part[1] >= binding else f"({part[0]})"


# What must never happen
_executed: list[str] = []
_watching = False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and not (event == "compile" and arguments[1:2] == ("<unknown>",)):  # "<unknown>" is how ast.parse calls its text; running it fires "exec"
        _executed.append(f"{event} {arguments!r}"[:200])


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect the audit events (execution, import, files, processes, …) other than parsing; Python cannot remove a hook, so it is asleep outside."""
    global _watching
    if _hook not in _installed:
        sys.addaudithook(_hook)
        _installed.append(_hook)
    _executed.clear()
    _watching = True
    try:
        yield _executed
    finally:
        _watching = False


_installed: list[Any] = []


def check_error(error: TextError, text: str) -> None:
    """It says where and what, in a form that the page can show."""
    assert error.column is None or 1 <= error.column <= len(text) + 1, (text, error.column)
    shown = error.message.format(**error.details)
    assert shown and "{" not in shown.replace("“{”", "") and len(shown) < 400, shown
    shown.encode("utf-8")


def throw(text: str) -> Formula | TextError:
    """Compile and evaluate. What is neither a formula with a real value nor a `TextError` is a crash, and is raised."""
    try:
        made = compile_formula(text, NAMES)
    except TextError as error:
        check_error(error, text)
        return error
    value = made(np, **VALUES)
    assert value.shape == () and value.dtype == np.float64, text
    return made


def throw_tree(tree: ast.AST) -> None:
    """Past the reading of text, straight into the builder: the second lock."""
    try:
        root = formula._Builder(NAMES, FUNCTIONS, range(1, 30)).build(tree)
    except TextError:
        return
    with np.errstate(all="ignore"):
        float(root(np, VALUES))


def cases(rng: random.Random) -> Iterator[tuple[str, ast.AST | None, Value | None]]:
    """Without an end: a text, the tree it came from, its value."""
    while True:
        kind = rng.randrange(4)
        if kind == 0:
            yield random_text(rng), None, None
        elif kind == 1:
            yield mutated(rng), None, None
        elif kind == 2:
            text, value = valid_formula(rng)
            yield text, None, value
        else:
            tree = random_tree(rng, rng.choice((ast.expr, ast.expr, ast.expr, ast.stmt)), rng.randrange(1, 5))
            if (written := unparsed(tree)) is not None:
                yield written, tree, None


def main() -> int:
    """Throw `--cases` and report; 1 when anything went wrong."""
    parser = argparse.ArgumentParser(description="Throw random texts and syntax trees at the formula evaluator.")
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    jax.config.update("jax_numpy_dtype_promotion", "strict")
    accepted = crashes = executions = wrong = 0
    slowest, slowest_text = 0.0, ""
    with watched():  # installs the hook
        pass
    for number, (text, tree, value) in enumerate(cases(random.Random(options.seed)), 1):
        try:
            with watched() as events:
                begin = time.perf_counter()
                result = throw(text)
                spent = (time.perf_counter() - begin) * 1e3
                if tree is not None:
                    throw_tree(tree)
            if events:
                executions += 1
                print(f"EXECUTED {text!r}: {events}")
            if isinstance(result, TextError):
                if spent > 2.0:  # again, lest the garbage collector or another process be blamed on the text
                    spent = min(spent, *(_timed(text) for _ in range(3)))
                if spent > slowest:
                    slowest, slowest_text = spent, text
            else:
                accepted += 1
                if accepted % 1000 == 0:
                    result(jnp, **VALUES)
            wrong += value is not None and not agrees(text, result, value)
        except Exception as error:  # noqa: BLE001  (a fuzzer's business is to catch whatever comes)
            crashes += 1
            print(f"CRASH {text!r}: {error!r}")
            traceback.print_exc(limit=4)
        if number >= options.cases:
            break
    print(f"{number} cases, {accepted} accepted, {crashes} crashes, {executions} executions, {wrong} wrong values")
    print(f"slowest rejection {slowest:.2f} ms: {slowest_text!r}")
    return int(bool(crashes or executions or wrong or slowest > SLOWEST_MS))


def _timed(text: str) -> float:
    begin = time.perf_counter()
    throw(text)
    return (time.perf_counter() - begin) * 1e3


LIMITS = {"longer than", "deeper than", "has more than", "the exponent"}


def agrees(text: str, result: Formula | TextError, value: Value) -> bool:
    """A valid formula is refused only for its size; else it has the value that its author had in mind."""
    if isinstance(result, TextError):
        return any(limit in result.message for limit in LIMITS)
    with np.errstate(all="ignore"):
        expected = value(VALUES)
    got = result(np, **VALUES)
    same = bool(np.isclose(got, expected, rtol=1e-12, atol=0, equal_nan=True))
    if not same:
        print(f"WRONG {text!r}: {got!r} is not {expected!r}")
    return same


if __name__ == "__main__":
    sys.exit(main())
