"""What every figure has in common: fonts, quiet axes, the legend above."""

from __future__ import annotations

from typing import Any

from lab.figures.style import PALETTES, Theme

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
