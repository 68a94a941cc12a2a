"""The link of a study: nothing is lost on the way, nothing from outside raises, and a variant is the first training but for its choice."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.lessons import course
from lab.link import text_of
from lab.recipe import heads
from lab.study import CHOICES, LETTERS, MAX_VARIANTS, Study, iterations
from lab.values import Problem
from optim_core import optimizers, schedules
from optim_core.csv_table import read_csv
from optim_core.datasets import DATASETS
from optim_core.evaluations import MAX_MATRIX, holds_matrix
from optim_core.hyper import TextError, hypers
from optim_core.networks import ACTIVATIONS, INITS, LOSSES, NORMS
from optim_core.networks.training import MAX_ITERATIONS, MAX_NOISE
from optim_core.tables import Uploaded


def plain(**changes: str) -> Study:
    """The default study with other texts in its link."""
    study, problems = Study.from_query(Study.from_query({})[0].to_query() | changes)
    assert problems == []
    return study


@st.composite
def studies(draw: Any) -> Study:
    """A study after a few changes, as a reader makes them."""
    study = Study.from_query({})[0]
    texts = {
        "data": st.sampled_from(list(DATASETS)),
        "layers": st.lists(st.integers(1, 64), max_size=6).map(lambda widths: ",".join(map(str, widths)) or "none"),
        "activations": st.sampled_from(list(ACTIVATIONS)),
        "norm": st.sampled_from(NORMS),
        "init": st.sampled_from(list(INITS)),
        "run": st.sampled_from(list(optimizers.REGISTRY)),
        "run.schedule": st.sampled_from([key for key in schedules.REGISTRY if key != "custom"]),
        "run.clip": st.sampled_from(["none", "norm", "value"]),
        "dropout": st.floats(0, 0.9).map(text_of),
        "l2": st.floats(0, 1).map(text_of),
        "batch": st.integers(1, 2000).map(str),
        "epochs": st.integers(1, 5000).map(str),
        "depth": st.integers(0, 6).map(str),
        "width.1": st.integers(1, 64).map(str),
        "activation.2": st.sampled_from(list(ACTIVATIONS)),
        "at": st.integers(0, 1000).map(str),
    }
    for _ in range(draw(st.integers(0, 8))):
        if draw(st.booleans()):
            study = study.add(draw(st.sampled_from(list(CHOICES))))
        key = draw(st.sampled_from(list(texts)))
        prefix = draw(st.sampled_from(["", "", "b.", "c."]))
        study = study.set(prefix + key, draw(texts[key]))[0]
    return study


@pytest.mark.hypothesis
@given(studies())
def test_a_link_holds_the_whole_study(study: Study) -> None:
    again, problems = Study.from_query(study.to_query())
    assert problems == [] and again == study and list(again.to_query()) == list(study.to_query())


@pytest.mark.hypothesis
@given(studies())
def test_every_study_is_one_that_can_be_trained(study: Study) -> None:
    """Its networks are consistent, and no training is longer than allowed."""
    for recipe in study.recipes:
        assert recipe.head in heads(recipe.data) and recipe.loss in LOSSES[recipe.head]
        assert recipe.network().check().size > 0 and 1 <= iterations(recipe) <= MAX_ITERATIONS


KEYS = st.one_of(st.text(max_size=12), st.sampled_from([*Study.from_query({})[0].to_query(), "b.batch", "c.run", "d.layers", "b.", "b.b.batch"]))
TEXTS = st.one_of(
    st.text(max_size=30), st.sampled_from(["own", "none", "0", "1e9", "16,16", "tanh,relu", "custom", "sgd", "digits", "softmax", "-1", "nan", "٣"])
)


@pytest.mark.hypothesis
@given(st.dictionaries(KEYS, TEXTS, max_size=8))
def test_no_link_raises_and_what_it_gives_is_a_study(query: dict[str, str]) -> None:
    study, problems = Study.from_query(query)
    again, none = Study.from_query(study.to_query())
    assert again == study and none == []
    assert all(isinstance(problem, Problem) and problem.message(str) for problem in problems)


@pytest.mark.hypothesis
@given(studies(), KEYS, TEXTS)
def test_no_change_raises(study: Study, key: str, text: str) -> None:
    changed, problem = study.set(key, text)
    assert (changed == study) or problem is None
    assert Study.from_query(changed.to_query()) == (changed, [])


def test_a_variant_differs_in_exactly_one_choice_and_follows_the_first_training() -> None:
    for key in CHOICES:
        study = plain().add(key)
        if key == "data.noise":
            study = plain(**{"data.noise": "0"}).add(key)
        assert len(study.variants) == 1, key
        assert study.differences(1) == (key,), key
        changed, problem = study.set("epochs", "7")
        assert problem is None and [recipe.epochs for recipe in changed.recipes] == [7, 7]


def test_another_optimizer_brings_the_rate_it_goes_well_with_and_that_is_one_choice() -> None:
    study = plain(run="adam").add("run")
    assert [recipe.run.key for recipe in study.recipes] == ["adam", "gradient_descent"]
    assert [recipe.run.lr for recipe in study.recipes] == [0.01, 0.1]
    assert study.differences(1) == ("run",)
    moved, problem = study.set("b.run.lr", "0.3")
    assert problem is None and moved.recipes[1].run.lr == 0.3 and moved.recipes[0].run.lr == 0.01 and moved.differences(1) == ("run",)


def test_variants_come_and_go() -> None:
    study = plain()
    for key in ("batch", "norm", "init", "dropout"):
        study = study.add(key)
    assert len(study.variants) == MAX_VARIANTS == len(LETTERS) - 1
    assert study.add("l2") is study and study.add("nonsense") is study
    assert [study.differences(index) for index in (1, 2, 3)] == [("batch",), ("norm",), ("init",)]
    assert study.remove(2).variants == (study.variants[0], study.variants[2])
    assert study.remove(0) is study and study.remove(4) is study
    three = plain(init="he").add("init").add("init")
    assert three.recipes[1].init != three.recipes[0].init


def test_a_variant_that_is_not_understood_is_none() -> None:
    study, problems = Study.from_query({"b.batch": "abc", "b.foo": "1", "c.batch": "7"})
    assert [dict(variant) for variant in study.variants] == [{"batch": "7"}] and [problem.key for problem in problems] == ["b.batch", "b.foo"]


def test_layers_grow_and_shrink_one_by_one() -> None:
    study = plain(layers="8,4", activations="tanh,relu")
    deeper = study.set("depth", "4")[0]
    assert deeper.to_query()["layers"] == "8,4,4,4" and deeper.to_query()["activations"] == "tanh,relu,relu,relu"
    assert study.set("depth", "0")[0].to_query()["layers"] == "none"
    assert study.set("depth", "0")[0].set("depth", "1")[0].to_query()["layers"] == "8"
    assert study.set("width.2", "5")[0].to_query()["layers"] == "8,5"
    assert study.set("activation.1", "relu")[0].to_query()["activations"] == "relu"
    assert study.set("width.3", "5") == (study, None) and study.set("depth", "7") == (study, None)
    wrong, problem = study.set("width.2", "65")
    assert wrong == study and problem is not None and problem.key == "width.2"


def test_other_data_bring_a_fitting_output() -> None:
    study = plain(head="softmax", loss="mse")
    for data, head in (("iris", "softmax"), ("sine", "linear"), ("circle", "sigmoid")):
        study, problem = study.set("data", data)
        assert problem is None and study.recipe.head == head
    assert study.recipe.loss == "binary"


def test_what_takes_too_long_is_answered() -> None:
    study, problem = plain(epochs="500", batch="16").set("batch", "1")
    assert study.recipe.batch == 16 and problem is not None and problem.key == "batch" and isinstance(problem.allowed, TextError)
    with_variant = plain(epochs="500").add("batch")
    kept, problem = with_variant.set("b.batch", "1")
    assert kept == with_variant and problem is not None and problem.key == "b.batch"


def test_an_optimizer_with_a_matrix_is_for_small_networks() -> None:
    assert [key for key, cls in optimizers.REGISTRY.items() if holds_matrix(cls)] == ["bfgs", "newton"]
    study = plain(layers="8,8", batch="2000")
    small, problem = study.set("run", "newton")
    assert problem is None and small.recipe.run.key == "newton"
    kept, problem = small.set("layers", "64,64")
    assert kept == small and problem is not None and problem.key == "layers" and isinstance(problem.allowed, TextError)
    kept, problem = small.add("layers").set("b.layers", "64,64")
    assert kept.variants == small.add("layers").variants and problem is not None and problem.key == "b.layers"


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"run": "newton", "layers": "64,64,64"}, "run"),
        ({"epochs": "5000", "batch": "1"}, "epochs"),
        ({"layers": "64,64,64,64,64,64", "sigma": "0.1", "epochs": "400", "batch": "20"}, "sigma"),
        ({"b.layers": "64,64,64", "run": "newton", "layers": "4"}, "b.run"),
        ({"epochs": "300", "b.batch": "1"}, "b.epochs"),
    ],
)
def test_a_link_can_ask_for_too_much_and_does_not_get_it(asked: dict[str, str], key: str) -> None:
    """However a study came about, its trainings are small enough."""
    study, problems = Study.from_query(asked)
    assert [problem.key for problem in problems] == [key]
    for recipe in study.recipes:
        assert iterations(recipe) <= MAX_ITERATIONS
        assert recipe.network().size <= MAX_MATRIX or not holds_matrix(recipe.run.kind)
        assert not recipe.sigma or iterations(recipe) * recipe.network().size <= MAX_NOISE


@pytest.mark.parametrize(("text", "taken"), [("0", True), ("0.0001", True), ("0.00005", False), ("1e-9", False), ("100", True), ("101", False)])
def test_noise_is_none_or_one_that_is_applied(text: str, taken: bool) -> None:
    study, problem = plain().set("sigma", text)
    assert (problem is None) is taken and (course(study.recipe)[1].noise is not None) is (taken and float(text) > 0)


def test_an_own_table_is_not_in_the_link() -> None:
    own = Uploaded(read_csv(b"a,b,label\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n"))
    study, problems = Study.from_query({"data": "own"}, own)
    assert problems == [] and study.recipe.data is own and study.to_query()["data"] == "own"
    assert study.add("batch").recipes[1].data is own
    elsewhere, problems = Study.from_query(study.to_query())
    assert elsewhere.recipe.data_key == "circle" and [problem.key for problem in problems] == ["data"]


def test_a_typed_schedule_that_is_no_learning_rate_is_answered() -> None:
    study = plain(**{"run.schedule": "custom"})
    kept, problem = study.set("run.schedule.formula", "eta0 - t")
    assert kept == study and problem is not None
    changed, problem = study.set("run.schedule.formula", "eta0 / (1 + t)")
    assert problem is None and course(changed.recipe)[1].network.size > 0


def test_every_number_of_a_recipe_is_in_the_link() -> None:
    query = plain().to_query()
    assert {f"run.{name}" for name in hypers(optimizers.REGISTRY["adam"])} <= query.keys()
    assert {f"data.{name}" for name in hypers(DATASETS["circle"])} <= query.keys()
