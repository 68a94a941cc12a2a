"""Discovery: a new file appears by itself, and a malformed one is loud."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from optim_core import optimizers, simulate
from optim_core.registry import discover, key_of
from surfaces import REGISTRY as SURFACES

SPEC = '''
from optim_core.hyper import hyper, spec

@spec
class {name}:
    """A thing."""

    title = "thing"
    rate: float = hyper(0.5, 0.0, 1.0, symbol="r", title="rate", help="It does.")
'''

TOY = '''"""Half the step of gradient descent."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from optim_core.hyper import hyper, spec
from optim_core.types import Step


class State(NamedTuple):
    """Steps so far."""

    count: jax.Array


@spec
class Toy:
    """w ← w − share η g."""

    title: ClassVar[str] = "Toy"
    family: ClassVar[str] = "gradient"
    rows: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[tuple[str, ...]] = ("w = w_old - share * eta * g",)
    symbols: ClassVar[dict[str, str]] = {}
    scale_free: ClassVar[bool] = False

    share: float = hyper(0.5, 0.0, 1.0, symbol="s", title="share", help="Share of the step.")

    def init(self, w):
        return State(jnp.zeros((), w.dtype))

    def step(self, oracle, w, state, lr, t):
        g = oracle(w)
        update = -self.share * lr * g
        return w + update, State(state.count + 1.0), Step(w, g, update, jnp.full_like(w, self.share * lr))

    def lr_bound(self, curvature):
        return 2.0 / (self.share * curvature)
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ModuleType]]:
    """Writes a package of the given files and imports it; forgets it afterwards."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(**files: str) -> ModuleType:
        folder = tmp_path / "temporary_package"
        folder.mkdir()
        for name, text in {"__init__": "", **files}.items():
            (folder / f"{name}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module("temporary_package")

    yield make
    for name in [name for name in sys.modules if name.split(".")[0] in ("temporary_package", "temporary_optimizers")]:
        del sys.modules[name]


def test_files_become_keys(package: Callable[..., ModuleType]) -> None:
    """Sorted, read-only, helpers left out; what a module imports is not what it defines."""
    two = SPEC.format(name="Two") + "\nfrom temporary_package.one import One\n"
    found = discover(package(two=two, one=SPEC.format(name="One"), _helper="x = 1"), requires=("title",))
    assert list(found) == ["one", "two"] and found["two"].__name__ == "Two"
    with pytest.raises(TypeError):
        found["three"] = found["one"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", r"temporary_package\.bad must define exactly one public @spec class, found 0"),
        (SPEC.format(name="_Hidden"), r"found 0"),
        (SPEC.replace("@spec", "").format(name="Plain"), r"found 0"),
        (SPEC.format(name="One") + SPEC.format(name="Two"), r"found 2"),
        (SPEC.replace('title = "thing"', "").format(name="Untitled"), r"temporary_package\.bad\.Untitled lacks title$"),
    ],
    ids=["no class", "private class", "no spec", "two specs", "attribute missing"],
)
def test_a_malformed_file_is_loud(package: Callable[..., ModuleType], text: str, message: str) -> None:
    """Beside a good file, so that nothing is skipped in silence."""
    bad = package(bad=text, good=SPEC.format(name="Good"))
    with pytest.raises(TypeError, match=message):
        discover(bad, requires=("title",))


def test_a_missing_docstring_is_loud(package: Callable[..., ModuleType]) -> None:
    """A class must say what it is in its own words, not in those that `dataclass` makes up."""
    bad = package(bad=SPEC.replace('"""A thing."""', "").format(name="Silent"))
    with pytest.raises(TypeError, match="Silent has no docstring"):
        discover(bad, requires=("title",))


def test_an_error_in_a_file_is_not_swallowed(package: Callable[..., ModuleType]) -> None:
    """It comes through as it is."""
    with pytest.raises(ZeroDivisionError):
        discover(package(bad="1 / 0"), requires=())


def test_key_of() -> None:
    """The way back, for every optimizer; strangers have no key."""
    assert [key_of(optimizers.REGISTRY, cls()) for cls in optimizers.REGISTRY.values()] == list(optimizers.REGISTRY)
    with pytest.raises(KeyError, match="Rosenbrock is not in the registry"):
        key_of(optimizers.REGISTRY, SURFACES["rosenbrock"]())


def test_a_new_optimizer_is_one_file(tmp_path: Path, package: Callable[..., ModuleType]) -> None:
    """A file in a copy of the package appears in its registry and runs."""
    folder = tmp_path / "temporary_optimizers"
    shutil.copytree(Path(optimizers.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "toy.py").write_text(TOY, encoding="utf-8")
    importlib.invalidate_caches()
    registry = importlib.import_module("temporary_optimizers").REGISTRY
    assert set(registry) == {*optimizers.REGISTRY, "toy"}
    quadratic = SURFACES["elongated_quadratic"]()
    toy = simulate(registry["toy"](), quadratic, (-5.0, -2.0), 0.2, 20)
    judge = simulate(optimizers.REGISTRY["gradient_descent"](), quadratic, (-5.0, -2.0), 0.1, 20)
    assert np.allclose(toy.w, judge.w, rtol=1e-13, atol=0)
    assert np.array_equal(toy.state.count, np.arange(21.0))
