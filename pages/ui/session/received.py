"""Uploads that were written to the disk as they arrived, and the tokens that stand for them.

Streamlit keeps an upload in memory as long as its session lives: its server makes a
`MemoryUploadedFileManager` and takes no other. So where `upload_route` receives an upload,
Streamlit is given a token in its place, and `file_of` gives the bytes. A token is of use only to
the session that uploaded the file, and under the id of that upload.
"""

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileManager

from core.data.readers import Content
from core.errors import DataError
from core.limits import MAX_UPLOAD_MB


@dataclass(frozen=True)
class Refused:
    """In place of the bytes of an upload that this server did not take; words: why."""

    words: str


@dataclass(frozen=True, eq=False)
class Token:
    """What Streamlit holds in place of an upload, which cannot be guessed; content: its bytes."""

    content: Content | Refused
    text: bytes


def token_of(content: Content | Refused) -> Token:
    """A token for bytes that have arrived, or were refused."""
    return Token(content, secrets.token_hex(32).encode())


class _Received:
    """Tokens by the ids of session and file, for as long as Streamlit has the file."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, str], Token] = {}
        self._lock = threading.Lock()

    def keep(self, session: str, file: str, token: Token) -> None:
        with self._lock:
            self._tokens[session, file] = token

    def get(self, session: str, file: str, text: bytes) -> Content | Refused | None:
        with self._lock:
            token = self._tokens.get((session, file))
        return token.content if token is not None and token.text == text else None

    def forget(self, session: str, file: str) -> None:
        with self._lock:
            self._tokens.pop((session, file), None)

    def ids(self) -> list[tuple[str, str]]:
        with self._lock:
            return list(self._tokens)


_received = _Received()


def keep(session: str, file: str, token: Token) -> None:
    """Let a session find the bytes of its upload, whose token Streamlit has by now."""
    _received.keep(session, file, token)


def forget_gone(manager: UploadedFileManager) -> None:
    """Let the bytes go of uploads that were deleted, and of those whose session has ended."""
    for session, file in _received.ids():
        if not manager.get_files(session, [file]):
            _received.forget(session, file)


@dataclass(frozen=True, eq=False)
class File:
    """An uploaded file; content: its bytes, in memory or mapped from the disk."""

    name: str
    content: Content


def file_of(uploaded: Any) -> File:
    """What an uploader of this session holds, with its bytes, wherever they are.

    Raises DataError where the server has refused them.
    """
    data: bytes = uploaded.getvalue()
    context, found = get_script_run_ctx(), None
    if context is not None:
        found = _received.get(context.session_id, uploaded.file_id, data)
    if isinstance(found, Refused):
        raise DataError(found.words)
    return File(uploaded.name, data if found is None else found)


def too_large(most: int) -> str:
    """Why a file of more than so many units of 2^20 bytes is refused, and what to do."""
    return (
        f"The file is larger than the {most:,} MB that this server takes. Bring fewer rows, "
        "numbers of 16 bits or a packed file (Parquet, .npz), or open it with nearfield FILE on a "
        f"machine of your own. Whoever runs this server can raise {MAX_UPLOAD_MB.variable}."
    )


def most_megabytes() -> int:
    """Of one file, in units of 2^20 bytes: the lower limit of this app and of the server."""
    most: int = st.get_option("server.maxUploadSize")
    return min(MAX_UPLOAD_MB.value, most)


def let_go(files: Iterable[Any]) -> None:
    """Forget uploaded files of this session whose bytes were taken; in a callback."""
    context = get_script_run_ctx()
    if context is None:
        return
    for file in files:
        _received.forget(context.session_id, file.file_id)
        if isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
