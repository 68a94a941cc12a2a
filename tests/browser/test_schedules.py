"""The page of schedules in a browser: η typed, slid and drawn, and what it does to path, loss and gradient under one cursor."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from lab.experiment import Experiment
from tests.browser.asking import asked, drawn, wait_for_address, wait_until_redrawn
from tests.browser.serving import first_picture

pytestmark = pytest.mark.browser

RATES = "() => [...document.querySelectorAll('.lab-panel .js-plotly-plot .scatterlayer path.js-line')].map((p) => p.getAttribute('d')).join('|')"
TRACES = "(name) => [...document.querySelectorAll('.js-plotly-plot')].flatMap((g) => g.data ?? []).filter((t) => (t.name ?? '').startsWith(name)).length"
CARD = ".lab-panel .lab-card"


def opened(page: Page, address: str, query: Mapping[str, str], lang: str = "en") -> None:
    """The page with an experiment."""
    first_picture(page, f"{address}/schedules?{urlencode({**Experiment.from_query(query)[0].to_query(), 'lang': lang})}")
    page.wait_for_function(f"() => ({RATES})().length > 0")


ONE = {"surface": "elongated_quadratic", "steps": "40", "run1": "gradient_descent", "run1.lr": "0.4"}


def test_a_schedule_bends_its_curve_and_the_path(page: Page, address: str) -> None:
    opened(page, address, ONE)
    path, rate = drawn(page), page.evaluate(RATES)
    page.get_by_label("schedule", exact=True).select_option("exponential")
    wait_until_redrawn(page, path)
    wait_for_address(page, "run1.schedule", "exponential")
    page.wait_for_function(f"(before) => ({RATES})() !== before", arg=rate)
    rate = page.evaluate(RATES)
    page.get_by_label("factor, slider").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"(before) => ({RATES})() !== before", arg=rate)


def test_a_formula_of_ones_own_and_what_is_wrong_with_it(page: Page, address: str) -> None:
    opened(page, address, {**ONE, "run1.schedule": "custom"})
    box, before = page.get_by_role("textbox", name="formula"), drawn(page)
    box.fill("η₀·0.9ᵗ")
    box.press("Enter")
    expect(page.locator(CARD, has=box).get_by_role("alert").filter(has_text="was not accepted")).to_contain_text("character")
    assert drawn(page) == before, "the last good picture stays"
    box.fill("η₀·0.9^t")
    box.press("Enter")
    wait_until_redrawn(page, before)
    wait_for_address(page, "run1.schedule.formula", "η₀·0.9^t")
    expect(page.get_by_role("alert").filter(has_text="was not accepted")).to_have_count(0)


def test_a_drawn_schedule_is_run(page: Page, address: str) -> None:
    opened(page, address, ONE)
    before = drawn(page)
    page.get_by_role("button", name="Draw η by hand").click()
    box = page.locator(".lab-panel .js-plotly-plot .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 2, box["y"] + 0.2 * box["height"])
    page.mouse.down()
    for part in range(1, 11):
        page.mouse.move(box["x"] + 2 + part / 10 * (box["width"] - 4), box["y"] + (0.2 + 0.06 * part) * box["height"])
    page.mouse.up()
    wait_for_address(page, "run1.schedule", "piecewise")
    wait_until_redrawn(page, before)
    drawn_rates = Experiment.from_query({key: value for key, value in asked(page).items() if key != "lang"})[0]
    rates = drawn_rates.plan(drawn_rates.runs[0])(range(40), 40, 0.4)
    assert rates[0] > 0.3 and rates[-1] < 0.15 and (rates[1:] <= rates[:-1]).all()


def test_one_cursor_goes_through_all_pictures(page: Page, address: str) -> None:
    opened(page, address, {**ONE, "surface": "cliff", "run1.clip": "norm"})
    box = page.locator(".lab-panel .js-plotly-plot .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".lab-step")).to_contain_text("20 / 40")
    cursors = "() => [...document.querySelectorAll('.lab-frame:has(.js-plotly-plot) > canvas')].filter((c) => !c.hidden && c.width > 0).length"
    page.wait_for_function(f"() => ({cursors})() >= 4")  # η, path, loss, gradient


def test_noise_makes_a_fan(page: Page, address: str) -> None:
    opened(page, address, {**ONE, "noise": "constant", "noise.fan": "20"})
    assert [page.evaluate(TRACES, name) for name in ("fan:", "band:", "median:")] == [1, 1, 1]
    expect(page.get_by_role("table")).to_contain_text("of 20")
    page.get_by_label("gradient noise").select_option("none")
    page.wait_for_function(f"() => ({TRACES})('fan:') === 0")


def test_the_page_says_when_two_momenta_part(page: Page, address: str) -> None:
    query = {"surface": "elongated_quadratic", "steps": "60", "together": "1", "run1": "momentum", "run1.lr": "0.1", "run1.schedule": "exponential"}
    opened(page, address, {**query, "run2": "momentum_inner_rate", "run2.lr": "0.1"})
    expect(page.locator(".lab-stage")).to_contain_text("walk the same path up to step 1, then part")
    page.get_by_label("schedule", exact=True).select_option("constant")
    expect(page.locator(".lab-stage")).to_contain_text("walk the same path.")


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_phone_shows_everything_without_a_sideways_scroll(page: Page, address: str, lang: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address, {**ONE, "surface": "cliff", "run1.clip": "value", "run1.schedule": "cosine", "run1.warmup": "linear"}, lang)
    assert page.evaluate("() => document.scrollingElement.scrollWidth <= window.innerWidth")
    stage, panel = page.locator(".lab-stage").bounding_box(), page.locator(".lab-panel").bounding_box()
    assert stage is not None and panel is not None and stage["y"] < panel["y"] and panel["width"] <= 390
