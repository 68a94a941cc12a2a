"""Many runs at once: `sweep` computes them, `devices` says where, `files` keeps a long one safe, and `python -m optim_core.sweep` runs one from a link."""

from optim_core.sweep.core import NEVER, Goal, Outcome, sweep

__all__ = ["NEVER", "Goal", "Outcome", "sweep"]
