"""Links, the Back button and jobs, as a visitor sees them."""

import re

from playwright.sync_api import Page, expect

from tests.browser.harness import Watch, wait_until_idle


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    wait_until_idle(page)


def test_the_root_is_the_map_and_back_leaves_it(page: Page, app_url: str, watch: Watch) -> None:
    page.goto("about:blank")
    open_page(page, f"{app_url}/")
    expect(page.get_by_role("link", name="Map")).to_have_attribute("aria-current", "page")
    page.go_back()
    assert page.url == "about:blank"
    watch.check()


def test_the_map_is_marked_in_the_menu_at_both_of_its_addresses(
    page: Page, app_url: str, watch: Watch
) -> None:
    for address in ("/map", "/"):
        open_page(page, f"{app_url}{address}?data=digits")
        entries = page.get_by_test_id("stSidebarNavLink").filter(has_text="Map")
        expect(entries).to_have_count(1)
        expect(entries).to_have_attribute("aria-current", "page")
        page.get_by_role("link", name="Data").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Handwritten digits holds")
        expect(entries).to_have_count(1)
    watch.check()


def test_the_data_and_the_index_go_along_from_page_to_page(
    page: Page, app_url: str, watch: Watch
) -> None:
    open_page(page, f"{app_url}/layers?data=digits&m=8&seed=3")
    page.get_by_role("link", name="Recall").click()
    # Until then the old page may be idle, and a step back from it leaves the app.
    expect(page).to_have_url(re.compile(r"/recall\?"))
    wait_until_idle(page)
    expect(page.locator(".st-key-card_index")).to_contain_text("M 8, ef_construction 200, seed 3")
    assert "data=digits" in page.url
    assert "m=8" in page.url
    page.go_back()
    wait_until_idle(page)
    assert page.url == f"{app_url}/layers?data=digits&m=8&seed=3"
    watch.check()


def test_a_slow_build_shows_progress_and_can_be_stopped(
    page: Page, app_url: str, watch: Watch
) -> None:
    page.goto(f"{app_url}/data?m=120&efc=1990")
    side = page.get_by_test_id("stSidebar")
    expect(side.get_by_test_id("stProgress")).to_contain_text("rows")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    card = page.locator(".st-key-card_index")
    card.get_by_role("button", name="Stop").click()
    expect(card).to_contain_text("Building the index: stopped.")
    expect(card.get_by_role("button", name="Start again")).to_be_visible()
    watch.check()


def test_figures_follow_the_theme(page: Page, app_url: str, watch: Watch) -> None:
    page.emulate_media(color_scheme="dark")
    open_page(page, f"{app_url}/recall?data=digits")
    text = page.locator(".js-plotly-plot .xtitle").first
    light, dark = "rgb(27, 36, 48)", "rgb(228, 232, 237)"  # the text of `surface`, as a browser has
    expect(text).to_have_css("fill", dark)
    page.emulate_media(color_scheme="light")  # of the machine, while the page is open
    expect(text).to_have_css("fill", light)
    wait_until_idle(page)
    page.get_by_test_id("stMainMenu").click()
    page.get_by_test_id("stMainMenuPopover").locator("button", has_text="Dark").click()
    expect(text).to_have_css("fill", dark)
    page.get_by_test_id("stMainMenuPopover").locator("button", has_text="System").click()
    expect(text).to_have_css("fill", light)
    watch.check()
