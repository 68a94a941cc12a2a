"""Work that takes seconds, off the interactive path: a few workers for the process, with progress, cancel and a bounded queue.

concurrent.futures does the queueing; what it lacks is progress and a way to stop a job that has begun.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

Tell = Callable[[int, int], None]
"""`tell(done, total)` notes progress; it raises `Cancelled` when nobody wants the result any more."""
State = Literal["waiting", "running", "done", "failed", "cancelled"]


class Cancelled(Exception):
    """The job is no longer wanted."""


class Busy(RuntimeError):
    """Too many jobs are waiting already."""


class Job:
    """One piece of work.

    Attributes:
        name: what its owner calls it.
        state: where it stands.
        done, total: its progress; total is 0 until it is known.
        result: what it made, once it is done.
    """

    def __init__(self, name: str, patience: float) -> None:
        self.name = name
        self.state: State = "waiting"
        self.done, self.total = 0, 0
        self.result: Any = None
        self._cancelled = threading.Event()
        self._patience = patience
        self.touch()

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for it: it was not cancelled, and somebody looked lately."""
        return not self._cancelled.is_set() and time.monotonic() - self._looked < self._patience

    def touch(self) -> None:
        """Somebody looks at it."""
        self._looked = time.monotonic()

    def cancel(self) -> None:
        """Ask it to stop; a running job does so at its next word of progress."""
        self._cancelled.set()

    def tell(self, done: int, total: int) -> None:
        """Note progress.

        Raises:
            Cancelled: it was cancelled.
        """
        if not self.wanted:
            raise Cancelled
        self.done, self.total = done, total


class Pool:
    """Workers that take jobs in turn.

    Args:
        name: of their threads.
        workers: how many jobs run at a time.
        most: jobs of all readers that may wait or run at a time.
        patience: seconds after which a job at which nobody looks is given up: its reader has left.
    """

    def __init__(self, name: str, workers: int, most: int, patience: float = math.inf) -> None:
        self.most, self.patience = most, patience
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix=name)
        self._alive: set[Job] = set()
        self._lock = threading.Lock()

    def start(self, name: str, make: Callable[[Tell], Any]) -> Job:
        """Queue some work.

        Args:
            name: what the job is called.
            make: does it, telling its progress, and returns what it made.

        Raises:
            Busy: `most` jobs are alive.
        """
        with self._lock:
            if sum(job.wanted for job in self._alive) >= self.most:
                raise Busy
            job = Job(name, self.patience)
            self._alive.add(job)
        self._pool.submit(self._run, job, make)
        return job

    def _run(self, job: Job, make: Callable[[Tell], Any]) -> None:
        try:
            job.tell(0, 0)
            job.state = "running"
            job.result = make(job.tell)
            job.state = "done"
        except Cancelled:
            job.state = "cancelled"
        except Exception:
            job.state = "failed"
            logging.getLogger(__name__).exception("A job failed")
            raise  # nobody asks the future; the log has it
        finally:
            with self._lock:
                self._alive.discard(job)


EXPORTS = Pool("export", workers=1, most=8)
MAPS = Pool("map", workers=2, most=32, patience=15.0)
"""Two at a time: one reader's large map does not keep another's small one waiting."""
RACES = Pool("race", workers=1, most=16)
"""Tuned races, one at a time: a race of all optimizers may compile for seconds, and must not hold up the maps."""
TRAININGS = Pool("training", workers=2, most=32, patience=15.0)
"""Long trainings: one reader's minute does not keep another's few seconds waiting."""
