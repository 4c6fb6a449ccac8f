"""The first screen: a map with shape and what each page answers, dismissed for good."""

import re

import pytest
from playwright.sync_api import Page, expect

from pages import PAGES
from tests.browser.harness import Watch, wait_until_idle

PANEL = ".st-key-welcome"
CHART = ".st-key-map .nfm-view"
SAID = {  # by the heading, after the action of a page that sets controls
    "neighbors": "Nearest to soliton is cold wave at cosine distance 0.631; the index finds 7",
    "layers": "the search near soliton expands 19 nodes",
    "recall": "reaches a recall@10 of 0.95",
}


def test_the_whole_map_and_the_panel_fit_the_first_screen(
    page: Page, app_url: str, watch: Watch
) -> None:
    page.goto(app_url)
    wait_until_idle(page)
    page.wait_for_selector(CHART)
    room = page.locator(".st-key-map .nfm-room")
    assert room.evaluate("(room) => room.nearfieldMap.overlay.axes[0]") == "UMAP 1"
    for part in (CHART, PANEL, '[data-testid="stSidebarLogo"]'):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900
    watch.check()


@pytest.mark.parametrize("folder", SAID)
def test_an_action_sets_the_controls_of_its_page(
    page: Page, app_url: str, watch: Watch, folder: str
) -> None:
    page.goto(app_url)
    wait_until_idle(page)
    (action,) = (info.action for info in PAGES if info.folder == folder)
    page.locator(PANEL).get_by_role("link", name=action).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(SAID[folder])
    expect(page).to_have_url(re.compile(rf"{re.escape(app_url)}/{folder}\?"))
    watch.check()


def test_it_is_dismissed_for_good(page: Page, app_url: str, watch: Watch) -> None:
    page.goto(app_url)
    wait_until_idle(page)
    page.locator(PANEL).get_by_role("button", name="Do not show this again").click()
    expect(page.locator(PANEL)).to_have_count(0)
    wait_until_idle(page)
    page.wait_for_function("() => document.cookie.includes('nearfield_welcome=dismissed')")
    later = page.context.new_page()  # a visit with a session of its own
    later.goto(app_url)
    wait_until_idle(later)
    expect(later.locator(PANEL)).to_have_count(0)
    watch.check()
