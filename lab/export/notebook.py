"""The programs of `scripts` as Jupyter notebooks: what it is in words and formulas, the program in cells, a picture.

The format is nbformat's 4.5, written with `json`: the package nbformat was looked at, and is needed for the test only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lab.export.scripts import TITLES, Library, sections
from lab.i18n import Translate
from optim_core import rules
from optim_core.hyper import N_

if TYPE_CHECKING:
    from lab.compute import Picture

INTRODUCTION = N_("{optimizer} on the surface “{surface}”, {steps} steps, with {library}. The numbers are those of Descent Lab.")
LINK = N_("The experiment, to be added to the address of the laboratory:")
METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}
_PLOT = """import matplotlib.pyplot as plt

shown = path[np.isfinite(path).all(axis=1)]
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5))
x, y = np.meshgrid(np.linspace({w1[0]}, {w1[1]}, 161), np.linspace({w2[0]}, {w2[1]}, 121))
heights = np.array([[float(loss({point})) for a, b in zip(*row)] for row in zip(x, y)])
left.contour(x, y, heights, levels={levels})
left.plot(shown[:, 0], shown[:, 1], ".-")
left.set(xlabel="$w_1$", ylabel="$w_2$", xlim=({w1[0]}, {w1[1]}), ylim=({w2[0]}, {w2[1]}))
right.plot([float(loss({at})) for w in shown])
right.set(xlabel="t", ylabel="L")
plt.show()"""
_PLOT_CURVE = """import matplotlib.pyplot as plt

shown = path[np.isfinite(path).all(axis=1)]
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5))
x = np.linspace({w1[0]}, {w1[1]}, 401)
left.plot(x, [float(loss({point})) for a in x])
left.plot(shown[:, 0], [float(loss({at})) for w in shown], ".-")
left.set(xlabel="$w$", ylabel="L", xlim=({w1[0]}, {w1[1]}), ylim=({w2[0]}, {w2[1]}))
right.plot([float(loss({at})) for w in shown])
right.set(xlabel="t", ylabel="L")
plt.show()"""
_POINTS = {"numpy": ("np.array({})", "w"), "optax": ("jnp.array({})", "w"), "torch": ("torch.tensor({})", "torch.from_numpy(w)")}


def notebook(picture: Picture, index: int, library: Library, _: Translate) -> str:
    """A notebook with the program of run `index` (from 0), as JSON; its words in the reader's language.

    Raises:
        ValueError: the library does not have this formula.
    """
    parts, experiment = sections(picture, index, library), picture.experiment
    kind, surface = experiment.runs[index].kind, experiment.surface
    words = _(INTRODUCTION).format(optimizer=_(kind.title), surface=_(surface.title), steps=experiment.n_steps, library=TITLES[library])
    formulas = [f"$${line}$$" for line in (*surface.formula.split("\n"), *rules.printed(kind))]
    text = "\n\n".join([f"# {_(kind.title)}", words, *formulas, _(LINK), f"`{parts.link}`"])
    point, at = _POINTS[library]
    levels = surface.levels.count if not experiment.on_curve else 0
    plot = (_PLOT_CURVE if experiment.on_curve else _PLOT).format(
        w1=surface.domain.w1, w2=surface.domain.w2, levels=levels, point=point.format("[a]" if experiment.on_curve else "[a, b]"), at=at
    )
    cells = [cell("markdown", 0, text), *(cell("code", i, code) for i, code in enumerate((*parts.code, parts.end, plot), 1))]
    return json.dumps({"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1)


def cell(kind: str, number: int, text: str) -> dict[str, Any]:
    """A cell of nbformat: `markdown` or `code`, its number in the notebook, and what stands in it."""
    made = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": text.strip("\n").splitlines(keepends=True)}
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})
