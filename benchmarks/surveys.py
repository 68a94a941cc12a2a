"""What a person waits for on the page Landscape, measured in Chromium against the app as it ships: `python -m benchmarks.surveys`.

From a key on a slider to the first frame in which the new slice stands on the page, with all that stands below it.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import Page

from benchmarks.lessons import WARM_UP, keys, watching
from benchmarks.table import Row, show
from lab.cut import Cut
from tests.browser.serving import chromium, serve

VIEW = "[...document.querySelectorAll('*')].find((node) => node.descentLabView && node.querySelector('.lab-landscape'))?.descentLabView.view"
WHOLE = """(view) => { const wanted = [...view?.payload?.maps ?? [], ...view?.payload?.panels ?? []].map(({ figure }) => figure.data);
    const shown = (view?.frames ?? []).map(({ figure }) => figure.shown?.data);
    return wanted.length > 2 && wanted.every((data) => shown.includes(data)); }"""
PLAIN = {"data": "circle", "data.size": "500", "layers": "16,16", "activations": "tanh", "epochs": "60", "batch": "32", "cut.cells": "51"}

CASES: dict[str, dict[str, str]] = {
    "500 objects, principal plane": {},
    "500 objects, random directions": {"cut": "filters"},
    "1,000 objects, principal plane": {"data.size": "1000"},
}


def main() -> None:
    """Measure everything and print it beside its target."""
    with tempfile.TemporaryDirectory() as cache, serve(environment={"XDG_CACHE_HOME": cache}) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        show("Landscapes in the browser", list(_rows(page, address)))


def _rows(page: Page, address: str) -> Iterator[Row]:
    for index, (name, changes) in enumerate(CASES.items()):
        page.goto(f"{address}/landscape?{urlencode(Cut.from_query(PLAIN | changes)[0].to_query())}")
        page.wait_for_function(f"() => ({WHOLE})({VIEW})", timeout=120_000)
        page.wait_for_timeout(WARM_UP if index == 0 else 2000)
        times = keys(page, "reach, slider", 20, watching(VIEW, WHOLE))
        yield Row(f"slider key to a new slice, 51 × 51, both parts, and all panels; {name}, p50", statistics.median(times), "ms", "≤", 400)


if __name__ == "__main__":
    main()
