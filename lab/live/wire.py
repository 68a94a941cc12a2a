"""The bytes that travel to the browser: one JSON text and, after it, the numbers as they lie in memory.

Container, zlib-compressed:

    u32 n (little endian) | n bytes of JSON, padded with blanks | blob 0 | blob 1 | …        every part starts at a multiple of 8

The JSON is `{"payload": …, "blobs": [length, …]}`. A NumPy array anywhere in the payload becomes a placeholder `{"$": blob, "dtype": "f4", "shape": [n]}`.
Floats travel as float32, which is finer than any screen; an array with a finite value that float32 cannot hold (a run that diverges to 1e80, a loss of 1e-60)
travels as float64, because a true number is never replaced by ∞ or 0. A blob holds the first byte of every number, then every second byte, and so on:
neighbours on a path share sign and exponent, and equal bytes side by side are what zlib is good at. Python's own `nan` and `inf` become
`{"$n": "nan"}`, since JSON has no word for them.

`Kept(value)` marks what is large and seldom changes, such as the heights under the contour or the words on the buttons. It is addressed by its content:
`{"$h": hash, …}` without a blob, or without the plain value under `$v`, when the browser has said that it still has it. `wire.js` is the other end.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
import zlib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

KEPT_FROM = 8 * 1024  # bytes; a smaller array is cheaper to send again than to remember
KEPT_WORDS_FROM = 256  # characters of JSON, likewise
_TYPES: dict[str, np.dtype[Any]] = {"f4": np.dtype("<f4"), "f8": np.dtype("<f8"), "i4": np.dtype("<i4"), "u1": np.dtype("u1")}
_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, eq=False)
class Kept:
    """What the browser may keep from one message to the next: an array, or a plain value without arrays."""

    value: Any


def pack(payload: Mapping[str, Any], have: frozenset[str] = frozenset()) -> bytes:
    """Encode a payload of dicts, lists, texts, numbers and NumPy arrays.

    Args:
        payload: what to send; keys are strings that do not begin with `$`.
        have: content addresses that the browser still holds.

    Raises:
        ValueError: a value has no place on the wire; the message names it.
    """
    packer = _Packer(have)
    tree = packer.encode(payload)
    text = json.dumps({"payload": tree, "blobs": [len(blob) for blob in packer.blobs]}, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-(len(text) + 4) % 8)
    parts = [struct.pack("<I", len(text)), text]
    for blob in packer.blobs:
        parts += [blob, b"\0" * (-len(blob) % 8)]
    return zlib.compress(b"".join(parts), 6)


def unpack(data: bytes, kept: MutableMapping[str, Any] | None = None) -> dict[str, Any]:
    """Decode what `pack` made; `kept` plays the browser's memory of `Kept` arrays.

    Raises:
        KeyError: a kept array was left out and is not in `kept`.
    """
    raw = zlib.decompress(data)
    (length,) = struct.unpack_from("<I", raw)
    head = json.loads(raw[4 : 4 + length])
    blobs, at = [], 4 + length
    for size in head["blobs"]:
        blobs.append(raw[at : at + size])
        at += size + (-size % 8)
    memory = {} if kept is None else kept

    def decode(node: Any) -> Any:
        if isinstance(node, list):
            return [decode(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$n" in node:
            return _NOT_FINITE[node["$n"]]
        if "$" in node:
            kind = _TYPES[node["dtype"]]
            blob = blobs[node["$"]]
            whole = _planes(blob, len(blob) // kind.itemsize) if blob else blob
            array = np.frombuffer(whole, kind).reshape(node["shape"])
            if "$h" in node:
                memory[node["$h"]] = array
            return array
        if "$v" in node:
            memory[node["$h"]] = decode(node["$v"])
        if "$h" in node:
            return memory[node["$h"]]
        return {key: decode(item) for key, item in node.items()}

    decoded: dict[str, Any] = decode(head["payload"])
    return decoded


class _Packer:
    """One walk over a payload: the tree for JSON, and the blobs met on the way."""

    def __init__(self, have: frozenset[str]) -> None:
        self.have = have
        self.blobs: list[bytes] = []
        self._placed: dict[bytes, int] = {}  # by content: two views of the same numbers travel once, whatever their shapes

    def encode(self, node: Any) -> Any:
        if isinstance(node, np.ndarray):
            return self._array(node, kept=False)
        if isinstance(node, Kept):
            return self._array(node.value, kept=True) if isinstance(node.value, np.ndarray) else self._words(node.value)
        if isinstance(node, np.generic):
            node = node.item()
        if isinstance(node, float):
            return node if math.isfinite(node) else {"$n": repr(node)}
        if node is None or isinstance(node, (str, bool, int)):
            return node
        if isinstance(node, Mapping):
            for key in node:
                if not isinstance(key, str) or key.startswith("$"):
                    raise ValueError(f"payload key {key!r}: a key is a string that does not begin with $")
            return {key: self.encode(item) for key, item in node.items()}
        if isinstance(node, (list, tuple)):
            return [self.encode(item) for item in node]
        raise ValueError(f"payload value {node!r} of type {type(node).__name__} has no place on the wire")

    def _words(self, value: Any) -> Any:
        tree = self.encode(value)
        text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
        if len(text) < KEPT_WORDS_FROM:
            return tree
        address = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        return {"$h": address} if address in self.have else {"$h": address, "$v": tree}

    def _array(self, array: NDArray[Any], *, kept: bool) -> Any:
        if array.ndim == 0 or array.dtype.kind in "OUS":
            return self.encode(array.tolist())
        if array.ndim > 2:
            raise ValueError(f"payload array of shape {array.shape}: the browser takes one or two axes")
        code, shape = _code(array), list(array.shape)
        with np.errstate(over="ignore", under="ignore"):
            numbers = array.astype(_TYPES[code])
        blob = _planes(numbers.tobytes(), numbers.itemsize)
        place: dict[str, Any] = {"dtype": code, "shape": shape}
        if kept and len(blob) >= KEPT_FROM:
            place["$h"] = hashlib.blake2b(f"{code}{shape}".encode() + blob, digest_size=12).hexdigest()
        if place.get("$h") not in self.have:
            place["$"] = self._blob(blob)
        return place

    def _blob(self, blob: bytes) -> int:
        if blob not in self._placed:
            self.blobs.append(blob)
            self._placed[blob] = len(self.blobs) - 1
        return self._placed[blob]


def _planes(blob: bytes, width: int) -> bytes:
    """The bytes as rows of `width`, read column by column."""
    return np.frombuffer(blob, np.uint8).reshape(-1, width).T.tobytes()


def _code(array: NDArray[Any]) -> str:
    """The narrowest of the wire's types that tells the truth on a screen."""
    if array.dtype == np.uint8:
        return "u1"
    if array.dtype.kind in "bui":
        limits = np.iinfo(np.int32)
        fits = array.dtype.itemsize < 4 or array.size == 0 or (array.min() >= limits.min and array.max() <= limits.max)
        return "i4" if fits else "f8"
    if array.dtype.kind != "f":
        raise ValueError(f"payload array of dtype {array.dtype} has no place on the wire")
    size = np.abs(array[np.isfinite(array) & (array != 0)])
    limits32 = np.finfo(np.float32)
    return "f4" if size.size == 0 or (size.max() <= limits32.max and size.min() >= limits32.tiny) else "f8"
