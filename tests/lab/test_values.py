"""What a person is told of a value that was not understood: with formulas, in any language, harmlessly."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.experiment import Experiment
from lab.values import Problem, text
from lab.widgets import pickers
from optim_core import schedules
from optim_core.hyper import TextError, texts

FORMULA = texts(schedules.REGISTRY["custom"])["formula"]
PIECES = texts(schedules.REGISTRY["piecewise"])["pieces"]
EVIL = ("`x`", "[a](https://evil.example)", "<b>x</b>", "**x**", "&copy;", "x` [a](b) `", "!x](y)", "$x$", ":red[x]")


def shout(message: str) -> str:
    """Another language."""
    return message.replace("must be", "MUST BE").replace("at character", "AT CHARACTER").replace("is not a number", "IS NO NUMBER")


def problem(key: str, written: str) -> Problem:
    """Of the first run under a formula or pieces."""
    part, kind = ("formula", "custom") if key == "formula" else ("pieces", "piecewise")
    found = Experiment.from_query({})[0].set("run1.schedule", kind)[0].set(f"run1.schedule.{part}", written)[1]
    assert found is not None
    return found


def test_a_text_stays_as_it_was_written() -> None:
    assert text(FORMULA)(" eta0*1.0 ") == (" eta0*1.0 ", ())
    assert text(PIECES)("0: 1,\n 5:.5") == ("0: 1,\n 5:.5", ())
    value, error = text(FORMULA)("1 +")
    assert value is None and isinstance(error, TextError) and error.column == 3


@given(st.text(max_size=60))
def test_any_text_is_taken_or_explained(written: str) -> None:
    for declared in (FORMULA, PIECES):
        value, allowed = text(declared)(written)
        assert value == written or (value is None and isinstance(allowed, TextError))
        if value is None:
            assert Problem("k", written, allowed).message(str, repr)


def test_a_formulas_error_names_key_text_reason_and_place() -> None:
    found = problem("formula", "eta0 * x")
    assert found.message(str) == f"run1.schedule.formula = eta0 * x: {found.allowance(str)}"
    assert found.allowance(str).endswith("(at character 8)") and "x" in found.allowance(str)
    assert "character" not in problem("formula", "-1").allowance(str)  # no single place is to blame


def test_errors_are_translated_whole() -> None:
    assert "MUST BE" in problem("formula", "-t").message(shout)
    assert problem("pieces", "0: x").allowance(shout) == "“x” IS NO NUMBER, at least 0, with a decimal point (AT CHARACTER 4)"


@pytest.mark.parametrize("written", ["12346: 1, 12345: 1", "999999: 1, 999998: 1"])
def test_steps_are_told_in_full(written: str) -> None:
    later, earlier = (part.split(":")[0].strip() for part in written.split(","))
    assert f"step {earlier} must come after step {later}" in problem("pieces", written).allowance(str)


def test_limits_are_told_in_full() -> None:
    assert "step 1000001 is beyond 1000000" in problem("pieces", "1000001: 1").allowance(str)


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("key", ["formula", "pieces"])
def test_a_persons_text_in_a_reason_is_quoted_too(key: str, evil: str) -> None:
    """What the notice shows of it is code, wherever it stands."""
    for written in (evil, f"5: {evil}", f"{evil}: 5", f"eta0 * {evil}"):
        found = problem(key, written)
        shown = found.message(str, pickers.quoted)
        outside = "".join(shown.split("``")[::2])
        assert shown.count("``") % 2 == 0 and not any(sign in outside for sign in ("<b", "[a", "](", "&c", "`", "$x", "**"))


def test_braces_in_a_text_are_no_places() -> None:
    for written in ("{said}", "{0.__class__}", "{text}", "5: {column}", "{"):
        for key in ("formula", "pieces"):
            assert problem(key, written).message(str)


def test_problems_are_equal_by_what_they_say() -> None:
    assert problem("formula", "1 +") == problem("formula", "1 +") != problem("formula", "1 -")
    assert hash(problem("formula", "1 +")) == hash(dataclasses.replace(problem("formula", "1 +")))
