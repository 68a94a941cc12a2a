"""The fair race and the gallery: what is tuned, what is applied, how tiles are ordered and drawn."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from lab import compute, race
from lab.experiment import Experiment
from lab.figures.style import styles
from lab.figures.tile import HEIGHT, WIDTH, sheet, tile_path
from lab.gallery import SORTS, Tile, backdrop, gallery, ordered
from lab.jobs import Cancelled
from lab.race import Aim
from lab.runs import Chance
from optim_core import optimizers
from optim_core.stopping import first_within

RACE = Experiment.from_query({"surface": "elongated_quadratic", "steps": "80"})[0]
TILES = [
    Tile(0, "Beta", "adam", True, 9.0, 9.0, 0.5, np.zeros((2, 2))),
    Tile(1, "alpha", "momentum", True, 7.0, 21.0, 0.5, np.zeros((2, 2))),
    Tile(2, "Gamma", "adam", False, np.inf, np.inf, 0.1, np.zeros((2, 2))),
    Tile(3, "Delta", "gradient", False, np.inf, np.inf, np.inf, np.zeros((2, 2))),
]


@pytest.mark.parametrize("decays", [False, True])
def test_winners_are_applied_and_survive_the_link(decays: bool) -> None:
    """The recorded run of the applied experiment has the score that was told, and the link gives it back."""
    aim = Aim("steps", 1e-3, decays)
    found = {index: race.tuned(RACE, index, aim) for index in range(4)}
    applied = race.applied(RACE, found)
    assert Experiment.from_query(applied.to_query()) == (applied, [])
    for path, (index, tuning) in zip(compute.picture(applied).paths, found.items(), strict=True):
        assert first_within(path, 0.0, 1e-3) == tuning.score.steps
        assert tuning.score <= tuning.before
        assert set(tuning.values) == {"lr", *aim.also(RACE.runs[index])}
    assert [len(tuning.values) for tuning in found.values()] == ([1, 2, 2, 3] if decays else [1] * 4)


def test_what_is_known_is_not_computed_again_and_other_questions_are_others() -> None:
    aim = Aim("loss", 1e-3)
    first = race.tuned(RACE, 0, aim)
    assert race.known(RACE, 0, aim) is first
    assert race.known(dataclasses.replace(RACE, n_steps=81), 0, aim) is None
    assert race.known(RACE, 0, Aim("loss", 1e-5)) is None


def test_a_race_can_be_stopped_and_tells_its_progress() -> None:
    told: list[float] = []

    def tell(done: int, total: int) -> None:
        told.append(done / total)
        if done / total > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        race.all_tuned(dataclasses.replace(RACE, n_steps=79), [0, 1, 2, 3], Aim(), tell)
    assert told == sorted(told) and 0.4 < told[-1] < 0.8


def test_noise_is_raced_over_several_seeds() -> None:
    noisy = dataclasses.replace(RACE, chance=Chance(sigma=0.1))
    assert race.tuned(noisy, 0, Aim("loss")).runs == race.DRAWS * race.tuned(RACE, 0, Aim("loss")).runs


def test_the_gallery_has_every_optimizer_as_its_recorded_run() -> None:
    """Untuned at first; a tuned one wears its winner and says so."""
    everyone, aim = race.everyone(RACE), Aim("steps", 1e-2)
    _raced, before = gallery(everyone, aim)
    assert [tile.name for tile in before] == [cls.title for cls in optimizers.REGISTRY.values()]
    assert not any(tile.tuned for tile in before)
    index = list(optimizers.REGISTRY).index("gradient_descent")
    tuning = race.tuned(everyone, index, aim)
    raced, after = gallery(everyone, aim)
    assert [tile.index for tile in after if tile.tuned] == [index]
    assert after[index].steps == tuning.score.steps == after[index].evaluations < before[index].steps
    assert raced.runs[index].lr == tuning.values["lr"]
    opened, problems = Experiment.from_query(race.alone(raced, index).to_query())
    assert not problems and opened.runs == (raced.runs[index],) and opened.surface == RACE.surface


def test_tiles_are_ordered() -> None:
    """What never got there stands last, what is no number after it; equal ones by name, whatever its case."""
    order = {by: [tile.index for tile in ordered(TILES, by)] for by in SORTS}
    assert order == {"steps": [1, 0, 2, 3], "loss": [2, 1, 0, 3], "evaluations": [0, 1, 2, 3], "name": [1, 0, 3, 2], "family": [0, 2, 3, 1]}


def test_a_tile_draws_the_path_where_it_is() -> None:
    """Its ends stand where the domain says; a run that leaves is drawn on its way out, one that is nowhere draws nothing."""
    domain, look = RACE.surface.domain, styles(RACE.runs, "light")[1]
    centre = [sum(domain.w1) / 2, sum(domain.w2) / 2]
    line, mark = ET.fromstring(f"<svg>{tile_path(np.array([[domain.w1[0], domain.w2[0]], centre]), domain, look, 'light')}</svg>")
    assert line.get("points") == f"0,{HEIGHT} {WIDTH / 2:g},{HEIGHT / 2:g}"
    assert line.get("stroke") == look.color == mark.get("fill")
    corners = np.array([list(map(float, corner.split(","))) for corner in str(mark.get("points")).split()])
    np.testing.assert_allclose(corners.mean(axis=0), [WIDTH / 2, HEIGHT / 2], atol=0.1)
    assert tile_path(np.full((3, 2), np.nan), domain, look, "light") == ""


@pytest.mark.parametrize("surface", ["elongated_quadratic", "parabola"])
def test_the_sheet_is_a_picture_of_all_of_them(surface: str) -> None:
    """Well-formed, with names that are no markup, and the level lines once."""
    experiment = Experiment.from_query({"surface": surface})[0]
    ground = backdrop(experiment, "dark")
    assert ground.startswith("data:image/png;base64,")
    drawn = ET.fromstring(sheet([("", "a < b", ["5 steps", "L = 1", "η=1"])] * 7, ground, "R&D", "dark"))
    texts = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert texts[:2] == ["R&D", "a < b"] and len(texts) == 1 + 4 * 7
    assert len([element for element in drawn.iter() if element.tag.endswith("image")]) == 1
