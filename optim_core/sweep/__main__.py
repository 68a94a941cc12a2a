"""A large map from a link, without a browser: `python -m optim_core.sweep "https://…/maps?v=1&surface=…&map=plane" --cells 1000 --out map.npz`.

Stopped in any way and started again with the same words, it goes on after the last finished part. `--processes 2` shares the work between two processes on
this machine; with `--process` and `--coordinator` too, this is one of several that were started by hand, one a host. The file is the same for any number of
them. Messages are English only: the command is for servers.

Exit codes: 0 made; 1 it cannot be made or written here; 2 command line or link are not understood; 130 stopped.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import jax
from tqdm import tqdm

from lab import __version__, atlas
from lab.arguments import whole
from lab.experiment import Experiment
from lab.link import query_of
from lab.runs import MAX_RUNS
from optim_core.sweep import devices, files

SIDES = (2, 2000)


def main(arguments: list[str]) -> int:
    """Make one map; returns the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if (given.process is None) != (given.coordinator is None) or (given.process or 0) >= given.processes:
        parser.error("--process, from 0 to one less than --processes, and --coordinator belong together")
    if given.devices:  # JAX reads it when it starts, which it has not yet
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={given.devices}".strip()
    try:
        experiment, index = _asked(given)
        with _processes(given, arguments):
            _made(experiment, index, given)
    except ValueError as error:
        return _told(str(error), 2)
    except (OSError, RuntimeError, MemoryError) as error:
        return _told(f"it cannot be made: {error}", 1)
    except KeyboardInterrupt:
        return _told("stopped; the same command goes on from here", 130)
    return 0


def _told(what: str, code: int) -> int:
    print(f"python -m optim_core.sweep: {' '.join(what.split())}", file=sys.stderr)
    return code


def _asked(given: argparse.Namespace) -> tuple[Experiment, int]:
    """The experiment of the link, and the run, from 0. Hours should not go into a map that nobody meant: what is not understood is an error here."""
    query = query_of(given.link)
    if not query:
        raise ValueError("there is no experiment in this link")
    experiment, problems = Experiment.from_query(query)
    if problems:
        raise ValueError("part of the link is not understood: " + "; ".join(problem.message(str) for problem in problems))
    chart = experiment.chart
    if chart is None:
        raise ValueError("there is no map in this link; it would say map=plane, map=basins or map=seeds")
    if chart.kind == "seeds" and experiment.chance is None:
        raise ValueError("there is no noise in this link, so all seeds are the same")
    run = given.run or chart.run
    if run > len(experiment.runs):
        raise ValueError(f"--run {run}: the link has {len(experiment.runs)} runs")
    return experiment, run - 1


def _made(experiment: Experiment, index: int, given: argparse.Namespace) -> None:
    chart = experiment.chart
    assert chart is not None  # `_asked` saw to it
    asked = atlas.request(experiment, index, given.cells or (chart.seeds if chart.kind == "seeds" else chart.cells))
    about = {"link": "?" + urlencode(experiment.to_query()), "run": str(index + 1), "descent_lab": __version__}
    rows, columns = asked.shape
    begin = time.perf_counter()
    with tqdm(total=rows * columns, unit=" runs", unit_scale=True, disable=not devices.leads()) as bar:

        def tell(done: int, total: int) -> None:
            if not bar.n:
                bar.initial = done  # what was at hand took no time
            bar.update(done - bar.n)

        parts = files.run(*asked, Path(given.out), about, tell=tell)
    if devices.leads():
        seconds = time.perf_counter() - begin
        print(f"{given.out}: {rows} × {columns} runs in {seconds:.1f} s; {parts.found} parts were at hand, {parts.computed} were computed", file=sys.stderr)


@contextlib.contextmanager
def _processes(given: argparse.Namespace, arguments: list[str]) -> Iterator[None]:
    """Join the other processes; where none were started by hand, start them here, and end them with this one. JAX ends those whose first one is gone."""
    if given.processes == 1:
        yield
        return
    coordinator, own, others = given.coordinator, given.process or 0, []
    if coordinator is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            coordinator = f"127.0.0.1:{free.getsockname()[1]}"
        command = [sys.executable, "-m", "optim_core.sweep", *arguments, "--coordinator", coordinator]
        others = [subprocess.Popen([*command, "--process", str(number)]) for number in range(1, given.processes)]
    try:
        bind = coordinator if others else None  # nobody from outside has business with those of this machine
        jax.distributed.initialize(coordinator, given.processes, own, initialization_timeout=60, coordinator_bind_address=bind)
        yield
        jax.distributed.shutdown()  # waits for all
        for other in others:
            if other.wait():
                raise RuntimeError("another process failed")
    finally:
        for other in others:
            other.kill()
            other.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m optim_core.sweep", description="A large map of Descent Lab from a shared link, into a file that its page opens."
    )
    parser.add_argument("link", metavar="LINK", help="the address of a map, or what stands after its question mark")
    parser.add_argument("--out", required=True, metavar="FILE", help="the .npz file to write")
    parser.add_argument("--cells", type=whole(*SIDES), help="cells a side, or the number of seeds; the link's unless given")
    parser.add_argument("--run", type=whole(1, MAX_RUNS), help="which of the link's runs, from 1; the one that it maps unless given")
    parser.add_argument("--devices", type=whole(1, 256), help="so many virtual devices of the processor; GPUs are all used as they are")
    parser.add_argument("--processes", type=whole(1, 1024), default=1, help="share the work between so many, all on this machine unless --process is given")
    parser.add_argument("--process", type=whole(0, 1023), help="which one of them this is, from 0; the first writes the file")
    parser.add_argument("--coordinator", type=_address, metavar="HOST:PORT", help="where the first one listens")
    return parser


def _address(text: str) -> str:
    if not re.fullmatch(r"[\w.\-\[\]:]+:\d{1,5}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return text


if __name__ == "__main__":
    code = main(sys.argv[1:])
    if code and jax.distributed.is_initialized():
        os._exit(code)  # JAX would wait minutes for the others, who have failed too, or wait for this one
    sys.exit(code)
