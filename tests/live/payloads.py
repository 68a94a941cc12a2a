"""What pages would send to panel and stage: spirals into the middle, with schedules, seeds and clipped steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.live import PANEL_LABELS, STAGE_LABELS
from lab.live.wire import Kept

T = 100
LIGHT, DARK = ("#0b5ca8", "#c94400", "#0aa07a"), ("#2491e6", "#f0643c", "#00b987")
DASHES = ("solid", "dash", "dot")
MARKERS = ("circle", "square", "diamond")
STEPS = {"range": [0, T], "title": {"text": "t"}}
MATH = "<math><msub><mi>η</mi><mi>t</mi></msub><mo>=</mo><msub><mi>η</mi><mn>0</mn></msub><mo>·</mo><msup><mi>γ</mi><mi>t</mi></msup></math>"
Trace = dict[str, Any]


def layout(theme: str, **axes: Any) -> dict[str, Any]:
    """A layout like those of lab.figures."""
    ink, ground = ("#222222", "#ffffff") if theme == "light" else ("#e6e6e6", "#0e1117")
    plain = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 4}
    look = {"paper_bgcolor": ground, "plot_bgcolor": ground, "font": {"color": ink, "size": 13}, "margin": {"l": 58, "r": 18, "t": 10, "b": 40}}
    return {"dragmode": False, "showlegend": False, "hovermode": "closest"} | look | {name: plain | axis for name, axis in axes.items()}


def look(i: int, theme: str = "light") -> dict[str, Any]:
    """Colour, dash and marker of run i."""
    return {"color": (LIGHT if theme == "light" else DARK)[i], "dash": DASHES[i], "marker": MARKERS[i]}


def line(i: int, theme: str, **rest: Any) -> Trace:
    """A trace in the look of run i."""
    return {"type": "scatter", "mode": "lines", "line": {"color": look(i, theme)["color"], "dash": DASHES[i], "width": 2.2}, **rest}


def lines(values: list[np.ndarray], theme: str) -> list[Trace]:
    """One trace a run, a value a step."""
    return [line(i, theme, x0=0, dx=1, y=y, meta={"run": i}) for i, y in enumerate(values)]


def rates(count: int, scale: float = 1.0) -> list[np.ndarray]:
    """η_t of some runs: exponential, staircase, constant."""
    t = np.arange(T)
    return [scale * 0.1 * 0.97**t, scale * 0.1 * 0.5 ** (t // 20), np.full(T, scale * 0.05)][:count]


def path(i: int, scale: float, seed: int | None = None) -> np.ndarray:
    """A spiral into the middle, as complex numbers; with a seed, one that trembles."""
    t = np.arange(T + 1)
    z = complex(-5.0, -2.0) * np.exp((-0.03 - 0.02 * i + 1j * 0.1 * scale) * t)
    if seed is not None:
        z = z + 0.02 * np.cumsum(np.random.default_rng(seed).normal(size=(2, T + 1)), 1).T @ np.array([1, 1j])
    return z


def rate_figure(values: list[np.ndarray], theme: str, log: bool = False) -> dict[str, Any]:
    """η_t as a plain figure."""
    axis: dict[str, Any] = {"type": "log", "range": [-3, 0]} if log else {"range": [0, 0.12]}
    return {"data": lines(values, theme), "layout": layout(theme, xaxis=STEPS, yaxis=axis | {"title": {"text": "η"}})}


def control(key: str, kind: str, **rest: Any) -> dict[str, Any]:
    """A control with everything that it must have."""
    return {"key": key, "kind": kind, "symbol": "", "name": key, "help": f"what {key} does", "value": "", "error": None, "options": [], **rest}


def panel_payload(count: int = 2, theme: str = "light", *, log: bool = False, scale: float = 1.0, error: str | None = None) -> dict[str, Any]:
    """Cards for some runs, with one control of every kind, and the curve of η."""
    values = rates(count, scale)
    schedules = [{"key": "exp", "title": "Exponential"}, {"key": "own", "title": "Own formula"}]
    kinds = [
        control("lr", "number", symbol="η₀", name="learning rate", value="0.1", low=0.001, high=1.0, scale="log"),
        control("schedule", "choice", name="schedule", value="exp", options=schedules, strong=True),
        control("rule", "rule", rule=[MATH]),
        control("formula", "text", symbol="ηₜ", name="formula", value="eta0 * 0.97^t", error=error, note="t runs from 0 to T − 1"),
        control("clip", "switch", name="clip the gradient", value="0", note="at norm 1"),
    ]
    common = {"rule": [MATH], "note": None, "hidden": False, "base": 0.1, "actions": ["draw", "hide", "duplicate", "reset", "remove"]}
    groups = [
        {
            "id": f"run{i}",
            "title": f"Run {i}",
            "swatch": look(i - 1, theme),
            "run": i - 1,
            "controls": [{**one, "key": f"run{i}.{one['key']}"} for one in kinds],
        }
        for i in range(1, count + 1)
    ]
    return {
        "ack": 0,
        "labels": PANEL_LABELS,
        "height": 700,
        "groups": [group | common for group in groups],
        "add": {"label": "Add a run", "options": [{"key": "gd", "title": "Gradient descent"}]},
        "full": None,
        "rate": {
            "figure": rate_figure(values, theme, log),
            "runs": [look(i, theme) | {"hidden": False, "rate": y} for i, y in enumerate(values)],
            "height": 220,
        },
    }


def stage_payload(count: int = 2, theme: str = "light", *, scale: float = 1.0, seeds: int = 0, curves: tuple[str, ...] = ("curve", "norm")) -> dict[str, Any]:
    """Map, curves, player, table; with `seeds`, a fan of so many and a band around the loss."""
    runs = [_run(i, theme, scale, seeds) for i in range(count)]
    losses = [run["loss"] for run in runs]
    bands = [_band(i, theme, run["fan"]) for i, run in enumerate(runs) if seeds]
    pictures = {
        "curve": {"data": bands + lines(losses, theme), "layout": layout(theme, xaxis=STEPS, yaxis={"type": "log", "range": [-6, 2], "dtick": 2})},
        "norm": {"data": lines([run["norm"] for run in runs], theme), "layout": layout(theme, xaxis=STEPS, yaxis={"range": [0, 12]})},
        "rate": rate_figure([run["rate"] for run in runs], theme),
    }
    return {
        "ack": 0,
        "labels": STAGE_LABELS,
        "theme": theme,
        "height": 700,
        "start": [-5.0, -2.0],
        "view_domain": {"w1": [-6.0, 6.0], "w2": [-6.0, 6.0]},
        "figures": {"map": _map(runs, theme), **{name: pictures[name] for name in curves}},
        "runs": runs,
        "n_steps": T,
        "table": {
            "columns": ["final L"],
            "rows": [{"run": i, "swatch": look(i, theme), "label": f"run {i}", "cells": [f"{loss[-1]:.3g}"]} for i, loss in enumerate(losses)],
        },
        "notes": ["32 seeds; the band holds 80 % of them."],
    }


def _run(i: int, theme: str, scale: float, seeds: int) -> dict[str, Any]:
    w = path(i, scale)
    loss = np.abs(w) ** 2
    fan = None
    if seeds:
        many = np.array([path(i, scale, seed) for seed in range(seeds)])[:, :100]
        fan = {"w1": many.real.copy(), "w2": many.imag.copy()}
        fan["w1"][0, 60:] = np.nan
    told = {"w1": w.real.copy(), "w2": w.imag.copy(), "loss": loss, "height": loss, "norm": 2 * np.abs(w[:-1]), "rate": rates(3, scale)[i]}
    return look(i, theme) | told | {"label": f"run {i}", "hidden": False, "stop": None, "n": T, "fan": fan, "clipped": np.array([2, 5, 9]) if i == 0 else None}


def _band(i: int, theme: str, fan: dict[str, np.ndarray]) -> Trace:
    t = np.arange(fan["w1"].shape[1])
    low, high = np.nanquantile(fan["w1"] ** 2 + fan["w2"] ** 2, [0.1, 0.9], axis=0)
    color = look(i, theme)["color"]
    trace = {"x": np.r_[t, t[::-1]], "y": np.r_[low, high[::-1]], "fill": "toself", "fillcolor": color, "line": {"width": 0}, "opacity": 0.2}
    return {"type": "scatter", "mode": "lines", "name": f"band:{i}", "hoverinfo": "skip", **trace}


def _map(runs: list[dict[str, Any]], theme: str) -> dict[str, Any]:
    grid = np.linspace(-6, 6, 61)
    scheme = [[0, "#c4d6e8"], [1, "#ffffff"]] if theme == "light" else [[0, "#23354a"], [1, "#0e1117"]]
    heights = Kept(grid**2 + grid[:, None] ** 2)
    data: list[Trace] = [{"type": "contour", "x": grid, "y": grid, "z": heights, "showscale": False, "hoverinfo": "skip", "colorscale": scheme}]
    for i, run in enumerate(runs):
        if run["fan"]:
            x, y = (np.pad(run["fan"][name], ((0, 0), (0, 1)), constant_values=np.nan).ravel() for name in ("w1", "w2"))
            data.append(line(i, theme, name=f"fan:{i}", x=x, y=y, opacity=0.16) | {"line": {"color": run["color"], "width": 1}})
        data.append(line(i, theme, name=f"run {i}", x=run["w1"], y=run["w2"], meta={"run": i}))
        if run["clipped"] is not None:
            marker = {"symbol": "diamond-open", "size": 10, "color": run["color"], "line": {"width": 1.6}}
            at = run["clipped"]
            data.append({"type": "scatter", "mode": "markers", "name": f"clipped:{i}", "x": run["w1"][at], "y": run["w2"][at], "marker": marker})
    data.append({"type": "scatter", "mode": "markers", "x": [-5.0], "y": [-2.0], "name": "start", "marker": {"size": 14, "symbol": "circle-open"}})
    plane = layout(theme, xaxis={"range": [-6, 6]}, yaxis={"range": [-6, 6]})
    return {"data": data, "layout": plane | {"margin": {"l": 40, "r": 10, "t": 10, "b": 30}}}
