"""Colour, dash, marker and label of every run, and the two themes.

The hue follows the optimizer's family and is one of Okabe and Ito's, moved in lightness until it stands out by at least 3:1 from the page of its theme
and until the seven stay apart for a reader without M cones (a test computes both). Within a family the variants take turns in shade, dash and marker.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from lab.figures.numbers import number_text
from optim_core import optimizers
from optim_core.hyper import hypers
from optim_core.types import Family

Theme = Literal["light", "dark"]

HUES: dict[Theme, dict[Family, tuple[str, str, str]]] = {
    "light": {
        "gradient": ("#6B7280", "#8D929D", "#3E424A"),
        "momentum": ("#0B5CA8", "#6095C6", "#063561"),
        "look_ahead": ("#1C98CC", "#146D93", "#0D4962"),
        "adagrad": ("#0AA07A", "#077358", "#054D3B"),
        "rmsprop": ("#C28500", "#8C6000", "#5D4000"),
        "adam": ("#C94400", "#D87847", "#752700"),
        "curvature": ("#7A3E96", "#AA83BC", "#472457"),
    },
    "dark": {
        "gradient": ("#9CA3AF", "#CED1D7", "#70757E"),
        "momentum": ("#2491E6", "#92C8F2", "#1A68A6"),
        "look_ahead": ("#8CD7FF", "#CBEDFF", "#659BB8"),
        "adagrad": ("#00B987", "#80DCC3", "#008561"),
        "rmsprop": ("#E8A20C", "#F4D086", "#A77509"),
        "adam": ("#F0643C", "#F8B29E", "#AD482B"),
        "curvature": ("#B380D6", "#D9C0EA", "#815C9A"),
    },
}
"""Base shade, second run, third run."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKERS = ("circle", "square", "triangle-down", "cross", "diamond", "triangle-up", "pentagon", "hexagon")
_FIRST: dict[Family, tuple[int, int]] = {
    "gradient": (0, 0),
    "momentum": (0, 1),
    "look_ahead": (1, 2),
    "adagrad": (3, 3),
    "rmsprop": (1, 4),
    "adam": (0, 5),
    "curvature": (4, 6),
}
"""Dash and marker of a family's first member."""

_GREEK = "alpha α, beta β, gamma γ, epsilon ε, varepsilon ε, eta η, kappa κ, lambda λ, mu μ, rho ρ, sigma σ, varphi φ"
_UNICODE = {f"\\{name}": letter for name, letter in (pair.split() for pair in _GREEK.split(", "))}
_SUBSCRIPTS = str.maketrans("0123456789{}", "₀₁₂₃₄₅₆₇₈₉  ")


class RunStyle(NamedTuple):
    """How one run is drawn and named.

    Attributes:
        color: of line, dots and text.
        dash: Plotly's name of the line's dash.
        marker: Plotly's name of the dots' shape.
        label: the optimizer's title and the values that matter.
    """

    color: str
    dash: str
    marker: str
    label: str


class Palette(NamedTuple):
    """What is not a run.

    Attributes:
        background: of the page and of the plot.
        text: of axes, start and minima.
        muted: a path after its stop; hairlines of axes.
        contour: fill from the lowest to the highest level, one hue.
        surface: the same in space, where the highest level must stand out from the page.
        hairline: the level lines.
    """

    background: str
    text: str
    muted: str
    contour: tuple[str, str, str]
    surface: tuple[str, str, str]
    hairline: str


PALETTES: dict[Theme, Palette] = {
    "light": Palette("#ffffff", "#222222", "#a3a8b0", ("#c4d6e8", "#e3ecf5", "#ffffff"), ("#a3bfda", "#cbdcec", "#edf2f8"), "rgba(120,150,180,0.45)"),
    "dark": Palette("#0e1117", "#e6e6e6", "#5b626d", ("#23354a", "#182534", "#0e1117"), ("#3a5675", "#26394f", "#182230"), "rgba(120,150,180,0.45)"),
}


def styles(runs: Sequence[Any], theme: Theme, _: Callable[[str], str] = str) -> tuple[RunStyle, ...]:
    """One style a run, no two alike.

    The first run of an optimizer wears the optimizer's own style, the same on every page; a further run of the same optimizer takes the next free one of
    its family. Hidden runs count, so that hiding one changes no other.

    Args:
        runs: `lab.experiment.Run`s.
        theme: light or dark.
        _: translates the titles.
    """
    return _styles(tuple(runs), theme, _)


@functools.lru_cache(256)
def _styles(runs: tuple[Any, ...], theme: Theme, _: Callable[[str], str]) -> tuple[RunStyle, ...]:
    return tuple(RunStyle(*_look(family, variant, theme), label) for (family, variant), label in zip(_variants(runs), labels(runs, _), strict=True))


def labels(runs: Sequence[Any], _: Callable[[str], str] = str) -> tuple[str, ...]:
    """Title, η, and every hyper-parameter that is not the slide's or in which runs of the same optimizer differ: "Momentum η=0.4 β=0.5"."""
    return tuple(" ".join((_(run.optimizer.title), *_values(run, runs))) for run in runs)


def short_labels(runs: Sequence[Any], _: Callable[[str], str] = str) -> tuple[str, ...]:
    """The title alone; where several runs share an optimizer, with the values in which they differ."""
    alone = Counter(type(run.optimizer) for run in runs)
    return tuple(
        _(run.optimizer.title) if alone[type(run.optimizer)] == 1 else " ".join((_(run.optimizer.title), *_values(run, runs, differing=True))) for run in runs
    )


def unicode_symbol(latex: str) -> str:
    r"""The symbol of a hyper-parameter in plain text: `\beta_1` is β₁."""
    letter, _, index = latex.partition("_")
    return _UNICODE.get(letter, letter.lstrip("\\")) + index.translate(_SUBSCRIPTS).replace(" ", "")


def _values(run: Any, runs: Sequence[Any], differing: bool = False) -> list[str]:
    kin = [other for other in runs if type(other.optimizer) is type(run.optimizer)]
    values = ["η=" + number_text(run.lr)] if not differing or len({other.lr for other in kin}) > 1 else []
    for name, declared in hypers(run.optimizer).items():
        value = getattr(run.optimizer, name)
        differs = len({float(getattr(other.optimizer, name)) for other in kin}) > 1
        if differs or (value != declared.default and not differing):
            values.append(f"{unicode_symbol(declared.symbol)}={number_text(value, 6)}")
    return values


@functools.cache
def _ranks() -> dict[type[Any], int]:
    """Every optimizer's place among its family, in the order of the registry."""
    seen: Counter[str] = Counter()
    ranks = {}
    for cls in optimizers.REGISTRY.values():
        ranks[cls] = seen[cls.family]
        seen[cls.family] += 1
    return ranks


def _variants(runs: Sequence[Any]) -> list[tuple[Family, int]]:
    """Family and variant of every run: first runs take their optimizer's own, the others the next that is free."""
    chosen: dict[int, int] = {}
    taken: set[tuple[str, int]] = set()
    first = {type(run.optimizer): index for index, run in reversed(list(enumerate(runs)))}
    for index in [*first.values(), *(i for i in range(len(runs)) if i not in first.values())]:
        family, variant = runs[index].optimizer.family, _ranks().get(type(runs[index].optimizer), 0)
        while (family, variant) in taken:
            variant += 1
        taken.add((family, variant))
        chosen[index] = variant
    return [(run.optimizer.family, chosen[index]) for index, run in enumerate(runs)]


def _look(family: Family, variant: int, theme: Theme) -> tuple[str, str, str]:
    shades = HUES[theme][family]
    dash, marker = _FIRST[family]
    return shades[variant % len(shades)], DASHES[(dash + variant) % len(DASHES)], MARKERS[(marker + variant) % len(MARKERS)]
