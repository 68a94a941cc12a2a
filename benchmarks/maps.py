"""What a person waits for on the page Maps, measured in Chromium against the app as it ships: `python -m benchmarks.maps`.

The number of steps, which every cell answers to, is moved by a key; a "paint" is the first frame after the heatmap changed.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from urllib.parse import urlencode

from playwright.sync_api import Page

from benchmarks.table import Row, show
from lab.experiment import Experiment
from tests.browser.serving import chromium, first_picture, serve

RECORD = r"""
(() => {
  window.__maps = [];
  document.addEventListener('keydown', () => window.__maps.push({ kind: 'key', t: performance.now() }), true);
  const redrawn = () => requestAnimationFrame(() => {
    const c = new MessageChannel();
    const cells = () => document.querySelector('.lab-chart .lab-graph')?.data?.[0]?.z?.length;
    c.port1.onmessage = () => window.__maps.push({ kind: 'paint', t: performance.now(), cells: cells() });
    c.port2.postMessage(0);
  });
  const heated = ({ target, addedNodes }) => [target, ...addedNodes].some(({ tagName }) => tagName === 'image');
  new MutationObserver((all) => all.some(heated) && redrawn()).observe(document, { subtree: true, childList: true, attributes: true });
})();
"""
SLIDER = 'input[type=range][aria-label="steps, slider"]'
QUERY = {"surface": "rosenbrock", "start": "-1.5,2", "map": "plane", "map.x": "lr", "map.x.low": "1e-05", "map.x.high": "0.01", "map.show": "loss"}
MOMENTUM = {"run1": "momentum", "run1.lr": "0.001", "map.y": "beta"}
ADAM = {"run1": "adam", "run1.lr": "0.001", "map.y": "beta1"}


def main() -> None:
    """Measure everything and print it beside its target."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as cache, serve(environment={"XDG_CACHE_HOME": cache}) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(RECORD)
        for name, run in (("momentum", MOMENTUM), ("Adam", ADAM)):
            times = [first for first, _ in _keys(page, address, run | {"steps": "200", "map.cells": "100"}, 100, 25)]
            rows.append(Row(f"slider key to map, {name}, 100×100 × 200 steps, p50", statistics.median(times), "ms", "≤", 250))
        both = _keys(page, address, ADAM | {"steps": "480", "map.cells": "300"}, 300, 8)
        rows.append(Row("Adam, 300×300 × 500 steps: first coarse map, p50", statistics.median(first for first, _ in both), "ms", "≤", 300))
        rows.append(Row("the same: the whole map, p50", statistics.median(last for _, last in both), "ms", "≤", 3000))
    show("Maps in the browser", rows)


def _keys(page: Page, address: str, values: dict[str, str], cells: int, count: int) -> list[tuple[float, float]]:
    """Milliseconds from a key to the first map after it, and to the one with `cells` a side."""
    link = urlencode(Experiment.from_query(QUERY | values)[0].to_query())
    first_picture(page, f"{address}/maps?{link}")
    page.wait_for_function(f"document.querySelector('.lab-chart .lab-graph')?.data?.[0]?.z?.length === {cells}", timeout=60_000)
    page.wait_for_timeout(3000)
    page.locator(SLIDER).first.focus()
    times = []
    for _ in range(count):
        page.evaluate("window.__maps.length = 0")
        page.keyboard.press("ArrowRight")
        times.append(_waited(page, cells))
        page.wait_for_timeout(400)
    return times


def _waited(page: Page, cells: int) -> tuple[float, float]:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        page.wait_for_timeout(40)
        seen = page.evaluate("window.__maps")
        key = next((float(e["t"]) for e in seen if e["kind"] == "key"), None)
        paints = [(float(e["t"]), e["cells"]) for e in seen if e["kind"] == "paint" and key is not None and float(e["t"]) > key]
        whole = next((t for t, drawn in paints if drawn == cells), None)
        if key is not None and whole is not None:
            return paints[0][0] - key, whole - key
    raise RuntimeError("the map was not drawn anew")


if __name__ == "__main__":
    main()
