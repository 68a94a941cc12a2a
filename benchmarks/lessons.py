"""What a person waits for on the page Training, measured in Chromium against the app as it ships: `python -m benchmarks.lessons`.

From a key on a slider to the first frame in which the new training's picture and all of its curves stand on the page.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import Page

from benchmarks.table import Row, show
from lab.study import Study
from tests.browser.serving import chromium, serve

VIEW = "[...document.querySelectorAll('*')].find((node) => node.descentLabView && node.querySelector('.lab-training'))?.descentLabView.view"
WHOLE = """(view) => view?.regions?.every((region) => region.frame !== undefined)
    && view.shown.every(({ name, figure }) => figure.shown?.data === view.payload.figures[name].data)"""


def watching(view: str, whole: str) -> str:
    """A script that, from the next key on, waits for the frame in which a new payload stands whole on the page.

    Args:
        view: JavaScript that finds the component's view.
        whole: a function of the view that tells whether everything is drawn.
    """
    return f"""() => {{
  const view = {view}, whole = {whole}, before = view.payload;
  window.__took = undefined;
  document.addEventListener('keydown', () => {{
    const began = performance.now();
    const look = () => (view.payload !== before && whole(view) ? (window.__took = performance.now() - began) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  }}, {{ capture: true, once: true }});
}}"""


WATCH = watching(VIEW, WHOLE)
WARM_UP = 40_000  # ms in which a fresh server compiles the optimizers of the other pages
PLAIN = {"data": "circle", "layers": "16,16", "activations": "tanh", "epochs": "60", "batch": "32"}
FULL = {"data": "circle", "data.size": "1000", "layers": "16,16", "activations": "tanh", "epochs": "1000", "batch": "2000"}


def main() -> None:
    """Measure everything and print it beside its target."""
    with tempfile.TemporaryDirectory() as cache, serve(environment={"XDG_CACHE_HOME": cache}) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        show("Trainings in the browser", list(_rows(page, address)))


def _rows(page: Page, address: str) -> Iterator[Row]:
    opened(page, address, PLAIN)
    page.wait_for_timeout(WARM_UP)
    for name, query in (("2-16-16-1, 500 points, batches of 32, 480 steps", PLAIN), ("2-16-16-1, 500 points, full batch, 1,000 steps", FULL)):
        opened(page, address, query)
        times = keys(page, "learning rate, slider", 25)
        yield Row(f"slider key to picture and curves, {name}, p50", statistics.median(times), "ms", "≤", 400)
    opened(page, address, PLAIN)
    yield Row("another width, cold, to the new picture, p50", statistics.median(keys(page, "neurons of layer 1, slider", 5)), "ms", "≤", 1500)


def opened(page: Page, address: str, query: dict[str, str]) -> None:
    """The page with everything drawn."""
    page.goto(f"{address}/training?{urlencode(Study.from_query(query)[0].to_query())}")
    page.wait_for_function(f"() => ({WHOLE})({VIEW})", timeout=120_000)
    page.wait_for_timeout(2000)


def keys(page: Page, slider: str, count: int, watch: str = WATCH) -> list[float]:
    """Milliseconds from each key to the picture."""
    page.get_by_label(slider).focus()
    times = []
    for _ in range(count):
        page.evaluate(watch)
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => window.__took !== undefined", timeout=60_000)
        times.append(float(page.evaluate("window.__took")))
        page.wait_for_timeout(300)
    return times


if __name__ == "__main__":
    main()
