"""What people keep: data and results by content, and workspaces, for one machine or several."""

from core.store.archive import Described
from core.store.codec import Content, decode, encode
from core.store.store import Store, Swept, open_store
from core.store.workspaces import VISIBILITIES, Visibility, Workspace

__all__ = [
    "VISIBILITIES",
    "Content",
    "Described",
    "Store",
    "Swept",
    "Visibility",
    "Workspace",
    "decode",
    "encode",
    "open_store",
]
