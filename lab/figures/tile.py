"""A run as a small multiple: its path as a light SVG over level lines that all tiles share.

Plotly was looked at: thirty charts take it seconds, and thirty subplots carry the same level lines thirty times.
"""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from lab.figures import geometry
from lab.figures.style import PALETTES, RunStyle, Theme

WIDTH, HEIGHT = 220, 160
"""Of a tile, px."""
HEAD, FOOT, GAP, COLUMNS = 26, 56, 16, 5
"""Of a gallery on one sheet: room for the name, for three lines of text, between tiles; tiles a row."""
_DASHES = {"solid": "none", "dash": "6 4", "dot": "1.5 3", "dashdot": "6 3 1.5 3", "longdash": "10 4", "longdashdot": "10 3 1.5 3"}
_CORNERS = {"circle": (24, 0.0), "square": (4, 45.0), "diamond": (4, 0.0), "triangle-up": (3, 0.0), "triangle-down": (3, 180.0), "pentagon": (5, 0.0)}
_CORNERS |= {"hexagon": (6, 0.0)}


def tile_path(points: np.ndarray, domain: Any, look: RunStyle, theme: Theme) -> str:
    """The path of a run, from the start to its last point in view, as SVG inside `WIDTH` × `HEIGHT`.

    Args:
        points: as they are drawn, `(T+1, 2)`.
        domain: what the tile shows.
        look: colour, dash and marker.
        theme: light or dark.
    """
    line = geometry.drawn(points, domain).w
    low, high = np.array([domain.w1[0], domain.w2[0]]), np.array([domain.w1[1], domain.w2[1]])
    at = np.round((line - low) / (high - low) * (WIDTH, -HEIGHT) + (0, HEIGHT), 1)
    at = at[np.r_[True, (np.diff(at, axis=0) != 0).any(axis=1)]] if len(at) else at
    if not len(at):
        return ""
    drawn = " ".join(f"{x:g},{y:g}" for x, y in at)
    ground = PALETTES[theme].background
    stroke = f'stroke="{look.color}" stroke-width="1.8" stroke-dasharray="{_DASHES[look.dash]}" stroke-linejoin="round"'
    x, y = at[-1]
    mark = f'fill="{look.color}" stroke="{ground}" stroke-width="1"'
    return f'<polyline points="{drawn}" fill="none" {stroke}/><polygon points="{_marker(look.marker, x, y)}" {mark}/>'


def _marker(shape: str, x: float, y: float, radius: float = 5.5) -> str:
    """The corners of a marker."""
    if shape == "cross":
        arm, half = radius, radius / 3
        corners = [(-half, -arm), (half, -arm), (half, -half), (arm, -half), (arm, half), (half, half)]
        corners += [(-a, -b) for a, b in corners]
    else:
        count, turn = _CORNERS[shape]
        angles = np.deg2rad(turn - 90.0 + 360.0 / count * np.arange(count))
        corners = [(radius * float(np.cos(angle)), radius * float(np.sin(angle))) for angle in angles]
    return " ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners)


def sheet(tiles: list[tuple[str, str, list[str]]], backdrop: str, title: str, theme: Theme) -> str:
    """A gallery on one sheet, as an SVG file.

    Args:
        tiles: of each its path, its name, and lines of text.
        backdrop: the level lines, a data URI.
        title: a line above.
        theme: light or dark.
    """
    palette = PALETTES[theme]
    wide, tall = WIDTH + GAP, HEAD + HEIGHT + FOOT + GAP
    columns = min(COLUMNS, max(len(tiles), 1))
    width, height = columns * wide + GAP, 44 + -(-len(tiles) // columns) * tall
    made = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" fill="{palette.text}">',
        f'<defs><image id="ground" width="{WIDTH}" height="{HEIGHT}" preserveAspectRatio="none" href="{backdrop}"/></defs>',
        f'<rect width="100%" height="100%" fill="{palette.background}"/><text x="{GAP}" y="28" font-size="16">{escape(title)}</text>',
    ]
    for number, (path, name, lines) in enumerate(tiles):
        x, y = GAP + number % columns * wide, 44 + number // columns * tall
        made.append(f'<g transform="translate({x} {y})"><text y="16" font-size="14" font-weight="600">{escape(name)}</text>')
        made.append(f'<svg y="{HEAD}" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"><use href="#ground"/>{path}</svg>')
        made += [f'<text y="{HEAD + HEIGHT + 16 * row}" font-size="12">{escape(text)}</text>' for row, text in enumerate(lines, 1)]
        made.append("</g>")
    return "".join([*made, "</svg>"])
