"""The Map in a browser in 3-D, and two maps side by side."""

import math

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.data import load_sample
from core.figures.space.palette import class_palette
from core.figures.webgl.grid import STEPS, on_grid
from core.projection import project_pca
from tests.browser.harness import Watch
from tests.browser.test_map import (
    CANVAS,
    alone,
    ask,
    circle,
    colors_at,
    draw,
    settle,
)

DIGITS = load_sample("digits")
SECOND = ".st-key-map_second .nfm-room"
SELECTED = "[...map.masks.arrays.selected ?? []].map((bits) => bits.toString(2)).join()"


def seen(page: Page, coordinates: np.ndarray) -> np.ndarray:
    """(n, 3) pixels of the canvas and distances, worked out from where the camera stands."""
    turn, tilt, distance, width, height = ask(
        page, "[map.camera.turn, map.camera.tilt, map.camera.reach, ...map.camera.size]"
    )
    around = np.array(
        [[math.cos(turn), math.sin(turn), 0], [-math.sin(turn), math.cos(turn), 0], [0, 0, 1]]
    )
    over = np.array(
        [[1, 0, 0], [0, math.sin(tilt), math.cos(tilt)], [0, -math.cos(tilt), math.sin(tilt)]]
    )
    right, up, back = over @ around @ (on_grid(coordinates).places / STEPS - 0.5).T
    away = distance - back
    pixels = height / 2 / math.tan(0.3) / away
    return np.column_stack([width / 2 + pixels * right, height / 2 - pixels * up, away])


def drag(page: Page, dx: float, dy: float) -> None:
    box = page.locator(CANVAS).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 40 + dx, box["y"] + 300 + dy, steps=5)
    page.mouse.up()


def test_points_in_space(page: Page, app_url: str, watch: Watch) -> None:
    places = project_pca(DIGITS.vectors, components=3).coordinates
    page.goto(f"{app_url}/map?data=digits&projection=PCA&view=3-D")
    settle(page)

    # Turned by 100 pixels of 0.008 radians; the address has the view.
    before = ask(page, "map.camera.turn")
    drag(page, 100, 25)
    page.wait_for_timeout(700)
    assert ask(page, "map.camera.turn") == pytest.approx(before - 0.8)
    view = ask(page, "map.camera.named")
    assert f"zoom={view}" in page.url

    # Each point that lies alone has its class's color, paler the farther it is.
    page.keyboard.press("Tab")
    ask(page, "map.zoom(2.2)")
    page.wait_for_timeout(700)
    found = seen(page, places)
    inside = (found[:, :2] > 12) & (found[:, :2] < np.array(ask(page, "map.camera.size")) - 12)
    free = np.flatnonzero(alone(found[:, :2], found[:, :2], 14) & inside.all(axis=1))
    assert len(free) > 40
    share = np.clip((found[free, 2] / ask(page, "map.camera.reach") - 0.75) / 0.6, 0, 1)
    haze = ask(page, "map.camera.haze") * share**2 * (3 - 2 * share)
    palette = [[int(c[at : at + 2], 16) for at in (1, 3, 5)] for c in class_palette(10)]
    assert DIGITS.labels is not None
    color = np.array(palette)[DIGITS.labels[free]]
    expected = color + haze[:, None] * (255 - color)
    drawn = colors_at(page, found[free, :2])
    assert np.abs(drawn[:, :3] / np.maximum(drawn[:, 3:] / 255, 0.01) - expected).max() < 12

    # A click picks the row; the view stays, and is that of the link.
    row = int(free[3])
    at = {"x": float(found[row, 0]), "y": float(found[row, 1])}
    page.locator(CANVAS).click(position=at)  # type: ignore[arg-type]
    settle(page)
    page.wait_for_url(f"**item={row}*")
    assert ask(page, "map.overlay.item[0]") == row
    assert ask(page, "map.overlay.near.length") == 15
    x, y = ask(page, "map.place(...map.overlay.item.slice(1, 3), map.overlay.item[4])")[:2]
    assert (x, y) == pytest.approx((at["x"], at["y"]), abs=0.1)
    view = ask(page, "map.camera.named")
    page.goto(page.url)
    settle(page)
    assert ask(page, "map.camera.named") == view
    page.locator(CANVAS).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    turn, _, zoom, right, up = map(float, ask(page, "map.camera.named").split("_"))
    assert turn == pytest.approx(before - 0.8 - 60 * 0.008, abs=2e-3)
    assert (zoom, right, up) == pytest.approx((2.2, 0, -0.2), abs=2e-3)
    watch.check()


def test_two_maps_side_by_side(page: Page, app_url: str, watch: Watch) -> None:
    page.goto(f"{app_url}/map?data=digits&projection=UMAP&beside=PCA")
    settle(page)
    second = page.locator(SECOND)
    expect(second.locator(".nfm-points")).to_be_visible()
    parts = {
        name: [page.locator(f".st-key-{key}_{name}").count() for key in ("map", "map_second")]
        for name in ("geometry", "paint", "masks")
    }
    assert parts == {"geometry": [1, 1], "paint": [1, 0], "masks": [1, 0]}
    expect(page.get_by_text("cosine distance, seed 42: ")).to_contain_text("trustworthiness")
    expect(page.get_by_text("PCA: 1")).to_contain_text("continuity")

    # A row under the pointer is ringed on the other map at once, and its view stays.
    row = 7
    ask(page, "map.zoom(20, map.camera.toScreen(...map.cloud.unitOf(7)).slice(0, 2))")
    page.wait_for_timeout(700)
    x, y = ask(page, "map.camera.toScreen(...map.cloud.unitOf(7))")
    page.locator(CANVAS).hover(position={"x": x, "y": y})
    assert ask(page, "map.pointed") == row
    assert second.evaluate("(room) => room.nearfieldMap.echoed") == row
    assert second.evaluate("(room) => room.nearfieldMap.camera.isHome")

    # Hidden classes are hidden on both.
    page.get_by_title("Show or hide 0", exact=True).first.click()
    counts = [
        ask(page, "map.painter.count"),
        second.evaluate("(r) => r.nearfieldMap.painter.count"),
    ]
    assert counts == [np.count_nonzero(DIGITS.labels != 0)] * 2
    page.get_by_role("button", name="all", exact=True).click()  # the one that is seen

    # A lasso on one selects on both.
    ask(page, "map.home()")
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Select with a lasso").first.click()
    draw(page, circle(250, 280, 120))
    expect(page.get_by_text("items selected")).to_be_visible()
    settle(page)
    chosen = ask(page, SELECTED)
    assert "1" in chosen
    assert (
        second.evaluate(f"(room) => {{ const map = room.nearfieldMap; return {SELECTED} }}")
        == chosen
    )
    watch.check()
