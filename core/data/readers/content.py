"""The bytes of a file, in memory or mapped from disk, looked at without a copy."""

import io
from typing import Any

from core.data.readers.found import Content


def as_view(content: Content) -> memoryview:
    """The bytes as a flat memoryview; slices of it copy nothing."""
    return memoryview(content).cast("B")


def head(content: Content, size: int, start: int = 0) -> bytes:
    """At most `size` bytes from `start` on, copied."""
    return bytes(as_view(content)[start : start + size])


class ContentFile(io.RawIOBase):
    """A file to read from, over bytes that are not copied as a whole."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        self.content = as_view(content)
        self.size = len(self.content)
        self._place = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move as files do; ValueError before the first byte."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError(f"there is no byte {start + offset:,}")
        self._place = start + offset
        return self._place

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, fewer at the end of the content."""
        left = max(self.size - self._place, 0)
        wanted = left if size is None or size < 0 else min(size, left)
        place, self._place = self._place, self._place + wanted
        return bytes(self.content[place : place + wanted])

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer, or a part of it at the end of the content."""
        data = self.read(len(memoryview(buffer).cast("B")))
        memoryview(buffer).cast("B")[: len(data)] = data
        return len(data)
