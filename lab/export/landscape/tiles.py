"""Where the pictures of a film's frame stand: maps in rows, all of one scale of px, and panels below or beside them, whichever leaves the maps larger."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

LEFT, RIGHT, TITLE, FOOT = 66, 14, 24, 46
"""Around a picture, px: values and name of the axis, the next picture, its title, values and name of the axis."""
WORDS = 40
"""Room for the title of a panel, px: two lines."""
BAR = 66
"""Room for the colour bar right of the maps, px."""
BESIDE, BELOW = 0.36, 0.28
"""Of the width, or of the height, for the panels at least."""
LEAST = 12
"""Px of a side that any picture has."""


class Box(NamedTuple):
    """A rectangle in px, from the upper left corner of the frame."""

    x: float
    y: float
    width: float
    height: float


class Places(NamedTuple):
    """Of a frame.

    Attributes:
        maps: without their axes and titles, in order.
        bar: of the colours.
        panels: without their axes and titles, in order.
    """

    maps: tuple[Box, ...]
    bar: Box
    panels: tuple[Box, ...]


class _Block(NamedTuple):
    """All maps together.

    Attributes:
        beside: the panels stand at the right of it, else below.
        columns: how many maps stand side by side.
        across, down: room for one map, px.
    """

    beside: bool
    columns: int
    across: float
    down: float


def places(slopes: Sequence[float], panels: int, width: float, height: float, head: float) -> Places:
    """Where everything stands.

    Args:
        slopes: height by width of every map, at least one.
        panels: how many.
        width, height: of the frame, px.
        head: of it above everything, px.
    """
    count = len(slopes)
    blocks = [_block(beside, columns, count, width, height - head) for beside in (True, False) for columns in range(1, count + 1)]
    block = max(blocks, key=lambda block: min(block.across, block.down / max(slopes)))
    wide = [min(block.across, block.down / slope) for slope in slopes]
    cell = max(wide), max(side * slope for side, slope in zip(wide, slopes, strict=True))
    rows = math.ceil(count / block.columns)
    used = block.columns * (LEFT + cell[0] + RIGHT) + BAR, rows * (TITLE + cell[1] + FOOT)
    begin = 0.0 if block.beside else max(width - used[0], 0.0) / 2
    lead = max(height - head - used[1], 0.0) / 2 if block.beside else 0.0
    maps = []
    for index, (side, slope) in enumerate(zip(wide, slopes, strict=True)):
        row, column = divmod(index, block.columns)
        x = begin + column * (LEFT + cell[0] + RIGHT) + LEFT + (cell[0] - side) / 2
        maps.append(Box(x, head + lead + row * (TITLE + cell[1] + FOOT) + TITLE, side, side * slope))
    lowest = max(box.y + box.height for box in maps)
    bar = Box(begin + used[0] - BAR + 4, maps[0].y, 10, lowest - maps[0].y)
    rise = min(lead, WORDS - TITLE)  # so that panels and maps have one upper edge
    beside, below = Box(used[0], head + lead - rise, width - used[0], used[1] + rise), Box(0.0, head + used[1], width, height - head - used[1])
    return Places(tuple(maps), bar, _spread(beside if block.beside else below, panels))


def _block(beside: bool, columns: int, count: int, width: float, height: float) -> _Block:
    across = (width * (1.0 - BESIDE * beside) - BAR) / columns - LEFT - RIGHT
    down = height * (1.0 - BELOW * (not beside)) / math.ceil(count / columns) - TITLE - FOOT
    return _Block(beside, columns, max(across, LEAST), max(down, LEAST))


def _spread(room: Box, count: int) -> tuple[Box, ...]:
    """Panels side by side in a broad room, else one above the other."""
    columns = count if room.width > 1.2 * room.height else 1
    wide, high = room.width / columns, room.height / (count // columns)
    corners = [(room.x + wide * (index % columns), room.y + high * (index // columns)) for index in range(count)]
    return tuple(Box(x + LEFT, y + WORDS, max(wide - LEFT - RIGHT, LEAST), max(high - WORDS - FOOT, LEAST)) for x, y in corners)
