"""What trainings of small networks are made of: batches, first weights, dropout, norms."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from optim_core.networks import INITS, Layer, Network, first_weights
from optim_core.networks.batches import batches, per_epoch
from optim_core.networks.forward import Batch, forward, masks

X = np.random.default_rng(6).standard_normal((23, 2))
SMALL = Network(2, (Layer(8, "tanh"),), 1, "sigmoid", "binary")


@pytest.mark.parametrize(("batch", "iterations"), [(0, 1), (100, 1), (10, 10), (1, 100)])
def test_epochs_and_iterations_of_the_lecture(batch: int, iterations: int) -> None:
    """Row A8: 100 objects make 1, 10 and 100 iterations an epoch."""
    assert per_epoch(100, batch) == iterations
    drawn = batches(100, batch, 3, 1)
    assert (drawn is None) == (iterations == 1)
    if drawn is not None:
        assert drawn[0].shape == drawn[1].shape == (3 * iterations, batch)


def test_batches() -> None:
    """Every object once an epoch, in another order each; the short batch is masked; more epochs begin the same."""
    drawn = batches(23, 6, 5, 1)
    assert drawn is not None
    order, mask = drawn
    assert mask.sum(axis=1).tolist() == [6, 6, 6, 5] * 5
    epochs = [order[4 * e : 4 * e + 4][mask[4 * e : 4 * e + 4] > 0] for e in range(5)]
    assert all(sorted(epoch) == list(range(23)) for epoch in epochs)
    assert all((one != other).any() for one, other in itertools.pairwise(epochs))
    for replace in (False, True):
        long, short = batches(23, 6, 9, 1, replace=replace), batches(23, 6, 5, 1, replace=replace)
        assert long is not None and short is not None
        assert (long[0][:20] == short[0]).all() and (long[1][:20] == short[1]).all()
    other, replaced = batches(23, 6, 5, 2), batches(23, 6, 200, 1, replace=True)
    assert other is not None and replaced is not None
    assert (other[0] != order).any()
    counts = np.bincount(replaced[0].ravel(), minlength=23)
    assert replaced[1].min() == 1.0 and counts.std() == pytest.approx(math.sqrt(4800 / 23), rel=0.5)  # 0 if each came once an epoch
    assert any(len(set(batch)) < 6 for batch in replaced[0])


WIDE = Network(40, (Layer(60, "relu"), Layer(64, "maxout")), 1, "linear", "mse", "layer")


@pytest.mark.parametrize(("key", "variance"), [
    ("normal", lambda n, m: 1.0), ("uniform", lambda n, m: 0.25 / 3.0), ("xavier", lambda n, m: 1.0 / n), ("xavier_normal", lambda n, m: 2.0 / (n + m)),
    ("xavier_uniform", lambda n, m: 2.0 / (n + m)), ("he", lambda n, m: 2.0 / n), ("constant", lambda n, m: 0.0), ("zero", lambda n, m: 0.0),
])  # fmt: skip
def test_first_weights(key: str, variance: Callable[[int, int], float]) -> None:
    """The variance of each layer is that of the formula, and that of PyTorch's function; biases are 0, γ is 1."""
    w = first_weights(WIDE, INITS[key](), 4)
    for part in WIDE.parts:
        values = w[part.where]
        if part.name != "W":
            assert (values == float(part.name == "gamma")).all()
        elif part.layer < 2:  # thousands of numbers
            n, m = part.shape[0], WIDE.hidden[part.layer].width
            assert values.var() == pytest.approx(variance(n, m), rel=0.1)
            peers = {"xavier_normal": torch.nn.init.xavier_normal_, "xavier_uniform": torch.nn.init.xavier_uniform_, "he": torch.nn.init.kaiming_normal_}
            if key in peers:
                drawn = peers[key](torch.empty(m, n), generator=torch.Generator().manual_seed(1), **({"nonlinearity": "relu"} if key == "he" else {}))
                assert values.var() == pytest.approx(drawn.var().item(), rel=0.12)
                assert "uniform" not in key or abs(values).max() == pytest.approx(drawn.abs().max().item(), rel=0.01)


def test_orthogonal_weights() -> None:
    """Orthonormal columns of a tall matrix, rows of a wide one; each piece of maxout by itself."""
    w = first_weights(WIDE, INITS["orthogonal"](), 4)
    for part in WIDE.parts:
        if part.name == "W":
            whole = w[part.where].reshape(part.shape)
            for piece in np.split(whole, 2, axis=1) if part.layer == 1 else [whole]:
                gram = piece.T @ piece if piece.shape[0] >= piece.shape[1] else piece @ piece.T
                np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-13)


def test_seeds_draw_the_same() -> None:
    """One seed, one draw; ways with a normal distribution draw the same numbers and only scale them."""
    he, xavier = (first_weights(SMALL, INITS[key](), 7) for key in ("he", "xavier"))
    np.testing.assert_allclose(he, math.sqrt(2.0) * xavier, rtol=1e-15)
    assert (he == first_weights(SMALL, INITS["he"](), 7)).all() and (he != first_weights(SMALL, INITS["he"](), 8)).any()


def test_dropout_keeps_the_mean() -> None:
    """Inverted dropout: 0 or 1/(1 − p), mean 1, p of them dropped; the next step drops others, a larger p more of the same."""
    key, p = jax.random.key(1), 0.3
    mask = np.asarray(masks(WIDE, key, jnp.asarray(1.0), 2000, jnp.asarray(p))[0])
    assert mask.shape == (60, 2000)
    np.testing.assert_allclose(np.unique(mask), [0.0, 1.0 / 0.7], rtol=1e-15)
    assert mask.mean() == pytest.approx(1.0, abs=5.0 * math.sqrt(p / (1.0 - p) / mask.size))
    more = np.asarray(masks(WIDE, key, jnp.asarray(1.0), 2000, jnp.asarray(0.6))[0])
    assert (more[mask == 0.0] == 0.0).all()
    later = np.asarray(masks(WIDE, key, jnp.asarray(2.0), 2000, jnp.asarray(p))[0])
    assert ((later == 0.0) & (mask == 0.0)).mean() == pytest.approx(p * p, abs=0.01)


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_normalised(norm: Any) -> None:
    """After batch norm each channel has mean 0 and variance 1 over the objects that count, after layer norm each object over its channels."""
    network = Network(2, (Layer(5, "linear"),), 1, "linear", "mse", norm)
    w, mask = first_weights(network, INITS["normal"](), 1), np.array([1.0] * 20 + [0.0] * 3)
    h = np.asarray(
        forward(network, jnp.array(w), jnp.array(network.fresh_stats()), Batch(jnp.array(X.T), jnp.zeros(23), jnp.array(mask)), training=True).activations[0]
    )
    seen, axis = (h[:, :20], 1) if norm == "batch" else (h, 0)
    np.testing.assert_allclose(seen.mean(axis=axis), 0.0, atol=1e-12)
    np.testing.assert_allclose(seen.var(axis=axis), 1.0, atol=3e-2 if norm == "layer" else 1e-3)  # less than 1 by ε/(σ² + ε)
    assert norm == "layer" or (np.abs(h.mean(axis=1)) > 1e-3).all()
