"""A frame of the player as matplotlib draws it, from the same plain figures as the page.

Plotly's own pictures take half a second each through Chrome; matplotlib's Agg draws what stands still once and adds the rest in some milliseconds.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lab.figures import geometry
from lab.figures.curve import curve_figure
from lab.figures.map import map_figure
from lab.figures.style import PALETTES, Theme
from lab.plane import drawn_points

if TYPE_CHECKING:
    from lab.compute import Picture

_DPI = 100
_LABEL, _LINE = 200, 20
"""Room for a run's name in the legend, in px."""
MARKERS = {
    **{"circle": "o", "square": "s", "triangle-down": "v", "cross": "P", "diamond": "D", "triangle-up": "^", "pentagon": "p", "hexagon": "h", "star": "*"},
    **{"x-thin-open": "x", "triangle-up-open": "^", "square-open": "s", "circle-open": "o"},
}
_DASHES: dict[str, Any] = {
    **{"solid": "-", "dash": (0, (4, 3)), "dot": (0, (1, 1.6)), "dashdot": (0, (4, 2, 1, 2)), "longdash": (0, (7, 3)), "longdashdot": (0, (7, 2.5, 1.5, 2.5))}
}


class Canvas:
    """The picture with everything that stands still drawn once; a frame adds the rest."""

    def __init__(self, picture: Picture, width: int, height: int, theme: Theme, _: Callable[[str], str]) -> None:
        palette, n = PALETTES[theme], picture.experiment.n_steps
        self.figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=palette.background)
        self.agg: Any = FigureCanvasAgg(self.figure)
        shown = [run for run in picture.experiment.runs if not run.hidden]
        columns = max(1, min(len(shown), width // _LABEL))
        head = (_LINE * -(-len(shown) // columns) + 14) / height
        room = self.figure.add_gridspec(2, 1, height_ratios=(2.4, 1.0), left=58 / width, right=1 - 12 / width, top=1 - head, bottom=42 / height, hspace=0.24)
        self.map, self.curve = self.figure.add_subplot(room[0]), self.figure.add_subplot(room[1])
        plane, curve = map_figure(picture, theme, _), curve_figure(picture, theme, _)
        for axes, drawn in ((self.map, plane), (self.curve, curve)):
            quiet(axes, drawn["layout"], palette.background, palette.text)
        _ground(self.map, plane["data"])
        self.runs: list[tuple[np.ndarray, np.ndarray, np.ndarray, Line2D, Line2D, Line2D]] = []
        heights = {trace["meta"]["run"]: trace for trace in curve["data"] if "meta" in trace}
        for trace in plane["data"]:
            if "meta" in trace:
                self._run(picture, trace, heights[trace["meta"]["run"]], palette.background)
        for trace in curve["data"]:
            if trace.get("mode") == "lines" and not trace["name"].startswith("band:"):
                line(self.curve, trace, faint="meta" in trace)
        handles = [trail for _, _, _, trail, _, _ in self.runs]
        self.figure.legend(handles=handles, loc="upper left", ncols=columns, frameon=False, fontsize=9, labelcolor=palette.text, bbox_to_anchor=(0.0, 1.0))
        self.cursor = self.curve.axvline(0.0, color=palette.text, alpha=0.45, lw=1.0, animated=True, visible=picture.experiment.against == "steps")
        self.words, self.n = _("step {t} / {n}"), n
        self.step = self.map.text(0.99, 0.98, "", transform=self.map.transAxes, ha="right", va="top", fontsize=10, color=palette.text, animated=True)
        self.agg.draw()
        self.still = self.agg.copy_from_bbox(self.figure.bbox)

    def _run(self, picture: Picture, trace: dict[str, Any], height: dict[str, Any], ground: str) -> None:
        index = trace["meta"]["run"]
        points = geometry.drawn(drawn_points(picture.paths[index]), picture.experiment.surface.domain, thin=False).w
        look: dict[str, Any] = {"color": trace["line"]["color"], "ls": _DASHES[trace["line"]["dash"]]}
        dots: dict[str, Any] = {"marker": MARKERS[trace["marker"]["symbol"]], "ms": 3.5} if picture.experiment.n_steps <= 150 else {}
        trail = Line2D([], [], lw=1.8, animated=True, label=trace["hovertext"], **look, **dots)
        tip = Line2D([], [], marker="o", ms=8, mec=ground, mew=1.2, color=trace["line"]["color"], animated=True)
        dot = Line2D([], [], marker="o", ms=6, mec=ground, mew=1.0, color=trace["line"]["color"], animated=True)
        for axes, line in ((self.map, trail), (self.map, tip), (self.curve, dot)):
            axes.add_line(line)
        y = np.asarray(height["y"], dtype=float)
        x = np.asarray(height["x"], dtype=float) if "x" in height else np.arange(len(y), dtype=float)
        self.runs.append((points, x, y, trail, tip, dot))

    def at(self, position: float) -> np.ndarray:
        """The frame at a step with a fraction."""
        self.agg.restore_region(self.still)
        for points, x, y, trail, tip, dot in self.runs:
            last = min(position, len(points) - 1.0)
            head = _between(points, last)
            trail.set_data(*np.vstack([points[: int(last) + 1], head]).T)
            tip.set_data(*head[:, None])
            at = min(position, len(y) - 1.0)
            dot.set_data([float(_between(x[:, None], at)[0])], [float(_between(y[:, None], at)[0])])
            for axes, line in ((self.map, trail), (self.map, tip), (self.curve, dot)):
                axes.draw_artist(line)
        self.cursor.set_xdata([position, position])
        self.step.set_text(self.words.format(t=int(position), n=self.n))
        self.curve.draw_artist(self.cursor)
        self.map.draw_artist(self.step)
        return np.asarray(self.agg.buffer_rgba())[..., :3].copy()


def _between(points: np.ndarray, at: float) -> np.ndarray:
    """A point between two steps; where the next one is no number, the last one that is."""
    if not len(points):
        return np.full(points.shape[1], np.nan)
    i = int(at)
    following = points[min(i + 1, len(points) - 1)]
    result: np.ndarray = points[i] + (at - i) * (following - points[i]) if np.isfinite(following).all() else points[i]
    return result


def quiet(axes: Any, layout: dict[str, Any], ground: str, ink: str) -> None:
    """Axes as on the page: no frame, no grid, the same ranges, ticks and titles."""
    axes.set_facecolor(ground)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelsize=9, colors=ink)
    for name, limit, scale, title, ticks in (
        ("xaxis", axes.set_xlim, axes.set_xscale, axes.set_xlabel, axes.set_xticks),
        ("yaxis", axes.set_ylim, axes.set_yscale, axes.set_ylabel, axes.set_yticks),
    ):
        axis = layout[name]
        log = axis.get("type") == "log"
        if log:
            scale("log")
        limit(*(10.0 ** np.array(axis["range"]) if log else axis["range"]))
        if "tickvals" in axis:
            ticks(axis["tickvals"], axis["ticktext"])
            axes.minorticks_off()
        title(axis["title"]["text"], color=ink, fontsize=10)


def _ground(axes: Any, data: list[dict[str, Any]]) -> None:
    """Level lines or the curve, and the points that are marked on them."""
    for trace in data:
        if trace["type"] == "contour":
            z, levels = np.asarray(trace["z"]), trace["contours"]
            x, y = (trace[f"{axis}0"] + trace[f"d{axis}"] * np.arange(count) for axis, count in (("x", z.shape[1]), ("y", z.shape[0])))
            steps = np.arange(levels["start"], levels["end"] + levels["size"] / 2, levels["size"])
            shades = LinearSegmentedColormap.from_list("levels", [color for _, color in trace["colorscale"]])
            axes.contourf(x, y, z, [steps[0] - 1e6, *steps, steps[-1] + 1e6], colors=shades(np.linspace(0, 1, len(steps) + 1)))
            axes.contour(x, y, z, steps, colors=[(0.47, 0.59, 0.71, 0.45)], linewidths=0.7, linestyles="solid")
        elif trace.get("name") in ("minima", "saddles", "maxima", "flat", "start"):
            marker = trace["marker"]
            open_ = str(marker["symbol"]).endswith("-open")
            color = marker["color"] if isinstance(marker["color"], str) or not len(marker["color"]) else list(marker["color"])
            sizes = np.asarray(marker["size"], dtype=float) ** 2
            axes.scatter(trace["x"], trace["y"], s=sizes * 0.6, marker=MARKERS[marker["symbol"]], zorder=3, linewidths=1.2,
                         **({"facecolors": "none", "edgecolors": color} if open_ and marker["symbol"] != "x-thin-open" else {"c": color}))  # fmt: skip
        elif trace.get("name") in ("landscape", "axes"):
            line(axes, trace)


def line(axes: Any, trace: dict[str, Any], *, faint: bool = False) -> None:
    """A line of a plain figure; `faint` where something moves above it."""
    y = np.asarray(trace["y"], dtype=float)
    x = np.asarray(trace["x"], dtype=float) if "x" in trace else np.arange(len(y))
    style = trace["line"]
    alpha = trace.get("opacity", 1.0) * (0.55 if faint else 1.0)
    axes.plot(x, y, color=style["color"], lw=0.8 * style.get("width", 1.5), ls=_DASHES[style.get("dash", "solid")], alpha=alpha)


def backdrop_png(picture: Picture, theme: Theme, width: int = 220, height: int = 160) -> bytes:
    """The map without runs, axes and margins, at twice the size in px, as a PNG: what lies under small multiples."""
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=2 * _DPI, facecolor=PALETTES[theme].background)
    axes: Any = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    plane = map_figure(picture, theme, str)
    quiet(axes, plane["layout"], PALETTES[theme].background, PALETTES[theme].text)
    _ground(axes, plane["data"])
    for collection in axes.collections[-2:]:
        collection.set_sizes(collection.get_sizes() * 0.4)  # start and minima, small like the tile
    made = io.BytesIO()
    figure.savefig(made, format="png")
    return made.getvalue()
