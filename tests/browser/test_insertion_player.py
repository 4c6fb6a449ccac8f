"""The player of insertions in a real browser: its steps, its keys, and nothing sent."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, WebSocket, expect

from core.data import load_sample
from core.index import DROPPED, HnswParams, insert_after
from tests.browser.harness import Watch, wait_until_idle

ITEM = 17
DIGITS = load_sample("digits")
HOST = ".st-key-insertion"
PAINTED = """(canvas) => {
  const pen = canvas.getContext("2d");
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let place = 3; place < data.length; place += 4) painted += data[place] > 0;
  return painted / (data.length / 4);
}"""


def ask(page: Page, expression: str) -> Any:
    """The value of a JavaScript expression of `player`."""
    room = page.locator(f"{HOST} .nf-room")
    return room.evaluate(
        f"(room) => {{ const player = room.nearfieldInsertion; return {expression} }}"
    )


def open_player(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/layers?data=digits&section=Insertion&item={ITEM}")
    wait_until_idle(page)
    expect(page.locator(f"{HOST} .nf-count")).to_contain_text("step")


@pytest.fixture(scope="module")
def shared(visitor: BrowserContext, app_url: str) -> Iterator[tuple[Page, Watch]]:
    """A page for tests that seek the step that they look at."""
    page = visitor.new_page()
    watch = Watch(page)
    open_player(page, app_url)
    yield page, watch
    page.close()


def test_each_step_shows_its_words_and_the_verdict_of_the_rule(shared: tuple[Page, Watch]) -> None:
    page, watch = shared
    made = insert_after(
        DIGITS.vectors, HnswParams(), np.delete(np.arange(DIGITS.n), ITEM), DIGITS.vectors[ITEM]
    )
    selection = made.trace.layers[-1].selection
    place = int(np.flatnonzero(selection.verdict == DROPPED)[0])
    first = ask(page, "player.content.steps.findIndex((step) => step.kind === 'rule')")
    ask(page, f"player.seek({first + place})")
    words = page.locator(f"{HOST} .nf-words")
    expect(words).to_contain_text(f"Candidate {place + 1} of {len(selection.rows)}")
    expect(words).to_contain_text("Dropped: it is nearer to the kept neighbor")
    expect(words).to_contain_text(f"{selection.against_distances[place]:.4g}")
    for picture in ("around", "rule", "ranks"):
        page.wait_for_function(
            f"(room) => ({PAINTED})(room.querySelector('.nf-{picture}')) > 0.002",
            arg=page.locator(f"{HOST} .nf-room").element_handle(),
        )
    watch.check()


def test_keys_buttons_and_parts_move_the_step_and_send_nothing(
    page: Page, app_url: str, watch: Watch
) -> None:
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda _: frames.append("received"))
        socket.on("framesent", lambda _: frames.append("sent"))

    page.on("websocket", listen)
    open_player(page, app_url)
    frames.clear()
    last = ask(page, "player.last")
    assert ask(page, "player.at") == last
    bar = page.locator(f"{HOST} .nf-bar")
    bar.get_by_role("button", name="To the start").click()
    expect(bar.locator(".nf-count")).to_have_text(f"step 1 of {last + 1}")
    page.locator(f"{HOST} .nf-room").focus()
    page.keyboard.press("ArrowRight")
    assert ask(page, "player.at") == 1
    page.keyboard.press("PageDown")
    parts = page.locator(f"{HOST} .nf-chapters")
    expect(parts.get_by_role("button", name="Layer 0: search")).to_have_attribute(
        "aria-pressed", "true"
    )
    parts.get_by_role("button", name="links back").click()
    expect(page.locator(f"{HOST} .nf-words")).to_contain_text("on layer 0")
    bar.get_by_label("steps per second").select_option("10")
    bar.get_by_role("button", name="Play").click()
    expect(page.locator(f"{HOST} .nf-words")).to_contain_text("The item is in the graph")
    expect(bar.get_by_role("button", name="Play")).to_be_visible()
    assert frames == []
    watch.check()


def test_every_kind_of_step_is_painted(shared: tuple[Page, Watch]) -> None:
    page, watch = shared
    room = page.locator(f"{HOST} .nf-room").element_handle()
    for kind in ("level", "descent", "search", "links", "back"):
        wipe = "(room) => room.querySelector('.nf-around').getContext('2d').reset()"
        page.evaluate(wipe, room)
        step = ask(page, f"player.content.steps.findIndex((step) => step.kind === '{kind}')")
        assert step >= 0
        ask(page, f"player.seek({step})")
        page.wait_for_function(
            f"(room) => ({PAINTED})(room.querySelector('.nf-around')) > 0.002", arg=room
        )
    watch.check()
