"""Which objects a step sees: full batch, mini-batch, single objects; epochs and iterations.

    n objects in batches of b:  k = ⌈n/b⌉ iterations an epoch        (lecture rows A8, B6, D2; 100 objects: full 1, batches of 10: 10, single: 100)

Without replacement the objects are shuffled anew each epoch, and the last batch of an epoch may be short; it is filled up and masked, so that all steps have
one shape. NumPy draws: the batches of a seed are the same for every number of epochs.
"""

from __future__ import annotations

import numpy as np


def per_epoch(n: int, batch: int) -> int:
    """k, the iterations in an epoch of `n` objects; a batch of 0, or of at least n, is all of them."""
    return 1 if batch == 0 or batch >= n else -(-n // batch)


def batches(n: int, batch: int, epochs: int, seed: int | tuple[int, ...], *, replace: bool = False) -> tuple[np.ndarray, np.ndarray] | None:
    """The objects of every step, and which of them count.

    Args:
        n: objects to learn from.
        batch: b, 1 to n.
        epochs: how many.
        seed: the same draws the same.
        replace: each batch is drawn by itself from all objects.

    Returns:
        Indices and mask, both `(epochs·k, b)`; None for the full batch, which needs neither.
    """
    k = per_epoch(n, batch)
    if k == 1:
        return None
    rng = np.random.default_rng(seed)
    if replace:
        return np.stack([rng.integers(0, n, (k, batch)) for _ in range(epochs)]).reshape(-1, batch).astype(np.int32), np.ones((epochs * k, batch))
    order = np.zeros((epochs, k * batch), np.int32)
    for row in order:
        row[:n] = rng.permutation(n)
    mask = np.zeros((epochs, k * batch))
    mask[:, :n] = 1.0
    return order.reshape(-1, batch), mask.reshape(-1, batch)
