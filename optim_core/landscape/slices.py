"""Slices: the loss and the accuracy of a network at  w = c + Σₖ aₖ dₖ  for many coefficients a, exact at c.

`c` are weights (a training's last), `d` one or more directions. Batch norm stands in the way of an innocent slice: what the network says depends on statistics
that belong to a training, not to the weights. In the mode "running" every point is judged by the running statistics of `c`, as at test; in the mode "batch"
by those of the objects themselves, as in a step. Penalties and dropout are left out, as in `Training.train_loss`.

A few points at a time are computed together (`jax.vmap`), so that memory stays bounded; a call takes `CALL` such chunks, and the calls are shared out over the
devices as those of a sweep are.

Source: Goodfellow, Vinyals, Saxe 2015 (lines); Li, Xu, Taylor, Studer, Goldstein 2018 (planes); lecture row A15.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from optim_core.backend import bound
from optim_core.networks.architecture import Network
from optim_core.networks.forward import Batch, forward, mean_loss
from optim_core.networks.losses import correct
from optim_core.networks.training import MAX_PROGRAMS
from optim_core.sweep import devices

Mode = Literal["running", "batch"]
MODES: tuple[Mode, ...] = ("running", "batch")
ROOM = 2**18
"""Values of a layer that a chunk of points may hold."""
MOST = 32
"""Points of a chunk at most."""
CALL = 14
"""Chunks of a call: a slice of 21 × 21 is one, of 51 × 51 six."""
ROWS = 20
"""Weights of a path that are judged in a call."""
FEW = 128
"""Points, such as those of a line or a path, that are judged one after another: a call of chunks is as long for them as for many."""
Tell = Callable[[int, int], None]


class Ground(NamedTuple):
    """The loss that is looked at.

    Attributes:
        network: its shape.
        x, y: the objects it learns from as rows, `(n, d)`, and their targets, `(n,)`.
        valid_x, valid_y: those it is judged by.
        mode: what batch norm goes by: "running", the statistics of a training, or "batch", those of the objects themselves.
        l1, l2: λ₁ and λ₂ of the penalties, which only what the optimizer sees has: curvature and gradients, no slice.
    """

    network: Network
    x: np.ndarray
    y: np.ndarray
    valid_x: np.ndarray
    valid_y: np.ndarray
    mode: Mode = "running"
    l1: float = 0.0
    l2: float = 0.0


class Heights(NamedTuple):
    """Loss and accuracy at some points; all four arrays have one shape. True numbers, up to inf and nan.

    Attributes:
        loss, valid_loss: of the objects to learn from and to be judged by.
        accuracy, valid_accuracy: shares of objects whose class is right; nan for regression.
    """

    loss: np.ndarray
    valid_loss: np.ndarray
    accuracy: np.ndarray
    valid_accuracy: np.ndarray

    def reshaped(self, *shape: int) -> Heights:
        """The same numbers in another shape."""
        return Heights(*(values.reshape(shape) for values in self))


def axis(low: float, high: float, cells: int) -> np.ndarray:
    """Places from about `low` to about `high`, evenly apart, of which one is 0 exactly.

    Args:
        low, high: the ends, low ≤ 0 ≤ high.
        cells: how many places, ≥ 3.

    Returns:
        `(cells,)`, moved by less than half a step where that puts one of them on 0.

    Raises:
        ValueError: 0 does not lie between the ends.
    """
    if not low <= 0.0 <= high or not low < high or cells < 3:
        raise ValueError(f"an axis from {low!r} to {high!r} of {cells!r} places; it must hold 0 and have at least 3")
    step = (high - low) / (cells - 1)
    return (np.arange(cells) - round(-low / step)) * step


def heights(
    ground: Ground, centre: np.ndarray, stats: np.ndarray, directions: np.ndarray, at: np.ndarray, tell: Tell | None = None, mesh: Mesh | None = None
) -> Heights:
    """Loss and accuracy at c + Σₖ aₖ dₖ.

    Args:
        ground: the loss.
        centre: c, `(P,)`.
        stats: the running statistics that the mode "running" goes by, `(S,)`.
        directions: d, `(k, P)`.
        at: the coefficients a of every point, `(m, k)`.
        tell: told points done and to do; what it raises ends the work.
        mesh: the devices to use; all of JAX's if None.

    Returns:
        Of every point, `(m,)` each.

    Raises:
        ValueError: shapes do not fit.
    """
    network = ground.network
    if centre.shape != (network.size,) or directions.ndim != 2 or directions.shape[1] != network.size or at.shape[1:] != directions.shape[:1]:
        raise ValueError(f"centre {centre.shape}, directions {directions.shape} and at {at.shape} do not fit {network.size} parameters")
    if len(at) <= FEW:
        return true_heights(ground, centre + at @ directions, np.repeat(stats[None], len(at), axis=0))
    mesh = devices.mesh() if mesh is None else mesh
    chunk = _chunk(network, len(ground.x) + len(ground.valid_x))
    size = chunk * CALL * mesh.size
    run = _program(mesh, ground.mode == "batch")
    bound((run,), MAX_PROGRAMS)
    sides = tuple((x.T.copy(), y.astype(np.float64)) for x, y in ((ground.x, ground.y), (ground.valid_x, ground.valid_y)))
    shared = devices.spread(mesh, (network, centre.astype(np.float64), stats.astype(np.float64), directions.astype(np.float64), sides), PartitionSpec())
    firsts = range(0, len(at), size)

    def piece(first: int) -> np.ndarray:
        points = np.zeros((size, at.shape[1]))
        points[: len(at) - first] = at[first : first + size]
        laid = devices.spread(mesh, points.reshape(-1, chunk, at.shape[1]), PartitionSpec(devices.AXIS))
        return np.asarray(devices.gathered(run(laid, shared)))

    parts: list[np.ndarray] = []
    with ThreadPoolExecutor(min(devices.hands(mesh), max(len(firsts), 1)), thread_name_prefix="slice") as pool:
        try:
            for part in pool.map(piece, firsts):
                parts.append(part)
                if tell is not None:
                    tell(min(len(parts) * size, len(at)), len(at))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # what has begun ends; nothing else begins
            raise
    return Heights(*np.concatenate(parts).reshape(-1, 4)[: len(at)].T.copy())


def true_heights(ground: Ground, w: np.ndarray, stats: np.ndarray) -> Heights:
    """Loss and accuracy at weights themselves, each judged by its own running statistics or, in the mode "batch", by its objects.

    Args:
        ground: the loss.
        w: `(F, P)`.
        stats: `(F, S)`.
    """
    bound((_rows,), MAX_PROGRAMS)
    if not len(w):
        return Heights(*np.zeros((4, 0)))
    count = -(-len(w) // ROWS) * ROWS
    padded = [np.concatenate([values, np.repeat(values[-1:], count - len(w), axis=0)]).astype(np.float64) for values in (w, stats)]
    sides = tuple((x.T.copy(), y.astype(np.float64)) for x, y in ((ground.x, ground.y), (ground.valid_x, ground.valid_y)))
    made = [np.asarray(_rows(ground.network, *(values[at : at + ROWS] for values in padded), sides, ground.mode == "batch")) for at in range(0, count, ROWS)]
    return Heights(*np.concatenate(made)[: len(w)].T.copy())


def slope(ground: Ground, w: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """∇L of the loss that slices show, on the objects to learn from.

    Args:
        ground: the loss.
        w: `(P,)`.
        stats: the running statistics that the mode "running" goes by, `(S,)`.
    """
    bound((_slope,), MAX_PROGRAMS)
    return np.asarray(_slope(ground.network, w, stats, (ground.x.T.copy(), ground.y.astype(np.float64)), ground.mode == "batch"))


def _chunk(network: Network, n: int) -> int:
    """Points that are computed together: a power of two, so that few programs are needed."""
    widest = max([network.inputs, network.outputs, *network.channels])
    fits = max(ROOM // (n * widest), 1)
    return int(min(1 << (fits.bit_length() - 1), MOST))


@functools.cache
def _program(mesh: Mesh, batch_mode: bool) -> Any:
    """The compiled slice on these devices: points `(chunks, chunk, k)` → `(chunks, chunk, 4)`."""
    shared, own = PartitionSpec(), PartitionSpec(devices.AXIS)

    def run(points: jax.Array, held: tuple[Any, ...]) -> jax.Array:
        network, centre, stats, directions, sides = held

        def one(at: jax.Array) -> jax.Array:
            w = centre + at @ directions
            return _judged(network, w, stats, sides, batch_mode)

        made: jax.Array = jax.lax.map(jax.vmap(one), points)
        return made

    return jax.jit(jax.shard_map(run, mesh=mesh, in_specs=(own, shared), out_specs=own, check_vma=False))


@functools.partial(jax.jit, static_argnums=4)
def _rows(network: Network, w: jax.Array, stats: jax.Array, sides: Any, batch_mode: bool) -> jax.Array:
    """Weights with statistics of their own, `(ROWS, P)` and `(ROWS, S)` → `(ROWS, 4)`."""
    made: jax.Array = jax.lax.map(lambda row: _judged(network, row[0], row[1], sides, batch_mode), (w, stats))
    return made


@functools.partial(jax.jit, static_argnums=4)
def _slope(network: Network, w: jax.Array, stats: jax.Array, side: tuple[jax.Array, jax.Array], batch_mode: bool) -> jax.Array:
    batch = Batch(*side)

    def loss(w: jax.Array) -> jax.Array:
        return mean_loss(network, forward(network, w, stats, batch, training=batch_mode and network.norm == "batch").values, batch)

    found: jax.Array = jax.grad(loss)(w)
    return found


def _judged(network: Network, w: jax.Array, stats: jax.Array, sides: Any, batch_mode: bool) -> jax.Array:
    """The four `Heights` of some weights."""
    told = []
    for x, y in sides:
        values = forward(network, w, stats, Batch(x, y), training=batch_mode and network.norm == "batch").values
        told.append((mean_loss(network, values, Batch(x, y)), jnp.mean(correct(network, values, y))))
    (loss, accuracy), (valid_loss, valid_accuracy) = told
    return jnp.stack([loss, valid_loss, accuracy, valid_accuracy])
