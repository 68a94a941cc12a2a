"""Maps against their peers, single runs and theory, and the headless command over processes: `python -m benchmarks.sweep`.

The peers compute the same map, 100 × 100 runs of 200 steps on Rosenbrock, with the same outcome in NumPy: the last point and loss, and the first step
that was there.
"""

from __future__ import annotations

import dataclasses
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import numpy as np
import torch

import surfaces
from benchmarks.peers import rosenbrock
from benchmarks.table import Row, show
from benchmarks.timing import interleaved, ratio
from optim_core import Job, optimizers, simulate
from optim_core.sweep import DIVERGED, NEVER, Goal, Outcome, judged, sweep

SIDE, STEPS, TOLERANCE, START = 100, 200, 1e-3, (-1.5, 2.0)
BETA2, EPSILON = 0.999, 1e-8
ROSENBROCK = surfaces.REGISTRY["rosenbrock"]()
FIRST = {"momentum": "beta", "adam": "beta1"}
TARGETS = {"momentum": 0.7, "adam": 1.0}
LINK = "v=1&surface=rosenbrock&start=-1.5,2&steps=4000&run1=adam&map=plane&map.x=lr&map.y=beta1"
HEADLESS = 1000


def grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    """η from 10⁻⁵ to 10⁻² across, β from 0 to 0.99 up, cell by cell."""
    across, up = np.meshgrid(np.geomspace(1e-5, 1e-2, side), np.linspace(0.0, 0.99, side))
    return across.ravel(), up.ravel()


# ---------------------------------------------------------------------- the peers


@numba.njit(parallel=True)
def _numba_momentum(lrs: np.ndarray, betas: np.ndarray, n_steps: int) -> Any:
    w, height, reached = np.empty((lrs.size, 2)), np.empty(lrs.size), np.full(lrs.size, -1, np.int32)
    for k in numba.prange(lrs.size):
        x, y = START
        h0 = h1 = 0.0
        for t in range(n_steps + 1):
            height[k] = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
            if reached[k] < 0 and height[k] <= TOLERANCE:
                reached[k] = t
            if t < n_steps:
                h0 = betas[k] * h0 - 2.0 * (1.0 - x) - 400.0 * x * (y - x * x)
                h1 = betas[k] * h1 + 200.0 * (y - x * x)
                x, y = x - lrs[k] * h0, y - lrs[k] * h1
        w[k, 0], w[k, 1] = x, y
    return w, height, reached


@numba.njit(parallel=True)
def _numba_adam(lrs: np.ndarray, betas: np.ndarray, n_steps: int) -> Any:
    w, height, reached = np.empty((lrs.size, 2)), np.empty(lrs.size), np.full(lrs.size, -1, np.int32)
    for k in numba.prange(lrs.size):
        (x, y), beta = START, betas[k]
        h0 = h1 = s0 = s1 = 0.0
        p1 = p2 = 1.0
        for t in range(n_steps + 1):
            height[k] = (1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2
            if reached[k] < 0 and height[k] <= TOLERANCE:
                reached[k] = t
            if t < n_steps:
                g0, g1 = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)
                h0, h1 = beta * h0 + (1.0 - beta) * g0, beta * h1 + (1.0 - beta) * g1
                s0, s1 = BETA2 * s0 + (1.0 - BETA2) * g0 * g0, BETA2 * s1 + (1.0 - BETA2) * g1 * g1
                p1, p2 = p1 * beta, p2 * BETA2
                x -= lrs[k] * (h0 / (1.0 - p1)) / (math.sqrt(s0 / (1.0 - p2)) + EPSILON)
                y -= lrs[k] * (h1 / (1.0 - p1)) / (math.sqrt(s1 / (1.0 - p2)) + EPSILON)
        w[k, 0], w[k, 1] = x, y
    return w, height, reached


def _torch(key: str, lrs: np.ndarray, betas: np.ndarray) -> Any:
    """All runs as one tensor, the gradient by hand, without autograd: its fastest form."""
    lr, beta = torch.from_numpy(lrs), torch.from_numpy(betas)
    x, y = torch.full_like(lr, START[0]), torch.full_like(lr, START[1])
    h0, h1, s0, s1 = (torch.zeros_like(lr) for _ in range(4))
    reached = torch.full(lr.shape, -1, dtype=torch.int32)
    p1, p2 = torch.ones_like(lr), 1.0
    for t in range(STEPS + 1):
        height = rosenbrock((x, y))
        reached = torch.where((reached < 0) & (height <= TOLERANCE), t, reached)
        if t < STEPS:
            v = y - x * x
            g0, g1 = -2.0 * (1.0 - x) - 400.0 * x * v, 200.0 * v
            if key == "momentum":
                h0, h1 = beta * h0 + g0, beta * h1 + g1
                x, y = x - lr * h0, y - lr * h1
            else:
                h0, h1 = beta * h0 + (1.0 - beta) * g0, beta * h1 + (1.0 - beta) * g1
                s0, s1 = BETA2 * s0 + (1.0 - BETA2) * g0 * g0, BETA2 * s1 + (1.0 - BETA2) * g1 * g1
                p1, p2 = p1 * beta, p2 * BETA2
                x = x - lr * (h0 / (1.0 - p1)) / (torch.sqrt(s0 / (1.0 - p2)) + EPSILON)
                y = y - lr * (h1 / (1.0 - p1)) / (torch.sqrt(s1 / (1.0 - p2)) + EPSILON)
    return torch.stack([x, y], 1).numpy(), height.numpy(), reached.numpy()


def ours(key: str, side: int = SIDE, n_steps: int = STEPS) -> Outcome:
    """The same map by `sweep`."""
    lrs, betas = grid(side)
    return sweep(Job(optimizers.REGISTRY[key](), ROSENBROCK, START, 1e-3, n_steps), {"lr": lrs, FIRST[key]: betas}, Goal(0.0, TOLERANCE))


def against_peers(key: str) -> Iterator[Row]:
    """One interleaved run."""
    lrs, betas = grid(SIDE)
    compiled = {"momentum": _numba_momentum, "adam": _numba_adam}[key]
    contenders = {"ours": lambda: ours(key), "numba": lambda: compiled(lrs, betas, STEPS), "torch": lambda: _torch(key, lrs, betas)}
    mine = ours(key)
    for name in ("numba", "torch"):
        w, _, reached = contenders[name]()
        calm = np.isfinite(mine.loss) & (mine.loss < mine.first_loss)
        worst = float(np.max(np.abs(w - mine.w)[calm] / (1e-3 + np.abs(mine.w[calm]))))
        yield Row(f"{key}: largest relative difference of {name}'s last points where they do not diverge", worst, "", "≤", 1e-5)
        yield Row(f"{key}: cells where {name} is there at another step", int((reached != mine.reached)[calm].sum()), "", "≤", 0)
    seconds = interleaved(contenders, rounds=11)
    said = ", ".join(f"{name} {1e3 * statistics.median(seconds[name]):.3g} ms" for name in contenders)
    yield Row(f"{key}, 100×100×200 ({said}): time of numba parallel taken", ratio(seconds["ours"], seconds["numba"]), "×", "≤", TARGETS[key])
    yield Row(f"{key}, 100×100×200: times vectorised PyTorch", ratio(seconds["torch"], seconds["ours"]), "×", "≥", 5)


# ---------------------------------------------------------------------- size, truth


def diverged(made: Outcome, tolerance: float = TOLERANCE) -> np.ndarray:
    """As the page judges."""
    return judged(made, Goal(0.0, tolerance), noisy=False) == DIVERGED


def large() -> Iterator[Row]:
    """300×300 runs of 500 steps of Adam, in a process of its own, whose memory nothing else has used."""
    code = "from benchmarks.sweep import *; print(*large_here())"
    seconds, megabytes = map(float, subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()[-2:])
    yield Row("Adam, 300×300×500, warm", seconds, "s", "≤", 3)
    yield Row("the same: peak extra memory", megabytes, "MB", "≤", 300)


def large_here() -> tuple[float, float]:
    """Seconds, the median of three, and megabytes at the peak beyond what there was after a small map."""
    ours("adam", 30, 500)
    before = memory("VmRSS")
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        ours("adam", 300, 500)
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds), memory("VmHWM") - before


def memory(what: str) -> float:
    """Of this process, in megabytes: VmRSS now, VmHWM at its peak. Not `ru_maxrss`, which a process takes over from the one that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status[status.index(f"{what}:") :].split()[1]) / 1024


def single_runs() -> Iterator[Row]:
    """200 random cells of each map against `simulate`."""
    for key, first in FIRST.items():
        made, (lrs, betas) = ours(key), grid(SIDE)
        worst, other = 0.0, 0
        for cell in np.random.default_rng(0).choice(SIDE * SIDE, 200, replace=False):
            optimizer = dataclasses.replace(optimizers.REGISTRY[key](), **{first: float(betas[cell])})
            path = simulate(optimizer, ROSENBROCK, START, float(lrs[cell]), STEPS)
            there = np.flatnonzero(path.loss <= TOLERANCE)
            one = Outcome(path.w[-1:], path.loss[:1], path.loss[-1:], np.array([there[0] if len(there) else NEVER]), np.array([NEVER]))
            mine = Outcome(*(part[cell : cell + 1] for part in made))
            other += int((diverged(one) != diverged(mine)).item() or one.reached.item() != mine.reached.item())
            for a, b in zip((*one.w[0], *one.loss), (*mine.w[0], *mine.loss), strict=True):
                worst = max(worst, 0.0 if a == b or (not np.isfinite(a) and not np.isfinite(b)) else abs(a - b) / abs(a))
        yield Row(f"{key}: 200 random cells whose verdict or step is another than a single run's", other, "", "≤", 0)
        yield Row(f"{key}: their largest relative difference", worst, "", "≤", 1e-9)


def boundary() -> Row:
    """The first column of η that diverges against the bound of theory, in every row of β: the largest distance in cells."""
    worst, rates, betas = 0, np.geomspace(0.3, 30.0, SIDE), np.linspace(0.0, 0.95, SIDE)
    across, up = (values.ravel() for values in np.meshgrid(rates, betas))
    for cls in optimizers.REGISTRY.values():
        if cls().lr_bound(1.0) is None:
            continue
        for kappa in (1.0, 10.0, 40.0):
            surface = surfaces.REGISTRY["elongated_quadratic"](a=0.5 / kappa, b=0.5, angle=30.0)
            has_beta = hasattr(cls(), "beta")
            made = sweep(Job(cls(), surface, (1.0, -2.0), 0.1, 10_000), {"lr": across} | ({"beta": up} if has_beta else {}), Goal(0.0, 1e-6))
            gone = diverged(made, 1e-6).reshape(SIDE, SIDE)
            for row, beta in zip(gone, betas, strict=True):
                bound = (dataclasses.replace(cls(), beta=float(beta)) if has_beta else cls()).lr_bound(1.0)
                first = int(np.argmax(row)) if row.any() else SIDE
                jagged = bool(row[:first].any()) or not row[first:].all()
                worst = max(worst, SIDE if jagged else abs(first - int(np.searchsorted(rates, bound))))
    return Row("divergence boundary on quadratics, cells from theory, at most", worst, "", "≤", 1)


# ---------------------------------------------------------------------- the command


def command(out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "optim_core.sweep", LINK, "--cells", str(HEADLESS), "--out", str(out), *more]


def told(out: Path, *more: str, one_core: bool = False) -> tuple[float, float, int]:
    """Run the command, on one core if asked: seconds of the sweep and of everything, and the parts that it found."""
    begin = time.perf_counter()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)} if one_core else cores)  # the new process inherits it
    try:
        said = subprocess.run(command(out, *more), check=True, capture_output=True, text=True).stderr
    finally:
        os.sched_setaffinity(0, cores)
    words = said[said.rindex(" runs in ") :].split()
    return float(words[2]), time.perf_counter() - begin, int(words[4])


def headless() -> Iterator[Row]:
    """1000×1000 runs of 4,000 steps of Adam, in turns: a process that has one core, two processes, and one that has all cores, which its threads share; then
    killed in the middle, and started again."""
    folder = Path(tempfile.mkdtemp())
    ways: dict[str, Callable[[Path], tuple[float, float, int]]] = {
        "1 process on 1 core": lambda out: told(out, one_core=True),
        "2 processes": lambda out: told(out, "--processes", "2"),
        "1 process": told,
    }
    try:
        seconds: dict[str, list[tuple[float, float, int]]] = {way: [] for way in ways}
        for _ in range(2):
            for way, run in ways.items():
                seconds[way].append(run(folder / f"{way}.npz"))
        alone, *others = ((folder / f"{way}.npz").read_bytes() for way in ways)
        differing = max(sum(a != b for a, b in zip(alone, other, strict=True)) for other in others)
        yield Row(f"1000×1000×4000: bytes that differ between the three files, of {len(alone):,}", differing, "", "≤", 0)
        spent = {way: min(taken[0] for taken in times) for way, times in seconds.items()}
        said = ", ".join(f"{way} {taken:.1f} s" for way, taken in spent.items())
        for way in ("2 processes", "1 process"):
            yield Row(f"1000×1000×4000 ({said}): {way} against 1 on 1 core", spent["1 process on 1 core"] / spent[way], "×", "≥", 1.5)
        yield from killed(folder, alone)
    finally:
        shutil.rmtree(folder)


def killed(folder: Path, whole: bytes) -> Iterator[Row]:
    """kill −9 when half of the parts are there."""
    out = folder / "killed.npz"
    started = subprocess.Popen(command(out), stderr=subprocess.DEVNULL)
    parts = out.with_name(out.name + ".parts")
    while len(list(parts.glob("*.npz"))) < 20:
        time.sleep(0.02)
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    there = len(list(parts.glob("*.npz")))
    found = told(out)[2]
    yield Row(f"killed with {there} parts there: parts computed twice", there - found, "", "≤", 0)
    yield Row("the same: bytes of the file that differ", sum(a != b for a, b in zip(whole, out.read_bytes(), strict=True)), "", "≤", 0)


def main() -> None:
    """Measure, and print each figure beside its target."""
    show("Maps against their peers", [*against_peers("momentum"), *against_peers("adam")])
    show("Maps", [*large(), *single_runs(), boundary()])
    show("Maps without a browser", list(headless()))


if __name__ == "__main__":
    main()
