"""A landscape as a thing: a closed body that a printer makes (STL), and a coloured surface with the paths on it for viewers and slides (glTF).

The heights are the picture's: the loss, or its logarithm where the picture's axis is logarithmic. All landscapes of a survey have one scale and one floor, so
that bodies which stand side by side can be compared. Each cell of the grid is two triangles, cut from its lower left to its upper right corner.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lab.export.landscape.laid import laid
from lab.export.landscape.scene_file import Shape, glb, rgb
from lab.export.numbers import origin
from lab.figures.landscape.drawing import shown
from lab.figures.landscape.scale import scale_of
from lab.figures.learning.looks import looks
from lab.figures.style import PALETTES, Theme
from lab.slice_types import Survey
from lab.study import LETTERS
from optim_core.hyper import N_

NOT_FINITE = N_("Somewhere this landscape's height is not a number or infinite: a body with a hole cannot be printed. Choose a smaller reach.")
NOTHING = N_("This landscape's height is nowhere a number.")
LIFT = 0.02
"""How far above the surface the paths run, as a share of its height."""
EASE = 0.4
"""Height of a surface to look at, as a share of its longer side."""


class NoSolid(ValueError):
    """A landscape has no body. Its text is a marked message: whoever shows it translates it."""


class Terrain(NamedTuple):
    """A landscape to scale.

    Attributes:
        x, y: of columns and rows, from 0, in units of the longer side, `(m,)` each.
        z: from 0, the lower end of the picture's scale, to 1, the upper one, `(m, m)`; nan where there is no height.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray


def stl(survey: Survey, index: int, width: float = 100.0, height: float = 30.0, base: float = 3.0) -> bytes:
    """A landscape as a closed body: the surface above, four walls, a flat ground. Binary STL; lengths in mm, z upwards.

    Args:
        survey: the landscapes.
        index: which one.
        width: of its longer side, mm.
        height: between the lowest and the highest point of all landscapes of the survey, mm.
        base: from the ground to the lowest point, mm.

    Raises:
        NoSolid: some heights are not finite.
        ValueError: a length is not positive.
    """
    if not (width > 0.0 and height > 0.0 and base > 0.0):
        raise ValueError(f"width, height, base = {width!r}, {height!r}, {base!r} must be > 0")
    if reason := no_body(survey, index):
        raise NoSolid(reason)
    land = terrain(survey, index)
    top = _points(land) * [width, width, height] + [0.0, 0.0, base]
    rows, columns = land.z.shape
    border = _border(rows, columns)
    edge = top[border]
    ground = np.vstack([edge * [1.0, 1.0, 0.0], [[land.x[-1] * width / 2, land.y[-1] * width / 2, 0.0]]])
    points = np.vstack([top, ground])
    below = len(top) + np.arange(len(border))
    after, below_after = np.roll(border, -1), np.roll(below, -1)
    walls = np.vstack([np.column_stack([border, below, after]), np.column_stack([after, below, below_after])])
    floor = np.column_stack([below_after, below, np.full(len(below), len(points) - 1)])
    return _stl(points[np.vstack([_triangles(rows, columns), walls, floor])])


def gltf(survey: Survey, index: int, theme: Theme = "light") -> bytes:
    """A landscape as a coloured surface, and the paths as lines just above it: binary glTF (.glb), y upwards, the longer side 1 m.

    Where a height is not finite there is a hole, in the surface as in the paths.

    Args:
        survey: the landscapes.
        index: which one.
        theme: whose colours.

    Raises:
        NoSolid: no triangle has three finite heights.
    """
    if reason := no_scene(survey, index):
        raise NoSolid(reason)
    land, relief = terrain(survey, index), survey.reliefs[index]
    triangles = _whole(land)
    used, renamed = np.unique(triangles, return_inverse=True)
    points = (_points(land) * [1.0, 1.0, EASE])[used]
    triangles = renamed.reshape(-1, 3)
    stops = np.array([rgb(color) for color in PALETTES[theme].surface])
    shares = land.z.ravel()[used]
    colors = np.column_stack([np.interp(shares, [0.0, 0.5, 1.0], stop) for stop in stops.T])
    shapes = [Shape("surface", _upright(points), "#ffffff", triangles, _upright(_normals(points, triangles)), colors)]
    for track in relief.tracks:
        step = np.array([land.x[1] - land.x[0], land.y[1] - land.y[0], EASE])
        at = (track.shadow.at - [relief.x[0], relief.y[0]]) / [relief.x[1] - relief.x[0], relief.y[1] - relief.y[0]]
        lines = laid(land.z, at).reshape(-1, 3) * step + [0.0, 0.0, LIFT * EASE]
        if len(lines):
            shapes.append(Shape(f"path {LETTERS[track.run].upper()}", _upright(lines), looks(theme)[track.run].color))
    return glb(shapes, origin(survey.cut))


def no_body(survey: Survey, index: int) -> str | None:
    """Why a landscape cannot be printed, as a marked message; None where it can."""
    return None if np.isfinite(terrain(survey, index).z).all() else NOT_FINITE


def no_scene(survey: Survey, index: int) -> str | None:
    """Why a landscape is no surface, as a marked message; None where it is one."""
    return None if len(_whole(terrain(survey, index))) else NOTHING


def terrain(survey: Survey, index: int) -> Terrain:
    """A landscape to the common scale.

    Args:
        survey: the landscapes.
        index: which one.
    """
    relief = survey.reliefs[index]
    scale = scale_of(survey)
    z = scale.transform(shown(survey, relief.heights))
    side = max(np.ptp(relief.x), np.ptp(relief.y))
    z = (z - scale.low) / (scale.high - scale.low if scale.high > scale.low else 1.0)
    return Terrain((relief.x - relief.x[0]) / side, (relief.y - relief.y[0]) / side, z)


def _points(land: Terrain) -> np.ndarray:
    """The grid's points, row by row, `(m·m, 3)`."""
    x, y = np.meshgrid(land.x, land.y)
    return np.stack([x, y, land.z], axis=-1).reshape(-1, 3)


def _upright(points: np.ndarray) -> np.ndarray:
    """Turned so that y is upwards, `(n, 3)`."""
    return np.column_stack([points[:, 0], points[:, 2], -points[:, 1]])


def _triangles(rows: int, columns: int) -> np.ndarray:
    """Two of each cell, counter-clockwise as seen from above, `(2·cells, 3)`."""
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (corner.ravel() for corner in (at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]))
    return np.vstack([np.column_stack([a, b, c]), np.column_stack([a, c, d])])


def _whole(land: Terrain) -> np.ndarray:
    """The triangles that have three heights."""
    triangles = _triangles(*land.z.shape)
    return np.asarray(triangles[np.isfinite(land.z.ravel()[triangles]).all(axis=1)])


def _border(rows: int, columns: int) -> np.ndarray:
    """The grid's outermost points, counter-clockwise."""
    at = np.arange(rows * columns).reshape(rows, columns)
    return np.concatenate([at[0, :-1], at[:-1, -1], at[-1, :0:-1], at[:0:-1, 0]])


def _across(corners: np.ndarray) -> np.ndarray:
    """Twice its area times the unit vector outwards, of every triangle `(k, 3, 3)`."""
    return np.asarray(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))


def _normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit vectors at the points: of the triangles around each, by their areas."""
    sums = np.zeros_like(points)
    for corner in triangles.T:
        np.add.at(sums, corner, _across(points[triangles]))
    return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True))


def _stl(corners: np.ndarray) -> bytes:
    """Triangles `(k, 3, 3)` in the order of NumPy: 80 bytes of header, their number, and of each its normal, its corners and two bytes of nothing."""
    record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("nothing", "<u2")])
    rows = np.zeros(len(corners), record)
    across = _across(corners)
    rows["normal"], rows["corners"] = across / np.linalg.norm(across, axis=1, keepdims=True), corners
    return b"Descent Lab, mm".ljust(80, b"\0") + len(rows).to_bytes(4, "little") + rows.tobytes()
