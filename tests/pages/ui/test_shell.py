"""The shell around Streamlit's page: in every page of HTML, and in nothing else."""

from pathlib import Path
from typing import Any

import pytest
import streamlit
from starlette.types import Message, Receive, Scope, Send

from pages.ui.display.shell import Shell, script, with_shell
from tests import loops

OF_STREAMLIT = Path(streamlit.__file__).with_name("static") / "index.html"
WORDS = "See <all> of it."
PAGE = b'<title>Streamlit</title><body><div id="root"></div></body>'
BROWSER = [(b"accept", b"text/html,*/*"), (b"accept-encoding", b"gzip"), (b"range", b"bytes=0-9")]


class Answer:
    """What a server behind the middleware answers to one request."""

    def __init__(
        self,
        *parts: bytes,
        kind: bytes = b"text/html; charset=utf-8",
        status: int = 200,
        method: str = "GET",
        headers: list[tuple[bytes, bytes]] = BROWSER,
    ) -> None:
        self.asked: list[tuple[bytes, bytes]] = []
        self.sent: list[Message] = []
        answered = [(b"content-type", kind), (b"content-length", b"999"), (b"etag", b"x")]

        async def server(scope: Scope, _receive: Receive, send: Send) -> None:
            self.asked = scope["headers"]
            await send({"type": "http.response.start", "status": status, "headers": answered})
            for i, part in enumerate(parts):
                more = i < len(parts) - 1
                await send({"type": "http.response.body", "body": part, "more_body": more})

        async def send(message: Message) -> None:
            self.sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request"}

        scope = {"type": "http", "method": method, "path": "/", "headers": headers}
        loops.run(Shell(server, WORDS)(scope, receive, send))

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])


def test_a_page_comes_whole_with_the_shell_its_length_and_its_own_words() -> None:
    answer = Answer(PAGE[:30], PAGE[30:])
    assert answer.body == with_shell(PAGE, WORDS)
    assert answer.headers[b"content-length"] == str(len(answer.body)).encode()
    assert b"etag" not in answer.headers
    assert b"See &lt;all&gt; of it." in answer.body
    assert answer.body.startswith(b"<title>Nearfield</title>")
    assert answer.asked == [BROWSER[0]]  # neither packed nor in part


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": b"application/json"},
        {"status": 404},
        {"method": "HEAD"},
        {"headers": [(b"accept", b"*/*"), (b"range", b"bytes=0-9")]},
    ],
)
def test_anything_else_goes_through_as_it_is(changed: dict[str, Any]) -> None:
    answer = Answer(PAGE[:30], PAGE[30:], **changed)
    assert answer.body == PAGE
    assert answer.headers[b"etag"] == b"x"


def test_the_page_of_the_installed_streamlit_takes_the_shell() -> None:
    page = OF_STREAMLIT.read_bytes()
    dressed = with_shell(page, WORDS)
    assert b'<div id="root"></div>\n    <div id="nearfield-shell"' in dressed
    assert f"<title>Nearfield</title><script>{script()}</script>".encode() in dressed
    assert b"background: #FFFFFF; color: #1B2430;" in dressed
    assert with_shell(b"<p>another page</p>", WORDS) == b"<p>another page</p>"
