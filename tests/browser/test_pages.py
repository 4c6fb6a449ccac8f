"""Each page, light on a screen and dark on a phone, without a problem; see build/screenshots."""

import pytest
from playwright.sync_api import Page

from tests.browser.harness import PAGES, Scheme, Watch, wait_until_idle
from tests.servers import ROOT

OUT = ROOT / "build" / "screenshots"
SCREENS: dict[str, tuple[int, int, Scheme]] = {
    "screen": (1440, 900, "light"),
    "phone": (390, 844, "dark"),
}


@pytest.mark.parametrize("page_path", PAGES)
def test_a_page_draws_without_a_problem(
    page: Page, app_url: str, watch: Watch, page_path: str
) -> None:
    page.goto(f"{app_url}/{page_path}")  # as the first of the screens
    for screen, (width, height, scheme) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        wait_until_idle(page)
        page.screenshot(path=OUT / f"{page_path}-{screen}.png")
        watch.check()
