"""What is chosen on one page is there on the next one, and what a link asks for is done."""

from playwright.sync_api import Page, expect

from tests.browser.harness import Watch, wait_until_idle


def test_the_item_of_the_map_is_that_of_its_neighbors(
    page: Page, app_url: str, watch: Watch
) -> None:
    page.goto(f"{app_url}/map?data=digits")
    wait_until_idle(page)
    item = page.get_by_role("spinbutton", name="Item, row id")
    item.fill("17")
    item.press("Enter")
    expect(page.locator('[data-testid="stMain"]')).to_contain_text("true nearest to 7 (row 17)")
    wait_until_idle(page)
    page.get_by_role("link", name="Neighbors").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nearest to 7 (row 17) is ")
    wait_until_idle(page)
    expect(page.get_by_role("spinbutton", name="Item, row id")).to_have_value("17")
    assert "item=17" in page.url
    watch.check()


def test_the_census_of_a_broken_graph_is_one_click_away(
    page: Page, app_url: str, watch: Watch
) -> None:
    # Under inner product 229 of the 1,797 digits cannot be reached.
    page.goto(f"{app_url}/recall?data=digits&metric=inner_product")
    wait_until_idle(page)
    expect(page.get_by_test_id("stAlertContentWarning")).to_contain_text("This index loses 12.7 %")
    main = page.get_by_test_id("stMain")
    main.get_by_role("link", name="See why").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("not found by their own vector")
    wait_until_idle(page)
    assert page.url.startswith(f"{app_url}/layers?")
    assert "section=Anatomy" in page.url
    assert "metric=inner_product" in page.url
    chosen = page.get_by_role("radio", name="Anatomy")
    expect(chosen).to_be_checked()
    expect(page.get_by_role("heading", name="Census")).to_be_visible()
    wait_until_idle(page)
    main.get_by_role("button", name="Try a fix: M 32").click()
    expect(page.get_by_role("radio", name="What if")).to_be_checked()
    expect(page.get_by_role("spinbutton", name="M", exact=True)).to_have_value("32")
    watch.check()


def test_the_health_of_an_index_comes_by_itself_into_the_side_bar(
    page: Page, app_url: str, watch: Watch
) -> None:
    page.goto(f"{app_url}/data?data=digits&m=7")
    card = page.locator(".st-key-card_index")
    expect(card).to_contain_text("sound: 500 items searched for, all found")
    watch.check()


def test_a_line_of_the_hardest_queries_plays_its_search(
    page: Page, app_url: str, watch: Watch
) -> None:
    page.goto(f"{app_url}/recall?data=digits&section=Queries&k=5&ef=20")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("the hardest needs")
    for line in (1, 2):  # a second time, too, when both pages have been seen
        wait_until_idle(page)
        page.get_by_test_id("stDataFrame").click(position={"x": 120, "y": 35 * line + 18})
        expect(heading).to_contain_text("(held-out row ")
        wait_until_idle(page)
        assert page.url.startswith(f"{app_url}/layers?data=digits")
        assert "k=5" in page.url
        assert "query=held-out+row" in page.url
        expect(page.get_by_role("radio", name="Search", exact=True)).to_be_checked()
        page.get_by_role("link", name="Recall").click()
        expect(heading).to_contain_text("the hardest needs")  # where it was left
    watch.check()
