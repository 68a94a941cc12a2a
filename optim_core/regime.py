"""What a learning rate does on one parameter, in words that have a bound.

Near a minimum of curvature λ = L″ gradient descent multiplies the distance by 1 − ηλ at every step:

    too small     0 < ηλ < 0.1      less than a tenth of the way a step
    right         0.1 ≤ ηλ ≤ 1      down without overshooting; at η = 1/λ at once, if the loss is a parabola
    oscillating   1 < ηλ < 2        beyond the minimum and back, each time nearer
    diverging     ηλ ≥ 2            beyond the minimum and back, each time farther (at 2 for ever as far)

Sources: lecture row A4; Goh 2017 (Why Momentum Really Works, Distill).
"""

from __future__ import annotations

from typing import Literal

Regime = Literal["small", "right", "oscillating", "diverging"]
CRAWLS = 0.1
"""Below this share of the way a step, η is called too small."""


def regime(lr: float, curvature: float) -> Regime | None:
    """What gradient descent with η = `lr` does near a minimum of this curvature; None where the curvature is not positive, for there no η is too large.

    Args:
        lr: η ≥ 0.
        curvature: λ.
    """
    if not curvature > 0.0:
        return None
    share = lr * curvature
    return "small" if share < CRAWLS else "right" if share <= 1.0 else "oscillating" if share < 2.0 else "diverging"
