"""What every parsed index must hold before it becomes a graph, whatever file it came from."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data import watch
from core.distances import Metric
from core.errors import IndexFileError
from core.index.files.cursor import Cursor
from core.index.records import NodeRecords

LARGEST_LEVEL = 64  # a level above it has a chance below 2^-64 even for M = 2
LARGEST_LINKS = 65_535
AT_ONCE = 65_536
UNIT = 1e-3  # rows of length 1 stay within this after rounding to 16 bits
Offset = Callable[[int], int]


def check_records(records: NodeRecords, cursor: Cursor, offsets: Mapping[str, Offset]) -> None:
    """Raise IndexFileError at the first count, link, level or value that cannot be.

    Labels may stand for several items: the libraries allow it, and `label_notes` says so.

    offsets: for "level" and "vector" the byte offset of the i-th; for "base" and "upper"
    that of the first link of the i-th record, which its count precedes by 4 bytes.
    """
    n = len(records.labels)
    _check_levels(records, cursor, offsets["level"])
    _check_links(records.base_counts, records.base_links, n, cursor, offsets["base"], "layer 0")
    _check_links(
        records.upper_counts, records.upper_links, n, cursor, offsets["upper"], "the upper layers"
    )
    _check_upper_targets(records, cursor, offsets["upper"])
    check_finite(records.vectors, cursor, offsets["vector"], records.labels)


def upper_place(levels: npt.NDArray[np.int32], row: int) -> tuple[int, int]:
    """The node whose links the row-th upper record holds, and how many of its own come before.

    >>> upper_place(np.array([0, 2, 1], dtype=np.int32), 1), upper_place(np.array([0, 2, 1]), 2)
    ((1, 1), (2, 0))
    """
    ends = np.cumsum(levels, dtype=np.int64)
    node = int(np.searchsorted(ends, row, side="right"))
    return node, row - int(ends[node] - levels[node])


def check_finite(
    vectors: npt.NDArray[np.float32],
    cursor: Cursor,
    offset: Offset,
    labels: npt.NDArray[np.integer[Any]],
    infinity: str = "infinity",
) -> None:
    """Raise IndexFileError where rows hold NaN or an infinity: how many, and which is the first.

    infinity: what an infinity stands for, where numbers were converted to float32.
    """
    first, count = -1, 0
    for start, block in _blocks(vectors):
        wrong = np.flatnonzero(~np.isfinite(block).all(axis=1))
        if len(wrong) and first < 0:
            first = start + int(wrong[0])
        count += len(wrong)
    if count:
        held = "NaN" if np.isnan(vectors[first]).any() else infinity
        others = f" (rows of this kind in all: {count:,})" if count > 1 else ""
        raise cursor.unsearchable(
            "vector",
            f"item {first:,} (label {labels[first]}) is not finite: it holds {held}{others}",
            offset(first),
        )


def label_notes(
    labels: npt.NDArray[np.integer[Any]], deleted: npt.NDArray[np.bool_]
) -> tuple[str, ...]:
    """What to say of labels that stand for several items that are not deleted, if there are any.

    labels: (n,), deleted: (n,).

    >>> label_notes(np.array([4, 7, 7]), np.zeros(3, dtype=bool))
    ('label 7 stands for 2 items, each a row of its own',)
    """
    named, counts = np.unique(labels[~deleted], return_counts=True)
    several = np.flatnonzero(counts > 1)
    if len(several) == 0:
        return ()
    first = f"label {named[several[0]]} stands for {counts[several[0]]:,} items"
    if len(several) == 1:
        return (f"{first}, each a row of its own",)
    return (
        f"labels that stand for more than one item: {len(several):,}, for "
        f"{int(counts[several].sum()):,} items in all, each a row of its own; {first}",
    )


def narrowed(
    labels: npt.NDArray[np.int64] | npt.NDArray[np.uint64],
) -> npt.NDArray[np.int64] | npt.NDArray[np.uint64]:
    """The labels as int64, or as they are where one does not fit."""
    return labels if int(labels.max()) >= 2**63 else labels.astype(np.int64)


def deleted_note(count: int) -> tuple[str, ...]:
    """What to say of deleted rows, if there are any."""
    return (f"deleted rows, walked through and never returned: {count:,}",) if count else ()


def check_metric(
    vectors: npt.NDArray[np.float32], metric: Metric, cursor: Cursor, held: str
) -> None:
    """Under "cosine" the rows of a file that keeps them scaled have length 1 (or 0)."""
    if metric != "cosine":
        return
    for start, block in _blocks(vectors):
        lengths = np.linalg.norm(block.astype(np.float64), axis=1)
        wrong = np.flatnonzero((np.abs(lengths - 1) > UNIT) & (lengths > 0))
        if len(wrong):
            raise IndexFileError(
                f"metric 'cosine' contradicts the {cursor.kind} file: {held} rows of length 1, and "
                f"item {start + wrong[0]:,} has length {lengths[wrong[0]]:.4g}. Say 'euclidean' or "
                "'inner_product', whichever it was built with."
            )


def _check_levels(records: NodeRecords, cursor: Cursor, offset: Offset) -> None:
    levels, entry = records.levels, records.entry_point
    wrong = np.flatnonzero((levels < 0) | (levels > LARGEST_LEVEL))
    if len(wrong):
        raise cursor.error(
            "level", f"{levels[wrong[0]]:,} is not between 0 and {LARGEST_LEVEL}", offset(wrong[0])
        )
    higher = np.flatnonzero(levels > levels[entry])
    if len(higher):
        raise cursor.error(
            "level",
            f"node {higher[0]:,} is on layer {levels[higher[0]]}, above the entry point "
            f"{entry:,} on layer {levels[entry]}",
            offset(int(higher[0])),
        )


def _check_links(
    counts: npt.NDArray[np.int64],
    links: npt.NDArray[np.uint32],
    n: int,
    cursor: Cursor,
    offset: Offset,
    where: str,
) -> None:
    width = links.shape[1]
    wrong = np.flatnonzero((counts < 0) | (counts > width))
    if len(wrong):
        raise cursor.error(
            f"link count on {where}",
            f"{counts[wrong[0]]:,} is not between 0 and {width:,}",
            offset(int(wrong[0])) - 4,
        )
    for start, block in _blocks(links):
        valid = np.arange(width) < counts[start : start + len(block), None]
        bad = valid & (block >= n)
        if bad.any():
            row, place = divmod(int(bad.argmax()), width)
            raise cursor.error(
                f"link on {where}",
                f"{block[row, place]:,} is no node: there are {n:,}",
                offset(start + row) + 4 * place,
            )


def _check_upper_targets(records: NodeRecords, cursor: Cursor, offset: Offset) -> None:
    """Links of a layer end at nodes of that layer."""
    levels = records.levels.astype(np.int64)
    first = np.cumsum(levels) - levels
    layer = np.arange(len(records.upper_counts)) - np.repeat(first, levels) + 1
    width = records.upper_links.shape[1]
    for start, block in _blocks(records.upper_links):
        valid = np.arange(width) < records.upper_counts[start : start + len(block), None]
        ends = levels[np.where(valid, block, 0)]
        bad = valid & (ends < layer[start : start + len(block), None])
        if bad.any():
            row, place = divmod(int(bad.argmax()), width)
            raise cursor.error(
                "link on the upper layers",
                f"node {block[row, place]:,} is not on layer {layer[start + row]}",
                offset(start + row) + 4 * place,
            )


def _blocks(rows: npt.NDArray[Any]) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    for start in range(0, len(rows), AT_ONCE):
        watch.rows_read(start, len(rows))
        yield start, rows[start : start + AT_ONCE]
