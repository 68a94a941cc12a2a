"""Slices of a network's loss against the way of the reference tools, one PyTorch model a point: `python -m benchmarks.slices`.

The peer sets the parameters of a model, runs it and reads the loss, point by point; it computes no accuracy and no second side. We compute loss and accuracy,
of the objects to learn from alone where it says so, else of both sides.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import torch
from torch.nn import functional

from benchmarks.table import Row, show
from benchmarks.timing import interleaved, ratio
from benchmarks.training import NETWORK, course
from optim_core.landscape import Ground, Plane, axis, heights, line_plane, path_plane, project, random_plane, true_heights
from optim_core.networks import Training, train

ROUNDS = 3


def trained() -> tuple[Ground, Training]:
    """A 2-16-16-1 network, trained on 500 points of a spiral."""
    asked = course(NETWORK, 32, 63)._replace(checkpoints=None)
    return Ground(NETWORK, asked.x, asked.y, asked.valid_x, asked.valid_y), train(asked)


def places(cells: int) -> np.ndarray:
    """The coordinates of a slice, `(cells², 2)`."""
    side = axis(-1.0, 1.0, cells)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def peer(ground: Ground, plane: Plane, at: np.ndarray) -> np.ndarray:
    """The losses of a slice by PyTorch, `(m,)`."""
    linear = [torch.nn.Linear(a, b, dtype=torch.float64) for a, b in ((2, 16), (16, 16), (16, 1))]
    model = torch.nn.Sequential(linear[0], torch.nn.Tanh(), linear[1], torch.nn.Tanh(), linear[2])
    x, y = torch.tensor(ground.x), torch.tensor(ground.y)

    def arrays(w: np.ndarray) -> list[torch.Tensor]:
        return [torch.tensor(np.ascontiguousarray(w[part.where].reshape(part.shape).T)) for part in ground.network.parts]

    centre, (first, second) = arrays(plane.centre), (arrays(direction) for direction in plane.directions)
    losses = []
    with torch.no_grad():
        for a, b in at.tolist():
            for parameter, c, u, v in zip(model.parameters(), centre, first, second, strict=True):
                parameter.data = c + a * u + b * v
            losses.append(functional.binary_cross_entropy_with_logits(model(x)[:, 0], y).item())
    return np.array(losses)


def against_pytorch() -> Iterator[Row]:
    """101 × 101 points: the same numbers, sooner."""
    ground, record = trained()
    alone, stats = ground._replace(valid_x=ground.x[:1], valid_y=ground.y[:1]), np.zeros(0)
    plane, at = random_plane(NETWORK, record.w[-1], 1, filters=True), places(101)
    found = heights(ground, plane.centre, stats, plane.directions, at)
    yield Row("101 × 101: largest relative difference from PyTorch", float(np.abs(found.loss / peer(ground, plane, at) - 1.0).max()), "", "≤", 1e-10)
    seconds = interleaved({
        "ours": lambda: heights(alone, plane.centre, stats, plane.directions, at),
        "both": lambda: heights(ground, plane.centre, stats, plane.directions, at),
        "peer": lambda: peer(ground, plane, at),
    }, ROUNDS)  # fmt: skip
    middle = {name: 1e3 * statistics.median(times) for name, times in seconds.items()}
    told = f"{middle['ours']:.0f} ms against {middle['peer']:.0f}; both sides {middle['both']:.0f}"
    yield Row(f"101 × 101, 500 points, float64 ({told}): times PyTorch", ratio(seconds["peer"], seconds["ours"]), "×", "≥", 8)


def large() -> Iterator[Row]:
    """201 × 201 points in a process of its own: seconds, and the memory they take beyond a slice of 21 × 21."""
    said = subprocess.run([sys.executable, "-m", "benchmarks.slices", "large"], check=True, capture_output=True, text=True).stdout.split()
    yield Row("201 × 201, 500 points", float(said[0]), "s", "≤", 2)
    yield Row("201 × 201: peak memory beyond that of 21 × 21", float(said[1]), "MB", "≤", 150)


def _large() -> None:
    ground, record = trained()
    plane = random_plane(NETWORK, record.w[-1], 1, filters=True)
    heights(ground, plane.centre, np.zeros(0), plane.directions, places(21))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = interleaved({"ours": lambda: heights(ground, plane.centre, np.zeros(0), plane.directions, places(201))}, 2)["ours"]
    print(statistics.median(seconds), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / 1e6)


def honesty() -> Iterator[Row]:
    """At the centre the trained loss; where the path is drawn the loss of the projected weights."""
    ground, record = trained()
    w = record.w[-1]
    planes = [
        path_plane(w, record.w),
        line_plane(w, record.w[0], record.w),
        *(random_plane(NETWORK, w, seed, filters=filters) for seed in (1, 2) for filters in (0, 1)),
    ]
    centres, drawn = [], []
    for plane in planes:
        at = places(21)
        found = heights(ground, w, record.stats[-1], plane.directions, at).loss[(at == 0.0).all(axis=1)]
        centres.append(abs(float(found[0] / record.train_loss[-1]) - 1.0))
        nearest = project(plane, record.w).at
        told = heights(ground, w, record.stats[-1], plane.directions, nearest).loss
        truth = true_heights(ground, w + nearest @ plane.directions, record.stats).loss
        drawn.append(float(np.abs(told / truth - 1.0).max()))
    yield Row("centre of every slice against the trained loss, relative", max(centres), "", "≤", 1e-12)
    yield Row("loss where the path is drawn against that of the projected weights", max(drawn), "", "≤", 1e-9)


def main() -> None:
    """Measure everything and print it beside its target."""
    show("Slices of a network's loss", [*against_pytorch(), *large(), *honesty()])


if __name__ == "__main__":
    _large() if sys.argv[1:] == ["large"] else main()
