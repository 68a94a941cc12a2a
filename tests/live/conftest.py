"""A Chromium for the tests of this folder, and the two components in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright import sync_api

from tests.browser.serving import chromium
from tests.live.harness import Bench, bench
from tests.live.payloads import panel_payload, stage_payload


@pytest.fixture(scope="package")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def two(browser: sync_api.Browser) -> Iterator[Bench]:
    """Panel and stage with two runs, drawn."""
    with bench(browser) as ready:
        ready.show(panel_payload(), stage_payload())
        ready.page.locator("#panel .lab-rate .scatterlayer .trace").first.wait_for(state="attached")
        ready.settled()
        yield ready
