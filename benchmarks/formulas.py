"""What a surface of one's own costs: `python -m benchmarks.formulas`.

A formula is data to one compiled machine. Measured are its steps beside those of a compiled surface, the memory of many formulas one after another, twenty
people typing at once, and in Chromium the time from the key that ends the typing to the changed map.
"""

from __future__ import annotations

import itertools
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.table import Row, show
from benchmarks.timing import interleaved
from lab import compute
from lab.experiment import Experiment
from optim_core import optimizers, simulate
from surfaces import REGISTRY
from tests.browser.serving import chromium, first_picture, serve

PEOPLE, EACH, FORMULAS, STEPS = 20, 5, 500, 10_000
ROSENBROCK = "(1 - w1)^2 + 100*(w2 - w1^2)^2"


def formulas(seed: int) -> Iterator[str]:
    """Formulas of some twenty operations, no two alike."""
    for i in itertools.count():
        yield f"(w1 - {i / 100 + seed})^2 + {i + 1}*w2^2 + sin({i % 7 + 1}*w1)*exp(-w2^2/{i % 5 + 1}) + 0.{seed + 1}*w1*w2"


def main() -> None:
    """Measure everything and print it beside its target."""
    show("Formulas", [*_steps(), *_memory(), *_crowd(), *_browser()])


def _asked(text: str) -> None:
    """All that a page computes for a formula just typed."""
    changed, problem = Experiment.from_query({"surface": "formula"})[0].set("surface.expression", text)
    if problem:
        raise ValueError(text)
    compute.picture(changed)


def _steps() -> list[Row]:
    adam, surfaces = optimizers.REGISTRY["adam"](), {"compiled": REGISTRY["rosenbrock"](), "typed": REGISTRY["formula"](expression=ROSENBROCK)}
    runs = {name: lambda surface=surface: simulate(adam, surface, (-1.2, 1.0), 1e-3, STEPS) for name, surface in surfaces.items()}
    seconds = {name: statistics.median(times) / STEPS * 1e9 for name, times in interleaved(runs).items()}
    return [
        Row("a recorded step of Adam on Rosenbrock, compiled", seconds["compiled"], "ns", "≤", 150),
        Row("the same, Rosenbrock typed", seconds["typed"], "ns", "≤", 500),
    ]


def _resident() -> float:
    """Memory held by this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def _memory() -> list[Row]:
    texts = formulas(0)
    for text in itertools.islice(texts, 20):
        _asked(text)
    with compute._lock:
        compute._values.clear()
    before = _resident()
    for text in itertools.islice(texts, FORMULAS):
        _asked(text)
    with compute._lock:
        compute._values.clear()  # the pictures themselves, which are bounded on their own
    return [Row(f"memory after {FORMULAS} formulas, pictures dropped", _resident() - before, "MB", "≤", 100)]


def _crowd() -> list[Row]:
    def person(seed: int) -> list[float]:
        times = []
        for text in itertools.islice(formulas(seed + 1), EACH):
            begin = time.perf_counter()
            _asked(text)
            times.append((time.perf_counter() - begin) * 1e3)
        return times

    with ThreadPoolExecutor(PEOPLE) as pool:
        times = sorted(itertools.chain.from_iterable(pool.map(person, range(PEOPLE))))
    return [Row(f"{PEOPLE} people typing at once, {EACH} formulas each, p95", times[int(0.95 * len(times))], "ms", "≤", 3000)]


def _browser() -> list[Row]:
    """From Enter in the box to the first frame after the level lines changed."""
    times = []
    query = Experiment.from_query({"surface": "formula"})[0].to_query()
    with tempfile.TemporaryDirectory() as cache, serve(environment={"XDG_CACHE_HOME": cache}) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        first_picture(page, f"{address}/?{urlencode({**query, 'lang': 'en'})}")
        page.wait_for_timeout(15_000)  # the app warms up in the background
        box = page.locator("input.lab-box").first  # the card of a typed surface comes first
        for text in itertools.islice(formulas(3), 12):
            box.fill(text)
            times.append(page.evaluate(TYPED, 5000))
    return [Row("a formula typed → redrawn, p50", statistics.median(times), "ms", "≤", 700)]


TYPED = r"""
(limit) => new Promise((resolve) => {
  const drawn = () => [...document.querySelectorAll('.contourlayer path')].map((p) => p.getAttribute('d') || '').join('|');
  const before = drawn(), begin = performance.now();
  document.activeElement.dispatchEvent(new Event('change', { bubbles: true }));
  const look = () => {
    const after = performance.now() - begin;
    if (drawn() !== before || after > limit) requestAnimationFrame(() => resolve(performance.now() - begin));
    else requestAnimationFrame(look);
  };
  look();
})
"""


if __name__ == "__main__":
    main()
