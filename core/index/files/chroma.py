"""Chroma's index: a folder of four files, which joined are hnswlib's own file.

`header.bin` is a version (i32, 1) and hnswlib's header; `data_level0.bin` the records of layer 0,
for all places that were reserved; `link_lists.bin` the upper links; `length.bin` a float32 for each
place, the length of the vector before Chroma scaled it, of which only the number is checked.
(https://github.com/chroma-core/hnswlib, `persistDirty`). The files are written one after the other,
so a write that was cut off leaves them at odds with one another. `index_metadata.pickle`, which
stands beside them, is never opened.
"""

from collections.abc import Mapping
from itertools import accumulate

import numpy as np

from core.distances import Metric
from core.errors import IndexFileError
from core.index.files import hnswlib
from core.index.files.byte_vectors import Scalar
from core.index.files.checks import AT_ONCE
from core.index.files.cursor import Cursor
from core.index.graph import HnswGraph
from core.index.hnswlib_file import HEADER

KIND = "Chroma"
HEADER_NAME, BASE, LENGTHS, LINKS = MEMBERS = (
    "header.bin",
    "data_level0.bin",
    "length.bin",
    "link_lists.bin",
)
JOINED = (HEADER_NAME, BASE, LINKS)  # in this order hnswlib's file
VERSION = 1
VERSION_SIZE = 4
LENGTH_SIZE = 4
WRITE = "Stop what writes to it, copy the four files again, or let Chroma build the index again."
Files = Mapping[str, bytes]


class _JoinedCursor(Cursor):
    """A place in the files joined; an offset is named by the file in which it lies.

    parts: (name, bytes) in order.
    """

    def __init__(self, parts: list[tuple[str, bytes]]) -> None:
        super().__init__(b"".join(part for _, part in parts), KIND, VERSION_SIZE)
        self._names = [name for name, _ in parts]
        self._ends = list(accumulate(len(part) for _, part in parts))

    def place(self, offset: int) -> str:
        part = min(int(np.searchsorted(self._ends, offset, side="right")), len(self._ends) - 1)
        begin = self._ends[part - 1] if part else 0
        return f"byte {offset - begin:,} of {self._names[part]}"


def is_header(content: bytes) -> bool:
    """Whether the bytes are those of a `header.bin`."""
    return len(content) == VERSION_SIZE + HEADER.itemsize and hnswlib.looks_like(
        content[VERSION_SIZE:]
    )


def read(files: Files, metric: Metric, dim: int | None, scalar: Scalar | None) -> HnswGraph:
    """The graph of the four files, by name; raises IndexFileError naming the file and element."""
    return hnswlib.read(_joined(files), metric, dim, scalar)


def holds_bytes(files: Files) -> bool:
    """As `hnswlib.holds_bytes`."""
    return hnswlib.holds_bytes(_joined(files))


def check_names(names: list[str], where: str) -> None:
    """Raise IndexFileError where some of the four files are not among `names`."""
    missing = [name for name in MEMBERS if name not in names]
    if missing:
        here = [name for name in MEMBERS if name in names]
        raise IndexFileError(
            f"Chroma's index is four files, and {where} holds {len(here)} of them: "
            f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing. Add all of "
            f"{', '.join(MEMBERS)}."
        )


def _joined(files: Files) -> Cursor:
    check_names(list(files), "what was given")
    head = files[HEADER_NAME]
    if len(head) < VERSION_SIZE + HEADER.itemsize:
        raise IndexFileError(
            f"{HEADER_NAME} is cut off: {len(head):,} bytes of "
            f"{VERSION_SIZE + HEADER.itemsize}. {WRITE}"
        )
    version = int(np.frombuffer(head, "<i4", 1)[0])
    if version != VERSION or not hnswlib.looks_like(head[VERSION_SIZE:]):
        raise IndexFileError(
            f"{HEADER_NAME} is not the header of a Chroma index of version {VERSION}: its sizes do "
            f"not follow from one another, or it is of another version. {WRITE}"
        )
    header = np.frombuffer(head, HEADER, 1, VERSION_SIZE)[0]
    count, size = int(header["count"]), int(header["record_size"])
    _check_elements(BASE, files[BASE], size, count)
    _check_elements(LENGTHS, files[LENGTHS], LENGTH_SIZE, count)
    base = files[BASE][: count * size]
    _check_written(base, header)
    parts = {HEADER_NAME: head[: VERSION_SIZE + HEADER.itemsize], BASE: base, LINKS: files[LINKS]}
    return _JoinedCursor([(name, parts[name]) for name in JOINED])


def _check_elements(name: str, content: bytes, size: int, count: int) -> None:
    """A file holds `count` elements of `size` bytes, or more: places are reserved."""
    if len(content) < size * count:
        element = len(content) // size
        raise IndexFileError(
            f"{name} ends before or within element {element:,}: {len(content):,} bytes, and the "
            f"{count:,} elements of {HEADER_NAME}, of {size:,} bytes each, need "
            f"{size * count:,}. A write was cut off. {WRITE}"
        )


def _check_written(base: bytes, header: np.void) -> None:
    """No element is all zero: such a place was reserved and never written.

    An element that was written has links, a label above 0 or a vector, unless it is the only one.
    """
    count, size = int(header["count"]), int(header["record_size"])
    if count < 2 or size == 0:
        return
    rows = np.frombuffer(base, np.uint8).reshape(count, size)
    for start in range(0, count, AT_ONCE):
        empty = np.flatnonzero(~rows[start : start + AT_ONCE].any(axis=1))
        if len(empty):
            raise IndexFileError(
                f"{BASE} holds nothing for element {start + int(empty[0]):,}, which "
                f"{HEADER_NAME} counts among {count:,}: it was never written. A write was cut "
                f"off. {WRITE}"
            )
