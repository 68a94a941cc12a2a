"""The choice of the page Landscape and its link."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cut import CELLS, PANELS, PARTS, PLANES, REACH, VIEWS, Cut
from lab.study import Study
from optim_core.landscape.directions import KINDS
from optim_core.landscape.slices import MODES

TWO = {"layers": "4", "b.init.seed": "2"}

cuts = st.builds(
    Cut,
    study=st.just(Study.from_query(TWO)[0]),
    plane=st.sampled_from(KINDS),
    together=st.booleans(),
    cells=st.sampled_from(CELLS),
    part=st.sampled_from(PARTS),
    mode=st.sampled_from(MODES),
    reach=st.floats(REACH.low, REACH.high),
    seed=st.integers(1, 9999),
    pair=st.tuples(st.integers(0, 7), st.integers(8, 16)),
    view=st.sampled_from(VIEWS),
    panel=st.sampled_from(PANELS),
)


@given(cuts)
def test_a_link_reads_back(cut: Cut) -> None:
    assert Cut.from_query(cut.to_query()) == (cut, [])


@given(st.dictionaries(st.sampled_from([*Cut.from_query({})[0].to_query(), "b.cut", "cut.", "cut.x", "b.batch"]), st.text(max_size=20), max_size=6))
def test_any_query_gives_a_cut(query: dict[str, str]) -> None:
    cut, _problems = Cut.from_query(query)
    assert Cut.from_query(cut.to_query()) == (cut, [])


def test_the_link_of_a_training_is_that_of_its_landscape() -> None:
    study = Study.from_query({"data": "spiral", "layers": "8,8", "c.batch": "8"})[0]
    cut, problems = Cut.from_query(study.to_query())
    assert not problems and cut.study == study and cut.plane == "path"
    assert cut.to_query().items() >= study.to_query().items()
    assert Study.from_query(cut.study.to_query())[0] == study


def test_every_plane_has_a_name() -> None:
    assert tuple(PLANES) == KINDS


WRONG = {"cut": "sideways", "cut.cells": "50", "cut.reach": "0", "cut.part": ""}


@pytest.mark.parametrize(("key", "text"), [*WRONG.items(), *(("cut.pair", text) for text in ("3", "3,3", "0,17"))])
def test_what_is_not_understood_is_named(key: str, text: str) -> None:
    """Beside what is allowed; in a link the default takes its place."""
    cut = Cut.from_query(TWO)[0]
    same, problem = cut.set(key, text)
    assert same == cut and problem is not None and problem.key == key and problem.allowed
    read, problems = Cut.from_query(cut.to_query() | {key: text})
    assert [problem.key for problem in problems] == [key] and read == cut


def test_one_value_changes() -> None:
    cut = Cut.from_query(TWO)[0]
    assert cut.set("cut.reach", "2.5") == (dataclasses.replace(cut, reach=2.5), None)
    assert cut.set("cut.pair", "1, 16") == (dataclasses.replace(cut, pair=(1, 16)), None)
    assert cut.set("axis", "linear")[0].study.axis == "linear"
    assert cut.set("cut.nothing", "1") == (cut, None)


def test_companions_have_the_same_weights_and_data() -> None:
    """Another optimizer, batch or seed of the weights is one; another activation, width or draw of the data is none."""
    variants = {"b.run": "gradient_descent", "c.activations": "relu", "d.init.seed": "3"}
    assert Cut.from_query(variants)[0].companions == (0, 1, 3)
    assert Cut.from_query({"b.norm": "batch", "c.dropout": "0.2", "d.share": "0.6"})[0].companions == (0, 2)


def test_a_plane_between_needs_two() -> None:
    cut, problems = Cut.from_query({"cut": "between"})
    assert cut.plane == "path" and [problem.key for problem in problems] == ["cut"]
    assert Cut.from_query({**TWO, "cut": "between"})[0].plane == "between"
    assert Cut.from_query({**TWO, "cut": "between"})[0].set("b.init.seed", "1")[0].plane == "between"  # the same weights are still a training
    alone = dataclasses.replace(Cut.from_query({**TWO, "cut": "between"})[0], study=Study.from_query({})[0])
    assert alone.fitted()[0].plane == "path"


def test_what_the_trainings_do_not_have_is_put_back_and_told() -> None:
    """Accuracy of values; one plane for trainings whose weights mean different things."""
    for query, key in (({"data": "hills", "cut.part": "accuracy"}, "cut.part"), ({"b.layers": "4", "cut.together": "1"}, "cut.together")):
        read, problems = Cut.from_query(query)
        assert [problem.key for problem in problems] == [key]
        assert read.part == "train" and not read.together
