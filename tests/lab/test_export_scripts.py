"""Exported programs are executed, each library's in a process of its own, and give what the app shows."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

import surfaces
from lab import compute
from lab.compute import Picture
from lab.experiment import Experiment
from lab.export import scripts, written
from lab.export.notebook import notebook
from lab.export.scripts import LIBRARIES, Library
from lab.i18n import translator
from optim_core import optimizers, rules

TOLERANCE = 1e-10
"""Of |Δw|, for a path of the size of the surface."""
RUNNER = """
import runpy, sys, pathlib, numpy as np
folder = pathlib.Path(sys.argv[1])
np.savez(folder / "paths.npz", **{file.stem: runpy.run_path(str(file))["path"] for file in sorted(folder.glob("*.py"))})
"""
NOISY = {"noise": "decaying", "noise.sigma": "0.3", "noise.seed": "7"}
MILD = {"newton": "0.3", "bfgs": "0.02", "sam": "0.00003", "polyak_step": "0.02", "adadelta": "0.02"}
"""Learning rates at which rounding is not amplified."""


def shown(**query: str) -> Picture:
    experiment, problems = Experiment.from_query({key.replace("__", "."): value for key, value in query.items()})
    assert not problems
    return compute.picture(experiment)


def run_of(key: str, surface: str, **more: str) -> Picture:
    rate = {"run1__lr": MILD[key]} if key in MILD else {}
    return shown(**{"surface": surface, "steps": "60", "run1": key, **rate, **more})


def cases() -> Mapping[str, Picture]:
    made: dict[str, Picture] = {}
    for key in optimizers.REGISTRY:
        made |= {f"{key}-{surface}": run_of(key, surface) for surface in ("elongated_quadratic", "himmelblau")}
    for key in surfaces.ALL:
        made[f"adam-{key}"] = run_of("adam", key)
    for key in ("adam", "momentum", "gradient_descent", "sam", "line_search_gd", "gradient_flow", "polyak_step", "momentum_ema", "lion"):
        made[f"{key}-noise"] = run_of(key, "rosenbrock", **NOISY, run1__clip="norm")
        made[f"{key}-plateau"] = run_of(key, "himmelblau", run1__schedule="plateau", run1__warmup="linear", run1__clip="value")
    made["schedule_free_sgd-warm"] = run_of("schedule_free_sgd", "booth", run1__warmup="cosine", run1__schedule="cosine")
    made["momentum_inner_rate-warm"] = run_of("momentum_inner_rate", "booth", run1__warmup="cosine", run1__schedule="step")
    made["gradient_descent-diverges"] = run_of("gradient_descent", "rosenbrock", run1__lr="0.1", steps="20")
    made["line_search_gd-stuck"] = run_of("line_search_gd", "kink", run1__c="0.9", **NOISY)
    made["adam-clipped-curve"] = run_of("adam", "quartic", **NOISY, run1__clip="norm")
    typed = {
        "typed": "sin(w1) * cos(2 * w2) + max(w1, 0)^2 / 3 + where(w2 > 1, w2, sigmoid(w1)) + 2^w2",
        "flat": "5",
        "cut": "min(w1, 3, w2) + abs(sin(2)) * (0 < w1 < 1) * w1",
    }
    for name, formula in typed.items():
        made[f"adam-{name}"] = run_of("adam", "formula", surface__expression=formula)
    made["polyak_step-arrives"] = run_of("polyak_step", "booth", start="1,3")
    made["adam-kink-axis"] = run_of("adam", "kink", start="2,0")
    return made


@functools.cache
def all_cases() -> Mapping[str, Picture]:
    return cases()


def executed(texts: Mapping[str, str], folder: Path) -> Mapping[str, np.ndarray]:
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    subprocess.run([sys.executable, "-W", "error", "-c", RUNNER, str(folder)], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    with np.load(folder / "paths.npz") as paths:
        return dict(paths)


def worst(path: np.ndarray, wanted: np.ndarray) -> float:
    """max |Δw| relative to the path's size where that is more than 1; what is not finite must be so in both."""
    assert path.shape == wanted.shape
    finite = np.isfinite(wanted).all(axis=1)
    if not np.array_equal(np.isfinite(path).all(axis=1), finite):
        return np.inf
    return float((np.abs(path[finite] - wanted[finite]) / np.maximum(np.abs(wanted[finite]).max(axis=1, keepdims=True), 1.0)).max())


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_program_gives_the_apps_path(library: Library, tmp_path: Path) -> None:
    chosen = {name: picture for name, picture in all_cases().items() if library != "optax" or "himmelblau" not in name}  # it compiles every one
    texts = {name: scripts.script(picture, 0, library) for name, picture in chosen.items() if scripts.impossible(picture, 0, library) is None}
    assert len(texts) >= {"numpy": len(all_cases()), "optax": 40, "torch": 35}[library]
    found = executed(texts, tmp_path)
    errors = {name: worst(path, all_cases()[name].paths[0].w) for name, path in found.items()}
    assert set(errors) == set(texts)
    assert {name: error for name, error in errors.items() if not error <= TOLERANCE} == {}


@pytest.mark.parametrize("key", optimizers.REGISTRY)
def test_a_rule_that_leaves_something_open_says_how_it_is_found(key: str) -> None:
    """Else the NumPy program would use a name that nobody has given a value."""
    cls: Any = optimizers.REGISTRY[key]
    words = any(line.formula is None for line in rules.lines(cls))
    assert words == hasattr(cls, "program")
    assert any(line.target == "holds" for line in rules.lines(cls)) == hasattr(cls, "search")
    assert set(getattr(cls, "peers", {})) <= set(LIBRARIES)


@pytest.mark.parametrize(("library", "surface"), [("numpy", "rosenbrock"), ("optax", "booth"), ("torch", "elongated_quadratic"), ("numpy", "quartic")])
def test_a_notebook_is_valid_and_runs(library: Library, surface: str, tmp_path: Path) -> None:
    """By nbformat's own schema; its cells, one after another, give the path and draw it."""
    picture = run_of("adam", surface)
    read: Any = nbformat.reads(notebook(picture, 0, library, translator("ru")), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(read)
    assert read.cells[0].cell_type == "markdown" and "поверхност" in read.cells[0].source and r"\nabla" not in read.cells[1].source
    assert r"\hat {h} = \frac{h}{1 - \beta_1^{t}}" in read.cells[0].source and "surface=" + surface in read.cells[0].source
    code = [cell.source for cell in read.cells if cell.cell_type == "code"]
    found = executed({"cells": "import matplotlib; matplotlib.use('Agg')\n" + "\n".join(code)}, tmp_path)
    assert worst(found["cells"], picture.paths[0].w) <= TOLERANCE


def test_why_a_library_cannot() -> None:
    assert scripts.impossible(run_of("newton", "booth"), 0, "torch") == written.NO_PEER
    assert scripts.impossible(run_of("momentum_inner_rate", "booth"), 0, "torch") is None
    assert scripts.impossible(run_of("momentum_inner_rate", "booth", run1__schedule="cosine"), 0, "torch") == written.STEADY_PEER
    with pytest.raises(ValueError):
        scripts.script(run_of("newton", "booth"), 0, "torch")
