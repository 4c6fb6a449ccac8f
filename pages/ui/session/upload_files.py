"""Uploads on the disk: their bytes in temporary files without a name, mapped from there.

There is one copy of a content, whoever uploads it. A file is gone with the last view of its bytes,
also where the server is killed.
"""

import hashlib
import mmap
import tempfile
import threading
import weakref
from typing import Self

from core.data.readers import Content
from core.errors import DataError
from core.limits import UPLOADS_DISK_MB

SMALL = 1_000_000  # bytes that stay in memory


class _Disk:
    """Counts the bytes on the disk, refuses more than the limit, and knows what is mapped."""

    def __init__(self) -> None:
        self.held = 0
        self._lock = threading.RLock()  # a finalizer may run while it is held
        self._mapped: weakref.WeakValueDictionary[bytes, mmap.mmap] = weakref.WeakValueDictionary()

    def take(self, size: int) -> None:
        with self._lock:
            self.check(size)
            self.held += size

    def check(self, size: int) -> None:
        if size > self.room:
            raise DataError(
                f"The file does not fit beside the other uploads: this server keeps "
                f"{UPLOADS_DISK_MB.value:,} MB of them on its disk. Try again later, or raise "
                f"{UPLOADS_DISK_MB.variable}."
            )

    @property
    def room(self) -> int:
        return UPLOADS_DISK_MB.bytes - self.held

    def give_back(self, size: int) -> None:
        with self._lock:
            self.held -= size

    def shared(self, name: bytes, mapped: mmap.mmap) -> mmap.mmap:
        """The first that was mapped under this name, and is still in use; else this one."""
        with self._lock:
            return self._mapped.setdefault(name, mapped)


_disk = _Disk()


class Incoming:
    """Bytes of a file on their way to the disk, part after part; a context.

    What was written and not asked for (`content`) is gone at its end. Raises DataError where this
    server keeps no more of uploads, and OSError where the disk cannot be written.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="nearfield-")  # noqa: SIM115 - closed in __exit__
        self._hash = hashlib.blake2b()
        self._taken = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._file.close()
        finally:
            _disk.give_back(self._taken)
            self._taken = 0

    def write(self, part: bytes) -> None:
        """Add a part."""
        _disk.take(len(part))
        self._taken += len(part)
        self._hash.update(part)
        self._file.write(part)

    def content(self) -> Content:
        """All that was written, at least one byte: mapped, and shared with equal files."""
        self._file.flush()
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        shared = _disk.shared(self._hash.digest(), mapped)
        if shared is mapped:
            weakref.finalize(mapped, _disk.give_back, self._taken)
            self._taken = 0
        return memoryview(shared)


def on_disk(content: bytes) -> Content:
    """The same bytes, mapped from a temporary file; small ones as they are.

    Where the disk cannot be written, they stay in memory. Raises DataError where this server keeps
    no more of uploads.
    """
    if len(content) < SMALL:
        return content
    try:
        with Incoming() as incoming:
            incoming.write(content)
            return incoming.content()
    except OSError:
        return content


class Upload:
    """The bytes of an upload: in memory as they came, from `settle` on mapped from the disk.

    They are not written before a first picture is drawn from them, which the writing would hold up.
    Those that were written as they arrived are mapped from the beginning.
    """

    def __init__(self, content: Content) -> None:
        self.content = content

    def settle(self) -> bool:
        """Write the bytes to the disk, if they are not there; whether they moved."""
        before = self.content
        if isinstance(before, bytes):
            self.content = on_disk(before)
        return self.content is not before


def check_room(size: int) -> None:
    """Raise DataError where this server keeps no more of uploads, before any byte has arrived."""
    _disk.check(size)


def room() -> int:
    """Bytes that uploads may still take on the disk."""
    return max(0, _disk.room)


def bytes_on_disk() -> int:
    """Bytes of all uploads on the disk."""
    return _disk.held
