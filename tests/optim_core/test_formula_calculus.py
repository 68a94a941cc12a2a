"""Derivatives of formulas against JAX's, and formulas as Python against the evaluator."""

from __future__ import annotations

import ast
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optim_core.formula import compile_formula
from optim_core.formula_calculus import derivative
from optim_core.formula_python import JAX, NUMPY, TORCH, python
from optim_core.formula_tokens import FUNCTIONS

NAMES = ("w1", "w2", "a")
POINTS = ((-1.5, 0.5, 2.0), (0.7, 1.3, 0.4), (2.0, 2.0, 3.0), (-0.3, -2.2, 1.7), (0.0, 1.0, 1.0))
LEAVES = ("w1", "w2", "a", "2", "0.5", "3", "1", "0", "pi")
SHAPES = (
    *("({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} / {1})", "(-{0})", "({0})^2", "({0})^3", "({0})^-1", "(1 + abs({0}))^{1}", "2^({0})", "({0} % {1})"),
    *("({0})^0.5", "sin({0})", "cos({0})", "tan({0})", "tanh({0})", "exp({0})"),
    *("log(abs({0}))", "sqrt(abs({0}))", "abs({0})", "sigmoid({0})", "sign({0})", "floor({0})"),
    *("max({0}, {1})", "min({0}, {1})", "where({0} > {1}, {0}, {1})", "({0} < {1})", "max({0}, {1}, w1)"),
)


def random_formula(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(LEAVES)
    return rng.choice(SHAPES).format(random_formula(rng, depth - 1), random_formula(rng, depth - 1))


def run(text: str, at: tuple[float, ...]) -> float:
    """The value of Python text of our own making."""
    with np.errstate(all="ignore"):
        values = dict(zip(NAMES, map(np.float64, at), strict=True))
        return float(eval(text, {"np": np, "sigmoid": lambda u: 1 / (1 + np.exp(-u))}, values))  # noqa: S307


def agrees(text: str, points: tuple[tuple[float, ...], ...] = POINTS) -> int:
    """Compares at every point where JAX's slopes are finite; how many these were."""
    formula, compared = compile_formula(text, NAMES), 0
    slopes = [python(derivative(formula.tree, name)) for name in NAMES]
    gradient = jax.grad(lambda w: jnp.sum(formula(jnp, **dict(zip(NAMES, w, strict=True)))))
    for at in points:
        wanted = np.asarray(gradient(jnp.array(at)))
        if np.isfinite(wanted).all() and np.abs(wanted).max() < 1e8:
            found = [run(slope, at) for slope in slopes]
            size = 1.0 + np.abs(wanted).max()
            assert np.abs(np.array(found) - wanted).max() <= 1e-7 * size, (text, at, wanted, found, slopes)
            compared += 1
    return compared


@pytest.mark.parametrize(
    "text",
    [
        *("(1 - w1)^2 + 100 * (w2 - w1^2)^2", "exp(-(w1^2 + w2^2) / (2 * a^2))", "w1 * w2 / a", "w1^4 / 3", "abs(w1) + a * abs(w2)", "abs(w2)^w1 * a"),
        *("max(w1, w2)", "min(w1, w2, a)", "max(w1, w2) * min(w1, a)", "w1^(1 / 2) * w2", "-w1^-2", "sin(2 * pi * w1) * cos(w2 / a)", "w1 % a", "a % w2"),
        *("where(w1 > w2, w1^2, -w2)", "(0 < w1 < 1) * w2", "max(10 * w1, 0) + log(1 + exp(-abs(10 * w1)))", "tan(w1) * sigmoid(w2) + tanh(a * w1)", "3^w1"),
    ],
)
def test_slopes_are_those_of_jax(text: str) -> None:
    assert agrees(text) >= 1


def test_slopes_of_random_formulas_are_those_of_jax() -> None:
    rng = random.Random(4)
    assert sum(agrees(random_formula(rng, 3), POINTS[:-1]) for _ in range(120)) > 200


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("7 * a", "0"),
        ("w1", "1"),
        ("3 * w1 * 2", "6"),
        ("w1 * w1", "2 * w1"),
        ("(a - w1)^2", "-2 * (a - w1)"),
        ("a * (w2 - w1^2)^2", "-4 * a * (w2 - w1 ** 2) * w1"),
        ("-w1^-2", "2 * w1 ** (-3)"),
        ("w1^(1 / 2)", "0.5 * w1 ** (-0.5)"),
        ("w1^4 / 3", "4 * w1 ** 3 / 3"),
        ("sqrt(w1^2 + w2^2)", "w1 / np.sqrt(w1 ** 2 + w2 ** 2)"),
        ("cos(2 * pi * w1)", "-2 * np.pi * np.sin(2 * np.pi * w1)"),
        ("0.1 * 3 * w1", "0.3"),
        ("abs(w2) + abs(w1)", "np.sign(w1)"),
    ],
)
def test_slopes_are_tidy(text: str, slope: str) -> None:
    assert python(derivative(compile_formula(text, NAMES).tree, "w1")) == slope


def test_the_tree_stays_as_it_is_and_what_is_no_formula_is_refused() -> None:
    formula = compile_formula("a * sin(w1)", NAMES)
    before = ast.dump(formula.tree)
    derivative(formula.tree, "w1")
    assert ast.dump(formula.tree) == before
    for text in ("f_open(v_w1)", "v_w1.real", "[v_w1]", "f_norm(v_w1)"):
        with pytest.raises(ValueError):
            derivative(ast.parse(text, mode="eval").body, "w1")
    for text in ("f_open(v_w1)", "open", "'a'", "v_w1.real", "(lambda: 1)()"):
        with pytest.raises(ValueError):
            python(ast.parse(text, mode="eval").body)


def test_every_function_has_a_slope_and_a_name_in_each_library() -> None:
    for name, function in FUNCTIONS.items():
        tree = compile_formula(f"{name}({', '.join(['w1', 'w2', 'a'][: function.fewest])})", NAMES).tree
        derivative(tree, "w1")
        assert all(name in functions for functions in (NUMPY, TORCH, JAX)), name
