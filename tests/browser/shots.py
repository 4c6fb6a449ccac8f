"""Take screenshots by hand.

python -m tests.browser.shots --out build/screenshots
python -m tests.browser.shots --url http://127.0.0.1:8501 --pages map recall --views light
python -m tests.browser.shots --pages layers --query "item=17&ef=40" --full
"""

import argparse
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.harness import PAGES, Scheme, Watch, context, launch, server, wait_until_idle

VIEWS: dict[str, tuple[int, int, Scheme]] = {
    "light": (1440, 900, "light"),
    "dark": (1440, 900, "dark"),
    "phone": (390, 844, "light"),
}


def shoot(
    browser: Browser, url: str, page_path: str, view: str, out: Path, *, full: bool = False
) -> list[str]:
    """Save out/<page>-<view>.png and return the problems seen on the way."""
    width, height, scheme = VIEWS[view]
    opened = context(browser, width, height, scheme)
    page = opened.new_page()
    watch = Watch(page)
    page.goto(f"{url}/{page_path}")
    wait_until_idle(page)
    if full:
        tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": width, "height": max(height, int(tall))})
        wait_until_idle(page)
    out.mkdir(parents=True, exist_ok=True)
    name = page_path.split("?")[0]
    page.screenshot(path=out / f"{name}-{view}.png")
    try:
        watch.check()
    except AssertionError as error:
        return [f"{name}-{view}: {error}"]
    finally:
        opened.close()
    return []


def main() -> int:
    """Parse the command line, shoot, print problems; 1 if there were any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", help="a running server; without it, one is started")
    parser.add_argument("--out", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--pages", nargs="+", default=list(PAGES))
    parser.add_argument("--views", nargs="+", default=list(VIEWS), choices=list(VIEWS))
    parser.add_argument("--query", default="", help="added to each page's address")
    parser.add_argument("--full", action="store_true", help="the whole height of the page")
    given = parser.parse_args()
    problems: list[str] = []
    with (
        tempfile.TemporaryDirectory() as home,
        sync_playwright() as playwright,
        nullcontext(given.url) if given.url else server(Path(home)) as url,
    ):
        browser = launch(playwright)
        for page in given.pages:
            path = f"{page}?{given.query}" if given.query else page
            for view in given.views:
                problems += shoot(browser, url, path, view, given.out, full=given.full)
        browser.close()
    print("\n".join(problems) or f"screenshots in {given.out}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
