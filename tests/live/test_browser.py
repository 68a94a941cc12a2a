"""What only a browser shows: a hand on a slider, on the ring, on the player. The app under test is a toy whose path is a spiral."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from lab.live import assets
from tests.browser.serving import serve

pytestmark = pytest.mark.browser

APP = """
import math
import numpy as np
import streamlit as st
from lab import live
st.set_page_config(layout="wide")
toy = st.session_state.setdefault("toy", {"start": [-5.0, -2.0], "lr": [0.1, 0.3], "error": [None, None], "ack": {}, "count": 0})
def take(key):
    actions, toy["ack"][key] = live.fresh(st.session_state.get(key), toy["ack"].get(key, 0))
    toy["count"] += len(actions)
    for action in actions:
        if action.kind == "remove":
            toy["lr"].pop(action.args[0])
        if action.kind != "set":
            continue
        name, text = action.args
        if name == "start":
            toy["start"] = [float(part) for part in text.split(",")]
            continue
        try:
            value = float(text.replace(",", "."))
            if not 1e-3 <= value <= 1:
                raise ValueError
            toy["lr"][int(name)], toy["error"][int(name)] = value, None
        except ValueError:
            toy["error"][int(name)] = f"{text} is not between 0.001 and 1"

def path(lr):
    t = np.arange(201)
    z = complex(*toy["start"]) * np.exp((-lr / 4 + 1j * lr) * t)
    return z.real.copy(), z.imag.copy()

@st.fragment
def body():
    take("panel")
    take("stage")
    grid = np.linspace(-6, 6, 61)
    X, Y = np.meshgrid(grid, grid)
    data = [{"type": "contour", "x": grid, "y": grid, "z": live.Kept(X**2 + Y**2), "showscale": False, "hoverinfo": "skip"}]
    curves, rates, runs, groups, rows = [], [], [], [], []
    for i, lr in enumerate(toy["lr"]):
        x, y = path(lr)
        loss = x**2 + y**2
        look = {"color": ["#0072b2", "#d55e00"][i], "dash": ["solid", "dash"][i], "marker": ["circle", "square"][i]}
        data.append({"type": "scatter", "mode": "lines", "x": x, "y": y, "name": f"run {i}", "line": {"color": look["color"]}, "meta": {"run": i}})
        curves.append({"type": "scatter", "mode": "lines", "x": np.arange(201), "y": loss, "meta": {"run": i}})
        runs.append({"label": f"run {i}", **look, "hidden": False, "w1": x, "w2": y, "loss": loss, "height": loss, "stop": None, "n": 200})
        rows.append({"run": i, "swatch": look, "label": f"run {i}", "cells": [f"{loss[-1]:.3g}"]})
        rates.append(lr / (1 + np.arange(200) / 50))
        control = {"key": str(i), "kind": "number", "symbol": "η", "name": "learning rate", "help": "length", "value": f"{lr:g}", "low": 0.001, "high": 1.0,
                   "scale": "log", "options": [], "error": toy["error"][i]}
        groups.append({"id": f"g{i}", "title": f"Run {i}", "swatch": look, "rule": ["<math><mi>w</mi></math>"], "note": None, "run": i, "hidden": False,
                       "actions": ["hide", "duplicate", "reset", "remove"], "controls": [control]})
    data.append({"type": "scatter", "mode": "markers", "x": toy["start"][:1], "y": toy["start"][1:], "name": "start", "marker": {"size": 14}})
    box = {"dragmode": False, "showlegend": False, "margin": {"l": 40, "r": 10, "t": 10, "b": 30}}
    stage = {
        "ack": toy["ack"]["stage"], "labels": live.STAGE_LABELS, "theme": "light", "start": toy["start"], "view_domain": {"w1": [-6.0, 6.0], "w2": [-6.0, 6.0]},
        "figures": {"map": {"data": data, "layout": {**box, "xaxis": {"range": [-6, 6]}, "yaxis": {"range": [-6, 6]}}},
                    "curve": {"data": curves, "layout": {**box, "xaxis": {"range": [0, 200]}, "yaxis": {"type": "log", "range": [-9, 2]}}}},
        "runs": runs, "n_steps": 200, "table": {"columns": ["final L"], "rows": rows},
    }
    falling = [{"type": "scatter", "mode": "lines", "y": y, "meta": {"run": i}} for i, y in enumerate(rates)]
    rate = {"figure": {"data": falling, "layout": {**box, "xaxis": {"range": [0, 200]}, "yaxis": {"range": [0, 1]}}},
            "runs": [{"color": run["color"], "dash": run["dash"], "hidden": False, "rate": y} for run, y in zip(runs, rates)], "height": 180}
    left, right = st.columns([1, 2])
    with left:
        live.panel({"ack": toy["ack"]["panel"], "labels": live.PANEL_LABELS, "groups": groups, "add": None, "full": "Two at most.", "rate": rate}, key="panel",
                   have=live.have(st.session_state.get("panel")))
    with right:
        live.stage(stage, key="stage", height=600, have=live.have(st.session_state.get("stage")))
    st.text(f"edits {toy['count']}")
    with open("offline.html", "w", encoding="utf-8") as file:
        file.write(live.offline_html(stage, "Spiral", "en"))
body()
"""
WATCH = """
window.traffic = 0;
const Plain = WebSocket;
window.WebSocket = class extends Plain {
  constructor(...args) { super(...args); this.addEventListener("message", () => (window.traffic += 1)); }
  send(data) { window.traffic += 1; super.send(data); }
};
"""
FRAMES = """new Promise((done) => {
  let [n, began] = [0, performance.now()];
  requestAnimationFrame(function frame(now) { n += 1; now - began < 1000 ? requestAnimationFrame(frame) : done(n); });
})"""
STAGE = "document.querySelector('.lab-stage').parentElement.descentLabView.view"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The toy on a free port; `static` is the repository's, as the real app has it."""
    home = tmp_path_factory.mktemp("toy")
    (home / "toy.py").write_text(APP, "utf-8")
    assets.publish()
    (home / "static").symlink_to(assets.ROOT / "static")
    (home / ".streamlit").symlink_to(assets.ROOT / ".streamlit")
    with serve("toy.py", {"PYTHONPATH": str(assets.ROOT)}, home) as address:
        yield f"{address}/", home


@pytest.fixture
def page(browser: sync_api.Browser, app: tuple[str, Path]) -> Iterator[sync_api.Page]:
    """A fresh visitor; any uncaught error in a script fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
    visitor = context.new_page()
    errors: list[str] = []
    visitor.on("pageerror", lambda error: errors.append(str(error)))
    visitor.on("console", lambda message: errors.append(message.text) if message.type == "error" and "descent-lab" in message.text else None)
    visitor.set_default_timeout(8000)
    visitor.add_init_script(WATCH)
    visitor.goto(app[0])
    visitor.wait_for_selector(".lab-curve .scatterlayer .trace", timeout=20_000)
    visitor.wait_for_selector(".lab-ring:visible")
    yield visitor
    context.close()
    assert errors == []


PATH = "document.querySelectorAll('.lab-map .scatterlayer .trace')[0].querySelector('path.js-line').getAttribute('d')"


def path_of(page: sync_api.Page, run: int) -> str:
    drawn: str = page.evaluate(f"document.querySelectorAll('.lab-map .scatterlayer .trace')[{run}].querySelector('path.js-line').getAttribute('d')")
    return drawn


def edits(page: sync_api.Page) -> int:
    return int(page.locator("[data-testid=stText]").inner_text().split()[1])


def box_of(page: sync_api.Page, selector: str) -> sync_api.FloatRect:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box


def settled(page: sync_api.Page) -> None:
    page.wait_for_function(f"(() => {{ const v = {STAGE}; return !v.gliding && !v.map.figure.busy && !v.ring.outbox.actions.length; }})()", timeout=5000)


def test_a_slider_key_moves_value_and_picture(page: sync_api.Page) -> None:
    before, other = path_of(page, 0), path_of(page, 1)
    page.locator(".lab-range").first.press("ArrowRight")
    page.wait_for_function("edits => !document.querySelector('[data-testid=stText]').innerText.endsWith(edits)", arg="edits 0")
    settled(page)
    assert page.locator(".lab-box").first.input_value() == "0.107"  # a hundredth of three decades above 0.1
    page.wait_for_function(f"before => {PATH} !== before", arg=before)  # the canvas first, Plotly's own picture when the hand rests
    assert path_of(page, 1) == other
    assert page.locator(".lab-map .contourlayer path").count() > 3, "the contour stays"


def test_a_slider_drag_redraws_on_the_way(page: sync_api.Page) -> None:
    bar = box_of(page, ".lab-range")
    page.mouse.move(bar["x"] + 20, bar["y"] + bar["height"] / 2)
    page.mouse.down()
    for i in range(20):
        page.mouse.move(bar["x"] + 20 + 3 * i, bar["y"] + bar["height"] / 2)
        page.wait_for_timeout(20)
    meanwhile = edits(page)
    held = page.locator(".lab-box").first.input_value()
    page.mouse.up()
    settled(page)
    assert meanwhile >= 4
    assert page.locator(".lab-box").first.input_value() == held, "what arrives does not take the value out of the hand"


def test_junk_is_answered_beside_the_control(page: sync_api.Page) -> None:
    box = page.locator(".lab-box").first
    box.fill("fast")
    box.press("Enter")
    error = page.get_by_role("alert").filter(has_text="fast is not between")
    error.wait_for()
    assert box.input_value() == "fast", "people correct what they wrote"
    assert box.get_attribute("aria-invalid") == "true"
    box.fill("0,25")
    box.press("Enter")
    error.wait_for(state="detached")
    page.wait_for_function("document.querySelector('.lab-box').value === '0.25'")


def test_the_start_is_dragged_clicked_and_stepped(page: sync_api.Page) -> None:
    at = box_of(page, ".lab-ring")
    x, y = at["x"] + 32, at["y"] + 32
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, 21):
        page.mouse.move(x + 5 * i, y - 3 * i)
        page.wait_for_timeout(20)
    meanwhile = edits(page)
    page.mouse.up()
    settled(page)
    assert meanwhile >= 4, "the paths follow during the drag"
    moved = box_of(page, ".lab-ring")
    assert abs(moved["x"] - at["x"] - 100) < 2
    assert abs(moved["y"] - at["y"] + 60) < 2
    start = page.evaluate(f"{STAGE}.payload.start")
    page.keyboard.press("ArrowRight")  # the ring has the focus
    page.wait_for_function(f"{STAGE}.payload.start[0] > {start[0]}")
    assert page.evaluate(f"{STAGE}.payload.start[0]") == pytest.approx(start[0] + 0.12, abs=0.01)
    frame = box_of(page, ".lab-map")
    page.mouse.click(frame["x"] + 45, frame["y"] + 15)  # a corner of the domain
    page.wait_for_function(f"{STAGE}.payload.start[0] < -5.8 && {STAGE}.payload.start[1] > 5.5")


def test_the_player_sends_nothing(page: sync_api.Page) -> None:
    before = page.evaluate("window.traffic")
    page.get_by_role("button", name="Play", exact=True).click()
    frames = page.evaluate(FRAMES)
    step = page.evaluate(f"{STAGE}.player.step")
    assert 10 <= step <= 40
    assert frames > 25
    page.get_by_role("button", name="Pause").click()
    stopped = page.evaluate(f"{STAGE}.player.step")
    assert page.locator(".lab-step").inner_text() == f"step {stopped} / 200"
    page.get_by_role("button", name="One step forward").click()
    assert page.locator(".lab-live").first.inner_text() == f"L at step {stopped + 1}"
    box = box_of(page, ".lab-curve")
    page.mouse.click(box["x"] + 40 + (box["width"] - 50) / 2, box["y"] + 40)
    assert page.locator(".lab-step").inner_text() == "step 100 / 200"
    page.keyboard.press("ArrowLeft")
    assert page.locator(".lab-step").inner_text() == "step 99 / 200"
    assert page.evaluate("window.traffic") == before
    page.locator(".lab-range").first.press("ArrowRight")
    page.wait_for_function("document.querySelector('[data-testid=stText]').innerText === 'edits 1'")
    settled(page)
    assert page.locator(".lab-step").inner_text() == "step 99 / 200", "new numbers leave the cursor where it was"


def test_the_curve_in_the_panel_and_the_player_are_one(page: sync_api.Page) -> None:
    """Two components of Streamlit's, one module: what one says, the other hears, and the server nothing of it."""
    page.wait_for_selector(".lab-panel .lab-rate .scatterlayer .trace", state="attached")
    before = page.evaluate("window.traffic")
    box = box_of(page, ".lab-panel .lab-rate")
    page.mouse.click(box["x"] + 40 + (box["width"] - 50) / 4, box["y"] + 60)
    assert page.locator(".lab-step").inner_text() == "step 50 / 200"
    assert page.locator(".lab-panel .lab-rate canvas").first.is_visible()
    page.get_by_role("button", name="Last step").click()
    assert page.locator(".lab-panel .lab-rate canvas").first.is_hidden()
    assert page.evaluate("window.traffic") == before


def test_the_link_is_copied(page: sync_api.Page) -> None:
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Link copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_removing_a_run_keeps_the_rest(page: sync_api.Page) -> None:
    page.get_by_role("button", name="Remove: Run 1").click()
    page.wait_for_function("document.querySelectorAll('.lab-card').length === 1 && document.querySelectorAll('.lab-table tbody tr').length === 1")
    assert page.locator(".lab-box").count() == 1


def test_a_phone_opens_one_card_and_never_scrolls_sideways(page: sync_api.Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.querySelectorAll('.lab-card.lab-open').length === 1")
    page.locator(".lab-fold").nth(1).click()
    assert page.locator(".lab-card").nth(1).get_attribute("class") == "lab-card lab-open"
    assert page.locator(".lab-card.lab-open").count() == 1
    page.wait_for_function(f"{STAGE}.map.graph._fullLayout.width <= 390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_exported_page_plays_without_a_server(browser: sync_api.Browser, app: tuple[str, Path], page: sync_api.Page) -> None:
    visitor = browser.new_page()
    errors: list[str] = []
    visitor.on("pageerror", lambda error: errors.append(str(error)))
    visitor.goto((app[1] / "offline.html").as_uri())
    visitor.get_by_role("button", name="Play", exact=True).click()
    visitor.wait_for_function("Number(document.querySelector('.lab-scrub').value) > 2")
    assert visitor.locator(".lab-table tbody tr").count() == 2
    assert visitor.get_by_role("button", name="Copy link").count() == 0
    visitor.close()
    assert errors == []
