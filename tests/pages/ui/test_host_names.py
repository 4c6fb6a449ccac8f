"""Which names the server answers to, and which pages may open a connection to it."""

from typing import Any

import pytest
from starlette.types import Message, Scope

from core.errors import ParameterError
from core.limits import HOSTS
from pages.ui.server.host_names import LOCAL, HostNames, known_hosts
from tests import loops


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOSTS, raising=False)


def asked(
    host: str | None,
    *hosts: str,
    kind: str = "http",
    origin: str | None = None,
    path: str = "/map",
) -> str | int:
    """The host that the app behind was asked under, or the status of what was answered instead."""
    seen = list[str]()
    sent = list[Message]()

    async def app(scope: Scope, *_: Any) -> None:
        seen.append(dict(scope["headers"]).get(b"host", b"").decode())

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", host.encode())] if host is not None else []
    headers += [(b"origin", origin.encode())] if origin is not None else []
    scope = {"type": kind, "path": path, "method": "GET", "headers": headers}
    loops.run(HostNames(app, hosts)(scope, receive, send))
    return seen[0] if seen else sent[0].get("status", sent[0].get("code"))


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "LOCALHOST:1", "127.0.0.1:8501", "[::1]:8501", "a.localhost"],
)
def test_this_machine_has_its_own_names(host: str) -> None:
    assert asked(host, *LOCAL) == host


@pytest.mark.parametrize(
    "host",
    [
        "evil.org",
        "localhost.evil.org:8501",
        "evil.org:80@localhost",
        "localhost@evil.org",
        "localhost/",
        "localhost:port",
        "localhost#",
        "[::1",
        "",
        None,
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_another_name_is_refused(host: str | None, kind: str) -> None:
    assert asked(host, *LOCAL, kind=kind) == (421 if kind == "http" else 1008)


def test_probes_are_answered_under_any_name() -> None:
    for path in ("/health", "/ready", "/_stcore/health", "/base/health"):
        assert asked("10.0.0.7:8501", *LOCAL, path=path) == "10.0.0.7:8501"


def test_other_events_pass() -> None:
    assert asked(None, *LOCAL, kind="lifespan") == ""


def test_the_names_of_a_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert known_hosts("127.0.0.1") == known_hosts("::1") == LOCAL
    assert known_hosts("0.0.0.0") == known_hosts("192.168.1.5") == ("*",)
    monkeypatch.setenv(HOSTS, "near.example.org *.example.com")
    assert known_hosts("0.0.0.0") == known_hosts("localhost")
    assert known_hosts("localhost") == ("near.example.org", "*.example.com")
    assert asked("near.example.org", *known_hosts("0.0.0.0")) == "near.example.org"
    assert asked("localhost", *known_hosts("0.0.0.0")) == 421
    monkeypatch.setenv(HOSTS, "*")
    assert asked("any.org", *known_hosts("localhost")) == "any.org"
    monkeypatch.setenv(HOSTS, "https://example.org")
    with pytest.raises(ParameterError, match=HOSTS):
        known_hosts("localhost")


@pytest.mark.parametrize(
    ("host", "origin", "heard"),
    [
        ("localhost:8501", "http://localhost:8501", "localhost:8501"),
        ("localhost:8501", None, "localhost:8501"),  # no browser
        ("localhost:8501", "http://localhost:3000", 1008),  # a page of another server here
        ("localhost:8501", "http://evil.org", 1008),
        ("localhost:8501", "null", 1008),
        ("localhost:8501", "http://[", 1008),
        ("evil.org", "http://evil.org", 1008),
    ],
)
def test_a_connection_comes_from_a_page_of_the_app(
    host: str, origin: str | None, heard: str | int
) -> None:
    assert asked(host, *LOCAL, kind="websocket", origin=origin) == heard


def test_a_proxy_asks_under_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app behind then sees the name of its page, as it would without the proxy."""
    monkeypatch.setenv(HOSTS, "near.example.org app")
    hosts = known_hosts("0.0.0.0")
    ours, others = "https://near.example.org", "https://far.example.org"
    assert asked("app:8501", *hosts, kind="websocket", origin=ours) == "near.example.org"
    assert asked("app:8501", *hosts, kind="websocket", origin=others) == 1008
