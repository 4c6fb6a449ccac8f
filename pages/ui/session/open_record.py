"""The workspace of the store that a session has open, as its record was when it was last read."""

from core.store import Workspace as Record
from pages.ui.session import owners
from pages.ui.session.slot import Slot

PARAMETER = "workspace"  # in an address
_OPEN: Slot[Record | None] = Slot("open_record", lambda: None)


def record() -> Record | None:
    """The record; None where the session has no workspace open."""
    return _OPEN.get()


def put(known: Record | None) -> None:
    """Have this workspace open from now on, or none."""
    _OPEN.set(known)


def changes_it() -> bool:
    """Whether what this session does is saved: it has a workspace open that is its own."""
    known = _OPEN.get()
    return known is not None and owners.is_mine(known)
