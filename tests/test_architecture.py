"""The rules of the house, read from the syntax trees: who imports whom, how long a module is, what is never written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Each imports only itself and what stands before it. A package's `__main__.py` is a command that nobody imports, so it closes no circle: wherever it lies, it
# may use whatever lab may, such as the reading of links.
LAYERS = ("optim_core", "surfaces", "lab", "pages", "app")
OUTSIDE = ("tests", "benchmarks")  # imported by nobody in the house
BANNED = {  # a module, or everything inside a package: what it never imports
    "optim_core": ("streamlit", "plotly"),
    "lab.experiment": ("streamlit",),
    "lab.export": ("streamlit",),
    "lab.figures": ("streamlit", "jax", "jaxlib"),
}


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    """Dotted name and file of every module of the house and of the benchmarks."""
    for top in (*LAYERS, "benchmarks"):
        files = [root / f"{top}.py"] if (root / f"{top}.py").exists() else sorted((root / top).rglob("*.py"))
        for file in files:
            parts = file.relative_to(root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def imports(tree: ast.AST, name: str, is_package: bool) -> set[str]:
    """Dotted names of all that a module imports, wherever the statement stands; relative ones resolved."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = name.split(".")[: len(name.split(".")) + is_package - node.level] if node.level else []
            source = ".".join([*parents, *([node.module] if node.module else [])])
            found |= {source} | {f"{source}.{alias.name}" for alias in node.names}
    return found


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def is_command(name: str) -> bool:
    return name.endswith(".__main__")


def import_breaches(name: str, imported: set[str]) -> Iterator[str]:
    """What is wrong with the imports of one module."""
    top = name.split(".")[0]
    if top in LAYERS:
        rank = LAYERS.index(top) if not is_command(name) else max(LAYERS.index(top), LAYERS.index("lab"))
        forbidden = [*LAYERS[rank + 1 :], *OUTSIDE]
        if top == "pages":
            forbidden.append("pages")
        for package, extra in BANNED.items():
            forbidden += extra if inside(name, package) else ()
        yield from (f"{name} imports {other}" for other in sorted(imported) for package in forbidden if inside(other, package))
        yield from (f"{name} imports the command {other}" for other in sorted(imported) if is_command(other))


def is_blind(handler: ast.ExceptHandler) -> bool:
    """`except:`, or one that catches every Exception, unless it ends in raising again."""
    if isinstance(handler.body[-1], ast.Raise):
        return False
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException")) for kind in kinds)


def is_execution(node: ast.AST) -> bool:
    """`eval` or `exec` of Python, called or passed on; a method of that name (a dialog's, a parser's) is another thing."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("eval", "exec") and isinstance(node.value, ast.Name) and node.value.id in ("builtins", "__builtins__")
    return isinstance(node, ast.Name) and node.id in ("eval", "exec")


def is_translation(node: ast.AST) -> bool:
    """A call that translates a text written there."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_") and isinstance(node.args[0], ast.Constant)


def text_breaches(name: str, text: str, tree: ast.AST) -> Iterator[str]:
    """What is wrong with the length and the statements of one module."""
    limit = {"app": 40, "pages": 120}.get(name.split(".")[0], 300)
    length = len(text.splitlines())
    if length > limit:
        yield f"{name} has {length} lines, {limit} are allowed"
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and is_blind(node):
            yield f"{name}:{node.lineno} catches everything"
        if isinstance(node, ast.JoinedStr) and any(is_translation(part) for part in ast.walk(node)):
            yield f"{name}:{node.lineno} translates inside an f-string, where the catalogue's tools see nothing"
        if is_execution(node):
            yield f"{name}:{node.lineno} executes text"


def breaches(root: Path) -> list[str]:
    """All that is wrong under `root`."""
    found = []
    for name, file in modules(root):
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        found += import_breaches(name, imports(tree, name, file.name == "__init__.py"))
        found += text_breaches(name, text, tree)
    return found


def test_the_house_keeps_its_rules() -> None:
    """Every module of this checkout."""
    assert breaches(ROOT) == []


def test_the_walk_finds_the_house() -> None:
    """Else the test above would be empty."""
    names = {name for name, _ in modules(ROOT)}
    assert {"optim_core", "optim_core.trajectory", "optim_core.optimizers.adam", "surfaces.rosenbrock", "benchmarks.core"} <= names


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("optim_core/x.py", "import surfaces"),
        ("optim_core/x.py", "def f():\n    from surfaces.rosenbrock import Rosenbrock"),
        ("optim_core/x.py", "import plotly.graph_objects as go"),
        ("optim_core/deep/x.py", "import streamlit as st"),
        ("pages/deep/a.py", "from .. import b"),
        ("surfaces/x.py", "from lab import compute"),
        ("lab/x.py", "import pages.maps"),
        ("lab/x.py", "from tests.optim_core import optimizer_judges"),
        ("lab/experiment.py", "import streamlit"),
        ("lab/experiment.py", "from streamlit import session_state"),
        ("lab/export/numbers.py", "import streamlit"),
        ("lab/figures/x.py", "import streamlit"),
        ("lab/figures/__init__.py", "import jax.numpy as jnp"),
        ("lab/figures.py", "from jax import Array"),
        ("optim_core/x/__main__.py", "from pages import maps"),
        ("optim_core/x/__main__.py", "import streamlit"),
        ("optim_core/x/main.py", "from lab.experiment import Experiment"),
        ("lab/x.py", "from lab.export import __main__"),
        ("pages/a.py", "import optim_core.sweep.__main__"),
        ("pages/a.py", "import pages.b"),
        ("pages/a.py", "from pages import b"),
        ("pages/a.py", "from . import b"),
        ("pages/a.py", "from .b import c"),
        ("pages/a.py", "import app"),
        ("surfaces/x.py", "\n" * 301),
        ("benchmarks/x.py", "\n" * 301),
        ("pages/x.py", "\n" * 121),
        ("app.py", "\n" * 41),
        ("lab/x.py", "try:\n    pass\nexcept:\n    pass"),
        ("lab/x.py", "try:\n    pass\nexcept Exception:\n    pass"),
        ("lab/x.py", "try:\n    pass\nexcept (ValueError, BaseException) as error:\n    print(error)"),
        ("surfaces/x.py", "eval('1')"),
        ("surfaces/x.py", "run = exec"),
        ("surfaces/x.py", "import builtins\nbuiltins.eval('1')"),
    ],
)
def test_a_breach_is_found(tmp_path: Path, file: str, text: str) -> None:
    """One breach a file, in a tree of its own."""
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert breaches(tmp_path)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("optim_core/x.py", "import jax\nfrom optim_core import types\nfrom . import hyper\nfrom .types import Step"),
        ("optim_core/x/__main__.py", "import surfaces\nfrom lab.experiment import Experiment\nfrom optim_core.x import y"),
        ("surfaces/x.py", "import optim_core\nfrom surfaces._surface import Domain"),
        ("lab/compute.py", "import streamlit, jax, surfaces, optim_core\nfrom lab import experiment"),
        ("lab/figures/x.py", "import plotly\nfrom lab.figures import y"),
        ("lab/figures_of_speech.py", "import streamlit"),
        ("pages/a.py", "import streamlit\nfrom lab import session, widgets\nimport surfaces"),
        ("app.py", "import pages.maps\nfrom lab import navigation"),
        ("pages/x.py", "\n" * 120),
        ("lab/x.py", "try:\n    pass\nexcept (ValueError, KeyError):\n    pass\nmodel.eval()"),
        ("lab/x.py", "try:\n    pass\nexcept BaseException:\n    print()\n    raise"),
    ],
)
def test_what_is_allowed(tmp_path: Path, file: str, text: str) -> None:
    """The rules forbid no more than they say."""
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert breaches(tmp_path) == []
