"""The page Landscape in a browser: slices, the player, one plane for several trainings, space, phones."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from lab.cut import Cut
from tests.browser.asking import wait_for_address

pytestmark = pytest.mark.browser

QUERY = {"data": "circle", "data.size": "100", "epochs": "20", "batch": "10", "layers": "4", "cut.cells": "21"}
VIEW = "[...document.querySelectorAll('*')].find((node) => node.descentLabView && node.querySelector('.lab-landscape'))?.descentLabView.view"
DRAWN = "() => [...document.querySelectorAll('.lab-landscape .js-plotly-plot')].map((graph) => JSON.stringify(graph.data?.[0]?.z?.[3]?.[3] ?? 0)).join()"

ENDS = """() => [...document.querySelectorAll('.lab-landscape .js-plotly-plot')]
  .flatMap((graph) => graph.data.filter(({ type }) => type === 'contour').map(({ zmin, zmax }) => [zmin, zmax].join()))"""
"""The ends of the colours of every landscape."""


def opened(page: Page, address: str, query: dict[str, str] | None = None, lang: str = "en") -> None:
    """The page with everything drawn."""
    cut, problems = Cut.from_query(QUERY | (query or {}))
    assert problems == []
    page.goto(f"{address}/landscape?{urlencode({**cut.to_query(), 'lang': lang})}")
    page.locator(".lab-landscape .js-plotly-plot .main-svg").first.wait_for(state="attached", timeout=60_000)
    page.wait_for_function(f"() => {VIEW}?.payload && !document.querySelector('[data-testid=stProgress]')", timeout=60_000)


def test_the_path_is_followed_and_the_boundary_with_it(page: Page, address: str) -> None:
    sent: list[int] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    opened(page, address)
    expect(page.locator(".lab-landscape .lab-step")).to_contain_text("iteration 100 / 100 · epoch 20")
    page.wait_for_timeout(800)
    sent.clear()
    page.get_by_role("button", name="First step").click()
    expect(page.locator(".lab-landscape .lab-regions .lab-region-at")).to_contain_text("iteration 0")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => {VIEW}.player.atEnd", timeout=30_000)
    assert not sent, "nothing is asked of the server while time moves"


def test_another_choice_cuts_anew_and_the_address_follows(page: Page, address: str) -> None:
    opened(page, address)
    before = page.evaluate(DRAWN)
    slider = page.get_by_label("reach, slider")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_function(f"(before) => ({DRAWN})() !== before", arg=before)
    page.wait_for_function("() => new URLSearchParams(location.search).get('cut.reach') !== '1'")
    page.get_by_label("directions").select_option("filters")
    wait_for_address(page, "cut", "filters")
    expect(page.locator(".lab-finding")).to_contain_text("shadow")


def test_two_landscapes_have_common_colours_and_one_plane_has_two_paths(page: Page, address: str) -> None:
    opened(page, address, {"b.init.seed": "2"})
    maps = page.locator(".lab-landscape .js-plotly-plot").filter(has=page.locator(".contourlayer"))
    expect(maps).to_have_count(2)
    ends = page.evaluate(ENDS)
    assert len(ends) == 2 and ends[0] == ends[1] and "null" not in ends[0]
    tops = [maps.nth(index).bounding_box() for index in (0, 1)]
    assert tops[0] is not None and tops[1] is not None and abs(tops[0]["y"] - tops[1]["y"]) < 2, "side by side"
    page.get_by_label("one common plane").check(force=True)
    wait_for_address(page, "cut.together", "1")
    expect(maps).to_have_count(1)


def test_a_surface_in_space_or_a_word_in_its_place(page: Page, address: str) -> None:
    """Where the browser has no WebGL, the page says so."""
    opened(page, address, {"cut.view": "space"})
    page.wait_for_function("() => document.querySelector('.lab-landscape .gl-container, .lab-landscape .lab-message:not([hidden])')", timeout=30_000)


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    opened(page, address, {"b.init.seed": "2"}, lang="ru")
    for box in page.locator(".lab-landscape .js-plotly-plot, .lab-landscape .lab-region").all():
        placed = box.bounding_box()
        assert placed is None or placed["x"] + placed["width"] <= 392


def test_from_the_training_to_its_landscape_and_back(page: Page, address: str) -> None:
    cut = Cut.from_query(QUERY)[0]
    page.goto(f"{address}/training?{urlencode({**cut.study.to_query(), 'lang': 'en'})}")
    page.locator(".lab-training .js-plotly-plot .main-svg").first.wait_for(state="attached", timeout=60_000)
    page.get_by_role("link", name="Landscape").first.click()
    page.locator(".lab-landscape .js-plotly-plot .main-svg").first.wait_for(state="attached", timeout=60_000)
    wait_for_address(page, "layers", "4")
    page.get_by_role("link", name="Change the training").click()
    page.locator(".lab-training .js-plotly-plot .main-svg").first.wait_for(state="attached", timeout=60_000)
    wait_for_address(page, "layers", "4")
