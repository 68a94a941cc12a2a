"""What is exported reads back: numbers bit for bit, pictures in the size that was asked for."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import re
import struct
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import jax
import numpy as np
import pytest

import lab
import surfaces
from lab import compute, export
from lab.experiment import Experiment
from lab.export import images
from lab.figures.curve import curve_figure
from lab.figures.map import map_figure
from lab.figures.space import space_figure
from lab.figures.style import labels
from lab.runs import Chance, Run, default_runs
from optim_core import optimizers, schedules
from optim_core.clipping import CLIPS
from tests.browser.find_chromium import HOW


def picture(surface: str = "rosenbrock", steps: int = 40) -> compute.Picture:
    made = surfaces.REGISTRY[surface]()
    return compute.picture(Experiment(made, made.starts[0], steps, default_runs(made)))


def overflowing() -> compute.Picture:
    """Every kind of number: a run that passes 1e300 to inf and nan, and one run of every optimizer."""
    made = surfaces.REGISTRY["elongated_quadratic"]()
    runs = (Run(optimizers.REGISTRY["gradient_descent"](), 10.0), *(Run(cls(), 0.1, hidden=True) for cls in list(optimizers.REGISTRY.values())[:7]))
    shown = compute.picture(Experiment(made, made.starts[0], 400, runs))
    assert not np.isfinite(shown.paths[0].w).all() and np.isnan(shown.paths[0].w).any()
    return shown


def bits(values: Any) -> np.ndarray:
    """The bits of float64 numbers; every nan is the same nan."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(array), np.nan, array).view(np.uint64)


def link_of(text: str) -> Experiment:
    experiment, problems = Experiment.from_query(dict(parse_qsl(text.removeprefix("?"), keep_blank_values=True)))
    assert not problems
    return experiment


# ---------------------------------------------------------------------- numbers


def timed() -> compute.Picture:
    """Noise, a clip and a schedule: what was before clipping is another column."""
    made = surfaces.REGISTRY["rosenbrock"]()
    run = Run(optimizers.REGISTRY["adam"](), 0.1, schedule=schedules.REGISTRY["plateau"](patience=1.0), clip=CLIPS["norm"](threshold=5.0))
    shown = compute.picture(Experiment(made, made.starts[0], 40, (run,), chance=Chance()))
    assert (shown.paths[0].raw_grad != shown.paths[0].step.grad).any() and len(set(shown.paths[0].lr)) > 1
    return shown


@pytest.mark.parametrize("make", [picture, overflowing, timed])
def test_csv_reads_back_bit_for_bit(make: Any) -> None:
    shown = make()
    text = export.trajectories_csv(shown)
    head = dict(line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("# "))
    assert link_of(head["link"]) == shown.experiment
    assert (head["Descent Lab"], head["jax"], head["numpy"]) == (lab.__version__, jax.__version__, np.__version__)
    assert head["python"].count(".") == 2
    rows = list(csv.DictReader(line for line in io.StringIO(text) if not line.startswith("#")))
    assert tuple(rows[0]) == export.columns(2)
    assert len(rows) == len(shown.paths) * (shown.experiment.n_steps + 1)
    for index, (run, path) in enumerate(zip(shown.experiment.runs, shown.paths, strict=True), 1):
        mine = [row for row in rows if row["run"] == str(index)]
        assert {row["optimizer"] for row in mine} == {run.key}
        assert [int(row["t"]) for row in mine] == list(range(path.n_steps + 1))

        def column(name: str, rows: list[dict[str, str]] = mine) -> list[str]:
            return [row[name] for row in rows]

        np.testing.assert_array_equal(bits(column("loss")), bits(path.loss))
        step = {"lr": path.lr} | {f"{name}{axis + 1}": getattr(path.step, name)[:, axis] for name in path.step._fields if name != "inner" for axis in (0, 1)}
        step |= {f"raw_grad{axis + 1}": path.raw_grad[:, axis] for axis in (0, 1)}
        for name, values in step.items():
            assert column(name)[-1] == ""
            np.testing.assert_array_equal(bits(column(name)[:-1]), bits(values))
        for axis in (0, 1):
            np.testing.assert_array_equal(bits(column(f"w{axis + 1}")), bits(path.w[:, axis]))


@pytest.mark.parametrize("make", [picture, overflowing, timed])
def test_json_is_strict_and_reads_back_bit_for_bit(make: Any) -> None:
    shown = make()

    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is no JSON")

    made = json.loads(export.trajectories_json(shown), parse_constant=refuse)
    assert link_of(made["link"]) == shown.experiment
    assert made["Descent Lab"] == lab.__version__ and "Infinity" in made["not finite"]
    for run, given, path in zip(made["runs"], shown.experiment.runs, shown.paths, strict=True):
        assert (run["optimizer"], run["lr"], run["hidden"]) == (given.key, given.lr, given.hidden)
        assert run["hyperparameters"] == {name: getattr(given.optimizer, name) for name in run["hyperparameters"]}
        recorded = {"w": path.w, "loss": path.loss, "lr": path.lr, **path.step._asdict(), "raw_grad": path.raw_grad}
        assert set(run["trajectory"]) == {*recorded, "state"} and set(run["trajectory"]) <= set(made["keys"])
        inner = recorded.pop("inner")
        recorded_inner = inner._asdict() if inner else {}
        assert set(run["trajectory"]["inner"] or {}) == set(recorded_inner)
        for name, values in recorded.items():
            np.testing.assert_array_equal(bits(run["trajectory"][name]), bits(values))
        for name, values in recorded_inner.items():
            np.testing.assert_array_equal(bits(run["trajectory"]["inner"][name]), bits(values))
        state = path.state._asdict()
        assert set(run["trajectory"]["state"]) == set(state)
        for name, values in state.items():
            np.testing.assert_array_equal(bits(run["trajectory"]["state"][name]), bits(values))


def test_numbers_that_json_lacks_are_texts() -> None:
    text = export.trajectories_json(overflowing())
    assert '"Infinity"' in text and '"NaN"' in text
    assert math.isinf(float("Infinity")) and math.isnan(float("NaN"))  # and Python, R and JavaScript read them


def test_file_names_are_short_safe_and_different() -> None:
    made = surfaces.REGISTRY["rosenbrock"]()
    every = Experiment(made, made.starts[0], 40, tuple(Run(cls(), 0.1) for cls in list(optimizers.REGISTRY.values())[:8]))
    one, other = (Experiment(made, made.starts[0], steps, default_runs(made)) for steps in (40, 41))
    names = [export.file_name(experiment, "png") for experiment in (every, one, other)]
    assert len(set(names)) == 3 and names[1] == export.file_name(one, "png")
    assert re.fullmatch(r"descent-lab_rosenbrock_gradient_descent-momentum-rmsprop-adam_[0-9a-f]{8}\.png", names[1])
    assert all(re.fullmatch(r"[a-z0-9_-]+\.png", name) and len(name) <= 90 for name in names)


# ---------------------------------------------------------------------- pictures


def test_a_print_has_paper_and_names_every_run_in_full() -> None:
    shown = picture()
    for build in (map_figure, curve_figure, space_figure):
        figure = build(shown, "light", str)
        names = [trace["name"] for trace in figure["data"]]
        made = export.print_figure(figure, "light", "Rosenbrock")
        assert made["layout"]["paper_bgcolor"] == "#ffffff" and made["layout"]["showlegend"]
        assert made["layout"]["legend"]["title"]["text"] == "Rosenbrock"
        legend = [trace["name"] for trace in made["data"] if trace.get("showlegend", True)]
        assert tuple(legend) == labels(shown.experiment.runs)
        assert [trace["name"] for trace in figure["data"]] == names and figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"  # the original stays


def test_arguments_out_of_range_are_named() -> None:
    figure = {"data": [], "layout": {}}
    with pytest.raises(ValueError, match="gif"):
        export.image(figure, "gif", 100, 100)  # type: ignore[arg-type]
    for width, height in ((0, 100), (100, 20_000)):
        with pytest.raises(ValueError, match="outside"):
            export.image(figure, "png", width, height)


def test_without_chrome_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    monkeypatch.setattr("choreographer.browsers.chromium.get_chrome_download_path", lambda **_: None)
    monkeypatch.setattr("choreographer.browsers.chromium.get_old_chrome_download_path", lambda: None)
    assert not export.image_available()
    with pytest.raises(export.ExportUnavailable) as told:
        export.image({"data": [], "layout": {}}, "png", 100, 100)
    assert str(told.value) == export.NEEDS_CHROME and "chromium" in export.NEEDS_CHROME


def test_a_browser_that_does_not_start_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> None:
        raise OSError("no display, no memory, no luck")

    images._chrome.stop()  # another file's tests may have left one running
    monkeypatch.setattr(images, "_browser_path", lambda: "/bin/true")
    monkeypatch.setattr(images, "_opened", broken)
    before = threading.active_count()
    with pytest.raises(export.ExportUnavailable) as told:
        export.image({"data": [], "layout": {}}, "png", 100, 100)
    assert str(told.value) == images.FAILED
    assert threading.active_count() == before


@pytest.fixture(scope="module")
def chrome() -> Iterator[None]:
    assert export.image_available(), HOW
    yield
    images._chrome.stop()


@pytest.mark.browser
@pytest.mark.usefixtures("chrome")
def test_png_has_the_size_that_was_asked_for() -> None:
    shown = picture()
    for build, (width, height) in zip((map_figure, curve_figure), ((900, 560), (390, 220)), strict=True):
        made = export.image(export.print_figure(build(shown, "light", str), "light"), "png", width, height)
        assert made[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", made[16:24]) == (width, height)


@pytest.mark.browser
@pytest.mark.usefixtures("chrome")
def test_svg_is_xml_with_the_paths_and_the_names() -> None:
    root = ET.fromstring(export.image(export.print_figure(map_figure(picture(), "light", str), "light", "Rosenbrock"), "svg", 900, 560))
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and (root.get("width"), root.get("height")) == ("900", "560")
    words = "".join(root.itertext())
    assert "Momentum η=0.001 β=0.5" in words and "Rosenbrock" in words
    paths = [node for node in root.iter("{http://www.w3.org/2000/svg}path") if "js-line" in node.get("class", "")]
    assert len(paths) >= 4


@pytest.mark.browser
@pytest.mark.usefixtures("chrome")
def test_pdf_is_a_pdf() -> None:
    made = export.image(export.print_figure(map_figure(picture(), "light", str), "light"), "pdf", 600, 400)
    assert made.startswith(b"%PDF") and b"%%EOF" in made[-32:]


@pytest.mark.browser
@pytest.mark.usefixtures("chrome")
def test_many_readers_share_one_chrome_which_is_stopped_when_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = export.print_figure(curve_figure(picture(), "light", str), "light")
    export.image(figure, "png", 300, 200)
    browser, made = images._chrome._browser, []
    readers = [threading.Thread(target=lambda width=width: made.append((width, export.image(figure, "png", width, 200)))) for width in (301, 302, 303)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert images._chrome._browser is browser is not None
    assert all(struct.unpack(">I", image[16:20]) == (width,) for width, image in made) and len(made) == 3
    monkeypatch.setattr(images, "IDLE_SECONDS", 0.05)
    export.image(figure, "png", 300, 200)
    for _ in itertools.takewhile(lambda _: images._chrome._browser is not None, range(100)):
        threading.Event().wait(0.1)
    assert images._chrome._browser is None
    monkeypatch.undo()
    assert export.image(figure, "png", 300, 200)  # and started again when needed


@pytest.mark.browser
@pytest.mark.usefixtures("chrome")
def test_a_chrome_that_died_is_replaced() -> None:
    figure = export.print_figure(curve_figure(picture(), "light", str), "light")
    export.image(figure, "png", 300, 200)
    browser = images._chrome._browser
    assert browser is not None
    browser.subprocess.kill()
    assert export.image(figure, "png", 300, 200)
    assert images._chrome._browser is not browser
