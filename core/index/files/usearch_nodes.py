"""The nodes of a usearch file: keys, levels and links, one after the other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index.files.checks import LARGEST_LEVEL, LARGEST_LINKS, narrowed, upper_place
from core.index.files.cursor import Cursor
from core.index.files.usearch_head import Head
from core.index.records import NodeRecords

LARGEST_COUNT = 2**31 - 1
Keys = npt.NDArray[np.uint64] | npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tape:
    """Sizes of the graph, levels of the nodes, and where each node stands in the file."""

    connectivity: int
    base_connectivity: int
    entry: int
    levels: npt.NDArray[np.int32]
    level_offset: int
    places: npt.NDArray[np.int64]


def read_tape(cursor: Cursor) -> Tape:
    """Sizes and places, checked against the size of the file; raises IndexFileError."""
    n = cursor.number("number of nodes", "<u8", 0, LARGEST_COUNT)
    if n == 0:
        raise cursor.empty()
    connectivity = cursor.number("connectivity", "<u8", 1, LARGEST_LINKS)
    base = cursor.number("connectivity of layer 0", "<u8", 1, 2 * LARGEST_LINKS)
    start = cursor.offset
    top = cursor.number("top layer", "<u8", 0, LARGEST_LEVEL)
    entry = cursor.number("entry slot", "<u8", 0, n - 1)
    level_offset = cursor.offset
    levels = cursor.array("levels", "<i2", n).astype(np.int32)
    wrong = np.flatnonzero((levels < 0) | (levels > LARGEST_LEVEL))
    if len(wrong):
        raise cursor.error("level", f"{levels[wrong[0]]}", level_offset + 2 * int(wrong[0]))
    if top != levels[entry]:
        raise cursor.error("top layer", f"{top}, and the entry point is on {levels[entry]}", start)
    sizes = 10 + 4 * (1 + base) + levels.astype(np.int64) * 4 * (1 + connectivity)
    places = cursor.offset + np.cumsum(sizes) - sizes
    cursor.array("nodes", "u1", int(sizes.sum()))
    return Tape(connectivity, base, entry, levels, level_offset, places)


def read_keys(cursor: Cursor, tape: Tape, head: Head) -> Keys:
    """The key of each node, (n,), in the file's type."""
    heads = _windows(cursor.content, tape.places, 8)
    return np.ascontiguousarray(heads).view(head.key)[:, 0]


def read_records(
    cursor: Cursor, tape: Tape, keys: Keys, vectors: npt.NDArray[np.float32], head: Head
) -> NodeRecords:
    """The nodes as records; raises IndexFileError."""
    heads = _windows(cursor.content, tape.places + 8, 2)
    repeated = np.ascontiguousarray(heads).view("<i2")[:, 0]
    wrong = np.flatnonzero(repeated != tape.levels)
    if len(wrong):
        node = int(wrong[0])
        raise cursor.error(
            "level of a node",
            f"{repeated[node]}, and {tape.levels[node]} in the list of levels",
            int(tape.places[node]) + 8,
        )
    base = _windows(cursor.content, tape.places + 10, 4 + 4 * tape.base_connectivity).view("<u4")
    above = tape.levels.astype(np.int64)
    first = np.cumsum(above) - above
    layer = np.arange(int(above.sum())) - np.repeat(first, above)
    upper_places = np.repeat(tape.places + 14 + 4 * tape.base_connectivity, above)
    width = 4 + 4 * tape.connectivity
    upper = _windows(cursor.content, upper_places + layer * width, width).view("<u4")
    return NodeRecords(
        vectors=vectors,
        labels=narrowed(keys),
        deleted=keys == np.iinfo(head.key).max,  # the key of removed items
        levels=tape.levels,
        base_counts=base[:, 0].astype(np.int64),
        base_links=base[:, 1:],
        upper_counts=upper[:, 0].astype(np.int64),
        upper_links=upper[:, 1:],
        entry_point=tape.entry,
        metric=head.metric,
        m=tape.connectivity,
        ef_construction=None,
    )


def upper_offset(tape: Tape, row: int) -> int:
    """Where the first link of the row-th upper record stands, in bytes."""
    node, place = upper_place(tape.levels, row)
    before = 14 + 4 * tape.base_connectivity + place * (4 + 4 * tape.connectivity)
    return int(tape.places[node]) + before + 4


def _windows(content: bytes, places: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.uint8]:
    """`width` bytes from each place, (places, width); the file is known to be long enough."""
    everything = np.frombuffer(content, dtype=np.uint8)
    if len(places) == 0:
        return np.empty((0, width), dtype=np.uint8)
    return np.lib.stride_tricks.sliding_window_view(everything, width)[places]
