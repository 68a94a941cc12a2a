"""What every figure has in common: fonts, quiet axes, the legend above."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lab.figures.numbers import decade
from lab.figures.style import PALETTES, RunStyle, Theme

Trace = dict[str, Any]
Layout = dict[str, Any]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif"


def layout(theme: Theme) -> Layout:
    """The layout that all figures start from."""
    palette = PALETTES[theme]
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": palette.background,
        "font": {"family": FONT, "size": 14, "color": palette.text},
        "margin": {"l": 48, "r": 18, "t": 10, "b": 44},
        "uirevision": "descent",
        "dragmode": False,
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": palette.muted, "activecolor": palette.text},
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": palette.background, "bordercolor": palette.muted, "font": {"color": palette.text, "size": 13}},
        "showlegend": True,
        "legend": {
            "orientation": "h", "x": 0, "xanchor": "left", "y": 1.01, "yanchor": "bottom", "itemwidth": 36, "itemclick": False, "itemdoubleclick": False,
            "font": {"size": 13}, "bgcolor": "rgba(0,0,0,0)",
        },
    }  # fmt: skip


def axis(title: str, **more: Any) -> Layout:
    """An axis without grid, zero line and frame."""
    return {
        "title": {"text": title, "standoff": 4}, "showgrid": False, "zeroline": False, "showline": False, "ticks": "", "tickfont": {"size": 13},
        "automargin": False, **more,
    }  # fmt: skip


def line(index: int, y: np.ndarray, look: RunStyle, short: str, symbol: str, **shape: Any) -> Trace:
    """What run `index` has at every step, from step 0; `symbol` is what hovering calls it."""
    return {
        "type": "scatter", "name": short, "meta": {"run": index}, "x0": 0, "dx": 1, "y": y, "mode": "lines",
        "line": {"color": look.color, "width": 2.2, "dash": look.dash, **shape}, "hovertext": look.label, "hovertemplate": hover(look.label, symbol),
    }  # fmt: skip


def hover(label: str, symbol: str) -> str:
    """What hovering over a curve tells."""
    return f"{label}<br>t = %{{x}}<br>{symbol} = %{{y:.4~g}}<extra></extra>"


def steps(n_steps: int) -> Layout:
    """The axis of time: whole steps."""
    return axis("t", range=[0, n_steps], tickformat="d", **({"dtick": 1} if n_steps < 8 else {"nticks": 8}))


def decades(low: float, high: float) -> dict[str, Any]:
    """Ticks at powers of ten, few enough to read."""
    first, last = max(math.ceil(low), -300), min(math.floor(high), 308)
    step = next((nice for nice in (1, 2, 3, 5, 10, 20, 30, 50) if (last - first) // nice < 7), 100)
    orders = [order for order in range(first, last + 1) if order % step == 0]
    return {"tickmode": "array", "tickvals": [10.0**order for order in orders], "ticktext": [decade(order) for order in orders]}


def whole_decades(values: Sequence[np.ndarray], most: int) -> tuple[float, float]:
    """Lowest and highest exponent for all finite positive values, at most `most` decades apart.

    In whole decades, or halves where there are few, so that the axis seldom moves when a slider does.
    """
    finite = [good for value in values if len(good := value[np.isfinite(value) & (value > 0)])]
    if not finite:
        return -1.0, 1.0
    high = math.log10(max(float(value.max()) for value in finite))
    return halves(max(math.log10(min(float(value.min()) for value in finite)), high - most), high)


def halves(low: float, high: float) -> tuple[float, float]:
    """An interval of exponents in round numbers."""
    unit = 1.0 if high - low > 4 else 0.5
    return math.floor(low / unit - 0.1) * unit, math.ceil(high / unit + 0.1) * unit
