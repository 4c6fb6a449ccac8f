"""The file that hnswlib writes (0.3.4 and later), with everything in it checked.

A header of 96 bytes; one record per node: link count u16, deleted flag u8, one byte of padding,
2 M links u32, the vector (d x f32), the label u64; then for each node the size of its upper links
in bytes u32, followed by one record per layer above 0: link count u16, two bytes of padding,
M links u32. All little-endian (https://github.com/nmslib/hnswlib, `saveIndex`). How many bytes a
vector takes follows from the header; what they hold, f32 or bytes (`L2SpaceI`), stands nowhere.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.distances import Metric
from core.errors import IndexFileError
from core.index.files.byte_vectors import BYTES, SCALARS, Scalar, are_bytes, read_as
from core.index.files.checks import (
    LARGEST_LEVEL,
    LARGEST_LINKS,
    Offset,
    check_metric,
    check_records,
    deleted_note,
    narrowed,
    upper_place,
)
from core.index.files.cursor import Cursor, field_offset
from core.index.graph import HnswGraph
from core.index.hnswlib_file import DELETED_FLAG, HEADER, base_record, size_places, upper_record
from core.index.records import NodeRecords, to_graph

KIND = "hnswlib"
LARGEST_COUNT = 2**31 - 1


def looks_like(content: bytes) -> bool:
    """Whether the first bytes are those of a header: its sizes follow from one another."""
    if len(content) < HEADER.itemsize:
        return False
    header = np.frombuffer(content, HEADER, 1)[0]
    return (
        int(header["offset_level0"]) == 0
        and 0 < int(header["max_m0"]) <= 2 * LARGEST_LINKS
        and int(header["vector_offset"]) == 4 + 4 * int(header["max_m0"])
    )


def read(
    cursor: Cursor, metric: Metric, dim: int | None, scalar: Scalar | None = None
) -> HnswGraph:
    """The graph of a file from where the cursor stands; raises IndexFileError.

    scalar: how the numbers of the vectors are kept; None: as f32, unless they are plainly bytes.
    """
    header = cursor.array("header", HEADER, 1)[0]
    length = _check_header(header, cursor)
    stored = np.dtype(SCALARS[scalar or "float32"])
    _check_length(length, scalar, dim, cursor)
    count, m = int(header["count"]), int(header["max_m"])
    start = cursor.offset
    record = base_record(header, length // stored.itemsize, stored.str)
    base = cursor.array("records of layer 0", record, count)
    if scalar is None and are_bytes(base["vector"]):
        raise _bytes_error(cursor, length)
    upper_start = cursor.offset
    levels, starts, upper = _upper_records(cursor, count, m)
    _check_top(header, levels, cursor)
    vectors, notes = read_as(base["vector"], scalar)
    records = NodeRecords(
        vectors=vectors,
        labels=narrowed(base["label"]),
        deleted=(base["flags"] & DELETED_FLAG).astype(bool),
        levels=levels,
        base_counts=base["count"].astype(np.int64),
        base_links=base["links"],
        upper_counts=upper["count"].astype(np.int64),
        upper_links=upper["links"],
        entry_point=int(header["entry_point"]),
        metric=metric,
        m=m,
        ef_construction=int(header["ef_construction"]) or None,
    )
    check_records(records, cursor, _offsets(header, start, upper_start, starts, levels))
    check_metric(records.vectors, metric, cursor, "such an index holds")
    notes += deleted_note(int(records.deleted.sum())) + cursor.rest()
    return to_graph(records, source=f"{cursor.kind} file", notes=notes, metric_stated=True)


def holds_bytes(cursor: Cursor) -> bool:
    """Whether the vectors are plainly not f32, so that `read` asks for their `scalar`.

    Raises IndexFileError where the header or the records of layer 0 are not whole.
    """
    header = cursor.array("header", HEADER, 1)[0]
    length = _check_header(header, cursor)
    if length % 4:
        return True
    record = base_record(header, length // 4)
    return are_bytes(cursor.array("records of layer 0", record, int(header["count"]))["vector"])


def _offsets(
    header: np.void,
    base_start: int,
    upper_start: int,
    starts: npt.NDArray[np.int64],
    levels: npt.NDArray[np.int32],
) -> Mapping[str, Offset]:
    size, vector = int(header["record_size"]), int(header["vector_offset"])
    m = int(header["max_m"])
    return {
        "level": lambda node: upper_start + 4 * int(starts[node]),
        "base": lambda node: base_start + size * int(node) + 4,
        "vector": lambda node: base_start + size * int(node) + vector,
        "upper": lambda row: _upper_offset(upper_start, starts, levels, int(row), m),
    }


def _check_length(length: int, scalar: Scalar | None, dim: int | None, cursor: Cursor) -> None:
    """Vectors of `length` bytes hold whole numbers, and as many as was said."""
    size = np.dtype(SCALARS[scalar or "float32"]).itemsize
    if length % size:
        hint = f"; if they are bytes, {BYTES}" if scalar is None else ""
        problem = f"vectors of {length:,} bytes are no float32{hint}"
        raise _header_error(cursor, "label_offset", problem)
    if dim is not None and dim != length // size:
        raise IndexFileError(
            f"dim = {dim:,} contradicts the {cursor.kind} file, whose vectors have "
            f"{length // size:,} dimensions. Leave dim out."
        )


def _bytes_error(cursor: Cursor, length: int) -> IndexFileError:
    return IndexFileError(
        f"The vectors of this {cursor.kind} file are no float32: as such, their numbers would "
        "lie anywhere between 1e-45 and 1e38. They look like bytes (uint8 or int8), "
        f"{length:,} to a vector; to read them so, {BYTES}. If they are float32 after all, pass "
        "scalar='float32'."
    )


def _check_top(header: np.void, levels: npt.NDArray[np.int32], cursor: Cursor) -> None:
    stated, found = int(header["max_level"]), levels[int(header["entry_point"])]
    if found != stated:
        raise _header_error(
            cursor, "max_level", f"{stated}, and the entry point is on layer {found}"
        )


def _check_header(header: np.void, cursor: Cursor) -> int:
    """The bytes of a vector, once every field of the header follows from the others."""
    value = {name: header[name].item() for name in HEADER.names or ()}
    if value["count"] == 0:
        raise cursor.empty()
    limits = {
        "offset_level0": (0, 0),
        "count": (1, LARGEST_COUNT),
        "max_elements": (value["count"], 2**63),
        "max_m": (1, LARGEST_LINKS),
        "m": (value["max_m"], value["max_m"]),
        "max_m0": (2 * value["max_m"], 2 * value["max_m"]),
        "max_level": (0, LARGEST_LEVEL),
        "entry_point": (0, value["count"] - 1),
        "vector_offset": (4 + 4 * value["max_m0"],) * 2,
        "label_offset": (value["vector_offset"] + 1, len(cursor.content)),
        "record_size": (value["label_offset"] + 8,) * 2,
        "ef_construction": (0, 2**31),
    }
    for field, (low, high) in limits.items():
        if not low <= value[field] <= high:
            possible = f"{low:,}" if low == high else f"between {low:,} and {high:,}"
            raise _header_error(cursor, field, f"{value[field]:,}, which must be {possible}")
    return int(value["label_offset"] - value["vector_offset"])


def _header_error(cursor: Cursor, field: str, problem: str) -> IndexFileError:
    at = cursor.start + field_offset(HEADER, field)
    return cursor.error(f"{field} in the header", problem, at)


def _upper_records(
    cursor: Cursor, count: int, m: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.void]]:
    """Levels, the word at which each node's size stands, and the records node by node."""
    start = cursor.offset
    record = upper_record(m)
    words = cursor.left // 4
    if words < count:
        raise cursor.error(
            "upper links", f"{cursor.left:,} bytes are left for those of {count:,} nodes"
        )
    tail = cursor.array("upper links", "<u4", words)
    starts = size_places(tail, count)
    sizes = tail[starts].astype(np.int64)
    ends = starts + 1 + sizes // 4
    wrong = np.flatnonzero((sizes % record.itemsize != 0) | (ends > words))
    if len(wrong):
        node = int(wrong[0])
        raise cursor.error(
            "size of upper links",
            f"{sizes[node]:,} bytes for node {node:,} are not whole records of "
            f"{record.itemsize:,} bytes that the file holds",
            start + 4 * int(starts[node]),
        )
    if len(starts) < count:
        raise cursor.error(
            "size of upper links", f"the file ends before that of node {len(starts):,}"
        )
    end = int(ends[-1])
    cursor.offset, tail = start + 4 * end, tail[:end]
    keep = np.ones(len(tail), dtype=bool)
    keep[starts] = False
    levels = (sizes // record.itemsize).astype(np.int32)
    return levels, starts, tail[keep].view(record)


def _upper_offset(
    start: int, words: npt.NDArray[np.int64], levels: npt.NDArray[np.int32], row: int, m: int
) -> int:
    node, place = upper_place(levels, row)
    return start + 4 * (int(words[node]) + 1 + place * (1 + m)) + 4
