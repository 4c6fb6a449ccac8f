"""What people keep: arrays and results by content, workspaces, on one machine or shared by several."""

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
