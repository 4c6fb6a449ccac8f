"""Who asks, by where a server listens and by what a request says of its way."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import limits
from core.errors import ParameterError
from pages.ui.controls import door
from pages.ui.session import visitor
from pages.ui.session.access import Access, Rule, is_loopback, read_access
from pages.ui.session.visitor import (
    LOCAL,
    Refusal,
    Visitor,
    by_claims,
    by_header,
    is_at_this_machine,
    name_of,
)
from tests.pages.conftest import new_app

NOW = 1_800_000_000.0
CLAIMS: dict[str, Any] = {
    "is_logged_in": True,
    "iss": "https://id.example",
    "sub": "17",
    "iat": NOW - 60,
    "name": "Anna Lind",
    "email": "anna@lab.example",
    "email_verified": True,
}
LOGIN = Access("login", allow=(Rule("email", "@lab.example", whole=False),))


@pytest.mark.parametrize(
    ("address", "headers", "local"),
    [
        ("localhost", {"Host": "localhost:8501"}, True),
        ("127.0.0.1", {"Host": "127.0.0.1:8501"}, True),
        ("::1", {"Host": "[::1]:8501"}, True),
        ("0.0.0.0", {"Host": "localhost:8501"}, False),  # others reach it as well
        (None, {"Host": "localhost:8501"}, False),  # Streamlit then listens everywhere
        ("", {"Host": "localhost:8501"}, False),
        ("192.168.1.7", {"Host": "192.168.1.7"}, False),
        ("localhost", {"Host": "evil.example:8501"}, False),  # a name that was bound to 127.0.0.1
        ("localhost", {"Host": "localhost.evil.example"}, False),
        ("localhost", {"Host": ""}, False),
        ("localhost", {"Host": "[::1"}, False),
        ("localhost", {"Host": "localhost", "X-Forwarded-For": "203.0.113.9"}, False),
        ("localhost", {"Host": "localhost", "Via": "1.1 proxy"}, False),
        ("localhost", {}, True),  # no server: a test
    ],
)
def test_who_is_at_this_machine(address: str | None, headers: dict[str, str], local: bool) -> None:
    assert is_at_this_machine(address, headers) is local


def test_loopback_is_more_than_one_address() -> None:
    assert is_loopback("127.8.9.1")
    assert is_loopback("LOCALHOST.")
    assert not is_loopback("10.0.0.1")
    assert not is_loopback("local")


def _who() -> None:
    import streamlit as st

    from pages.ui.session.visitor import visitor

    st.text(repr(visitor()))


def test_a_page_without_a_server_is_the_local_users() -> None:
    assert AppTest.from_function(_who).run().text[0].value == repr(LOCAL)


def test_each_session_of_an_open_server_is_an_owner_that_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pages.ui.session.visitor.is_at_this_machine", lambda *_: False)
    one, other = AppTest.from_function(_who).run(), AppTest.from_function(_who).run()
    first = one.text[0].value
    assert "name='a visitor', is_local=False, is_admin=False" in first
    assert one.run().text[0].value == first
    assert other.text[0].value != first


def owner_of(asked: Visitor | Refusal) -> str:
    assert isinstance(asked, Visitor)
    return asked.owner


def test_a_person_of_a_provider_is_an_owner_by_issuer_and_subject_alone() -> None:
    anna = by_claims(LOGIN, CLAIMS, NOW)
    assert isinstance(anna, Visitor)
    assert (anna.name, anna.is_local, anna.is_admin) == ("Anna Lind", False, False)
    assert re.fullmatch(r"login:[0-9a-f]{32}", anna.owner)
    renamed = CLAIMS | {"name": "A. Berg", "email": "berg@lab.example", "iat": NOW}
    assert owner_of(by_claims(LOGIN, renamed, NOW)) == anna.owner
    others = (CLAIMS | {"sub": "18"}, CLAIMS | {"iss": "https://other.example"})
    split = CLAIMS | {"iss": "https://id.example1", "sub": "7"}
    owners = {owner_of(by_claims(LOGIN, claims, NOW)) for claims in (CLAIMS, *others, split)}
    assert len(owners) == 4


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"is_logged_in": False}, Refusal("unknown")),
        ({"is_logged_in": "yes"}, Refusal("unknown")),
        ({"sub": None}, Refusal("unknown")),
        ({"iss": ""}, Refusal("unknown")),
        ({"email": "anna@elsewhere.example"}, Refusal("not allowed", "Anna Lind")),
        ({"email_verified": False}, Refusal("not allowed", "Anna Lind")),
        ({"iat": NOW - 168 * 3600 - 1}, Refusal("expired", "Anna Lind")),
        ({"iat": None}, Refusal("expired", "Anna Lind")),
        ({"iat": "now", "name": None}, Refusal("expired", "anna@lab.example")),
    ],
)
def test_who_is_not_let_in(changed: dict[str, Any], refusal: Refusal) -> None:
    assert by_claims(LOGIN, CLAIMS | changed, NOW) == refusal


def test_a_name_hides_nothing_and_is_short() -> None:
    turned = by_claims(LOGIN, CLAIMS | {"name": "\u202eannA" + "a" * 100}, NOW)
    assert isinstance(turned, Visitor)
    assert turned.name.startswith("[U+202E]annAa")
    assert len(turned.name) == 80


def test_a_visitor_without_a_login_has_no_claims() -> None:
    assert by_claims(LOGIN, {}, NOW) == Refusal("unknown")


def test_the_time_of_a_login_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.LOGIN_HOURS.variable, "1")
    assert isinstance(by_claims(LOGIN, CLAIMS | {"iat": NOW - 3600}, NOW), Visitor)
    assert by_claims(LOGIN, CLAIMS | {"iat": NOW - 3601}, NOW) == Refusal("expired", "Anna Lind")


def test_a_proxy_names_one_person_and_only_from_its_address() -> None:
    settings = {limits.USER_HEADER: "X-User", limits.PROXY_ADDRESSES: "10.0.0.5"}
    rules = read_access(settings | {limits.ADMINS: "boss@lab.example"}, None)
    anna = by_header(rules, [" anna@lab.example "], "10.0.0.5")
    assert isinstance(anna, Visitor)
    assert (anna.name, anna.is_local, anna.is_admin) == ("anna@lab.example", False, False)
    assert owner_of(by_header(rules, ["Anna@Lab.example"], "10.0.0.5")) == anna.owner
    boss = by_header(rules, ["boss@lab.example"], "10.0.0.5")
    assert isinstance(boss, Visitor)
    assert boss.is_admin
    nobody = Refusal("unknown")
    assert by_header(rules, ["anna@lab.example"], "10.0.0.6") == nobody
    assert by_header(rules, ["anna@lab.example"], None) == nobody
    assert by_header(rules, [], "10.0.0.5") == nobody
    assert by_header(rules, [""], "10.0.0.5") == nobody
    assert by_header(rules, ["anna@lab.example", "boss@lab.example"], "10.0.0.5") == nobody


def test_an_owner_without_a_name_is_called_by_its_kind() -> None:
    assert name_of("local") == "this machine"
    assert name_of("visitor:never-seen") == "visitor"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings are read anew, and again after the test."""
    visitor.access.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    visitor.access.cache_clear()


def test_wrong_settings_let_nobody_in(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(limits.ALLOW, "@lab.example")
    app = new_app().run()
    assert not app.exception
    assert [title.value for title in app.title] == ["Nobody can enter"]
    assert app.text[0].value == door.words(Refusal("wrong settings"), "")
    assert len(app.sidebar.button) == 0


def test_a_login_of_the_environment_needs_the_command_that_reads_it(
    environment: pytest.MonkeyPatch,
) -> None:
    for name in (limits.OIDC_URL, limits.OIDC_CLIENT, limits.OIDC_SECRET, limits.COOKIE_SECRET):
        environment.setenv(name, "https://id.example/0123456789abcdef")
    environment.setenv(limits.PUBLIC_URL, "https://nearfield.example")
    environment.setenv(limits.ALLOW, "*")
    with pytest.raises(ParameterError, match="is used by `nearfield` and"):
        visitor.access()


def test_a_header_needs_a_server_that_tells_the_real_address(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv(limits.USER_HEADER, "X-User")
    environment.setenv(limits.PROXY_ADDRESSES, "10.0.0.5")
    environment.delenv(visitor.PEER_IS_REAL, raising=False)
    with pytest.raises(ParameterError, match="FORWARDED_ALLOW_IPS must be set to nothing"):
        visitor.access()
    environment.setenv(visitor.PEER_IS_REAL, "")
    assert visitor.access().way == "header"


def test_damaged_secrets_are_no_missing_ones(
    environment: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n")
    st.secrets._reset()
    environment.setattr(st, "get_option", {"secrets.files": [str(broken)]}.get)
    environment.setattr("streamlit.config.get_option", {"secrets.files": [str(broken)]}.get)
    with pytest.raises(ParameterError, match="The secrets could not be read"):
        visitor.login_in_files()
    broken.unlink()
    assert visitor.login_in_files() is None


def test_one_user_is_the_local_one(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(limits.ONE_USER, "yes")
    environment.setattr(visitor, "is_at_this_machine", lambda *_: False)
    assert AppTest.from_function(_who).run().text[0].value == repr(LOCAL)


def test_the_router_shows_the_login_and_nothing_else(environment: pytest.MonkeyPatch) -> None:
    environment.setattr(visitor, "access", lambda: LOGIN)
    app = new_app().run()
    assert not app.exception
    assert [title.value for title in app.title] == ["Nearfield"]
    assert [button.label for button in app.button] == ["Log in"]
    app.user = CLAIMS | {"email": "anna@elsewhere.example", "iat": NOW}
    environment.setattr("time.time", lambda: NOW)
    app.run()
    assert [title.value for title in app.title] == ["No entry"]
    assert [button.label for button in app.button] == ["Log in as somebody else"]


def test_what_the_door_says() -> None:
    assert door.words(Refusal("not allowed", "Chen"), "login") == (
        "You are known as Chen, who is not among those who may enter here. Ask whoever runs this "
        "server to add you."
    )
    assert door.words(Refusal("expired", "Anna"), "login") == (
        "The login of Anna has ended after the time that this server allows."
    )
    assert door.words(Refusal("unknown"), "header").startswith(
        "This server is reached through a proxy that says who asks"
    )
    assert door.words(Refusal("unknown"), "login").endswith(
        "Log in, and you come to the page that you opened."
    )
