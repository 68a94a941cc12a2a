"""What a server process does once, before its first picture."""

from __future__ import annotations

import functools
import gc
import os
import threading
from pathlib import Path

from lab import compute, live
from lab.experiment import Experiment
from optim_core import backend

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
    return compute.start_warm_up(Experiment.from_query({})[0])


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/descent-lab`, or `~/.cache/descent-lab`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "descent-lab"
