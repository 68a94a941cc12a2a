"""Loss heads: what the last layer's values mean, and what is minimised.

    linear    ŷ = z           MSE  mean (ŷ − y)²            MAE  mean |ŷ − y|
    sigmoid   p = σ(z)        binary cross-entropy  mean(ln(1 + e^z) − yz)          also MSE and MAE of p
    softmax   p_k = e^{z_k}/Σ e^{z_j}    categorical cross-entropy  mean(ln Σ e^{z_j} − z_y)    also MSE, summed over the classes

Source: lecture rows B3, B4, B5 and C3. Cross-entropies are taken of z, the value before the head: of p they would be ln 0 as soon as σ rounds to 0 or 1.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from optim_core.networks.architecture import Network


def headed(network: Network, z: jax.Array) -> jax.Array:
    """Probabilities or values from the last layer's values, `(q, n)`."""
    if network.head == "sigmoid":
        return jax.nn.sigmoid(z)
    return jax.nn.softmax(z, axis=0) if network.head == "softmax" else z


def losses(network: Network, z: jax.Array, y: jax.Array) -> jax.Array:
    """The loss of every object, `(n,)`.

    Args:
        network: its head and loss.
        z: the last layer's values, `(q, n)`.
        y: targets, `(n,)`: values, or classes 0 … c−1.
    """
    if network.loss == "binary":
        return jax.nn.softplus(z[0]) - y * z[0]
    if network.head == "softmax":
        truth = jax.nn.one_hot(y.astype(jnp.int32), z.shape[0], axis=0, dtype=z.dtype)
        if network.loss == "categorical":
            return jax.nn.logsumexp(z, axis=0) - jnp.sum(truth * z, axis=0)
        return jnp.sum((jax.nn.softmax(z, axis=0) - truth) ** 2, axis=0)
    apart = headed(network, z)[0] - y
    return jnp.abs(apart) if network.loss == "mae" else apart**2


def correct(network: Network, z: jax.Array, y: jax.Array) -> jax.Array:
    """1 where the class with the largest probability is the true one, else 0, `(n,)`; nan for regression, which has no classes.

    A diverged network, whose values are no numbers, is right nowhere.
    """
    if network.head == "linear":
        return jnp.full(y.shape, jnp.nan, dtype=z.dtype)
    chosen = (z[0] > 0.0).astype(y.dtype) if network.head == "sigmoid" else jnp.argmax(z, axis=0).astype(y.dtype)
    return jnp.where(jnp.isfinite(z).all(axis=0), (chosen == y).astype(z.dtype), 0.0)
