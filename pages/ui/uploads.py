"""Data that visitors brought, shared by all sessions and bounded.

Kept by fingerprint, so a link names the data it was made with; whoever has neither the data nor
the link cannot name it. The least recently used leave first.
"""

import threading
from collections import OrderedDict

import streamlit as st

from core.data import EmbeddingSet
from pages.ui import limits

KEY_LENGTH = 16


class UploadStore:
    """At most `keep` sets, whose vectors take at most `megabytes` (the newest always stays)."""

    def __init__(self, keep: int, megabytes: int) -> None:
        self._sets: OrderedDict[str, EmbeddingSet] = OrderedDict()
        self._keep, self._bytes = keep, megabytes * 10**6
        self._lock = threading.Lock()

    def add(self, embeddings: EmbeddingSet) -> str:
        """Keep a set and return the key that names it in a link."""
        key = embeddings.fingerprint[:KEY_LENGTH]
        with self._lock:
            self._sets[key] = embeddings
            self._sets.move_to_end(key)
            while len(self._sets) > 1 and self._is_full():
                self._sets.popitem(last=False)
        return key

    def get(self, key: str) -> EmbeddingSet | None:
        """The set of this key, or None where the server no longer holds it."""
        with self._lock:
            if key in self._sets:
                self._sets.move_to_end(key)
            return self._sets.get(key)

    def _is_full(self) -> bool:
        held = sum(embeddings.vectors.nbytes for embeddings in self._sets.values())
        return len(self._sets) > self._keep or held > self._bytes


@st.cache_resource(show_spinner=False)
def uploads() -> UploadStore:
    """The one store of this server."""
    return UploadStore(limits.KEPT_UPLOADS, limits.KEPT_UPLOADS_MB)
