"""A workspace outlives the server, and opens for whom it is shared with, in another browser."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.browser.harness import context, server, wait_until_idle
from tests.browser.test_uploads import frame
from tests.servers import free_port

FOLDER = Path(__file__).resolve().parents[2] / "build" / "screenshots"
REFUSED = "This link opens nothing here"


def open_page(visitor: BrowserContext, address: str) -> Page:
    page = visitor.new_page()
    page.goto(address)
    wait_until_idle(page)
    return page


def card(page: Page, words: str) -> None:
    expect(page.locator(".st-key-card_workspace")).to_contain_text(words)


def dialog(page: Page) -> None:
    page.get_by_role("button", name="Workspaces", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_an_upload_is_shared_kept_over_a_restart_and_deleted(
    browser: Browser, visitor: BrowserContext, tmp_path: Path
) -> None:
    file: FilePayload = {
        "name": "mine.csv",
        "mimeType": "text/csv",
        "buffer": frame().to_csv(index=False).encode(),
    }
    port, owner, guest = free_port(), visitor, context(browser, 1440, 900)
    with server(tmp_path, port, listens="0.0.0.0") as url:
        page = open_page(owner, f"{url}/data?data=not-here")
        gone = page.get_by_text("The data of this link (not-here) is not on this server")
        expect(gone).to_be_visible()
        page.wait_for_timeout(1_000)  # jobs have ended, and the page was drawn anew
        wait_until_idle(page)
        expect(gone).to_be_visible()
        chooser = page.locator('[data-testid="stMain"] input[type="file"]').first
        chooser.set_input_files([file])
        page.get_by_role("button", name="Use this data").click()
        card(page, "Whoever has its link can open it")
        expect(gone).to_have_count(0)
        wait_until_idle(page)
        dialog(page)
        page.get_by_text("Only me", exact=True).click()
        card(page, "Saved")
        expect(page.get_by_role("dialog").get_by_text("Opens exactly this view")).to_have_count(0)
        FOLDER.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=FOLDER / "workspaces.png")
        own = page.url
        (address,) = parse_qs(urlsplit(own).query)["workspace"]
        token = address.partition(".")[0]
        page.close()

    with server(tmp_path, port, listens="0.0.0.0") as url:
        link = f"{url}/neighbors?workspace={token}"
        stranger = open_page(guest, link)
        expect(stranger.get_by_text(REFUSED)).to_be_visible()
        expect(stranger.locator(".st-key-card_data")).not_to_contain_text("400 vectors")
        page = open_page(owner, own.replace("/data?", "/neighbors?"))
        expect(page.locator(".st-key-card_data")).to_contain_text("400 vectors of 12 dimensions")
        dialog(page)
        page.get_by_text("Whoever has the link", exact=True).click()
        shown = page.get_by_role("dialog").locator("code")
        expect(shown).to_contain_text(f"workspace={token}")
        expect(shown).not_to_contain_text(address)

        stranger.goto(re.sub(r"\s", "", shown.inner_text()))
        wait_until_idle(stranger)
        expect(stranger.locator(".st-key-card_data")).to_contain_text("400 vectors")
        card(stranger, "Read-only")
        expect(stranger.get_by_text(REFUSED)).to_have_count(0)
        assert address not in stranger.url

        page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("button", name="Delete for good").click()
        expect(page.get_by_role("dialog").get_by_text("was deleted")).to_be_visible()
        expect(page.locator(".st-key-card_data")).not_to_contain_text("400 vectors")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator(".st-key-card_data")).not_to_contain_text("400 vectors")
        stranger.goto(link)
        expect(stranger.get_by_text(REFUSED)).to_be_visible()
    page.close()
    owner.clear_cookies()
    guest.close()
