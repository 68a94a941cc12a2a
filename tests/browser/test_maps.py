"""The page Maps in a browser: read a cell, click it, drag, use the keys, wait for the fine map."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from lab.experiment import Experiment
from tests.browser.asking import asked, drawn, wait_for_address, wait_until_redrawn
from tests.browser.serving import first_picture

pytestmark = pytest.mark.browser

QUERY = {"surface": "elongated_quadratic", "start": "-5,-2", "run1": "momentum", "run1.lr": "0.02", "run1.beta": "0.5", "map": "plane", "map.cells": "50"}
CELLS = "(n) => document.querySelector('.lab-chart .lab-graph')?.data?.[0]?.z?.length === n"
WATCH = """window.__sizes = new Set();
setInterval(() => { const n = document.querySelector('.lab-chart .lab-graph')?.data?.[0]?.z?.length; if (n) window.__sizes.add(n); }, 10);"""
SLIDER = 'input[type=range][aria-label="learning rate, slider"]'
PLACE = """([right, up]) => {
  const graph = document.querySelector('.lab-chart .lab-graph'), box = graph.getBoundingClientRect(), { xaxis, yaxis } = graph._fullLayout;
  return [box.left + xaxis._offset + right * xaxis._length, box.top + yaxis._offset + (1 - up) * yaxis._length];
}"""


def opened(page: Page, address: str, query: Mapping[str, str], lang: str = "en") -> None:
    """The page with its map as fine as asked."""
    e = Experiment.from_query(query)[0]
    first_picture(page, f"{address}/maps?{urlencode({**e.to_query(), 'lang': lang})}")
    page.wait_for_function(CELLS, arg=e.chart.cells if e.chart else 0)


def value(page: Page, key: str) -> float:
    return float(asked(page)[key])


def test_a_click_runs_the_cell_under_it(page: Page, address: str) -> None:
    opened(page, address, QUERY)
    before = drawn(page)
    x, y = page.evaluate(PLACE, [0.505, 0.705])
    page.mouse.move(x, y)
    expect(page.locator(".lab-reading")).to_contain_text("β =")
    page.mouse.click(x, y)
    wait_until_redrawn(page, before)
    page.wait_for_function("() => new URLSearchParams(location.search).get('run1.lr') !== '0.02'")
    e, _ = Experiment.from_query({k: v for k, v in asked(page).items() if k != "lang"})
    assert e.chart is not None
    assert e.runs[0].lr == pytest.approx(e.chart.x.low * (e.chart.x.high / e.chart.x.low) ** 0.51, rel=1e-3)
    expect(page.get_by_label("learning rate, slider")).to_have_attribute("aria-valuetext", asked(page)["run1.lr"])


def test_a_drag_bends_the_path_while_it_moves(page: Page, address: str) -> None:
    opened(page, address, QUERY)
    page.mouse.move(*page.evaluate(PLACE, [0.2, 0.3]))
    page.mouse.down()
    seen = set()
    for step in range(12):
        page.mouse.move(*page.evaluate(PLACE, [0.2 + 0.03 * step, 0.3]))
        page.wait_for_timeout(80)
        seen.add(page.get_by_label("learning rate, slider").get_attribute("aria-valuetext"))
    page.mouse.up()
    assert len(seen) >= 6, "the sliders follow the hand"
    page.wait_for_function(f"() => new URLSearchParams(location.search).get('run1.lr') === document.querySelector('{SLIDER}').ariaValueText")
    assert value(page, "run1.lr") > 0.02


def test_arrow_keys_move_by_a_cell(page: Page, address: str) -> None:
    opened(page, address, QUERY)
    page.locator(".lab-chart").focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function("() => new URLSearchParams(location.search).get('run1.beta') !== '0.5'")
    first = value(page, "run1.beta")
    page.keyboard.press("ArrowUp")
    page.wait_for_function("(was) => Number(new URLSearchParams(location.search).get('run1.beta')) > was", arg=first)


def test_the_best_cell_is_one_click(page: Page, address: str) -> None:
    opened(page, address, QUERY)
    before = drawn(page)
    page.get_by_role("button", name="Use the best cell").click()
    wait_until_redrawn(page, before)
    expect(page.locator(".lab-table tbody")).to_contain_text("step")


def test_a_long_map_is_coarse_then_fine(page: Page, address: str) -> None:
    e = Experiment.from_query({**QUERY, "run1": "bfgs", "map.y": "w1", "map.cells": "120", "steps": "400"})[0]
    page.add_init_script(WATCH)
    first_picture(page, f"{address}/maps?{urlencode(e.to_query())}")
    page.wait_for_function(CELLS, arg=120, timeout=60_000)
    page.evaluate("window.__sizes.clear()")
    page.get_by_label("steps, slider").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => window.__sizes.has(40)")
    page.wait_for_function(CELLS, arg=120, timeout=60_000)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_starts_and_seeds(page: Page, address: str) -> None:
    opened(page, address, {**QUERY, "surface": "himmelblau", "start": "0,0", "run1.lr": "0.01", "map": "basins"})
    before = drawn(page)
    page.mouse.click(*page.evaluate(PLACE, [0.8, 0.8]))
    wait_until_redrawn(page, before)
    page.wait_for_function("() => new URLSearchParams(location.search).get('start') !== '0,0'")
    page.get_by_text("Seeds", exact=True).click()
    wait_for_address(page, "noise", "constant")
    expect(page.locator(".lab-chart")).to_contain_text("share of the seeds")


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_phone_shows_everything_without_a_sideways_scroll(page: Page, address: str, lang: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address, QUERY, lang)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box, stage = page.locator(".lab-chart").bounding_box(), page.locator(".lab-stage").bounding_box()
    assert box is not None and stage is not None and box["width"] <= 390 and stage["y"] > box["y"] + box["height"]
