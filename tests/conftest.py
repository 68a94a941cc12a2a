"""What every test shares: float64 (set by importing the core), strict dtype promotion, and the same drawn examples in every run."""

from pathlib import Path

import jax
import pytest
from hypothesis import settings

import optim_core  # noqa: F401  (configures JAX before any test touches it)

jax.config.update("jax_numpy_dtype_promotion", "strict")

# A change is judged by what it does, not by the luck of the draw; `make fuzz` draws new examples.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

IN_CHROMIUM = ("browser", "live", "lab/test_export.py", "lab/test_export_command.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers, one of them has the browser to itself, and a file stays with one: what it compiled is compiled."""
    for item in items:
        file = item.path.relative_to(Path(__file__).parent).as_posix()
        item.add_marker(pytest.mark.xdist_group("chromium" if file.startswith(IN_CHROMIUM) else file))
