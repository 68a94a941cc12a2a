"""What only a browser shows: sliders bend paths, a drag sets the start, the player plays, links reproduce, downloads open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lab.experiment import Experiment
from tests.browser.asking import PATHS, asked, drawn, wait_for_address, wait_until_redrawn
from tests.browser.serving import first_picture, serve

pytestmark = pytest.mark.browser

COUNT_SENT = """() => {
  window.__sent = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) { window.__sent += 1; return send.call(this, data); };
}"""
CONTOUR = """() => {
  const graph = document.querySelector('.lab-map .js-plotly-plot');
  const heights = graph.data.find(({ name }) => name === 'contour').z.flatMap((row) => [...row]);
  return graph.querySelectorAll('.contourlayer path').length > 3 && heights.length + ':' + heights.reduce((sum, z) => sum + z, 0);
}"""
"""The heights that the level lines are drawn from: their picture depends on the width of the page."""
SLIDER = "learning rate, slider"


def test_first_visit_shows_a_finished_picture(page: Page, address: str) -> None:
    first_picture(page, address)
    assert drawn(page).count("|") >= 3
    expect(page.get_by_role("table")).to_contain_text("Adam")
    top = page.locator(".js-plotly-plot").first.bounding_box()
    assert top is not None and top["y"] < 300, "the map stands above the fold"


def test_a_slider_key_bends_the_path_and_lands_in_the_address(page: Page, address: str) -> None:
    first_picture(page, address)
    before = drawn(page)
    page.get_by_label(SLIDER).first.focus()
    page.keyboard.press("ArrowLeft")
    wait_until_redrawn(page, before)
    page.wait_for_function("() => new URL(location.href).searchParams.get('run1.lr') !== '0.4'")


def test_a_dragged_slider_redraws_while_it_moves(page: Page, address: str) -> None:
    first_picture(page, address)
    box = page.get_by_label(SLIDER).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    page.mouse.down()
    seen = set()
    for index in range(20):
        page.mouse.move(box["x"] + box["width"] * (0.7 - 0.02 * index), box["y"] + box["height"] / 2)
        page.wait_for_timeout(60)
        seen.add(drawn(page))
    page.mouse.up()
    assert len(seen) >= 5


def test_a_click_on_the_map_sets_the_start(page: Page, address: str) -> None:
    first_picture(page, address)
    before = drawn(page)
    box = page.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25)
    wait_until_redrawn(page, before)
    page.wait_for_function("() => new URL(location.href).searchParams.get('start') !== '-5,-2'")
    w1, w2 = (float(number) for number in asked(page)["start"].split(","))
    assert abs(w1 - 0.75) < 0.1 and abs(w2 - 1.6) < 0.1


def test_the_player_advances_without_the_server(page: Page, address: str) -> None:
    first_picture(page, address)
    page.wait_for_timeout(1500)
    page.get_by_label("First step").click()
    scrub = page.get_by_label("Step", exact=True)
    assert scrub.input_value() == "0"
    page.evaluate(COUNT_SENT)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => Number(document.querySelector('input[aria-label=Step]').value) > 5")
    assert page.evaluate("() => window.__sent") == 0


def test_a_link_reproduces_the_picture_elsewhere(page: Page, browser: Browser, address: str) -> None:
    first_picture(page, f"{address}/?surface=rosenbrock&start=-1,2&steps=300&run1=adam&run1.lr=0.05&run2=nesterov&run2.lr=0.001&lang=en")
    page.get_by_label(SLIDER).first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => new URL(location.href).searchParams.get('run1.lr') !== '0.05'")
    page.wait_for_timeout(300)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    other = context.new_page()
    first_picture(other, page.url)
    assert drawn(other) == drawn(page)
    context.close()


def test_a_refreshed_browser_loses_nothing(page: Page, address: str) -> None:
    first_picture(page, f"{address}/?run1=adam&run1.lr=0.07&lang=en")
    before = drawn(page)
    page.reload()
    page.locator(".js-plotly-plot .scatterlayer path.js-line").first.wait_for(state="attached")
    assert drawn(page) == before


def test_back_button_undoes(page: Page, address: str) -> None:
    first_picture(page, f"{address}/?run1=adam&run1.lr=0.07&lang=en")
    page.wait_for_timeout(500)
    before = drawn(page)
    box = page.locator('[inputmode="decimal"]').first
    box.fill("0.3")
    box.press("Enter")
    wait_for_address(page, "run1.lr", "0.3")
    wait_until_redrawn(page, before)
    page.go_back()
    wait_for_address(page, "run1.lr", "0.07")
    page.wait_for_function(f"(before) => ({PATHS})() === before", arg=before)


def test_back_leaves_the_laboratory(browser: Browser, address: str) -> None:
    """The address that fills itself must not hold the reader."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    page = context.new_page()
    page.goto(f"{address}/_stcore/health")
    first_picture(page, address)
    page.wait_for_function("() => location.search.length > 20")
    for _ in range(2):
        page.go_back()
        page.wait_for_timeout(700)
    assert page.url.endswith("/_stcore/health")
    context.close()


def test_junk_typed_is_answered_beside_the_box_and_the_picture_stays(page: Page, address: str) -> None:
    first_picture(page, f"{address}/?lang=ru")
    before = drawn(page)
    box = page.locator('[inputmode="decimal"]').first
    box.fill("пять")
    box.press("Enter")
    alert = page.get_by_role("alert").filter(has_text="пять")
    expect(alert).to_contain_text("10")
    assert drawn(page) == before


def test_language_switch(page: Page, address: str) -> None:
    first_picture(page, address)
    page.locator(".st-key-language").get_by_text("RU").click()
    page.wait_for_function("() => new URL(location.href).searchParams.get('lang') === 'ru'")
    expect(page.get_by_text("Поверхность", exact=True)).to_be_visible()


def test_downloads_open(page: Page, address: str, tmp_path: Path) -> None:
    first_picture(page, address)
    page.get_by_role("button", name="Export").click()
    saved: dict[str, Path] = {}
    for name in ("PNG", "SVG", "PDF", "HTML that plays offline", "CSV", "JSON"):
        with page.expect_download(timeout=60_000) as event:
            page.get_by_role("button", name=name, exact=True).click()
        saved[name] = tmp_path / event.value.suggested_filename
        event.value.save_as(saved[name])
    assert saved["PNG"].read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in saved["SVG"].read_bytes()[:300]
    assert saved["PDF"].read_bytes().startswith(b"%PDF")
    assert "adam" in saved["CSV"].read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(saved["JSON"].read_text(encoding="utf-8"))
    assert len(content["runs"]) == 4
    offline = page.context.new_page()
    offline.goto(saved["HTML that plays offline"].as_uri())
    offline.locator(".js-plotly-plot .scatterlayer path.js-line").first.wait_for(state="attached")
    offline.get_by_label("First step").click()
    offline.get_by_role("button", name="Play", exact=True).click()
    offline.wait_for_function("() => Number(document.querySelector('input[aria-label=Step]').value) > 5")


def test_a_junk_link_gives_a_notice_and_a_picture(page: Page, address: str) -> None:
    first_picture(page, f"{address}/?surface=%3Cscript%3Ealert(1)%3C/script%3E&run1=adam&run1.lr=1e99&zzz=1&lang=en")
    notice = page.get_by_test_id("stAlert")
    expect(notice).to_contain_text("run1.lr = 1e99")
    expect(notice).to_contain_text("zzz")


def test_a_restarted_server_loses_nothing(browser: Browser) -> None:
    experiment = Experiment.from_query({"run1": "adam", "run1.lr": "0.21"})[0]
    link = "&".join(f"{key}={value}" for key, value in experiment.to_query().items())
    pictures = []
    for _ in range(2):
        with serve() as running:
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            page = context.new_page()
            first_picture(page, f"{running}/?{link}&lang=en")
            pictures.append(drawn(page))
            context.close()
    assert pictures[0] == pictures[1]


def test_keyboard_plays_and_steps(page: Page, address: str) -> None:
    first_picture(page, address)
    page.get_by_label("First step").click()
    page.locator(".js-plotly-plot").first.hover()
    scrub = page.get_by_label("Step", exact=True)
    page.keyboard.press("ArrowRight")
    expect(scrub).to_have_value("1")


def test_a_page_asked_for_first_on_a_fresh_server(browser: Browser) -> None:
    with serve() as running:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = context.new_page()
        page.goto(f"{running}/home?lang=ru")
        expect(page.get_by_text("Шаг обучения").first).to_be_visible(timeout=20_000)
        expect(page.locator(".st-key-language")).to_be_visible()
        page.get_by_role("link", name="Зигзаг поперёк долины").first.click()
        page.locator(".js-plotly-plot .scatterlayer path.js-line").first.wait_for(state="attached")
        assert asked(page)["lang"] == "ru"
        context.close()


def test_a_surface_seen_long_ago_is_drawn_again(page: Page, address: str) -> None:
    """The browser keeps the last few grids; the server must not believe that it still has an older one."""
    first_picture(page, f"{address}/?surface=ackley&lang=en")
    first = page.evaluate(CONTOUR)
    shown = first
    for title in ("Beale", "Booth", "Cliff", "Saddle", "Plateau", "Rastrigin", "Himmelblau", "Monkey saddle", "Styblinski–Tang", "Ackley"):
        page.locator('[data-testid="stSelectbox"]', has_text="Surface").locator("input").click()
        page.get_by_role("option", name=title, exact=True).click()
        page.wait_for_function(f"(shown) => ![false, shown].includes(({CONTOUR})())", arg=shown)
        shown = page.evaluate(CONTOUR)
    assert shown == first


def test_another_theme_repaints_the_figures(page: Page, address: str) -> None:
    first_picture(page, address)
    page.wait_for_timeout(800)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => document.querySelector('.lab-stage').dataset.theme === 'dark'")


def test_the_live_column_shows_the_loss_of_its_own_run(page: Page, address: str) -> None:
    first_picture(page, f"{address}/?surface=styblinski_tang&run1=gradient_descent&run1.hidden=1&run2=momentum&run3=adam&lang=en")
    rows = page.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(2)
    for row in rows.all():
        cells = row.locator("td").all_inner_texts()
        assert cells[0] == cells[-1], "at the last step the live column repeats the last loss"


def test_editing_a_scene_leaves_it(page: Page, address: str) -> None:
    first_picture(page, f"{address}/?lang=en")
    expect(page.get_by_text("What to notice")).to_be_visible()
    page.get_by_label(SLIDER).first.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("What to notice")).to_have_count(0)
