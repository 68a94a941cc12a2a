"""The flag that decides the speed of every run took effect, and its absence is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from optim_core import backend

ROOT = Path(__file__).parents[2]


def in_a_new_process(code: str, flags: str) -> str:
    """What `code` prints in a fresh interpreter that was given `flags`."""
    environment = {**os.environ, "XLA_FLAGS": flags, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.strip()


def test_loops_are_native() -> None:
    """In this process, configured by importing the core."""
    assert backend.loop_is_native()


@pytest.mark.parametrize(
    ("lose", "flags"),
    [("os.environ.pop('XLA_FLAGS')", ""), ("pass", "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=1")],
    ids=["flag removed", "threshold of one byte"],
)
def test_a_lost_flag_is_noticed(lose: str, flags: str) -> None:
    """XLA's own threshold and a tiny one both split the loop into separate calls."""
    assert in_a_new_process(f"import os, optim_core; {lose}; print(optim_core.backend.loop_is_native())", flags) == "False"


def test_flags_of_the_user_survive() -> None:
    """Ours is added to theirs, once."""
    code = "import os, optim_core; optim_core.backend.configure(); print(os.environ['XLA_FLAGS'])"
    flags = in_a_new_process(code, "--xla_force_host_platform_device_count=2").split()
    assert flags == ["--xla_force_host_platform_device_count=2", "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=1000000000"]


def test_double_precision() -> None:
    """float64 is on, and the tests run with strict promotion."""
    assert jax.numpy.zeros(1).dtype == "float64"
    assert jax.config.jax_numpy_dtype_promotion == "strict"
