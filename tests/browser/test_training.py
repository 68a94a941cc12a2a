"""The page Training in a browser: a slider trains anew, time goes back without the server, variants, own tables, long trainings, phones."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from lab.study import Study
from tests.browser.asking import asked, wait_for_address

pytestmark = pytest.mark.browser

QUERY = {"data": "circle", "data.size": "100", "epochs": "20", "batch": "10", "layers": "4", "activations": "tanh"}
VIEW = "[...document.querySelectorAll('*')].find((node) => node.descentLabView && node.querySelector('.lab-training'))?.descentLabView.view"
READY = f"() => {{ const view = {VIEW}; return view?.regions?.every((region) => region.frame !== undefined) && view.shown.every((c) => c.figure.shown); }}"
PICTURE = f"() => {VIEW}.regions.map((region) => region.ground.node.toDataURL()).join()"
# The class whose colour a cell on the screen is nearest to, and the one that Python sent for it.
CELL = f"""([row, column]) => {{
  const region = {VIEW}.regions[0], {{ run, payload, frame }} = region;
  const at = region.small.getContext("2d").getImageData(column, run.cells - 1 - row, 1, 1).data;
  const far = region.colours.slice(0, run.labels.length).map((color) => {{
    const [dr, dg, db] = color.map((value, i) => (value - region.paint[i]));
    return -((at[0] - region.paint[0]) * dr + (at[1] - region.paint[1]) * dg + (at[2] - region.paint[2]) * db) / Math.hypot(dr, dg, db);
  }});
  return [far.indexOf(Math.min(...far)), Math.floor(run.seen[frame][row * run.cells + column] / run.levels)];
}}"""


def opened(page: Page, address: str, query: dict[str, str] | None = None, lang: str = "en") -> None:
    """The page with everything drawn."""
    study, problems = Study.from_query(QUERY | (query or {}))
    assert problems == []
    page.goto(f"{address}/training?{urlencode({**study.to_query(), 'lang': lang})}")
    page.wait_for_function(READY, timeout=60_000)


def step(page: Page) -> int:
    return int(page.evaluate(f"() => {VIEW}.player.step"))


def test_a_slider_trains_anew_and_the_address_follows(page: Page, address: str) -> None:
    opened(page, address)
    before = page.evaluate(PICTURE)
    slider = page.get_by_label("learning rate, slider")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_function(f"(before) => ({PICTURE})() !== before", arg=before)
    page.wait_for_function("() => new URLSearchParams(location.search).get('run.lr') !== '0.01'")
    expect(page.locator(".lab-training .lab-step")).to_contain_text("iteration 100 / 100 · epoch 20")


def test_time_goes_back_and_forth_in_the_browser_alone(page: Page, address: str) -> None:
    sent: list[int] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    opened(page, address)
    page.wait_for_timeout(500)
    assert sent, "what the page says to its server is heard"
    sent.clear()
    last = page.evaluate(PICTURE)
    page.get_by_role("button", name="First step").click()
    expect(page.locator(".lab-region-at")).to_contain_text("picture: iteration 0")
    first = page.evaluate(PICTURE)
    assert first != last
    page.keyboard.press("PageDown")
    assert step(page) == 5, "an epoch has five iterations"
    page.keyboard.press("ArrowRight")
    assert step(page) == 6
    page.keyboard.press("PageUp")
    assert step(page) == 5
    page.get_by_role("button", name="One epoch forward").click()
    assert step(page) == 10
    shown = int(page.locator(".lab-region-at").inner_text().split()[-1])
    frames = page.evaluate(f"() => [...{VIEW}.payload.runs[0].frames]")
    assert shown == max(frame for frame in frames if frame <= 10)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => {VIEW}.player.atEnd", timeout=30_000)
    assert page.evaluate(PICTURE) == last and not sent


def test_a_cell_has_the_colour_of_its_class(page: Page, address: str) -> None:
    opened(page, address, {"data": "blobs", "data.classes": "5", "layers": "8"})
    for row in range(2, 48, 9):
        for column in range(2, 48, 9):
            drawn, sent = page.evaluate(CELL, [row, column])
            assert drawn == sent


def test_a_link_opens_at_its_iteration(page: Page, address: str) -> None:
    opened(page, address, {"at": "40"})
    assert step(page) == 40
    expect(page.locator(".lab-training .lab-step")).to_contain_text("epoch 8")


def test_the_same_but_one_choice_comes_and_goes(page: Page, address: str) -> None:
    opened(page, address)
    page.locator(".lab-adder select").select_option("batch")
    page.get_by_role("button", name="The same but").click()
    expect(page.locator(".lab-region")).to_have_count(2)
    page.wait_for_function(READY, timeout=60_000)
    wait_for_address(page, "b.batch", "128")
    page.get_by_role("button", name="First step").click()
    page.get_by_role("button", name="Last step").click()
    at = [page.locator(".lab-region-at").nth(index).inner_text() for index in (0, 1)]
    assert at == ["picture: iteration 100", "picture: iteration 20"], "the same epochs, other iterations"
    page.get_by_role("button", name="Remove: B").click()
    expect(page.locator(".lab-region")).to_have_count(1)


def test_an_own_table_and_what_is_wrong_with_one(page: Page, address: str) -> None:
    opened(page, address)
    page.get_by_role("button", name="Own data").click()
    files = page.locator('input[type="file"]')
    files.set_input_files({"name": "bad.csv", "mimeType": "text/csv", "buffer": b"a,b,label\n1,2,x\n3,oops,y\n"})
    expect(page.get_by_role("alert").filter(has_text="oops")).to_contain_text("3")
    rows = "".join(f"{i % 7},{(3 * i) % 5},{'<b>yes</b>' if i % 7 > 3 else 'no'}\n" for i in range(70))
    files.set_input_files({"name": "good.csv", "mimeType": "text/csv", "buffer": f"width,height,label\n{rows}".encode()})
    wait_for_address(page, "data", "own")
    page.wait_for_function(f"() => {VIEW}.payload.runs[0].names[0] === 'width'")
    expect(page.locator(".lab-legend")).to_contain_text("<b>yes</b>")


def test_a_long_training_can_be_cancelled_and_the_picture_stays(page: Page, address: str) -> None:
    opened(page, address, {"data.size": "2000", "layers": "64,64,64", "batch": "1000", "epochs": "1"})
    box = page.get_by_role("textbox", name="E epochs", exact=True)
    box.fill("2000")
    box.press("Enter")
    page.get_by_role("button", name="Cancel").click(timeout=60_000)
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    expect(page.locator(".lab-region canvas").first).to_be_visible()
    assert asked(page)["epochs"] == "2000"


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_phone_shows_everything_without_a_sideways_scroll(page: Page, address: str, lang: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    opened(page, address, {"b.batch": "50"}, lang)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    parts = ".lab-region, .lab-side .lab-frame:not([hidden]), .lab-player, .lab-net, .lab-strip"
    wide = page.evaluate(f"(parts) => [...{VIEW}.root.querySelectorAll(parts)].map((node) => node.getBoundingClientRect().right)", parts)
    assert len(wide) > 8 and max(wide) <= 390
