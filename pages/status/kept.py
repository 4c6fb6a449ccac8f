"""What the store holds, by owner."""

from core.limits import OWNER_MB
from pages.status import words
from pages.ui.display import messages, tables
from pages.ui.session import stores, visitor


def show() -> None:
    """Draw a table of the owners, with the share that each has of the quota."""
    store = stores.store()
    if store is None:
        messages.note(
            "This server has no store (NEARFIELD_STORE), and keeps nothing beyond its end."
        )
        return
    kept = {owner: store.bytes_of(owner) for owner in store.owners()}
    messages.note(words.kept_words(kept))
    if kept:
        names = {owner: visitor.name_of(owner) for owner in kept}
        tables.show(words.kept_rows(kept, names, OWNER_MB.bytes), hide_index=True)
