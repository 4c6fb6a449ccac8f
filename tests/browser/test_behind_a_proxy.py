"""Behind a reverse proxy that says who asks, below a path: pages, websocket, uploads."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import FilePayload, Page, expect

from core import limits
from tests.browser.harness import Watch, server
from tests.core.data.files import as_npy
from tests.servers import free_port, started

BASE = "tools/nearfield"
ROWS = 100_000  # more than the megabyte from which an upload is written to the disk


@dataclass(frozen=True)
class Addresses:
    """Where a browser reaches the app: through the proxy, and past it."""

    public: str
    direct: str


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    port, public, home = free_port(), free_port(), tmp_path_factory.mktemp("home")
    settings = {
        limits.USER_HEADER: "X-Forwarded-Email",
        limits.PROXY_ADDRESSES: "127.0.0.1",
        limits.ADMINS: "anna@lab.example",
        limits.PUBLIC_URL: f"http://127.0.0.1:{public}/{BASE}",
    }
    command = [sys.executable, "-m", "tests.browser.proxy", str(public), str(port)]
    command += ["X-Forwarded-Email", "anna@lab.example"]
    health = f"http://127.0.0.1:{public}/{BASE}/_stcore/health"
    with server(home, port, settings) as url, started(command, health, home / "proxy.log"):
        yield Addresses(f"http://127.0.0.1:{public}/{BASE}", f"{url}/{BASE}")


def test_a_person_is_known_below_a_path_and_nobody_past_the_proxy(
    page: Page, addresses: Addresses, watch: Watch
) -> None:
    page.goto(f"{addresses.public}/data?data=digits")
    who = page.locator(".st-key-card_who")
    expect(who).to_contain_text("anna@lab.example")
    expect(who.get_by_role("button")).to_have_count(0)  # the proxy lets in, and out
    numbers = np.random.default_rng(0).normal(size=(ROWS, 4)).astype(np.float32)
    file: FilePayload = {"name": "mine.npy", "mimeType": "", "buffer": as_npy(numbers)}
    chooser = page.locator('[data-testid="stMain"] input[type="file"]').first
    chooser.set_input_files([file])
    expect(page.get_by_role("button", name="Use this data")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".st-key-answer")).to_contain_text("Handwritten digits")

    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Status").click()
    expect(page.locator(".st-key-answer")).to_contain_text("This server has run for")
    expect(page).to_have_url(f"{addresses.public}/status?data=digits")
    watch.check()

    page.goto(f"{addresses.direct}/data")
    expect(page.locator(".st-key-door")).to_contain_text("This server is reached through a proxy")
    assert "anna@lab.example" not in page.content()
