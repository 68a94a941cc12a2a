"""The vocabulary and the grammar of formulas: what may stand in one, and in what order. `optim_core.formula` says what they mean.

`read_tokens` cuts a text into pieces, every one of which is known; `check` sees that values and operations alternate and that brackets are paired. What
passes both is a formula; what does not is answered with the column and with what is allowed there. Each piece carries the text that stands for it in what
Python's parser will see: `v_eta0` for a variable, `f_sin` for a function, `7.0` for a number. Nothing that a person typed goes further than this module.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from optim_core.hyper import N_, TextError

DEPTH = 20
"""Levels of brackets, and of the tree. A chain of + and −, or of · and /, is one level, however long."""
MOST_VALUES = 100
"""Values of min and max."""
DIGITS = 40
"""Characters of a number."""
TOO_DEEP = N_("the formula is nested deeper than {limit} levels")

Kind = Literal["number", "name", "function", "superscript", "operator", "(", ")", ","]


class Function(NamedTuple):
    """A function that formulas may call: how it is written, how many values it takes, and what it does in an array namespace."""

    usage: str
    fewest: int
    most: int
    apply: Callable[..., Any]


def _one(name: str) -> Function:
    return Function(f"{name}(x)", 1, 1, lambda xp, x: getattr(xp, name)(x))


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function("abs(x)", 1, 1, lambda xp, x: x * xp.sign(x)),  # its slope is sign(x), 0 at 0; that of xp.abs would be 1 there
    **{name: _one(name) for name in ("cos", "exp", "floor", "log", "sign", "sin", "sqrt", "tan", "tanh")},
    "max": Function("max(a, b, …)", 2, MOST_VALUES, lambda xp, *values: functools.reduce(xp.maximum, values)),
    "min": Function("min(a, b, …)", 2, MOST_VALUES, lambda xp, *values: functools.reduce(xp.minimum, values)),
    "sigmoid": Function("sigmoid(x)", 1, 1, lambda xp, x: xp.exp(xp.negative(xp.logaddexp(0.0, xp.negative(x))))),  # never overflows, nor does its slope
    "where": Function("where(c, a, b)", 3, 3, lambda xp, chosen, a, b: xp.where(xp.not_equal(chosen, 0.0), a, b)),
}
CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}
ALIASES: Mapping[str, str] = {"ln": "log", "tg": "tan", "√": "sqrt"}
"""Other names of functions."""
_LETTERS = str.maketrans(
    {
        **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu"},
        **{"ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega"},
        **dict(zip("аеорсухАВЕКМНОРСТХ", "aeopcyxABEKMHOPCTX", strict=True)),  # Cyrillic letters that nobody can tell from Latin ones
    }
)
_SYMBOLS: Mapping[str, str] = {
    **{symbol: symbol for symbol in ("**", "<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "<", ">", "(", ")", ",")},
    **{"^": "**", "≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!=", "÷": "/", "∕": "/"},
    **dict.fromkeys("−–‐‑‒—", "-"),
    **dict.fromkeys("·×∙⋅•∗", "*"),
}
_INSTEAD: Mapping[str, str] = {
    **dict.fromkeys(("if", "else"), "where(c, a, b)"),
    **dict.fromkeys(("and", "&"), "(a < b) * (c < d)"),
    **{"or": "max(a < b, c < d)", "not": "1 - (a < b)", "|": "abs(x)", "//": "floor(a / b)", "[": "(", "{": "(", "]": ")", "}": ")"},
}
_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SUPERSCRIPT = re.compile("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_ORDINARY = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_IN_NAMES = "0123456789₀₁₂₃₄₅₆₇₈₉"
_BRACKETS: Mapping[str, Kind] = {"(": "(", ")": ")", ",": ","}
_INVISIBLE = "\u200b\u2060\ufeff"  # comes along when one copies from a page
_RIGHT_HAND_SIDE = N_("write only what stands to the right of “=”; a comparison is written ==")
_NOTHING_AFTER = N_("something is missing after “{token}”")


class Token(NamedTuple):
    """A piece of the text: what it is, as typed (shortened), its column, what stands for it in the parser's text, and of a function what it is."""

    kind: Kind
    typed: str
    column: int
    python: str
    signature: Function | None = None


def folded(name: str) -> str:
    """One spelling for all that look alike: η₀, η0 and eta_0 are eta0. Only ever used to look a name up among those allowed."""
    return re.sub("_(?=[0-9])", "", unicodedata.normalize("NFKC", name).translate(_LETTERS))


def _is_letter(char: str) -> bool:
    return char == "_" or (char.isalpha() and not unicodedata.decomposition(char).startswith(("<super>", "<sub>")))  # ᵗ is an exponent, not a t


def _short(typed: str) -> str:
    return typed if len(typed) <= 20 else typed[:19] + "…"


def read_tokens(text: str, names: tuple[str, ...], functions: Mapping[str, Function] = FUNCTIONS) -> Iterator[Token]:
    """Cut the text up, left to right; the first piece that is not allowed ends it."""
    at = 0
    while at < len(text):
        char, pair, column = text[at], text[at : at + 2], at + 1
        if char.isspace() or char in _INVISIBLE:
            at += 1
        elif match := _NUMBER.match(text, at) or _SUPERSCRIPT.match(text, at):
            at = match.end()
            yield _number(match[0], column, raised=match.re is _SUPERSCRIPT)
        elif _is_letter(char) or char == "√":
            at += 1
            while at < len(text) and char != "√" and (_is_letter(text[at]) or text[at] in _IN_NAMES):
                at += 1
            yield _name(text[column - 1 : at], column, names, functions, rest=text[at:])
        elif (typed := pair if pair in _INSTEAD else char) in _INSTEAD:
            raise _instead(typed, column, _INSTEAD[typed])
        elif (typed := pair if pair in _SYMBOLS else char) in _SYMBOLS:
            at += len(typed)
            python = _SYMBOLS[typed]
            if python == "," and text[column - 2 : column - 1].isdigit() and (digits := _NUMBER.match(text, at)):
                typed += digits[0]  # 0,5 is likely meant for one number; `check` decides
            yield Token(_BRACKETS.get(python, "operator"), _short(typed), column, python)
        elif char == "=":
            raise TextError(_RIGHT_HAND_SIDE, column)
        else:
            shown = char if char.isprintable() else f"U+{ord(char):04X}"
            message = N_("“{token}” is not understood; allowed are numbers, names, + − * / ^ %, comparisons, brackets and commas")
            raise TextError(message, column, token=shown)


def _number(typed: str, column: int, raised: bool) -> Token:
    value = float(typed.translate(_ORDINARY)) if len(typed) <= DIGITS else math.inf
    if not math.isfinite(value):
        raise TextError(N_("the number “{token}” is too long or too large"), column, token=_short(typed))
    return Token("superscript", _short(typed), column, f"** {value!r}") if raised else Token("number", _short(typed), column, repr(value))


def _name(typed: str, column: int, names: tuple[str, ...], functions: Mapping[str, Function], rest: str) -> Token:
    """A variable, a constant or a function; `rest` is what follows."""
    name = folded(typed)
    if name in names:
        return Token("name", _short(typed), column, f"v_{name}")
    if name in CONSTANTS:
        return Token("number", _short(typed), column, repr(CONSTANTS[name]))
    name = ALIASES.get(name, name)
    if name in functions:
        return Token("function", _short(typed), column, f"f_{name}", functions[name])
    if name in _INSTEAD:
        raise _instead(typed, column, _INSTEAD[name])
    following = rest.lstrip()
    if following[:1] == "=" != following[1:2]:  # η = …
        raise TextError(_RIGHT_HAND_SIDE, column + len(typed) + len(rest) - len(following))
    allowed = functions if following[:1] == "(" else (*names, *(constant for constant in CONSTANTS if constant not in names))
    raise TextError(N_("“{name}” is not known here; allowed are {allowed}"), column, name=_short(typed), allowed=", ".join(allowed))


def _instead(typed: str, column: int, instead: str) -> TextError:
    return TextError(N_("“{token}” is not understood here; write {instead}"), column, token=typed, instead=instead)


def _usage(token: Token) -> TextError:
    return TextError(N_("“{name}” is written {usage}"), token.column, name=token.typed, usage=token.signature.usage if token.signature else "")


@dataclass
class _Bracket:
    """An open bracket: of which function, how many values it holds so far, and the first comma in it that may have been meant as a decimal one."""

    token: Token
    function: Token | None
    values: int = 1
    decimal: TextError | None = None


def check(tokens: Iterator[Token]) -> list[Token]:
    """The same tokens, once values and operations alternate and every bracket has its partner."""
    done: list[Token] = []
    brackets: list[_Bracket] = []
    for token in tokens:
        before = done[-1] if done else None
        if before and before.kind == "function" and token.kind != "(":
            raise _usage(before)
        if before is None or before.kind in ("operator", "(", ","):
            _begin_value(token, before, brackets)
        else:
            _go_on(token, before, brackets)
        if token.kind == "(":
            if len(brackets) == DEPTH:
                raise TextError(TOO_DEEP, token.column, limit=DEPTH)
            brackets.append(_Bracket(token, before if before and before.kind == "function" else None))
        elif token.kind == ")":
            brackets.pop()
        done.append(token)
    if done and done[-1].kind == "function":
        raise _usage(done[-1])
    if done and done[-1].kind in ("operator", "(", ","):
        raise TextError(_NOTHING_AFTER, done[-1].column, token=done[-1].typed)
    if brackets:
        raise TextError(N_("the bracket “(” is never closed"), brackets[-1].token.column)
    return done


def _begin_value(token: Token, before: Token | None, brackets: list[_Bracket]) -> None:
    """What may stand where a value begins: the value, a bracket or a sign."""
    if token.kind in ("number", "name", "function", "(") or token.python in ("+", "-"):
        return
    if before is None or before.kind == "," or (before.kind == "(" and token.kind != ")"):
        raise TextError(N_("something is missing before “{token}”"), token.column, token=token.typed)
    if before.kind == "(":
        function = brackets[-1].function
        raise _usage(function) if function else TextError(N_("there is nothing between the brackets"), before.column)
    raise TextError(_NOTHING_AFTER, before.column, token=before.typed)


def _go_on(token: Token, before: Token, brackets: list[_Bracket]) -> None:
    """What may stand after a value: an operation, a comma or a closing bracket; an opening one only after a function."""
    if token.kind in ("number", "name", "function", "(") and before.kind != "function":
        message = N_("between “{left}” and “{right}” an operation is missing; a product is written with *")
        raise TextError(message, token.column, left=before.typed, right=token.typed)
    if before.kind == "superscript" and token.python.startswith("**"):  # Python would take the two exponents first
        raise _instead(before.typed + token.typed, before.column, "(a^2)^b")
    top = brackets[-1] if brackets else None
    if token.kind == ",":
        decimal = None
        if before.kind == "number" and len(token.typed) > 1 and "." not in before.typed:
            decimal = _instead(before.typed + token.typed, before.column, f"{before.typed}.{token.typed[1:]}")
        if top is None or top.function is None:
            raise decimal or TextError(N_("a comma only separates the values of a function"), token.column)
        top.values += 1
        top.decimal = top.decimal or decimal
        if top.function.signature and top.values > top.function.signature.most:
            raise top.decimal or _usage(top.function)
    elif token.kind == ")":
        if top is None:
            raise TextError(N_("the bracket “)” closes nothing"), token.column)
        if top.function and top.function.signature and top.values < top.function.signature.fewest:
            raise _usage(top.function)
