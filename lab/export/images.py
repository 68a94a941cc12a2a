"""Figures as pictures for print, drawn by Chrome through kaleido.

Starting it costs some three seconds and about 440 MB, so one is started at the first picture, shared by all
readers, and stopped when it was idle for a while.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import kaleido
from choreographer.browsers.chromium import Chromium
from choreographer.errors import DevtoolsProtocolError
from kaleido.errors import KaleidoError

from lab.export.maps import atlas_figure
from lab.figures.curve import curve_figure
from lab.figures.map import map_figure
from lab.figures.norm import norm_figure
from lab.figures.predicted import curvature_figure
from lab.figures.rate import rate_figure
from lab.figures.space import space_figure
from lab.figures.style import PALETTES, Theme
from lab.i18n import Translate
from optim_core.hyper import N_

if TYPE_CHECKING:
    from lab.compute import Picture

Format = Literal["png", "svg", "pdf"]
FORMATS: tuple[Format, ...] = ("png", "svg", "pdf")
NEEDS_CHROME = N_("This needs Chrome or Chromium on the server: install the Debian package chromium, or run plotly_get_chrome.")
FAILED = N_("Chrome on the server did not draw the picture. Try again, or choose another format.")
FIGURES: Mapping[str, Callable[[Picture, Theme, Translate], dict[str, Any]]] = {
    "map": map_figure,
    "curve": curve_figure,
    "rate": rate_figure,
    "norm": norm_figure,
    "space": space_figure,
    "atlas": atlas_figure,
    "curvature": curvature_figure,
}
NOT_OFFERED = N_("This experiment has no such figure; it has: {figures}")
SIDES = (200, 4000)
"""Width and height that a reader may ask for, px."""
IDLE_SECONDS = 120.0
"""After so long without a picture Chrome is stopped."""
PATIENCE_SECONDS = 60.0
"""How long one picture may take."""
_CHROME_ERRORS = (OSError, RuntimeError, ValueError, TypeError, DevtoolsProtocolError, KaleidoError)
"""What a browser that is missing, dying or confused makes kaleido and choreographer raise; TimeoutError is an OSError."""
T = TypeVar("T")


class ExportUnavailable(RuntimeError):
    """A picture cannot be made here. Its text is a marked message: whoever shows it translates it."""


def image_available() -> bool:
    """Whether there is a Chrome or Chromium; cheap, so that a button can tell before it is pressed."""
    return _browser_path() is not None


def image(figure: Mapping[str, Any], format: Format, width: int, height: int) -> bytes:
    """Draw a plain Plotly figure.

    Args:
        figure: `{"data": …, "layout": …}`.
        format: png, svg or pdf.
        width, height: in px, those of the layout and of the file.

    Raises:
        ExportUnavailable: there is no Chrome, or it failed.
        ValueError: an argument is out of range.
    """
    if format not in FORMATS:
        raise ValueError(f"format = {format!r} is not one of {', '.join(FORMATS)}")
    if not (1 <= width <= 10_000 and 1 <= height <= 10_000):
        raise ValueError(f"width, height = {width!r}, {height!r} are outside [1, 10000]")
    if not image_available():
        raise ExportUnavailable(NEEDS_CHROME)
    return _chrome.draw(dict(figure), {"format": format, "width": width, "height": height})


def offered(picture: Picture) -> tuple[str, ...]:
    """Which of `FIGURES` a picture has: a curve of one parameter none in space, and some only where they were asked for."""
    experiment = picture.experiment
    lacking = {
        "space": experiment.on_curve,
        "curvature": not experiment.theory or picture.landscape.bowl is not None,
        "atlas": experiment.chart is None or (experiment.chart.kind == "seeds" and experiment.chance is None),
    }
    return tuple(name for name in FIGURES if not lacking.get(name, False))


def print_figure(figure: Mapping[str, Any], theme: Theme, title: str = "") -> dict[str, Any]:
    """The same figure for a report: an opaque background, and a legend that names every run in full.

    Args:
        figure: as built by `lab.figures`, in the same theme; it stays as it is.
        theme: light is white paper.
        title: a line above it, if any.
    """
    data = [{**trace, "name": trace["hovertext"]} if "hovertext" in trace and trace.get("showlegend", True) else trace for trace in figure["data"]]
    layout = {**figure["layout"], "paper_bgcolor": PALETTES[theme].background, "showlegend": True}
    if title:  # over the legend, which makes its own room; Plotly's title would not
        layout["legend"] = {**layout["legend"], "title": {"text": title, "side": "top", "font": {"size": 16}}}
    return {"data": data, "layout": layout}


def printed(picture: Picture, name: str, theme: Theme, _: Translate) -> dict[str, Any]:
    """One of `FIGURES` of a picture for a report, under the surface's name."""
    return print_figure(FIGURES[name](picture, theme, _), theme, _(picture.experiment.surface.title))


def _browser_path() -> str | None:
    path: str | None = Chromium.find_browser(skip_local=False)
    return path if path is not None and os.access(path, os.X_OK) else None


class _Chrome:
    """One kaleido for the whole process, in a thread with its own event loop; pictures are drawn one after another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._browser: kaleido.Kaleido | None = None
        self._thread = threading.Thread()
        self._idle: threading.Timer | None = None

    def draw(self, figure: dict[str, Any], options: dict[str, Any]) -> bytes:
        """One picture. A Chrome that was running may have died since, so what it fails at is tried once more with a fresh one."""
        with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            try:
                drawn = self._drawn(figure, options) if self._browser is None else self._drawn_or_none(figure, options) or self._drawn(figure, options)
            except _CHROME_ERRORS as error:
                logging.getLogger(__name__).warning("Chrome failed", exc_info=error)
                self._stop()
                raise ExportUnavailable(FAILED) from error
            self._idle = threading.Timer(IDLE_SECONDS, self.stop)
            self._idle.daemon = True
            self._idle.start()
            return drawn

    def _drawn(self, figure: dict[str, Any], options: dict[str, Any]) -> bytes:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="chrome", daemon=True)
            self._thread.start()
        if self._browser is None:
            self._browser = self._await(_opened())
        drawn: bytes = self._await(self._browser.calc_fig(figure, opts=options))
        return drawn

    def _drawn_or_none(self, figure: dict[str, Any], options: dict[str, Any]) -> bytes | None:
        try:
            return self._drawn(figure, options)
        except _CHROME_ERRORS as error:  # whatever it was, a fresh Chrome is the remedy
            logging.getLogger(__name__).info("Chrome is started again", exc_info=error)
            self._stop()
            return None

    def stop(self) -> None:
        """Give the memory back; the next picture starts Chrome again."""
        with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            self._stop()

    def _stop(self) -> None:
        if self._loop is None:
            return
        try:
            if self._browser is not None:
                self._await(self._browser.close())
        except _CHROME_ERRORS as error:  # it is being thrown away
            logging.getLogger(__name__).warning("Chrome did not close", exc_info=error)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._browser = None

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(PATIENCE_SECONDS)
        except TimeoutError:
            future.cancel()
            raise


async def _opened() -> kaleido.Kaleido:
    browser = kaleido.Kaleido(path=_browser_path(), mathjax=False, timeout=PATIENCE_SECONDS)
    await browser.open()
    return browser


_chrome = _Chrome()
atexit.register(_chrome.stop)
