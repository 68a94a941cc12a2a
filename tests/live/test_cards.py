"""The cards in a browser: formulas, switches, rules, and η drawn by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright import sync_api

from optim_core.schedules.piecewise import parse_pieces
from tests.live.harness import Bench, bench
from tests.live.payloads import T, control, panel_payload, rates, stage_payload

pytestmark = pytest.mark.browser

RATE = "#panel .lab-rate"


def card(keys: list[dict[str, Any]]) -> dict[str, Any]:
    """A panel of one card, without a curve."""
    payload = panel_payload(1) | {"rate": None}
    payload["groups"][0]["controls"] = keys
    return payload


def stroke(page: Bench, points: list[tuple[float, float]], steps: int = 12) -> None:
    """Press at the first point of the panel's curve, draw through the others, let go."""
    page.page.mouse.move(*page.at(RATE, *points[0]))
    page.page.mouse.down()
    for point in points[1:]:
        page.page.mouse.move(*page.at(RATE, *point), steps=steps)
    page.page.mouse.up()


def drawn(page: Bench) -> tuple[int, list[tuple[int, float]]]:
    """The run and the steps and factors of the last edit, which is a drawing."""
    page.page.wait_for_function("bench.sent.some(([kind]) => kind === 'draw')")
    kind, run, words = page.sent[-1]
    assert kind == "draw"
    assert len(words) <= 300
    pieces = list(parse_pieces(words))  # raises unless the steps increase and the factors are such
    assert len(pieces) <= 24
    assert pieces[0][0] == 0
    assert pieces[-1][0] < T
    return run, pieces


# ---------------------------------------------------------------------- controls


def test_a_formula_is_sent_on_enter_and_kept_when_rejected(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        page.show(card([control("f", "text", value="eta0", note="from 0")]))
        box = page.page.get_by_label("f", exact=True)
        assert box.get_attribute("spellcheck") == "false"
        assert box.get_attribute("maxlength") == "300"
        row = page.box(".lab-row-text")
        assert page.box(".lab-row-text .lab-box")["width"] == pytest.approx(row["width"])
        box.fill("eta0 * 0.98^")
        assert page.sent == []
        box.press("Escape")
        assert box.input_value() == "eta0"
        box.fill("eta0 * 0.98^")
        box.press("Enter")
        page.page.wait_for_function("bench.sent.length === 1")
        assert page.sent == [["set", "f", "eta0 * 0.98^"]]
        page.page.wait_for_timeout(50)
        page.show(card([control("f", "text", value="eta0", error="something is missing after ^", note="from 0")]))
        page.page.get_by_role("alert").filter(has_text="something is missing").wait_for()
        assert box.input_value() == "eta0 * 0.98^"
        assert page.page.get_by_text("from 0").is_visible()
        box.fill("eta0 * 0.98^t")
        box.blur()
        page.page.wait_for_function("bench.sent.length === 2")
        assert page.sent[1] == ["set", "f", "eta0 * 0.98^t"]


def test_a_switch_sends_0_and_1_and_follows_the_answer(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        page.show(card([control("s", "switch", value="0")]))
        switch = page.page.get_by_role("switch", name="s", exact=True)
        switch.click()
        page.page.locator(".lab-row-switch .lab-name").click()  # its name works too
        switch.press("Space")
        page.page.wait_for_function("bench.sent.length === 3")
        assert page.sent == [["set", "s", "1"], ["set", "s", "0"], ["set", "s", "1"]]
        page.page.wait_for_timeout(50)
        page.show(card([control("s", "switch", value="0", error="not with this optimizer")]))
        assert not switch.is_checked()
        assert page.page.get_by_role("alert").inner_text().endswith("not with this optimizer")


def test_rules_stand_between_controls_and_strong_ones_begin_a_section(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        two = ["<math><mi>q</mi></math>", "<math><mi>r</mi></math>"]
        page.show(card([control("a", "switch", value="0"), control("b", "choice", strong=True), control("c", "rule", rule=two)]))
        assert page.page.locator(".lab-row-rule math").all_text_contents() == ["q", "r"]
        assert page.page.locator(".lab-row-rule label").count() == 0
        assert page.page.locator(".lab-strong").evaluate("(row) => getComputedStyle(row).borderTopWidth") == "1px"
        page.show(card([control("c", "rule", rule=None)]))
        assert page.page.locator(".lab-row-rule math").count() == 0


# ---------------------------------------------------------------------- drawing


@pytest.mark.parametrize("log", [False, True])
def test_a_stroke_becomes_a_staircase(two: Bench, log: bool) -> None:
    two.show(panel_payload(log=log))
    two.page.wait_for_timeout(300)
    pencil = two.page.get_by_role("button", name="Draw η by hand: Run 1")
    pencil.click()
    assert pencil.get_attribute("aria-pressed") == "true"
    assert two.page.get_by_text("Draw η from left to right").is_visible()
    stroke(two, [(0.3, 0.25), (0.8, 0.75), (0.5, 0.1)])  # the way back does not count
    run, pieces = drawn(two)
    assert run == 0
    assert pencil.get_attribute("aria-pressed") == "false", "a finished stroke puts the pencil down"
    assert two.step == T, "the player stays where it was"
    low, high = (-3, 0) if log else (0, 0.12)
    wanted = rates(1)[0].copy()
    t = np.arange(30, T)
    heights = high - (0.25 + 0.5 * np.clip((t - 30) / 50, 0, 1)) * (high - low)
    wanted[30:] = 10**heights if log else heights
    steps, factors = zip(*pieces, strict=True)
    got = 0.1 * np.array(factors)[np.searchsorted(steps, np.arange(T), side="right") - 1]
    miss = np.abs(np.log10(got / wanted)) / 3 if log else np.abs(got - wanted) / 0.12
    assert miss.max() < 0.08, pieces
    assert miss.mean() < 0.02


def test_the_pencil_is_put_down_and_clicks_draw_nothing(two: Bench) -> None:
    pencil = two.page.get_by_role("button", name="Draw η by hand: Run 2")
    sheet = two.page.locator(".lab-sheet")
    pencil.click()
    two.page.mouse.click(*two.at(RATE, 0.5, 0.5))
    assert sheet.is_visible(), "a click is no line"
    stroke(two, [(0.8, 0.2), (0.3, 0.4)])
    assert sheet.is_visible(), "nor is what goes to the left"
    two.page.keyboard.press("Escape")
    assert not sheet.is_visible()
    pencil.click()
    pencil.click()
    assert not sheet.is_visible()
    pencil.click()
    two.show(panel_payload(1))  # the run is gone
    assert not sheet.is_visible()
    assert two.sent == []


def test_a_finger_draws_too(browser: sync_api.Browser) -> None:
    with bench(browser, 390, 844, touch=True) as page:
        page.show(panel_payload(), stage_payload())
        page.settled()
        pencil = page.page.get_by_role("button", name="Draw η by hand: Run 1")
        pencil.tap()
        assert "From the keyboard" in (pencil.get_attribute("title") or "")
        page.page.locator(RATE).scroll_into_view_if_needed()
        client = page.page.context.new_cdp_session(page.page)
        spots = [page.at(RATE, x, 0.5) for x in (0.0, 0.2, 0.5, 1.0)]
        for kind, spot in zip(("touchStart", "touchMove", "touchMove", "touchMove"), spots, strict=True):
            client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": spot[0], "y": spot[1]}]})
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        _, pieces = drawn(page)
        assert len(pieces) == 1
        assert pieces[0][1] == pytest.approx(0.6, abs=0.01)


def test_a_wild_stroke_fits_into_the_message(two: Bench) -> None:
    longest = "(n) => bench.Draw.staircase(Array.from({ length: n }, (_, i) => (i * 7919) % 200), (y) => 10 ** (-y / 30), 0.123)"
    for n in (1, 2, 30, 511, 513, 10_000):
        pieces = parse_pieces(two.page.evaluate(longest, n))
        assert len(pieces) <= 24
        assert pieces[-1][0] < n
    assert two.page.evaluate("bench.Draw.staircase([3, 3, 3], () => -1, 0.1)") == "0: 0", "η is never negative"
    assert two.page.evaluate("bench.Draw.staircase([1e5, 30, 30], (y) => 10 ** (-y / 30), 0.1)") == "0: 0, 1: 1", "a present η of zero stays zero"
