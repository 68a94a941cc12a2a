"""The landscape of a network's loss: curvature against whole Hessians, and at the edge of stability: `python -m benchmarks.landscape`."""

from __future__ import annotations

import time
from collections.abc import Iterator

import jax
import numpy as np

from benchmarks.table import Row, show
from lab.lessons import course
from lab.study import Study
from optim_core import optimizers
from optim_core.datasets import DATASETS, prepare
from optim_core.landscape import Ground, curvature, leading, threshold
from optim_core.landscape.objective import held, objective
from optim_core.networks import INITS, Course, Layer, Network, first_weights, train
from optim_core.networks.architecture import Norm

EDGE = {
    "data": "chirp", "data.size": "200", "layers": "32,32", "activations": "tanh", "loss": "mse", "run": "gradient_descent", "run.lr": "0.05", "batch": "2000",
    "epochs": "4000",
}  # fmt: skip
"""A training whose sharpness rises to 2/η and stays there: a chirp, 2 × 32 tanh, gradient descent on the full batch with η = 0.05."""
SHAPES: tuple[tuple[tuple[Layer, ...], Norm], ...] = (
    ((Layer(16, "tanh"), Layer(16, "tanh")), "none"),
    ((Layer(8, "relu"), Layer(8, "relu")), "none"),
    ((Layer(10, "tanh"), Layer(10, "softplus"), Layer(8, "tanh")), "batch"),
    ((Layer(12, "relu"), Layer(12, "relu")), "layer"),
)


def trained(hidden: tuple[Layer, ...], norm: Norm) -> tuple[Ground, np.ndarray]:
    """A network on a spiral, trained by Adam with an L2 penalty: the loss, and its weights at eleven points of the path."""
    network = Network(2, hidden, 1, "sigmoid", "binary", norm)
    data = prepare(DATASETS["spiral"](), 1, 0.5, True)
    sides = (data.x[data.train], data.y[data.train], data.x[data.valid], data.y[data.valid])
    record = train(Course(network, *sides, optimizers.REGISTRY["adam"](), 0.01, first_weights(network, INITS["xavier_uniform"](), 1), 300, 0, l2=1e-3))
    return Ground(network, *sides, l2=1e-3), record.w[::8]


def eigenvalues() -> Iterator[Row]:
    """The five leading eigenvalues along trainings of networks with up to 400 parameters, against NumPy's of JAX's whole Hessian."""
    worst = 0.0
    for hidden, norm in SHAPES:
        ground, path = trained(hidden, norm)
        whole = jax.jit(jax.hessian(objective(ground.network, held(ground))))
        for w in path:
            true = np.linalg.eigvalsh(np.asarray(whole(w)))[::-1][:5]
            worst = max(worst, float(np.max(np.abs(leading(ground, w, 5)[0] - true) / np.abs(true))))
    yield Row("five leading eigenvalues, 44 points of four paths, P ≤ 400: largest relative error", worst, "", "≤", 1e-6)
    ground, path = trained((Layer(32, "tanh"), Layer(32, "tanh")), "none")
    path = np.repeat(path, 8, axis=0)[:80]
    curvature(ground, path[:1], [0])
    begin = time.perf_counter()
    curvature(ground, path, range(80))
    yield Row("curvature along 80 points of a 2-32-32-1 network, 250 objects: time", time.perf_counter() - begin, "s", "≤", 10)


def edge_of_stability() -> Iterator[Row]:
    """λ₁ by its threshold 2/η over the last quarter of the checkpoints, for ten seeds of data and weights."""
    settled, first = [], []
    for seed in range(1, 11):
        study, problems = Study.from_query({**EDGE, "data.seed": str(seed), "init.seed": str(seed)})
        assert not problems
        _, asked = course(study.recipe)
        record = train(asked)
        ground = Ground(asked.network, asked.x, asked.y, asked.valid_x, asked.valid_y)
        limit = threshold(asked.optimizer, study.recipe.run.lr) or np.nan
        first.append(leading(ground, record.w[0], 1)[0][0] / limit)
        settled.append(np.median([leading(ground, w, 1)[0][0] for w in record.w[-(len(record.w) // 4) :]]) / limit)
    yield Row("edge of stability, ten seeds: median λ₁η/2 before the first step", float(np.median(first)), "", "≤", 0.8)
    yield Row("edge of stability: smallest median λ₁η/2 of the last quarter", min(settled), "", "≥", 0.9)
    yield Row("edge of stability: largest", max(settled), "", "≤", 1.2)


def main() -> None:
    """Measure, and print each figure beside its target."""
    show("Landscape", [*eigenvalues(), *edge_of_stability()])


if __name__ == "__main__":
    main()
