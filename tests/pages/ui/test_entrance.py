"""The address asked for is kept through a login; files are taken only from who was let in."""

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from pages.ui.server import entrance
from pages.ui.server.entrance import Entrance, asked_for, kept_cookie, kept_in, safe
from tests import loops

HOST = "nearfield.example"


class Asked:
    """What came through to the server behind, and what it and the middleware answered."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.sent: list[Message] = []

    async def server(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        self.paths.append(scope["path"])
        headers = [(b"location", b"/")] if scope["path"].endswith("callback") else []
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def header(self, name: bytes) -> list[str]:
        return [value.decode() for key, value in self.sent[0]["headers"] if key == name]


def ask(path: str, *, asks_who: bool = True, admitted: bool = False, **headers: str) -> Asked:
    """Send one request through the middleware."""
    noted = Asked()
    raw = [(key.encode(), value.encode()) for key, value in ({"host": HOST} | headers).items()]
    scope: dict[str, Any] = {"type": "http", "method": "PUT", "path": path, "headers": raw}

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    loops.run(Entrance(noted.server, asks_who, lambda _: admitted)(scope, receive, noted.send))
    return noted


@pytest.mark.parametrize("base", ["", "/tools/nearfield"])
def test_the_address_goes_into_a_cookie_and_comes_back(base: str) -> None:
    place = f"{base}/neighbors?item=1717&k=5"
    login = ask(f"{base}/auth/login", referer=f"https://{HOST}{place}")
    (cookie,) = login.header(b"set-cookie")
    assert cookie.endswith("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax")
    back = ask(f"{base}/oauth2callback", cookie=cookie.partition(";")[0])
    assert back.header(b"location") == [place]
    assert back.header(b"set-cookie") == [
        "nearfield_asked_for=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    ]


def test_without_a_kept_address_streamlits_own_holds() -> None:
    assert ask("/oauth2callback").header(b"location") == ["/"]


@pytest.mark.parametrize(
    ("referer", "place"),
    [
        (f"https://{HOST}/map", "/map"),
        (f"https://{HOST}/map?mark=a%20b#part", "/map?mark=a%20b"),
        ("https://evil.example/map", ""),
        (f"https://{HOST}.evil.example/map", ""),
        (f"https://{HOST}//evil.example", ""),
        (f"https://{HOST}/\\evil.example", ""),
        (f"https://{HOST}", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_only_a_place_of_this_host_is_kept(referer: str, place: str) -> None:
    assert asked_for(referer, HOST) == place


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "map",
        "/a\r\nset-cookie: x=1",
        "/a b",
        "/\t/evil.example",
        "/" + "a" * 3_000,
    ],
)
def test_a_forged_cookie_leads_nowhere_else(place: str) -> None:
    assert safe(place) == ""
    assert kept_in(kept_cookie(place).partition(";")[0]) == ""


def test_the_longest_place_is_kept() -> None:
    place = "/" + "a" * 2_999
    assert kept_in(kept_cookie(place).partition(";")[0]) == place


@pytest.mark.parametrize("base", ["", "/tools"])
def test_files_are_taken_from_who_was_let_in(base: str) -> None:
    path = f"{base}/_stcore/upload_file/session/file"
    refused = ask(path)
    assert refused.paths == []
    assert refused.sent[0]["status"] == 403
    assert ask(path, admitted=True).paths == [path]
    assert ask(path, asks_who=False).paths == [path]  # nobody is asked here


def test_a_session_is_let_in_and_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "AT_MOST", 2)
    monkeypatch.setattr(entrance, "_admitted", type(entrance._admitted)())
    entrance.admit("one", let_in=True)
    entrance.admit("two", let_in=True)
    entrance.admit("one", let_in=True)  # a later run of its page
    entrance.admit("three", let_in=True)
    assert [entrance.is_admitted(name) for name in ("one", "two", "three")] == [True, False, True]
    entrance.admit("one", let_in=False)
    assert not entrance.is_admitted("one")
