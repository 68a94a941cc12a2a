"""The mathematics of Descent Lab: optimizers, schedules, and the scan that records a run.

Importing the package prepares JAX (double precision, one XLA flag), so import it before anything else initialises a JAX backend.

>>> import surfaces
>>> from optim_core import optimizers, simulate
>>> path = simulate(optimizers.REGISTRY["adam"](), surfaces.REGISTRY["rosenbrock"](), start=(-2.0, 2.0), lr=1e-3, n_steps=500)
>>> path.w.shape
(501, 2)
"""

from optim_core import backend

backend.configure()

from optim_core import optimizers, schedules  # noqa: E402  (JAX must be configured first)
from optim_core.trajectory import Job, simulate, simulate_all  # noqa: E402

__all__ = ["Job", "optimizers", "schedules", "simulate", "simulate_all"]
