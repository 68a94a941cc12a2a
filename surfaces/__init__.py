"""Loss surfaces, one a file. `REGISTRY` maps the file's stem to its class; its fields are the surface's parameters.

`CURVES` are the losses of one parameter, in `surfaces.curves`; `ALL` are both, the curves first.
"""

import sys
from types import MappingProxyType

import optim_core  # noqa: F401  (configures JAX before any surface touches it)
from optim_core.registry import discover
from surfaces._surface import REQUIRED
from surfaces._surface import coordinates as coordinates
from surfaces._surface import written_out as written_out

REGISTRY = discover(sys.modules[__name__], requires=REQUIRED)

from surfaces.curves import REGISTRY as CURVES  # noqa: E402  (a curve uses what a surface is made of)

ALL = MappingProxyType({**CURVES, **REGISTRY})
