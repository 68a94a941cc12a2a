"""Evaluations are counted as the oracle was really asked."""

from __future__ import annotations

from collections import Counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optim_core import oracles, simulate
from optim_core.evaluations import counted
from optim_core.optimizers import REGISTRY
from surfaces import REGISTRY as SURFACES

STEPS = 12


@pytest.mark.parametrize("key", REGISTRY)
def test_against_an_oracle_that_counts(key: str) -> None:
    """Each step in Python, its loops included; a Hessian counts as two gradients in the plane."""
    surface, optimizer, asked = SURFACES["himmelblau"](), REGISTRY[key](), Counter[str]()
    exact = oracles.exact(surface)

    def noting(kind: str, answer: Any) -> Any:
        compiled = jax.jit(answer)

        def ask(w: jax.Array) -> jax.Array:
            asked[kind] += 1
            with jax.disable_jit(False):  # the answer is one program, the step that asks is not
                found: jax.Array = compiled(w)
            return found

        return ask

    oracle = oracles.Oracle(*(noting(kind, answer) for kind, answer in zip(exact._fields, exact, strict=True)))
    eta = getattr(optimizer, "own_lr", 0.01)
    path = simulate(optimizer, surface, (0.5, 2.0), eta, STEPS)
    w, state, seen = jnp.array((0.5, 2.0)), optimizer.init(jnp.array((0.5, 2.0))), [0.0]
    with jax.disable_jit():
        for t in range(STEPS):
            w, state, _ = optimizer.step(oracle, w, state, jnp.array(eta), jnp.array(t + 1.0))
            seen.append(asked["gradient"] + asked["loss"] + 2.0 * asked["hessian"])
    assert np.abs(path.w[-1] - w).max() < 1e-9
    assert counted(optimizer, path).tolist() == seen
