"""What every test shares: float64 (set by importing the core), strict dtype promotion, and the same drawn examples in every run."""

import jax
from hypothesis import settings

import optim_core  # noqa: F401  (configures JAX before any test touches it)

jax.config.update("jax_numpy_dtype_promotion", "strict")

# A change is judged by what it does, not by the luck of the draw; `make fuzz` draws new examples.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")
