"""What a server process does once, before its first picture."""

from __future__ import annotations

import functools
import gc
import os
import threading
from pathlib import Path

from lab import compute, lessons, live, slices
from lab.cut import Cut
from lab.experiment import Experiment
from lab.scenes import scenes
from lab.study import Study
from optim_core import backend

DELAY = 4.0
"""Seconds before the warm-up begins: the first reader's first picture comes first."""
_once = threading.Lock()


def prepare() -> threading.Timer:
    """What follows, once a process, however many readers come first.

    Returns:
        The warm-up, which soon compiles the lecture's optimizers in the background.
    """
    with _once:
        return _prepare()


@functools.cache
def _prepare() -> threading.Timer:
    """Publish the browser code, keep compilations across restarts, warm up, and take what is loaded out of the garbage collector's rounds."""
    live.assets.publish()
    backend.keep_compilations(cache_folder() / "xla")
    gc.collect()
    gc.freeze()
    timer = threading.Timer(DELAY, warm_up)
    timer.daemon = True
    timer.start()
    return timer


def warm_up() -> None:
    """Compile what readers open first: the optimizers of the pages about surfaces, and the networks of the first scenes of Training and Landscape."""
    compute.warm_up(Experiment.from_query({})[0])
    first = {scene.page: scene for scene in reversed(scenes())}
    lessons.lesson(Study.from_query(first["training"].link)[0])
    slices.survey(Cut.from_query(first["landscape"].link)[0])


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/descent-lab`, or `~/.cache/descent-lab`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "descent-lab"
