"""Numbers, films, figures and the command of trainings: judged by NumPy written out here, by their own file formats and by the record."""

from __future__ import annotations

import csv
import functools
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lab import lessons
from lab.animation import Options
from lab.export.__main__ import main
from lab.export.learning import images
from lab.export.learning.canvas import LessonCanvas
from lab.export.learning.film import lesson_film
from lab.export.learning.inside import histogram_picture, network_picture
from lab.export.learning.numbers import COLUMNS, curves_csv, lesson_file, lesson_json, weights_json, weights_npz
from lab.i18n import translator
from lab.lesson_types import Lesson
from lab.link import query_of
from lab.study import Study

QUERY = {"data": "moons", "data.size": "40", "epochs": "4", "batch": "6", "layers": "3,2", "norm": "batch", "run": "gradient_descent", "b.run.lr": "10"}
LINK = "https://lab.example.org/training?data=moons&data.size=40&epochs=2&layers=2&b.layers=none&lang=ru"
SHORT = ["--width", "320", "--height", "240", "--fps", "5", "--seconds", "2"]


@functools.cache
def shown() -> Lesson:
    study, problems = Study.from_query(QUERY)
    assert not problems
    return lessons.lesson(study)


@functools.cache
def diverged() -> Lesson:
    return lessons.lesson(
        Study.from_query({"data": "hills", "data.size": "40", "epochs": "40", "layers": "none", "run": "gradient_descent", "run.lr": "10"})[0]
    )


def refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is not JSON")


def test_curves_read_back_exactly() -> None:
    text = curves_csv(shown())
    head = [line for line in text.splitlines() if line.startswith("#")]
    link = next(line.partition(": ")[2] for line in head if line.startswith("# link: "))
    assert Study.from_query(query_of(link)) == (shown().study, [])
    assert all(any(f"column {name}:" in line for line in head) for name in COLUMNS)
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    for letter, learned in zip("ab", shown().runs, strict=True):
        mine, record = [row for row in rows if row["run"] == letter], learned.record
        assert [float(row["epoch"]) for row in mine] == pytest.approx(np.arange(record.n_steps + 1) / record.per_epoch)
        for name, values in (("batch_loss", record.loss), ("grad_norm", record.grad_norm), ("lr", record.lr)):
            assert [float(row[name]) for row in mine[:-1]] == values.tolist() and mine[-1][name] == ""
        for name in COLUMNS[6:]:
            told = {int(row["iteration"]): float(row[name]) for row in mine if row[name]}
            assert told == dict(zip(record.epoch_at.tolist(), getattr(record, name).tolist(), strict=True))


def test_json_is_strict_and_says_what_is_not_finite() -> None:
    read = json.loads(lesson_json(diverged()), parse_constant=refuse)
    losses = [float(value) for value in read["runs"][0]["curves"]["train_loss"]]
    assert not np.isfinite(losses[-1]) and np.array_equal(losses, diverged().runs[0].record.train_loss, equal_nan=True)
    assert np.isnan([float(value) for value in read["runs"][0]["curves"]["train_accuracy"]]).all()
    data = shown().runs[0].data
    two = json.loads(lesson_json(shown()), parse_constant=refuse)["runs"]
    assert [run["run"] for run in two] == ["a", "b"] and two[1]["settings"]["run.lr"] == "10"
    assert two[0]["data"]["x"] == data.x.tolist() and two[0]["data"]["valid"] == data.valid.tolist()


@pytest.mark.parametrize("moment", ["first", "best", "last"])
def test_weights_make_the_network_again(moment: str) -> None:
    """The loss of the validation part, by NumPy from the arrays of the file alone."""
    learned = shown().runs[0]
    with np.load(io.BytesIO(weights_npz(learned)), allow_pickle=False) as file:
        held = {name.removeprefix(f"{moment}_"): file[name] for name in file if name.startswith(f"{moment}_")}
        assert np.array_equal(file["checkpoints_W2"][0], file["first_W2"]) and np.array_equal(file["checkpoints_variance1"][-1], file["last_variance1"])
        assert file["iterations"].tolist() == learned.record.at.tolist()
        about = json.loads(str(file["about"]))
    h = learned.data.x[learned.data.valid]
    for layer in "12":
        z = h @ held[f"W{layer}"] + held[f"b{layer}"]
        z = (z - held[f"mean{layer}"]) / np.sqrt(held[f"variance{layer}"] + 1e-5) * held[f"gamma{layer}"] + held[f"beta{layer}"]
        h = np.tanh(z)
    z = (h @ held["W3"] + held["b3"])[:, 0]
    loss = np.mean(np.logaddexp(0.0, z) - learned.data.y[learned.data.valid] * z)
    epoch = {"first": 0, "best": learned.record.best, "last": -1}[moment]
    assert loss == pytest.approx(learned.record.valid_loss[epoch], rel=1e-12)
    assert Study.from_query(query_of(about["link"]))[0].recipe == learned.recipe and about["network"]["hidden"][1] == {"width": 2, "activation": "tanh"}
    assert json.loads(weights_json(learned), parse_constant=refuse)[moment]["W2"] == held["W2"].tolist()


def test_files_have_names_of_their_own() -> None:
    name = lesson_file(shown().study, "csv")
    assert name.startswith("descent-lab_moons_gradient_descent_") and name.endswith(".csv")
    assert name != lesson_file(shown().study.set("epochs", "5")[0], "csv")


# ---------------------------------------------------------------------- films and figures


@pytest.mark.parametrize("query", [{}, {"data": "sine", "head": "linear", "loss": "mse"}, {"data": "hills", "head": "linear", "loss": "mse"}, {"data": "wine"}])
def test_a_frame_shows_the_last_checkpoint_before(query: dict[str, str]) -> None:
    """At a share of the epochs; trainings with more iterations an epoch are further on."""
    asked = {**QUERY, "norm": "none", "b.batch": "1", "epochs": "6", **query}
    lesson = lessons.lesson(Study.from_query({key: text for key, text in asked.items() if key != "b.run.lr"})[0])
    canvas = LessonCanvas(lesson, 400, 300, "dark", translator("ru"))
    frames = [canvas.at(share) for share in (0.0, 0.6, 1.0)]
    assert frames[0].shape == (300, 400, 3) and (frames[0] != frames[1]).any() and (frames[1] != frames[2]).any()
    assert np.array_equal(canvas.at(0.6), frames[1])
    for panel, learned in zip(canvas.panels, lesson.runs, strict=True):
        t = int(0.6 * 6 * learned.record.per_epoch + 1e-9)
        row = max(i for i, at in enumerate(learned.record.at) if at <= t)
        assert str(t) in panel.step.get_text()
        if panel.line is not None:
            assert np.array_equal(panel.line.get_ydata(), learned.lines[row])
        else:
            painted = np.asarray(panel.image.get_array())
            codes = learned.seen[row]
            same = [(painted[codes == code] == painted[codes == code][0]).all() for code in np.unique(codes)]
            assert all(same) and len(np.unique(painted.reshape(-1, 3), axis=0)) == len(np.unique(codes))


@pytest.mark.parametrize("format", ["gif", "mp4", "webm", "zip"])
def test_films(format: Any) -> None:
    told: list[int] = []
    data = lesson_film(shown(), format, Options(321, 240, 5, 2), "light", str, lambda done, total: told.append(done))
    assert told == list(range(16))
    if format == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert len(archive.namelist()) == 15 and Image.open(io.BytesIO(archive.read("frame_0014.png"))).size == (320, 240)
    elif format == "gif":
        assert Image.open(io.BytesIO(data)).size == (320, 240)
    else:
        assert data[4:8] == b"ftyp" if format == "mp4" else data.startswith(b"\x1aE\xdf\xa3")


def test_a_draft_is_not_filmed() -> None:
    draft = lessons.lesson(shown().study, draft=True)
    with pytest.raises(ValueError, match="draft"):
        lesson_film(draft, "gif", Options(), "light", str, lambda done, total: None)


def test_a_diverged_training_is_filmed() -> None:
    assert LessonCanvas(diverged(), 400, 300, "light", str).at(1.0).shape == (300, 400, 3)


@pytest.mark.parametrize("name", images.DRAWN)
@pytest.mark.parametrize(("format", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_pictures_for_print_need_no_chrome(format: Any, begins: bytes, name: str) -> None:
    made = images.lesson_image(shown(), name, format, 640, 480, "light", translator("ru"))
    assert made.startswith(begins)
    if format == "png" and name == images.REGIONS:
        seen = Image.open(io.BytesIO(made)).convert("RGB")
        assert seen.size == (640, 480)
        canvas = LessonCanvas(shown(), 640, 480, "light", translator("ru"))
        assert np.abs(np.asarray(seen, int) - canvas.at(1.0)).mean() < 3.0, "what moves in a film stands in the picture"


def test_a_drawing_shows_the_weights_at_the_players_place() -> None:
    """The last lines are wider the larger the weight, coloured by its sign; a histogram's shares are those of the checkpoint."""
    lesson = shown()
    for epoch, row in ((0.0, 0), (4.0, -1)):
        figure = network_picture(lesson, epoch, 640, 480, "light", str)
        lines, learned = figure.axes[0].collections[2], lesson.runs[0]
        w = learned.record.w[row][learned.network.parts[-2].where]
        assert learned.network.parts[-2].name == "W" and np.argsort(lines.get_linewidths()).tolist() == np.argsort(np.abs(w)).tolist()
        colors = np.array([color[:3] for color in lines.get_edgecolors()])  # type: ignore[attr-defined]
        assert all((np.array_equal(a, b)) == (x * y > 0) for a, x in zip(colors, w, strict=True) for b, y in zip(colors, w, strict=True))
        axes = histogram_picture(lesson, epoch, 640, 480, "light", str).axes[0]
        assert np.array_equal(axes.patches[0].get_data().values, learned.histograms[0].counts[row])  # type: ignore[attr-defined]


def test_only_figures_that_say_something() -> None:
    assert images.offered(shown()) == ("regions", "loss", "accuracy", "norm", "network", "histograms")
    assert images.offered(diverged()) == ("regions", "loss", "norm", "network", "histograms")
    with pytest.raises(ValueError, match="rate"):
        images.lesson_image(shown(), "rate", "png", 640, 480, "light", str)


# ---------------------------------------------------------------------- the command


@pytest.mark.parametrize("format", ["csv", "json", "npz", "svg", "gif", "zip", "py", "ipynb"])
def test_every_format_from_a_link(format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / f"made.{format}"
    assert main([LINK, "--format", format, "--out", str(out), *SHORT]) == 0
    assert capsys.readouterr().err == ""
    begins = {"csv": b"# Descent", "json": b"{", "npz": b"PK", "svg": b"<?xml", "gif": b"GIF89a", "zip": b"PK", "py": b'"""', "ipynb": b"{"}
    assert out.read_bytes().startswith(begins[format])


@pytest.mark.parametrize(
    ("link", "more", "said"),
    [
        (LINK, ("--format", "html"), "npz"),
        (LINK, ("--format", "py", "--run", "3"), "2 runs"),
        (LINK, ("--format", "py", "--library", "numpy"), "torch, jax"),
        (LINK, ("--format", "png", "--figure", "space"), "regions"),
        (LINK, ("--format", "gif", "--width", "1900", "--height", "1200", "--fps", "50", "--seconds", "60"), "too many pixels"),
        ("data=moons&run=newton&layers=2&epochs=2", ("--format", "py", "--library", "torch"), "no optimizer with this formula"),
        ("surface=booth", ("--format", "npz"), "html"),
        ("surface=booth&run1=adam", ("--format", "py", "--library", "jax"), "numpy, optax, torch"),
    ],
)
def test_mistakes_are_told(link: str, more: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "file"
    assert main([link, "--out", str(out), *more]) == 1
    told = capsys.readouterr()
    assert said in told.err and not told.out and not out.exists()


def test_the_weights_of_a_chosen_training(tmp_path: Path) -> None:
    out = tmp_path / "weights.npz"
    assert main([LINK, "--format", "npz", "--run", "2", "--out", str(out)]) == 0
    with np.load(out, allow_pickle=False) as file:
        assert file["last_W1"].shape == (2, 1) and "last_W2" not in file
