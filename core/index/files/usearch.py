"""The files that usearch 2 writes, with everything in them checked.

Unless saved without vectors: rows u32 and bytes per row u32 (or both u64), and the vectors. Then a
head of 64 bytes; size, connectivity, connectivity of layer 0, top layer and entry slot u64; the
level of each node i16; and node by node its key u64, level i16, and for each layer a link count u32
and its places for links u32.
(https://github.com/unum-cloud/usearch, `index_dense.hpp` and `index.hpp`)
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.distances import Metric
from core.index.files.checks import check_records, deleted_note, narrowed
from core.index.files.cursor import Cursor
from core.index.files.supplied import check_supplied
from core.index.files.usearch_head import KIND, Head, head_offset, read_head
from core.index.files.usearch_nodes import Tape, read_keys, read_records, read_tape, upper_offset
from core.index.files.usearch_vectors import STORAGES, STORED, UNIT, read_vectors, scaled
from core.index.graph import HnswGraph
from core.index.records import NodeRecords, to_graph
from core.index.storage import FLOAT32


def looks_like(content: bytes) -> bool:
    """Whether the magic word stands where it must, first or behind the vectors."""
    return head_offset(content) is not None


def read(
    content: bytes,
    metric: Metric | None,
    dim: int | None,
    vectors: npt.NDArray[np.float32] | None,
) -> HnswGraph:
    """The graph of a file; `vectors` in ascending order of key, for files saved without."""
    start = head_offset(content) or 0
    cursor = Cursor(content, KIND, start)
    head = read_head(cursor, metric, dim)
    tape = read_tape(cursor)
    notes = cursor.rest()
    keys, n = read_keys(cursor, tape, head), len(tape.levels)
    own, supplied = np.zeros((n, 0), dtype=np.float32), None
    storage = STORAGES[head.scalar] if start else FLOAT32
    if start:
        own, converted = read_vectors(content, start, narrowed(keys), head)
        own, notes = scaled(own, head.metric), converted + notes
    else:
        given = check_supplied(vectors, n, head.dim, "usearch (saved without vectors)")
        supplied = scaled(given, head.metric)
    records = read_records(cursor, tape, keys, own, head)
    check_records(records, cursor, _offsets(tape, start, head))
    _check_counts(records, head, cursor)
    source = f"usearch {head.version} file" + (f", {head.scalar} vectors" if start else "")
    notes += _notes(head)
    codes = "i8" if start and (head.scalar, head.metric) == ("i8", "cosine") else None
    return to_graph(records, supplied, source=source, notes=notes, storage=storage, codes=codes)


def _check_counts(records: NodeRecords, head: Head, cursor: Cursor) -> None:
    removed = int(records.deleted.sum())
    present = len(records.deleted) - removed
    if (head.present, head.removed) != (present, removed):
        raise cursor.error(
            "items and removed items in the head",
            f"{head.present:,} and {head.removed:,}, and the keys are those of {present:,} and "
            f"{removed:,}",
            head.offset,
        )


def _notes(head: Head) -> tuple[str, ...]:
    unit = (UNIT,) if head.metric == "cosine" else ()
    return unit + deleted_note(head.removed)


def _offsets(tape: Tape, start: int, head: Head) -> dict[str, Callable[[int], int]]:
    width = head.dim * np.dtype(STORED[head.scalar]).itemsize
    first = start - len(tape.levels) * width
    return {
        "level": lambda node: tape.level_offset + 2 * int(node),
        "base": lambda node: int(tape.places[node]) + 14,
        "upper": lambda row: upper_offset(tape, row),
        "vector": lambda node: first + int(node) * width,
    }
