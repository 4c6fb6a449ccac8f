"""What a session can do with the workspaces in the store that it may see."""

import io
from collections.abc import Callable
from dataclasses import replace

from core.data.readers.content import ContentFile
from core.errors import StoreError
from core.limits import OWNER_MB
from core.store import Store, Visibility
from core.store import Workspace as Record
from pages.ui.jobs.kept import ledger
from pages.ui.session import contents, open_record, owners, saved, stores
from pages.ui.session.received import File
from pages.ui.session.saver import SLOT


def own() -> list[Record]:
    """The workspaces of this session's owners, the one that was opened last first."""
    store = _store()
    found = [each for owner in owners.mine() for each in store.list_of(owner)]
    return sorted(found, key=lambda each: each.opened, reverse=True)


def of_everybody() -> list[Record]:
    """Those of others that everybody here may see."""
    return [each for each in _store().list_public() if not owners.is_mine(each)]


def used() -> tuple[int, int]:
    """Bytes that this session's owners keep, and that each may."""
    store = _store()
    return max(store.bytes_of(owner) for owner in owners.mine()), OWNER_MB.bytes


def rename(record: Record, title: str) -> None:
    """Give a workspace of one's own another title."""
    _take(_store().rename(record.token, record.owner, title))


def share(record: Record, visibility: Visibility) -> None:
    """Say who may see a workspace of one's own."""
    _take(_store().share(record.token, record.owner, visibility))


def duplicate(record: Record) -> Record:
    """A copy of one's own of a workspace that this session may see."""
    return _store().duplicate(
        record.token,
        record.owner if owners.is_mine(record) else owners.me(),
        copy_of(record.title),
        owner=owners.new_owner(),
        visibility=owners.usual_visibility(),
    )


def delete(record: Record) -> None:
    """Delete a workspace of one's own; the session begins anew if it has it open."""
    store, known = _store(), open_record.record()
    held = store.read(record.token, record.owner).holdings
    ledger.forget(store.delete(record.token, record.owner))
    contents.forget(key for key in held if not key.startswith(SLOT) and not store.holders(key))
    if known is not None and known.token == record.token:
        saved.let_go()


def export(record: Record) -> bytes:
    """A workspace with all that it holds, as one zip; also outside of a run."""
    out = io.BytesIO()
    _store().export(record.token, record.owner, out)
    return out.getvalue()


def taker() -> Callable[[File], Record]:
    """What makes a workspace of one's own from such a zip, away from the session.

    It raises StoreError where the zip is refused.
    """
    store, owner, visibility = _store(), owners.new_owner(), owners.usual_visibility()

    def take_in(file: File) -> Record:
        made = store.take_in(io.BufferedReader(ContentFile(file.content)), owner)
        return store.share(made.token, owner, visibility)

    return take_in


def copy_of(title: str) -> str:
    """What a copy is called.

    >>> copy_of("Birds")
    'Copy of Birds'
    """
    return f"Copy of {title}"[: saved.LONGEST_TITLE]


def _take(changed: Record) -> None:
    """Note what is changed of the workspace that the session has open."""
    known = open_record.record()
    if known is not None and known.token == changed.token:
        open_record.put(replace(known, title=changed.title, visibility=changed.visibility))


def _store() -> Store:
    store = stores.store()
    if store is None:
        raise StoreError("This server keeps nothing: it has no store.")
    return store
