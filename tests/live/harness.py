"""Panel and stage in a Chromium without a server: payloads of our own go in, edits come out."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, FloatRect, Page, Route

from lab.live import assets, wire

SCRIPT = """
const bench = (window.bench = { views: {}, sent: [], Draw, Plot, Timeline });
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
bench.mount = (kind) => {
  const root = document.getElementById(kind).appendChild(document.createElement("div"));
  const outbox = new Outbox();
  outbox.send = ({ actions }) => {
    bench.sent.push(...actions.map((action) => action.slice(1)));
    setTimeout(() => outbox.answered(actions.at(-1)?.[0] ?? 0));
  };
  bench.views[kind] = new { panel: Panel, stage: Stage, training: Training, landscape: Landscape }[kind](root, outbox, "");
};
bench.unmount = (kind) => {
  bench.views[kind].destroy();
  document.getElementById(kind).replaceChildren();
};
bench.show = async (kind, text) => {
  if (!bench.views[kind]) bench.mount(kind);
  await bench.views[kind].show(await Wire.unpack(bytes(text)));
};
bench.glide = async (text) => {
  const payload = await Wire.unpack(bytes(text));
  const began = performance.now();
  bench.views.stage.show(payload);
  const canvas = document.querySelector(".lab-map canvas");
  canvas.getContext("2d").getImageData(0, 0, 1, 1); // waits until the strokes are really drawn
  return performance.now() - began;
};
"""
PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}
body {{ margin: 0; padding: 8px; background: var(--st-background-color);
  display: grid; grid-template-columns: minmax(0, 0.32fr) minmax(0, 0.68fr); gap: 12px; }}
@media (max-width: 700px) {{ body {{ grid-template-columns: minmax(0, 1fr); padding: 0; }} #stage {{ grid-row: 1; }} }}
html[data-theme="light"] body {{ --st-text-color: #222222; --st-background-color: #ffffff; }}
html[data-theme="dark"] body {{ --st-text-color: #e6e6e6; --st-background-color: #0e1117; --st-red-text-color: #ff8a80; color-scheme: dark; }}
:is(#training, #landscape) {{ grid-column: 1 / -1; }} :is(#training, #landscape):empty {{ display: none; }}
</style><body><main id="training"></main><main id="landscape"></main><main id="panel"></main><main id="stage"></main>
<script src="plotly.js"></script><script type="module" src="bench.js"></script>"""
ADDRESS = "http://lab.test/"
READS = ("willReadFrequently", "GPU stall due to ReadPixels")  # what Chromium says of our own reading of the canvases


class Bench:
    """The two components on one page, and what they have sent."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def show(self, panel: Mapping[str, Any] | None = None, stage: Mapping[str, Any] | None = None) -> None:
        """Hand over payloads as Streamlit would; the first time mounts."""
        for kind, payload in (("panel", panel), ("stage", stage)):
            if payload is not None:
                self.page.evaluate("([kind, text]) => bench.show(kind, text)", [kind, packed(payload)])

    def glide(self, stage: Mapping[str, Any]) -> float:
        """Hand over a payload in which only paths moved; how many ms until they are on the canvas."""
        return float(self.page.evaluate("(text) => bench.glide(text)", packed(stage)))

    @property
    def sent(self) -> list[list[Any]]:
        """Kind and arguments of every edit so far."""
        return list(self.page.evaluate("bench.sent"))

    @property
    def step(self) -> int:
        """Where the player stands."""
        return int(self.page.evaluate("bench.views.stage.player.step"))

    def box(self, selector: str) -> FloatRect:
        """Where the first such element stands."""
        box = self.page.locator(selector).first.bounding_box()
        assert box is not None, selector
        return box

    def at(self, selector: str, x: float, y: float) -> tuple[float, float]:
        """The place on the screen of a part of a curve's plot: 0, 0 is its upper left corner, 1, 1 its lower right one."""
        plot = """(s) => { const { xaxis: x, yaxis: y } = document.querySelector(s + ' .js-plotly-plot')._fullLayout;
            return [x._offset, x._length, y._offset, y._length]; }"""
        left, width, top, height = self.page.evaluate(plot, selector)
        box = self.box(selector)
        return box["x"] + left + x * width, box["y"] + top + y * height

    def inked(self, selector: str) -> int:
        """How many pixels of a canvas are not empty; 0 when it is hidden."""
        count = """(s) => { const c = document.querySelector(s); if (c.hidden || !c.width) return 0;
            return c.getContext("2d").getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length; }"""
        return int(self.page.evaluate(count, selector))

    def settled(self) -> None:
        """Wait until nothing is left to draw."""
        self.page.wait_for_function("!bench.views.stage || (!bench.views.stage.gliding && !bench.views.stage.map.figure.busy)")
        self.page.wait_for_timeout(200)


def packed(payload: Mapping[str, Any]) -> str:
    """A payload as text."""
    return base64.b64encode(wire.pack(payload)).decode()


def _serious(message: ConsoleMessage) -> bool:
    return message.type in ("error", "warning") and not any(words in message.text for words in READS)


@contextmanager
def bench(browser: Browser, width: int = 1200, height: int = 900, theme: str = "light", touch: bool = False) -> Iterator[Bench]:
    """An empty page with the scripts; anything on the console fails the test."""
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=touch)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if _serious(message) else None)
    contents = {
        "": (PAGE.format(style=assets.styles()), "text/html"),
        "plotly.js": (assets.plotly_script().decode(), "text/javascript"),
        "bench.js": (assets.bundle() + SCRIPT, "text/javascript"),
    }

    def answer(route: Route) -> None:
        body, kind = contents.get(route.request.url.removeprefix(ADDRESS), ("", "text/plain"))
        route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")

    page.route(f"{ADDRESS}**", answer)
    page.set_default_timeout(8000)
    page.goto(ADDRESS)
    page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
    page.wait_for_function("window.bench?.glide && window.Plotly")
    yield Bench(page)
    context.close()
    assert errors == []


def screenshot(bench: Bench, path: Path) -> None:
    """The whole page, for a person to look at."""
    bench.page.screenshot(path=path, full_page=True)
