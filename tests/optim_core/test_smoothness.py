"""What lies along the gradient, against a parabola, differences and PyTorch."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np
import pytest
import torch

from optim_core.landscape import Ground, smoothness
from optim_core.networks import INITS, Layer, Network, first_weights
from tests.optim_core.network_judge import Judge

RNG = np.random.default_rng(6)
X = RNG.standard_normal((30, 2))
Y = (X[:, 0] * X[:, 1] > 0.0).astype(float)


@pytest.fixture(autouse=True, scope="module")
def _quickly() -> Iterator[None]:
    """Programs that run for milliseconds are compiled without much optimisation."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


def test_parabola() -> None:
    """A linear model with MSE: L(w − sηg) = L − sη‖g‖² + (sη)²/2 gᵀHg, the gradient changes by sηHg, and β = ‖Hg‖/‖g‖."""
    given = Ground(Network(2, (), 1, "linear", "mse"), X, Y, X, Y, l2=0.2)
    design = np.hstack([X, np.ones((len(X), 1))])
    decay = np.diag([0.2, 0.2, 0.0])
    hessian = 2.0 / len(X) * design.T @ design + decay
    w, lr = RNG.standard_normal((3, 3)), np.array([0.1, 0.5, 1e-4])
    told: list[tuple[int, int]] = []
    made = smoothness(given, w, lr, [0, 5, 9], tell=lambda *done: told.append(done))
    assert told == [(1, 3), (2, 3), (3, 3)] and made.at.tolist() == [0, 5, 9]
    np.testing.assert_allclose(made.steps, [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0])
    for row in range(3):
        off = design @ w[row] - Y
        g = 2.0 / len(X) * design.T @ off + decay @ w[row]
        lengths = made.steps * lr[row]
        base = np.mean(off**2) + 0.5 * w[row] @ decay @ w[row]
        np.testing.assert_allclose(made.loss[row], base - lengths * (g @ g) + lengths**2 / 2.0 * (g @ hessian @ g), rtol=1e-10)
        np.testing.assert_allclose(made.change[row], lengths * np.linalg.norm(hessian @ g), rtol=1e-8)
        assert made.beta[row] == pytest.approx(np.linalg.norm(hessian @ g) / np.linalg.norm(g), rel=1e-8)


def test_against_pytorch() -> None:
    """Losses and gradients along the gradient of a network with batch norm, which goes by the objects at every step."""
    network = Network(2, (Layer(4, "tanh"), Layer(4, "relu")), 1, "sigmoid", "binary", "batch")
    given, w, lr = Ground(network, X, Y, X, Y, l2=0.1), first_weights(network, INITS["he"](), 2), 0.8

    def judged(at: np.ndarray) -> tuple[float, np.ndarray]:
        judge = Judge(network).write(at)
        loss = judge.loss(judge(torch.tensor(X)), torch.tensor(Y)) + judge.penalty(0.0, 0.1)
        loss.backward()
        return loss.item(), judge.read(gradient=True)

    g = judged(w)[1]
    made = smoothness(given, w[None], np.array([lr]), [0])
    there = [judged(w - s * lr * g) for s in made.steps]
    changes = np.array([np.linalg.norm(gradient - g) for _, gradient in there])
    np.testing.assert_allclose(made.loss[0], [loss for loss, _ in there], rtol=1e-10)
    np.testing.assert_allclose(made.change[0], changes, rtol=1e-9)
    assert made.beta[0] == pytest.approx(np.max(changes / (made.steps * lr * np.linalg.norm(g))), rel=1e-9)


def test_nothing_to_go_along() -> None:
    """Without a gradient, or with no number for one, there is no β; nothing is raised."""
    given = Ground(Network(2, (), 1, "linear", "mse"), X, np.zeros(len(X)), X, Y)
    made = smoothness(given, np.stack([np.zeros(3), np.full(3, np.nan)]), np.array([0.1, 0.1]), [0, 1])
    assert np.isnan(made.beta).all() and not made.loss[0].any() and np.isnan(made.loss[1]).all()


def test_cancelling() -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        smoothness(Ground(Network(2, (), 1, "linear", "mse"), X, Y, X, Y), np.zeros((2, 3)), np.ones(2), [0, 1], tell=stop)
