"""A real server and a real Chromium for the tests of what only a browser shows."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Playwright

import pages
from tests.patience import PATIENCE
from tests.servers import app

CHROMIUM = os.environ.get("NEARFIELD_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # the CPU paints a page faster than an imitated graphics card
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAGES = tuple(info.folder for info in pages.PAGES)
# Resolves once the page has been idle for so long; looks from inside, which costs next to nothing.
IDLE = """(seconds) => new Promise((resolve) => {
  const icons = ["StatusWidgetRunningIcon", "StatusWidgetRunningManIcon"];
  const signs = [...icons, "Skeleton", "Spinner", "Progress"];
  const shown = signs.map((sign) => `[data-testid="st${sign}"]`).join();
  let since = performance.now();
  const look = () => {
    const state = document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState;
    const runs = ["running", "rerunRequested", undefined].includes(state);
    if (runs || document.querySelector(shown)) since = performance.now();
    if (performance.now() - since >= 1000 * seconds) resolve(true);
    else setTimeout(look, 100);
  };
  look();
})"""
TELL_WHAT_IS_FORBIDDEN = """document.addEventListener("securitypolicyviolation", (event) => {
  nearfieldForbidden(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});"""
Scheme = Literal["light", "dark"]
QUIET = 0.8  # seconds without work after which a page counts as idle
OURS_IS_NOT = ("WebGL", "GPU stall", "swiftshader", "preloaded using link preload")


@contextmanager
def server(
    home: Path,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    listens: str = "127.0.0.1",
) -> Iterator[str]:
    """Run the app, as `servers.app` does; its address."""
    with app(home, port=port, settings=settings, listens=listens) as (url, _):
        yield url


def launch(playwright: Playwright) -> Browser:
    """Chromium with software WebGL."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=ARGUMENTS, timeout=1000 * PATIENCE
    )


def context(browser: Browser, width: int, height: int, scheme: Scheme = "light") -> BrowserContext:
    """A fresh visitor, whose waits all have the same patience."""
    opened = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    opened.set_default_timeout(1000 * PATIENCE)
    opened.set_default_navigation_timeout(1000 * PATIENCE)
    return opened


def wait_until_idle(page: Page) -> None:
    """Wait for the answer, until no script runs and no job shows progress for a while."""
    page.wait_for_selector(".st-key-answer")
    page.wait_for_function(IDLE, arg=QUIET, timeout=1000 * PATIENCE)


class Watch:
    """Collects what must not happen on a page.

    Console errors, failed scripts, error boxes, what the policy of the page forbids, requests to
    other servers and dialogs.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.problems = page, list[str]()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("request", lambda request: self._ask(request.url))
        page.on("dialog", self._close)
        page.expose_function("nearfieldForbidden", self._forbid)
        page.add_init_script(TELL_WHAT_IS_FORBIDDEN)

    def check(self) -> None:
        """Raise AssertionError if anything went wrong so far."""
        for box in self.page.locator('[data-testid="stException"]').all():
            self.problems.append(f"exception box: {box.inner_text()[:300]}")
        for box in self.page.locator('[data-testid="stAlertContentError"]').all():
            self.problems.append(f"error message: {box.inner_text()[:300]}")
        assert not self.problems, "\n".join(self.problems)

    def _ask(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:", "file:")):
            self.problems.append(f"request to another server: {url[:300]}")

    def _close(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message[:300]}")
        dialog.dismiss()

    def _forbid(self, told: str) -> None:
        self.problems.append(f"forbidden by the policy: {told[:300]}")

    def _hear(self, message: ConsoleMessage) -> None:
        if "/_stcore/" in message.location.get("url", ""):
            return  # Streamlit looks for its own server below the page's address first
        if message.type == "error" and not any(part in message.text for part in OURS_IS_NOT):
            self.problems.append(f"console: {message.text[:300]}")
