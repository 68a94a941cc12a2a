"""Films, a slider beside a film, and programs run again: `python -m benchmarks.exports`."""

from __future__ import annotations

import contextlib
import dataclasses
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.table import Row, show
from lab import animation, compute
from lab.experiment import Experiment
from lab.export import scripts
from tests.lab.test_export_scripts import all_cases, executed

RACE = Experiment.from_query({"surface": "rosenbrock", "steps": "300", "run1": "adam", "run2": "momentum", "run3": "rmsprop", "run4": "gradient_descent"})[0]
FILM = animation.Options(640, 480, 20, 5)
"""120 frames, the second of stillness included."""


def films() -> Iterator[Row]:
    """Four runs of 300 steps."""
    picture = compute.picture(RACE)
    for format, limit in (("gif", 5.0), ("mp4", 5.0), ("webm", 8.0), ("zip", 8.0)):
        seconds = []
        for _ in range(3):
            begin = time.perf_counter()
            animation.film(picture, format, FILM, "light", str, lambda done, total: None)  # type: ignore[arg-type]
            seconds.append(time.perf_counter() - begin)
        yield Row(f"{format}, {FILM.frames} frames of {FILM.width} × {FILM.height}", statistics.median(seconds), "s", "≤", limit)


def beside(busy: bool) -> list[float]:
    """Milliseconds from another η to the picture of it, 40 times; `busy` while films are made in another thread, as a page's are."""
    ended = threading.Event()

    def make() -> None:
        def tell(done: int, total: int) -> None:
            if ended.is_set():
                raise InterruptedError

        with contextlib.suppress(InterruptedError):
            while True:
                animation.film(compute.picture(RACE), "mp4", FILM, "light", str, tell)

    maker = threading.Thread(target=make)
    if busy:
        maker.start()
    times = []
    for move in range(40):
        first = dataclasses.replace(RACE.runs[0], lr=0.01 + 1e-4 * move + (1e-5 if busy else 0.0))
        begin = time.perf_counter()
        compute.picture(dataclasses.replace(RACE, runs=(first, *RACE.runs[1:])))
        times.append(1e3 * (time.perf_counter() - begin))
        time.sleep(0.05)
    ended.set()
    if busy:
        maker.join()
    return times


def programs() -> Iterator[Row]:
    """Every program that the tests execute."""
    for library in scripts.LIBRARIES:
        texts = {name: scripts.script(made, 0, library) for name, made in all_cases().items() if scripts.impossible(made, 0, library) is None}
        with tempfile.TemporaryDirectory() as folder:
            paths = executed(texts, Path(folder))
        worst = 0.0
        for name, path in paths.items():
            wanted = all_cases()[name].paths[0].w
            calm = np.isfinite(wanted).all(axis=1) & (np.abs(np.nan_to_num(wanted)).max(axis=1) < 1e3)
            worst = max(worst, float(np.abs(path[calm] - wanted[calm]).max()))
        yield Row(f"{len(texts)} programs with {scripts.TITLES[library]}: largest |Δw| from the app's", worst, "", "≤", 1e-10)


def main() -> None:
    """Measure and print."""
    compute.picture(RACE)
    alone, together = beside(busy=False), beside(busy=True)
    latency = [
        Row("a slider's picture, alone: median", statistics.median(alone), "ms", "≤", 20),
        Row("the same beside a film being made: median", statistics.median(together), "ms", "≤", 60),
        Row("the same: 95 of 100 within", float(np.percentile(together, 95)), "ms", "≤", 150),
    ]
    show("exports", [*films(), *latency, *programs()])


if __name__ == "__main__":
    main()
