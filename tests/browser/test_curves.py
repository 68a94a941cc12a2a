"""Curves and formulas in a browser: the ring glides along the curve, tangent and step follow the player, a typed loss is drawn or answered."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.asking import asked, drawn, wait_for_address, wait_until_redrawn
from tests.browser.serving import first_picture

pytestmark = pytest.mark.browser

INKED = """(name) => { const c = document.querySelector(name); if (c.hidden || !c.width) return 0;
  return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length; }"""


def test_the_ring_stays_on_the_curve(page: Page, address: str) -> None:
    """Dragged far above it, it stands at the height of its w; the link holds one number."""
    first_picture(page, f"{address}/?surface=parabola&steps=20&run1=gradient_descent&run1.lr=0.3")
    before = drawn(page)
    box = page.locator(".lab-map .nsewdrag").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.1)
    wait_until_redrawn(page, before)
    page.wait_for_function("() => new URL(location.href).searchParams.get('start') !== '-3'")
    w = float(asked(page)["start"])
    assert abs(w - 1.6) < 0.1
    ring = page.locator(".lab-ring").bounding_box()
    assert ring is not None
    height = 10.5 - (ring["y"] + ring["height"] / 2 - box["y"]) / box["height"] * 11.1
    assert abs(height - w * w) < 0.3


def test_tangent_and_step_follow_the_player(page: Page, address: str) -> None:
    """They are there while a step leaves the point, and gone at the end."""
    first_picture(page, f"{address}/?surface=parabola&steps=20&run1=gradient_descent&run1.lr=0.3")
    assert page.evaluate(INKED, ".lab-tangent") == 0
    page.get_by_role("button", name="First step").click()
    assert page.evaluate(INKED, ".lab-tangent") > 200
    page.get_by_role("button", name="Last step").click()
    assert page.evaluate(INKED, ".lab-tangent") == 0


def test_a_typed_loss_is_drawn_or_answered(page: Page, address: str) -> None:
    """A formula bends the paths and lands in the link; what is none is answered beside the box, and the picture stays."""
    first_picture(page, f"{address}/?surface=formula&steps=30")
    before, box = drawn(page), page.locator(".lab-formula")
    box.fill("w1^2 + 4*w2^2 + sin(3*w1)")
    box.press("Enter")
    wait_until_redrawn(page, before)
    wait_for_address(page, "surface.expression", "w1^2 + 4*w2^2 + sin(3*w1)")
    page.wait_for_timeout(800)
    kept = drawn(page)
    box.fill("__import__('os')")
    box.press("Enter")
    expect(page.locator(".lab-error:visible").first).to_contain_text("is not known here")
    assert drawn(page) == kept
