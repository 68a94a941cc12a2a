"""What every test shares: float64 (set by importing the core), strict dtype promotion, and the same drawn examples in every run."""

import jax
import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import optim_core  # noqa: F401  (configures JAX before any test touches it)

jax.config.update("jax_numpy_dtype_promotion", "strict")

# A change is judged by what it does, not by the luck of the draw; `make fuzz` draws new examples.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

IN_CHROMIUM = ("tests/browser/", "tests/live/")
LONG = (
    "tests/optim_core/test_optimizers.py",
    "tests/optim_core/test_networks.py",
    "tests/pages/test_pages.py",
    "tests/pages/test_training_page.py",
    "tests/pages/test_race_page.py",
    "tests/optim_core/test_conditions.py",
    "tests/optim_core/test_formula_machine.py",
    "tests/lab/test_learning_scripts.py",
    "tests/lab/test_learning_scenes.py",
    "tests/lab/test_export_scripts.py",
    "tests/lab/test_lessons.py",
    "tests/surfaces/",
)
"""Files of more than 20 s. A name that is wrong costs some seconds of waiting at the end, nothing else."""


class ByFile(LoadScopeScheduling):
    """With several workers, one of them has the browser to itself, and a file stays with one: what it compiled is compiled, what it opened stays open.

    The marker `xdist_group` is not asked: the present xdist notes a group where the present pytest does not look, and tests are dealt out one by one.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "chromium" if nodeid.startswith(IN_CHROMIUM) else nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests first, then the long files: a long one dealt out last would leave the other worker without work."""
    items.sort(key=lambda item: 0 if item.nodeid.startswith(IN_CHROMIUM) else 1 if item.nodeid.startswith(LONG) else 2)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Files are dealt out in the order in which their tests stand, not by how many they hold."""
    config.option.loadscopereorder = False
    return ByFile(config, log)
