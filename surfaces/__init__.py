"""2-D loss surfaces, one a file. `REGISTRY` maps the file's stem to its class; its fields are the surface's parameters."""

import sys

import optim_core  # noqa: F401  (configures JAX before any surface touches it)
from optim_core.registry import discover
from surfaces._surface import REQUIRED

REGISTRY = discover(sys.modules[__name__], requires=REQUIRED)
