"""How JAX is set up, and a check that the set-up took effect.

XLA's CPU compiler turns a loop into one native kernel only while the loop's buffers stay below a threshold (about 1 kB by default); past it every
operation of the body becomes a separate call and a recorded run is some twenty times slower. The threshold is raised here. The variable is read once,
when the backend initialises: setting it later is ignored without a word, which is why `loop_is_native` measures instead of trusting it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_THRESHOLD = "xla_cpu_small_while_loop_byte_threshold"
_LOOP_FLAG = f"--xla_backend_extra_options={_THRESHOLD}=1000000000"


def configure() -> None:
    """Ask XLA for native loops and JAX for float64. Harmless when called twice; keeps flags a user has set."""
    flags = os.environ.get("XLA_FLAGS", "")
    if _THRESHOLD not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {_LOOP_FLAG}".strip()
    import jax

    jax.config.update("jax_enable_x64", True)


def loop_is_native(*, limit_ns: float = 250.0, n_steps: int = 20_000) -> bool:
    """Time a recording loop, Adam on eight coordinates, and say whether XLA compiled it as one kernel.

    A native loop takes 40 to 60 ns a step, a loop of separate calls 450 and more. A smaller loop would not do: it is native without the flag.

    Args:
        limit_ns: nanoseconds a step that still count as native.
        n_steps: length of the timed loop.
    """
    import jax
    import jax.numpy as jnp

    def body(carry: tuple[jax.Array, ...], lr: jax.Array) -> tuple[tuple[jax.Array, ...], jax.Array]:
        w, mean, square, power = carry
        g = w**3 - w
        mean = 0.9 * mean + 0.1 * g
        square = 0.999 * square + 0.001 * g**2
        power = 0.999 * power
        rate = lr / (jnp.sqrt(square / (1.0 - power)) + 1e-8)
        following = w - rate * mean
        return (following, mean, square, power), jnp.concatenate([w, g, mean, square, power, rate])

    loop = jax.jit(lambda start, lrs: jax.lax.scan(body, start, lrs)[1])
    arguments = ((jnp.linspace(0.5, 2.0, 8), jnp.zeros(8), jnp.zeros(8), jnp.ones(1)), jnp.full(n_steps, 1e-3))
    jax.block_until_ready(loop(*arguments))
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        jax.block_until_ready(loop(*arguments))
        best = min(best, time.perf_counter() - begin)
    return best / n_steps * 1e9 < limit_ns


def bound(programs: Iterable[Any], most: int) -> None:
    """Forget the compiled programs of each jitted function that has more than `most`: one takes some 2.4 MiB, and those still in use come back."""
    for program in programs:
        if program._cache_size() > most:
            program.clear_cache()


def keep_compilations(folder: Path) -> None:
    """Let JAX keep compiled programs in `folder`, so that a restarted process skips XLA's part of the work."""
    import jax

    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
