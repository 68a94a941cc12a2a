"""One learning-rate schedule a file. `REGISTRY` maps the file's stem to its class."""

import sys

from optim_core.registry import discover

REGISTRY = discover(sys.modules[__name__], requires=("title", "rows", "rule", "__call__"))
