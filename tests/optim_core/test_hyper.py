"""Hyper-parameters: declarations, `resolve`, and specs as pytrees."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import jax
import numpy as np
import pytest

from optim_core import optimizers, schedules
from optim_core.hyper import Hyper, hyper, hypers, is_spec, resolve, spec
from surfaces import REGISTRY as SURFACES

SPECS = [*optimizers.REGISTRY.values(), *schedules.REGISTRY.values(), *SURFACES.values()]
DECLARED = [pytest.param(cls, name, declared, id=f"{cls.__name__}.{name}") for cls in SPECS for name, declared in hypers(cls).items()]


@spec
class Sample:
    """Two hyper-parameters and a field that is none."""

    beta: float = hyper(0.9, 0.0, 0.999, symbol=r"\beta", title="decay", help="Share kept.", scale="complement_log")
    rate: float = hyper(0.1, 1e-3, 10.0, symbol=r"\eta", title="rate", help="Length of a step.", scale="log")
    data: Any = 0.0


@pytest.mark.parametrize(("cls", "name", "declared"), DECLARED)
def test_declarations_make_sense(cls: type[Any], name: str, declared: Hyper) -> None:
    """The default is what the class has, and lies in a range that its scale can draw."""
    assert getattr(cls(), name) == declared.default
    assert declared.low < declared.high and declared.allows(declared.default)
    assert declared.symbol and declared.title and declared.help
    assert declared.scale in ("linear", "log", "complement_log")
    assert declared.scale != "log" or declared.low > 0
    assert declared.scale != "complement_log" or declared.high < 1


@pytest.mark.parametrize(("cls", "name", "declared"), DECLARED)
def test_range_is_enforced(cls: type[Any], name: str, declared: Hyper) -> None:
    """Both ends are allowed; what lies beyond is named with its range."""
    for value in (declared.low, declared.high):
        assert getattr(resolve(cls(**{name: value})), name) == value
    span = declared.high - declared.low
    for value in (declared.low - 1e-6 * span, declared.high + 1e-6 * span, float("nan"), float("inf"), -float("inf")):
        with pytest.raises(ValueError) as caught:
            resolve(cls(**{name: value}))
        assert str(caught.value) == f"{cls.__name__}.{name} = {value!r} is outside [{declared.low:g}, {declared.high:g}]"


@pytest.mark.parametrize("value", ["0.5", "", None, True, 0.5j, [0.5], np.array([0.5, 0.6]), {}, object()], ids=repr)
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
    printed = " ".join(cls.rule)
    assert all(declared.symbol in printed for declared in hypers(cls).values()) and r"\eta" in printed
