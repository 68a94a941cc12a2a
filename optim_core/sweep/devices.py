"""The devices a sweep runs on: whatever JAX has, one axis of them.

One CPU, several virtual ones (XLA's flag `--xla_force_host_platform_device_count`), GPUs, or those of several processes after `jax.distributed.initialize`:
JAX does the scheduling, nothing here does. Each device computes its own cells and none waits for another until the results are gathered.
"""

from __future__ import annotations

import os
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

AXIS = "cells"


def mesh(count: int | None = None) -> Mesh:
    """A row of devices, those of all processes.

    Args:
        count: take only so many of them, the first; all if None.

    Raises:
        ValueError: there are not so many.
    """
    found = jax.devices()
    if count is not None and not 1 <= count <= len(found):
        raise ValueError(f"count = {count} is not in [1, {len(found)}], the devices there are")
    return Mesh(np.array(found[:count]), (AXIS,))


def hands(mesh: Mesh) -> int:
    """How many pieces may be computed at a time: a lone CPU device works in the thread that calls it, so there may be one for each core; elsewhere
    the devices share the work already, and processes must call in the same order."""
    alone = mesh.size == 1 and jax.process_count() == 1 and jax.default_backend() == "cpu"
    if not alone:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(mesh: Mesh, tree: Any, axes: Any) -> Any:
    """Host arrays laid out on the devices; with a single process jit does it by itself.

    Args:
        mesh: the devices.
        tree: a pytree of NumPy arrays, the same in every process.
        axes: its `PartitionSpec`, or a prefix tree of them.
    """
    if jax.process_count() == 1:
        return tree

    def laid(spec: PartitionSpec, part: Any) -> Any:
        def one(value: Any) -> jax.Array:
            host = np.asarray(value)
            return jax.make_array_from_callback(host.shape, NamedSharding(mesh, spec), lambda index: host[index])

        return jax.tree.map(one, part)

    return jax.tree.map(laid, axes, tree, is_leaf=lambda node: isinstance(node, PartitionSpec))


def gathered(tree: Any) -> Any:
    """The arrays of all devices as NumPy arrays, whole in every process."""
    if jax.process_count() == 1:
        return jax.tree.map(np.asarray, tree)
    return multihost_utils.process_allgather(tree, tiled=True)


def leads() -> bool:
    """Whether this is the first process, which alone writes and speaks."""
    return jax.process_index() == 0


def agreed(values: np.ndarray) -> np.ndarray:
    """What the first process has, in all of them."""
    return values if jax.process_count() == 1 else np.asarray(multihost_utils.broadcast_one_to_all(values))
