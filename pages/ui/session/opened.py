"""The set that this server was started with: `nearfield FILE`.

It is held for as long as the server runs, beside the store of uploads, and a session that names no
data opens with it.
"""

import threading
from dataclasses import dataclass

from core.data import EmbeddingSet
from pages.ui.session.uploads import KEY_LENGTH


@dataclass
class _Held:
    embeddings: EmbeddingSet | None = None


_held = _Held()
_lock = threading.Lock()


def open_with(embeddings: EmbeddingSet | None) -> None:
    """Let sessions open with this set; None for the sample again. Called before the server runs."""
    with _lock:
        _held.embeddings = embeddings


def opened_data() -> str | None:
    """The key of the set in a link; None where the server was started without one."""
    embeddings = _held.embeddings
    return None if embeddings is None else embeddings.fingerprint[:KEY_LENGTH]


def opened_set(data: str) -> EmbeddingSet | None:
    """The set where `data` is its key, else None."""
    return _held.embeddings if data == opened_data() else None
