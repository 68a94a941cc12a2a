"""What a person waits for, measured in Chromium against the app as it ships: `python -m benchmarks.browser`.

One server, one browser, software rendering. A "paint" is the first frame after the drawn paths changed, be they Plotly's or, while a hand is on a slider,
the canvas above it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable

from playwright.sync_api import Page

from benchmarks.table import Row, show
from lab.experiment import Experiment
from optim_core import optimizers
from surfaces import REGISTRY as SURFACES
from tests.browser.serving import chromium, first_picture, serve

RECORD = r"""
(() => {
  window.__log = [];
  const note = (kind, extra) => window.__log.push({ kind, t: performance.now(), ...extra });
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', (e) => note('received', { bytes: e.data.byteLength ?? e.data.size ?? e.data.length }));
    }
    send(data) { note('sent', { bytes: data.byteLength ?? data.size ?? data.length }); return super.send(data); }
  };
  for (const kind of ['keydown', 'pointermove', 'change', 'click']) document.addEventListener(kind, () => note(kind), true);
  const signature = () => [...document.querySelectorAll('.js-plotly-plot .scatterlayer path.js-line')].map((p) => p.getAttribute('d') || '').join('|');
  let last = '';
  let awaited = false;
  const redrawn = () => {
    if (awaited) return;
    awaited = true;
    requestAnimationFrame(() => {
      const c = new MessageChannel();
      c.port1.onmessage = () => { awaited = false; note('paint'); };
      c.port2.postMessage(0);
    });
  };
  const stroke = CanvasRenderingContext2D.prototype.stroke;
  CanvasRenderingContext2D.prototype.stroke = function (...args) { redrawn(); return stroke.apply(this, args); };
  new MutationObserver(() => {
    const now = signature();
    if (!now || now === last) return;
    last = now;
    redrawn();
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['d'] });
})();
"""
SLIDER = 'input[type=range][aria-label="learning rate, slider"]'
SURFACE_SLIDER = 'input[type=range][aria-label="steep curvature, slider"]'
FACTOR_SLIDER = 'input[type=range][aria-label="factor, slider"]'
WARM_UP = 40_000
"""ms in which a server with an empty cache compiles what its readers will ask for; meanwhile a key takes up to three times as long."""
TAKE = "() => window.__log.splice(0)"


def main() -> None:
    """Measure everything and print it beside its target."""
    rows = [*_starts()]
    with tempfile.TemporaryDirectory() as cache, serve(environment={"XDG_CACHE_HOME": cache}) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(RECORD)
        page.goto(address)
        page.wait_for_timeout(WARM_UP)
        rows += [*_slider(page, address), *_drags(page, address), *_schedule_slider(page, address), *_player(page, address), *_new_pairs(page, address)]
    show("Browser", rows)


def _log(page: Page) -> list[dict[str, float | str]]:
    log: list[dict[str, float | str]] = page.evaluate(TAKE)
    return log


def _latency(page: Page, act: Callable[[], None], kind: str) -> float | None:
    """Milliseconds from the event that `act` causes to the paint after it; None when nothing was repainted within 3 s."""
    _log(page)
    act()
    seen: list[dict[str, float | str]] = []
    end = time.monotonic() + 3
    while time.monotonic() < end:
        page.wait_for_timeout(60)
        seen += _log(page)
        event = next((float(e["t"]) for e in seen if e["kind"] == kind), None)
        paint = next((float(e["t"]) for e in seen if e["kind"] == "paint" and event is not None and float(e["t"]) > event), None)
        if event is not None and paint is not None:
            return paint - event
    return None


def _schedule_slider(page: Page, address: str) -> list[Row]:
    """The page of schedules: two schedules under the same noise, with a fan of seeds each."""
    query = {"steps": "200", "noise": "constant", "noise.fan": "50", "run1": "gradient_descent", "run1.schedule": "exponential"}
    query |= {"run2": "adam", "run2.schedule": "cosine", "run2.warmup": "linear"}
    first_picture(page, f"{address}/schedules?{_link(Experiment.from_query(query)[0])}")
    times = _keys(page, FACTOR_SLIDER)
    return [Row("page of schedules, slider key to paint, 2 runs × 200 steps, fans of 50 seeds, p50", statistics.median(times), "ms", "≤", 120)]


def _slider(page: Page, address: str) -> list[Row]:
    experiment = Experiment.from_query({"steps": "200"})[0]
    first_picture(page, f"{address}/?{_link(experiment)}")
    times, sizes = _keys(page, SLIDER), []
    for _ in range(10):
        _log(page)
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(400)
        sizes.append(sum(int(e["bytes"]) for e in _log(page) if e["kind"] in ("sent", "received")))
    return [
        Row("slider key to paint, 4 runs × 200 steps, p50", statistics.median(times), "ms", "≤", 90),
        Row("slider key to paint, p95", times[int(0.95 * len(times))], "ms", "≤", 150),
        Row("bytes on the socket for a slider move", statistics.median(sizes), "B", "≤", 20_000),
    ]


def _keys(page: Page, slider: str) -> list[float]:
    """Milliseconds from key to paint, sorted, for 35 keys on a slider."""
    page.wait_for_timeout(4000)
    page.locator(slider).first.focus()
    times = []
    for index in range(35):
        _log(page)
        latency = _latency(page, lambda index=index: page.keyboard.press("ArrowLeft" if index % 6 < 3 else "ArrowRight"), "keydown")  # type: ignore[misc]
        if latency is None:
            raise RuntimeError("a slider key changed nothing")
        times.append(latency)
        page.wait_for_timeout(120)
    return sorted(times)


def _drags(page: Page, address: str) -> list[Row]:
    rows = []
    for what, locate in (("dragging a slider", SLIDER), ("dragging a surface's slider, grid and all", SURFACE_SLIDER), ("dragging the start", ".nsewdrag")):
        page.locator(locate).first.scroll_into_view_if_needed()
        box = page.locator(locate).first.bounding_box()
        if box is None:
            raise RuntimeError(f"{locate} is not on the page")
        y = box["y"] + box["height"] * 0.5
        page.mouse.move(box["x"] + box["width"] * 0.5, y)
        page.mouse.down()
        _log(page)
        begin = time.perf_counter()
        steps = 90
        for index in range(steps):
            page.mouse.move(box["x"] + box["width"] * (0.5 + 0.25 * (index / steps)), y)
            page.wait_for_timeout(16)
        seconds = time.perf_counter() - begin
        paints = sum(e["kind"] == "paint" for e in _log(page))
        page.mouse.up()
        page.wait_for_timeout(500)
        rows.append(Row(f"{what}: redrawn paths a second", paints / seconds, "/s", "≥", 20))
    return rows


def _player(page: Page, address: str) -> list[Row]:
    experiment = Experiment.from_query({"steps": "200"})[0].add("nesterov").add("adagrad")
    first_picture(page, f"{address}/?{_link(experiment)}")
    page.wait_for_timeout(1500)
    _log(page)
    page.locator('button[aria-label="First step"]').click()
    page.locator('button[aria-label="Play"]').click()
    frames = page.evaluate(
        """() => new Promise((done) => { let n = 0; const begin = performance.now();
             const tick = (t) => { n += 1; t - begin < 3000 ? requestAnimationFrame(tick) : done(n / (t - begin) * 1000); }; requestAnimationFrame(tick); })"""
    )
    sent = sum(int(e["bytes"]) for e in _log(page) if e["kind"] == "sent")
    return [Row("player, 6 runs × 200 steps: frames a second", frames, "/s", "≥", 50), Row("player: bytes to the server", sent, "B", "≤", 0)]


def _new_pairs(page: Page, address: str) -> list[Row]:
    """Change the surface under one optimizer: a pair never compiled in this process, nor on disk."""
    times = []
    for surface in [key for key in SURFACES if key not in ("elongated_quadratic", "rosenbrock")]:
        experiment = Experiment.from_query({"surface": "rosenbrock", "run1": "gradient_descent", "steps": "200"})[0]
        first_picture(page, f"{address}/?{_link(experiment)}")
        page.wait_for_timeout(700)
        times.append(_choose(page, surface))
    times.sort()
    return [Row("an optimizer–surface pair seen for the first time, event to redrawn, p50", statistics.median(times), "ms", "≤", 400)]


def _choose(page: Page, surface: str) -> float:
    title = SURFACES[surface].title
    page.locator('[data-testid="stSelectbox"]', has_text="Surface").locator("input").click()
    option = page.get_by_role("option", name=title, exact=True)
    option.wait_for()
    latency = _latency(page, lambda: option.click(), "click")
    if latency is None:
        raise RuntimeError(f"{surface} was not drawn")
    return latency


def _starts() -> list[Row]:
    """Process start to first picture, with the compilation cache empty and full."""
    rows = []
    with tempfile.TemporaryDirectory() as cache, chromium() as browser:
        for what, limit in (("empty", 7.0), ("warm", 4.0)):
            times = []
            for _ in range(1 if what == "empty" else 3):
                begin = time.perf_counter()
                with serve(environment={"XDG_CACHE_HOME": cache}) as address:
                    page = browser.new_page(viewport={"width": 1280, "height": 800})
                    first_picture(page, address)
                    times.append(time.perf_counter() - begin)
                    page.wait_for_timeout(4000)
                    page.close()
            rows.append(Row(f"process start to first picture, compilation cache {what}", statistics.median(times), "s", "≤", limit))
    return rows


def _link(experiment: Experiment) -> str:
    from urllib.parse import urlencode

    return urlencode({**experiment.to_query(), "lang": "en"})


if __name__ == "__main__":
    print(f"{len(optimizers.REGISTRY)} optimizers, {len(SURFACES)} surfaces")
    sys.exit(main())
