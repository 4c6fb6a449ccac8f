"""The map for all: saved as a file, walked by keys, in both themes, by touch, without WebGL2."""

import struct
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.data import load_sample
from core.figures.space.palette import class_palette
from core.figures.theme import DARK, LIGHT
from core.figures.webgl.grid import STEPS, on_grid
from core.projection import project_pca
from tests.browser.harness import Watch
from tests.browser.test_map import (
    CANVAS,
    ROOM,
    alone,
    ask,
    circle,
    draw,
    on_screen,
    selected,
    settle,
)
from tests.patience import PATIENCE

DIGITS = load_sample("digits")
PLACES = project_pca(DIGITS.vectors).coordinates
HOSTILE = "<script>alert(1)</script> & \x07co"
NO_WEBGL2 = """
const ask = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind === "webgl2" ? null : ask.call(this, kind, ...more);
};
"""
CENTER = "(canvas) => canvas.scrollIntoView({ block: 'center' })"
SVG = "{http://www.w3.org/2000/svg}"


def save(page: Page, ending: str) -> tuple[str, bytes]:
    """The name and the bytes of the picture that the visitor saves."""
    page.get_by_role("button", name="Save the picture").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=ending.upper(), exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_saved_walked_and_in_both_themes(page: Page, app_url: str, watch: Watch) -> None:
    page.goto(f"{app_url}/map?data=digits&projection=PCA&item=3")
    settle(page)

    # The SVG holds what is seen, and texts as texts.
    ask(page, f"map.overlay.item.splice(3, 1, {HOSTILE!r})")
    page.locator(f"{ROOM} .nfm-legend").get_by_title("Show or hide 4", exact=True).click()
    name, content = save(page, "svg")
    assert name == "Handwritten-digits-map.svg"
    sheet = ElementTree.fromstring(content)
    texts = [each.text or "" for each in sheet.iter(f"{SVG}text")]
    width, height = ask(page, "map.camera.size")
    assert float(sheet.get("width", 0)) == width + 40
    assert float(sheet.get("height", 0)) > height + 100
    assert ask(page, "map.overlay.headline").startswith(texts[0])
    assert "Data: Handwritten digits" in texts
    said = " ".join(texts)
    assert "Black ring: <script>alert(1)</script> & co; green: its 15 true neighbors" in said
    assert f"{DIGITS.n - np.count_nonzero(np.array(DIGITS.labels) == 4):,} of {DIGITS.n:,}" in said
    counts = np.bincount(np.array(DIGITS.labels))
    for code, label in enumerate(DIGITS.class_names):
        at = texts.index(str(label)) if code != 4 else 0
        assert texts[at + 1] == str(counts[code]) if at else str(label) not in texts
    palette = class_palette(10)
    drawn = [each.get("fill") for each in sheet.iter(f"{SVG}circle")]
    for code, color in enumerate(palette):
        assert drawn.count(color) == (0 if code == 4 else counts[code]), code
    assert sheet.find(f".//{SVG}rect").get("fill") == LIGHT.page  # type: ignore[union-attr]
    assert not list(sheet.iter(f"{SVG}image"))
    page.locator(f"{ROOM} .nfm-legend").get_by_role("button", name="all", exact=True).click()

    # Another theme repaints without a visit; the file stays on white.
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"document.querySelector('.st-key-map .nfm-room, {ROOM}') !== undefined")
    expect(page.locator(f"{ROOM}.nf-dark")).to_be_visible()
    assert ask(page, "map.overlay.colors.page") == DARK.page
    assert ask(page, "map.palette === map.paint.meta.dark")
    name, content = save(page, "png")
    assert name == "Handwritten-digits-map.png"
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", content[16:24])
    assert (wide, high > 2 * height + 200) == (2 * (width + 40), True)
    assert page.evaluate(WHITE_CORNERS, list(content)) == [[255] * 4] * 4

    # Keys walk from the regions to their items and back.
    tree = page.locator(f"{ROOM} .nfm-tree")
    live = page.locator(f"{ROOM} [aria-live]")
    page.locator(CANVAS).focus()
    page.keyboard.press("Tab")
    expect(tree).to_be_focused()
    regions = tree.get_by_role("treeitem")
    first = ask(page, "map.tree.regions[0]")
    outlined = ask(page, "map.tree.around.points.length")
    assert 0.3 * first["size"] < outlined <= first["size"]
    said = f"{first['name']}, {first['size']:,} points, {outlined:,} about its densest place"
    expect(live).to_contain_text(f"{said}, region 1 of ")
    page.keyboard.press("ArrowDown")
    expect(live).to_contain_text("region 2 of")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    row = ask(page, "map.tree.around.points[1]")
    expect(live).to_contain_text(f"2 of {outlined:,} in {first['name']}")
    expect(live).to_contain_text(f"(row {row})")  # its name has come
    focused = page.locator(f"{ROOM} #{tree.get_attribute('aria-activedescendant')}")
    assert focused.get_attribute("aria-posinset") == "2"
    assert focused.get_attribute("aria-level") == "2"
    expect(page.locator(f"{ROOM} .nfm-tip")).to_contain_text(f"row {row:,}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**item={row}*")
    settle(page)
    page.keyboard.press("ArrowLeft")
    expect(live).to_contain_text("region 1 of")
    assert regions.count() == ask(page, "map.tree.regions.length")
    page.keyboard.press("s")
    expect(page.get_by_text("items selected")).to_be_visible()
    settle(page)
    place = np.array(ask(page, "map.tree.region.place"))
    others = np.array(ask(page, "map.tree.regions.slice(1).map(({ place }) => place)"))
    units = on_grid(PLACES).places / STEPS
    own = np.linalg.norm(units - place, axis=1)
    mine = own < np.linalg.norm(units[:, None] - others[None], axis=2).min(axis=1)
    nearest = np.flatnonzero(mine)[np.argsort(own[mine], kind="stable")][: first["size"]]
    inside = set(ask(page, "[...map.tree.around.points]"))
    assert inside == set(nearest.tolist())
    assert selected(page) >= inside
    assert len(selected(page) - inside) < 0.02 * outlined
    sheet = ElementTree.fromstring(save(page, "svg")[1])
    said = " ".join(each.text or "" for each in sheet.iter(f"{SVG}text"))
    assert f"{len(selected(page)):,} points are selected; the others are pale." in said
    opacities = [float(each.get("fill-opacity", 1)) for each in sheet.iter(f"{SVG}circle")]
    with_rim = 2 * (DIGITS.n - len(selected(page)))
    assert opacities.count(min(opacities)) == with_rim
    assert sorted(opacities)[with_rim] > 2 * min(opacities)
    tree.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+s")
    page.wait_for_timeout(300)
    settle(page)
    assert selected(page) >= inside - set(ask(page, "[...map.tree.around.points]"))
    for each in page.locator(f"{ROOM} button").all():
        assert each.get_attribute("aria-label") or each.text_content()
    pressed = page.locator(f"{ROOM} .nfm-tools [aria-pressed]")
    assert [each.get_attribute("aria-pressed") for each in pressed.all()] == [
        "true",
        "false",
        "false",
    ]
    watch.check()


WHITE_CORNERS = """async (bytes) => {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(bitmap, 0, 0);
  const [right, bottom] = [bitmap.width - 1, bitmap.height - 1];
  return [[0, 0], [right, 0], [0, bottom], [right, bottom]].map(
    ([x, y]) => [...pen.getImageData(x, y, 1, 1).data]);
}"""


def pixels(page: Page, places: np.ndarray) -> np.ndarray:
    """(m, 4) red, green, blue, alpha at pixels (m, 2) of a canvas without WebGL."""
    return np.array(
        page.locator(CANVAS).evaluate(
            """(canvas, places) => {
              const ratio = canvas.width / canvas.clientWidth;
              return places.map(([x, y]) => [
                ...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data]);
            }""",
            places.tolist(),
        )
    )


def test_by_touch_and_without_webgl2(browser: Browser, app_url: str) -> None:
    visitor = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    visitor.set_default_timeout(1000 * PATIENCE)
    visitor.add_init_script(NO_WEBGL2)
    page = visitor.new_page()
    watch = Watch(page)
    page.goto(f"{app_url}/map?data=digits&projection=PCA&item=3")
    settle(page)
    expect(page.locator(f"{ROOM} .nfm-told")).to_contain_text("without WebGL2")
    canvas = page.locator(CANVAS)
    canvas.evaluate(CENTER)

    # Points stand where they should, in the colors of their classes.
    ask(page, "map.zoom(4)")
    page.wait_for_timeout(700)
    places = on_screen(page, PLACES)
    seen = ((places > 12) & (places < np.array(ask(page, "map.camera.size")) - 12)).all(axis=1)
    free = np.flatnonzero(alone(places, places, 12) & seen)
    assert len(free) > 20
    found = pixels(page, places[free])
    palette = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in class_palette(10)]
    expected = np.array(palette)[np.array(DIGITS.labels)[free]]
    assert np.abs(found[:, :3] - expected).max() < 14
    assert found[:, 3].min() > 60
    between = np.array([[x, y] for x in range(5, 380, 20) for y in range(5, 410, 20)], float)
    empty = between[np.linalg.norm(between[:, None] - places[None], axis=2).min(axis=1) > 10]
    assert pixels(page, empty)[:, 3].max() == 0

    # The tools lie beside the picture, the legend is folded.
    box, tools = canvas.bounding_box(), page.locator(f"{ROOM} .nfm-tools").bounding_box()
    assert box is not None
    assert tools is not None
    assert tools["y"] >= box["y"] + box["height"]
    assert page.locator(f"{ROOM} .nfm-legend details").get_attribute("open") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    # One finger scrolls the page, two zoom the picture, a tap selects.
    fingers = visitor.new_cdp_session(page)
    scroll = "document.querySelector('[data-testid=stMain]').scrollTop"
    before, view = page.evaluate(scroll), ask(page, "map.camera.named")
    for step in range(14):
        at = {"x": box["x"] + 180, "y": box["y"] + 300 - 15 * step}
        kind = "touchMove" if step else "touchStart"
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
        page.wait_for_timeout(16)
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)
    assert page.evaluate(scroll) > before + 80
    assert ask(page, "map.camera.named") == view
    canvas.evaluate(CENTER)
    box = canvas.bounding_box()
    assert box is not None
    zoom = ask(page, "map.camera.zoom")
    at = {"x": box["x"] + 180, "y": box["y"] + 210}
    for kind, apart in [("touchStart", 40), ("touchMove", 60), ("touchMove", 90), ("touchEnd", 0)]:
        points = [{**at, "x": at["x"] + side * apart, "id": side + 1} for side in (-1, 1)]
        fingers.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": points if apart else []},
        )
    assert ask(page, "map.camera.zoom") == pytest.approx(zoom * 90 / 40, rel=0.05)
    page.wait_for_timeout(600)
    places = on_screen(page, PLACES)
    seen = ((places > 40) & (places < np.array(ask(page, "map.camera.size")) - 40)).all(axis=1)
    row = int(np.flatnonzero(alone(places, places, 16) & seen)[0])
    canvas.tap(position={"x": float(places[row, 0]), "y": float(places[row, 1])})
    page.wait_for_url(f"**item={row}*")
    settle(page)
    assert ask(page, "map.overlay.item[0]") == row

    # A lasso selects as it does with WebGL2.
    ask(page, "map.home()")
    page.wait_for_timeout(600)
    places = on_screen(page, PLACES)
    page.get_by_role("button", name="Select with a lasso").tap()
    canvas.evaluate(CENTER)
    draw(page, circle(180, 200, 70))
    expect(page.get_by_text("items selected")).to_be_visible()
    settle(page)
    apart = np.linalg.norm(places - [180, 200], axis=1)
    assert set(np.flatnonzero(apart < 68).tolist()) <= selected(page)
    assert not selected(page) & set(np.flatnonzero(apart > 72).tolist())
    watch.check()
    visitor.close()
