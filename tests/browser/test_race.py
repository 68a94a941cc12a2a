"""The fair race and the gallery in a browser: winners bend the paths and one step back undoes them; a tile opens its run."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.asking import asked, drawn, wait_until_redrawn
from tests.browser.serving import first_picture

pytestmark = pytest.mark.browser
LINK = "surface=elongated_quadratic&steps=40&run1=gradient_descent&run1.lr=0.01"


def test_a_race_is_applied_and_undone(page: Page, address: str) -> None:
    first_picture(page, f"{address}/?{LINK}")
    page.wait_for_function("() => new URL(location.href).searchParams.has('lang')")
    before = drawn(page)
    page.get_by_role("button", name="Fair race").click()
    page.get_by_role("button", name="Tune the runs").click()
    page.get_by_role("button", name="Apply").click()
    wait_until_redrawn(page, before)
    page.wait_for_function("() => new URL(location.href).searchParams.get('run1.lr') !== '0.01'")
    assert 0.3 < float(asked(page)["run1.lr"]) < 0.5
    page.go_back()
    page.wait_for_function("() => new URL(location.href).searchParams.get('run1.lr') === '0.01'")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_tile_opens_its_run(page: Page, address: str) -> None:
    page.goto(f"{address}/gallery?{LINK}")
    tiles = page.locator("img.lab-tile")
    expect(tiles.first).to_be_visible()
    assert tiles.first.evaluate("image => image.complete && image.naturalWidth > 0")
    assert tiles.first.evaluate("image => getComputedStyle(image).backgroundImage.startsWith('url(\"data:image/png')")
    page.get_by_role("link", name="Nesterov").click()
    page.wait_for_function("() => new URL(location.href).searchParams.get('run1') === 'nesterov'")
    expect(page.locator(".js-plotly-plot .scatterlayer path.js-line").first).to_be_attached()
