"""A surface of one's own in the experiment, in the link and on the page."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import compute
from lab.experiment import Experiment
from lab.figures import grid
from lab.figures.map import map_figure
from lab.widgets.formula import mathml
from lab.widgets.panel import panel_payload
from lab.widgets.stage import stage_payload
from optim_core.formula_calculus import derivative
from optim_core.formula_latex import latex
from optim_core.hyper import TextError
from surfaces.formula import parse_loss
from tests.optim_core.typed import grown


@functools.cache
def default() -> Experiment:
    """Made when it is asked for: the minima of a formula take seconds to find, and every worker collects every file."""
    return Experiment.from_query({"surface": "formula"})[0]


def typed(text: str) -> Experiment:
    changed, problem = default().set("surface.expression", text)
    assert problem is None, problem
    return changed


def card(experiment: Experiment, errors: Any) -> dict[str, Any]:
    groups = panel_payload(compute.picture(experiment), errors, "light", str)["groups"]
    return {control["key"]: control for group in groups if group["id"] == "surface" for control in group["controls"]}


def test_a_typed_formula_keeps_start_and_runs_and_is_in_the_link() -> None:
    changed = typed("w1^2 + 5*w2^2")
    assert (changed.start, changed.runs) == (default().start, default().runs)
    assert changed.to_query()["surface.expression"] == "w1^2 + 5*w2^2"
    assert Experiment.from_query(changed.to_query()) == (changed, [])
    path = compute.picture(changed).paths[0]
    w, lr = np.array(changed.start), changed.runs[0].lr
    np.testing.assert_allclose(path.w[1], w - lr * np.array([2.0, 10.0]) * w, rtol=1e-14)


@pytest.mark.parametrize("text", ["3*max(w1", "w3", "", "w1 w2", "x" * 301, "w1.__class__", "w1^100"])
def test_a_mistake_stands_beside_the_box_and_the_picture_stays(text: str) -> None:
    same, problem = default().set("surface.expression", text)
    assert same is default() and problem is not None and isinstance(problem.allowed, TextError)
    assert card(default(), {problem.key: problem})["surface.expression"]["error"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_a_problem(text: str) -> None:
    changed, problem = default().set("surface.expression", text)
    assert (changed.surface.expression == text) == (problem is None or text == default().surface.expression)


def test_when_the_window_leaves_the_start_behind_the_start_moves_in() -> None:
    changed, problem = default().set("surface.reach1", "0.5")
    assert problem is None and changed.start == (0.5, default().start[1])
    changed, problem = changed.set("surface.centre2", "-20")
    assert problem is None and changed.start == (0.5, -18.0)
    assert changed.runs == default().runs
    same, problem = default().set("surface.reach1", "0")
    assert same is default() and problem is not None and problem.key == "surface.reach1"


def test_where_the_loss_is_not_finite_there_is_a_gap_and_a_note() -> None:
    shown = compute.picture(typed("sqrt(1 - w1^2 - w2^2) + 1/(w1*w1*w2*w2)"))
    z = map_figure(shown, "light", str)["data"][0]["z"]
    inside = shown.landscape.w1[None, :] ** 2 + shown.landscape.w2[:, None] ** 2 <= 1.0
    assert np.array_equal(np.isfinite(z), inside & (shown.landscape.w1[None, :] != 0.0) & (shown.landscape.w2[:, None] != 0.0))
    missing = 100 * (1 - np.isfinite(z).mean())
    assert stage_payload(shown, "light", str)["notes"][0] == f"L is not finite on {missing:.2g} % of the view: there the picture has a gap."
    assert not any("not finite" in note for note in stage_payload(compute.picture(default()), "light", str)["notes"])


@pytest.mark.parametrize("text", ["1/0", "7", "log(w1)", "-w1^2", "1e300*w1", "abs(w1) + abs(w2)", "w1 % 1", "exp(exp(exp(w1^2)))", "w1 > 0"])
@pytest.mark.parametrize("view", ["map", "space"])
def test_whatever_the_formula_the_page_has_a_picture(text: str, view: str) -> None:
    experiment = typed(text).set("view", view)[0]
    shown = compute.picture(experiment)
    made = grid.grid_of(shown.landscape, experiment.surface.levels)
    assert made.start < made.end and made.size > 0 and np.isfinite([made.start, made.end]).all()
    stage_payload(shown, "light", str), panel_payload(shown, {}, "dark", str)


def test_the_card_begins_with_the_box_and_prints_gradient_and_hessian() -> None:
    groups = panel_payload(compute.picture(default()), {}, "light", str)["groups"]
    assert groups[0]["id"] == "surface" and groups[0]["controls"][0]["key"] == "surface.expression"
    assert len(groups[0]["rule"]) == 4 and all(line.startswith("<math") and "\\" not in line for line in groups[0]["rule"])
    long = typed("+".join(f"sin({i}*w1)*cos({i}*w2)" for i in range(1, 9)))
    assert len(long.surface.formula.split("\n")) == 2


@settings(max_examples=150, deadline=None)
@given(grown(st.sampled_from(("w1", "w2", "2", "0.1", "pi", "e", "1e6", "1e-7", "300"))))
def test_whatever_is_accepted_can_be_printed(text: str) -> None:
    try:
        tree = parse_loss(text).tree
    except TextError:
        return
    for shown in (tree, *(derivative(tree, name) for name in ("w1", "w2"))):
        assert mathml(latex(shown)).startswith("<math")


PRINTED = [
    ("sin(2*pi*w1)", r"\pi"),
    ("e^w1", "e^{w_{1}}"),
    ("1e6^0.5", r"(10^{6})^{0.5}"),
    ("0.1 + 1e-7", r"0.1 + 10^{-7}"),
    ("1234567.5", "1234567.5"),
]


@pytest.mark.parametrize(("text", "wanted"), PRINTED)
def test_constants_keep_their_names_and_numbers_their_length(text: str, wanted: str) -> None:
    assert wanted in latex(parse_loss(text).tree)


def test_minus_zero_is_zero() -> None:
    tree = parse_loss("-w1^2 - w2^2").tree
    assert latex(derivative(derivative(tree, "w1"), "w2")) == "0"
