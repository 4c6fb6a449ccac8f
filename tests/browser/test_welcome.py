"""The first screen: a map with shape and what each page answers, dismissed for good."""

import pytest
from playwright.sync_api import Page, expect

from pages import OPENING, PAGES
from tests.browser.harness import Watch, wait_until_idle

PANEL = ".st-key-welcome"
CHART = ".st-key-map .js-plotly-plot"
SAID = {  # what is on the page after its action
    "data": "4,985 vectors of 384 dimensions",
    "neighbors": "7 of 10",
    "layers": "near soliton",
    "recall": "0.95",
    "thresholds": "threshold",
}


def test_the_whole_map_and_the_panel_fit_the_first_screen(
    page: Page, app_url: str, watch: Watch
) -> None:
    page.goto(app_url)
    wait_until_idle(page)
    page.wait_for_selector(CHART)
    axis = page.evaluate(f"document.querySelector('{CHART}')._fullLayout.xaxis.title.text")
    assert axis == "UMAP 1"
    for part in (CHART, PANEL, '[data-testid="stLogo"]'):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900
    watch.check()


@pytest.mark.parametrize("info", [each for each in PAGES if each.folder != OPENING])
def test_each_action_leads_to_its_page(
    page: Page, app_url: str, watch: Watch, info: object
) -> None:
    folder, action = info.folder, info.action  # type: ignore[attr-defined]
    page.goto(app_url)
    wait_until_idle(page)
    page.locator(PANEL).get_by_role("link", name=action).click()
    page.wait_for_url(f"**/{folder}**")
    wait_until_idle(page)
    expect(page.get_by_test_id("stMain")).to_contain_text(SAID[folder])
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
