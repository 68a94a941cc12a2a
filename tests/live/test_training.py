"""Trainings in a browser without a server: the picture at the cursor, what is lost, keys, where things stand, what the drawing tells."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from playwright import sync_api

from lab.lesson_types import Learned
from lab.lessons import lesson
from lab.live import wire
from lab.study import Study
from lab.widgets.lesson import lesson_payload
from tests.live.harness import Bench, bench, packed

pytestmark = pytest.mark.browser

QUERY = {"data": "circle", "data.size": "100", "epochs": "20", "batch": "10", "layers": "4", "activations": "tanh"}
LOST = {"data": "plane", "layers": "8", "activations": "relu", "run": "gradient_descent", "run.lr": "10"}
VIEW = "bench.views.training"
CODES = f"""() => {{ const region = {VIEW}.regions[0]; const {{ cells }} = region.run;
  const data = region.small.getContext("2d").getImageData(0, 0, cells, cells).data;
  return Array.from({{ length: cells * cells }}, (_, i) => [...data.slice(4 * i, 4 * i + 3)]); }}"""


@functools.cache
def runs(**query: str) -> tuple[tuple[Learned, ...], dict[str, Any]]:
    study, problems = Study.from_query(QUERY | {key.replace("__", "."): text for key, text in query.items()})
    assert problems == []
    made = lesson(study)
    return made.runs, lesson_payload(made, "light", str) | {"ack": 0, "height": 640}


def shown(page: Bench, payload: dict[str, Any]) -> None:
    page.page.evaluate("(text) => bench.show('training', text)", packed(payload))
    page.page.wait_for_function(f"{VIEW}.shown.every((curve) => curve.figure.shown && !curve.figure.busy)")


def go(page: Bench, step: int) -> None:
    page.page.evaluate(f"(step) => {VIEW}.player.go(step)", step)


def step(page: Bench) -> int:
    return int(page.page.evaluate(f"{VIEW}.player.step"))


def test_the_picture_is_that_of_the_last_checkpoint_before(browser: sync_api.Browser) -> None:
    """Cells of one code have one colour, cells of different codes different ones: the picture is the codes of that checkpoint and of no other."""
    (run,), payload = runs(epochs="30")
    gap = next(at for at in range(run.record.n_steps) if at not in run.record.at)
    with bench(browser) as page:
        shown(page, payload)
        for at in (0, gap, int(run.record.at[7]), run.record.n_steps):
            go(page, at)
            frame = int(np.searchsorted(run.record.at, at, side="right")) - 1
            assert page.page.locator(".lab-region-at").inner_text() == f"picture: iteration {run.record.at[frame]}"
            codes = run.seen[frame][::-1].ravel()  # the canvas begins at the top
            colors = [tuple(color) for color in page.page.evaluate(CODES)]
            by_code = {int(code): color for code, color in zip(codes, colors, strict=True)}
            assert [by_code[int(code)] for code in codes] == colors
            sides = {code // 128: {c for other, c in by_code.items() if other // 128 == code // 128 and other % 128 > 20} for code in by_code}
            assert not set.intersection(*sides.values()) or len(sides) == 1


def test_what_is_not_a_number_is_hatched_and_said(browser: sync_api.Browser) -> None:
    (run,), payload = runs(**{key.replace(".", "__"): text for key, text in LOST.items()})
    assert run.lost[-1] and not run.lost[0]
    with bench(browser) as page:
        shown(page, payload)
        filled = f"""() => {{ const {{ ground: {{ node, pen }} }} = {VIEW}.regions[0];
            const data = pen.getImageData(0, 0, node.width, node.height).data;
            let count = 0; for (let i = 3; i < data.length; i += 4) count += data[i] > 0; return count / (data.length / 4); }}"""
        assert 0.02 < page.page.evaluate(filled) < 0.45, "lines, and the ground between them"
        assert page.page.locator(".lab-strip-none").filter(has_text="not a number here").count() >= 2
        assert page.page.locator(".lab-edge.lab-lost").count() == 2 * 8 + 8
        go(page, 0)
        assert page.page.evaluate(filled) > 0.7
        assert page.page.locator(".lab-strip-none").filter(has_text="not").count() == 0
        assert page.page.locator(".lab-edge.lab-lost").count() == 0


def test_keys_step_by_iterations_and_by_epochs(browser: sync_api.Browser) -> None:
    (run,), payload = runs()
    per = run.record.per_epoch
    with bench(browser) as page:
        shown(page, payload)
        page.page.keyboard.press("PageUp")
        assert step(page) == run.record.n_steps, "before anything has the focus the key belongs to the page"
        page.page.get_by_role("button", name="First step").click()
        for key, at in (
            ("PageDown", per),
            ("ArrowRight", per + 1),
            ("PageDown", 2 * per),
            ("ArrowLeft", 2 * per - 1),
            ("PageUp", per),
            ("PageUp", 0),
            ("PageUp", 0),
        ):
            page.page.keyboard.press(key)
            assert step(page) == at, key
        page.page.locator(".lab-scrub").focus()
        page.page.keyboard.press("PageDown")
        assert step(page) == per
        page.page.keyboard.press("ArrowRight")
        assert step(page) == per + 1
        assert page.page.locator(".lab-step").inner_text() == f"iteration {per + 1} / {run.record.n_steps} · epoch 1"


def test_a_neuron_tells_its_numbers_to_the_keyboard(browser: sync_api.Browser) -> None:
    (run,), payload = runs()
    w = run.record.w[-1]
    hidden, biases = (w[part.where].reshape(part.shape) for part in run.network.parts[:2])
    with bench(browser) as page:
        shown(page, payload)
        tip, drawing = page.page.locator(".lab-net-tip"), page.page.locator(".lab-net")
        assert "the thicker the larger" in tip.inner_text()
        drawing.focus()
        for _ in range(2):
            page.page.keyboard.press("ArrowRight")
        page.page.keyboard.press("ArrowLeft")
        page.page.keyboard.press("ArrowDown")
        assert step(page) == run.record.n_steps, "the arrows do not move the player here"
        told = [float(text.replace("−", "-")) for text in tip.inner_text().split("b = ")[1].replace("w = (", "").strip(")").split(", ")]
        np.testing.assert_allclose(told, [biases[1], *hidden[:, 1]], rtol=1e-3)
        go(page, 0)
        assert tip.inner_text().startswith("tanh, 2: b = ")
        drawing.blur()
        assert "the thicker the larger" in tip.inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("query", "count"), [({}, 1), ({"b__batch": "50"}, 2), ({"data": "sine"}, 1), ({"data": "blobs", "data__classes": "5", "c__batch": "50"}, 2)]
)
def test_where_things_stand(browser: sync_api.Browser, theme: str, query: dict[str, str], count: int) -> None:
    """The player under the pictures, the curves beside one picture or under the player, no sideways scroll on a phone."""
    payload = runs(**query)[1] | {"theme": theme}
    for width in (1280, 820, 390):
        with bench(browser, width, 844, theme) as page:
            shown(page, payload)
            assert page.page.evaluate("document.documentElement.scrollWidth") <= width
            pictures = [box for box in (region.bounding_box() for region in page.page.locator(".lab-region").all()) if box]
            assert len(pictures) == count
            player, curve = page.box(".lab-player"), page.box(".lab-curve")
            assert player["y"] >= max(box["y"] + box["height"] for box in pictures) - 1
            if count == 1 and width > 700:
                assert curve["x"] >= pictures[0]["x"] + pictures[0]["width"]
            else:
                assert curve["y"] >= player["y"] + player["height"] - 1
            assert page.box(".lab-scrub")["width"] > 150
            if width > 700:
                inside = page.page.evaluate(f"{VIEW}.regions.map(({{ inside }}) => [inside.width, inside.height])")
                assert all(wide == pytest.approx(high, abs=1) for wide, high in inside), "a picture is as high as it is wide"


def test_values_have_a_scale_and_classes_a_legend(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        shown(page, runs(data="plane")[1])
        low, _, high = page.page.locator(".lab-spectrum > span").all_inner_texts()
        (run,), _ = runs(data="plane")
        assert [float(low.replace("−", "-")), float(high)] == pytest.approx([run.low, run.high], rel=1e-3)
        shown(page, runs(data="blobs", data__classes="5")[1])
        assert page.page.locator(".lab-class-name:visible").count() == 5
        assert page.page.locator(".lab-scale:visible").count() == 0
        shown(page, runs(data="sine")[1])
        assert page.page.locator(":is(.lab-legend, .lab-spectrum):visible").count() == 0


def test_a_whole_training_is_a_few_hundred_kilobytes() -> None:
    (run,), payload = runs(data="spiral", layers="32,32", activations="tanh", epochs="100")
    assert len(run.seen) >= 79 and run.seen.shape[1:] == (48, 48)
    assert len(wire.pack(payload)) < 400_000
