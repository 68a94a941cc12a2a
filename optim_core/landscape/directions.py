"""Planes through the weights of a network, and the directions that span them.

    w = c + a₁ d₁ + a₂ d₂

- a path's own plane: the two leading principal directions of  w_t − w_T  (Li et al. 2018): no plane through w_T holds more of the path;
- random directions, whole or filter-normalised (Li et al. 2018):  d_j ← d_j ‖w_j‖/‖d_j‖  for the weights w_j that come into each neuron j, 0 for biases
  and the numbers of a norm, so that a step of 1 is as long for every neuron as its own weights;
- from the first weights to the last (Goodfellow et al. 2015), with the direction in which the path leaves that line the most;
- between two trainings, with the direction towards where the first began;
- two single weights;
- the two leading eigenvectors of the Hessian, see `curvature`.

Source: lecture row A15.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from optim_core.networks.architecture import Network

Kind = Literal["path", "filters", "random", "hessian", "line", "between", "weights"]
KINDS: tuple[Kind, ...] = ("path", "filters", "random", "hessian", "line", "between", "weights")


class Plane(NamedTuple):
    """A plane through weights.

    Attributes:
        kind: how it was chosen.
        centre: c, `(P,)`.
        directions: d₁ and d₂, `(2, P)`: of length 1 and at right angles, but for random ones, which are as long as the weights.
    """

    kind: Kind
    centre: np.ndarray
    directions: np.ndarray


def random_plane(network: Network, centre: np.ndarray, seed: int, *, filters: bool) -> Plane:
    """Two Gaussian directions.

    Args:
        network: whose weights.
        centre: `(P,)`.
        seed: ≥ 0; the same for networks of one shape.
        filters: each neuron's part as long as its weights; else each whole direction as long as all weights.
    """
    drawn = np.random.default_rng(seed).normal(size=(2, network.size))
    if not filters:
        return Plane("random", centre, drawn * (np.linalg.norm(centre) or 1.0) / np.linalg.norm(drawn, axis=1, keepdims=True))
    scaled = np.zeros_like(drawn)
    for part in network.parts:
        if part.name == "W":
            own = np.linalg.norm(centre[part.where].reshape(part.shape), axis=0)
            for row, direction in enumerate(drawn):
                block = direction[part.where].reshape(part.shape)
                scaled[row, part.where] = (block * (own / np.linalg.norm(block, axis=0))).ravel()
    return Plane("filters", centre, scaled)


def path_plane(centre: np.ndarray, paths: np.ndarray) -> Plane:
    """The plane through `centre` that holds the most of some points; the first of them lies at the left and below.

    Args:
        centre: `(P,)`.
        paths: weights of one or several trainings, `(F, P)`, the first weights of the first one before all others.
    """
    directions = _leading(paths - centre, 2)
    ahead = directions @ (paths[0] - centre) > 0.0
    return Plane("path", centre, np.where(ahead[:, None], -directions, directions))


def line_plane(centre: np.ndarray, other: np.ndarray, paths: np.ndarray) -> Plane:
    """The plane through two points in which some more points leave their line the most.

    Args:
        centre: where the coordinates are 0, such as the last weights, `(P,)`.
        other: such as the first weights; it lies at (−‖other − centre‖, 0), so that training runs to the right, `(P,)`.
        paths: `(F, P)`.
    """
    return Plane("line", centre, _through(centre, other, paths - centre, -1.0))


def between_plane(centre: np.ndarray, other: np.ndarray, third: np.ndarray) -> Plane:
    """The plane through three points: two trainings' last weights, and where the first began.

    Args:
        centre: the first training's last weights, `(P,)`.
        other: the second's; it lies at (‖other − centre‖, 0), `(P,)`.
        third: it gives the second direction, `(P,)`.
    """
    return Plane("between", centre, _through(centre, other, (third - centre)[None], 1.0))


def coordinate_plane(centre: np.ndarray, first: int, second: int) -> Plane:
    """Two single parameters.

    Args:
        centre: `(P,)`.
        first, second: their places in the flat vector.

    Raises:
        ValueError: they are the same, or not there.
    """
    if first == second or not (0 <= first < len(centre) and 0 <= second < len(centre)):
        raise ValueError(f"parameters {first!r} and {second!r} are not two of {len(centre)}")
    directions = np.zeros((2, len(centre)))
    directions[0, first] = directions[1, second] = 1.0
    return Plane("weights", centre, directions)


def _through(centre: np.ndarray, other: np.ndarray, rest: np.ndarray, sign: float) -> np.ndarray:
    """The unit vector along a line and the leading one of what leaves it."""
    along = sign * (other - centre)
    length = np.linalg.norm(along)
    first = along / length if length > 0.0 else _leading(rest, 1)[0]
    beside = rest - np.outer(rest @ first, first)
    if np.linalg.norm(beside) <= 1e-9 * float(np.linalg.norm(rest)):  # all of it lies on the line: any direction at right angles will do
        beside = _leading(np.zeros_like(rest), 2)
        beside = beside - np.outer(beside @ first, first)
    return np.stack([first, _leading(beside, 1)[0]])


def _leading(rows: np.ndarray, count: int) -> np.ndarray:
    """The leading right singular vectors, `(count, P)`, upright; of what is all zeros, unit vectors."""
    size = rows.shape[1]
    padded = rows if len(rows) >= count else np.vstack([rows, np.zeros((count - len(rows), size))])
    scale = np.abs(padded).max() or 1.0
    vectors = np.linalg.svd(padded / scale, full_matrices=False)[2][:count]
    return upright(vectors if len(vectors) == count else np.eye(count, size))


def upright(vectors: np.ndarray) -> np.ndarray:
    """Directions, `(k, P)`, each with its largest entry positive: what is known but for its sign does not flip."""
    signs = np.sign(vectors[np.arange(len(vectors)), np.abs(vectors).argmax(axis=1)])
    return np.asarray(vectors * np.where(signs == 0.0, 1.0, signs)[:, None])
