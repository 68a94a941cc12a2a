"""Numbers, bodies and figures of landscapes, and their command: judged by their own file formats read here, by trimesh and by closed forms."""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import json
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from lab import lessons, slices
from lab.cut import Cut
from lab.export.__main__ import main
from lab.export.landscape import images
from lab.export.landscape.laid import laid
from lab.export.landscape.numbers import ARRAYS, GRID, PATH, grid_csv, grid_npz, path_csv, survey_file
from lab.export.landscape.scene_file import linear
from lab.export.landscape.sheet import named_once, sheet
from lab.export.landscape.solids import EASE, LIFT, NoSolid, gltf, stl, terrain
from lab.figures.landscape.relief import relief_figure
from lab.figures.learning.looks import looks
from lab.figures.style import PALETTES
from lab.i18n import translator
from lab.link import query_of
from lab.slice_types import LINES, Line, Relief, Survey, Track
from optim_core.landscape import Curvature, Heights, coordinate_plane, explained, project
from tests.unoptimised import unoptimised

QUERY = {"data": "moons", "data.size": "40", "epochs": "3", "batch": "10", "layers": "2", "run": "gradient_descent", "b.run.lr": "0.5", "cut": "weights"}
X, Y = np.arange(-2, 5) * 0.5, np.arange(-3, 2) * 0.25


@pytest.fixture(scope="module", autouse=True)
def quick_to_compile() -> Iterator[None]:
    with unoptimised():
        yield


def heights_of(loss: np.ndarray) -> Heights:
    return Heights(loss, loss + 1, np.exp(-loss), np.full_like(loss, np.nan))


def bowl(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 0.1 + x**2 + 3 * y**2 + x * y


@functools.cache
def shown() -> Survey:
    """Two trainings with a landscape each, made by hand: heights are those of a bowl, paths are the trainings' own."""
    cut, problems = Cut.from_query(QUERY)
    assert not problems
    lesson, reliefs = lessons.lesson(cut.study), []
    for index, learned in enumerate(lesson.runs):
        plane = coordinate_plane(learned.record.w[-1], 0, 1)
        shadow = project(plane, learned.record.w)
        true = heights_of(np.linspace(1, 0.1, len(learned.record.at)) + index)
        track = Track(index, shadow, len(shadow.at) - 1, explained(plane, learned.record.w), true, heights_of(bowl(*shadow.at.T)))
        reliefs.append(Relief(index, plane, X, Y, heights_of(bowl(*np.meshgrid(X, Y)) * (1 + index)), (track,)))
    line = Line("between", 1, X, heights_of(X**2))
    two, lost = np.array([2.0, np.nan]), np.full(2, np.nan)
    told = Curvature(np.array([0, 12]), np.array([[2.0, 1.0], [np.nan, np.nan]]), two, two, two, lost, lost)
    return Survey(cut, lesson, tuple(reliefs), (line,), (told, told), (np.array([4.0, 4.0]), None))


def changed(survey: Survey, loss: np.ndarray, axis: str = "linear", **more: Any) -> Survey:
    """With one landscape alone, of other heights."""
    relief = survey.reliefs[0]._replace(heights=heights_of(loss), **more)
    study = dataclasses.replace(survey.cut.study, axis=axis)
    return dataclasses.replace(survey, cut=dataclasses.replace(survey.cut, study=study), reliefs=(relief,))


# ---------------------------------------------------------------------- numbers


def test_archive_reads_back_exactly() -> None:
    survey = shown()
    with np.load(io.BytesIO(grid_npz(survey))) as archive:
        read = dict(archive)
    about = json.loads(str(read.pop("about")))
    assert Cut.from_query(query_of(about["link"])) == (survey.cut, []) and about["arrays"] == ARRAYS
    assert [told["landscape"] for told in about["landscapes"]] == ["a", "b"] and about["landscapes"][0]["plane"] == "weights"
    assert about["landscapes"][1]["explained"] == {"b": survey.reliefs[1].tracks[0].explained}
    assert about["trainings"]["b"]["run.lr"] == "0.5"
    for letter, relief, learned in zip("ab", survey.reliefs, survey.lesson.runs, strict=True):
        track = relief.tracks[0]
        expected = {"x": X, "y": Y, "centre": relief.plane.centre, "directions": relief.plane.directions, **relief.heights._asdict()}
        expected |= {f"path_{letter}_{name}": array for name, array in track.shadow._asdict().items()}
        expected |= {f"path_{letter}_iterations": learned.record.at}
        expected |= {f"path_{letter}_{how}_{name}": array for how in ("true", "drawn") for name, array in getattr(track, how)._asdict().items()}
        for name, array in expected.items():
            assert np.array_equal(read.pop(f"{letter}_{name}"), array, equal_nan=True), name
        for name in Curvature._fields:
            assert np.array_equal(read.pop(f"curvature_{letter}_{name}"), getattr(survey.curvatures[0], name), equal_nan=True)
    assert np.array_equal(read.pop("limit_a"), survey.limits[0]) and np.array_equal(read.pop("line_between_b_x"), X)
    assert {name: read.pop(f"line_between_b_{name}") is not None for name in Heights._fields} and not read, "and nothing else is in it"


def rows_of(text: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """A CSV as a stranger reads it; what its head says is checked on the way."""
    head = [line for line in text.splitlines() if line.startswith("#")]
    link = next(line.partition(": ")[2] for line in head if line.startswith("# link: "))
    assert Cut.from_query(query_of(link)) == (shown().cut, [])
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert tuple(rows[0]) == columns
    return rows


def test_grid_reads_back_exactly() -> None:
    rows = rows_of(grid_csv(shown()), GRID)
    assert len(rows) == 2 * len(X) * len(Y)
    for row in rows:
        relief, i, j = shown().reliefs["ab".index(row["landscape"])], int(row["i"]), int(row["j"])
        assert (float(row["a1"]), float(row["a2"])) == (X[i], Y[j])
        assert np.array_equal([float(row[name]) for name in Heights._fields], [values[j, i] for values in relief.heights], equal_nan=True)


def test_paths_read_back_exactly() -> None:
    rows = rows_of(path_csv(shown()), PATH)
    for letter, relief, learned in zip("ab", shown().reliefs, shown().lesson.runs, strict=True):
        mine, track = [row for row in rows if row["landscape"] == row["run"] == letter], relief.tracks[0]
        assert [int(row["iteration"]) for row in mine] == learned.record.at.tolist()
        expected = {"a1": track.shadow.at[:, 0], "a2": track.shadow.at[:, 1], "distance": track.shadow.distance, "ratio": track.shadow.ratio}
        expected |= {f"{how}_{name}": array for how in ("true", "drawn") for name, array in getattr(track, how)._asdict().items()}
        assert set(expected) == set(PATH[3:])
        for name, array in expected.items():
            assert np.array_equal([float(row[name]) for row in mine], array, equal_nan=True), name


def test_file_names_tell_cuts_apart() -> None:
    other = dataclasses.replace(shown(), cut=dataclasses.replace(shown().cut, seed=2))
    assert survey_file(shown(), "npz").startswith("descent-lab_moons_landscape_") and survey_file(shown(), "npz") != survey_file(other, "npz")


# ---------------------------------------------------------------------- a body for a printer


def read_stl(made: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Normals `(k, 3)` and corners `(k, 3, 3)`."""
    count = int.from_bytes(made[80:84], "little")
    assert len(made) == 84 + 50 * count and not made.startswith(b"solid"), "a text file begins so"
    rows = np.frombuffer(made[84:], np.uint8).reshape(count, 50)[:, :48].copy().view("<f4").reshape(count, 4, 3)
    return rows[:, 0].astype(float), rows[:, 1:].astype(float)


def test_body_is_closed_and_its_normals_point_outwards() -> None:
    """Every edge belongs to two triangles, which run along it in opposite directions; so there is an inside, and the volume says which side it is."""
    normals, corners = read_stl(stl(shown(), 1))
    edges = Counter((corner.tobytes(), after.tobytes()) for triangle in corners for corner, after in zip(triangle, np.roll(triangle, -1, axis=0), strict=True))
    assert set(edges.values()) == {1} and all(edges[after, corner] == 1 for corner, after in edges)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(across, axis=1, keepdims=True)
    assert (lengths > 0).all() and np.allclose(across / lengths, normals, atol=1e-5)
    assert np.einsum("ij,ij->", corners[:, 0], across) / 6 > 0
    judge = trimesh.load_mesh(io.BytesIO(stl(shown(), 1)), file_type="stl")
    assert judge.is_watertight and judge.is_winding_consistent and judge.body_count == 1


@pytest.mark.parametrize("index", [0, 1])
def test_volume_is_that_of_the_prisms(index: int) -> None:
    """Each cell stands on two triangles; the mean height over a triangle is that of its corners."""
    low, high = np.log10([bowl(*np.meshgrid(X, Y)).min(), 2 * bowl(*np.meshgrid(X, Y)).max()])
    z = 2 + 20 * (np.log10(bowl(*np.meshgrid(X, Y)) * (1 + index)) - low) / (high - low)
    step = 80 / 3 * np.array([0.5, 0.25])
    halves = z[:-1, :-1] + z[1:, 1:] + z[:-1, 1:], z[:-1, :-1] + z[1:, 1:] + z[1:, :-1]
    made = stl(shown(), index, 80, 20, 2)
    assert trimesh.load_mesh(io.BytesIO(made), file_type="stl").volume == pytest.approx(np.sum(halves) / 6 * step[0] * step[1], rel=1e-6)
    corners = read_stl(made)[1].reshape(-1, 3)
    assert corners.min(axis=0) == pytest.approx(0) and corners.max(axis=0) == pytest.approx([80, 80 / 3, z.max()], rel=1e-6)


def test_bodies_of_a_survey_stand_on_one_scale() -> None:
    first, second = (terrain(shown(), index).z for index in (0, 1))
    assert first.min() == 0 and second.max() == 1
    assert np.allclose(second - first, second[0, 0] - first[0, 0]), "twice the loss is one step of its logarithm"
    flat = terrain(changed(shown(), np.full((5, 7), 3.0)), 0).z
    assert (flat == 0).all()
    assert trimesh.load_mesh(io.BytesIO(stl(changed(shown(), np.full((5, 7), 3.0)), 0, 90, 30, 2)), file_type="stl").volume == pytest.approx(90 * 30 * 2)


def test_heights_are_those_of_the_picture() -> None:
    loss = bowl(*np.meshgrid(X, Y))
    shares = (loss - loss.min()) / np.ptp(loss)
    assert np.allclose(terrain(changed(shown(), loss), 0).z, shares)
    zero = np.where(loss == loss.min(), 0.0, loss)
    assert np.allclose(terrain(changed(shown(), zero, "log"), 0).z, zero / zero.max()), "there is no logarithm of 0"
    judged = changed(shown(), loss, "log")
    accuracy = dataclasses.replace(judged, cut=dataclasses.replace(judged.cut, part="accuracy"))
    assert np.allclose(terrain(accuracy, 0).z, np.exp(-loss)), "shares are drawn from 0 to 1"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_has_a_hole_is_not_printed(value: float) -> None:
    loss = bowl(*np.meshgrid(X, Y))
    loss[2, 3] = value
    with pytest.raises(NoSolid, match="hole"):
        stl(changed(shown(), loss), 0)
    with pytest.raises(NoSolid, match="nowhere"):
        gltf(changed(shown(), np.full((5, 7), value)), 0)
    with pytest.raises(ValueError, match="base"):
        stl(shown(), 0, base=0.0)


# ---------------------------------------------------------------------- a scene for a viewer


def read_glb(made: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """The tree, and every accessor's rows, by the tables of the file itself."""
    assert made[:4] == b"glTF" and struct.unpack("<II", made[4:12]) == (2, len(made))
    length, kind = struct.unpack("<I4s", made[12:20])
    tree, rest = json.loads(made[20 : 20 + length]), made[20 + length :]
    size, binary = struct.unpack("<I4s", rest[:8])
    assert (kind, binary, len(rest), length % 4, size % 4) == (b"JSON", b"BIN\0", 8 + size, 0, 0) and tree["buffers"] == [{"byteLength": size}]
    arrays = []
    for accessor in tree["accessors"]:
        view = tree["bufferViews"][accessor["bufferView"]]
        assert view["byteOffset"] % 4 == 0 and view["byteOffset"] + view["byteLength"] <= size
        width, numbers = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]], {5126: "<f4", 5123: "<u2", 5125: "<u4"}[accessor["componentType"]]
        rows = np.frombuffer(rest[8:][view["byteOffset"] :][: view["byteLength"]], numbers).reshape(accessor["count"], width)
        if "min" in accessor:
            assert (accessor["min"], accessor["max"]) == (rows.min(axis=0).tolist(), rows.max(axis=0).tolist())
        arrays.append(rows)
    return tree, arrays


def test_scene_holds_the_surface_and_its_colours() -> None:
    tree, arrays = read_glb(gltf(shown(), 1))
    assert Cut.from_query(query_of(tree["asset"]["extras"]["link"])) == (shown().cut, [])
    assert [node["name"] for node in tree["nodes"]][:2] == ["surface", "path B"]
    (surface,) = tree["meshes"][0]["primitives"]
    points, normals, colors = (arrays[surface["attributes"][name]] for name in ("POSITION", "NORMAL", "COLOR_0"))
    land = terrain(shown(), 1)
    assert np.allclose(points.reshape(5, 7, 3), np.stack([np.broadcast_to(land.x, (5, 7)), EASE * land.z, -np.broadcast_to(land.y, (7, 5)).T], axis=-1))
    assert np.allclose(np.linalg.norm(normals, axis=1), 1) and (normals[:, 1] > 0).all(), "up is y"
    judge = trimesh.load_scene(io.BytesIO(gltf(shown(), 1)), file_type="glb").geometry["surface"]
    assert (judge.face_normals[:, 1] > 0).all() and len(judge.faces) == 2 * 4 * 6
    highest = PALETTES["light"].surface[2]
    light = linear(np.array([int(highest[i : i + 2], 16) for i in (1, 3, 5)]) / 255)
    assert colors[land.z.ravel().argmax()] / 65535 == pytest.approx([*light, 1], abs=1e-4)
    assert tree["materials"][0]["pbrMetallicRoughness"]["metallicFactor"] == 0


def test_normals_are_those_of_a_slope() -> None:
    """A plane has one normal, which its slopes give."""
    x, y = np.meshgrid(X, Y)
    tree, arrays = read_glb(gltf(changed(shown(), x + 2 * y + 4, tracks=()), 0))
    land = terrain(changed(shown(), x + 2 * y + 4), 0)
    across, along = (EASE * (land.z[0, 1] - land.z[0, 0]) / land.x[1], EASE * (land.z[1, 0] - land.z[0, 0]) / land.y[1])
    expected = np.array([-across, 1, along]) / np.linalg.norm([across, 1, along])
    assert np.allclose(arrays[tree["meshes"][0]["primitives"][0]["attributes"]["NORMAL"]], expected, atol=1e-6)
    assert "extensionsUsed" not in tree, "no line, no unlit paint"


def test_paths_lie_just_above_the_surface() -> None:
    """Their ends are those of the training where it stays in the view; their colour is the training's."""
    survey = changed(shown(), bowl(*np.meshgrid(X, Y)))
    at = np.array([[1.9, -0.7], [0.3, 0.1], [0.0, 0.0]])
    survey = changed(
        survey, bowl(*np.meshgrid(X, Y)), tracks=(survey.reliefs[0].tracks[0]._replace(shadow=survey.reliefs[0].tracks[0].shadow._replace(at=at)),)
    )
    tree, arrays = read_glb(gltf(survey, 0, "dark"))
    (line,) = tree["meshes"][1]["primitives"]
    points, land = arrays[line["attributes"]["POSITION"]], terrain(survey, 0)
    assert line["mode"] == 1 and "KHR_materials_unlit" in tree["extensionsUsed"]
    assert points[[0, -1]][:, [0, 2]] == pytest.approx((at[[0, -1]] - [X[0], Y[0]]) / 3 * [1, -1], abs=1e-6)
    assert points[-1, 1] == pytest.approx(EASE * (land.z[3, 2] + LIFT), abs=1e-6), "the centre is a point of the grid"
    color = looks("dark")[0].color
    told = tree["materials"][1]["pbrMetallicRoughness"]["baseColorFactor"]
    assert told == pytest.approx([*linear(np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255), 1])
    assert isinstance(trimesh.load_scene(io.BytesIO(gltf(survey, 0)), file_type="glb").geometry["path A"], trimesh.path.Path3D)


def test_holes_stay_holes() -> None:
    loss = bowl(*np.meshgrid(X, Y))
    loss[2, 3] = np.nan
    tree, arrays = read_glb(gltf(changed(shown(), loss), 0))
    (surface,) = tree["meshes"][0]["primitives"]
    assert len(arrays[surface["indices"]]) == 3 * (2 * 4 * 6 - 6) and all(np.isfinite(rows).all() for rows in arrays)
    assert arrays[surface["indices"]].max() == len(arrays[surface["attributes"]["POSITION"]]) - 1 == 33


# ---------------------------------------------------------------------- paths on triangles


def test_a_laid_path_is_the_surface_above_it() -> None:
    """Heights that are linear everywhere leave nothing to the triangulation; those of a bowl are the triangles' own, at every point between."""
    z = np.random.default_rng(0).normal(size=(6, 8))
    at = np.random.default_rng(1).uniform([0, 0], [7, 5], (30, 2))
    pieces = laid(z, at)
    assert np.allclose(pieces[1:, 0], pieces[:-1, 1], atol=1e-12), "one goes on where the other ends"
    assert {tuple(point) for point in at} <= {tuple(point) for point in pieces[..., :2].reshape(-1, 2)}
    fine = np.vstack([(1 - share) * pieces[:, 0] + share * pieces[:, 1] for share in (0, 0.37, 0.5, 0.9)])
    for x, y, height in fine[::7]:
        i, j = min(int(x), 6), min(int(y), 4)
        corners = [(i, j), (i + 1, j), (i + 1, j + 1)] if x - i >= y - j else [(i, j), (i + 1, j + 1), (i, j + 1)]
        triangle = np.array([[(*corner, z[corner[1], corner[0]]) for corner in corners]], dtype=float)
        shares = trimesh.triangles.points_to_barycentric(np.where([True, True, False], triangle, 0.0), np.array([[x, y, 0.0]]))[0]
        assert height == pytest.approx(shares @ triangle[0, :, 2], abs=1e-9)


def ways(z: np.ndarray, *at: tuple[float, float]) -> list[list[float]]:
    """From where to where a path is drawn: its pieces, joined where they lie on one line."""
    found: list[list[float]] = []
    for (x, y), (to_x, to_y) in laid(z, np.array(at, dtype=float).reshape(-1, 2))[..., :2].tolist():
        if found and found[-1][2:] == [x, y] and (to_x - x) * (found[-1][3] - found[-1][1]) == (to_y - y) * (found[-1][2] - found[-1][0]):
            found[-1][2:] = [to_x, to_y]
        else:
            found.append([x, y, to_x, to_y])
    return found


def test_a_laid_path_ends_at_the_border_and_at_holes() -> None:
    z = np.zeros((5, 5))
    assert ways(z, (-2, 2), (2, 2), (2, 9), (9, 9), (9, 3), (3, 3)) == [[0, 2, 2, 2], [2, 2, 2, 4], [4, 3, 3, 3]]
    assert ways(z, (-1, 1), (1e300, 1), (np.nan, 1), (1.5, 1.5), (1.5, 1.5), (np.inf, 0)) == [[0, 1, 4, 1]]
    assert ways(z, (1e300, 1), (-1e300, 1)) == [[4, 1, 0, 1]] and ways(z, (-1e308, 1), (1e308, 1)) == [[0, 1, 4, 1]]
    z[2, 2] = np.nan
    assert ways(z, (0, 2.25), (4, 2.25)) == [[0, 2.25, 1.25, 2.25], [3, 2.25, 4, 2.25]]
    assert ways(z, (1, 1)) == ways(z) == []


# ---------------------------------------------------------------------- figures for print


def test_every_figure_is_offered_and_printed() -> None:
    """Each is what the page shows, with a title; a curvature that is known at one point only has its figures, too."""
    _ = translator("ru")
    offered = images.offered(shown(), "light", _)
    assert list(offered)[:4] == ["map", "space", "loss", "distance"] and offered["map"] == "Линии уровня"
    assert {"line_between", "sharpness", "trace"} < set(offered) and "condition" not in offered and set(offered) <= set(images.FIGURES)
    assert {f"line_{kind}" for kind in LINES} < set(images.FIGURES)
    for name, title in offered.items():
        made = images.printed(shown(), name, 900, 600, "dark", _)
        assert made["layout"]["paper_bgcolor"] == PALETTES["dark"].background
        assert made["layout"]["legend"]["title"]["text"] == title or name in images.MAPS
        labels = [trace["name"] for trace in made["data"] if trace["showlegend"]]
        assert labels and len(labels) == len(set(labels))
    with pytest.raises(ValueError, match="not one of"):
        images.printed(shown(), "beta", 900, 600, "light", _)
    with pytest.raises(ValueError, match="draft"):
        images.survey_image(dataclasses.replace(shown(), draft=True), "map", "svg", 900, 600, "light", _)


@pytest.mark.parametrize(("width", "height", "columns"), [(900, 400, 2), (400, 900, 1)])
def test_maps_stand_side_by_side_and_do_not_overlap(width: int, height: int, columns: int) -> None:
    figures = [relief_figure(shown(), index, "light", str) for index in (0, 1)]
    made = sheet(figures, ["A", "B"], width, height)
    layout = made["layout"]
    spans = [[layout[f"{axis}axis{number}"]["domain"] for axis in "xy"] for number in ("", "2")]
    assert all(0 <= low < high <= 1 for span in spans for low, high in span)
    (left, upper), (right, lower) = spans
    assert (left[1] < right[0] and upper == lower) if columns == 2 else (left == right and lower[1] < upper[0])
    assert [trace["z"].tolist() for trace in made["data"] if trace["type"] == "contour"] == [figure["data"][0]["z"].tolist() for figure in figures]
    assert {trace["xaxis"] for trace in made["data"]} == {"x", "x2"} and layout["yaxis2"]["scaleanchor"] == "x2"
    assert [note["text"] for note in layout["annotations"] if "domain" in note["xref"]] == ["A", "B"]
    (bar,) = (trace["colorbar"] for trace in made["data"] if "colorbar" in trace)
    assert bar["x"] == max(left[1], right[1]) and "colorbar" in figures[1]["data"][0] and "x" not in figures[1]["data"][0]["colorbar"]


def test_a_small_sheet_has_room_for_four() -> None:
    made = sheet([relief_figure(shown(), index % 2, "light", str) for index in range(4)], list("ABCD"), 200, 200)["layout"]
    domains = [made[f"{axis}axis{number}"]["domain"] for axis in "xy" for number in ("", "2", "3", "4")]
    assert all(0 <= low < high <= 1 + 1e-12 for low, high in domains) and made["xaxis2"]["domain"][0] > made["xaxis"]["domain"][1]


def test_a_name_is_in_the_legend_once() -> None:
    lines = [{"hovertext": "A", "line": 1}, {"hovertext": "B", "showlegend": False}, {"hovertext": "A", "line": 2}, {"line": 3}]
    assert [trace["showlegend"] for trace in named_once({"data": lines, "layout": {}})["data"]] == [False, False, True, False]


def test_figure_as_a_picture() -> None:
    assert images.survey_image(shown(), "map", "svg", 640, 480, "light", translator("ru")).startswith(b"<svg")


# ---------------------------------------------------------------------- the command

LINK = "https://lab.example.org/landscape?data=moons&data.size=40&epochs=2&layers=2&run=gradient_descent&cut=weights&cut.cells=21&lang=ru"


def test_the_command_makes_what_the_dialog_makes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    survey, out = slices.survey(Cut.from_query({key: value for key, value in query_of(LINK).items() if key != "lang"})[0]), tmp_path / "made"
    expected = {"csv": grid_csv(survey).encode(), "stl": stl(survey, 0), "glb": gltf(survey, 0), "npz": grid_npz(survey)}
    for format, data in expected.items():
        assert main([LINK, "--format", format, "--out", str(out)]) == 0
        if format != "npz":
            assert out.read_bytes() == data
        else:
            with np.load(out) as made, np.load(io.BytesIO(data)) as archive:
                assert set(made) == set(archive) and np.array_equal(made["a_loss"], archive["a_loss"])
    assert main([LINK, "--format", "csv", "--figure", "loss", "--out", str(out)]) == 0 and out.read_text() == path_csv(survey)
    assert main([LINK, "--format", "svg", "--figure", "distance", "--out", str(out)]) == 0 and out.read_bytes().startswith(b"<svg")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "stl", "--run", "2"), "Landscapes that there are: 1."),
        (("--format", "csv", "--figure", "beta"), "map, space, loss, distance"),
        (("--format", "svg", "--figure", "beta"), "line_first"),
        (("--format", "json"), "stl, glb"),
    ],
)
def test_what_the_command_cannot_make(arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "none"
    assert main([LINK, *arguments, "--out", str(out)]) == 1
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told and not out.exists()


def test_the_command_says_why_a_landscape_is_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "survey", lambda cut, _: changed(shown(), np.full((5, 7), np.inf)))
    for format, said in (("stl", "cannot be printed"), ("glb", "nowhere")):
        assert main([LINK, "--format", format, "--out", str(tmp_path / "none")]) == 1
        assert said in capsys.readouterr().err
