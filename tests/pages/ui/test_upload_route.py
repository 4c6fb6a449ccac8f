"""Uploads through Streamlit's own route: received on the disk, refused, cut off, let go."""

import gc
import importlib
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from streamlit.web.server.starlette.starlette_routes import create_upload_routes

from core.data.readers import Content
from core.limits import MAX_UPLOAD_MB, UPLOADS_DISK_MB, Limit
from pages.ui import session
from pages.ui.server.upload_route import UploadsToDisk
from pages.ui.session import received, upload_files
from pages.ui.session.upload_files import bytes_on_disk
from tests import loops

SESSION = "a session"
LARGE = np.random.default_rng(0).bytes(2_500_000)
SMALL = b"x0,x1\r\n1,2\r\n"
BOUNDARY = b"----WebKitFormBoundary7MA4YWxkTrZu0gW"
PIECE = 65_536  # bytes of one message, as uvicorn sends them


def part(content: bytes, disposition: str = 'name="mine.npy"; filename="mine.npy"') -> bytes:
    head = f"Content-Disposition: form-data; {disposition}\r\nContent-Type: application/x\r\n\r\n"
    return b"--" + BOUNDARY + b"\r\n" + head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    messages: int  # of the body that were asked for


class Server:
    """Streamlit's route of uploads behind the middleware."""

    def __init__(self) -> None:
        self.manager = MemoryUploadedFileManager("/_stcore/upload_file")
        runtime = cast(Runtime, SimpleNamespace(is_active_session=lambda name: name == SESSION))
        routes = create_upload_routes(runtime, self.manager, None)
        self._app = Starlette(
            routes=[*routes, WebSocketRoute("/_stcore/stream", _visit)],
            middleware=[Middleware(UploadsToDisk, manager=lambda: self.manager)],
        )
        token = generate_xsrf_token_string()
        self.headers = {
            "content-type": f"multipart/form-data; boundary={BOUNDARY.decode()}",
            "x-xsrftoken": token,
            "cookie": f"_streamlit_xsrf={token}",
        }

    def put(
        self,
        body: bytes,
        file: str = "1",
        *,
        session: str = SESSION,
        ends: bool = True,
        seen: Callable[[], None] = lambda: None,
        **headers: str | None,
    ) -> Answer:
        """Upload; ends: whether the visitor stays until its end. headers: in place of the usual."""
        messages: list[Message] = [
            {"type": "http.request", "body": body[start : start + PIECE], "more_body": True}
            for start in range(0, len(body), PIECE)
        ]
        if ends:
            messages[-1]["more_body"] = False
        else:
            messages.append({"type": "http.disconnect"})
        changed = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in changed.items() if value is not None}
        return self._ask("PUT", f"/_stcore/upload_file/{session}/{file}", sent, messages, seen)

    def delete(self, file: str = "1") -> Answer:
        path = f"/_stcore/upload_file/{SESSION}/{file}"
        return self._ask("DELETE", path, self.headers, [{"type": "http.request"}])

    def visit(self) -> None:
        """A visitor comes and goes."""
        self._run({"type": "websocket", "path": "/_stcore/stream", "headers": []}, [])

    def held(self, file: str = "1") -> tuple[str, bytes] | None:
        """The name and the bytes of what Streamlit holds."""
        files = self.manager.get_files(SESSION, [file])
        return (files[0].name, files[0].data) if files else None

    def content(self, file: str = "1") -> Content | None:
        """The bytes that the token stands for."""
        found = self._found(file)
        assert not isinstance(found, received.Refused)
        return found

    def refused(self, file: str = "1") -> str:
        """What the page will say of an upload that was not taken; "" of one that was."""
        found = self._found(file)
        return found.words if isinstance(found, received.Refused) else ""

    def _found(self, file: str) -> Content | received.Refused | None:
        held = self.held(file)
        return None if held is None else received._received.get(SESSION, file, held[1])

    def _ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        messages: list[Message],
        seen: Callable[[], None] = lambda: None,
    ) -> Answer:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": raw,
            "query_string": b"",
        }
        count = len(messages)
        answered = self._run(scope, messages, seen)
        status = next((each["status"] for each in answered if "status" in each), 0)
        text = b"".join(each.get("body", b"") for each in answered).decode()
        return Answer(status, text, count - len(messages))

    def _run(
        self, scope: Scope, messages: list[Message], seen: Callable[[], None] = lambda: None
    ) -> list[Message]:
        answered: list[Message] = []

        async def receive() -> Message:
            seen()
            return messages.pop(0)

        async def send(message: Message) -> None:
            answered.append(message)

        loops.run(self._app(scope, receive, send))
        return answered


async def _visit(*_: Any) -> None:
    return None


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(upload_files, "_disk", upload_files._Disk())
    monkeypatch.setattr(received, "_received", received._Received())
    return tmp_path


@pytest.fixture
def server() -> Server:
    return Server()


def none_held(server: Server) -> bool:
    """Whether neither Streamlit nor the disk has anything of an upload."""
    gc.collect()
    return server.held() is None and bytes_on_disk() == 0 and received._received.ids() == []


def test_an_upload_is_on_the_disk_and_streamlit_has_a_token(server: Server, folder: Path) -> None:
    answer = server.put(form(part(LARGE, 'name="ä.npy"; filename="ä.npy"')))
    assert answer.status == 204
    held = server.held()
    assert held is not None
    name, token = held
    assert (name, len(token)) == ("ä.npy", 64)
    assert server.content() == LARGE
    assert bytes_on_disk() == 2_500_000
    assert list(folder.iterdir()) == []  # the file has no name


def test_bytes_go_to_the_disk_as_they_arrive(server: Server) -> None:
    on_disk: list[int] = []
    server.put(form(part(LARGE)), seen=lambda: on_disk.append(bytes_on_disk()))
    # messages of 65,536 bytes: 16 of them hold the first 1,000,000 bytes and more
    assert on_disk[15] == 0
    assert 1_000_000 < on_disk[16] < 16 * PIECE
    assert 2_000_000 < on_disk[32] < 32 * PIECE


def test_a_small_upload_goes_on_as_it_came(server: Server) -> None:
    assert server.put(form(part(SMALL))).status == 204
    assert server.held() == ("mine.npy", SMALL)
    assert server.content() is None
    assert bytes_on_disk() == 0


def test_content_with_marks_of_a_form_in_it_arrives_whole(server: Server) -> None:
    tricky = (b"\r\n--" + BOUNDARY[:-1] + b"\r\n\r\n--\r\n") * 30_000
    assert server.put(form(part(tricky))).status == 204
    assert server.content() == tricky


def test_the_same_content_twice_is_one_file(server: Server) -> None:
    server.put(form(part(LARGE)), "1")
    server.put(form(part(LARGE)), "2")
    first, second = server.held("1"), server.held("2")
    assert first is not None
    assert second is not None
    assert first[1] != second[1]
    assert server.content("1") == server.content("2") == LARGE
    assert bytes_on_disk() == 2_500_000
    server.delete("1")
    assert server.content("1") is None
    assert server.content("2") == LARGE
    server.delete("2")
    assert bytes_on_disk() == 0


def test_another_upload_cannot_name_the_content_of_the_first(server: Server) -> None:
    server.put(form(part(LARGE)), "1")
    held = server.held("1")
    assert held is not None
    server.put(form(part(held[1])), "2")
    assert server.held("2") == held
    assert server.content("2") is None


@pytest.mark.parametrize(
    ("headers", "session", "status"),
    [
        ({"x_xsrftoken": None}, SESSION, 403),
        ({"x_xsrftoken": "2|00000000|00000000|0"}, SESSION, 403),
        ({}, "another session", 400),
    ],
)
def test_what_streamlit_refuses_is_not_received(
    headers: dict[str, str | None], session: str, status: int, server: Server
) -> None:
    answer = server.put(form(part(LARGE)), session=session, **headers)  # type: ignore[arg-type]
    assert (answer.status, answer.messages) == (status, 0)
    assert none_held(server)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (form(part(LARGE), part(LARGE)), "Expected 1 file, but got more."),
        (form(part(LARGE), part(SMALL, 'name="a"')), "Expected 1 file, but got more."),
        (form(part(LARGE, 'name="mine.npy"')), "Expected 1 file, but got 0"),
        (form(part(SMALL, 'name="mine.npy"')), "Expected 1 file, but got 0"),
        (form(part(LARGE, 'filename="mine.npy"')), '"name" must be provided'),
        (part(LARGE), "The body was cut off."),
        (part(LARGE)[:-2], "The body was cut off."),
        (b"--" + BOUNDARY, "The body was cut off."),
        (form(), "Expected 1 file, but got 0"),
        (LARGE, "The body is no multipart form"),
        (b"--another\r\n\r\n" + LARGE, "The body is no multipart form"),
    ],
)
def test_a_body_that_is_no_upload_of_one_file(body: bytes, said: str, server: Server) -> None:
    answer = server.put(body)
    assert answer.status == 400
    assert said in answer.text
    assert none_held(server)


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "application/x-www-form-urlencoded", "text/plain", None]
)
def test_a_content_type_without_a_boundary(kind: str | None, server: Server) -> None:
    answer = server.put(form(part(LARGE)), content_type=kind)
    assert (answer.status, answer.messages) == (400, 0)
    assert none_held(server)


def test_a_visitor_who_goes_away_leaves_nothing(server: Server) -> None:
    answer = server.put(part(LARGE), ends=False)
    assert (answer.status, answer.text) == (0, "")
    assert none_held(server)


def test_a_file_above_the_limit_is_not_read_to_its_end(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_UPLOAD_MB.variable, "2")
    most = 2 * 2**20  # units of the server: the reader says what is wrong with 2.05 MB
    assert server.put(form(part(LARGE[:most]))).status == 204
    server.delete()
    assert server.put(form(part(LARGE[: most + 1]))).status == 204
    assert server.refused().startswith("The file is larger than the 2 MB that this server takes.")
    assert bytes_on_disk() == 0
    answer = server.put(form(part(LARGE * 4)), "2")
    assert answer.messages == 33  # 32 x 65,536 = 2^21, and the head
    assert server.refused("2") == server.refused()
    server.delete("1")
    server.delete("2")
    assert none_held(server)


@pytest.mark.parametrize(
    ("limit", "most", "size", "said"),
    [
        (MAX_UPLOAD_MB, "2", 2 * 2**20 + 1_000_001, "larger than the 2 MB that this server takes"),
        (UPLOADS_DISK_MB, "4", 5_000_001, "this server keeps 4 MB of them on its disk"),
    ],
)
def test_a_length_above_a_limit_is_refused_before_the_bytes_travel(
    limit: Limit,
    most: str,
    size: int,
    said: str,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(limit.variable, most)
    answer = server.put(form(part(LARGE)), content_length=str(size))
    assert (answer.status, answer.messages) == (204, 0)
    assert said in server.refused()
    assert bytes_on_disk() == 0
    forged = server.put(form(part(LARGE)), "2", content_length=str(size), x_xsrftoken=None)
    assert (forged.status, server.held("2")) == (403, None)
    server.delete()
    assert server.put(form(part(SMALL)), content_length=str(size - 1)).status == 204
    assert server.refused() == ""
    for no_length in ("many", "-1", "²"):
        assert server.put(form(part(SMALL)), content_length=no_length).status in (204, 400)


def test_the_limit_of_the_server_holds_where_no_length_is_stated(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "get_option", {"server.maxUploadSize": 2}.__getitem__)
    assert server.put(form(part(LARGE[: 2 * 2**20]))).status == 204
    assert server.put(form(part(LARGE[: 2 * 2**20 + 1])), "2").status == 204
    assert (server.refused("1"), bool(server.refused("2"))) == ("", True)


def test_no_more_is_received_than_the_disk_may_hold(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(UPLOADS_DISK_MB.variable, "4")
    assert server.put(form(part(LARGE)), "1").status == 204
    assert server.put(form(part(LARGE[::-1])), "2").status == 204
    assert "this server keeps 4 MB of them on its disk" in server.refused("2")
    assert bytes_on_disk() == 2_500_000
    server.delete("1")
    assert server.put(form(part(LARGE[::-1])), "2").status == 204
    assert server.refused("2") == ""


def test_a_disk_that_cannot_be_written(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "none"))
    assert server.put(form(part(LARGE))).status == 204
    assert server.refused().startswith("The disk of this server takes no more. Try again later")
    server.delete()
    assert none_held(server)


def test_a_deleted_upload_is_let_go(server: Server) -> None:
    server.put(form(part(LARGE)))
    assert server.delete().status == 204
    assert none_held(server)


def test_uploads_of_a_session_that_ended_are_let_go_after_the_next_visit(server: Server) -> None:
    server.put(form(part(LARGE)))
    server.visit()
    assert server.content() == LARGE
    server.manager.remove_session_files(SESSION)
    server.visit()
    assert none_held(server)


def test_a_source_that_changed_while_the_server_runs(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, received.__name__)
    monkeypatch.setattr(session, "received", received)  # put back after the test
    anew = importlib.import_module(received.__name__)
    assert anew is not received
    server.put(form(part(LARGE)))
    assert anew._received.ids() == [(SESSION, "1")]
    server.delete()
    assert anew._received.ids() == []


def test_bytes_in_use_outlive_their_upload(server: Server) -> None:
    server.put(form(part(LARGE)))
    content = server.content()
    assert content is not None
    view = np.frombuffer(content, np.uint8)[5:9]
    del content
    server.delete()
    assert bytes_on_disk() == 2_500_000
    assert view.tobytes() == LARGE[5:9]
    del view
    assert bytes_on_disk() == 0


def test_other_requests_pass_untouched() -> None:
    asked: list[tuple[Scope, Receive, Send]] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append((scope, receive, send))

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        assert message

    middleware = UploadsToDisk(inner, lambda: MemoryUploadedFileManager(""))
    scopes: list[Scope] = [
        {"type": "lifespan"},
        {"type": "http", "method": "GET", "path": "/_stcore/health"},
        {"type": "http", "method": "PUT", "path": "/other/1/2"},
        {"type": "http", "method": "OPTIONS", "path": "/_stcore/upload_file/1/2"},
    ]
    for scope in scopes:
        loops.run(middleware(scope, receive, send))
    assert asked == [(scope, receive, send) for scope in scopes]
