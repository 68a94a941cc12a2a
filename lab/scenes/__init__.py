"""Prepared experiments, one TOML a scene: what a lecturer shows and a student starts from.

    title = "…"              at most 50 characters
    topic = "Momentum"       one of `TOPICS`
    rows = ["A11", "D5"]     the lecture rows it serves
    page = "trajectories"    where it opens, one of `PAGES`
    question = "…"           to answer before pressing play, at most 140 characters
    notice = "…"             what to notice afterwards, at most 140 characters
    link = "v=1&surface=…"   the address of the experiment, study or cut, after its question mark; a line that ends in \\ goes on in the next
    [[claims]]               what a test checks against the core, see `lab.scenes.claims`, for trainings `learning_claims`, for landscapes
                             `survey_claims`

The texts are message ids of the Russian catalogue.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from lab.scenes.claims import CLAIMS, parse
from lab.scenes.learning_claims import LEARNT
from lab.scenes.survey_claims import SURVEYED
from optim_core.hyper import N_

FOLDER = Path(__file__).parent
PAGES = ("trajectories", "schedules", "maps", "training", "landscape")
STUDIES, CUTS = ("training",), ("landscape",)
"""Pages whose scenes are studies (`lab.study`) or cuts (`lab.cut`); those of the others are experiments."""
KNOWN = {**dict.fromkeys(STUDIES, LEARNT), **dict.fromkeys(CUTS, SURVEYED)}
"""What is claimed on these pages; on the others, `CLAIMS`."""
TOPICS = (
    N_("Learning rate"), N_("Schedules"), N_("Warm-up"), N_("Clipping"), N_("Noise"),
    N_("Momentum"), N_("Adaptive steps"), N_("Minima and saddles"), N_("Races"), N_("Stopping"),
    N_("Networks"), N_("Initialisation"), N_("Batches"), N_("Overfitting"), N_("Normalisation"), N_("Deep networks"), N_("Landscapes"),
)  # fmt: skip
_ROW = re.compile(r"[A-E][1-9]\d?")
_LONGEST = {"title": 50, "question": 140, "notice": 140}
_KEYS = {"title", "topic", "rows", "page", "question", "notice", "link", "claims"}


@dataclass(frozen=True)
class Scene:
    """One prepared experiment.

    Attributes:
        id: stem of its file.
        title, question, notice: English texts, to be translated by whoever shows them.
        topic: one of `TOPICS`, likewise.
        rows: lecture rows it serves, such as A4.
        page: the page it opens on.
        link: the query of its experiment, study or cut, every value explicit.
        claims: what must hold of it.
    """

    id: str
    title: str
    topic: str
    rows: tuple[str, ...]
    page: str
    question: str
    notice: str
    link: Mapping[str, str]
    claims: tuple[Mapping[str, Any], ...]


@functools.cache
def scenes() -> tuple[Scene, ...]:
    """All scenes, in the order of their first lecture rows.

    Raises:
        ValueError: a file is malformed; nothing is skipped in silence.
    """
    return tuple(sorted((load(path) for path in FOLDER.glob("*.toml")), key=lambda scene: ([_order(row) for row in scene.rows], scene.id)))


def load(path: Path) -> Scene:
    """Read one scene.

    Raises:
        ValueError: it is not a scene; the message names file, key and what is allowed.
    """
    try:
        return _scene(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _scene(name: str, raw: dict[str, Any]) -> Scene:
    if raw.keys() != _KEYS:
        raise ValueError(f"keys must be {', '.join(sorted(_KEYS))}; differing: {', '.join(sorted(raw.keys() ^ _KEYS))}")
    for key, longest in _LONGEST.items():
        if not isinstance(raw[key], str) or not 0 < len(raw[key].strip()) == len(raw[key]) <= longest:
            raise ValueError(f"{key} must be a text of 1 to {longest} characters without blanks around it")
    for key, allowed in (("topic", TOPICS), ("page", PAGES)):
        if raw[key] not in allowed:
            raise ValueError(f"{key} = {raw[key]!r} is not one of {', '.join(allowed)}")
    rows = raw["rows"]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, str) and _ROW.fullmatch(row) for row in rows):
        raise ValueError(f"rows = {rows!r} must be lecture rows such as A4")
    if not isinstance(raw["claims"], list) or not raw["claims"] or not all(isinstance(claim, dict) for claim in raw["claims"]):
        raise ValueError("claims must be a list of at least one claim, each a table")
    for claim in raw["claims"]:
        parse(claim, KNOWN.get(raw["page"], CLAIMS))
    pairs = parse_qsl(str(raw["link"]), keep_blank_values=True, strict_parsing=True)
    link = dict(pairs)
    if not link or len(link) != len(pairs):
        raise ValueError("link must be a query that gives every key once")
    frozen = {"rows": tuple(rows), "link": MappingProxyType(link), "claims": tuple(MappingProxyType(claim) for claim in raw["claims"])}
    return Scene(name, **{**raw, **frozen})


def _order(row: str) -> tuple[str, int]:
    return row[0], int(row[1:])
