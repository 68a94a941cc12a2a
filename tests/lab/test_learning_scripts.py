"""Exported programs of trainings are executed, many in a process, and end with the weights and losses of the laboratory."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from lab.export import written
from lab.export.learning import scripts
from lab.export.learning.network_text import Library
from lab.export.learning.notebook import notebook
from lab.i18n import translator
from lab.lesson_types import Learned, Plane
from lab.lessons import course
from lab.study import Study
from optim_core import optimizers
from optim_core.csv_table import read_csv
from optim_core.networks import ACTIVATIONS, INITS, LOSSES, NORMS, train
from optim_core.tables import Uploaded
from tests.unoptimised import unoptimised

TOLERANCE = 1e-8
"""Of weights and losses, relative to the largest."""
RUNNER = """
import runpy, sys, pathlib, numpy as np
folder = pathlib.Path(sys.argv[1])
found = {}
for file in sorted(folder.glob("*.py")):
    made = runpy.run_path(str(file))
    found |= {f"{file.stem}/w": np.asarray(made["w"]), f"{file.stem}/losses": made["losses"]}
np.savez(folder / "found.npz", **found)
"""
SMALL = {"data.size": "20", "data": "moons", "data.noise": "0.2", "epochs": "2", "batch": "6", "layers": "3,3", "run.lr": "0.01"}
CHANCE = {"sigma": "0.2", "run.clip": "norm", "run.clip.threshold": "0.5", "run.schedule": "cosine", "l1": "0.01", "l2": "0.1"}
CASES: Mapping[str, Mapping[str, str]] = {
    "gradient_descent": {"activations": "linear,tanh", "replace": "1", "run.clip": "value", "run.clip.threshold": "0.01", "loss": "mse"},
    "momentum": {"activations": "step,tanh", "norm": "batch", "init": "xavier_normal", "loss": "mae"},
    "adam": {"activations": "sigmoid,linear", "norm": "layer", "head": "softmax", "init": "xavier", **CHANCE},
    "adamw": {"activations": "tanh", "residual": "1", "head": "softmax", "loss": "mse", "init": "he"},
    "rmsprop": {"activations": "relu", "norm": "batch", "residual": "1", "init": "orthogonal", "data.size": "11", "batch": "5", "share": "0.55"},
    "adamax": {"activations": "leaky_relu_01", "norm": "layer", "data": "hills", "init": "normal"},
    "nadam": {"activations": "leaky_relu_001", "batch": "100", "data": "hills", "loss": "mae", "init": "uniform"},
    "adadelta": {"activations": "elu", "norm": "batch", "data": "wine", "data.size": "40", "standardise": "1", "init": "constant"},
    "momentum_ema": {"activations": "softplus", "init": "zero"},
    "momentum_inner_rate": {"activations": "maxout", "norm": "batch", "layers": "3,2"},
    "newton": {"activations": "maxout", "norm": "layer", "layers": "2", "run.mu": "1"},
    "bfgs": {"layers": "2", "batch": "100"},
    "line_search_gd": {"norm": "batch", "layers": "3", **CHANCE},
    "adan": {"dropout": "0.3", "norm": "batch", "residual": "1"},
    "schedule_free_sgd": {"dropout": "0.3", "batch": "100", "layers": "3", "run.schedule": "plateau", "epochs": "12"},
    "sam": {"data": "digits", "data.size": "30", "standardise": "1", "layers": "none"},
    "gradient_flow": {"layers": "2"},
    "adagrad": {"layers": "2"},
}
"""Every activation, way to begin, head, loss and norm at least once. Every optimizer's rule is tested on surfaces, where it costs less to compile."""
HOSTILE = 'a"""b'
"""A name that would end the text it is copied into."""


@pytest.fixture(scope="module", autouse=True)
def quick_to_compile() -> Iterator[None]:
    with unoptimised():
        yield


def learned(own: Any = None, **more: str) -> Learned:
    """A training with no pictures: a program needs none."""
    study, problems = Study.from_query({**SMALL, **more}, own)
    assert {problem.key for problem in problems} <= {"data.noise", "data.size"}  # which some sets do not have
    data, asked = course(study.recipe)
    nothing = Plane("line", (0.0, 1.0), (0.0, 1.0), np.zeros((0, 2)), ("", ""), 1.0)
    empty = np.zeros(0)
    return Learned(study.recipe, data, asked.network, train(asked), nothing, empty, 0.0, 1.0, empty, empty, np.zeros(0, bool), (), (), "A")


def table() -> Uploaded:
    rows = "".join(f"{i};{i * i % 7}.5;{HOSTILE}{i % 2}\n" for i in range(12))
    return Uploaded(read_csv(f"{HOSTILE};other;label\n{rows}".encode()))


@functools.cache
def cases() -> Mapping[str, Learned]:
    made = {key: learned(**{"run": key, **more}) for key, more in CASES.items()}
    return {**made, "adam-dropout": learned(dropout="0.3", layers="3"), "adam-own": learned(table(), data="own", layers="2")}


def test_the_cases_leave_nothing_out() -> None:
    said = [{**SMALL, **case} for case in CASES.values()]
    assert {word for case in said for word in case.get("activations", "tanh").split(",")} == set(ACTIVATIONS)
    assert {case.get("init", "xavier_uniform") for case in said} == set(INITS) and {case.get("norm", "none") for case in said} == set(NORMS)
    made = cases().values()
    assert {(one.network.head, one.network.loss) for one in made} == {(head, loss) for head, losses in LOSSES.items() for loss in losses}
    with_peers = {key for key, cls in optimizers.REGISTRY.items() if "torch" in getattr(cls, "peers", {})}
    assert with_peers <= set(CASES)


def executed(texts: Mapping[str, str], folder: Path) -> Mapping[str, np.ndarray]:
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    quick = {**os.environ, "XLA_FLAGS": "--xla_backend_optimization_level=0"}  # hardly any of the time is in the arithmetic
    subprocess.run([sys.executable, "-W", "error", "-c", RUNNER, str(folder)], check=True, cwd=folder, stdout=subprocess.DEVNULL, env=quick)
    with np.load(folder / "found.npz") as found:
        return dict(found)


def apart(found: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference, relative to the largest number."""
    assert found.shape == wanted.shape and np.isfinite(wanted).all()
    return float(np.abs(found - wanted).max() / np.abs(wanted).max())


@pytest.mark.parametrize("library", scripts.LIBRARIES)
def test_every_program_ends_as_the_laboratory(library: Library, tmp_path: Path) -> None:
    made = {name: one for name, one in cases().items() if scripts.impossible(one, library) is None}
    assert len(made) >= {"jax": len(cases()), "torch": 12}[library]
    found = executed({name: scripts.script(one, library) for name, one in made.items()}, tmp_path)
    wrong = {}
    for name, one in made.items():
        errors = apart(found[f"{name}/w"], one.record.w[-1]), apart(found[f"{name}/losses"], one.record.loss)
        if one.network.dropout and library == "torch":  # its masks are its own
            assert np.isfinite(found[f"{name}/losses"]).all() and max(errors) > TOLERANCE
        elif max(errors) > TOLERANCE:
            wrong[name] = errors
    assert wrong == {}


def test_why_a_library_cannot() -> None:
    newton, steady = cases()["newton"], cases()["momentum"]
    assert scripts.impossible(newton, "torch") == written.NO_PEER and scripts.impossible(newton, "jax") is None
    assert scripts.impossible(steady, "torch") is None
    with pytest.raises(ValueError, match="torch"):
        scripts.script(newton, "torch")


def test_nothing_that_was_typed_is_in_a_program() -> None:
    own = cases()["adam-own"]
    assert own.data.names[0] == HOSTILE and own.data.labels[0].startswith(HOSTILE)
    for library in scripts.LIBRARIES:
        assert HOSTILE not in scripts.script(own, library) and HOSTILE not in notebook(own, library, str)


@pytest.mark.parametrize("library", scripts.LIBRARIES)
def test_a_notebook_is_valid_and_runs(library: Library, tmp_path: Path) -> None:
    one = cases()["adam"]
    read: Any = nbformat.reads(notebook(one, library, translator("ru")), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(read)
    assert "эпох" in read.cells[0].source and "data=moons" in read.cells[0].source and r"\hat {h}" in read.cells[0].source
    code = "\n".join(cell.source for cell in read.cells if cell.cell_type == "code")
    found = executed({"cells": "import matplotlib; matplotlib.use('Agg')\n" + code}, tmp_path)
    assert apart(found["cells/w"], one.record.w[-1]) <= TOLERANCE
