"""Piecewise constant: the student says where the learning rate changes, and to what.

    η_t = f_i η₀,   t_i ≤ t < t_{i+1}

Source: optax.piecewise_constant_schedule, PyTorch's MultiStepLR, whose factors multiply up; here every factor is of η₀ itself, so "30: 0.5, 60: 0.1"
reads as it runs. Before the first boundary the factor is 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from optim_core.hyper import N_, TextError, spec, text
from optim_core.schedules._clock import clock

LONGEST = 300
MOST_PIECES = 40
LAST_STEP = 1_000_000
LARGEST_FACTOR = 1000.0
_WHOLE = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def parse_pieces(written: str) -> tuple[tuple[int, float], ...]:
    """Read "step: factor" pairs between commas, semicolons or line ends: "0: 1, 30: 0.5, 60: 0.1".

    Raises:
        TextError: with the column, from 1, of what is not understood or not allowed.
    """
    if len(written) > LONGEST:
        raise TextError(N_("the text has {count} characters; at most {most} are allowed"), LONGEST + 1, count=len(written), most=LONGEST)
    pairs: list[tuple[int, float]] = []
    for part in re.finditer(r"[^,;\n]+", written):
        if not part[0].strip():  # a comma at the end of a line, or of the text
            continue
        pair = _pair(part[0], part.start() + 1)
        column = part.start() + 1 + len(part[0]) - len(part[0].lstrip())
        if pairs and pair[0] <= pairs[-1][0]:
            raise TextError(N_("step {step} must come after step {before}"), column, step=pair[0], before=pairs[-1][0])
        if len(pairs) == MOST_PIECES:
            raise TextError(N_("at most {most} pieces are allowed"), column, most=MOST_PIECES)
        pairs.append(pair)
    if not pairs:
        raise TextError(N_("write at least one piece as step: factor, for example 30: 0.5"), 1)
    return tuple(pairs)


def _pair(part: str, column: int) -> tuple[int, float]:
    """One "step: factor", which begins in `column`."""
    left, colon, right = part.partition(":")
    at_left, at_right = column + len(left) - len(left.lstrip()), column + len(left) + 1 + len(right) - len(right.lstrip())
    left, right = left.strip(), right.strip()
    if not (colon and left and right):
        raise TextError(N_("write each piece as step: factor, for example 30: 0.5"), at_left)
    if not _WHOLE.fullmatch(left):
        raise TextError(N_("“{text}” is not a whole number of steps"), at_left, text=left)
    if int(left) > LAST_STEP:
        raise TextError(N_("step {step} is beyond {most}"), at_left, step=left, most=LAST_STEP)
    if not _NUMBER.fullmatch(right):
        raise TextError(N_("“{text}” is not a number, at least 0, with a decimal point"), at_right, text=right)
    if float(right) > LARGEST_FACTOR:
        raise TextError(N_("the factor {factor} is beyond {most}"), at_right, factor=right, most=int(LARGEST_FACTOR))
    return int(left), float(right)


def pieces_text(pairs: Iterable[tuple[int, float]]) -> str:
    """The text that `parse_pieces` reads as these pairs, every factor in its shortest exact form."""
    return ", ".join(f"{step}: {repr(float(factor)).removesuffix('.0')}" for step, factor in pairs)


@spec
class Piecewise:
    """η_t = f_i η₀ from step t_i on."""

    title: ClassVar[str] = N_("Piecewise constant")
    rows: ClassVar[tuple[str, ...]] = ("A5", "C10")
    rule: ClassVar[tuple[str, ...]] = (r"\eta_t = f_i\, \eta_0, \quad t_i \le t < t_{i+1}",)

    pieces: str = text(
        "0: 1, 30: 0.5, 60: 0.1", parse=parse_pieces, symbol="f_i",
        title=N_("boundaries and factors"), help=N_("Pairs of step: share of the base learning rate from that step on, with commas between them."),
    )  # fmt: skip

    def __call__(self, t: ArrayLike, n_steps: int, base_lr: float) -> np.ndarray:
        """η at the steps `t` (from 0), an array of the shape of `t`.

        Raises:
            TextError: the text is not understood.
        """
        steps, factors = zip(*parse_pieces(self.pieces), strict=True)
        piece = np.searchsorted(steps, clock(t), side="right")
        with np.errstate(under="ignore"):  # a rate too small for a float is 0
            return np.asarray(float(base_lr) * np.array((1.0, *factors))[piece])
