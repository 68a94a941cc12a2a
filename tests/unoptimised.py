"""Programs of trainings for tests that run each of them for some milliseconds: most of their time would go into optimising."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import jax
import pytest

from optim_core.networks import record, training


@contextmanager
def unoptimised() -> Iterator[None]:
    """Meanwhile XLA compiles the programs of trainings with hardly any optimisation; their results are the same up to rounding."""
    jax.config.update("jax_disable_most_optimizations", True)
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((training, "_chunk"), (training, "evaluate"), (record, "evaluate")):
            patch.setattr(module, name, jax.jit(getattr(module, name).__wrapped__))
        yield
    jax.config.update("jax_disable_most_optimizations", False)
