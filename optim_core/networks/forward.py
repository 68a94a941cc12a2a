"""The way forward through a network, at training and at test.

    Z = WᵀH + b → norm → f → dropout → (+ H where residual)

Objects are columns: with the features first, a layer's values lie side by side in memory, and small networks train a sixth faster than with the objects first.

Batch norm (lecture row D12):  ẑ = (z − μ)/√(σ² + ε) · γ + β, μ and σ² of each channel over the batch at training, and at test the running ones
    μ̄ ← 0.9 μ̄ + 0.1 μ,  σ̄² ← 0.9 σ̄² + 0.1 σ² m/(m − 1), as in PyTorch; ε = 10⁻⁵.
Layer norm (D14):  the same with μ and σ² of each object over its channels, at training and at test.
Dropout (D11), inverted:  h ← m ⊙ h/(1 − p) at training with m ~ Bernoulli(1 − p), nothing at test.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from optim_core.networks.activations import ACTIVATIONS
from optim_core.networks.architecture import Network
from optim_core.networks.losses import headed, losses

EPSILON = 1e-5
KEEP = 0.9
"""Share of a running statistic that a batch leaves."""


class Pass(NamedTuple):
    """One way forward.

    Attributes:
        values: of the last layer, before the head, `(q, n)`.
        activations: f(z) of every hidden layer, before what a skip connection adds, `(width, n)`; dropped ones are 0.
        stats: the running statistics after it, `(S,)`.
    """

    values: jax.Array
    activations: tuple[jax.Array, ...]
    stats: jax.Array


class Batch(NamedTuple):
    """What one step sees.

    Attributes:
        x: features first, `(d, n)`.
        y: `(n,)`.
        mask: 1 for an object, 0 for what only fills a short batch up, `(n,)`; None where all are objects.
        keep: what dropout multiplies each hidden layer by, `(width, n)`; None where nothing is dropped.
    """

    x: jax.Array
    y: jax.Array
    mask: jax.Array | None = None
    keep: tuple[jax.Array, ...] | None = None


def forward(network: Network, w: jax.Array, stats: jax.Array, batch: Batch, *, training: bool) -> Pass:
    """Through all layers.

    Args:
        network: its shape.
        w: the parameters, `(P,)`.
        stats: running statistics, `(S,)`.
        batch: the objects.
        training: batch norm by the batch, and dropout; else by the running statistics, and none.
    """
    arrays = {(part.name, part.layer): w[part.where].reshape(part.shape) for part in network.parts}
    h, seen, new = batch.x, [], []
    for layer, (width, activation) in enumerate(network.hidden):
        z = _linear(arrays["W", layer], arrays["b", layer], h)
        if network.norm != "none":
            if network.norm == "layer":
                z = _standardised(z, jnp.mean(z, axis=0), jnp.var(z, axis=0))
            elif training:
                z, running = _batch_normed(network, layer, z, stats, batch.mask)
                new.append(running)
            else:
                mean, variance = _running(network, layer, stats)
                z = _standardised(z, mean[:, None], variance[:, None])
            z = arrays["gamma", layer][:, None] * z + arrays["beta", layer][:, None]
        out = ACTIVATIONS[activation].function(z)
        if training and batch.keep is not None:
            out = out * batch.keep[layer]
        seen.append(out)
        h = out + h if network.residual and h.shape[0] == width and layer > 0 else out
    last = len(network.hidden)
    values = _linear(arrays["W", last], arrays["b", last], h)
    return Pass(values, tuple(seen), jnp.concatenate(new) if new else stats)


def _linear(weights: jax.Array, bias: jax.Array, h: jax.Array) -> jax.Array:
    """Wᵀh + b. The bias is spread by a product, so that its gradient is one too: XLA adds up the columns of a matrix one number after another."""
    return weights.T @ h + bias[:, None] @ jnp.ones((1, h.shape[1]), h.dtype)


def _standardised(z: jax.Array, mean: jax.Array, variance: jax.Array) -> jax.Array:
    return (z - mean) / jnp.sqrt(variance + EPSILON)


def _running(network: Network, layer: int, stats: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The running mean and variance of a layer, each `(channels,)`."""
    at, count = 2 * sum(network.channels[:layer]), network.channels[layer]
    return stats[at : at + count], stats[at + count : at + 2 * count]


def _batch_normed(network: Network, layer: int, z: jax.Array, stats: jax.Array, mask: jax.Array | None) -> tuple[jax.Array, jax.Array]:
    """Values standardised by their batch, and the layer's running statistics after it."""
    count = jnp.asarray(z.shape[1], z.dtype) if mask is None else jnp.sum(mask)
    weight = 1.0 / count if mask is None else mask / count
    mean = jnp.sum(weight * z, axis=1)
    variance = jnp.sum(weight * (z - mean[:, None]) ** 2, axis=1)
    old_mean, old_variance = _running(network, layer, stats)
    unbiased = variance * jnp.where(count > 1.0, count / jnp.maximum(count - 1.0, 1.0), 1.0)  # of one object there is no variance to correct
    running = [KEEP * old_mean + (1.0 - KEEP) * mean, KEEP * old_variance + (1.0 - KEEP) * unbiased]
    return _standardised(z, mean[:, None], variance[:, None]), jnp.concatenate(running)


def mean_loss(network: Network, values: jax.Array, batch: Batch) -> jax.Array:
    """The mean of the losses of a batch's objects, without penalties."""
    each = losses(network, values, batch.y)
    return jnp.mean(each) if batch.mask is None else jnp.sum(batch.mask * each) / jnp.sum(batch.mask)


def penalty(network: Network, w: jax.Array, l1: jax.Array, l2: jax.Array) -> jax.Array:
    """λ₁‖W‖₁ + (λ₂/2)‖W‖² over the weights; biases and the numbers of a norm are free. With λ₂/2 the gradient is λ₂W, as in weight decay."""
    counts = np.zeros(network.size, bool)
    for part in network.parts:
        counts[part.where] = part.name == "W"
    weights = jnp.where(counts, w, 0.0)
    return jnp.sum(l1 * jnp.abs(weights) + 0.5 * l2 * weights * weights)


def masks(network: Network, key: jax.Array, t: jax.Array, n: int, rate: jax.Array) -> tuple[jax.Array, ...]:
    """What dropout multiplies every hidden layer by at step `t`: 1/(1 − p) or 0, `(width, n)` each.

    The same uniform numbers are compared with every p, so that a moved slider drops more of the same.
    """
    widths = [width for width, _ in network.hidden]
    drawn = jax.random.uniform(jax.random.fold_in(key, t.astype(jnp.int32)), (sum(widths), n), jnp.float64)  # one draw: each is a long program
    kept = jnp.where(drawn >= rate, 1.0 / (1.0 - rate), 0.0)
    return tuple(jnp.split(kept, np.cumsum(widths)[:-1]))


@jax.jit
def outputs(network: Network, w: jax.Array, stats: jax.Array, x: jax.Array) -> jax.Array:
    """What the network says at test: probabilities or values, `(n, q)`.

    Args:
        network: its shape.
        w: the parameters, `(P,)`.
        stats: running statistics, `(S,)`.
        x: objects as rows, `(n, d)`.
    """
    batch = Batch(x.T, jnp.zeros(x.shape[0]))
    return headed(network, forward(network, w, stats, batch, training=False).values).T
