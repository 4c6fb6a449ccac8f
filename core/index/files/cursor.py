"""Reading a file's bytes field by field: nothing is taken before its size is known to be there."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import IndexFileError


def field_offset(record: "np.dtype[np.void]", field: str) -> int:
    """Where a field begins in a structured record, in bytes."""
    fields = record.fields
    assert fields is not None
    return int(fields[field][1])


class Cursor:
    """A place in the bytes of a file.

    kind: the file's format, for messages. Arrays are read-only views of the bytes; the dtypes are
    little-endian. Every method raises IndexFileError naming the field and its byte offset.
    """

    def __init__(self, content: bytes, kind: str, offset: int = 0) -> None:
        self.content, self.kind, self.offset = content, kind, offset
        self.start = offset

    @property
    def left(self) -> int:
        """Bytes from here to the end of the file."""
        return len(self.content) - self.offset

    def array(self, field: str, dtype: npt.DTypeLike, count: int) -> npt.NDArray[Any]:
        """The next `count` items."""
        kind = np.dtype(dtype)
        if not 0 <= count <= self.left // kind.itemsize:
            raise self.error(
                field,
                f"{count:,} items of {kind.itemsize:,} bytes are declared, and {self.left:,} bytes "
                "are left in the file",
            )
        values = np.frombuffer(self.content, kind, count, self.offset)
        self.offset += values.nbytes
        return values

    def number(self, field: str, dtype: npt.DTypeLike, low: int, high: int) -> int:
        """The next whole number, which must lie in [low, high]."""
        start = self.offset
        value = int(self.array(field, dtype, 1)[0])
        if not low <= value <= high:
            raise self.error(field, f"{value:,} is not between {low:,} and {high:,}", start)
        return value

    def counted(self, field: str, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """A u64 count and as many items."""
        count = self.number(f"count of {field}", "<u8", 0, 2**63 - 1)
        return self.array(field, dtype, count)

    def rest(self) -> tuple[str, ...]:
        """A note of the bytes from here to the end, which no field claims, if there are any."""
        if not self.left:
            return ()
        return (f"bytes after the end of the index, not read: {self.left:,}",)

    def error(self, field: str, problem: str, offset: int | None = None) -> IndexFileError:
        """An error about a field, here or at another offset."""
        at = self.offset if offset is None else offset
        return IndexFileError(
            f"The {self.kind} file is damaged or of another kind: {field} at {self.place(at)}: "
            f"{problem}. Write the index again and check that the whole file was copied."
        )

    def unsupported(self, field: str, problem: str, offset: int) -> IndexFileError:
        """An error about a field that is as its library may write it, and that is not read here."""
        return IndexFileError(
            f"This {self.kind} file is of a kind that is not read here: {field} at "
            f"{self.place(offset)}: {problem}. Build the index as a kind that is."
        )

    def unsearchable(self, field: str, problem: str, offset: int) -> IndexFileError:
        """An error about a value that its library takes, and that no search can use."""
        return IndexFileError(
            f"This {self.kind} index cannot be searched: {field} at {self.place(offset)}: "
            f"{problem}. It was added so: take it out of the data, or correct it, build the index "
            "again and save it."
        )

    def empty(self) -> IndexFileError:
        """An error about an index without items."""
        return IndexFileError(
            f"The {self.kind} index holds no items. Add some to it and save it again."
        )

    def place(self, offset: int) -> str:
        """How an offset is named in messages."""
        return f"byte {offset:,}"
