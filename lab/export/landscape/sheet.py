"""Several maps, or several surfaces in space, on one sheet: each keeps its axes, and all together have one legend and one colour bar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

ACROSS, DOWN = 70, 80
"""Between two pictures, px: room for the axis and the title of the next."""
LEGEND, TITLE = 72, 24
"""Room for the legend with its title, and for the title of a picture, px."""
FARTHER, LOWER = 1.2, 0.12
"""One of several surfaces is seen from so many times as far, aimed so much lower: in a low cell the axes' titles would be cut off."""
LEAST = 50
"""Px of the area for pictures that any sheet has."""


class Cell(NamedTuple):
    """Where a picture stands, in shares of the area for pictures."""

    x: list[float]
    y: list[float]


def sheet(figures: Sequence[Mapping[str, Any]], titles: Sequence[str], width: int, height: int) -> dict[str, Any]:
    """One plain Plotly figure of several.

    Args:
        figures: at least one; all with one pair of axes, or all with one scene. The last one gives margins and colour bar.
        titles: of each; written only where there are several.
        width, height: of the sheet, px; they decide how many stand side by side.
    """
    layout = {key: value for key, value in figures[-1]["layout"].items() if not key.startswith(("xaxis", "yaxis", "scene"))}
    layout |= {"annotations": [], "shapes": []}
    margin, several = layout["margin"], len(figures) > 1
    across = max(width - margin["l"] - margin["r"], LEAST)
    down = max(height - LEGEND - TITLE * several - margin["b"], LEAST)
    data: list[dict[str, Any]] = []
    cells = _cells(len(figures), across, down, _slope(figures))
    for index, (figure, title, cell) in enumerate(zip(figures, titles, cells, strict=True)):
        number = str(index + 1) if index else ""
        flat = "scene" not in figure["layout"]
        data += [{**trace, **({"xaxis": f"x{number}", "yaxis": f"y{number}"} if flat else {"scene": f"scene{number}"})} for trace in figure["data"]]
        _place(layout, figure["layout"], number, cell, several)
        if several:
            layout["annotations"].append(_title(title, number, cell, flat))
    for trace in data:
        if "colorbar" in trace:
            trace["colorbar"] = {**trace["colorbar"], "x": max(cell.x[1] for cell in cells), "xanchor": "left", "xpad": 12}
    if several:
        layout["legend"] = {**layout["legend"], "y": 1.0 + TITLE / down}
    return {"data": data, "layout": layout}


def named_once(figure: Mapping[str, Any]) -> dict[str, Any]:
    """The same figure with every name in its legend once: that of the last trace that has it, which is drawn over the others."""
    seen: set[str] = set()
    data = []
    for trace in reversed(figure["data"]):
        name = trace.get("hovertext", "") if trace.get("showlegend", True) else ""
        data.append({**trace, "showlegend": bool(name) and name not in seen})
        seen.add(name)
    return {**figure, "data": data[::-1]}


def _slope(figures: Sequence[Mapping[str, Any]]) -> float | None:
    """Height by width of the tallest map, whose axes have one scale; None for surfaces in space, which fill what they are given."""
    if any("scene" in figure["layout"] for figure in figures):
        return None
    ranges = [[figure["layout"][f"{axis}axis"]["range"] for axis in "xy"] for figure in figures]
    return max(float((y[1] - y[0]) / (x[1] - x[0])) for x, y in ranges)


def _cells(count: int, across: float, down: float, slope: float | None) -> list[Cell]:
    """The places of all pictures in an area of so many px; maps stand close together."""
    columns = max(range(1, count + 1), key=lambda columns: min(across / columns, down / math.ceil(count / columns)))
    rows = math.ceil(count / columns)
    gaps = (0.0, 0.0) if slope is None else (min(ACROSS / across, 0.4 / columns), min(DOWN / down, 0.4 / rows))
    wide, high = (1.0 - gaps[0] * (columns - 1)) / columns, (1.0 - gaps[1] * (rows - 1)) / rows
    if slope is not None:
        wide = min(wide, high * down / slope / across)
    corners = [((index % columns) * (wide + gaps[0]), (rows - 1 - index // columns) * (high + gaps[1])) for index in range(count)]
    return [Cell([x, x + wide], [y, y + high]) for x, y in corners]


def _place(layout: dict[str, Any], own: Mapping[str, Any], number: str, cell: Cell, several: bool) -> None:
    """Take over the axes of one figure and all that is tied to them."""
    if "scene" in own:
        scene = own["scene"] if not several else {**own["scene"], "camera": _farther(own["scene"]["camera"])}
        layout[f"scene{number}"] = {**scene, "domain": cell._asdict()}
    else:
        layout[f"xaxis{number}"] = {**own["xaxis"], "domain": cell.x, "anchor": f"y{number}"}
        layout[f"yaxis{number}"] = {**own["yaxis"], "domain": cell.y, "anchor": f"x{number}", "scaleanchor": f"x{number}"}
    refs = {"xref": f"x{number}", "yref": f"y{number}"}
    for kind in ("annotations", "shapes"):
        layout[kind] += [{**each, **refs} for each in own.get(kind, ())]


def _farther(camera: Mapping[str, Any]) -> dict[str, Any]:
    eye, centre = camera["eye"], camera["center"]
    return {**camera, "eye": {axis: FARTHER * place for axis, place in eye.items()}, "center": {**centre, "z": centre["z"] - LOWER}}


def _title(text: str, number: str, cell: Cell, flat: bool) -> dict[str, Any]:
    """Above a map, or in the upper left corner of a surface's place."""
    where = (
        {"x": 0, "y": 1, "xref": f"x{number} domain", "yref": f"y{number} domain"}
        if flat
        else {"x": cell.x[0], "y": cell.y[1], "xref": "paper", "yref": "paper"}
    )
    return {**where, "xanchor": "left", "yanchor": "bottom" if flat else "top", "text": text, "showarrow": False, "borderpad": 3, "font": {"size": 14}}
