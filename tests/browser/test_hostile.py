"""A set whose every text tries something is walked through every page, in one visit.

Names of files, columns and labels, and cells, hold HTML, Markdown, LaTeX, addresses, formulas,
controls and marks that turn the order of letters. None becomes an element, a request or a dialog,
none hides or turns anything, and every page works.
"""

import json
from collections.abc import Iterator
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import FilePayload, Page, expect

from pages.recall.studies.chooser import STUDIES
from tests.browser.harness import PAGES, Watch, wait_until_idle
from tests.patience import PATIENCE

EVIL = "evil.example"
MARKUP = f'<img src="https://{EVIL}/a.png" onerror="alert(1)"><script>alert(2)</script>'
MARKDOWN = (
    f"![x](https://{EVIL}/b.png) [a link](javascript:alert(3)) `x` **b** $\\frac{{1}}{{2}}$ "
    f":red[r] :material/home: <https://{EVIL}> # h"
)
ADDRESSES = f"www.{EVIL} someone@{EVIL} https://{EVIL}/ //{EVIL}"
FORMULA = f'=HYPERLINK("https://{EVIL}","x")'
TURNED = "a\u202e\u2067gpj.exe\u200b\x00\x1b[31m"
HEBREW = "\u05e9\u05dc\u05d5\u05dd 12 \U0001f468\u200d\U0001f469\u200d\U0001f467"
LONG = "x" * 10_000
LABELS = (MARKUP, MARKDOWN, ADDRESSES, FORMULA, TURNED, HEBREW, LONG)
EACH = 20  # rows of a label
NAME = f'{MARKUP}{TURNED}"{FORMULA}.json'.replace("\x00", "")
HIDDEN = "\u202e\u2067\u200b\x00\x1b"

# Every element of the page and of the shadows in it: what it would load or lead to, and its text.
LOOK = f"""() => {{
  const found = [], texts = [];
  const walk = (root) => {{
    for (const each of root.querySelectorAll("*")) {{
      for (const name of each.getAttributeNames()) {{
        const value = each.getAttribute(name);
        if (name.startsWith("on")) found.push(`${{each.tagName}} ${{name}}`);
        if (["src", "href", "srcset", "action", "xlink:href", "style"].includes(name) &&
            /{EVIL}|javascript:/i.test(value)) found.push(`${{each.tagName}} ${{name}} ${{value}}`);
        if (name === "title" || name.startsWith("aria-")) texts.push(value);
      }}
      if (each.shadowRoot) walk(each.shadowRoot);
    }}
    texts.push(root.textContent);
  }};
  walk(document.documentElement);
  return [found, texts.join(" ")];
}}"""


def content() -> bytes:
    """One object a row: a cluster for each label, and texts in columns that are named as badly."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(len(LABELS), 8)) * 3
    rows = [
        {
            "vector": np.round(centers[place] + random.normal(size=8), 4).tolist(),
            "label": label,
            f"{MARKUP}{TURNED}": f"{LABELS[(place + number) % len(LABELS)][:300]} {number}",
            FORMULA: f"-{number} of {label[:40]}",
            f"javascript:alert(4)//{LONG[:500]}": ("=1+1", MARKUP, TURNED)[number % 3],
            "picture": f"https://{EVIL}/{place}-{number}.png",
            "drawing": f"data:image/svg+xml,<svg onload='alert(5)'><image href='https://{EVIL}'/>",
            "number": number,
        }
        for place, label in enumerate(LABELS)
        for number in range(EACH)
    ]
    return json.dumps(rows).encode()


def look(page: Page, watch: Watch) -> None:
    """Nothing of the data became an element, and nothing in it is hidden."""
    found, text = page.evaluate(LOOK)
    assert found == []
    assert [hex(ord(letter)) for letter in HIDDEN if letter in text] == []
    watch.check()


def views(page: Page, app_url: str, link: str) -> Iterator[str]:
    """Open each section of each page, and each study; the name of what is shown now."""
    for path in PAGES:
        page.goto(f"{app_url}/{path}?{link}")
        wait_until_idle(page)
        sections = page.get_by_role("radiogroup", name="View").get_by_role("radio")
        names = [each.inner_text() for each in sections.all()] or [path]
        for number, section in enumerate(names):
            if number:  # the first is shown
                choose(page, "View", section)
            yield section
            if section == "Studies":
                page.get_by_role("button", name="Open").first.click()
                for study in STUDIES:
                    choose(page, "Study", study.title)
                    yield study.title


def choose(page: Page, group: str, name: str) -> None:
    page.get_by_role("radiogroup", name=group).get_by_role("radio", name=name, exact=True).click()
    wait_until_idle(page)


def test_a_hostile_set_is_shown_letter_by_letter(
    page: Page, app_url: str, watch: Watch, tmp_path: Path
) -> None:
    page.goto(f"{app_url}/data?data=digits")
    wait_until_idle(page)
    chooser = page.locator('[data-testid="stMain"] input[type="file"]').first
    file: FilePayload = {"name": NAME, "mimeType": "text/json", "buffer": content()}
    chooser.set_input_files([file])
    use = page.get_by_role("button", name="Use this data")
    expect(use).to_be_visible()
    expect(page.get_by_test_id("stFileChip")).to_have_count(0)  # Streamlit's own list of files
    look(page, watch)
    use.click()
    expect(page.locator(".st-key-card_data")).to_contain_text("140 vectors of 8 dimensions")
    wait_until_idle(page)
    link = page.url.split("?")[1]
    files = list[Path]()
    seen = list[str]()
    for view in views(page, app_url, link):
        run = page.get_by_role("button", name="Run the study")
        if run.count():
            run.click()
            wait_until_idle(page)
        expect(page.get_by_role("heading", level=1)).not_to_contain_text("on its way")
        look(page, watch)
        seen.append(view)
        for button in page.get_by_role("button", name="HTML").all():
            with page.expect_download() as download:
                button.click()
            files.append(tmp_path / f"{len(files)}.html")
            download.value.save_as(files[-1])
            assert not set(download.value.suggested_filename) & set(HIDDEN + '<>:"/\\|?*=')
    assert len(seen) > len(PAGES) + len(STUDIES) + 15
    assert {study.title for study in STUDIES} < set(seen)
    assert len(files) == 3  # the player, and the reports of Recall and Thresholds
    for path in files:
        page.goto(path.as_uri())
        expect(page.locator("canvas, .main-svg").first).to_be_visible()
        look(page, watch)


def asked(app_url: str, path: str, **headers: str) -> tuple[int, Message]:
    """The status and the headers of an answer."""
    server = urlsplit(app_url)
    connection = HTTPConnection(server.hostname or "", server.port, timeout=PATIENCE)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.headers
    connection.close()
    return found


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/health", "/map"])
def test_what_a_request_is_answered(app_url: str, path: str) -> None:
    status, headers = asked(app_url, path)
    assert status == (404 if path.endswith("metrics") else 200)
    assert "default-src 'none'" in headers["content-security-policy"]
    status, headers = asked(app_url, path, host=f"{EVIL}:80")
    assert status == {"/health": 200, "/map": 421}.get(path, 404)
    assert "default-src 'none'" in headers["content-security-policy"]


def test_a_page_of_another_site_opens_no_connection(app_url: str) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    }
    for origin, status in ((app_url, 101), (f"http://{EVIL}", 403)):
        assert asked(app_url, "/_stcore/stream", **upgrade, Origin=origin)[0] == status
