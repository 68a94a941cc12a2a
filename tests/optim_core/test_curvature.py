"""The curvature along a path against PyTorch's whole Hessians, closed forms and differences."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from optim_core import optimizers
from optim_core.landscape import Ground, curvature, hessian_plane, leading, threshold
from optim_core.landscape.objective import held, objective
from optim_core.networks import INITS, Layer, Network, first_weights
from tests.optim_core.network_judge import Judge

curvature_module = sys.modules[curvature.__module__]

RNG = np.random.default_rng(5)
X = RNG.standard_normal((40, 2))
LINEAR = Network(2, (), 1, "linear", "mse")
NETWORKS = {
    "dense": Network(2, (Layer(5, "tanh"),), 1, "sigmoid", "binary"),
    "batch norm": Network(2, (Layer(8, "tanh"),), 3, "softmax", "mse", "batch"),
    "kinks": Network(2, (Layer(8, "relu"), Layer(8, "relu")), 1, "sigmoid", "binary", "layer", residual=True),
    "regression": Network(2, (Layer(16, "tanh"), Layer(16, "tanh")), 1, "linear", "mse"),
}


@pytest.fixture(autouse=True, scope="module")
def _quickly() -> Iterator[None]:
    """One thread for PyTorch; programs that run for milliseconds are compiled without much optimisation."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)
    torch.set_num_threads(threads)


def ground(network: Network, **changes: Any) -> Ground:
    """Forty objects with targets that go with the head."""
    y = np.sin(2.0 * X[:, 0]) + X[:, 1] if network.head == "linear" else RNG.integers(0, max(2, network.outputs), len(X)).astype(float)
    return Ground(network, X, y, X[:3], y[:3])._replace(**changes)


def weights(network: Network, count: int) -> np.ndarray:
    return np.stack([first_weights(network, INITS["xavier_normal"](), seed) for seed in range(count)])


def judged(given: Ground, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian by PyTorch, of its own layers."""
    judge = Judge(given.network).write(np.arange(len(w)))
    names, shapes = zip(*[(name, parameter.shape) for name, parameter in judge.named_parameters()], strict=True)
    places = torch.cat([parameter.detach().ravel() for parameter in judge.parameters()]).long()  # where PyTorch's parameters lie among ours
    x, y = torch.tensor(given.x), torch.tensor(given.y)

    def loss(ours: torch.Tensor) -> torch.Tensor:
        parts = torch.split(ours[places], [shape.numel() for shape in shapes])
        arrays = {name: part.view(shape) for name, part, shape in zip(names, parts, shapes, strict=True)}
        weights = torch.cat([array.ravel() for name, array in arrays.items() if name.startswith("linear") and name.endswith("weight")])
        buffers = {name: buffer.clone() for name, buffer in judge.named_buffers()}
        data = judge.loss(torch.func.functional_call(judge, (arrays, buffers), x), y)
        return data + given.l1 * weights.abs().sum() + given.l2 / 2.0 * weights.square().sum()

    at = torch.tensor(w, requires_grad=True)
    return torch.autograd.grad(loss(at), at)[0].numpy(), torch.autograd.functional.hessian(loss, at).numpy()


@pytest.mark.parametrize("name", NETWORKS)
def test_against_pytorch(name: str) -> None:
    """Leading eigenvalues and eigenvectors, trace, alignment, condition and the negative ones."""
    network = NETWORKS[name]
    given = ground(network, l2=0.02, l1=0.003)
    told: list[tuple[int, int]] = []
    w = weights(network, 2)
    made = curvature(given, w, [0, 7], tell=lambda *done: told.append(done))
    assert told == [(1, 2), (2, 2)] and made.at.tolist() == [0, 7] and made.leading.shape == (2, 5)
    for point, row in enumerate(w):
        g, whole = judged(given, row)
        values, columns = np.linalg.eigh(whole)
        np.testing.assert_allclose(made.leading[point], values[::-1][:5], rtol=1e-8)
        assert abs(made.trace[point] - np.trace(whole)) <= max(4.0 * made.trace_error[point], 1e-9)
        assert made.alignment[point] == pytest.approx(np.sum((columns[:, -5:].T @ g) ** 2) / np.sum(g**2), rel=1e-6)
        flat = len(values) * np.finfo(float).eps * np.abs(values).max()
        assert made.negative[point] == np.sum(values < -flat)
        assert made.condition[point] == pytest.approx(values[-1] / values[values > flat].min(), rel=1e-3)
    found, vectors = leading(given, w[1], 3)
    np.testing.assert_allclose(judged(given, w[1])[1] @ vectors.T, vectors.T * found, atol=1e-8 * found[0])
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(3), atol=1e-10)
    assert (vectors[np.arange(3), np.abs(vectors).argmax(axis=1)] > 0.0).all()
    np.testing.assert_array_equal(vectors, leading(given, w[1], 3)[1])


def test_linear_model() -> None:
    """The Hessian of a linear model's mean squared error is (2/n) ΣxxT, whatever its weights; an L2 penalty adds λ₂ but for the bias."""
    given = ground(LINEAR, l2=0.3)
    design = np.hstack([X, np.ones((len(X), 1))])
    whole = 2.0 / len(X) * design.T @ design + np.diag([0.3, 0.3, 0.0])
    made = curvature(given, RNG.standard_normal((2, 3)), [0, 1])
    for row in range(2):
        np.testing.assert_allclose(made.leading[row], np.linalg.eigvalsh(whole)[::-1], rtol=1e-12)  # three parameters have three eigenvalues
        assert made.trace[row] == pytest.approx(np.trace(whole)) and made.trace_error[row] == 0.0
        assert made.condition[row] == pytest.approx(np.linalg.cond(whole)) and made.negative[row] == 0.0
        assert made.alignment[row] == pytest.approx(1.0)


def test_the_trace_is_as_uncertain_as_it_says() -> None:
    """Over several networks the error of the trace is about its standard error."""
    given = ground(NETWORKS["kinks"])
    w = weights(given.network, 12)
    made = curvature(given, w, range(12), k=1)
    off = [(made.trace[row] - np.trace(judged(given, w[row])[1])) / made.trace_error[row] for row in range(12)]
    assert 0.1 < np.sqrt(np.mean(np.square(off))) < 3.0


def test_what_is_not_finite_is_nan() -> None:
    """One point of a path that overflowed does not end the others; neither small nor large networks raise."""
    for name in ("dense", "regression"):
        given = ground(NETWORKS[name])
        w = weights(given.network, 3)
        w[1], w[2, 0] = 1e200, np.nan
        made = curvature(given, w, range(3))
        assert np.isfinite(made.leading[0]).all() and np.isfinite(made.alignment[0])
        for values in made[1:]:
            assert np.isnan(values[2]).all()
        with pytest.raises(ValueError, match="Hessian"):
            hessian_plane(given, w[2])


def test_flat_loss() -> None:
    """Behind a step no weight but those of the last layer has a gradient; the Hessian of the mean absolute error is 0."""
    network = Network(2, (Layer(16, "step"), Layer(16, "step")), 1, "linear", "mae")
    made = curvature(ground(network), weights(network, 1), [0])
    assert not made.leading.any() and made.trace[0] == 0.0 and made.negative[0] == 0.0 and np.isnan(made.condition[0])


def test_cancelling() -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        curvature(ground(LINEAR), np.zeros((2, 3)), [0, 1], tell=stop)


def test_hessian_plane() -> None:
    """Through the centre, along the two most curved directions: the second differences there are the eigenvalues."""
    given, h = ground(NETWORKS["batch norm"]), 1e-4
    centre = weights(given.network, 1)[0]
    plane = hessian_plane(given, centre)
    assert plane.kind == "hessian" and plane.centre is centre
    loss = jax.jit(objective(given.network, held(given)))
    for direction, value in zip(plane.directions, leading(given, centre, 2)[0], strict=True):
        second = (loss(centre + h * direction) - 2.0 * loss(centre) + loss(centre - h * direction)) / h**2
        assert float(second) == pytest.approx(value, rel=1e-4)


def test_threshold() -> None:
    """2/η, 2(1+β)/η; nothing where no such number is known. At it the steps on a quadratic neither grow nor shrink."""
    registry = optimizers.REGISTRY
    assert threshold(registry["gradient_descent"](), 0.1) == pytest.approx(20.0)
    assert threshold(registry["momentum"](beta=0.9), np.float64(0.1)) == pytest.approx(38.0)
    assert threshold(registry["gradient_descent"](), 0.0) == math.inf
    assert threshold(registry["adam"](), 0.1) is None and threshold(registry["newton"](), 0.1) is None
    for cls in registry.values():
        optimizer = cls()
        sharpness = threshold(optimizer, 0.01)
        if sharpness is not None:
            roots = np.abs(np.linalg.eigvals(optimizer.transition(0.01, sharpness)))
            assert roots.max() == pytest.approx(1.0, abs=2e-3)


def test_as_many_eigenvalues_as_parameters() -> None:
    """Or more, which is as many: of a network too large for the whole matrix to be the quicker way."""
    network = Network(2, (Layer(16, "tanh"),), 1, "sigmoid", "binary")
    given, w = ground(network), weights(network, 1)[0]
    values = leading(given, w, network.size + 3)[0]
    whole = np.linalg.eigvalsh(np.asarray(jax.hessian(objective(network, held(given)))(w)))
    np.testing.assert_allclose(values, whole[::-1], atol=1e-12)


def test_dropout_is_left_out() -> None:
    network = Network(2, (Layer(5, "tanh"),), 1, "sigmoid", "binary", dropout=True)
    given, w = ground(network), weights(network, 1)[0]
    plain = given._replace(network=Network(2, (Layer(5, "tanh"),), 1, "sigmoid", "binary"))
    np.testing.assert_array_equal(leading(given, w, 2)[0], leading(plain, w, 2)[0])


def test_two_at_once_leave_the_threads_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """BLAS works in one thread at every point of either path; whichever ends first, afterwards it has all again."""
    network = Network(2, (Layer(5, "tanh"),), 1, "sigmoid", "binary")
    given, path, seen = ground(network), weights(network, 6), []
    before, row = _threads(), curvature_module._row

    def watched(*arguments: Any, **named: Any) -> np.ndarray:
        seen.extend(_threads())
        return row(*arguments, **named)

    monkeypatch.setattr(curvature_module, "_row", watched)
    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(curvature, given, path[:count], range(count), 2) for count in (2, 6))
        np.testing.assert_array_equal(first.result().leading, second.result().leading[:2])
    assert set(seen) == {1} and _threads() == before


def _threads() -> list[int]:
    """Of NumPy's and SciPy's BLAS."""
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas" and library.get("threading_layer") == "pthreads"]
