"""A person's own table: the bytes of a text file → `Table`, or what is wrong with it in plain words.

Columns are separated by semicolons, tabs or commas; where they are not commas, a number may have a decimal comma. A first line without numbers, or with a cell
called as in `LABEL_NAMES` (but y), holds the names. The label is the column called so, or else the last. Text labels, or at most ten different whole numbers,
are classes; other numbers are values for regression. Nothing is evaluated and nothing left out: a line that does not fit is an error.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from optim_core.hyper import N_, TextError
from optim_core.tables import Table

MAX_BYTES = 2**20
MAX_ROWS = 2000
MAX_COLUMNS = 64
MAX_CLASSES = 10
LARGEST = 1e100
"""Of a number: its square is still finite."""
LABEL_NAMES = ("y", "label", "class", "target", "класс", "метка")
"""What the label's column may be called. All but y also tell that a line holds names: y is a label in lists of y and n."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SHOWN = 40  # characters of a name, a label or a cell


class _Line(NamedTuple):
    number: int
    """Of the line in the file, from 1."""
    cells: list[str]


def read_csv(content: bytes) -> Table:
    """Read a person's table.

    Args:
        content: the file: UTF-8 with or without a byte order mark, or Windows-1251.

    Returns:
        The table; its arrays cannot be written to.

    Raises:
        TextError: anything is not as the module's docstring says, with line and column of the first such place.
    """
    separator, lines = _lines(_decoded(content))
    header = _is_header(lines[0].cells, separator)
    names, rows = (lines[0].cells, lines[1:]) if header else ([], lines)
    if not 2 <= len(rows) <= MAX_ROWS:
        raise TextError(N_("The file has {found} rows of data; allowed are 2 to {limit}."), found=len(rows), limit=MAX_ROWS)
    width = len(lines[0].cells)
    for number, cells in lines:
        if len(cells) != width:
            raise TextError(
                N_("Line {line} has {found} cells, the first line {wanted}; every line needs as many."), line=number, found=len(cells), wanted=width
            )
    if not 3 <= width <= MAX_COLUMNS + 1:
        message = N_("Found columns: {found}. Needed are 2 to {limit} columns of numbers and a column of labels, separated by commas, semicolons or tabs.")
        raise TextError(message, found=width, limit=MAX_COLUMNS)
    for place, name in enumerate(names, 1):
        if not name:
            raise TextError(N_("Column {place} has no name in the first line: name it, or remove the column."), place=place)
    names = [_shown(name) for name in names] or ["x" + str(place).translate(_SUBSCRIPT) for place in range(1, width + 1)]
    label = next((place for place, name in enumerate(names) if name.lower() in LABEL_NAMES), width - 1)
    x = np.array([[_number(line, place, separator) for place in range(width) if place != label] for line in rows])
    y, labels = _labelled(rows, label, separator)
    x.flags.writeable = y.flags.writeable = False
    return Table((*names[:label], *names[label + 1 :]), labels, x, y, len(labels), hashlib.sha256(content).hexdigest())


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise TextError(N_("The file has {found} bytes; allowed are {limit}."), found=len(content), limit=MAX_BYTES)
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise TextError(N_("This is not a text file in UTF-8 or Windows-1251."))


def _lines(text: str) -> tuple[str, list[_Line]]:
    """The separator and the lines that are not empty, blanks around their cells cut off."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = next((mark for mark in ";\t" if first and len(_split(first, mark)[0].cells) > 1), ",")
    lines = [line for line in _split(text, separator) if any(line.cells)]
    if not lines:
        raise TextError(N_("The file is empty."))
    return separator, lines


def _split(text: str, separator: str) -> list[_Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return [_Line(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise TextError(N_("Line {line} is not understood; are its quotation marks in pairs?"), line=reader.line_num) from error


def _value(cell: str, separator: str) -> float | None:
    """The number in a cell, infinite if it is larger than any float64; None if there is none."""
    written = cell.replace("−", "-")
    if separator != ",":
        written = written.replace(",", ".")
    return float(written) if _NUMBER.fullmatch(written) else None


def _is_header(cells: Sequence[str], separator: str) -> bool:
    if any(cell.lower() in LABEL_NAMES[1:] for cell in cells):
        return True
    return not any(_NOT_FINITE.fullmatch(cell) or _value(cell, separator) is not None for cell in cells)


def _number(line: _Line, place: int, separator: str) -> float:
    cell = line.cells[place]
    value = _value(cell, separator)
    if value is not None and abs(value) <= LARGEST:
        return value
    if value is not None:
        message = N_("Line {line}, column {place}: {cell} is too large; allowed are numbers from −10¹⁰⁰ to 10¹⁰⁰.")
    elif not cell:
        message = N_("Line {line}, column {place}: the cell is empty; a number is needed.")
        raise TextError(message, line=line.number, place=place + 1)
    else:
        message = N_("Line {line}, column {place}: {cell} is not a number; allowed are such as -1.5 or 2e3, and -1,5 where commas do not separate the columns.")
    raise TextError(message, line=line.number, place=place + 1, cell=_shown(cell))


def _shown(text: str) -> str:
    """A name, a label or a cell as one short line."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def _labelled(rows: list[_Line], label: int, separator: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """y, and the sorted names of the classes."""
    written = [line.cells[label] for line in rows]
    for line, cell in zip(rows, written, strict=True):
        if not cell:
            raise TextError(N_("Line {line}, column {place}: the label is missing."), line=line.number, place=label + 1)
        if _NOT_FINITE.fullmatch(cell):
            raise TextError(N_("Line {line}, column {place}: {cell} is neither a name nor a finite number."), line=line.number, place=label + 1, cell=cell)
    if len(set(written)) == 1:
        raise TextError(N_("All labels are the same: {label}. Needed are at least two."), label=_shown(written[0]))
    if any(_value(cell, separator) is None for cell in written):
        found = sorted(set(written))
        if len(found) > MAX_CLASSES:
            message = N_("Column {place} has {found} different labels; allowed are at most {limit}, or numbers alone.")
            raise TextError(message, place=label + 1, found=len(found), limit=MAX_CLASSES)
        return np.array([float(found.index(cell)) for cell in written]), _told_apart([_shown(name) for name in found])
    values = np.array([_number(line, label, separator) for line in rows])
    distinct, indices = np.unique(values, return_inverse=True)
    if len(distinct) == 1:
        raise TextError(N_("All labels are the same: {label}. Needed are at least two."), label=_shown(written[0]))
    if len(distinct) > MAX_CLASSES or not all(value.is_integer() and abs(value) < 1e15 for value in distinct):
        return values, ()
    return indices.astype(float), tuple(str(int(value)) for value in distinct)


def _told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Names that became the same when they were shortened get a number."""
    return tuple(name if names.count(name) == 1 else f"{name} ({place})" for place, name in enumerate(names, 1))
