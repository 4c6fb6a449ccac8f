"""The Map in a browser: points where they belong, lassos, and what is sent for what."""

import math
import time
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.data import load_sample
from core.figures.space.palette import class_palette
from core.figures.webgl.grid import STEPS, on_grid
from core.projection import project_pca
from tests.browser.harness import Scheme, Watch, context, wait_until_idle
from tests.patience import PATIENCE

DIGITS = load_sample("digits")
PLACES = project_pca(DIGITS.vectors).coordinates
WORDS = load_sample("wordnet").n
ROOM = ".st-key-map .nfm-room"
CANVAS = f"{ROOM} .nfm-points"
DRAWN = "map.overlay && map.painter.count > 0 && !map.moving"


def ask(page: Page, expression: str) -> Any:
    """What an expression about the `map` gives in the browser."""
    room = page.locator(ROOM)
    return room.evaluate(f"(room) => {{ const map = room.nearfieldMap; return {expression} }}")


def settle(page: Page) -> None:
    wait_until_idle(page)
    expect(page.locator(CANVAS)).to_be_visible()
    deadline = time.monotonic() + PATIENCE
    while not ask(page, DRAWN):
        assert time.monotonic() < deadline, "the map was not drawn"
        page.wait_for_timeout(50)


def on_screen(page: Page, coordinates: np.ndarray) -> np.ndarray:
    """(n, 2) pixels of the canvas, worked out from what the camera is told to look at."""
    x, y, scale, width, height = ask(
        page, "[map.camera.x, map.camera.y, map.camera.scale, ...map.camera.size]"
    )
    units = on_grid(coordinates).places / STEPS
    return np.column_stack(
        [(units[:, 0] - x) * scale + width / 2, height / 2 - (units[:, 1] - y) * scale]
    )


def colors_at(page: Page, places: np.ndarray) -> np.ndarray:
    """(m, 4) red, green, blue, alpha of the drawn points at pixels (m, 2) of the canvas."""
    return np.array(
        page.locator(CANVAS).evaluate(
            """(canvas, places) => {
              const gl = canvas.getContext("webgl2");
              const ratio = canvas.width / canvas.clientWidth;
              return places.map(([x, y]) => {
                const pixel = new Uint8Array(4);
                const top = canvas.height - 1 - Math.floor(y * ratio);
                gl.readPixels(Math.floor(x * ratio), top, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
                return [...pixel];
              });
            }""",
            places.tolist(),
        )
    )


def alone(places: np.ndarray, others: np.ndarray, radius: float) -> np.ndarray:
    """Which places have no other of `others` within `radius` pixels."""
    apart = np.linalg.norm(places[:, None] - others[None], axis=2)
    return np.asarray((apart < radius).sum(axis=1) == 1)


def sizes(frames: list[str | bytes], part: str) -> list[int]:
    """Bytes of the messages that carry a part of the map; a part sent before goes by its hash."""
    name = f"nearfield_map_{part}".encode()
    return [len(frame) for frame in frames if isinstance(frame, bytes) and name in frame]


def count_draws(page: Page) -> None:
    """Count how often the points are drawn from now on, as `map.draws`."""
    ask(
        page,
        "(map.painter.draw = ((draw) => function (...given) { map.draws += 1;"
        " return draw.apply(this, given); })(map.painter.draw), map.draws = 0)",
    )


def draw(page: Page, corners: list[tuple[float, float]], key: str = "") -> None:
    """Drag along corners, in pixels of the canvas, with a key held down."""
    box = page.locator(CANVAS).bounding_box()
    assert box is not None
    path = [(box["x"] + x, box["y"] + y) for x, y in [*corners, corners[0]]]
    if key:
        page.keyboard.down(key)
    page.mouse.move(*path[0])
    page.mouse.down()
    for place in path[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    if key:
        page.keyboard.up(key)


def circle(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    angles = [math.tau * step / 24 for step in range(24)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


def selected(page: Page) -> set[int]:
    rows = ask(page, "[...map.masks.arrays.selected ?? []]")
    return set(np.flatnonzero(np.unpackbits(np.array(rows, np.uint8), bitorder="little")).tolist())


def surely(inside: np.ndarray, distance: np.ndarray) -> tuple[set[int], set[int]]:
    """Rows inside and outside, but for those within two pixels of the line."""
    clear = np.abs(distance) > 2
    return set(np.flatnonzero(inside & clear).tolist()), set(
        np.flatnonzero(~inside & clear).tolist()
    )


def test_points_lassos_and_what_is_sent(page: Page, app_url: str, watch: Watch) -> None:
    sent: list[int] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda f: sent.append(len(f))))
    page.goto(f"{app_url}/map?data=digits&projection=PCA")
    settle(page)

    # Each point that lies alone has its class's color in its middle.
    ask(page, "map.zoom(4)")
    page.wait_for_timeout(700)
    places = on_screen(page, PLACES)
    seen = ((places > 12) & (places < np.array(ask(page, "map.camera.size")) - 12)).all(axis=1)
    free = np.flatnonzero(alone(places, places, 12) & seen)
    assert len(free) > 100
    codes = ask(page, "[...map.paint.arrays.codes]")
    found = colors_at(page, places[free])
    palette = [[int(c[at : at + 2], 16) for at in (1, 3, 5)] for c in class_palette(10)]
    expected = np.array(palette)[np.array(codes)[free]]
    opaque = found[:, 3:] / 255
    assert np.abs(found[:, :3] / np.maximum(opaque, 0.01) - expected).max() < 12
    np.testing.assert_array_equal(np.array(codes), DIGITS.labels)
    ask(page, "map.home()")
    page.wait_for_timeout(700)
    places = on_screen(page, PLACES)
    assert colors_at(page, np.array([[3.0, 3.0]]))[0, 3] == 0  # no point, no color

    # A wheel keeps what is under the pointer, and sends nothing.
    sent.clear()
    middle = np.rint(places.mean(axis=0))
    page.locator(CANVAS).hover(position={"x": middle[0], "y": middle[1]})
    page.wait_for_timeout(600)  # a card of the row under the pointer has come
    sent.clear()
    before = ask(page, f"map.camera.toUnit({middle[0]}, {middle[1]})")
    page.mouse.wheel(0, -600)
    page.wait_for_timeout(700)
    assert ask(page, f"map.camera.toUnit({middle[0]}, {middle[1]})") == pytest.approx(
        before, abs=0.002
    )
    assert ask(page, "map.camera.zoom") > 2
    assert sent == []
    assert "zoom=" in page.url

    # A ring moves over points that are not drawn anew.
    count_draws(page)
    for point in np.flatnonzero((np.abs(places - middle) < 100).all(axis=1))[:5]:
        page.locator(CANVAS).hover(position={"x": places[point, 0], "y": places[point, 1]})
    page.wait_for_timeout(300)
    assert ask(page, "map.draws") == 0

    # After the zoom, a lasso selects what lies inside it.
    places = on_screen(page, PLACES)
    page.get_by_role("button", name="Select with a lasso").click()
    sent.clear()
    draw(page, circle(300, 280, 130))
    expect(page.get_by_text("items selected")).to_be_visible()
    settle(page)
    from_line = np.linalg.norm(places - [300, 280], axis=1) - 130
    within, outside = surely(from_line < 0, from_line)
    first = selected(page)
    assert within <= first
    assert not first & outside
    assert len(first) > 10
    assert ask(page, "map.draws") > 0
    assert max(sent) < 1_500  # the polygon, and the values of all controls
    # Shift adds, Alt takes away.
    draw(page, circle(560, 300, 70), "Shift")
    settle(page)
    page.wait_for_timeout(300)
    more = selected(page)
    assert more > first
    draw(page, circle(560, 300, 90), "Alt")
    settle(page)
    page.wait_for_timeout(300)
    near = np.linalg.norm(places - [560, 300], axis=1)
    assert not {row for row in selected(page) if near[row] < 88}

    # Another item and another color keep view and selection.
    kept, view = selected(page), ask(page, "map.camera.named")
    page.get_by_role("button", name="Random").click()
    settle(page)
    page.locator(".st-key-color input").click()
    page.get_by_role("option", name="k-occurrence").click()
    settle(page)
    page.wait_for_timeout(300)
    assert selected(page) == kept
    assert ask(page, "map.camera.named") == view
    assert ask(page, "map.paint.meta.legend.kind") == "scale"

    # Another projection has a view of its own, and the selection stays; back, the view is back.
    page.locator(".st-key-projection").get_by_text("UMAP").click()
    settle(page)
    page.wait_for_timeout(300)
    assert selected(page) == kept
    assert ask(page, "map.camera.isHome")
    page.locator(".st-key-projection").get_by_text("PCA").click()
    settle(page)
    page.wait_for_timeout(600)
    assert ask(page, "map.camera.named") == view

    # The link opens the same.
    page.goto(page.url)
    settle(page)
    assert ask(page, "map.camera.named") == view
    assert selected(page) == kept
    page.locator(".st-key-listed").get_by_text("Selected").click()
    page.get_by_role("button", name="Clear the selection").click()
    expect(page.get_by_text("items selected")).to_have_count(0)
    settle(page)
    assert selected(page) == set()
    watch.check()


def test_click_hover_and_legend(page: Page, app_url: str, watch: Watch) -> None:
    page.goto(f"{app_url}/map?data=digits&projection=PCA&item=3")
    settle(page)
    places = on_screen(page, PLACES)
    row = int(np.flatnonzero(alone(places, places, 10))[5])
    at = {"x": float(places[row, 0]), "y": float(places[row, 1])}
    page.locator(CANVAS).hover(position=at)  # type: ignore[arg-type]
    tip = page.locator(f"{ROOM} .nfm-tip")
    expect(tip).to_contain_text(f"row {row:,}")
    expect(tip.locator("img")).to_be_visible()
    page.locator(CANVAS).click(position=at)  # type: ignore[arg-type]
    settle(page)
    page.wait_for_url(f"**item={row}*")
    assert ask(page, "map.overlay.item[0]") == row
    assert len(ask(page, "map.overlay.near")) == 15

    legend = page.locator(f"{ROOM} .nfm-legend")
    label = str(DIGITS.class_names[0])
    toggle = legend.get_by_title(f"Show or hide {label}", exact=True)
    members = ask(page, "map.paint.meta.legend.entries[0].count")
    assert members == np.count_nonzero(np.array(DIGITS.labels) == 0)
    assert ask(page, "map.painter.count") == DIGITS.n
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    assert ask(page, "map.painter.count") == DIGITS.n - members
    expect(page.locator(f"{ROOM} .nfm-told")).to_contain_text(f"{DIGITS.n - members:,} of")
    toggle.dblclick()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    assert ask(page, "map.painter.count") == members
    assert "hidden=1_2_3" in page.url
    legend.get_by_role("button", name="all", exact=True).click()
    assert ask(page, "map.painter.count") == DIGITS.n
    watch.check()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_names_of_regions_do_not_overlap(
    browser: Browser, app_url: str, width: int, scheme: Scheme
) -> None:
    visitor = context(browser, width, 900, scheme)
    page = visitor.new_page()
    frames: list[str | bytes] = []

    def hear(frame: str | bytes) -> None:  # Playwright takes no bound method of a list
        frames.append(frame)

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page.goto(app_url)
    settle(page)
    labels = page.locator(f"{ROOM} .nfm-names div:visible")
    assert "flowers, genus" in labels.all_inner_texts()
    boxes = [each.bounding_box() for each in labels.all()]
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
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    # Places are sent with the first run, again only where a rerun cuts that short; then no more.
    first = sizes(frames, "geometry")
    assert 1 <= len(first) <= 2
    assert all(4 * WORDS <= size < 4 * WORDS + 1_500 for size in first)
    frames.clear()
    page.get_by_role("button", name="Random").click()
    settle(page)
    assert sizes(frames, "geometry") == []
    page.locator(".st-key-color input").click()
    page.get_by_role("option", name="k-occurrence").click()
    settle(page)
    assert sizes(frames, "geometry") == []
    assert max(sizes(frames, "paint")) >= WORDS
    visitor.close()
