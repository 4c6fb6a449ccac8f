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
    uploads().put(key, embeddings, _owner(key))


def put_index_back(key: str, graph: HnswGraph) -> None:
    """Hold an index again under the key that it had."""
    indexes().put(key, graph, _owner(key))


def data(key: str) -> EmbeddingSet | None:
    """The set of this key; None where there is none for this session."""
    return _get(uploads(), key, EmbeddingSet)


def index(key: str) -> HnswGraph | None:
    """The index of this key; None where there is none for this session."""
    return _get(indexes(), key, HnswGraph)


def grant(key: str, digest: str, owner: str) -> None:
    """Let this session see a content of a workspace that it has opened."""
    _GRANTED.get()[key] = digest, owner


def held(key: str) -> EmbeddingSet | HnswGraph | None:
    """What this server holds under the key, for the store."""
    found = uploads().get(key)
    return indexes().get(key) if found is None else found


def forget(keys: Iterable[str]) -> None:
    """Let go of contents of this session that were deleted, here and in memory."""
    gone = set(keys)
    for key in gone:
        uploads().remove([key], _owner(key))
        indexes().remove([key], _owner(key))
    KEYS.set(tuple(key for key in KEYS.get() if key not in gone))
    _GRANTED.set({key: source for key, source in _GRANTED.get().items() if key not in gone})


def _owner(key: str) -> str:
    """Whose content a key names that this session sees."""
    return _GRANTED.get()[key][1] if key in _GRANTED.get() else owners.me()


def _used(key: str) -> str:
    others = [each for each in KEYS.get() if each != key]
    KEYS.set((*others, key)[-KEPT_KEYS:])
    return key


def _get(memory: UploadStore[Content], key: str, kind: type[Content]) -> Content | None:
    if not key or key in _BROKEN.get() or not _may_see(memory, key):
        return None
    found = memory.get(key)
    return _from_store(memory, key, kind) if found is None else found


def _may_see(memory: UploadStore[Content], key: str) -> bool:
    owner = memory.owner(key)
    if owner == owners.me() or key in _GRANTED.get():
        return True
    held_by = stores.holders(key)
    for each in held_by:
        if owners.may_see(each):
            grant(key, each.holdings[key], each.owner)
            return True
    if owner is None or held_by or not (owner == owners.LOCAL or owners.is_nameless(owner)):
        return False
    grant(key, "", owner)
    return True


def _from_store(memory: UploadStore[Content], key: str, kind: type[Content]) -> Content | None:
    store = stores.store()
    source = _GRANTED.get().get(key)
    if source is None or not source[0]:
        source = _visible_source(key)
    if store is None or source is None:
        return None
    digest, owner = source
    try:
        found = store.get(digest)
    except CoreError as error:
        _BROKEN.set(_BROKEN.get() | {key})
        tell_lost(f"A file of this workspace could not be opened: {error}")
        return None
    if not isinstance(found, kind):
        return None
    memory.put(key, found, owner)
    return found


def _visible_source(key: str) -> Source | None:
    visible = (each for each in stores.holders(key) if owners.may_see(each))
    return next(((each.holdings[key], each.owner) for each in visible), None)
