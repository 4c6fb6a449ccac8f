"""Data and indexes that visitors brought, held in memory for all sessions, by owner, and bounded.

A key is drawn at random (128 bits) and says nothing of the content. Equal vectors are in memory
once, whoever brings them; names, notes, labels and metadata are each person's own.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import streamlit as st

from core import limits
from core.data import EmbeddingSet
from core.index import HnswGraph
from pages.ui.session.access import LOCAL_OWNER

KEY_BYTES = 16
Content = TypeVar("Content", EmbeddingSet, HnswGraph)


def new_key() -> str:
    """A key that nobody can guess: 22 letters, digits, - and _."""
    return secrets.token_urlsafe(KEY_BYTES)


@dataclass(frozen=True, eq=False)
class Held(Generic[Content]):
    """A content with its owner. sizes: bytes of its parts, by their ids."""

    content: Content
    owner: str
    sizes: dict[int, int]


class UploadStore(Generic[Content]):
    """At most `keep` contents of each owner, which together take at most `megabytes`.

    Parts that contents share count once. Where there is no room, the owner who takes the most gives
    up what was used least recently; the newest content always stays.
    """

    def __init__(self, keep: int, megabytes: int) -> None:
        self._held: OrderedDict[str, Held[Content]] = OrderedDict()
        self._keep, self._bytes = keep, megabytes * 10**6
        self._lock = threading.Lock()

    def add(self, content: Content, owner: str = LOCAL_OWNER) -> str:
        """Keep a content of this owner, and return its key.

        What the owner has already, under the same name and with the same notes, keeps its key.
        """
        wanted = _identity(content)
        with self._lock:
            for key, held in self._held.items():
                if held.owner == owner and _identity(held.content) == wanted:
                    self._held.move_to_end(key)
                    return key
            key = new_key()
            self._put(key, content, owner)
        return key

    def put(self, key: str, content: Content, owner: str) -> None:
        """Keep a content under a key that it had before."""
        _ = content.fingerprint  # which may take long
        with self._lock:
            self._put(key, content, owner)

    def get(self, key: str) -> Content | None:
        """The content of this key, or None where the server no longer holds it."""
        with self._lock:
            held = self._held.get(key)
            if held is None:
                return None
            self._held.move_to_end(key)
            return held.content

    def owner(self, key: str) -> str | None:
        """Whose content this is; None where it is not held."""
        held = self._held.get(key)
        return None if held is None else held.owner

    def remove(self, keys: Iterable[str], owner: str) -> None:
        """Let contents of this owner go."""
        with self._lock:
            for key in keys:
                if key in self._held and self._held[key].owner == owner:
                    del self._held[key]

    def _put(self, key: str, content: Content, owner: str) -> None:
        shared = self._sharing(content)
        self._held[key] = Held(shared, owner, dict(_parts(shared)))
        self._held.move_to_end(key)
        own = [name for name, held in self._held.items() if held.owner == owner]
        for name in own[: max(0, len(own) - self._keep)]:
            del self._held[name]
        while len(self._held) > 1 and _bytes(self._held.values()) > self._bytes:
            self._drop_of_largest(key)

    def _sharing(self, content: Content) -> Content:
        """The content with the arrays that are here already, where they are equal."""
        for held in self._held.values():
            if _arrays_name(held.content) == _arrays_name(content):
                return _with_arrays_of(content, held.content)
        return content

    def _drop_of_largest(self, newest: str) -> None:
        """Drop the least recently used content of the owner who takes the most."""
        old = [(key, held) for key, held in self._held.items() if key != newest]
        owners = {held.owner for _, held in old}
        takes = {
            owner: _bytes(held for held in self._held.values() if held.owner == owner)
            for owner in owners
        }
        largest = max(owners, key=takes.__getitem__)
        del self._held[next(key for key, held in old if held.owner == largest)]


def _arrays_name(content: EmbeddingSet | HnswGraph) -> str:
    """Names the large arrays of a content."""
    return (content.bare if isinstance(content, EmbeddingSet) else content).fingerprint


def _with_arrays_of(content: Content, other: Content) -> Content:
    """The content with the large arrays of an equal one, and its own words."""
    if isinstance(content, EmbeddingSet) and isinstance(other, EmbeddingSet):
        if content.vectors is other.vectors:
            return content
        return replace(content, vectors=other.vectors, _bare=other.bare)
    assert isinstance(content, HnswGraph)
    assert isinstance(other, HnswGraph)
    names = ("vectors", "levels", "labels", "deleted", "base", "upper", "upper_start")
    return replace(content, **{name: getattr(other, name) for name in names})


def _identity(content: EmbeddingSet | HnswGraph) -> tuple[object, ...]:
    """What tells a content from every other, its words among it."""
    if isinstance(content, EmbeddingSet):
        return (content.identity,)
    return (content.fingerprint, content.source, content.notes)


def _parts(content: EmbeddingSet | HnswGraph) -> Iterable[tuple[int, int]]:
    """The parts of a content in memory, as (id, bytes)."""
    if isinstance(content, HnswGraph):
        yield id(content.vectors), content.vectors.nbytes
        yield id(content.base), content.memory_bytes - content.vectors.nbytes
        return
    for array in (content.vectors, content.queries, content.ground_truth):
        if array is not None:
            yield id(array), array.nbytes
    frame = content.metadata
    yield id(frame), int(frame.memory_usage(index=False, deep=True).sum())


def _bytes(held: Iterable[Held[Content]]) -> int:
    sizes: dict[int, int] = {}
    for each in held:
        sizes |= each.sizes
    return sum(sizes.values())


@st.cache_resource(show_spinner=False)
def uploads() -> UploadStore[EmbeddingSet]:
    """The one store of this server for data."""
    return UploadStore(limits.KEPT_UPLOADS.value, limits.KEPT_UPLOADS_MB.value)


@st.cache_resource(show_spinner=False)
def indexes() -> UploadStore[HnswGraph]:
    """The one store of this server for indexes read from files."""
    return UploadStore(limits.KEPT_UPLOADS.value, limits.KEPT_UPLOADS_MB.value)
