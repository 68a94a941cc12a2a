"""Panel and stage on one page in a browser: one cursor through both, curves side by side, fans, bands, and what is absent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright import sync_api

from lab.live.wire import Kept
from tests.live.harness import Bench, bench, packed
from tests.live.payloads import T, panel_payload, path, rate_figure, stage_payload

pytestmark = pytest.mark.browser

PATHS = "(s) => [...document.querySelectorAll(s + ' .scatterlayer path')].map((path) => path.getAttribute('class') + path.getAttribute('d'))"
RATE, CURVE, NORM = "#panel .lab-rate", "#stage .lab-curve", "#stage .lab-norm"
FAN, TRAIL = ".lab-map canvas:nth-of-type(1)", ".lab-map canvas:nth-of-type(2)"


# ---------------------------------------------------------------------- one cursor


def test_the_stage_moves_the_panels_cursor(two: Bench) -> None:
    assert two.inked(f"{RATE} canvas") == 0, "at the end nothing is marked"
    two.page.evaluate("bench.views.stage.player.go(40)")
    assert two.inked(f"{RATE} canvas") > 100
    middle = """(s) => { const c = document.querySelector(s);
        const row = c.getContext('2d').getImageData(0, Math.round(c.height / 2), c.width, 1).data;
        const lit = Array.from({ length: c.width }, (_, x) => x).filter((x) => row[4 * x + 3] > 0);
        return lit.reduce((a, b) => a + b, 0) / lit.length; }"""
    assert two.page.evaluate(middle, f"{RATE} canvas") == pytest.approx(two.at(RATE, 0.4, 0)[0] - two.box(RATE)["x"], abs=2)
    two.page.get_by_role("button", name="Last step").click()
    assert two.inked(f"{RATE} canvas") == 0


def test_a_hand_on_the_panels_curve_moves_the_player(two: Bench) -> None:
    two.page.mouse.move(*two.at(RATE, 0.25, 0.5))
    two.page.mouse.down()
    assert two.step == 25
    two.page.mouse.move(*two.at(RATE, 0.6, 0.5), steps=4)
    two.page.mouse.up()
    assert two.step == 60
    assert two.inked(f"{CURVE} canvas") > 100
    assert two.inked(f"{NORM} canvas") > 100
    two.page.keyboard.press("ArrowRight")
    assert two.step == 61, "the arrow keys go on from there"
    two.page.mouse.click(*two.at(NORM, 0.1, 0.5))
    assert two.step == 10
    assert two.sent == [], "no server is asked"


def test_parts_come_and_go_in_any_order(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        page.show(panel_payload())
        page.page.locator(f"{RATE} .scatterlayer .trace").first.wait_for(state="attached")
        page.page.mouse.click(*page.at(RATE, 0.5, 0.5))  # nobody to tell
        page.show(None, stage_payload())
        page.settled()
        page.page.mouse.click(*page.at(RATE, 0.5, 0.5))
        assert page.step == 50
        page.page.evaluate("const old = bench.views.stage; document.getElementById('stage').replaceChildren(); bench.mount('stage'); window.old = old")
        page.show(None, stage_payload())
        page.page.evaluate("window.old.destroy()")  # as Streamlit does it: a moment after the next page is there
        page.settled()
        page.page.mouse.click(*page.at(RATE, 0.3, 0.5))
        assert page.step == 30
        page.page.evaluate("bench.unmount('panel'); bench.views.panel = null")
        page.page.evaluate("bench.views.stage.player.go(20)")
        page.show(panel_payload())
        page.page.wait_for_timeout(300)
        assert page.inked(f"{RATE} canvas") > 100, "a panel that comes later is told where the player stands"
        page.page.evaluate("bench.unmount('stage'); bench.views.stage = null")
        assert page.inked(f"{RATE} canvas") == 0


# ---------------------------------------------------------------------- pictures


def test_curves_stand_side_by_side_or_one_below_another(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        page.show(None, stage_payload(curves=("curve", "norm", "rate")))
        page.settled()
        wide = [page.box(f"#stage .lab-{name}") for name in ("curve", "norm", "rate")]
        assert len({round(box["y"]) for box in wide}) == 1
        assert max(box["width"] for box in wide) - min(box["width"] for box in wide) < 1
        assert sum(box["width"] for box in wide) == pytest.approx(page.box("#stage")["width"], abs=2)
        assert {round(box["height"]) for box in wide} == {214}
        page.show(None, stage_payload(curves=("norm",)))
        page.settled()
        assert page.box(NORM)["width"] == pytest.approx(page.box("#stage")["width"], abs=1), "the one that is left has the row to itself"
        page.show(None, stage_payload(curves=()))
        page.settled()
        assert page.box(".lab-map")["height"] == 648
    with bench(browser, 390, 844) as page:
        page.show(panel_payload(), stage_payload())
        page.settled()
        boxes = [page.box(selector) for selector in (CURVE, NORM, RATE)]
        assert [round(box["height"]) for box in boxes] == [200, 200, 200]
        assert boxes[1]["y"] == pytest.approx(boxes[0]["y"] + 200)
        assert page.box(".lab-card")["y"] >= boxes[2]["y"] + 200, "the cards come after their curve"
        assert page.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_panel_keeps_its_height_and_its_curve_in_sight(two: Bench) -> None:
    curve, cards = two.box(RATE), two.box(".lab-cards")
    assert curve["height"] == 220
    assert curve["height"] + 8 + cards["height"] == pytest.approx(700)
    two.page.evaluate("document.querySelector('.lab-cards').scrollTop = 200")
    assert two.box(RATE) == curve
    two.show(panel_payload(3) | {"rate": None})
    assert two.box(".lab-cards")["height"] == pytest.approx(700)


def test_a_fan_is_inked_while_gliding_and_plotlys_when_it_rests(two: Bench) -> None:
    two.show(None, stage_payload(seeds=12))
    two.settled()
    assert two.inked(FAN) == 0
    shown = "document.querySelectorAll('.lab-map .scatterlayer .trace')[0].style.opacity"
    assert float(two.page.evaluate(shown)) == pytest.approx(0.16), "the trace's own opacity"
    two.page.evaluate("bench.views.stage.player.go(30)")
    assert float(two.page.evaluate(shown)) == pytest.approx(0.12)
    assert two.inked(FAN) == 0
    alone = two.inked(TRAIL)
    two.page.evaluate("bench.views.stage.player.go(1e9)")
    two.glide(stage_payload(seeds=12, scale=1.02))
    assert two.inked(FAN) > 3000
    assert two.inked(TRAIL) > alone > 0
    assert float(two.page.evaluate(shown)) == 0, "what is out of date is not shown"
    two.glide(stage_payload(scale=1.02))
    assert two.inked(FAN) == 0, "no seeds, no fan"
    two.settled()
    assert two.inked(FAN) == 0


LEVELS = "[...document.querySelectorAll('.lab-map .contourlayer path')].map((path) => path.getAttribute('d')).join()"
HAND = """async (texts) => {
  const stage = bench.views.stage, seen = { levels: new Set(), plotly: 0, hidden: 0, unmoved: 0 };
  const graph = () => document.querySelectorAll(".lab-map .scatterlayer .trace")[0];
  let held = true;
  const look = () => {
    seen.levels.add(LEVELS);
    seen.plotly = Math.max(seen.plotly, Number(getComputedStyle(graph()).opacity));
    seen.hidden += document.querySelectorAll(".lab-map canvas")[1].hidden;
    if (held) requestAnimationFrame(look);
  };
  for (const text of texts) {
    const began = stage.turn;
    await bench.show("stage", text);
    seen.unmoved += stage.turn === began || !stage.gliding;
    if (text === texts[0]) requestAnimationFrame(look);
    await new Promise((done) => setTimeout(done, 60));
  }
  held = false;
  return { ...seen, levels: seen.levels.size };
}""".replace("LEVELS", LEVELS)


def surface(scale: float) -> dict[str, Any]:
    """A stage whose surface is steeper by `scale`, with other paths on it."""
    payload = stage_payload(scale=scale)
    contour = payload["figures"]["map"]["data"][0]
    payload["figures"]["map"]["data"][0] = contour | {"z": Kept(scale * contour["y"][:, None] ** 2 + contour["x"] ** 2)}
    return payload


def test_paths_are_inked_at_once_while_level_lines_follow(two: Bench, browser: sync_api.Browser) -> None:
    moves = [surface(1 + 0.05 * i) for i in range(24)]
    seen = two.page.evaluate(HAND, [packed(move) for move in moves])
    assert seen["unmoved"] == seen["hidden"] == 0, "every move is on the canvas when it comes"
    assert seen["plotly"] == 0, "paths that the canvas has overtaken are never seen, not even right after Plotly drew them"
    assert seen["levels"] >= 3, "the level lines follow while the hand is on the slider"
    two.settled()
    assert two.inked(TRAIL) == 0
    with bench(browser) as fresh:
        fresh.show(panel_payload(), moves[-1])
        fresh.settled()
        for what in (LEVELS, f"({PATHS})('.lab-map')"):
            assert two.page.evaluate(what) == fresh.page.evaluate(what), "at rest it is the picture that a reader who comes now would see"


def test_clipped_steps_are_marked_while_gliding(two: Bench) -> None:
    def at(payload: dict[str, Any]) -> int:
        two.glide(payload)
        ink = two.inked(TRAIL)
        two.settled()
        return ink

    marked, plain = stage_payload(), stage_payload()
    for run in plain["runs"]:
        run["clipped"] = None
    assert at(marked) > at(plain) + 30


def test_a_filled_band_is_moved_as_it_would_be_drawn(browser: sync_api.Browser) -> None:
    with bench(browser) as moved, bench(browser) as fresh:
        moved.show(None, stage_payload(seeds=5))
        moved.settled()
        before = moved.page.evaluate(PATHS, CURVE)
        after = stage_payload(seeds=9, scale=1.2)
        moved.show(None, after)
        moved.settled()
        assert moved.page.evaluate("bench.views.stage.curves[0].figure.way") == "move"
        fresh.show(None, after)
        fresh.settled()
        assert any("js-fill" in path for path in before)
        assert moved.page.evaluate(PATHS, CURVE) == fresh.page.evaluate(PATHS, CURVE) != before


def test_the_panels_curve_follows_a_slider_and_ends_right(two: Bench) -> None:
    count = """() => { window.count = 0; const figure = bench.views.panel.rate.curve.figure; const draw = figure.draw.bind(figure);
        figure.draw = (...all) => { window.count += 1; return draw(...all); }; }"""
    two.page.evaluate(count)
    began = two.page.evaluate("performance.now()")
    for i in range(20):
        two.show(panel_payload(scale=1 - 0.02 * i))
        two.page.wait_for_timeout(15)
    two.page.wait_for_timeout(250)
    took = two.page.evaluate("performance.now()") - began
    assert 2 <= two.page.evaluate("window.count") <= took / 120 + 2
    assert two.page.evaluate("bench.views.panel.rate.curve.figure.way") == "move"
    last = two.page.evaluate("Array.from(document.querySelector('#panel .js-plotly-plot').data[0].y.slice(0, 2))")
    assert last == pytest.approx([0.062, 0.062 * 0.97], rel=1e-4)


# ---------------------------------------------------------------------- junk


def test_what_is_absent_is_not_missed(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        panel, stage = panel_payload(), stage_payload(curves=("curve", "norm", "rate"))
        for run in stage["runs"]:
            for name in ("norm", "rate", "fan", "clipped", "height"):
                run.pop(name, None)
        stage.pop("notes")
        panel["rate"]["runs"] = [{"color": "#000", "hidden": True}, {}]
        page.show(panel, stage)
        page.settled()
        for position in (0, 50, T - 1, T):
            page.page.evaluate("(step) => bench.views.stage.player.go(step)", position)
        page.page.get_by_role("button", name="Draw η by hand: Run 1").click()
        assert not page.page.locator(".lab-sheet").is_visible(), "there is no η to draw over"
        hidden = stage_payload(seeds=3)
        for run in hidden["runs"]:
            run["hidden"] = True
        hidden["runs"][0]["fan"] = {"w1": np.zeros((0, 5)), "w2": np.zeros((0, 5))}
        page.glide(hidden)
        page.settled()
        odd = stage_payload(seeds=3)
        odd["runs"][0]["fan"] = {"w1": np.full((2, 4), np.nan), "w2": np.array([[1e300, 1, 2, 3], [4, 5, -1e300, 6]])}
        odd["runs"][0]["clipped"] = np.array([0, 99, 100_000])
        odd["runs"][1]["clipped"] = np.zeros(0, int)
        page.glide(odd)
        page.page.evaluate("bench.views.stage.player.go(50)")
        page.settled()
        empty = panel_payload(0)
        empty["rate"] = {"figure": rate_figure([], "light"), "runs": []}
        nothing = stage_payload(0) | {"runs": [], "n_steps": 0}
        page.show(empty, nothing)
        page.settled()
        page.page.evaluate("bench.views.stage.player.go(3)")
        assert page.step == 0


def test_the_harness_draws_the_path_it_says(two: Bench) -> None:
    """The toy's own numbers arrive: a check of the check."""
    w = path(0, 1.0)
    first = two.page.evaluate("Array.from(bench.views.stage.payload.runs[0].w1.slice(0, 3))")
    assert first == pytest.approx(w.real[:3].tolist(), rel=1e-6)


def test_the_same_numbers_arrive_in_both_their_shapes(two: Bench) -> None:
    """Python sends equal bytes once; the browser must not take a matrix for its own flat copy."""
    square = np.arange(6.0).reshape(2, 3)
    two.show(None, stage_payload() | {"flat": square.ravel(), "square": square})
    told = "(({ flat, square }) => [Array.from(flat), square.map((row) => Array.from(row))])(bench.views.stage.payload)"
    assert two.page.evaluate(told) == [square.ravel().tolist(), square.tolist()]
