"""One algorithm a file. `REGISTRY` maps the file's stem to its class."""

import sys

from optim_core.registry import discover

REGISTRY = discover(sys.modules[__name__], requires=("title", "family", "rows", "rule", "symbols", "scale_free", "init", "step", "lr_bound"))
