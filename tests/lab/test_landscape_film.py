"""A film of landscapes: what stands at a checkpoint is the survey's, two maps have one scale of colours, and every container has the size asked for."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lab import lessons, slices
from lab.animation import Options
from lab.cut import Cut
from lab.export.__main__ import main
from lab.export.landscape import tiles
from lab.export.landscape.canvas import SurveyCanvas
from lab.export.landscape.film import survey_film
from lab.figures.learning.looks import looks
from lab.figures.style import PALETTES
from lab.i18n import translator
from lab.slice_types import Relief, Survey, Track
from optim_core.landscape import Heights, coordinate_plane, explained, project
from tests.unoptimised import unoptimised

QUERY = {"data": "moons", "data.size": "40", "epochs": "3", "batch": "10", "layers": "2", "run": "gradient_descent", "b.run.lr": "0.5", "cut": "weights"}
SIDE = np.arange(-20, 21) * 0.1


@pytest.fixture(scope="module", autouse=True)
def quick_to_compile() -> Iterator[None]:
    with unoptimised():
        yield


def heights_of(loss: np.ndarray) -> Heights:
    return Heights(loss, loss + 1, np.exp(-loss), np.exp(-loss))


def bowl(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 0.1 + x**2 + 3 * y**2


def shown(together: bool = False, **query: str) -> Survey:
    """Heights are those of a bowl, ten times as high for B; paths are the trainings' own."""
    cut, problems = Cut.from_query({**QUERY, **query})
    assert not problems
    lesson, reliefs = lessons.lesson(cut.study), []
    for index in range(1 if together else len(lesson.runs)):
        plane = coordinate_plane(lesson.runs[index].record.w[-1], 0, 1)
        tracks = []
        for run in range(len(lesson.runs)) if together else [index]:
            record = lesson.runs[run].record
            shadow = project(plane, record.w)
            true = heights_of(np.linspace(1, 0.1, len(record.at)))
            tracks.append(Track(run, shadow, len(shadow.at) - 1, explained(plane, record.w), true, heights_of(bowl(*shadow.at.T))))
        reliefs.append(Relief(index, plane, SIDE, SIDE, heights_of(bowl(*np.meshgrid(SIDE, SIDE)) * 10**index), tuple(tracks)))
    return Survey(cut, lesson, tuple(reliefs))


def led(survey: Survey, at: np.ndarray, **more: Any) -> Survey:
    """The first landscape alone, with a path of other points."""
    relief = survey.reliefs[0]
    track = relief.tracks[0]._replace(shadow=relief.tracks[0].shadow._replace(at=at))
    return dataclasses.replace(survey, reliefs=(relief._replace(tracks=(track,), **more),))


def pixel(canvas: SurveyCanvas, frame: np.ndarray, index: int, point: tuple[float, float]) -> list[int]:
    """The colour of a frame at a point of a map."""
    column, row = canvas.maps[index].axes.transData.transform(point)
    return [int(part) for part in frame[frame.shape[0] - 1 - int(row), int(column)]]


def rgb(color: str) -> list[int]:
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_markers_run_along_the_paths_to_the_centres(theme: Any) -> None:
    survey = shown()
    canvas = SurveyCanvas(survey, 800, 600, theme, str)
    frames = [canvas.at(share) for share in (0.0, 0.5, 1.0)]
    assert frames[0].shape == (600, 800, 3) and (frames[0] != frames[1]).any() and (frames[1] != frames[2]).any()
    assert np.array_equal(canvas.at(0.5), frames[1]), "nothing of another frame stays"
    for share in (0.0, 0.5, 1.0):
        frame = canvas.at(share)
        for index, learned in enumerate(survey.lesson.runs):
            t = share * learned.record.n_steps
            row = max(i for i, at in enumerate(learned.record.at) if at <= t)
            (way,), points = canvas.maps[index].ways, survey.reliefs[index].tracks[0].shadow.at
            assert np.array_equal(np.ravel(way.mark.get_data()), points[row])
            assert np.array_equal(np.column_stack(way.trail.get_data()), points[: row + 1])
            assert canvas.maps[index].told.get_text() == f"iteration {learned.record.at[row]}"
            assert pixel(canvas, frame, index, tuple(points[row])) == rgb(looks(theme)[index].color)
    for each in canvas.maps:
        assert np.array_equal(np.ravel(each.ways[0].mark.get_data()), [0, 0])


def test_the_cursor_and_the_marks_on_the_losses() -> None:
    survey = shown()
    canvas = SurveyCanvas(survey, 800, 600, "light", translator("ru"))
    canvas.at(0.5)
    n = survey.lesson.runs[0].record.n_steps
    assert canvas.clock.get_text() == f"итерация {n // 2} / {n} · эпоха 1"
    rows = canvas.rows(0.5)
    for axes, cursor, dots in canvas.curves:
        assert list(cursor.get_xdata()) == [n / 2] * 2 and axes.get_xlim() == (0, n) and len(dots) == 4
    expected = [getattr(survey.reliefs[run].tracks[0], how).loss[rows[run]] for run in (0, 1) for how in ("true", "drawn")]
    assert [float(dot.get_ydata()[0]) for _run, _x, _y, dot in canvas.curves[0][2]] == expected


def test_the_same_height_has_the_same_colour_on_two_maps() -> None:
    """Of B every height is ten times that of A: A at (x, 0) is as high as B at (0, y) with 0.1 + 3 y² a tenth of it."""
    canvas = SurveyCanvas(shown(), 1000, 800, "light", str)
    frame = canvas.at(1.0)
    first, second = ([pixel(canvas, frame, index, (x, 0.0)) for x in SIDE[:10]] for index in (0, 1))
    assert first != second
    for x in SIDE[:10]:
        high = bowl(x, 0.0) / 10
        other = -np.sqrt((high - 0.1) / 3)
        near = [pixel(canvas, frame, 1, (-0.02, other + shift)) for shift in (-0.06, -0.02, 0.02, 0.06)]  # a level line may be just here
        assert pixel(canvas, frame, 0, (x, 0.05)) in near, x


def test_where_there_is_no_height_there_is_a_gap() -> None:
    survey = shown()
    heights = bowl(*np.meshgrid(SIDE, SIDE))
    heights[30:35, 5:10] = [[np.nan, np.inf, np.inf, np.nan, np.inf]]
    relief = survey.reliefs[0]._replace(heights=heights_of(heights))
    canvas = SurveyCanvas(dataclasses.replace(survey, reliefs=(relief,)), 800, 600, "dark", str)
    frame = canvas.at(0.0)
    assert pixel(canvas, frame, 0, (SIDE[7], SIDE[32])) == rgb(PALETTES["dark"].muted) != pixel(canvas, frame, 0, (SIDE[7], SIDE[25]))
    for value in (np.nan, 3.0, 1e300):
        relief = survey.reliefs[0]._replace(heights=heights_of(np.full((41, 41), value)))
        assert SurveyCanvas(dataclasses.replace(survey, reliefs=(relief,)), 400, 300, "dark", str).at(0.5).shape == (300, 400, 3)


def test_a_path_that_leaves_is_told() -> None:
    survey = shown()
    at = np.array([[1.0, 1.0], [-1.5, 0.5], [1e200, 1.0], [np.nan, np.inf]])
    run = survey.lesson.runs[0]
    record = run.record._replace(at=np.array([0, 1, 2, run.record.n_steps]))
    lesson = dataclasses.replace(survey.lesson, runs=(run._replace(record=record), *survey.lesson.runs[1:]))
    four = heights_of(np.array([1.0, 2.0, np.inf, np.nan]))
    survey = led(dataclasses.replace(survey, lesson=lesson), at)
    track = survey.reliefs[0].tracks[0]._replace(true=four, drawn=four)
    track = track._replace(shadow=track.shadow._replace(distance=four.loss, ratio=four.loss))
    weights = np.zeros((4, record.w.shape[1]))
    lesson = dataclasses.replace(lesson, runs=(run._replace(record=record._replace(w=weights)), *lesson.runs[1:]))
    canvas = SurveyCanvas(dataclasses.replace(survey, lesson=lesson, reliefs=(survey.reliefs[0]._replace(tracks=(track,)),)), 800, 600, "light", str)
    (each,) = canvas.maps
    told = []
    for row in range(4):
        canvas.at(record.at[row] / record.n_steps)
        told.append(each.told.get_text())
    assert [words.partition(" · ")[0] for words in told] == ["iteration 0", "iteration 1", "hollow: outside the picture", "not a number here"]
    x, y = each.ways[0].hollow.get_data()
    assert 1.9 < float(np.ravel(x)[0]) < 2 and float(np.ravel(y)[0]) == 1.0, "at the edge"
    assert np.abs(each.ways[0].points).max() < 1e3, "what matplotlib can draw"


def test_several_paths_on_one_map_are_named_above_it() -> None:
    canvas = SurveyCanvas(shown(together=True), 800, 600, "light", str)
    canvas.at(1.0)
    (each,) = canvas.maps
    (legend,) = canvas.figure.legends
    assert len(each.ways) == 2 and [words.get_text()[:1] for words in legend.get_texts()] == ["A", "B"]
    assert each.axes.get_title(loc="left") == "" and SurveyCanvas(shown(), 1200, 900, "light", str).figure.legends == []


@pytest.mark.parametrize("part", ["valid", "accuracy"])
def test_other_heights(part: str) -> None:
    survey = shown(**{"cut.part": part})
    canvas = SurveyCanvas(survey, 640, 480, "dark", str)
    canvas.at(1.0)
    told = getattr(survey.reliefs[1].tracks[0].true, {"valid": "valid_loss"}.get(part, part))
    assert float(canvas.curves[0][2][2][3].get_ydata()[0]) == told[-1]


@pytest.mark.parametrize(("count", "slope"), [(1, 1.0), (1, 0.4), (2, 1.0), (3, 2.5), (4, 1.0)])
@pytest.mark.parametrize("size", [(960, 720), (1280, 640), (640, 1100)])
def test_pictures_do_not_lie_upon_each_other(count: int, slope: float, size: tuple[int, int]) -> None:
    """With their axes and titles; all stand within the frame, and maps keep their shape."""
    made = tiles.places([slope] * count, 2, *size, 30)
    assert all(box.height == pytest.approx(slope * box.width) and box.width > 40 for box in made.maps)
    rooms = [(box.x - tiles.LEFT, box.y - tiles.TITLE, box.x + box.width, box.y + box.height + tiles.FOOT) for box in made.maps]
    rooms += [(box.x - tiles.LEFT, box.y - tiles.WORDS, box.x + box.width, box.y + box.height + tiles.FOOT) for box in made.panels]
    rooms.append((made.bar.x, made.bar.y, made.bar.x + made.bar.width + 30, made.bar.y + made.bar.height))
    assert all(left >= -1e-9 and top >= 30 - 1e-9 and right <= size[0] and bottom <= size[1] + 1e-9 for left, top, right, bottom in rooms)
    for index, (left, top, right, bottom) in enumerate(rooms):
        for other in rooms[index + 1 :]:
            assert right <= other[0] + 1e-9 or other[2] <= left + 1e-9 or bottom <= other[1] + 1e-9 or other[3] <= top + 1e-9


@pytest.mark.parametrize("format", ["gif", "mp4", "webm", "zip"])
def test_films(format: Any) -> None:
    told: list[int] = []
    data = survey_film(shown(), format, Options(321, 240, 5, 1), "light", str, lambda done, total: told.append(done))
    assert told == list(range(11))
    if format == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert len(archive.namelist()) == 10 and Image.open(io.BytesIO(archive.read("frame_0009.png"))).size == (320, 240)
    elif format == "gif":
        assert Image.open(io.BytesIO(data)).size == (320, 240)
    else:
        assert data[4:8] == b"ftyp" if format == "mp4" else data.startswith(b"\x1aE\xdf\xa3")


@pytest.mark.parametrize("size", [(160, 160), (161, 1920), (998, 166), (1279, 719)])
def test_frames_are_as_large_as_asked(size: tuple[int, int]) -> None:
    assert SurveyCanvas(shown(), *size, "light", str).at(0.3).shape == (size[1], size[0], 3)


def test_a_draft_is_not_filmed() -> None:
    with pytest.raises(ValueError, match="draft"):
        survey_film(dataclasses.replace(shown(), draft=True), "gif", Options(), "light", str, lambda done, total: None)


def test_the_command_films(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "survey", lambda cut, _: shown(**{"cut.view": cut.view}))
    link, out = "https://lab.example.org/landscape?data=moons&cut=weights&cut.view=space", tmp_path / "film.gif"
    asked = [link, "--format", "gif", "--width", "320", "--height", "240", "--fps", "4", "--out", str(out)]
    assert main([*asked, "--seconds", "1"]) == 0 and Image.open(io.BytesIO(out.read_bytes())).size == (320, 240)
    assert main([*asked, "--width", "1920", "--height", "1920", "--fps", "50", "--seconds", "60"]) == 1
    assert "too many pixels" in capsys.readouterr().err
