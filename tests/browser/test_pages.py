"""Each page in light, dark and on a phone: nothing fails; the pictures are in build/screenshots."""

import pytest
from playwright.sync_api import Browser

from tests.browser.harness import PAGES, ROOT
from tests.browser.shots import VIEWS, shoot

OUT = ROOT / "build" / "screenshots"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("page_path", PAGES)
def test_a_page_draws_without_a_problem(
    browser: Browser, app_url: str, page_path: str, view: str
) -> None:
    assert shoot(browser, app_url, page_path, view, OUT) == []
