"""The programs of `lab.export.learning.scripts` as Jupyter notebooks: what it is in words and formulas, the program in cells, its loss as a picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lab.export.learning.network_text import Library
from lab.export.learning.scripts import TITLES, sections
from lab.export.notebook import LINK, METADATA, cell
from lab.i18n import Translate
from optim_core import rules
from optim_core.hyper import N_
from optim_core.networks import ACTIVATIONS, INITS
from optim_core.registry import key_of

if TYPE_CHECKING:
    from lab.lesson_types import Learned

INTRODUCTION = N_("{optimizer} on the data “{data}”, {epochs} epochs of {count} iterations, with {library}. The numbers are those of Descent Lab.")
WORDS: tuple[str, ...] = (
    N_("Libraries"),
    N_("Data"),
    N_("Network and loss"),
    N_("First weights and batches"),
    N_("Training"),
    N_("Losses"),
)
"""A heading for every cell of a program."""
_PLOT = """import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(8, 4.5))
axes.plot(np.arange(len(losses)) / {per_epoch}, losses)
axes.set(xlabel="{epoch}", ylabel="L", yscale="log")
plt.show()"""


def notebook(learned: Learned, library: Library, _: Translate) -> str:
    """A notebook with the program of a training, as JSON; its words in the reader's language.

    Raises:
        ValueError: the library does not have this optimizer.
    """
    parts, recipe, record = sections(learned, library), learned.recipe, learned.record
    kind = recipe.run.kind
    given = {"optimizer": _(kind.title), "data": _(recipe.data.title), "epochs": recipe.epochs, "count": record.per_epoch, "library": TITLES[library]}
    used = dict.fromkeys(layer.activation for layer in learned.network.hidden)
    formulas = [*(ACTIVATIONS[key].formula for key in used), INITS[key_of(INITS, recipe.init)].rule, *rules.printed(kind)]
    text = "\n\n".join([f"# {_(kind.title)}", _(INTRODUCTION).format(**given), *(f"$${line}$$" for line in formulas), _(LINK), f"`{parts.link}`"])
    codes = (*parts.cells, _PLOT.format(per_epoch=record.per_epoch, epoch=_("epoch")))
    cells = [cell("markdown", 0, text)]
    for number, code in enumerate(codes):
        cells += [cell("markdown", 2 * number + 1, f"## {_(WORDS[number])}")] if number < len(WORDS) else []
        cells.append(cell("code", 2 * number + 2, code))
    return json.dumps({"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1)
