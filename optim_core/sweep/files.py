"""A long sweep kept safe: parts of it on disk while it runs, one compressed file at the end.

A part is so many cells. It is written to a temporary name and then renamed, so that it is there whole or not at all, and a sweep that was killed goes on
where it was; a fingerprint keeps the parts of one sweep from being taken for those of another. Part and file are NumPy's `.npz`, read without pickles and
checked to the last number, as they may come from anywhere. Parquet and HDF5 would be one more library each.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import struct
import sys
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh

from optim_core.sweep import devices
from optim_core.sweep.core import NEVER, PIECE, Goal, Outcome, Tell, sweep
from optim_core.trajectory import MAX_STEPS, Job

FORMAT = "descent-lab-sweep-1"
MAX_CELLS = 4_000_000
PART = 5 * PIECE
"""Cells a part. A multiple of what a device computes at once: cells fall into the same chunks as in one piece, and the numbers are the same."""
BYTES, BYTES_A_CELL, ARRAYS = 2_000_000, 256, 24  # what a file may unpack to: bytes, and more for each welcome cell, in so many arrays
_SUFFIX, _MARK = ".npz", "fingerprint"
_HEADERS = (tokenize.TokenError, SyntaxError, TypeError, Warning)  # what NumPy makes of a header that is none


class Saved(NamedTuple):
    """A sweep from a file.

    Attributes:
        about: what the file says about itself: the link, the run, versions.
        varied, goal: as they were given to `sweep`.
        shape: rows and columns.
        outcome: in the order of the cells.
    """

    about: dict[str, str]
    varied: dict[str, np.ndarray]
    goal: Goal
    shape: tuple[int, int]
    outcome: Outcome


class Parts(NamedTuple):
    """How many parts were at hand, and how many were computed."""

    found: int
    computed: int


def run(
    job: Job,
    varied: Mapping[str, np.ndarray],
    goal: Goal,
    shape: tuple[int, int],
    out: Path,
    about: Mapping[str, str],
    *,
    tell: Tell | None = None,
    mesh: Mesh | None = None,
) -> Parts:
    """`sweep` into a file. Stopped at any moment and called again with the same arguments, it goes on after the last finished part.

    Every process of a `jax.distributed` run calls it; the first alone touches the disk, and tells the others which parts there are.

    Args:
        job, varied, goal, tell, mesh: as in `sweep`; progress counts the cells found, too.
        shape: rows and columns of the cells.
        out: the file to write; its parts lie beside it in a folder that goes when it is done.
        about: what else the file shall say about itself.

    Raises:
        ValueError: as in `sweep`; not `shape` cells; or beside `out` lie parts of another sweep.
        OSError: it cannot be written.
    """
    cells = math.prod(shape)
    if {len(values) for values in varied.values()} != {cells} or cells > MAX_CELLS:
        raise ValueError(f"{shape[0]} × {shape[1]} cells need one entry each of everything varied, and may be {MAX_CELLS:,} at most")
    about = {"format": FORMAT, **about, "jax": jax.__version__, "numpy": np.__version__, "platform": jax.default_backend()}
    parts = _Folder(out, _fingerprint(job, varied, goal, shape, about), cells)
    made, known = _at_hand(parts)
    done = sum(parts.size(number) for number in np.flatnonzero(known).tolist())
    if tell is not None:
        tell(done, cells)
    for number in np.flatnonzero(~known).tolist():
        own = slice(number * PART, number * PART + parts.size(number))

        def heard(now: int, _: int, before: int = done) -> None:
            if tell is not None:
                tell(before + now, cells)

        part = sweep(job, {name: values[own] for name, values in varied.items()}, goal, tell=heard, mesh=mesh)
        done += parts.size(number)
        if devices.leads():
            parts.keep(number, part)
            made[number] = part
    if devices.leads():
        outcome = Outcome(*(np.concatenate(columns) for columns in zip(*(made[number] for number in sorted(made)), strict=True)))
        save(out, Saved(about, dict(varied), goal, shape, outcome))
        parts.remove()
    return Parts(int(known.sum()), int((~known).sum()))


def _at_hand(parts: _Folder) -> tuple[dict[int, Outcome], np.ndarray]:
    """The finished parts, in the first process, and which they are, in all: none may wait in a part that the others skip."""
    made: dict[int, Outcome] = {}
    wrong: ValueError | OSError | None = None
    if devices.leads():
        try:
            made = parts.open()
        except (ValueError, OSError) as error:
            wrong = error
    known = np.array([number in made for number in range(parts.count)])
    agreed = devices.agreed(np.append(known, wrong is not None).astype(np.int32)).astype(bool)
    if wrong is not None:
        raise wrong
    if agreed[-1]:
        raise ValueError("the first process cannot go on; it says why")
    return made, agreed[:-1]


class _Folder:
    """The folder of the parts."""

    def __init__(self, out: Path, mark: str, cells: int) -> None:
        self.out, self.at, self.mark, self.cells = out, out.with_name(out.name + ".parts"), mark, cells
        self.count = -(-cells // PART)

    def size(self, number: int) -> int:
        """Cells of a part."""
        return min(PART, self.cells - number * PART)

    def open(self) -> dict[int, Outcome]:
        """The parts that are there; one that cannot be read counts as not there."""
        if self.out.is_dir():
            raise ValueError(f"{self.out} is a folder")
        self.at.mkdir(exist_ok=True)
        mark = self.at / _MARK
        if not mark.exists() and not any(self.at.iterdir()):
            _replace(mark, lambda file: file.write(self.mark.encode()))
        if not mark.exists() or mark.read_bytes() != self.mark.encode():
            raise ValueError(f"{self.at} holds parts of another sweep, or of other versions: remove it, or choose another file")
        made = {}
        for number in range(self.count):
            try:
                made[number] = _outcome(_arrays((self.at / f"{number:06d}{_SUFFIX}").read_bytes(), self.size(number)), self.size(number))
            except (FileNotFoundError, ValueError):
                continue
        return made

    def keep(self, number: int, part: Outcome) -> None:
        """Write a part, whole or not at all."""
        _replace(self.at / f"{number:06d}{_SUFFIX}", lambda file: np.savez(file, **part._asdict()))

    def remove(self) -> None:
        """Take away what was put there, and nothing else."""
        for number in range(self.count):
            (self.at / f"{number:06d}{_SUFFIX}").unlink(missing_ok=True)
        for left in (*self.at.glob("*.new"), self.at / _MARK):
            left.unlink()
        if not any(self.at.iterdir()):
            self.at.rmdir()


def _fingerprint(job: Job, varied: Mapping[str, np.ndarray], goal: Goal, shape: tuple[int, int], about: Mapping[str, str]) -> str:
    """Of everything that the numbers depend on, and of what is said about them."""
    digest = hashlib.sha256()
    with np.printoptions(threshold=sys.maxsize, floatmode="unique"):
        digest.update(repr((job, goal, shape, sorted(about.items()), PART)).encode())
    for name in sorted(varied):
        digest.update(f"{name} {varied[name].dtype} {varied[name].shape}".encode())
        digest.update(np.ascontiguousarray(varied[name]).tobytes())
    return digest.hexdigest()


def _replace(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a file under another name, make sure it is on the disk, and give it its own name."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


# ---------------------------------------------------------------------- the file


def save(path: Path, saved: Saved) -> None:
    """Write a sweep, whole or not at all. The same sweep gives the same bytes: NumPy dates every array 1980.

    Raises:
        OSError: it cannot be written.
    """
    goal, said = saved.goal, np.array(json.dumps(saved.about, ensure_ascii=False))
    arrays: dict[str, Any] = {"about": said, "shape": np.array(saved.shape, np.int64), "goal": np.array([goal.loss, goal.tolerance, goal.radius])}
    arrays |= {} if goal.minima is None else {"minima": np.asarray(goal.minima, np.float64)}
    arrays |= {f"varied.{name}": np.asarray(values, np.int64 if name == "seed" else np.float64) for name, values in sorted(saved.varied.items())}
    _replace(path, lambda file: np.savez_compressed(file, **arrays, **saved.outcome._asdict()))


def read(source: Path | bytes, most: int = MAX_CELLS) -> Saved:
    """A sweep from a file, or from the bytes of one that a person has sent.

    Args:
        source: where it is, or its content.
        most: cells that are welcome.

    Raises:
        ValueError: it is no such file, it is damaged, or too large.
        OSError: it cannot be read.
    """
    arrays = _arrays(source if isinstance(source, bytes) else source.read_bytes(), most)
    about = _about(_taken(arrays, "about", "U", ()).item())
    rows, columns = _taken(arrays, "shape", "i8", (2,)).tolist()
    if min(rows, columns) < 1 or rows * columns > most:
        raise ValueError(f"shape = {rows} × {columns}: there must be 1 to {most:,} cells")
    outcome = _outcome(arrays, rows * columns)
    loss, tolerance, radius = _taken(arrays, "goal", "f8", (3,)).tolist()
    minima = None if "minima" not in arrays else _taken(arrays, "minima", "f8", (None, outcome.w.shape[1]))
    if not (tolerance > 0.0 and radius > 0.0):
        raise ValueError("goal: tolerance and radius must be above 0")
    varied: dict[str, np.ndarray] = {}
    for key in [key for key in arrays if key.startswith("varied.")]:
        name = key.removeprefix("varied.")
        tail = {"start": (outcome.w.shape[1],), "seed": (None,)}.get(name, ())
        varied[name] = _taken(arrays, key, "i8" if name == "seed" else "f8", (rows * columns, *tail))
    if arrays:
        raise ValueError(f"{next(iter(arrays))!r} does not belong into such a file")
    return Saved(about, varied, Goal(loss, tolerance, minima, radius), (rows, columns), outcome)


def _about(text: str) -> dict[str, str]:
    try:
        about = json.loads(text)
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or about.get("format") != FORMAT or not all(isinstance(value, str) for value in about.values()):
        raise ValueError(f"this file is not of the format {FORMAT}")
    return about


def _outcome(arrays: dict[str, np.ndarray], cells: int) -> Outcome:
    w = _taken(arrays, "w", "f8", (cells, None))
    losses = (_taken(arrays, name, "f8", (cells,)) for name in ("first_loss", "loss"))
    steps = [_taken(arrays, name, "i4", (cells,)) for name in ("reached", "settled")]
    if any(taken.min() < NEVER or taken.max() > MAX_STEPS for taken in steps):
        raise ValueError(f"steps are outside [{NEVER}, {MAX_STEPS}]")
    return Outcome(w, *losses, *steps)


def _taken(arrays: dict[str, np.ndarray], name: str, kind: str, shape: tuple[int | None, ...]) -> np.ndarray:
    """Take an array out; None in the shape is any number."""
    if name not in arrays:
        raise ValueError(f"{name!r} is missing")
    array = arrays.pop(name)
    fits = array.dtype.kind == "U" if kind == "U" else array.dtype == np.dtype(f"<{kind}")
    if not fits or array.ndim != len(shape) or any(wanted not in (None, has) for has, wanted in zip(array.shape, shape, strict=True)):
        raise ValueError(f"{name!r} is {array.dtype} of the shape {array.shape}")
    return array


def _arrays(content: bytes, most: int) -> dict[str, np.ndarray]:
    """The arrays of an `.npz`, at most so many cells. Nothing is unpacked before its size is known, nor made an array before its header fits its bytes."""
    found: dict[str, np.ndarray] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            infos = packed.infolist()
            if len(infos) > ARRAYS or sum(info.file_size for info in infos) > BYTES + BYTES_A_CELL * most:
                raise ValueError(f"this file is too large: {most:,} cells are welcome")
            for info in infos:
                found[info.filename.removesuffix(".npy")] = _array(packed.read(info))
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError, MemoryError, KeyError, *_HEADERS) as error:
        raise ValueError(f"this file is damaged, or no sweep: {error}") from error
    return found


def _array(content: bytes) -> np.ndarray:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"arrays of version {version} are not read here")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in "fiU" or (fortran and len(shape) > 1) or math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError(f"an array of {dtype} and the shape {shape} is not read here, or not all of it is there")
    return np.frombuffer(content[stream.tell() :], dtype).reshape(shape)
