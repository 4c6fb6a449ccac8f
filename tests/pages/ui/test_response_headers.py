"""Headers on every answer: what a browser may do with the app's pages."""

import hashlib
from base64 import b64encode
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from core.errors import ParameterError
from core.limits import FRAME_ANCESTORS, REMOTE_IMAGES
from pages.ui.server import response_headers
from pages.ui.server.response_headers import ResponseHeaders, headers, policy
from tests import loops


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FRAME_ANCESTORS, raising=False)
    monkeypatch.delenv(REMOTE_IMAGES, raising=False)


def parts(text: str) -> dict[str, list[str]]:
    return {name: found for name, *found in (part.split() for part in text.split("; "))}


def answer(path: str) -> tuple[int, dict[str, str]]:
    async def page(_: Request) -> PlainTextResponse:
        return PlainTextResponse("here", headers={"x-content-type-options": "sniff"})

    app = Starlette(routes=[Route("/{path:path}", page)], middleware=[Middleware(ResponseHeaders)])
    sent = list[Message]()

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "method": "GET", "headers": [], "query_string": b""}
    loops.run(app(scope, receive, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found


def test_every_answer_has_them() -> None:
    status, found = answer("/map")
    assert status == 200
    assert {name: found[name] for name in headers()} == headers()
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "same-origin"  # a login reads it
    assert found["x-frame-options"] == "SAMEORIGIN"
    assert "camera=()" in found["permissions-policy"]


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/base/_stcore/metrics"])
def test_metrics_are_not_found(path: str) -> None:
    status, found = answer(path)
    assert status == 404
    assert found["x-content-type-options"] == "nosniff"


def test_nothing_comes_from_another_server() -> None:
    found = parts(policy((), ["'self'"], ["'sha256-x'"]))
    assert found["default-src"] == ["'none'"]
    sources = {source for each in found.values() for source in each}
    inside = {"'none'", "'self'", "data:", "blob:", "'sha256-x'"}
    assert sources - inside == {"'unsafe-inline'", "'wasm-unsafe-eval'"}
    assert [name for name, each in found.items() if "'unsafe-inline'" in each] == ["style-src"]
    assert found["connect-src"] == found["form-action"] == found["base-uri"] == ["'self'"]


def test_pictures_come_from_the_hosts_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REMOTE_IMAGES, "img.example.org *.example.com")
    found = parts(headers()["content-security-policy"])
    named = ["https://img.example.org", "https://*.example.com"]
    assert found["img-src"] == ["'self'", "data:", "blob:", *named]
    assert found["connect-src"] == ["'self'"]


@pytest.mark.parametrize(
    ("setting", "ancestors", "older"),
    [
        ("", ["'self'"], "SAMEORIGIN"),
        ("none", ["'none'"], "DENY"),
        ("'self'", ["'self'"], "SAMEORIGIN"),
        ("self https://huggingface.co", ["'self'", "https://huggingface.co"], None),
        ("https://*.example.org:8443", ["https://*.example.org:8443"], None),
        ("*", ["*"], None),
    ],
)
def test_who_may_show_the_app_in_a_frame(
    setting: str, ancestors: list[str], older: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FRAME_ANCESTORS, setting)
    found = headers()
    assert parts(found["content-security-policy"])["frame-ancestors"] == ancestors
    assert found.get("x-frame-options") == older


@pytest.mark.parametrize("setting", ["https://a.org; script-src *", "https://a.org/path", "data:"])
def test_what_is_no_site_is_refused(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FRAME_ANCESTORS, setting)
    with pytest.raises(ParameterError, match=FRAME_ANCESTORS):
        headers()


def test_the_scripts_of_streamlits_page_are_known_by_their_hashes() -> None:
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    start = page.index(b"<script>") + len(b"<script>")
    code = page[start : page.index(b"</script>", start)]
    digest = b64encode(hashlib.sha256(code).digest()).decode()
    assert response_headers.scripts_of_the_page() == (f"'sha256-{digest}'",)


def test_a_script_that_is_added_to_the_page_may_run_and_no_other() -> None:
    ours = f"'sha256-{b64encode(hashlib.sha256(b'1 + 1').digest()).decode()}'"
    of_streamlit = response_headers.scripts_of_the_page()
    found = parts(headers(["1 + 1"])["content-security-policy"])
    assert [each for each in found["script-src"] if "sha256" in each] == [*of_streamlit, ours]
    assert ours not in headers()["content-security-policy"]
