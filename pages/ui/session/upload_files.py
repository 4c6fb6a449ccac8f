"""Uploads on the disk: their bytes in temporary files without a name, mapped from there.

Streamlit receives an upload in memory and keeps it there for as long as its session lives: its
server makes a `MemoryUploadedFileManager` and takes no other (web/server/server.py), and its route
hands over the bytes as a whole (web/server/starlette/starlette_routes.py). So the bytes are written
once they are here, and Streamlit's copy is let go (`let_go`). A file is gone with the last view of
its bytes, also where the server is killed.
"""

import mmap
import tempfile
import threading
import weakref
from collections.abc import Iterable
from typing import Any

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.data.readers import Content
from core.errors import DataError
from core.limits import UPLOADS_DISK_MB

SMALL = 1_000_000  # bytes that stay in memory


class _Disk:
    """Counts the bytes on the disk, and refuses more than the limit."""

    def __init__(self) -> None:
        self.held = 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        most = UPLOADS_DISK_MB.value * 10**6
        with self._lock:
            if self.held + size > most:
                raise DataError(
                    f"The file has {size / 1e6:,.0f} MB, and of the {most / 1e6:,.0f} MB that this "
                    f"server keeps of uploads on its disk {self.held / 1e6:,.0f} are taken. Try "
                    f"again later, or raise {UPLOADS_DISK_MB.variable}."
                )
            self.held += size

    def give_back(self, size: int) -> None:
        with self._lock:
            self.held -= size


_disk = _Disk()


def on_disk(content: bytes) -> Content:
    """The same bytes, mapped from a temporary file; small ones as they are.

    Where the disk takes no more, or cannot be written, they stay in memory. Raises DataError where
    this server keeps no more of uploads.
    """
    size = len(content)
    if size < SMALL:
        return content
    _disk.take(size)
    try:
        with tempfile.TemporaryFile(prefix="nearfield-") as file:
            file.write(content)
            file.flush()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        _disk.give_back(size)
        return content
    except BaseException:
        _disk.give_back(size)
        raise
    weakref.finalize(mapped, _disk.give_back, size)
    return memoryview(mapped)


class Upload:
    """The bytes of an upload: in memory as they came, from `settle` on mapped from the disk.

    They are not written before a first picture is drawn from them, which the writing would hold up.
    """

    def __init__(self, content: bytes) -> None:
        self.content: Content = content

    def settle(self) -> bool:
        """Write the bytes to the disk, if they are not there; whether they moved."""
        before = self.content
        if isinstance(before, bytes):
            self.content = on_disk(before)
        return self.content is not before


def bytes_on_disk() -> int:
    """Bytes of all uploads on the disk."""
    return _disk.held


def let_go(files: Iterable[Any]) -> None:
    """Let Streamlit forget uploaded files of this session whose bytes were taken; in a callback."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return  # another manager has its own way
    for file in files:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
