"""Training a small network, against eager PyTorch: `python -m benchmarks.training`.

The peer records what we do: loss, ‖g‖ and all weights before every step, and after every epoch loss and accuracy of both sides. It is one thread's
work, and PyTorch is fastest on one.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.core import compilations
from benchmarks.table import Row, show
from benchmarks.timing import interleaved, ratio
from optim_core import optimizers
from optim_core.clipping import CLIPS
from optim_core.datasets import DATASETS, prepare
from optim_core.networks import INITS, Course, Layer, Network, first_weights, train
from optim_core.networks.batches import batches
from optim_core.noise import Noise
from optim_core.schedules import REGISTRY as SCHEDULES

STEPS, LR, ROUNDS = 1000, 0.01, 7
NETWORK = Network(2, (Layer(16, "tanh"), Layer(16, "tanh")), 1, "sigmoid", "binary")
ADAM = optimizers.REGISTRY["adam"]()


def course(network: Network, batch: int, epochs: int, **changes: Any) -> Course:
    """500 points of a spiral to learn from, 500 to be judged by, and every iteration's weights."""
    data = prepare(DATASETS["spiral"](size=1000.0), 1, 0.5, False)
    start = first_weights(network, INITS["xavier_uniform"](), 1)
    n_steps = epochs * -(-500 // (batch or 500))
    sides = (data.x[data.train], data.y[data.train], data.x[data.valid], data.y[data.valid])
    return Course(network, *sides, ADAM, LR, start, epochs, batch, checkpoints=range(n_steps + 1))._replace(**changes)


def peer(asked: Course, *, judging: bool = True) -> np.ndarray:
    """Eager PyTorch on `NETWORK`; returns the weights of every iteration, `(T+1, P)`."""
    sizes = itertools.pairwise((2, 16, 16, 1))
    linear = [torch.nn.Linear(a, b, dtype=torch.float64) for a, b in sizes]
    model = torch.nn.Sequential(linear[0], torch.nn.Tanh(), linear[1], torch.nn.Tanh(), linear[2])
    parameters = list(model.parameters())
    with torch.no_grad():
        for parameter, part in zip(parameters, asked.network.parts, strict=True):
            parameter.copy_(torch.tensor(asked.start[part.where].reshape(part.shape).T))
    optimizer = torch.optim.Adam(parameters, lr=LR)
    (x, y), (valid_x, valid_y) = ((torch.tensor(a), torch.tensor(b)) for a, b in ((asked.x, asked.y), (asked.valid_x, asked.valid_y)))
    drawn = batches(len(y), asked.batch, asked.epochs, (asked.seed, 1))
    n_steps = asked.epochs if drawn is None else len(drawn[0])
    k, weights, told, judged = n_steps // asked.epochs, [], [], []
    for t in range(n_steps + 1):
        weights.append(np.concatenate([parameter.detach().numpy().T.ravel() for parameter in parameters]))
        if judging and t % k == 0:
            with torch.no_grad():
                for points, targets in ((x, y), (valid_x, valid_y)):
                    z = model(points)[:, 0]
                    judged.append((functional.binary_cross_entropy_with_logits(z, targets).item(), ((z > 0.0) == targets.bool()).double().mean().item()))
        if t == n_steps:
            break
        rows = None if drawn is None else torch.tensor(drawn[0][t][drawn[1][t] > 0.0])
        optimizer.zero_grad()
        z = model(x if rows is None else x[rows])[:, 0]
        loss = functional.binary_cross_entropy_with_logits(z, y if rows is None else y[rows])
        loss.backward()
        told.append((loss.item(), torch.nn.utils.get_total_norm([parameter.grad for parameter in parameters if parameter.grad is not None]).item()))
        optimizer.step()
    return np.stack(weights)


def against_pytorch() -> Iterator[Row]:
    """Full batch and batches of 32: speed, and that it is the same training."""
    for what, batch, epochs, target in (("full batch", 0, STEPS, 8), ("batches of 32", 32, 63, 25)):
        asked = course(NETWORK, batch, epochs)
        ours, n_steps = train(asked), len(asked.checkpoints or ()) - 1
        yield Row(f"{what}: largest difference of any weight, 100 steps", float(np.abs(ours.w[:101] - peer(asked)[:101]).max()), "", "≤", 1e-9)
        seconds = interleaved({
            "ours": lambda asked=asked: train(asked), "peer": lambda asked=asked: peer(asked), "without": lambda asked=asked: peer(asked, judging=False)
        }, ROUNDS)  # fmt: skip
        middle = {name: 1e3 * statistics.median(times) for name, times in seconds.items()}
        against = f"{middle['ours']:.0f} ms against {middle['peer']:.0f}, or {middle['without']:.0f} that judge no epoch"
        yield Row(f"{what}, {n_steps:,} steps ({against}): times PyTorch", ratio(seconds["peer"], seconds["ours"]), "×", "≥", target)


def programs() -> Iterator[Row]:
    """What compiles, and how long it takes until a new network is trained."""
    network = Network(2, NETWORK.hidden, 1, "sigmoid", "binary", dropout=True)
    asked = course(network, 32, 4, dropout=0.1, l1=1e-4, l2=1e-3, noise=Noise(0.1, 0.0, 1), clip=CLIPS["norm"](threshold=1.0), checkpoints=None)
    train(asked)

    def move() -> None:
        for changes in (
            {"lr": 0.1}, {"lr": SCHEDULES["cosine"](), "base_lr": 0.1}, {"optimizer": optimizers.REGISTRY["adam"](beta1=0.5)}, {"dropout": 0.5}, {"l1": 0.0},
            {"l2": 0.1}, {"noise": Noise(2.0, 0.55, 2)}, {"clip": CLIPS["norm"](threshold=0.1)}, {"seed": 2}, {"epochs": 7},
            {"start": first_weights(network, INITS["he"](), 2)},
        ):  # fmt: skip
            train(asked._replace(**changes))

    yield Row("recompilations while η, β, dropout, penalties, noise, clip, seed, epochs and first weights move", compilations(move), "", "≤", 0)
    for what, hidden in (
        ("width", (Layer(17, "tanh"), Layer(16, "tanh"))), ("depth", (Layer(16, "tanh"),) * 3), ("activation", (Layer(16, "softplus"), Layer(16, "tanh")))
    ):  # fmt: skip
        fresh = course(Network(2, hidden, 1, "sigmoid", "binary"), 32, 30)
        begin = time.perf_counter()
        train(fresh)
        yield Row(f"another {what}, cold, batches of 32, 480 steps: until it is trained", time.perf_counter() - begin, "s", "≤", 1.5)


def digits() -> Iterator[Row]:
    """One hidden layer of 64, Adam; 70 % of the digits learn."""
    data = prepare(DATASETS["digits"](), 0, 0.7, True)
    network = Network(64, (Layer(64, "relu"),), 10, "softmax", "categorical")
    sides = (data.x[data.train], data.y[data.train], data.x[data.valid], data.y[data.valid])
    asked = Course(network, *sides, ADAM, 3e-3, first_weights(network, INITS["he"](), 0), 30, 32)
    begin = time.perf_counter()
    record = train(asked)
    yield Row("digits, one hidden layer of 64, cold: time", time.perf_counter() - begin, "s", "≤", 10)
    yield Row("digits: test accuracy after the last epoch", 100 * record.valid_accuracy[-1], "%", "≥", 96)


def spiral() -> Row:
    """2-32-32-1 ReLU, Adam, cosine from 0.03, batches of 32, 200 epochs, half of 500 points; seeds 0–9 of split, weights and batches."""
    network, reached = Network(2, (Layer(32, "relu"), Layer(32, "relu")), 1, "sigmoid", "binary"), []
    for seed in range(10):
        data = prepare(DATASETS["spiral"](), seed, 0.5, False)
        sides = (data.x[data.train], data.y[data.train], data.x[data.valid], data.y[data.valid])
        start = first_weights(network, INITS["xavier_uniform"](), seed)
        reached.append(train(Course(network, *sides, ADAM, SCHEDULES["cosine"](), start, 200, 32, base_lr=0.03, seed=seed)).valid_accuracy[-1])
    return Row("spiral: test accuracy after the last epoch, the worst of ten seeds", 100 * min(reached), "%", "≥", 97)


def main() -> None:
    """Measure, and print each figure beside its target."""
    torch.set_num_threads(1)
    show("Training", [*programs(), *digits(), spiral(), *against_pytorch()])


if __name__ == "__main__":
    main()
