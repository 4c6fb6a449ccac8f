"""The file that this server was started with: `nearfield FILE`.

While it is read, sessions see what is known of it (`opening`). Its set is then held for as long as
the server runs, beside the store of uploads, and a session that names no data opens with it.
"""

import threading
from dataclasses import dataclass

from core.data import EmbeddingSet, Look
from core.errors import CoreError
from core.projection import FirstPicture

KEY_LENGTH = 16  # digits of the fingerprint: the same file has the same link after a restart


@dataclass(frozen=True, eq=False)
class Opening:
    """A file that is being read, or that could not be.

    look: what was found in it, once that is known. picture: of some of its rows, where one can be
    drawn. error: why it cannot be used.
    """

    name: str
    file_bytes: int
    look: Look | None = None
    picture: FirstPicture | None = None
    error: CoreError | None = None


@dataclass
class _Held:
    embeddings: EmbeddingSet | None = None
    opening: Opening | None = None
    share: float = 0.0
    words: str = ""


_held = _Held()
_lock = threading.Lock()


def open_with(embeddings: EmbeddingSet | None) -> None:
    """Let sessions open with this set from now on; None for the sample again."""
    with _lock:
        _held.embeddings, _held.opening = embeddings, None


def tell(opening: Opening) -> None:
    """Let sessions see what is known of the file so far."""
    with _lock:
        _held.opening = opening


def report(fraction: float, message: str = "") -> None:
    """Say how far the reading is."""
    _held.share, _held.words = min(max(fraction, 0.0), 1.0), message


def progress() -> tuple[float, str]:
    """How far the reading is: a share, and in words."""
    return _held.share, _held.words


def opening() -> Opening | None:
    """What is known of the file that is being read; None once it is there, or without one."""
    return _held.opening


def opened_data() -> str | None:
    """The key of the set in a link; None where the server was started without one."""
    embeddings = _held.embeddings
    return None if embeddings is None else embeddings.fingerprint[:KEY_LENGTH]


def opened_set(data: str) -> EmbeddingSet | None:
    """The set where `data` is its key, else None."""
    return _held.embeddings if data == opened_data() else None
