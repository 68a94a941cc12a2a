"""Where things stand in the picture: on a map at w itself; on a curve of one parameter at (w, L(w))."""

from __future__ import annotations

import numpy as np

from optim_core.types import Trajectory


def in_plane(w: np.ndarray, loss: np.ndarray) -> np.ndarray:
    """Points as they are drawn.

    Args:
        w: `(…, 2)`, or `(…, 1)` for a curve.
        loss: the loss at each, `(…)`.

    Returns:
        `(…, 2)`.
    """
    return w if w.shape[-1] == 2 else np.stack([w[..., 0], loss], axis=-1)


def drawn_points(path: Trajectory) -> np.ndarray:
    """The points of a run as they are drawn, `(T+1, 2)`."""
    return in_plane(path.w, path.loss)
