"""The wire carries true numbers, once each, and remembers what it was told to keep."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lab.live.wire import KEPT_FROM, Kept, pack, unpack

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEYS = TEXT.filter(lambda key: not key.startswith("$"))
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | TEXT
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20)
DTYPES = st.sampled_from([np.float16, np.float32, np.float64, np.int8, np.int32, np.int64, np.uint32, np.bool_])
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=6)))


def dtype_sent(array: np.ndarray[Any, Any]) -> str:
    sent: np.ndarray[Any, Any] = unpack(pack({"a": array}))["a"]
    return sent.dtype.str


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_plain_values_survive(payload: dict[str, Any]) -> None:
    assert repr(unpack(pack(payload))) == repr(payload)  # repr, because nan is not itself


@given(ARRAYS)
def test_arrays_survive_as_finely_as_a_screen_shows(array: np.ndarray[Any, Any]) -> None:
    sent = unpack(pack({"deep": [{"a": array}]}))["deep"][0]["a"]
    assert sent.shape == array.shape
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(sent.astype(np.float64), array.astype(np.float64), rtol=1e-6)


def test_the_narrowest_true_type_is_chosen() -> None:
    assert dtype_sent(np.array([1.0, np.nan, np.inf, 0.0])) == "<f4"
    assert dtype_sent(np.array([1.0, 1e80, -np.inf])) == "<f8"
    assert dtype_sent(np.array([1e-60, 1.0])) == "<f8", "a loss of 1e-60 must not become 0 on a log axis"
    assert dtype_sent(np.array([1, -5])) == "<i4"
    assert dtype_sent(np.array([2**40])) == "<f8"
    assert dtype_sent(np.array([True])) == "<i4"


def test_special_values_stay_themselves() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1e300])
    np.testing.assert_array_equal(unpack(pack({"a": values}))["a"], values)


def test_parts_are_aligned_for_typed_arrays() -> None:
    raw = zlib.decompress(pack({"я": np.arange(3.0), "b": np.array([1e300])}))
    (length,) = struct.unpack_from("<I", raw)
    assert (4 + length) % 8 == 0
    assert len(raw) % 8 == 0
    assert json.loads(raw[4 : 4 + length])["blobs"] == [12, 8]


def test_one_array_in_two_places_is_sent_once() -> None:
    array = np.random.default_rng(0).normal(size=1000)
    once, twice = len(pack({"a": array})), len(pack({"a": array, "b": {"c": array}}))
    assert twice < once + 100


def test_kept_arrays_are_left_out_when_the_browser_has_them() -> None:
    heights = np.random.default_rng(0).normal(size=(60, 50))
    memory: dict[str, Any] = {}
    first = pack({"z": Kept(heights)})
    unpack(first, memory)
    assert len(memory) == 1
    second = pack({"z": Kept(heights.copy())}, frozenset(memory))
    assert len(second) < 300 < KEPT_FROM < len(first)
    np.testing.assert_array_equal(unpack(second, memory)["z"], heights.astype(np.float32))
    with pytest.raises(KeyError):
        unpack(second)


def test_kept_arrays_of_other_content_are_sent() -> None:
    memory: dict[str, Any] = {}
    unpack(pack({"z": Kept(np.zeros((60, 50)))}), memory)
    unpack(pack({"z": Kept(np.ones((60, 50)))}, frozenset(memory)), memory)
    unpack(pack({"z": Kept(np.ones((50, 60)))}, frozenset(memory)), memory)
    assert len(memory) == 3


def test_small_kept_arrays_are_not_worth_keeping() -> None:
    memory: dict[str, Any] = {}
    small = np.arange(10.0)
    assert unpack(pack({"z": Kept(small), "y": Kept(small)}), memory)["y"].tolist() == small.tolist()
    assert not memory


@pytest.mark.parametrize("bad", [{"$": 1}, {1: 2}, {"a": object()}, {"a": np.zeros((2, 2, 2))}, {"a": np.array([1j])}])
def test_what_has_no_place_on_the_wire_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="payload"):
        pack(bad)


def test_kept_words_travel_once() -> None:
    words = {f"label {i}": "слово " * 5 for i in range(20)}
    memory: dict[str, Any] = {}
    first = pack({"labels": Kept(words), "few": Kept(["a", "b"])})
    assert unpack(first, memory) == {"labels": words, "few": ["a", "b"]} and len(memory) == 1
    again = pack({"labels": Kept(words), "few": Kept(["a", "b"])}, frozenset(memory))
    assert len(again) < len(first) / 2 and unpack(again, memory)["labels"] == words
    assert unpack(pack({"labels": Kept({**words, "label 0": "x"})}, frozenset(memory)), memory)["labels"]["label 0"] == "x"
    with pytest.raises(KeyError):
        unpack(again)
