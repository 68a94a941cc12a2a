"""Inside one step, in a browser: the numbers follow the player, the link holds run and step, nothing asks the server."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import surfaces
from lab.figures.numbers import number_text
from optim_core import optimizers, simulate
from tests.browser.asking import asked, wait_for_address
from tests.browser.serving import first_picture

pytestmark = pytest.mark.browser

ARROWS = """() => { const c = document.querySelector('.lab-arrows'); if (c.hidden || !c.width) return 0;
  return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length; }"""


def test_the_numbers_are_those_of_the_step(page: Page, address: str) -> None:
    """Adam from (−5, −2): what the lines end in, at two steps, is what the core computes."""
    first_picture(page, f"{address}/?run1=adam&run1.lr=0.4&steps=30&at=2")
    expect(page.locator(".lab-step")).to_have_text("step 2 / 30")
    page.get_by_label("Run to look into").select_option(label="Adam")
    expect(page.locator(".lab-where")).to_have_text("From step 2 to step 3")
    path = simulate(optimizers.REGISTRY["adam"](), surfaces.REGISTRY["elongated_quadratic"](), (-5.0, -2.0), 0.4, 30)
    for step in (2, 3):
        last = page.locator(".lab-line-pair").last.locator("[data-slot]")
        expect(last.last).to_have_text(number_text(float(np.float32(path.w[step + 1, 1]))))
        assert last.all_text_contents()[-2:] == [number_text(float(np.float32(value))) for value in path.w[step + 1]]
        page.get_by_role("button", name="One step forward").click()
    wait_for_address(page, "inspect", "1")
    assert page.evaluate(ARROWS) > 50
    page.get_by_role("button", name="Last step").click()
    assert page.evaluate(ARROWS) == 0, "no step leaves the last point"


def test_a_copied_link_opens_at_the_step(page: Page, address: str) -> None:
    """The address bar keeps the step at which it was opened; the copied link has the present one."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first_picture(page, f"{address}/?run1=momentum&run1.lr=0.4&steps=30&inspect=1")
    page.get_by_role("button", name="First step").click()
    page.get_by_role("button", name="One step forward").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".lab-bubble")).to_have_text(re.compile("copied"))
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "at=1" in copied and asked(page)["at"] == "end"
    first_picture(page, copied)
    expect(page.locator(".lab-step")).to_have_text("step 1 / 30")
    expect(page.locator(".lab-where")).to_have_text("From step 1 to step 2")
