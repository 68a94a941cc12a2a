"""What a page would send to the landscape: a quadratic bowl, trainings that run down into it, what they say about two classes, panels."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.live import LANDSCAPE_LABELS
from lab.live.wire import Kept
from tests.live.payloads import DASHES, layout, line, look

N, PER = 200, 20
FRAMES = np.unique(np.r_[np.arange(0, 40, 4), np.arange(40, N + 1, 8), N])
CELLS, LEVELS = 24, 128
REACH = 6.0


def curvature(run: int) -> np.ndarray:
    """Curvatures of the bowl along both axes."""
    return np.array([1.0, 8.0 + 4.0 * run])


def path(run: int) -> np.ndarray:
    """Where gradient descent with heavy ball stands at the checkpoints, `(F, 2)`, by its own two lines."""
    w, v, found = np.array([-4.6, 3.4 - 1.5 * run]), np.zeros(2), []
    for _ in range(N + 1):
        found.append(w)
        v = 0.85 * v - 0.012 * curvature(run) * w
        w = w + v
    return np.array(found)[FRAMES]


def height(w: np.ndarray, run: int = 0) -> np.ndarray:
    """The bowl."""
    return np.asarray(0.5 * w**2 @ curvature(run))


def landscape_payload(maps: int = 1, count: int = 2, theme: str = "light", *, space: bool = False, stray: bool = False) -> dict[str, Any]:
    """All trainings in one landscape, or one in each of several; `stray` takes the first one's path out of the picture, and then to nan."""
    paths = [path(run) for run in range(count)]
    if stray:
        paths[0][10:20] = [REACH + 3.0, 1.0]
        paths[0][20:] = np.nan
    each = [list(range(count))] if maps == 1 else [[run] for run in range(maps)]
    return {
        "ack": 0,
        "labels": LANDSCAPE_LABELS,
        "theme": theme,
        "height": 560,
        "n_steps": N,
        "per_epoch": PER,
        "at": None,
        "ends": ["#0b5ca8", "#c94400"],
        "classes": [{"color": "#0aa07a", "marker": "triangle-up"}, {"color": "#a3348f", "marker": "square"}],
        "runs": [_run(run, paths[run], theme) for run in range(count)],
        "maps": [_map(runs, paths, theme, space, alone=maps == 1, scaled=runs is each[-1] and not space) for runs in each],
        "panels": _panels(paths, theme),
        "table": {
            "columns": ["training loss", "in the plane"],
            "rows": [{"run": i, "swatch": look(i, theme), "label": "ABC"[i], "cells": [f"{height(paths[i])[-1]:.3g}", "98.2 %"]} for i in range(count)],
        },
        "findings": [{"color": look(0, theme)["color"], "text": "A · the plane holds 98.2 % of the path."}],
        "notes": ["Level lines: loss on the training sample."],
    }


def _run(i: int, w: np.ndarray, theme: str) -> dict[str, Any]:
    side = np.linspace(-1, 1, CELLS)
    x, y = np.meshgrid(side, side)
    turns = np.nan_to_num(np.arctan2(w[:, 1], w[:, 0]))
    sides = np.cos(turns)[:, None, None] * x + np.sin(turns)[:, None, None] * y
    seen = np.where(sides > 0, LEVELS, 0) + np.minimum(np.abs(sides) * 90, LEVELS - 1).astype(int)
    objects = np.random.default_rng(i).uniform(-0.9, 0.9, (2, 60))
    told = {"label": "ABC"[i], "hidden": False, "n": N, "per_epoch": PER, "frames": FRAMES.astype(np.int32), "loss": np.geomspace(20, 0.01, N)}
    plane = {"kind": "plane", "view": {"x": [-1, 1], "y": [-1, 1]}, "names": ["x₁", "x₂"], "cells": CELLS, "levels": LEVELS, "low": 0.0, "high": 1.0}
    learns = np.r_[np.ones(40), np.zeros(20)].astype(np.int32)
    return {
        **look(i, theme), **told, **plane, "seen": seen.astype(np.uint8).reshape(len(FRAMES), -1), "lost": np.isnan(w[:, 0]).astype(np.uint8),
        "line": {"x": np.zeros(0), "y": np.zeros((len(FRAMES), 0))},
        "points": {"x": objects[0], "y": objects[1], "learns": learns}, "targets": (objects[0] > 0).astype(np.int32), "labels": ["moons", "stars"],
    }  # fmt: skip


def _map(runs: list[int], paths: list[np.ndarray], theme: str, space: bool, *, alone: bool, scaled: bool) -> dict[str, Any]:
    grid = np.linspace(-REACH, REACH, 51)
    heights = Kept(height(np.stack(np.meshgrid(grid, grid), axis=-1), runs[0]))
    scheme = [[0, "#c4d6e8"], [1, "#ffffff"]] if theme == "light" else [[0, "#23354a"], [1, "#0e1117"]]
    above = [np.where((np.abs(w) < REACH).all(axis=1), height(w, runs[0]), np.nan) for w in paths]
    tracks = [{"run": run, "x": paths[run][:, 0], "y": paths[run][:, 1], "z": above[run] if space else None} for run in runs]
    data: list[dict[str, Any]] = []
    bar = {"showscale": scaled, "colorbar": {"thickness": 10, "xpad": 6, "ypad": 0, "outlinewidth": 0, "tickfont": {"size": 12}}}
    kind = {"type": "surface" if space else "contour", "x": grid, "y": grid, "z": heights, "hoverinfo": "skip", "colorscale": scheme}
    data.append(kind | bar)
    for run, track in zip(runs, tracks, strict=True):
        if space:
            color = {"color": look(run, theme)["color"], "width": 4}
            data.append({"type": "scatter3d", "mode": "lines", "x": track["x"], "y": track["y"], "z": track["z"], "line": color, "meta": {"run": run}})
        else:
            data.append(line(run, theme, x=track["x"], y=track["y"], meta={"run": run}, opacity=0.35))
    if space:
        marker = {"size": 6, "color": [look(run, theme)["color"] for run in runs]}
        last = {axis: [float(track[axis][-1]) for track in tracks] for axis in "xyz"}
        data.append({"type": "scatter3d", "mode": "markers", "name": "cursor", **last, "marker": marker})
        drawn: dict[str, Any] = {"scene": {"camera": {"eye": {"x": 0.9, "y": 0.9, "z": 1.9}}}}
        drawn |= {"paper_bgcolor": "rgba(0,0,0,0)", "showlegend": False, "margin": {"l": 0, "r": 0, "t": 0, "b": 0}}
    else:
        across, up = ({"range": [-REACH, REACH], "title": {"text": name}, "constrain": "domain"} for name in ("d₁", "d₂"))
        axes = {"xaxis": across, "yaxis": up | {"scaleanchor": "x"}}
        drawn = layout(theme, **axes) | {"margin": {"l": 44, "r": 10 + 58 * scaled, "t": 8, "b": 40}}
    title, swatch = ("principal plane of the path", None) if alone else ("ABC"[runs[0]], look(runs[0], theme))
    return {"title": title, "swatch": swatch, "figure": {"data": data, "layout": drawn}, "space": space, "tracks": tracks}


def _panels(paths: list[np.ndarray], theme: str) -> list[dict[str, Any]]:
    epochs = {"range": [0, N], "tickvals": list(range(0, N + 1, 4 * PER)), "ticktext": [str(at // PER) for at in range(0, N + 1, 4 * PER)]}
    times = {"xaxis": epochs | {"title": {"text": "epoch"}}, "yaxis": {"type": "log", "range": [-6, 3], "dtick": 3}}
    small = {"margin": {"l": 48, "r": 12, "t": 6, "b": 36}}
    true = [line(i, theme, x=FRAMES, y=height(w), meta={"run": i}) for i, w in enumerate(paths)]
    drawn = [line(i, theme, x=FRAMES, y=0.9 * height(w), meta={"run": i}) for i, w in enumerate(paths)]
    for trace in drawn:
        trace["line"]["dash"] = DASHES[1]
    far = [line(i, theme, x=FRAMES, y=0.1 * np.exp(-FRAMES / 60), meta={"run": i}) for i in range(len(paths))]
    along = np.linspace(-1, 1, 41)
    slices = [line(i, theme, x=along, y=along**2 * curvature(i)[0], meta={"run": i}) for i in range(len(paths))]
    listed = [
        ("true", "Loss: true, and where the path is drawn", true + drawn, times, True),
        ("distance", "Distance from the plane", far, times, True),
        ("lines", "Loss along d₁", slices, {"xaxis": {"range": [-1, 1]}, "yaxis": {}}, False),
    ]
    figures = [{"data": data, "layout": layout(theme, **axes) | small} for _, _, data, axes, _ in listed]
    return [{"name": name, "title": title, "figure": figure, "time": time} for (name, title, _, _, time), figure in zip(listed, figures, strict=True)]
