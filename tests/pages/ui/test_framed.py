"""Where browsers keep cookies back, an upload is taken from an own page, and from no other."""

from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from core.limits import HOSTS
from pages.ui.server.framed import COOKIE, Framed
from tests import loops

HOST = "near.example:8443"
OWN = f"https://{HOST}"
UPLOAD = "/_stcore/upload_file/a-session/a-file"
THEIRS = "2|a1b2c3d4|95d0a2b1|1700000000"


def passed_on(method: str = "PUT", path: str = UPLOAD, **headers: str) -> Headers:
    """The headers with which the server behind is asked."""
    asked = list[Scope]()
    raw = [(key.encode(), value.encode()) for key, value in ({"host": HOST} | headers).items()]
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": raw}

    async def server(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        asked.append(scope)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None: ...

    loops.run(Framed(server)(scope, receive, send))
    return Headers(scope=asked[0])


def is_taken(headers: Headers) -> bool:
    """Whether Streamlit takes an upload with these headers."""
    request = Request({"type": "http", "headers": headers.raw})
    return validate_xsrf_token(headers.get("X-Xsrftoken"), request.cookies.get(XSRF_COOKIE_NAME))


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("base", ["", "/tools/nearfield"])
@pytest.mark.parametrize("cookie", [{}, {"cookie": "nearfield_replica=3"}])
def test_an_upload_of_an_own_page_needs_no_cookie(
    method: str, base: str, cookie: dict[str, str]
) -> None:
    asked = passed_on(method, base + UPLOAD, origin=OWN, **cookie)
    assert is_taken(asked)
    assert asked["host"] == HOST
    assert asked["cookie"].startswith(cookie.get("cookie", COOKIE))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "https://near.example"},  # another port is another page
        {"origin": OWN, "cookie": f"{COOKIE}={THEIRS}"},  # the cookie is there, and the header not
        {"origin": OWN, "cookie": f"{COOKIE}={THEIRS}", "x-xsrftoken": "2|00000000|ff|0"},
    ],
)
def test_from_anywhere_else_it_is_asked_for_as_before(headers: dict[str, str]) -> None:
    asked = passed_on(**headers)
    assert not is_taken(asked)
    assert dict(asked) == {"host": HOST} | headers


def test_a_page_under_a_stated_name_is_an_own_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_taken(passed_on(origin="https://public.example"))
    monkeypatch.setenv(HOSTS, "public.example")
    assert is_taken(passed_on(origin="https://public.example"))


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", UPLOAD), ("GET", UPLOAD), ("PUT", "/_stcore/stream"), ("PUT", f"{UPLOAD}/more")],
)
def test_only_uploads_are_given_a_token(method: str, path: str) -> None:
    assert dict(passed_on(method, path, origin=OWN)) == {"host": HOST, "origin": OWN}
