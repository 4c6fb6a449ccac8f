"""What a key names, for a session that may see it: held in memory, else in the store.

A key names an upload. It opens for its owner, and for whoever may see a workspace that holds it.
One that no workspace holds yet opens for whoever has it, as far as no login tells persons apart.
"""

from collections.abc import Iterable
from typing import TypeVar

from core.data import EmbeddingSet
from core.errors import CoreError
from core.index import HnswGraph
from pages.ui.session import owners, stores
from pages.ui.session.access import LOCAL_OWNER
from pages.ui.session.slot import Kept, Slot, tell_lost
from pages.ui.session.uploads import UploadStore, indexes, uploads

Content = TypeVar("Content", EmbeddingSet, HnswGraph)
KEPT_KEYS = 16  # of a session that a workspace holds; the longest unused leave first
Source = tuple[str, str]  # the digest of a content in the store, "" where unknown, and its owner

KEYS: Slot[tuple[str, ...]] = Slot(
    "keys", tuple, kept=Kept("Which data belong together could not be opened", True)
)
_GRANTED: Slot[dict[str, Source]] = Slot("granted_keys", dict)
_BROKEN: Slot[frozenset[str]] = Slot("broken_keys", frozenset)


def add(embeddings: EmbeddingSet) -> str:
    """Hold a set of this session, and give its key."""
    return _used(uploads().add(embeddings, owners.me()))


def add_index(graph: HnswGraph) -> str:
    """Hold an index of this session, and give its key."""
    return _used(indexes().add(graph, owners.me()))


def put_back(key: str, embeddings: EmbeddingSet) -> None:
    """Hold a set again under the key that it had."""
    uploads().put(_place(key), embeddings, _owner(key))


def put_index_back(key: str, graph: HnswGraph) -> None:
    """Hold an index again under the key that it had."""
    indexes().put(_place(key), graph, _owner(key))


def data(key: str) -> EmbeddingSet | None:
    """The set of this key; None where there is none for this session."""
    return _get(uploads(), key, EmbeddingSet)


def index(key: str) -> HnswGraph | None:
    """The index of this key; None where there is none for this session."""
    return _get(indexes(), key, HnswGraph)


def grant(key: str, digest: str, owner: str) -> None:
    """Let this session see a content of a workspace that it has opened."""
    _GRANTED.get()[key] = digest, owner


def forget(keys: Iterable[str]) -> None:
    """Let go of contents of this session that were deleted, here and in memory."""
    gone = set(keys)
    for key in gone:
        uploads().remove([key, _place(key)], _owner(key))
        indexes().remove([key, _place(key)], _owner(key))
    KEYS.set(tuple(key for key in KEYS.get() if key not in gone))
    _GRANTED.set({key: source for key, source in _GRANTED.get().items() if key not in gone})


def _owner(key: str) -> str:
    """Whose content a key names that this session sees."""
    return _GRANTED.get()[key][1] if key in _GRANTED.get() else owners.me()


def _place(key: str) -> str:
    """Where memory has a content of the store: by owner, for a zip may claim any key."""
    return f"{_owner(key)} {key}" if key in _GRANTED.get() else key


def _used(key: str) -> str:
    others = [each for each in KEYS.get() if each != key]
    KEYS.set((*others, key)[-KEPT_KEYS:])
    return key


def _get(memory: UploadStore[Content], key: str, kind: type[Content]) -> Content | None:
    if not key or key in _BROKEN.get():
        return None
    if memory.owner(key) != owners.me() and key not in _GRANTED.get() and not _is_granted(key):
        return None
    found = _in_memory(memory, key)
    return _from_store(memory, key, kind) if found is None else found


def _in_memory(memory: UploadStore[Content], key: str) -> Content | None:
    """The content as its owner brought it, or as it came from the store."""
    is_there = memory.owner(key) in (_owner(key), owners.me())
    return memory.get(key if is_there else _place(key))


def _is_granted(key: str) -> bool:
    """Grant a key that this session may see, if it may."""
    held_by = sorted(stores.holders(key), key=lambda each: (not owners.is_mine(each), each.created))
    for each in held_by:
        if owners.may_see(each):
            grant(key, each.holdings[key], each.owner)
            return True
    if held_by:
        return False
    for owner in (uploads().owner(key), indexes().owner(key)):
        if owner is not None and (owner == LOCAL_OWNER or owners.is_nameless(owner)):
            grant(key, "", owner)
            return True
    return False


def _from_store(memory: UploadStore[Content], key: str, kind: type[Content]) -> Content | None:
    store = stores.store()
    if store is None or (not _GRANTED.get().get(key, ("", ""))[0] and not _is_granted(key)):
        return None
    digest, owner = _GRANTED.get()[key]
    if not digest:
        return None
    try:
        found = store.get(digest)
    except CoreError as error:
        _BROKEN.set(_BROKEN.get() | {key})
        tell_lost(f"A file of this workspace could not be opened: {error}")
        return None
    if not isinstance(found, kind):
        return None
    memory.put(_place(key), found, owner)
    return found
