"""Landscapes in a browser without a server: paths and markers at the cursor, where things stand, a hand on a panel, space, what is lost, a missing library."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright import sync_api

from tests.live.harness import Bench, bench, packed
from tests.live.landforms import FRAMES, PER, REACH, N, height, landscape_payload, path
from tests.live.payloads import LIGHT

pytestmark = pytest.mark.browser

VIEW = "bench.views.landscape"
PIXEL = f"""([map, x, y]) => {{
  const {{ ink, frame }} = {VIEW}.reliefs[map];
  const {{ xaxis, yaxis }} = frame.graph._fullLayout;
  const share = (axis, value) => (value - axis.range[0]) / (axis.range[1] - axis.range[0]);
  const [left, top] = [share(xaxis, x) * xaxis._length, (1 - share(yaxis, y)) * yaxis._length];
  const [box, plot] = [ink.node.getBoundingClientRect(), frame.graph.querySelector(".nsewdrag").getBoundingClientRect()];
  if (Math.abs(box.left - plot.left) > 1 || Math.abs(box.top - plot.top) > 1) throw new Error("the canvas lies beside the plot");
  const ratio = ink.node.width / box.width;
  return [...ink.node.getContext("2d").getImageData(Math.round(left * ratio) - 1, Math.round(top * ratio) - 1, 3, 3).data];
}}"""


def shown(page: Bench, payload: dict[str, Any]) -> None:
    page.page.evaluate("(text) => bench.show('landscape', text)", packed(payload))


def go(page: Bench, step: int) -> None:
    page.page.evaluate(f"(step) => {VIEW}.player.go(step)", step)


def step(page: Bench) -> int:
    return int(page.page.evaluate(f"{VIEW}.player.step"))


def colors(page: Bench, at: np.ndarray, plot: int = 0) -> set[str]:
    """The colours of our own drawing at a place of a map, within a pixel of it."""
    paint = np.reshape(page.page.evaluate(PIXEL, [plot, *map(float, at)]), (9, 4))
    return {f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue, opacity in paint if opacity}


def test_the_marker_stands_at_the_checkpoint_and_the_path_ends_there(browser: sync_api.Browser) -> None:
    w = path(0)
    with bench(browser) as page:
        shown(page, landscape_payload(count=1))

        def right(frame: int) -> None:
            assert LIGHT[0] in colors(page, w[frame]), f"the marker of checkpoint {frame}"
            if frame:
                assert LIGHT[0] in colors(page, (w[frame - 1] + w[frame]) / 2), "the path behind it"
            assert not colors(page, 0.3 * w[frame] + 0.7 * w[frame + 1]), "nothing of ours lies ahead"

        for frame in (0, 4, 2):
            go(page, int(FRAMES[frame]))
            right(frame)
        go(page, int(FRAMES[4]) - 1)
        right(3)
        page.page.evaluate("window.Plotly.relayout(document.querySelector('.lab-relief .lab-graph'), { 'xaxis.range': [-5, -1], 'yaxis.range': [-2, 2] })")
        right(3)
        page.page.set_viewport_size({"width": 900, "height": 900})
        page.page.wait_for_function(f"{VIEW}.width < 900 && !{VIEW}.reliefs[0].frame.figure.busy")
        page.page.wait_for_timeout(50)
        right(3)
        assert page.sent == []


def test_keys_and_links_place_the_player(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        shown(page, landscape_payload() | {"at": 44})
        assert step(page) == 44
        for key, at in (("PageUp", 44), ("ArrowRight", 45)):
            page.page.keyboard.press(key)
            assert step(page) == at, "before anything has the focus page keys belong to the page"
        page.page.get_by_role("button", name="One epoch forward").click()
        page.page.keyboard.press("PageDown")
        assert step(page) == 4 * PER
        assert page.page.locator(".lab-region-at:visible").filter(has_text="iteration 80").count() == 2
        shown(page, landscape_payload(maps=2) | {"at": 44})
        assert step(page) == 4 * PER, "other numbers, the same time"
        for plot in (0, 1):
            w = path(plot)[list(FRAMES).index(80)]
            assert LIGHT[plot] in colors(page, w, plot), "each landscape has its own training"
        shown(page, landscape_payload(count=3) | {"at": 0})
        assert step(page) == 0, "another link"
        assert LIGHT[2] in colors(page, path(2)[0])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("maps", "count"), [(1, 1), (1, 3), (3, 3)])
def test_where_things_stand(browser: sync_api.Browser, theme: str, maps: int, count: int) -> None:
    """Boundaries beside one landscape where there is room, else under the player; everything below one another on a phone, the landscape first."""
    with bench(browser, 1280, 900, theme) as page:
        shown(page, landscape_payload(maps, count, theme))
        for width in (1280, 700, 390):
            page.page.set_viewport_size({"width": width, "height": 844})
            page.page.wait_for_function(f"{VIEW}.width > {width} - 30 && {VIEW}.width <= {width}")
            page.page.wait_for_function(f"{VIEW}.reliefs.every(({{ frame }}) => !frame.figure.busy && frame.figure.shown.width === frame.node.clientWidth)")
            page.page.wait_for_timeout(50)
            assert page.page.evaluate("document.documentElement.scrollWidth") <= width

            def boxes(selector: str, bench: Bench = page) -> list[sync_api.FloatRect]:
                return [box for box in (found.bounding_box() for found in bench.page.locator(selector).all()) if box]

            landforms, regions, panes = boxes(".lab-landform"), boxes(".lab-region"), boxes(".lab-pane")
            player = page.box(".lab-player")
            assert (len(landforms), len(regions), len(panes)) == (maps, count, 3)
            if width > 390:
                sizes = page.page.evaluate(f"{VIEW}.reliefs.map(({{ box }}) => [box.width, box.height])")
                assert all(size == pytest.approx(sizes[0], abs=1) for size in sizes), "all landscapes have one scale, and one of them a colour bar"
            assert player["y"] >= max(box["y"] + box["height"] for box in landforms) - 1
            assert min(box["y"] for box in panes) >= player["y"] + player["height"] - 1
            if maps == 1 and width > (620 if count == 1 else 900):  # three of them would be too small beside it
                assert all(box["x"] >= landforms[0]["x"] + landforms[0]["width"] for box in regions)
                assert all(box["y"] + box["height"] <= player["y"] + 1 for box in regions)
                assert landforms[0]["width"] > regions[0]["width"]
            else:
                assert all(box["y"] >= player["y"] + player["height"] - 1 for box in regions)
            rows = len({box["y"] for box in landforms})
            assert rows == {1280: 1, 700: 1 if maps == 1 else 2, 390: maps}[width]
            columns = len({box["x"] for box in panes})
            assert columns == {1280: 3, 700: 2, 390: 1}[width]
            if width == 390:
                assert len({box["x"] for box in [*landforms, *regions, *panes]}) == 1


def test_a_hand_on_a_panel_moves_the_player_and_new_numbers_do_not_take_it_away(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        shown(page, landscape_payload())
        mouse = page.page.mouse
        panel = ".lab-pane-distance"
        mouse.move(*page.at(panel, 0.2, 0.5))
        mouse.down()
        assert step(page) == pytest.approx(0.2 * N, abs=1)
        mouse.move(*page.at(panel, 0.5, 0.4))
        assert step(page) == pytest.approx(0.5 * N, abs=1)
        shown(page, landscape_payload())
        assert step(page) == pytest.approx(0.5 * N, abs=1)
        mouse.move(*page.at(panel, 0.25, 0.4))
        mouse.up()
        at = step(page)
        assert at == pytest.approx(0.25 * N, abs=1)
        assert page.inked(f"{panel} canvas") > 0, "the cursor"
        assert LIGHT[1] in colors(page, path(1)[np.searchsorted(FRAMES, at, side="right") - 1])
        page.page.keyboard.press("ArrowRight")
        assert step(page) == at + 1, "the keys go on from there"
        mouse.click(*page.at(".lab-pane-lines", 0.7, 0.5))
        assert step(page) == at + 1, "not over time"
        assert page.sent == [], "the server heard nothing of it"


def test_in_space_the_cursor_moves(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        cursor = f"""async () => {{ await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
            const {{ x, y, z }} = {VIEW}.reliefs[0].frame.graph.data.find(({{ name }}) => name === "cursor");
            return [[...x], [...y], [...z]]; }}"""
        shown(page, landscape_payload(space=True))
        for frame in (0, 7, len(FRAMES) - 1):
            go(page, int(FRAMES[frame]))
            ends = np.array([path(run)[frame] for run in (0, 1)])
            np.testing.assert_allclose(page.page.evaluate(cursor), [*ends.T, height(ends)])
        shown(page, landscape_payload(space=True, stray=True))
        x, _, z = page.page.evaluate(cursor)
        assert x[0] is None and z[0] is None and x[1] is not None
        told = page.page.locator(".lab-landform .lab-region-at")
        assert told.inner_text() == "not a number here"
        go(page, int(FRAMES[12]))
        assert page.page.evaluate(cursor)[0][0] is None
        assert told.inner_text() == "not on the surface here"
        shown(page, landscape_payload())
        go(page, 0)
        assert page.page.locator(".lab-relief").count() == 1
        assert LIGHT[1] in colors(page, path(1)[0]), "level lines in place of the surface"


def test_what_is_outside_or_lost_is_said(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        shown(page, landscape_payload(stray=True))
        told = page.page.locator(".lab-landform .lab-region-at")
        assert told.inner_text() == "not a number here"
        go(page, int(FRAMES[12]))
        assert told.inner_text() == "hollow: outside the picture"
        edge = 8 * 2 * REACH / page.page.evaluate(f"{VIEW}.reliefs[0].box.width")
        assert colors(page, np.array([REACH - edge, 1.0])) == {"#ffffff"}, "hollow"
        go(page, int(FRAMES[5]))
        assert told.inner_text() == ""


def test_without_the_drawing_library_the_rest_stands(browser: sync_api.Browser) -> None:
    with bench(browser) as page:
        page.page.evaluate("delete window.Plotly")
        shown(page, landscape_payload())
        assert page.page.locator(".lab-message:visible").filter(has_text="did not load").count() == 4
        go(page, int(FRAMES[3]))
        assert page.page.locator(".lab-region-at:visible").filter(has_text=f"iteration {FRAMES[3]}").count() == 2
