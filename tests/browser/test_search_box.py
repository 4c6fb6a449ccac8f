"""The search for an item: a list while typing, taken by keys, and the next match."""

from playwright.sync_api import Page, expect

from tests.browser.harness import Watch, wait_until_idle


def test_hits_are_listed_chosen_by_keys_and_walked(page: Page, app_url: str, watch: Watch) -> None:
    page.goto(f"{app_url}/neighbors")
    wait_until_idle(page)
    box = page.get_by_role("combobox", name="Item, by text or id")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("pine")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("pitch pine")
    expect(page.locator(".nf-list [role=status]")).to_have_text("23 hits")
    assert "<" not in options.first.inner_text()
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "nf-hit-1")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Nearest to shortleaf pine")
    expect(page.locator(".nf-walk span")).to_have_text("Hit 2 of 23 for pine.")
    page.get_by_role("button", name="The next hit").click()
    expect(heading).to_contain_text("Nearest to American white pine")
    expect(box).to_have_attribute("aria-expanded", "false")
    watch.check()
