"""The Map in a browser: what a visitor did in the picture survives what changes beside it."""

import math
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import Scheme, Watch, context, wait_until_idle

STATE = """() => {
  const plot = document.querySelector(".st-key-map .js-plotly-plot");
  const shown = plot._fullLayout;
  const bright = plot._fullData.map((trace) => (trace.selectedpoints || []).length);
  return {
    x: shown.xaxis.range, y: shown.yaxis.range, mode: shown.dragmode,
    bright: bright.reduce((sum, each) => sum + each, 0),
    colors: plot._fullData.map((trace) => trace.name).join(),
    names: shown.annotations.map((each) => each.text),
  };
}"""
PICTURE = ".st-key-map .js-plotly-plot"


def state(page: Page) -> Any:
    return page.evaluate(STATE)


def settle(page: Page) -> None:
    """Wait for the answer and for the picture of the last run."""
    wait_until_idle(page)
    page.wait_for_selector(f"{PICTURE} .nsewdrag", state="attached")
    page.wait_for_function(f"() => document.querySelector('{PICTURE}').nearfieldListens === true")


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(f"{PICTURE} .nsewdrag").first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def wait_for_told(page: Page) -> None:
    """The listener tells a view after 250 ms of rest, and its run is short."""
    page.wait_for_timeout(600)
    wait_until_idle(page)


def draw_lasso(page: Page) -> None:
    x, y = middle(page)
    corners = [math.tau * step / 12 for step in range(13)]
    path = [(x + 110 * math.cos(angle), y + 110 * math.sin(angle)) for angle in corners]
    page.mouse.move(*path[0])
    page.mouse.down()
    for place in path[1:]:
        page.mouse.move(*place, steps=3)
    page.mouse.up()


def test_zoom_tool_and_selection_survive_another_item_and_another_color(
    page: Page, app_url: str, watch: Watch
) -> None:
    page.goto(f"{app_url}/map?data=digits")
    settle(page)
    whole = state(page)
    page.mouse.move(*middle(page))
    for _ in range(3):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(100)
    wait_for_told(page)
    zoomed = state(page)
    assert zoomed["x"][1] - zoomed["x"][0] < 0.9 * (whole["x"][1] - whole["x"][0])

    page.get_by_role("button", name="Random").click()
    settle(page)
    assert state(page)["x"] == pytest.approx(zoomed["x"])
    assert state(page)["y"] == pytest.approx(zoomed["y"])

    page.locator('.st-key-map .modebar-btn[data-title="Lasso Select"]').click()
    draw_lasso(page)
    expect(page.get_by_text("items selected")).to_be_visible()
    settle(page)
    wait_for_told(page)
    selected = state(page)["bright"]
    assert selected > 10

    page.get_by_role("button", name="Random").click()
    settle(page)
    after_item = state(page)
    assert after_item["x"] == pytest.approx(zoomed["x"])
    assert after_item["mode"] == "lasso"
    # The item and its neighbors lie over their points, and are selected once.
    assert 10 < after_item["bright"] <= selected
    page.locator(".st-key-listed").get_by_text("Selected").click()
    expect(page.get_by_text(f"{after_item['bright']:,} items selected")).to_be_visible()
    assert "listed" not in page.url

    page.locator(".st-key-color input").click()
    page.get_by_role("option", name="k-occurrence").click()
    settle(page)
    colored = state(page)
    assert colored["colors"] != after_item["colors"]
    assert colored["bright"] == after_item["bright"]
    assert colored["x"] == pytest.approx(zoomed["x"])

    page.get_by_role("button", name="Clear the selection").click()
    expect(page.get_by_text("items selected")).to_have_count(0)
    settle(page)
    assert state(page)["bright"] == 0
    assert state(page)["x"] == pytest.approx(zoomed["x"])
    watch.check()


def test_a_double_click_clears_the_selection(page: Page, app_url: str, watch: Watch) -> None:
    page.goto(f"{app_url}/map?data=digits")
    settle(page)
    page.locator('.st-key-map .modebar-btn[data-title="Lasso Select"]').click()
    draw_lasso(page)
    expect(page.get_by_text("items selected")).to_be_visible()
    page.get_by_role("button", name="Random").click()  # the picture is drawn anew
    settle(page)
    assert state(page)["bright"] > 10
    page.mouse.dblclick(*middle(page))
    expect(page.locator(".st-key-listed")).to_have_count(0)
    settle(page)
    assert state(page)["bright"] == 0
    watch.check()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_names_of_regions_do_not_overlap(
    browser: Browser, app_url: str, width: int, scheme: Scheme
) -> None:
    visitor = context(browser, width, 900, scheme)
    page = visitor.new_page()
    page.goto(app_url)
    settle(page)
    assert "flowers, genus" in state(page)["names"]
    assert page.locator(".st-key-map .legend .traces").count() <= 3
    boxes = [each.bounding_box() for each in page.locator(".st-key-map .annotation-text-g").all()]
    assert len(boxes) > 8
    for i, a in enumerate(boxes):
        assert a is not None
        assert a["x"] >= 0
        assert a["x"] + a["width"] <= width
        for b in boxes[:i]:
            assert b is not None
            beside = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            above = a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
            assert beside or above, (a, b)
    visitor.close()
