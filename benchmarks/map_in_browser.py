"""The map in Chromium: seconds to its first picture, of a recolor and a lasso; bytes on the wire.

    python -m benchmarks.map_in_browser [rows ...]

Rows of two dimensions, which are the map as they are, are opened by their path. The build of their
index is stopped, so that what is measured is the map; Chromium draws in software unless the machine
has a GPU. Seconds are those that a visitor waits, from the click to the changed picture; of a lasso
from its end on.
"""

import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks._timing import show
from core.limits import FOLDERS
from tests.browser.harness import context, launch, server
from tests.browser.test_map import CANVAS, DRAWN, ask, circle, draw

SIZES = (10_000, 100_000, 1_000_000)
CENTERS = 300
COLUMNS = ("points", "what", "seconds", "bytes down", "bytes up", "server MB")
COLOR = "map.overlay && map.overlay.paint"
AT_REST = '[data-testid="stApp"][data-test-script-state="notRunning"]'
SELECTED = "(map.masks.arrays.selected ?? []).length"
PATIENCE = 300.0


@dataclass(eq=False)
class Wire:
    """Bytes of messages since the last `start`."""

    down: int = 0
    up: int = 0
    since: float = field(default_factory=time.monotonic)

    def listen(self, page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framereceived", self._received))
        page.on("websocket", lambda socket: socket.on("framesent", self._sent))

    def start(self) -> None:
        self.down, self.up, self.since = 0, 0, time.monotonic()

    def _received(self, frame: str | bytes) -> None:
        self.down += len(frame)

    def _sent(self, frame: str | bytes) -> None:
        self.up += len(frame)


def main(sizes: list[int]) -> None:
    table = []
    with (
        tempfile.TemporaryDirectory() as home,
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
    ):
        os.environ[FOLDERS] = folder
        for n in sizes:
            np.save(Path(folder) / f"points_{n}.npy", _points(n))
        with server(Path(home)) as url:
            browser = launch(playwright)
            for n in sizes:
                table += [(f"{n:,}", *row) for row in _measure(browser, url, f"points_{n}.npy")]
            browser.close()
    show("The map in Chromium", COLUMNS, table)


def _points(n: int) -> np.ndarray:
    random = np.random.default_rng(0)
    centers, spread = random.normal(size=(CENTERS, 2)) * 8, random.uniform(0.05, 0.6, CENTERS)
    code = random.integers(0, CENTERS, n)
    points = centers[code] + random.normal(size=(n, 2)) * spread[code, None]
    return points.astype(np.float32)


def _measure(browser: Browser, url: str, name: str) -> list[tuple[str, str, str, str, str]]:
    opened = context(browser, 1440, 900)
    page, wire = opened.new_page(), Wire()
    wire.listen(page)
    key = _open(page, url, name)
    rows = []

    def row(what: str) -> None:
        seconds = f"{time.monotonic() - wire.since:.1f}"
        rows.append((what, seconds, f"{wire.down:,}", f"{wire.up:,}", f"{_server_mb():,}"))

    wire.start()
    page.goto(f"{url}/map?data={key}")
    page.locator(CANVAS).wait_for()
    _until(page, lambda: bool(ask(page, DRAWN)))
    row("first picture")
    _quiet(page)
    before = ask(page, COLOR)
    page.locator(".st-key-color input").first.click()
    wire.start()
    page.get_by_role("option", name="density on the map").click()
    _until(page, lambda: bool(ask(page, f"{COLOR} !== {before!r} && {DRAWN}")))
    row("recolor")
    _quiet(page)
    page.get_by_role("button", name="Lasso").click()
    width, height = ask(page, "map.camera.size")
    corners = circle(width / 2, height / 2, height / 6)
    wire.start()
    draw(page, corners)
    wire.since = time.monotonic()
    _until(page, lambda: bool(ask(page, SELECTED)))
    row(f"lasso of {len(corners)} corners")
    opened.close()
    return rows


def _open(page: Page, url: str, name: str) -> str:
    """Open a file of the server's folder on the Data page; its key in links."""
    page.goto(f"{url}/data")
    page.get_by_text("Open from this server").click()
    page.locator(".st-key-_server_file input").click()
    page.get_by_role("option", name=name).click()
    page.locator(".st-key-_arrival_use button").wait_for(timeout=1000 * PATIENCE)
    page.locator(AT_REST).wait_for(timeout=1000 * PATIENCE)  # else the button can move away
    page.locator(".st-key-_arrival_use button").click()
    page.wait_for_url("**data=*", timeout=1000 * PATIENCE)
    return page.url.split("data=")[1].split("&")[0]


def _quiet(page: Page) -> None:
    """Stop what runs in the background, and wait for the run of the page that follows."""
    for _ in range(10):
        stops = page.get_by_role("button", name="Stop", exact=True)
        if not stops.count():
            return
        stops.first.click()
        page.wait_for_timeout(2000)


def _until(page: Page, come: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not come():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing came within {PATIENCE:.0f} s")
        page.wait_for_timeout(50)


def _server_mb() -> int:
    """Resident memory of the server, found among the processes that this one has started."""
    own = str(os.getpid())
    most = math.nan
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            command = (status.parent / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue  # it has ended meanwhile
        if lines["PPid"].strip() == own and b"pages.launch" in command:
            most = int(lines["VmRSS"].split()[0]) / 1000
    return 0 if math.isnan(most) else round(most)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
