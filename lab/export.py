"""What leaves the laboratory: pictures for print, numbers that read back exactly.

Pictures are drawn by Chrome through kaleido. Starting it costs some three seconds and about 440 MB, so one is started at the first picture, shared by all
readers, and stopped when it was idle for a while.
"""

from __future__ import annotations

import asyncio
import atexit
import csv
import hashlib
import io
import json
import logging
import math
import os
import platform
import re
import threading
from collections.abc import Coroutine, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlencode

import kaleido
import numpy as np
from choreographer.browsers.chromium import Chromium
from choreographer.errors import DevtoolsProtocolError
from kaleido.errors import KaleidoError

from lab import __version__
from lab.experiment import Experiment
from lab.figures.style import PALETTES, Theme
from lab.runs import written_chance, written_run
from optim_core.hyper import N_, hypers

if TYPE_CHECKING:
    from lab.compute import Picture

Format = Literal["png", "svg", "pdf"]
FORMATS: tuple[Format, ...] = ("png", "svg", "pdf")
NEEDS_CHROME = N_("This needs Chrome or Chromium on the server: install the Debian package chromium, or run plotly_get_chrome.")
FAILED = N_("Chrome on the server did not draw the picture. Try again, or choose another format.")
IDLE_SECONDS = 120.0
"""After so long without a picture Chrome is stopped."""
PATIENCE_SECONDS = 60.0
"""How long one picture may take."""
_CHROME_ERRORS = (OSError, RuntimeError, ValueError, TypeError, DevtoolsProtocolError, KaleidoError)
"""What a browser that is missing, dying or confused makes kaleido and choreographer raise; TimeoutError is an OSError."""
T = TypeVar("T")


class ExportUnavailable(RuntimeError):
    """A picture cannot be made here. Its text is a marked message: whoever shows it translates it."""


# ---------------------------------------------------------------------- pictures


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


# ---------------------------------------------------------------------- numbers

VECTORS = ("grad", "raw_grad", "query", "update", "effective_lr")
COLUMNS = ("run", "optimizer", "t", "lr", "w1", "w2", "loss", *(f"{name}{i}" for name in VECTORS for i in (1, 2)))
KEYS = {
    "run": "its number in the link, from 1",
    "optimizer": "its key in the link",
    "t": "step; w and loss are those after t steps, t = 0 is the start",
    "lr": "learning rate of the step from t to t+1; empty in the last row, like all that follow the loss",
    "w": "the point, w1 and w2",
    "loss": "L(w)",
    "grad": "the gradient of that step, taken at query, as the optimizer was given it",
    "raw_grad": "the same before clipping, noise included",
    "query": "where it was taken; for look-ahead optimizers another point than w",
    "update": "what that step added to w",
    "settings": "all that is the run's own, by its keys in the link",
    "fan": "of many seeds: the median loss after t steps, its 10 % and 90 % quantiles, and every seed's last loss",
    "effective_lr": "the factor each coordinate of the gradient, or of its average, was multiplied by",
    "state": "what the optimizer carries after t steps, by its own names",
}
"""What every key means; part of the files, in English like the keys."""


def trajectories_csv(picture: Picture) -> str:
    """Every run of a picture, hidden ones included: one row a step and run, numbers in the shortest form that reads back exactly.

    Lines that begin with # say where the numbers come from: the link, the versions, the meaning of the columns.
    """
    text = io.StringIO()
    text.writelines(f"# {key}: {value}\n" for key, value in _origin(picture.experiment).items())
    text.writelines(f"# column {key}: {meaning}\n" for key, meaning in KEYS.items() if key not in ("state", "settings", "fan"))
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for index, (run, path) in enumerate(zip(picture.experiment.runs, picture.paths, strict=True), 1):
        now = [path.w[:, 0], path.w[:, 1], path.loss]
        vectors = path.step._asdict() | {"raw_grad": path.raw_grad}
        step = [vectors[name][:, i] for name in VECTORS for i in (0, 1)]
        lr = [*path.lr.tolist(), ""]
        rows = zip(lr, *(column.tolist() for column in now), *([*column.tolist(), ""] for column in step), strict=True)
        writer.writerows((index, run.key, t, *row) for t, row in enumerate(rows))
    return text.getvalue()


def trajectories_json(picture: Picture) -> str:
    """The same as strict JSON, with hyper-parameters and the optimizers' states. What is not finite is "Infinity", "-Infinity" or "NaN", in quotes."""
    runs = [
        {
            "run": index,
            "optimizer": run.key,
            "lr": run.lr,
            "hyperparameters": {name: float(getattr(run.optimizer, name)) for name in hypers(run.optimizer)},
            "settings": dict(written_run(run, f"run{index}")),
            "hidden": run.hidden,
            "fan": None if fan is None else {"seeds": len(fan.w), "median": fan.median, "low": fan.low, "high": fan.high, "last_loss": fan.last_loss},
            "trajectory": {"w": path.w, "loss": path.loss, "lr": path.lr, **path.step._asdict(), "raw_grad": path.raw_grad, "state": path.state},
        }
        for index, (run, path, fan) in enumerate(zip(picture.experiment.runs, picture.paths, picture.fans, strict=True), 1)
    ]
    head = (
        _origin(picture.experiment)
        | {"noise": dict(written_chance(picture.experiment.chance))}
        | {"not finite": 'written as "Infinity", "-Infinity" or "NaN"', "keys": KEYS}
    )
    return json.dumps(_plain({**head, "runs": runs}), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def file_name(experiment: Experiment, suffix: str) -> str:
    """Short, safe everywhere, and different for different experiments: descent-lab_rosenbrock_adam-momentum_1a2b3c4d.png."""
    optimizers = "-".join(dict.fromkeys(run.key for run in experiment.runs))
    digest = hashlib.sha256(_link(experiment).encode()).hexdigest()[:8]
    stem = re.sub(r"[^a-z0-9_-]", "", f"{experiment.surface_key}_{optimizers}".lower())[:60].rstrip("_-")
    return f"descent-lab_{stem}_{digest}.{suffix}"


def _link(experiment: Experiment) -> str:
    return "?" + urlencode(experiment.to_query())


def _origin(experiment: Experiment) -> dict[str, str]:
    versions = {"python": platform.python_version(), "jax": version("jax"), "numpy": version("numpy")}
    return {"Descent Lab": __version__, "link": _link(experiment), **versions}


def _plain(value: Any) -> Any:
    """Dicts, lists, texts, whole and finite numbers; a NamedTuple becomes a dict."""
    if isinstance(value, np.ndarray):
        return value.tolist() if np.isfinite(value).all() else _plain(value.tolist())
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
