"""The machine computes what the closures compute, compiles once for all formulas, and keeps nothing of them."""

from __future__ import annotations

import ast
import resource
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import surfaces
from optim_core import optimizers, simulate
from optim_core.formula import LONGEST, NODES, compile_formula
from optim_core.formula_machine import LINES, Program, encode
from optim_core.hyper import TextError, resolve
from tests.optim_core.typed import NAMES, formulas, points

valued = jax.jit(lambda program, w: (program(w), jax.grad(program)(w), jax.hessian(program)(w)))
OWN = surfaces.REGISTRY["formula"]


def program(text: str, names: tuple[str, ...] = NAMES) -> Program:
    return encode(compile_formula(text, names).tree, names)


def closures(text: str, w: tuple[float, ...], names: tuple[str, ...] = NAMES) -> list[np.ndarray]:
    formula = compile_formula(text, names)
    loss = lambda w: formula(jnp, **dict(zip(names, w, strict=True))) + 0.0 * w[0]  # noqa: E731
    return [np.asarray(function(jnp.array(w))) for function in (loss, jax.grad(loss), jax.hessian(loss))]


@settings(max_examples=80, deadline=None)
@given(formulas, points)
def test_value_gradient_and_hessian_are_those_of_the_closures(text: str, w: tuple[float, float]) -> None:
    try:
        made = program(text)
    except TextError:
        assume(False)
    exact = closures(text, w)
    assume(all(np.isfinite(wanted).all() for wanted in exact[:2]))  # beside an infinite slope the others are 0 backwards and nan forwards, or the reverse
    for found, wanted in zip(valued(made, np.array(w)), exact, strict=True):
        if np.isfinite(wanted).all():
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "(w1 < w1)^0.5",
        "-((w1 < w1)^1.5)",
        "(w1 < w1)^(3/2) + w2^2",
        "(w2 - w2)^2.5 * w1",
        "sqrt(w1 - w1) + w2",
        "sqrt(0*w2)*w1",
        "1/(w2 + 1) + log(1 + w1^2)",
        "sqrt(1 + w1^2)",
    ],
)
def test_an_infinite_slope_moves_nothing_that_rests(text: str) -> None:
    exact = closures(text, (0.0, 0.5))
    for found, wanted in zip(valued(program(text), np.array((0.0, 0.5))), exact, strict=True):
        told = np.isfinite(wanted)
        np.testing.assert_allclose(np.asarray(found)[told], wanted[told], rtol=1e-12, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(formulas, points)
def test_what_is_not_finite_stays_so(text: str, w: tuple[float, float]) -> None:
    try:
        made = program(text)
    except TextError:
        assume(False)
    np.testing.assert_allclose(np.asarray(valued(made, np.array(w))[0]), closures(text, w)[0], rtol=1e-9, atol=1e-9)


EXACT = [
    ("w1^2", -3.0, 9.0, -6.0, 2.0),
    ("w1^3", -2.0, -8.0, 12.0, -12.0),
    ("w1^5", -2.0, -32.0, 80.0, -160.0),
    ("w1^4", 0.0, 0.0, 0.0, 0.0),
    ("w1^2", 0.0, 0.0, 0.0, 2.0),
    ("w1^1", 0.0, 0.0, 1.0, 0.0),
    ("w1^0", 0.0, 1.0, 0.0, 0.0),
    ("w1^-1", -2.0, -0.5, -0.25, -0.25),
    ("abs(w1)", 0.0, 0.0, 0.0, 0.0),
    ("max(w1, 0)", 0.0, 0.0, 0.5, 0.0),
    ("where(w1 > 0, sqrt(w1), 0)", 0.0, 0.0, 0.0, 0.0),
    ("7", 1.0, 7.0, 0.0, 0.0),
    ("w1", 4.0, 4.0, 1.0, 0.0),
]


@pytest.mark.parametrize(("text", "at", "value", "slope", "curvature"), EXACT)
def test_powers_and_kinks_are_exact(text: str, at: float, value: float, slope: float, curvature: float) -> None:
    found = valued(program(text), np.array([at, 0.0]))
    assert (float(found[0]), float(found[1][0]), float(found[2][0, 0])) == (value, slope, curvature)


def test_mixed_slopes_of_a_power_with_a_moving_exponent() -> None:
    for w in ((0.5, 0.0), (0.5, 1.0), (2.0, -1.0)):
        for found, wanted in zip(valued(program("(w1^w2)^2"), np.array(w)), closures("(w1^w2)^2", w), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_any_number_of_variables() -> None:
    for names in (("w",), ("a", "b", "c")):
        text, w = " + ".join(f"{name}^2 * sin({name})" for name in names), tuple(0.3 + i for i in range(len(names)))
        for found, wanted in zip(valued(program(text, names), np.array(w)), closures(text, w, names), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("text", ["<".join(["1"] * NODES), "+".join(str(i) for i in range(50)), "min(" + ",".join(["w1"] * 99) + ")", "w1" + "*w2" * 49])
def test_the_longest_formulas_fit(text: str) -> None:
    try:
        made = program(text[:LONGEST])
    except TextError:
        text = "<".join(["1"] * (NODES // 2))
        made = program(text)
    assert made.end <= LINES
    np.testing.assert_allclose(np.asarray(made(jnp.array([0.9, 1.1]))), closures(text, (0.9, 1.1))[0], rtol=1e-9)


def test_what_is_no_formula_is_refused() -> None:
    with pytest.raises(ValueError, match="no part of a checked formula"):
        encode(ast.parse("[w1]", mode="eval").body, NAMES)


def test_a_run_on_the_machine_is_the_run_on_the_surface() -> None:
    surface = surfaces.REGISTRY["rosenbrock"]()
    typed = OWN(expression="(1 - w1)^2 + 100*(w2 - w1^2)^2")
    for key in ("gradient_descent", "adam", "newton", "line_search_gd"):
        optimizer = optimizers.REGISTRY[key]()
        one, other = (simulate(optimizer, loss, (-1.2, 1.0), 1e-3, 100) for loss in (surface, typed))
        np.testing.assert_allclose(one.w, other.w, rtol=1e-6, err_msg=key)


def _texts(n: int) -> list[str]:
    return [f"(w1 - {i / 100})^2 + {i + 1}*w2^2 + sin({i % 7 + 1}*w1)*exp(-w2^2/{i % 5 + 1})" for i in range(n)]


def _resident() -> float:
    """Memory held by this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def test_five_hundred_formulas_compile_nothing_and_leave_nothing(compilations: list[str]) -> None:
    optimizer = optimizers.REGISTRY["adam"]()

    def used(text: str) -> None:
        surface = OWN(expression=text)
        assert np.isfinite(simulate(optimizer, surface, surface.starts[0], surface.learning_rates.scale_free, 60).w).all()

    first, *others = _texts(501)
    used(first)
    compilations.clear()
    before = _resident()
    for text in others[:100]:
        used(text)
    assert not compilations
    for text in others[100:]:
        used(text)
    assert not compilations and _resident() - before <= 100


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.sampled_from(("__import__('os')", "w1.__class__", "().__class__", "exec('1')", "lambda: 0", "w1 if w2 else 0")))
def test_junk_is_refused_before_it_is_encoded(text: str) -> None:
    try:
        made = resolve(OWN(expression=text))
    except TextError:
        return
    assert isinstance(made, Program) and made.end <= LINES
