"""What the browser tests ask of a page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

PATHS = "() => [...document.querySelectorAll('.js-plotly-plot .scatterlayer path.js-line')].map((p) => p.getAttribute('d')).join('|')"


def drawn(page: Page) -> str:
    paths: str = page.evaluate(PATHS)
    return paths


def wait_until_redrawn(page: Page, before: str) -> None:
    page.wait_for_function(f"(before) => ({PATHS})() !== before", arg=before)


def asked(page: Page) -> dict[str, str]:
    """The address bar's query."""
    return {key: values[0] for key, values in parse_qs(urlsplit(page.url).query).items()}


def wait_for_address(page: Page, key: str, value: str) -> None:
    page.wait_for_function("([key, value]) => new URL(location.href).searchParams.get(key) === value", arg=[key, value])
