"""Many runs at once: `sweep` computes them, `devices` says where, `files` keeps a long one safe, and `python -m optim_core.sweep` runs one from a link."""

from optim_core.sweep.core import NEVER, Goal, Outcome, sweep
from optim_core.sweep.verdict import DIVERGED, NOT_YET, THERE, judged

__all__ = ["DIVERGED", "NEVER", "NOT_YET", "THERE", "Goal", "Outcome", "judged", "sweep"]
