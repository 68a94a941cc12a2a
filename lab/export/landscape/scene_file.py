"""Binary glTF 2.0 (.glb): named surfaces and lines in one file that viewers, slides and browsers open.

trimesh would write it, too, but paints all lines black and leaves surfaces to the standard's default material, which is metal; so it judges these files in the
tests instead. Source: the specification glTF 2.0 of the Khronos Group, sections 3.6, 3.7, 3.9 and 4.4, and its extension KHR_materials_unlit.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

TRIANGLES, LINES = 4, 1
_FLOAT, _SHORT, _INT = 5126, 5123, 5125
_ARRAY, _ELEMENTS = 34962, 34963
_TYPES = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}
_NUMBERS = {"<f4": _FLOAT, "<u2": _SHORT, "<u4": _INT}


class Shape(NamedTuple):
    """A surface, if it has triangles, or else lines: each from a point to the next, and then anew, which more programs read than a line through many points.

    Attributes:
        name: what a viewer lists it as.
        points: finite, y upwards, `(n, 3)`; of lines the two ends of each in turn.
        color: of the whole, "#rrggbb"; that of a surface multiplies `colors`.
        triangles: which points each has, counter-clockwise as seen from outside, `(k, 3)`.
        normals: unit vectors at the points, `(n, 3)`.
        colors: of the points, red, green and blue from 0 to 1 as on a screen, `(n, 3)`.
    """

    name: str
    points: np.ndarray
    color: str = "#ffffff"
    triangles: np.ndarray | None = None
    normals: np.ndarray | None = None
    colors: np.ndarray | None = None


def rgb(color: str) -> np.ndarray:
    """Of "#rrggbb", from 0 to 1 as on a screen, `(3,)`."""
    return np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def linear(shares: np.ndarray) -> np.ndarray:
    """Amounts of light, which is what glTF counts in, from screen colours: the transfer function of sRGB. Any shape."""
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def glb(shapes: Sequence[Shape], about: Mapping[str, Any]) -> bytes:
    """One file of several shapes, each a node of its own.

    Args:
        shapes: at least one.
        about: where they come from, as JSON will have it in `asset.extras`.
    """
    file = _File()
    nodes, meshes, materials = [], [], []
    for index, shape in enumerate(shapes):
        attributes = {"POSITION": file.add(shape.points, "<f4", bounds=True)}
        primitive: dict[str, Any] = {"attributes": attributes, "mode": LINES, "material": index}
        if shape.normals is not None:
            attributes["NORMAL"] = file.add(shape.normals, "<f4")
        if shape.colors is not None:
            light = np.column_stack([linear(shape.colors), np.ones(len(shape.colors))])
            attributes["COLOR_0"] = file.add(np.rint(light * 65535), "<u2")
        if shape.triangles is not None:
            primitive |= {"mode": TRIANGLES, "indices": file.add(shape.triangles.reshape(-1, 1), "<u4", elements=True)}
        nodes.append({"name": shape.name, "mesh": index})
        meshes.append({"name": shape.name, "primitives": [primitive]})
        materials.append(_material(shape))
    tree = {
        "asset": {"version": "2.0", "generator": "Descent Lab", "extras": dict(about)},
        "extensionsUsed": ["KHR_materials_unlit"],
        "scene": 0,
        "scenes": [{"nodes": list(range(len(nodes)))}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": materials,
        "accessors": file.accessors,
        "bufferViews": file.views,
        "buffers": [{"byteLength": len(file.data)}],
    }
    if all(shape.triangles is not None for shape in shapes):
        del tree["extensionsUsed"]
    text = json.dumps(tree, allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    chunks = [(b"JSON", text + b" " * (-len(text) % 4)), (b"BIN\0", bytes(file.data))]
    body = b"".join(struct.pack("<I", len(chunk)) + kind + chunk for kind, chunk in chunks)
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


def _material(shape: Shape) -> dict[str, Any]:
    """Dull paint, seen from both sides; of a line its colour as it is, for light means nothing to it."""
    paint = {"baseColorFactor": [*linear(rgb(shape.color)).tolist(), 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.9}
    more: dict[str, Any] = {"extensions": {"KHR_materials_unlit": {}}} if shape.triangles is None else {"doubleSided": True}
    return {"name": shape.name, "pbrMetallicRoughness": paint, **more}


class _File:
    """The binary part, and the tables that say what lies where in it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.accessors: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []

    def add(self, rows: np.ndarray, numbers: str, *, bounds: bool = False, elements: bool = False) -> int:
        """Append an array `(n, 1 | 3 | 4)`; all have a multiple of four bytes, so that the next begins at one. Returns its accessor's index."""
        stored = rows.astype(numbers)
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": stored.nbytes, "target": _ELEMENTS if elements else _ARRAY}
        told: dict[str, Any] = {"bufferView": len(self.views), "componentType": _NUMBERS[numbers], "count": len(rows), "type": _TYPES[rows.shape[1]]}
        if bounds:
            told |= {"min": stored.min(axis=0).tolist(), "max": stored.max(axis=0).tolist()}
        if numbers == "<u2":
            told["normalized"] = True
        self.views.append(view)
        self.accessors.append(told)
        self.data += stored.tobytes()
        return len(self.accessors) - 1
