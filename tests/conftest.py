"""What every test shares: float64 (set by importing the core) and strict dtype promotion."""

import jax

import optim_core  # noqa: F401  (configures JAX before any test touches it)

jax.config.update("jax_numpy_dtype_promotion", "strict")
