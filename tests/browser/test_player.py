"""The player in a real browser: it shows the search, plays it, and asks the server for nothing."""

import re
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocket, expect

from core.data import load_sample
from core.figures.player.words import fate_words, stop_meaning, stop_words
from core.index import HnswParams, build_hnsw, row_distances, search, trace_search
from core.studies import explain_misses, query_truth
from tests.browser.harness import Watch, context, wait_until_idle
from tests.patience import PATIENCE

ITEM, K, EF = 17, 10, 200
HARD, LOW_EF = 156, 10  # a row of whose neighbors a low ef misses two
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


@pytest.fixture(scope="module")
def shared(visitor: BrowserContext, app_url: str) -> Iterator[tuple[Page, Watch]]:
    """A page for tests that leave the data and the search as they are."""
    page = visitor.new_page()
    watch = Watch(page)
    open_player(page, app_url)
    yield page, watch
    page.close()


@pytest.fixture
def start(shared: tuple[Page, Watch]) -> tuple[Page, Watch]:
    """The shared page before the first hop, where the camera shows all layers."""
    page, watch = shared
    ask(page, "player.seek(0)")
    page.locator(f"{HOST} .nf-follow").check()
    return page, watch


def test_the_answer_and_the_beam_are_those_of_the_search(start: tuple[Page, Watch]) -> None:
    page, watch = start
    found = search(GRAPH, DIGITS.vectors[[ITEM]], K, EF, exclude=[ITEM])
    trace = trace_search(GRAPH, DIGITS.vectors[ITEM], K, EF, exclude=ITEM)
    assert ask(page, "[...player.panes[0].replay.answer]") == found.ids[0].tolist()
    assert ask(page, "player.lastHop") == len(trace.hops)
    assert ask(page, "player.hop") == 0
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
    bar, words = page.locator(f"{HOST} .nf-bar"), page.locator(f"{HOST} .nf-words").first
    expect(bar.locator(".nf-count")).to_have_text(f"hop 0 of {ask(page, 'player.lastHop')}")
    expect(words).to_contain_text("It starts at the entry point")
    bar.get_by_role("button", name="One hop on").click()
    expect(words).to_contain_text("Hop 1, layer")
    bar.get_by_role("button", name="To the start").click()
    bar.get_by_label("hops per second").select_option("25")
    page.locator(f"{HOST} .nf-start").click()
    expect(bar.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(f"{HOST} .nf-start")).to_be_hidden()
    expect(words).to_contain_text("Answer at ef")
    expect(bar.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert frames == []
    watch.check()


def test_each_step_says_what_the_search_compares(start: tuple[Page, Watch]) -> None:
    page, watch = start
    trace = trace_search(GRAPH, DIGITS.vectors[ITEM], K, EF, exclude=ITEM)
    lines = page.locator(f"{HOST} .nf-code li")
    descent = sum(hop.layer > 0 for hop in trace.hops)
    full = next(place for place, hop in enumerate(trace.hops) if len(hop.beam) == EF)
    for number in (descent + 1, full + 2, len(trace.hops)):
        before, hop = trace.hops[number - 2], trace.hops[number - 1]
        ask(page, f"player.seek({number})")
        expect(page.locator(f"{HOST} .nf-head")).to_contain_text(f"Hop {number}, layer 0")
        held = len(before.beam) if before.layer == 0 else 1
        stays = f"the beam holds {held} of {EF}" if held < EF else "no: "
        left = set(before.beam.tolist()) - set(hop.beam.tolist()) if before.layer == 0 else set()
        expect(lines.nth(1)).to_contain_text(stays)
        expect(lines.nth(2)).to_contain_text(f"{len(hop.visited)} of ")
        expect(lines.nth(3)).to_contain_text(f"{hop.entered.sum()} kept, {len(left)} pushed out")
        if held == EF:
            said = lines.nth(1).locator("b").inner_text().removeprefix("no: ")
            numbers = re.split(" [<=] ", said)
            assert ("=" in said) == (hop.expanded == before.beam[-1])
            assert [float(text) for text in numbers] == pytest.approx(
                [hop.expanded_distance, before.worst], rel=0.01
            )
    ask(page, "player.seek(player.lastStep)")
    expect(page.locator(f"{HOST} .nf-stop")).to_have_text(stop_words(trace.stop))
    expect(page.locator(f"{HOST} .nf-story")).to_contain_text(stop_meaning(trace.stop, trace.ef))
    expect(lines.nth(1)).to_contain_text("yes: ")
    assert lines.evaluate_all("(all) => all.map((one) => one.className)") == [
        "nf-lit",
        "nf-lit",
        "",
        "",
    ]
    watch.check()


def test_the_camera_follows_the_search_and_lets_go(start: tuple[Page, Watch]) -> None:
    page, watch = start
    weights = "player.panes[0].view.frame.weights.map((weight) => Number(weight.toFixed(2)))"
    layers = GRAPH.max_level + 1
    pale = [0.14] * layers

    def wait_for(wanted: list[float]) -> None:
        deadline = time.monotonic() + PATIENCE
        while (shown := ask(page, weights)) != wanted:
            assert time.monotonic() < deadline, shown
            page.wait_for_timeout(50)

    wait_for([1] * layers)
    ask(page, "player.seek(1)")
    wait_for([*pale[:-1], 1])
    ask(page, "player.seek(player.lastStep)")
    wait_for([1, *pale[1:]])
    page.locator(f"{HOST} .nf-follow").uncheck()
    wait_for([1] * layers)
    watch.check()


def legend(page: Page) -> list[str]:
    words: list[str] = page.locator(f"{HOST} .nf-legend span").evaluate_all(
        "(all) => all.map((one) => one.lastChild.textContent)"
    )
    return words


def test_the_legend_names_what_is_drawn_and_nothing_else(start: tuple[Page, Watch]) -> None:
    page, watch = start
    assert legend(page) == [
        "query item",
        "entry point",
        "true neighbor, not seen yet",
        "links of the layer",
        "any other node",
    ]
    ask(page, "player.seek(player.lastStep)")
    expect(page.locator(f"{HOST} .nf-legend")).to_contain_text("next candidate")
    assert "true neighbor, found" in legend(page)
    assert "expanded in this hop" not in legend(page)
    assert "true neighbor, missed" not in legend(page)
    assert "links of the chosen node" not in legend(page)
    watch.check()


def test_a_missed_neighbor_tells_what_would_have_led_to_it(
    page: Page, app_url: str, watch: Watch
) -> None:
    page.goto(f"{app_url}/layers?data=digits&item={HARD}&k={K}&ef={LOW_EF}&hop=999")
    wait_until_idle(page)
    vector = DIGITS.vectors[HARD]
    truth = query_truth(GRAPH, DIGITS.vectors, vector, K, ef_max=DIGITS.n, exclude=HARD)
    trace = trace_search(GRAPH, vector, K, LOW_EF, exclude=HARD)
    found = explain_misses(GRAPH, DIGITS.vectors, truth, trace, row_distances(GRAPH, vector))
    missed = np.flatnonzero(found.fate != "found")
    names = page.locator(f"{HOST} .nf-missed button")
    expect(names).to_have_count(len(missed))
    names.first.hover()
    place = int(missed[0])
    links_in = int(GRAPH.in_degree(0)[truth.exact.ids[0, place]])
    tip = page.locator(f"{HOST} .nf-tip")
    expect(tip).to_contain_text(fate_words(found, place, LOW_EF, links_in))
    expect(tip).to_contain_text(f"ef {truth.smallest_ef[place]} finds it")
    expect(page.locator(f"{HOST} .nf-legend")).to_contain_text("would have led there")
    walk = ask(page, f"player.panes[0].replay.pathTo({truth.exact.ids[0, place]})")
    assert walk == found.paths[place].tolist()
    assert ask(page, "player.panes[0].view.marks.pointed.strokes.count") > 0
    told, picture = tip.bounding_box(), page.locator(f"{HOST} .nf-view").bounding_box()
    assert told is not None
    assert picture is not None
    assert told["x"] >= picture["x"] + picture["width"]  # the walk is not covered
    page.locator(f"{HOST} .nf-bar").hover(position={"x": 1, "y": 1})
    expect(tip).to_be_hidden()
    assert ask(page, "player.panes[0].view.marks.pointed") is None
    watch.check()


def test_a_dot_of_the_chart_answers_as_its_node_does(
    page: Page, app_url: str, watch: Watch
) -> None:
    open_player(page, app_url)
    ask(page, "player.seek(player.lastStep)")
    trace = trace_search(GRAPH, DIGITS.vectors[ITEM], K, EF, exclude=ITEM)
    place = next(place for place, hop in enumerate(trace.hops) if hop.layer == 0) + 60
    row = trace.hops[place].expanded
    x, y = ask(
        page,
        f"[player.panes[0].chart.x({place + 1}), "
        f"player.panes[0].chart.y({trace.hops[place].expanded_distance})]",
    )
    chart = page.locator(f"{HOST} .nf-chart")
    chart.hover(position={"x": x, "y": y})
    tip = page.locator(f"{HOST} .nf-tip")
    expect(tip).to_contain_text(f"row {row:,}")
    expect(tip).to_contain_text(f"expanded in hop {place + 1}")
    chart.click(position={"x": x, "y": y})
    expect(page.get_by_text("are lit")).to_be_visible()
    wait_until_idle(page)
    assert f"node={row}" in page.url
    assert ask(page, "player.hop") == len(trace.hops) + 1  # a click on a dot moves no hop
    chart.click(position={"x": x, "y": 6})
    assert ask(page, "player.hop") == place + 1
    watch.check()


def test_the_link_opens_the_same_hop_and_camera(page: Page, app_url: str, watch: Watch) -> None:
    open_player(page, app_url, "&compare=true&ef2=20")
    ask(page, "player.seek(33)")
    canvas = page.locator(f"{HOST} .nf-gl").first
    canvas.hover(position={"x": 100, "y": 100})
    page.mouse.down()
    page.mouse.move(200, 460, steps=4)
    page.mouse.up()
    camera = ask(page, "player.panes[1].view.camera.named")
    assert camera
    expect(page).to_have_url(re.compile(rf"hop=33&camera={re.escape(camera)}"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url
    page.goto("about:blank")
    page.goto(copied)
    wait_until_idle(page)
    assert ask(page, "[player.hop, player.panes.length]") == [33, 2]
    assert ask(page, "player.panes.map((pane) => pane.view.camera.named)") == [camera] * 2
    watch.check()


def test_the_hop_stays_in_the_link_over_a_run_and_leaves_with_the_section(
    page: Page, app_url: str, watch: Watch
) -> None:
    open_player(page, app_url, "&hop=12")
    assert ask(page, "player.hop") == 12
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector(f"{HOST} .nf-dark")
    assert ask(page, "player.hop") == 12
    page.get_by_role("button", name="More").click()
    page.get_by_text("Compare with another ef").click()
    wait_until_idle(page)
    expect(page).to_have_url(re.compile("compare=true"))
    expect(page).to_have_url(re.compile("hop=12"))
    assert ask(page, "[player.hop, player.panes.length]") == [12, 2]
    page.keyboard.press("Escape")
    page.get_by_text("Anatomy", exact=True).click()
    wait_until_idle(page)
    expect(page).not_to_have_url(re.compile("hop="))
    watch.check()


def test_at_a_phone_the_words_stand_beside_play(browser: Browser, app_url: str) -> None:
    opened = context(browser, 390, 844)
    page = opened.new_page()
    watch = Watch(page)
    open_player(page, app_url)
    places = [
        page.locator(f"{HOST} .nf-{name}").bounding_box()
        for name in ("play", "words", "view", "chart")
    ]
    tops = [box["y"] for box in places if box]
    assert tops == sorted(tops)
    play, words, _, _ = (box for box in places if box)
    assert words["y"] + words["height"] - play["y"] < 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    watch.check()
    opened.close()


def test_two_searches_and_their_charts_fit_one_screen(
    page: Page, app_url: str, watch: Watch
) -> None:
    open_player(page, app_url, "&compare=true&ef2=20&hop=999")
    for chart in page.locator(f"{HOST} .nf-chart").all():
        box = chart.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900
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
    expect(page.get_by_text("are lit")).to_be_visible()
    wait_until_idle(page)
    page.get_by_role("button", name="Search for it").click()
    expect(page).to_have_url(re.compile(rf"[?&]item={row}(&|$)"))
    wait_until_idle(page)
    watch.check()
