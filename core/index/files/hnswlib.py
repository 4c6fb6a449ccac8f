"""The file that hnswlib writes (0.7 and later), with everything in it checked.

A header of 96 bytes; one record per node: link count u16, deleted flag u8, one byte of padding,
2 M links u32, the vector (d x f32), the label u64; then for each node the size of its upper links
in bytes u32, followed by one record per layer above 0: link count u16, two bytes of padding,
M links u32. All little-endian (https://github.com/nmslib/hnswlib, `saveIndex`).
"""

import numpy as np
import numpy.typing as npt

from core.errors import IndexFileError
from core.index.files.checks import (
    LARGEST_LEVEL,
    LARGEST_LINKS,
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
from core.spaces import Metric

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


def read(content: bytes, metric: Metric, dim: int | None) -> HnswGraph:
    """The graph of a file; raises IndexFileError."""
    cursor = Cursor(content, KIND)
    header = cursor.array("header", HEADER, 1)[0]
    found = _check_header(header, cursor)
    if dim is not None and dim != found:
        raise IndexFileError(
            f"dim = {dim:,} contradicts the hnswlib file, whose vectors have {found:,} dimensions. "
            "Leave dim out."
        )
    count, m = int(header["count"]), int(header["max_m"])
    base_start = cursor.offset
    base = cursor.array("records of layer 0", base_record(header, found), count)
    upper_start = cursor.offset
    levels, starts, upper = _upper_records(cursor, count, m)
    if levels[int(header["entry_point"])] != int(header["max_level"]):
        raise _header_error(
            cursor,
            "max_level",
            f"{int(header['max_level'])}, and the entry point is on layer "
            f"{levels[int(header['entry_point'])]}",
        )
    records = NodeRecords(
        vectors=base["vector"],
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
    size = base.dtype.itemsize
    vector, label = int(header["vector_offset"]), int(header["label_offset"])
    offsets = {
        "level": lambda node: upper_start + 4 * int(starts[node]),
        "base": lambda node: base_start + size * int(node) + 4,
        "vector": lambda node: base_start + size * int(node) + vector,
        "label": lambda node: base_start + size * int(node) + label,
        "upper": lambda row: _upper_offset(upper_start, starts, levels, int(row), m),
    }
    check_records(records, cursor, offsets)
    check_metric(records.vectors, metric, cursor, "such an index holds")
    notes = deleted_note(int(records.deleted.sum()))
    return to_graph(records, source="hnswlib file", notes=notes, metric_stated=True)


def _check_header(header: np.void, cursor: Cursor) -> int:
    """The number of dimensions, once every field of the header follows from the others."""
    value = {name: header[name].item() for name in HEADER.names or ()}
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
        "label_offset": (value["vector_offset"] + 4, len(cursor.content)),
        "record_size": (value["label_offset"] + 8,) * 2,
        "ef_construction": (0, 2**31),
    }
    for field, (low, high) in limits.items():
        if not low <= value[field] <= high:
            possible = f"{low:,}" if low == high else f"between {low:,} and {high:,}"
            raise _header_error(cursor, field, f"{value[field]:,}, which must be {possible}")
    length = value["label_offset"] - value["vector_offset"]
    if length % 4:
        raise _header_error(cursor, "label_offset", f"vectors of {length:,} bytes are no float32")
    return int(length // 4)


def _header_error(cursor: Cursor, field: str, problem: str) -> IndexFileError:
    return cursor.error(f"{field} in the header", problem, field_offset(HEADER, field))


def _upper_records(
    cursor: Cursor, count: int, m: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.void]]:
    """Levels, the word at which each node's size stands, and the records node by node."""
    start = cursor.offset
    record = upper_record(m)
    longest = count * (4 + LARGEST_LEVEL * record.itemsize)
    if cursor.left % 4 or not 4 * count <= cursor.left <= longest:
        raise cursor.error(
            "upper links", f"{cursor.left:,} bytes are left for those of {count:,} nodes"
        )
    tail = cursor.array("upper links", "<u4", cursor.left // 4)
    starts = size_places(tail, count)
    sizes = tail[starts].astype(np.int64)
    following = np.append(starts[1:], len(tail))
    wrong = np.flatnonzero((sizes % record.itemsize != 0) | (starts + 1 + sizes // 4 != following))
    if len(wrong):
        node = int(wrong[0])
        raise cursor.error(
            "size of upper links",
            f"{sizes[node]:,} bytes for node {node:,} are not whole records of "
            f"{record.itemsize:,} bytes that end where the next node begins",
            start + 4 * int(starts[node]),
        )
    if len(starts) < count:
        raise cursor.error(
            "size of upper links", f"the file ends before that of node {len(starts):,}"
        )
    keep = np.ones(len(tail), dtype=bool)
    keep[starts] = False
    levels = (sizes // record.itemsize).astype(np.int32)
    return levels, starts, tail[keep].view(record)


def _upper_offset(
    start: int, words: npt.NDArray[np.int64], levels: npt.NDArray[np.int32], row: int, m: int
) -> int:
    node, place = upper_place(levels, row)
    return start + 4 * (int(words[node]) + 1 + place * (1 + m)) + 4
