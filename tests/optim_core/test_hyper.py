"""Hyper-parameters: declarations, `resolve`, and specs as pytrees."""

from __future__ import annotations

import dataclasses
import itertools
import typing
from typing import Any

import jax
import numpy as np
import pytest

from optim_core import optimizers, rules, schedules
from optim_core.clipping import CLIPS
from optim_core.hyper import WHOLE, Hyper, Scale, TextError, hyper, hypers, is_spec, resolve, spec, text, texts
from optim_core.noise import Noise
from optim_core.plan import WARMUPS
from surfaces import REGISTRY as SURFACES

SPECS = [*optimizers.REGISTRY.values(), *schedules.REGISTRY.values(), *SURFACES.values(), *CLIPS.values(), *WARMUPS.values(), Noise]
DECLARED = [pytest.param(cls, name, declared, id=f"{cls.__name__}.{name}") for cls in SPECS for name, declared in hypers(cls).items()]


@spec
class Sample:
    """Two hyper-parameters and a field that is none."""

    beta: float = hyper(0.9, 0.0, 0.999, symbol=r"\beta", title="decay", help="Share kept.", scale="complement_log")
    rate: float = hyper(0.1, 1e-3, 10.0, symbol=r"\eta", title="rate", help="Length of a step.", scale="log")
    data: Any = 0.0


def parse_word(written: str) -> str:
    """A word without a blank."""
    if " " in written:
        raise TextError("“{text}” has a blank", written.index(" ") + 1, text=written)
    return written.upper()


@spec
class Written:
    """A hyper-parameter between two texts."""

    word: str = text("one", parse=parse_word, symbol="a", title="word", help="A word.")
    rate: float = hyper(0.1, 0.0, 1.0, symbol=r"\eta", title="rate", help="Length of a step.")
    other: str = text("two", parse=parse_word, symbol="b", title="other word", help="Another word.")
    on: float = hyper(0.0, 0.0, 1.0, symbol="s", title="switch", help="On or off.", scale="switch")


@pytest.mark.parametrize(("cls", "name", "declared"), DECLARED)
def test_declarations_make_sense(cls: type[Any], name: str, declared: Hyper) -> None:
    """The default is what the class has, and lies in a range that its scale can draw."""
    assert getattr(cls(), name) == declared.default
    assert declared.low < declared.high and declared.allows(declared.default)
    assert declared.symbol and declared.title and declared.help
    assert declared.scale in typing.get_args(Scale)
    assert declared.scale not in ("log", "integer_log") or declared.low > 0
    assert declared.scale != "switch" or (declared.low, declared.high) == (0, 1)
    assert declared.scale != "complement_log" or declared.high < 1


@pytest.mark.parametrize(("cls", "name", "declared"), DECLARED)
def test_range_is_enforced(cls: type[Any], name: str, declared: Hyper) -> None:
    """Both ends are allowed; what lies beyond is named with its range."""
    for value in (declared.low, declared.high):
        made = resolve(cls(**{name: value}))
        assert getattr(made, name) == value if isinstance(made, cls) else hasattr(cls, "resolved")
    span = declared.high - declared.low
    assert not declared.allows(declared.low - span) and not declared.allows(declared.high + span)
    for value in (declared.low - 1e-6 * span, declared.high + 1e-6 * span, float("nan"), float("inf"), -float("inf")):
        with pytest.raises(ValueError) as caught:
            resolve(cls(**{name: value}))
        assert str(caught.value) == f"{cls.__name__}.{name} = {value!r} is outside [{declared.low:g}, {declared.high:g}]"


@pytest.mark.parametrize("value", ["0.5", "", None, True, 0.5j, [0.5], np.array([0.5, 0.6]), {}, object], ids=repr)
def test_what_is_no_number(value: Any) -> None:
    """Strings, flags, arrays and the like are refused by name."""
    with pytest.raises(ValueError, match=r"Sample\.beta = .* is not a number"):
        resolve(Sample(beta=value))


@pytest.mark.parametrize("value", [0, np.int64(0), np.float32(0), np.float64(0), np.array(0.0)], ids=repr)
def test_numbers_become_float64(value: Any) -> None:
    """jit was traced with float64 and would compile again for anything else."""
    assert all(type(leaf) is np.float64 for leaf in jax.tree.leaves(dataclasses.replace(resolve(Sample(beta=value)), data=None)))


def test_resolve_keeps_other_fields() -> None:
    """Only declared hyper-parameters are checked and coerced."""
    data = np.arange(3.0)
    assert resolve(Sample(data=data)).data is data


def test_hypers_keeps_the_order_of_fields() -> None:
    """Of a class and of an instance."""
    assert list(hypers(Sample)) == list(hypers(Sample())) == ["beta", "rate"]
    assert hypers(Sample)["rate"] == Hyper(0.1, 1e-3, 10.0, r"\eta", "rate", "Length of a step.", "log")


def test_a_spec_is_a_pytree() -> None:
    """Fields are leaves, and the class survives the round trip."""
    leaves, tree = jax.tree.flatten(Sample(beta=0.5, rate=0.2, data=3.0))
    assert leaves == [0.5, 0.2, 3.0]
    assert jax.tree.unflatten(tree, leaves) == Sample(beta=0.5, rate=0.2, data=3.0)
    assert is_spec(Sample) and not is_spec(Hyper)


def test_a_subclass_is_no_spec() -> None:
    """JAX would not know it as a tree."""

    class Child(Sample):
        pass

    assert not is_spec(Child)


def test_no_two_classes_share_a_tree() -> None:
    """jit finds compiled programs by tree: equal trees of two classes would run one's program for the other."""
    trees = [jax.tree.structure(cls()) for cls in SPECS]
    assert not any(a == b for a, b in itertools.combinations(trees, 2))
    assert all(tree == jax.tree.structure(cls()) and hash(tree) == hash(jax.tree.structure(cls())) for tree, cls in zip(trees, SPECS, strict=True))


def test_a_spec_is_frozen_and_hashable() -> None:
    """It may be a key of a cache."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Sample().beta = 0.5  # type: ignore[misc]
    assert len({Sample(), Sample(), Sample(beta=0.5)}) == 2


@pytest.mark.parametrize("key", optimizers.REGISTRY)
def test_every_hyper_parameter_stands_in_the_printed_rule(key: str) -> None:
    """What a slider moves, the formula beside it names; η always."""
    cls = optimizers.REGISTRY[key]
    printed = " ".join(rules.printed(cls))
    assert all(declared.symbol in printed for declared in hypers(cls).values()) and r"\eta" in printed


# ---------------------------------------------------------------------- whole numbers and switches


@pytest.mark.parametrize(("cls", "name", "declared"), [p for p in DECLARED if p.values[2].scale in WHOLE])
def test_whole_numbers_are_whole(cls: type[Any], name: str, declared: Hyper) -> None:
    """In a link, on a slider and at the border of the core."""
    between = declared.low + 0.5
    assert not declared.allows(between) and declared.allows(declared.low) and declared.allows(declared.high)
    with pytest.raises(ValueError, match=rf"{cls.__name__}\.{name} = {between!r} is not a whole number"):
        resolve(cls(**{name: between}))


@pytest.mark.parametrize("scale", typing.get_args(Scale))
def test_what_a_range_allows(scale: Scale) -> None:
    """Finite, inside, and whole where the scale says so."""
    declared = Hyper(0, 0, 1, "x", "", "", scale)
    assert declared.allows(0) and declared.allows(1.0) and declared.allows(0.5) == (scale not in ("integer_log", "switch"))
    assert not any(declared.allows(value) for value in (-1, 2, float("nan"), float("inf"), -float("inf")))


# ---------------------------------------------------------------------- texts


def test_texts_are_static() -> None:
    """Numbers are leaves and texts are not: jit traces the ones and compiles again for the others."""
    made = Written(word="x", rate=0.2, other="y", on=1.0)
    leaves, tree = jax.tree.flatten(made)
    assert leaves == [0.2, 1.0] and jax.tree.unflatten(tree, leaves) == made
    again = jax.tree.structure(Written(word="x", rate=0.9, other="y"))
    assert tree == again and hash(tree) == hash(again)
    assert len({tree, jax.tree.structure(Written(word="y", other="x")), jax.tree.structure(Written(word="x"))}) == 3
    doubled = jax.jit(lambda written: jax.tree.map(lambda leaf: 2 * leaf, written))(made)
    assert (doubled.word, doubled.other, float(doubled.rate)) == ("x", "y", 0.4)


def test_specs_with_texts_are_equal_by_them() -> None:
    """And hash alike, as keys of a cache."""
    assert Written() == Written(word="one") and hash(Written()) == hash(Written(word="one"))
    assert len({Written(), Written(word="three"), Written(other="three"), Written(rate=0.5)}) == 4


def test_texts_and_hypers_are_declared_apart() -> None:
    """Each in the order of the fields; a class without texts has none."""
    assert list(texts(Written)) == list(texts(Written())) == ["word", "other"] and list(hypers(Written)) == ["rate", "on"]
    declared = texts(Written)["word"]
    assert (declared.default, declared.symbol, declared.title, declared.help, declared.parse("a")) == ("one", "a", "word", "A word.", "A")
    assert dict(texts(Sample)) == {}


def test_resolve_keeps_texts() -> None:
    """Only numbers are coerced; whoever uses a text parses it."""
    made = resolve(Written(word="not a word", rate=1))
    assert made.word == "not a word" and type(made.rate) is np.float64 and type(made.on) is np.float64
    with pytest.raises(ValueError, match=r"Written\.on = 0\.5 is not a whole number"):
        resolve(Written(on=0.5))


def test_a_text_error_says_where() -> None:
    """To a programmer in English; whoever shows it has the parts. Equal errors are equal problems."""
    with pytest.raises(ValueError) as caught:
        parse_word("a b")
    error = caught.value
    assert isinstance(error, TextError) and str(error) == "“a b” has a blank (column 2)"
    assert (error.message, error.column, error.details) == ("“{text}” has a blank", 2, {"text": "a b"})
    same = TextError("“{text}” has a blank", 2, text="a b")
    assert error == same and hash(error) == hash(same)
    others = (TextError("“{text}” has a blank", 3, text="a b"), TextError("“{text}” has a blank", 2, text="a c"), TextError("{text}!", 2, text="a b"))
    assert all(error != other for other in (*others, ValueError(str(error)), None))
    assert str(TextError("{n} is too many", n=3)) == "3 is too many"


@pytest.mark.parametrize("cls", [cls for cls in SPECS if texts(cls)])
def test_declared_texts_make_sense(cls: type[Any]) -> None:
    """The default is what the class has, can be read, and fits."""
    for name, declared in texts(cls).items():
        assert getattr(cls(), name) == declared.default and declared.parse(declared.default)
        assert declared.symbol and declared.title and declared.help
        with pytest.raises(TextError):
            declared.parse("x" * 301)
