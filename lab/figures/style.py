"""Colour, dash, marker and label of every run, and the two themes.

The hue follows the optimizer's family and is one of Okabe and Ito's, moved in lightness until it stands out by at least 3:1 from the page of its theme
and until the seven stay apart for a reader without M cones (a test computes both). Within a family the variants take turns in shade, dash and marker.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from lab.figures.numbers import number_text
from lab.runs import CONSTANT
from optim_core import optimizers
from optim_core.hyper import N_, hypers, texts
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

LETTERS = 20
"""Of a typed formula a label shows so many characters, and more only to tell it from another."""
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

_LENT: tuple[Family, ...] = ("rmsprop", "momentum", "curvature", "adagrad", "look_ahead", "adam", "gradient")
"""Hues for further runs of an optimizer, in this order."""

_GREEK = "alpha α, beta β, gamma γ, epsilon ε, varepsilon ε, eta η, kappa κ, lambda λ, mu μ, rho ρ, sigma σ, tau τ, varphi φ, omega ω"
_UNICODE = {f"\\{name}": letter for name, letter in (pair.split() for pair in _GREEK.split(", "))}
_SUBSCRIPTS = dict(zip("0123456789ijkmnpstT", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₘₙₚₛₜᴛ", strict=True))


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

    The first run of an optimizer wears the optimizer's own style, the same on every page; a further run of the same optimizer wears a hue that nobody else
    has. Hidden runs count, so that hiding one changes no other.

    Args:
        runs: `lab.experiment.Run`s.
        theme: light or dark.
        _: translates the titles.
    """
    return _styles(tuple(runs), theme, _)


@functools.lru_cache(256)
def _styles(runs: tuple[Any, ...], theme: Theme, _: Callable[[str], str]) -> tuple[RunStyle, ...]:
    return tuple(RunStyle(*_look(variant, theme), label) for variant, label in zip(_variants(runs), labels(runs, _), strict=True))


def labels(runs: Sequence[Any], _: Callable[[str], str] = str) -> tuple[str, ...]:
    """Title, η, and whatever is not the slide's or in which runs of the same optimizer differ: "Momentum η=0.4 β=0.5 Cosine"."""
    return tuple(" ".join((_(run.optimizer.title), *_values(run, runs, _))) for run in runs)


def short_labels(runs: Sequence[Any], _: Callable[[str], str] = str) -> tuple[str, ...]:
    """The title alone; where several runs share an optimizer, with the values in which they differ."""
    alone = Counter(type(run.optimizer) for run in runs)
    told = [() if alone[type(run.optimizer)] == 1 else _values(run, runs, _, differing=True) for run in runs]
    return tuple(" ".join((_(run.optimizer.title), *values)) for run, values in zip(runs, told, strict=True))


def unicode_symbol(latex: str) -> str:
    r"""The symbol of a hyper-parameter in plain text: `\beta_1` is β₁, `\eta_{\min}/\eta_0` is ηₘᵢₙ/η₀; an index that Unicode has no letters for stays _x."""
    return "/".join(_plain(part) for part in latex.split("/"))


def _plain(latex: str) -> str:
    letter, _, index = latex.replace("^*", "*").partition("_")
    index = index.strip("{}").lstrip("\\")
    small = "".join(_SUBSCRIPTS.get(sign, "") for sign in index)
    return re.sub(r"\\[a-z]+", lambda command: _UNICODE.get(command[0], command[0][1:]), letter) + (small if len(small) == len(index) else f"_{index}")


def _values(run: Any, runs: Sequence[Any], _: Callable[[str], str], differing: bool = False) -> list[str]:
    kin = [other for other in runs if type(other.optimizer) is type(run.optimizer)]
    values = ["η=" + number_text(run.lr)] if not differing or len({other.lr for other in kin}) > 1 else []
    values += _numbers(run.optimizer, [other.optimizer for other in kin], differing)
    for part, absent in (("schedule", ""), ("warmup", N_("no warm-up")), ("clip", N_("not clipped"))):
        mine, theirs = getattr(run, part), [getattr(other, part) for other in kin]
        differs = len(set(theirs)) > 1
        if mine is None:
            values += [_(absent)] if differs else []
        elif differs or (not differing and mine != CONSTANT):
            named = _("clipped {how}").format(how=_(mine.title)) if part == "clip" else _(mine.title)
            values += [named, *_numbers(mine, [other for other in theirs if type(other) is type(mine)], differing or part == "schedule")]
    return values


def _numbers(spec: Any, kin: Sequence[Any], differing: bool) -> list[str]:
    """The hyper-parameters in which kin differ, and unless only those are wanted, those that are not the default."""
    told = []
    for name, declared in hypers(spec).items():
        value = getattr(spec, name)
        if len({float(getattr(other, name)) for other in kin}) > 1 or (value != declared.default and not differing):
            told.append(f"{unicode_symbol(declared.symbol)}={number_text(value, 6)}")
    written = {name: [getattr(other, name) for other in kin] for name in texts(spec)}
    return told + [_shortened(getattr(spec, name), others) for name, others in written.items() if len(set(others)) > 1]


def _shortened(text: str, others: Sequence[str]) -> str:
    """The beginning of a text, long enough to tell it from the others."""
    length = next((n for n in range(LETTERS, len(text)) if all(other == text or other[:n] != text[:n] for other in others)), len(text))
    shown = text if length >= len(text) else text[:length] + "…"
    return shown.replace("<", "‹").replace(">", "›")  # Plotly takes what stands in angle brackets for markup


@functools.cache
def _ranks() -> dict[type[Any], int]:
    """Every optimizer's place among its family: those of the lectures first, so that a newcomer changes the look of none of them."""
    seen: Counter[str] = Counter()
    ranks = {}
    for cls in sorted(optimizers.REGISTRY.values(), key=lambda cls: not cls.rows):
        ranks[cls] = seen[cls.family]
        seen[cls.family] += 1
    return ranks


class _Variant(NamedTuple):
    """The family whose hue and shade a run wears; its own family and place there, which decide dash and marker."""

    hue: Family
    shade: int
    family: Family
    rank: int


def _variants(runs: Sequence[Any]) -> list[_Variant]:
    """First runs take their optimizer's own look. A further run of the same optimizer takes the next free dash and marker of its family, and the hue of a
    family that is not there: under different schedules such runs are the whole picture, and shades of one hue would not tell their fans apart."""
    chosen: dict[int, _Variant] = {}
    taken: set[tuple[Family, int]] = set()
    first = {type(run.optimizer): index for index, run in reversed(list(enumerate(runs)))}
    present = {run.optimizer.family for run in runs}
    borrowed = iter([family for family in _LENT if family not in present])
    for index in [*first.values(), *(i for i in range(len(runs)) if i not in first.values())]:
        family, rank = runs[index].optimizer.family, _ranks().get(type(runs[index].optimizer), 0)
        while (family, rank) in taken:
            rank += 1
        taken.add((family, rank))
        hue = None if index in first.values() else next(borrowed, None)
        chosen[index] = _Variant(family, rank, family, rank) if hue is None else _Variant(hue, 0, family, rank)
    return [chosen[index] for index in range(len(runs))]


def _look(variant: _Variant, theme: Theme) -> tuple[str, str, str]:
    shades = HUES[theme][variant.hue]
    dash, marker = _FIRST[variant.family]
    return shades[variant.shade % len(shades)], DASHES[(dash + variant.rank) % len(DASHES)], MARKERS[(marker + variant.rank) % len(MARKERS)]
