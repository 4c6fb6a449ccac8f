"""Data and indexes that visitors uploaded, shared by all sessions and bounded.

Kept by fingerprint, so a link names the data it was made with; whoever has neither the data nor
the link cannot name it. The least recently used leave first.
"""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

import streamlit as st

from core import limits
from core.data import EmbeddingSet
from core.index import HnswGraph

KEY_LENGTH = 16
Content = TypeVar("Content", EmbeddingSet, HnswGraph)


class UploadStore(Generic[Content]):
    """At most `keep` contents, whose arrays take at most `megabytes` (the newest always stays)."""

    def __init__(self, keep: int, megabytes: int) -> None:
        self._held: OrderedDict[str, Content] = OrderedDict()
        self._keep, self._bytes = keep, megabytes * 10**6
        self._lock = threading.Lock()

    def add(self, content: Content) -> str:
        """Keep a content and return the key that names it in a link.

        An equal content of the same name that is held already stays, so that there is one copy.
        """
        key = content.fingerprint[:KEY_LENGTH]
        with self._lock:
            held = self._held.get(key)
            if held is None or _called(held) != _called(content):
                self._held[key] = content
            self._held.move_to_end(key)
            while len(self._held) > 1 and self._is_full():
                self._held.popitem(last=False)
        return key

    def get(self, key: str) -> Content | None:
        """The content of this key, or None where the server no longer holds it."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def _is_full(self) -> bool:
        held = sum(_bytes(content) for content in self._held.values())
        return len(self._held) > self._keep or held > self._bytes


def _called(content: EmbeddingSet | HnswGraph) -> tuple[object, ...]:
    """What the fingerprint leaves out."""
    return (content.name, content.notes) if isinstance(content, EmbeddingSet) else ()


def _bytes(content: EmbeddingSet | HnswGraph) -> int:
    return content.memory_bytes if isinstance(content, HnswGraph) else content.vectors.nbytes


@st.cache_resource(show_spinner=False)
def uploads() -> UploadStore[EmbeddingSet]:
    """The one store of this server for data."""
    return UploadStore(limits.KEPT_UPLOADS.value, limits.KEPT_UPLOADS_MB.value)


@st.cache_resource(show_spinner=False)
def indexes() -> UploadStore[HnswGraph]:
    """The one store of this server for indexes read from files."""
    return UploadStore(limits.KEPT_UPLOADS.value, limits.KEPT_UPLOADS_MB.value)
