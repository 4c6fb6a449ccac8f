"""A login by OpenID Connect, the whole way: provider, cookie, page, log out, and who is refused."""

import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core import limits
from tests.browser.harness import server
from tests.browser.provider import PEOPLE
from tests.servers import free_port, started

DOOR = ".st-key-door"
WHO = ".st-key-card_who"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, log = free_port(), tmp_path_factory.mktemp("provider") / "log"
    command = [sys.executable, "-W", "ignore", "-m", "tests.browser.provider", str(port)]
    url = f"http://127.0.0.1:{port}"
    with started(command, f"{url}/.well-known/openid-configuration", log):
        yield url


@pytest.fixture(scope="module")
def login_url(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app, which lets in the addresses of one domain."""
    port = free_port()
    settings = {
        limits.OIDC_URL: provider,
        limits.OIDC_CLIENT: "nearfield",
        limits.OIDC_SECRET: "of the provider",
        limits.PUBLIC_URL: f"http://127.0.0.1:{port}",
        limits.COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
        limits.ALLOW: "@lab.example",
        limits.ADMINS: "anna@lab.example",
        "AUTHLIB_INSECURE_TRANSPORT": "1",  # for the provider's side of the library
    }
    with server(tmp_path_factory.mktemp("home"), port, settings) as url:
        yield url


def log_in(page: Page, person: str) -> None:
    """Log in at the provider, which knows its people and asks for no password."""
    page.get_by_role("button", name=person).click()


def log_out(page: Page, label: str) -> None:
    """Leave here and at the provider, which asks once more."""
    page.get_by_role("button", name=label).click()
    page.wait_for_url("**/end_session**")
    page.get_by_role("button", name="End session").click()


def test_nothing_is_seen_before_the_login_and_the_address_is_kept(
    page: Page, login_url: str
) -> None:
    asked_for = f"{login_url}/neighbors?item=1717&k=5"
    page.goto(asked_for)
    door = page.locator(DOOR)
    expect(door).to_contain_text("Log in, and you come to the page that you opened.")
    shell = page.locator("#nearfield-shell")
    expect(shell).to_be_hidden()
    assert "WordNet" not in page.content()
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)

    page.get_by_role("button", name="Log in").click()
    log_in(page, "chen")  # of another domain
    expect(door).to_contain_text("You are known as Chen, who is not among those who may enter")
    assert "WordNet" not in page.content()

    log_out(page, "Log in as somebody else")
    page.goto(asked_for)
    page.get_by_role("button", name="Log in").click()
    log_in(page, "boris")  # of the domain, but the provider has not verified the address
    expect(door).to_contain_text("You are known as Boris, who is not among those who may enter")

    log_out(page, "Log in as somebody else")
    asked_for = f"{login_url}/status?metric=euclidean"  # a page that only some come to
    page.goto(asked_for)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/oauth2/authorize?*nonce=*code_challenge_method=S256*")
    log_in(page, "anna")
    expect(page.locator(WHO)).to_contain_text(str(PEOPLE["anna"]["name"]))
    expect(page).to_have_url(asked_for)
    expect(page.locator(".st-key-answer")).to_contain_text("This server has run for")
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert "_streamlit_user" in names
    assert "nearfield_asked_for" not in names

    log_out(page, "Log out")
    expect(door).to_contain_text("Log in, and you come to the page that you opened.")
    page.goto(asked_for)
    expect(door).to_contain_text("Log in, and you come to the page that you opened.")
