"""The first visitor of a server follows a link to a page."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import Watch, server, wait_until_idle


def test_a_link_to_a_page_opens_it(
    browser: Browser,  # noqa: ARG001 - skips where there is none
    page: Page,
    watch: Watch,
    tmp_path: Path,
) -> None:
    with server(tmp_path) as address:
        page.goto(f"{address}/neighbors?data=digits")
        wait_until_idle(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Nearest to ")
        assert page.get_by_role("dialog").count() == 0
        watch.check()
