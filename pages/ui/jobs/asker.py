"""On whose account work is done: the visitor of a run of the script, or the owner of a job."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pages.ui.session.visitor import visitor

_OWNER: ContextVar[str | None] = ContextVar("asker", default=None)


def begin_run() -> None:
    """Ask anew who the visitor is; at the start of a run of the script."""
    _OWNER.set(None)


def asker() -> str:
    """The owner of what is asked for here; asked once in each run."""
    owner = _OWNER.get()
    if owner is None:
        owner = visitor().owner
        _OWNER.set(owner)
    return owner


@contextmanager
def on_account_of(owner: str) -> Iterator[None]:
    """Inside, what is asked for is the owner's; for the thread of a job."""
    before = _OWNER.set(owner)
    try:
        yield
    finally:
        _OWNER.reset(before)
