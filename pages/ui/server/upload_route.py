"""Uploads are written to the disk as they arrive, before Streamlit's server would hold them.

An ASGI middleware around Streamlit's app. Its route of uploads first checks who asks, then reads
the body. At that moment the body is received here, and the route reads another: the same part under
the same name, with a token (`received`) for its content. What is small goes on as it came.

So does a refusal: to an answer that says no, Streamlit's uploader in the browser shows words of its
own, and tells the page nothing. A token that stands for the refusal reaches the page like any
upload, which says why (`file_of`).
"""

import asyncio
import contextlib
import importlib
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.uploaded_file_manager import UploadedFileManager

from core.errors import DataError
from pages.ui.session import received
from pages.ui.session.upload_files import SMALL, Incoming, check_room

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

LOGGER = logging.getLogger("nearfield")
ROUTE = re.compile(r"(?:/.*)?/_stcore/upload_file/([^/]+)/([^/]+)")
AROUND = 1_000_000  # bytes of a form around its file, at most
BAD = 400  # status of an answer
NO_FORM = "The body is no multipart form with a boundary."
DISK_FULL = (
    "The disk of this server takes no more. Try again later, or ask whoever runs the server to "
    "free some of it."
)
REFUSED = (b"Content-Disposition", b'form-data; name="file"; filename="refused"')


def _manager() -> UploadedFileManager:
    return runtime.get_instance().uploaded_file_mgr


def _received() -> Any:
    """The module as the pages have it: Streamlit imports all anew after a change of a source."""
    return importlib.import_module(received.__name__)


class UploadsToDisk:
    """The middleware; manager: gives what Streamlit keeps uploads with."""

    def __init__(self, app: ASGIApp, manager: Callable[[], UploadedFileManager] = _manager) -> None:
        self._app, self._manager = app, manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a visitor (websocket); after it files may be let go."""
        route = ROUTE.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if route is not None and scope["method"] == "PUT":
            with contextlib.suppress(ClientDisconnect):  # nobody is left to answer
                await self._put(route[1], route[2], scope, receive, send)
        else:
            await self._app(scope, receive, send)
        if route is not None or scope["type"] == "websocket":
            _received().forget_gone(self._manager())

    async def _put(
        self, session: str, file: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        refused = refusal(Headers(scope=scope).get("content-length", ""))
        with contextlib.ExitStack() as until_answered:
            body = _Body(Headers(scope=scope), receive, until_answered, refused)

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] < 300:
                    body.keep(session, file)
                await send(message)

            await self._app(scope, body.receive, answer)


def refusal(content_length: str) -> str:
    """Why an upload of this length is refused before its bytes travel, or "".

    What is stated may be too small, or nothing: what arrives is counted as well.
    """
    if not content_length.isdecimal():
        return ""
    size, most = int(content_length), received.most_megabytes()
    if size > most * 2**20 + AROUND:
        return received.too_large(most)
    try:
        check_room(size - AROUND)
    except DataError as error:
        return str(error)
    return ""


class _Body:
    """The body of an upload of one file.

    until_answered: at its end what was written to the disk and not kept is gone. refused: why it is
    not read, or "".
    """

    def __init__(
        self,
        headers: Headers,
        receive: Receive,
        until_answered: contextlib.ExitStack,
        refused: str,
    ) -> None:
        self._headers, self._receive, self._asked = headers, receive, False
        self._until_answered = until_answered
        self._part, self._refused = _Part(), refused
        self._incoming: Incoming | None = None
        self._token: Any = None

    def keep(self, session: str, file: str) -> None:
        """Let the session find what was written to the disk."""
        if self._token is not None:
            _received().keep(session, file, self._token)

    async def receive(self) -> Message:
        """The short body, once the whole one has been received; then what comes after it.

        Raises HTTPException where it is cut off, or no upload of one file.
        """
        if self._asked:
            return await self._receive()
        self._asked = True
        boundary, refused = _boundary(self._headers), self._refused
        try:
            if not refused and not await self._read(boundary):
                return {"type": "http.disconnect"}
            if not refused:
                return {"type": "http.request", "body": await self._short(boundary)}
        except FormParserError as error:
            raise HTTPException(BAD, NO_FORM) from error
        except DataError as error:
            refused = str(error)
        except OSError as error:
            LOGGER.warning("An upload could not be written to the disk: %s", error)
            refused = DISK_FULL
        LOGGER.warning("An upload was refused. %s", refused)
        kept = _received()
        self._token = kept.token_of(kept.Refused(refused))
        return {"type": "http.request", "body": _form(boundary, [REFUSED], self._token.text)}

    async def _read(self, boundary: bytes) -> bool:
        """Read to the end; False where the visitor went away before."""
        parser = MultipartParser(boundary, self._part.callbacks())
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return False
            parser.write(message.get("body", b""))
            more = message.get("more_body", False)
            if self._part.waiting >= SMALL:
                await asyncio.to_thread(self._write)
        if not self._part.ended:
            raise HTTPException(BAD, "The body was cut off.")
        if not self._part.begun:
            raise HTTPException(BAD, "Expected 1 file, but got 0.")
        return True

    def _write(self) -> Incoming:
        """Write what waits; in a thread, for the disk may be slow."""
        if self._incoming is None:
            self._incoming = self._until_answered.enter_context(Incoming())
        self._incoming.write(self._part.taken())
        return self._incoming

    async def _short(self, boundary: bytes) -> bytes:
        """The same part, with a token for its content where that was written to the disk."""
        if self._incoming is None:
            content = self._part.taken()
        else:
            incoming = await asyncio.to_thread(self._write)
            self._token = received.token_of(incoming.content())
            content = self._token.text
        return _form(boundary, self._part.headers, content)


def _form(boundary: bytes, headers: list[tuple[bytes, bytes]], content: bytes) -> bytes:
    """A form of one part."""
    head = b"".join(b"%b: %b\r\n" % header for header in headers)
    return b"--%b\r\n%b\r\n%b\r\n--%b--\r\n" % (boundary, head, content, boundary)


def _boundary(headers: Headers) -> bytes:
    """What separates the parts of the form."""
    kind, options = parse_options_header(headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise HTTPException(BAD, NO_FORM)
    return options[b"boundary"]


class _Part:
    """The only part of a form: its headers, and what of its content was not taken yet."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.waiting, self.begun, self.ended = 0, False, False
        self._pieces: list[bytes] = []
        self._size, self._most = 0, received.most_megabytes() * 2**20
        self._name, self._value = b"", b""

    def callbacks(self) -> "MultipartCallbacks":
        """For the parser, which calls them as it reads."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._add_name,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_part_data": self._add,
            "on_end": self._end,
        }

    def taken(self) -> bytes:
        """What has come since this was last asked."""
        pieces, self._pieces, self.waiting = self._pieces, [], 0
        return b"".join(pieces)

    def _begin(self) -> None:
        if self.begun:
            raise HTTPException(BAD, "Expected 1 file, but got more.")
        self.begun = True

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self.headers.append((self._name, self._value))
        self._name, self._value = b"", b""

    def _add(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._size > self._most:
            raise DataError(received.too_large(self._most // 2**20))
        self._pieces.append(data[start:end])
        self.waiting += end - start

    def _end(self) -> None:
        self.ended = True
