"""Work that takes seconds, off the interactive path: one worker for the process, with progress, cancel and a bounded queue.

concurrent.futures does the queueing; what it lacks is progress and a way to stop a job that has begun.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

Tell = Callable[[int, int], None]
"""`tell(done, total)` notes progress; it raises `Cancelled` when nobody wants the result any more."""
State = Literal["waiting", "running", "done", "failed", "cancelled"]
MOST = 8
"""Jobs of all readers that may wait or run at a time."""


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

    def __init__(self, name: str) -> None:
        self.name = name
        self.state: State = "waiting"
        self.done, self.total = 0, 0
        self.result: bytes = b""
        self._cancelled = threading.Event()

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")

    def cancel(self) -> None:
        """Ask it to stop; a running job does so at its next word of progress."""
        self._cancelled.set()

    def tell(self, done: int, total: int) -> None:
        """Note progress.

        Raises:
            Cancelled: it was cancelled.
        """
        if self._cancelled.is_set():
            raise Cancelled
        self.done, self.total = done, total


_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="export")
_alive: set[Job] = set()
_lock = threading.Lock()


def start(name: str, make: Callable[[Tell], bytes]) -> Job:
    """Queue some work.

    Args:
        name: what the job is called.
        make: does it, telling its progress, and returns what it made.

    Raises:
        Busy: `MOST` jobs are alive.
    """
    with _lock:
        if len(_alive) >= MOST:
            raise Busy
        job = Job(name)
        _alive.add(job)
    _pool.submit(_run, job, make)
    return job


def _run(job: Job, make: Callable[[Tell], bytes]) -> None:
    try:
        job.tell(0, 0)
        job.state = "running"
        job.result = make(job.tell)
        job.state = "done"
    except Cancelled:
        job.state = "cancelled"
    except (OSError, RuntimeError, ValueError, MemoryError):
        logging.getLogger(__name__).exception("A job failed")
        job.state = "failed"
    finally:
        if not job.over:
            job.state = "failed"
        with _lock:
            _alive.discard(job)
