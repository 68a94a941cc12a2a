"""Losses of one parameter, one a file: where a beginner starts. `REGISTRY` maps the file's stem to its class, with the protocol of the surfaces.

A curve's `domain.w1` is the range of w that the picture shows, and `domain.w2` the range of the loss.
"""

import sys

from optim_core.registry import discover

REQUIRED = ("title", "formula", "expression", "source", "domain", "starts", "learning_rates", "reference_values", "quadratic", "__call__", "minima")

REGISTRY = discover(sys.modules[__name__], requires=REQUIRED)
