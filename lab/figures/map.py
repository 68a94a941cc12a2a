"""STUB"""
from __future__ import annotations

from typing import Any

from lab.figures.style import Theme


def map_figure(picture: Any, theme: Theme, _: Any) -> dict[str, Any]:
    return {"data": [], "layout": {}}
