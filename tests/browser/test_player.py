"""The player in a real browser: it shows the search, plays it, and asks the server for nothing."""

from typing import Any

import numpy as np
from playwright.sync_api import ConsoleMessage, Page, WebSocket, expect

from core.data import load_sample
from core.index import HnswParams, build_hnsw, search, trace_search
from tests.browser.harness import Watch, wait_until_idle

ITEM, K, EF = 17, 10, 200
DIGITS = load_sample("digits")
GRAPH = build_hnsw(DIGITS.vectors, HnswParams())
VIEW = f"data=digits&item={ITEM}&k={K}&ef={EF}"
HOST = ".st-key-layers"
PIXELS = """(canvas) => {
  const gl = canvas.getContext("webgl");
  const pixels = new Uint8Array(canvas.width * canvas.height * 4);
  gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  let painted = 0;
  for (let place = 3; place < pixels.length; place += 4) painted += pixels[place] > 0;
  return [painted / (pixels.length / 4), gl.getError()];
}"""


def ask(page: Page, expression: str) -> Any:
    """The value of a JavaScript expression of `player`."""
    room = page.locator(f"{HOST} .nf-room")
    return room.evaluate(
        f"(room) => {{ const player = room.nearfieldPlayer; return {expression} }}"
    )


def open_player(page: Page, app_url: str, more: str = "") -> None:
    page.goto(f"{app_url}/layers?{VIEW}{more}")
    wait_until_idle(page)
    expect(page.locator(f"{HOST} .nf-count")).to_contain_text("hop")


def test_the_answer_and_the_beam_are_those_of_the_search(
    page: Page, app_url: str, watch: Watch
) -> None:
    open_player(page, app_url)
    found = search(GRAPH, DIGITS.vectors[[ITEM]], K, EF, exclude=[ITEM])
    trace = trace_search(GRAPH, DIGITS.vectors[ITEM], K, EF, exclude=ITEM)
    assert ask(page, "[...player.panes[0].replay.answer]") == found.ids[0].tolist()
    assert ask(page, "player.lastHop") == len(trace.hops)
    for hop in (len(trace.hops), 40, 90, 5):  # forwards and backwards
        beam = ask(page, f"[...player.panes[0].replay.beamAfter({hop})]")
        assert sorted(beam) == sorted(
            trace.hops[hop - 1].beam.tolist() if trace.hops[hop - 1].layer == 0 else []
        )
    watch.check()


def test_playing_sends_nothing_and_ends_at_the_answer(
    page: Page, app_url: str, watch: Watch
) -> None:
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda _: frames.append("received"))
        socket.on("framesent", lambda _: frames.append("sent"))

    page.on("websocket", listen)
    open_player(page, app_url, "&compare=true&ef2=20")
    frames.clear()
    bar = page.locator(f"{HOST} .nf-bar")
    bar.get_by_role("button", name="To the start").click()
    expect(bar.locator(".nf-count")).to_have_text(f"hop 0 of {ask(page, 'player.lastHop')}")
    bar.get_by_role("button", name="One hop on").click()
    expect(page.locator(f"{HOST} .nf-words").first).to_contain_text("Hop 1, layer")
    bar.get_by_label("hops per second").select_option("25")
    bar.get_by_role("button", name="Play").click()
    expect(bar.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(f"{HOST} .nf-words").first).to_contain_text("Answer at ef")
    expect(bar.get_by_role("button", name="Play")).to_be_visible()
    assert frames == []
    watch.check()


def test_the_layers_are_painted_also_after_the_search_and_the_data_change(
    page: Page, app_url: str, watch: Watch
) -> None:
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "INVALID" in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    open_player(page, app_url)
    canvas = page.locator(f"{HOST} .nf-base")
    before, error = canvas.evaluate(PIXELS)
    assert error == 0
    page.get_by_role("button", name="Random").click()
    wait_until_idle(page)
    after, error = canvas.evaluate(PIXELS)
    assert error == 0
    # The planes alone cover a good part of the picture, whatever the search.
    assert before > 0.2
    assert abs(after - before) < 0.1
    assert complaints == []
    watch.check()


def test_a_click_lights_the_links_of_a_node(page: Page, app_url: str, watch: Watch) -> None:
    open_player(page, app_url)
    row, x, y = page.locator(f"{HOST} .nf-gl").evaluate(
        """(canvas) => {
          const player = canvas.getRootNode().querySelector(".nf-room").nearfieldPlayer;
          const view = player.panes[0].view;
          const { clientWidth: width, clientHeight: height } = canvas;
          const row = view.scene.row[0];
          const place = placeOfTest(view, row);
          return [row, ...place];
          function placeOfTest(view, row) {
            const point = view.scene.pointOfRow.get(row);
            const [x, y, z] = view.replay
              ? player.panes[0].replay.place(row, view.scene.level[point])
              : [0, 0, 0];
            const m = view.matrix;
            const w = m[3] * x + m[7] * y + m[11] * z + m[15];
            const u = (m[0] * x + m[4] * y + m[8] * z + m[12]) / w;
            const v = (m[1] * x + m[5] * y + m[9] * z + m[13]) / w;
            return [((u + 1) * width) / 2, ((1 - v) * height) / 2];
          }
        }"""
    )
    assert row == np.flatnonzero(GRAPH.levels == GRAPH.max_level)[0]
    canvas = page.locator(f"{HOST} .nf-gl")
    canvas.hover(position={"x": x, "y": y})
    expect(page.locator(f"{HOST} .nf-tip")).to_contain_text(f"row {row:,}")
    canvas.click(position={"x": x, "y": y})
    expect(page.get_by_text("are lit")).to_be_visible(timeout=20_000)
    wait_until_idle(page)
    page.get_by_role("button", name="Search for it").click()
    wait_until_idle(page)
    assert f"item={row}" in page.url
    watch.check()
