"""The graph inside a faiss file: levels, where each node's links begin, and all links."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index.files.checks import LARGEST_LEVEL, LARGEST_LINKS
from core.index.files.cursor import Cursor


@dataclass(frozen=True, eq=False)
class FaissLinks:
    """The graph's arrays as they stand in the file, checked against one another."""

    places: npt.NDArray[np.int64]
    levels: npt.NDArray[np.int32]
    begins: npt.NDArray[np.int64]
    links: npt.NDArray[np.int32]
    entry_point: int
    ef_construction: int
    level_offset: int
    link_offset: int


def read_links(cursor: Cursor, count: int, *, layers: bool = True) -> FaissLinks:
    """The graph of `count` nodes; raises IndexFileError.

    layers: False where only layer 0 is searched. Such a file may name no entry point and leave the
    places of the upper layers empty: then all nodes are on layer 0 alone, and the entry point is 0.
    """
    cursor.counted("level probabilities", "<f8")
    start = cursor.offset
    places = cursor.counted("link places up to each level", "<i4").astype(np.int64)
    _check_places(places, cursor, start)
    start = cursor.offset
    levels = cursor.counted("levels", "<i4")
    level_offset = start + 8
    if len(levels) != count or levels.min() < 1 or levels.max() >= len(places):
        raise cursor.error(
            "levels",
            f"{len(levels):,} values from {levels.min(initial=0)} to {levels.max(initial=0)} for "
            f"{count:,} vectors and {len(places) - 1} levels",
            start,
        )
    start = cursor.offset
    begins = cursor.counted("link offsets", "<u8")
    expected = np.concatenate([[0], np.cumsum(places[levels])]).astype(np.uint64)
    if not np.array_equal(begins, expected):
        raise cursor.error("link offsets", "they do not follow from the levels", start)
    start = cursor.offset
    links = cursor.counted("links", "<i4")
    if len(links) != int(expected[-1]):
        raise cursor.error("links", f"{len(links):,}, and {expected[-1]:,} places", start)
    least = 0 if layers else -1
    entry_point = cursor.number("entry point", "<i4", least, count - 1)
    start = cursor.offset
    top = cursor.number("top layer", "<i4", least, LARGEST_LEVEL)
    if not layers:
        entry_point, levels = 0, np.ones_like(levels)
    elif top != levels[entry_point] - 1:
        raise cursor.error(
            "top layer", f"{top}, and the entry point is on {levels[entry_point] - 1}", start
        )
    ef_construction = cursor.number("efConstruction", "<i4", 0, 2**31 - 1)
    cursor.number("efSearch", "<i4", 0, 2**31 - 1)
    cursor.array("unused number", "<i4", 1)
    begin_offset = cursor.offset - 20 - links.nbytes
    return FaissLinks(
        places,
        levels,
        begins.astype(np.int64),
        links,
        entry_point,
        ef_construction,
        level_offset,
        begin_offset,
    )


def _check_places(places: npt.NDArray[np.int64], cursor: Cursor, offset: int) -> None:
    """0, 2 M, 3 M, 4 M, ...: as many places on each layer above 0."""
    steps = np.diff(places)
    good = (
        3 <= len(places) <= LARGEST_LEVEL + 2
        and places[0] == 0
        and bool((steps >= 1).all())
        and bool((steps[1:] == steps[1]).all())
        and int(steps.max()) <= LARGEST_LINKS
    )
    if not good:
        raise cursor.error("link places up to each level", f"{places[:6].tolist()} ...", offset)


def rows_of(
    links: npt.NDArray[np.int32], begins: npt.NDArray[np.int64], width: int
) -> npt.NDArray[np.int32]:
    """`width` links from each beginning, (nodes, width); the links are known to be enough."""
    if len(begins) == 0:
        return np.empty((0, width), dtype=np.int32)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(links, width)[begins])


def used_of(rows: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Links before the first -1 of each row."""
    ends = rows == -1
    used = np.where(ends.any(axis=1), ends.argmax(axis=1), rows.shape[1])
    return np.asarray(used, dtype=np.int64)
