"""The file by which hnswlib hands over an index just built: read in blocks, and trusted.

`core.index.files.hnswlib` describes the format, and reads files from elsewhere.
"""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from core.distances import Metric
from core.errors import IndexFileError
from core.index.records import NodeRecords

HEADER = np.dtype(
    [
        ("offset_level0", "<u8"),
        ("max_elements", "<u8"),
        ("count", "<u8"),
        ("record_size", "<u8"),
        ("label_offset", "<u8"),
        ("vector_offset", "<u8"),
        ("max_level", "<i4"),
        ("entry_point", "<u4"),
        ("max_m", "<u8"),
        ("max_m0", "<u8"),
        ("m", "<u8"),
        ("mult", "<f8"),
        ("ef_construction", "<u8"),
    ]
)
DELETED_FLAG = 1
RECORDS_AT_ONCE = 16_384
WORDS_AT_ONCE = 16_384


def read_own_file(
    path: Path, metric: Metric, dim: int, *, with_vectors: bool = True
) -> NodeRecords:
    """The records of a file that this process has just had hnswlib write.

    with_vectors: else the records have vectors of no dimensions, for whoever has them elsewhere.
    Trusted: only its completeness is checked. Raises IndexFileError where it is cut off, as on a
    full disk.
    """
    with path.open("rb") as file:
        header = np.fromfile(file, dtype=HEADER, count=1)[0]
        record = base_record(header, dim)
        count, m = int(header["count"]), int(header["max_m"])
        columns = {
            name: np.empty((count, *record[name].shape), record[name].base)
            for name in ("count", "flags", "links", "vector", "label")
            if with_vectors or name != "vector"
        }
        for start in range(0, count, RECORDS_AT_ONCE):
            block = _read(file, record, min(RECORDS_AT_ONCE, count - start))
            for name, column in columns.items():
                column[start : start + len(block)] = block[name]
        tail = np.fromfile(file, dtype="<u4")
    levels, upper = _upper_records(tail, count, m)
    return NodeRecords(
        vectors=columns.get("vector", np.empty((count, 0), np.float32)),
        labels=columns["label"].astype(np.int64),
        deleted=(columns["flags"] & DELETED_FLAG).astype(bool),
        levels=levels,
        base_counts=columns["count"].astype(np.int64),
        base_links=columns["links"],
        upper_counts=upper["count"].astype(np.int64),
        upper_links=upper["links"],
        entry_point=int(header["entry_point"]),
        metric=metric,
        m=m,
        ef_construction=int(header["ef_construction"]),
    )


def size_places(tail: npt.NDArray[np.uint32], count: int) -> npt.NDArray[np.int64]:
    """Where the sizes of the upper links stand: each size, in bytes, is followed by as many.

    tail: (words,) what follows layer 0. Up to `count` places in words, ascending; fewer where a
    size leads out of `tail`. In each window all steps are taken, then all double steps, and so on.

    >>> size_places(np.array([0, 8, 7, 7, 0, 4, 7], dtype=np.uint32), 4)
    array([0, 1, 4, 5])
    """
    found, start = [np.empty(0, dtype=np.int64)], 0
    while count and start < len(tail):
        window = tail[start : start + WORDS_AT_ONCE]
        walk = start + _walk(window, count)
        found.append(walk)
        count -= len(walk)
        start = int(walk[-1]) + 1 + int(tail[walk[-1]]) // 4
    return np.concatenate(found)


def _walk(window: npt.NDArray[np.uint32], count: int) -> npt.NDArray[np.int64]:
    """The first `count` places inside the window, from its first word on."""
    end = len(window)
    steps = np.arange(1, end + 2)
    steps[:-1] += window // 4
    np.minimum(steps, end, out=steps)
    walk = np.zeros(1, dtype=np.int64)
    while len(walk) < count and walk[-1] < end:
        walk = np.concatenate([walk, steps[walk]])
        steps = steps[steps]
    return walk[: np.searchsorted(walk, end)][:count]


def base_record(header: np.void, dim: int, stored: str = "<f4") -> "np.dtype[np.void]":
    """A node of layer 0 as the header describes it; stored: how the file keeps a number."""
    return np.dtype(
        {
            "names": ["count", "flags", "links", "vector", "label"],
            "formats": ["<u2", "u1", ("<u4", (int(header["max_m0"]),)), (stored, (dim,)), "<u8"],
            "offsets": [0, 2, 4, int(header["vector_offset"]), int(header["label_offset"])],
            "itemsize": int(header["record_size"]),
        }
    )


def upper_record(m: int) -> "np.dtype[np.void]":
    """The links of a node on one upper layer."""
    return np.dtype(
        {
            "names": ["count", "links"],
            "formats": ["<u2", ("<u4", (m,))],
            "offsets": [0, 4],
            "itemsize": 4 + 4 * m,
        }
    )


def _upper_records(
    tail: npt.NDArray[np.uint32], count: int, m: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.void]]:
    """Levels of the nodes, and the records of the layers above 0, node by node."""
    sizes = size_places(tail, count)
    levels = (tail[sizes] // (4 + 4 * m)).astype(np.int32)
    if len(sizes) < count or len(tail) != count + int(levels.sum()) * (1 + m):
        raise IndexFileError("hnswlib's file is cut off. Is there room left on the disk?")
    keep = np.ones(len(tail), dtype=bool)
    keep[sizes] = False
    return levels, tail[keep].view(upper_record(m))


def _read(file: BinaryIO, record: "np.dtype[np.void]", count: int) -> npt.NDArray[np.void]:
    block = np.fromfile(file, dtype=record, count=count)
    if len(block) < count:
        raise IndexFileError("hnswlib's file is cut off. Is there room left on the disk?")
    return block
