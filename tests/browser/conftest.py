"""Fixtures: one server and one Chromium for all browser tests, a page without a past for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.harness import CHROMIUM, Watch, context, launch, server
from tests.patience import PATIENCE

expect.set_options(timeout=1000 * PATIENCE)


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("home")) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; set NEARFIELD_CHROMIUM")
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Keeps what the server sent, so that only the first page loads and compiles the frontend."""
    opened = context(browser, 1440, 900)
    yield opened
    opened.close()


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    """A page of a visitor who was never here."""
    others = list(visitor.pages)
    opened = visitor.new_page()
    yield opened
    for each in [each for each in visitor.pages if each not in others]:
        if each.url.startswith("http"):
            each.evaluate("localStorage.clear()")
        each.close()
    visitor.clear_cookies()
    visitor.clear_permissions()


@pytest.fixture
def watch(page: Page) -> Watch:
    return Watch(page)
