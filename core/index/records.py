"""Fixed-size link records, as native libraries keep them, turned into an `HnswGraph`."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data import watch
from core.distances import Metric
from core.index.graph import BUILT, Adjacency, HnswGraph, Ids, Offsets, ranges
from core.index.storage import FLOAT32, Storage
from core.index.transform import Transform

RECORDS_AT_ONCE = 16_384


@dataclass(frozen=True)
class NodeRecords:
    """A native index, in its own (internal) order of nodes.

    vectors: (n, d) float32. labels: (n,) int64, or uint64 where one
    needs it. deleted: (n,) bool. levels: (n,).
    base_counts: (n,), base_links: (n, width) internal ids, of which the first `count` are valid.
    upper_counts: (r,), upper_links: (r, width), r = sum of levels: for each node in order its
    layers 1, 2, ... entry_point: internal id.
    """

    vectors: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64] | npt.NDArray[np.uint64]
    deleted: npt.NDArray[np.bool_]
    levels: npt.NDArray[np.int32]
    base_counts: npt.NDArray[np.int64]
    base_links: npt.NDArray[np.uint32]
    upper_counts: npt.NDArray[np.int64]
    upper_links: npt.NDArray[np.uint32]
    entry_point: int
    metric: Metric
    m: int
    ef_construction: int | None


def to_graph(
    records: NodeRecords,
    vectors: npt.NDArray[np.float32] | None = None,
    *,
    source: str = BUILT,
    notes: tuple[str, ...] = (),
    storage: Storage = FLOAT32,
    metric_stated: bool = False,
    codes: str | None = None,
    transform: Transform | None = None,
) -> HnswGraph:
    """The graph with rows in ascending order of label; no loop over nodes.

    vectors: (n, d) the records' own vectors in that order already, not to be copied again.
    source, notes: where the graph comes from, and what was converted. The others: as in
    `HnswGraph`.
    """
    node_of_row = np.argsort(records.labels, kind="stable")
    n = len(node_of_row)
    row_of_node = np.empty(n, dtype=np.int32)
    row_of_node[node_of_row] = np.arange(n, dtype=np.int32)
    levels = records.levels[node_of_row].astype(np.int32)
    level_ends = np.cumsum(records.levels, dtype=np.int64)
    upper_rows = _upper_row_order(node_of_row, records.levels, level_ends)
    return HnswGraph(
        vectors=_rows(records.vectors, node_of_row) if vectors is None else vectors,
        metric=records.metric,
        m=records.m,
        ef_construction=records.ef_construction,
        entry_point=int(row_of_node[records.entry_point]),
        levels=levels,
        labels=records.labels[node_of_row],
        deleted=records.deleted[node_of_row],
        base=_adjacency(records.base_counts, records.base_links, node_of_row, row_of_node),
        upper=_adjacency(records.upper_counts, records.upper_links, upper_rows, row_of_node),
        upper_start=np.cumsum(levels, dtype=np.int64) - levels,
        source=source,
        notes=notes,
        storage=storage,
        metric_stated=metric_stated,
        codes=codes,
        transform=transform,
    )


def _upper_row_order(
    node_of_row: npt.NDArray[np.int64], levels: npt.NDArray[np.int32], level_ends: Offsets
) -> Offsets:
    """For each (row, layer) of the graph, in order, the record that holds its links."""
    counts = levels[node_of_row].astype(np.int64)
    return ranges(level_ends[node_of_row] - counts, counts)


def _is_identity(order: npt.NDArray[np.int64]) -> bool:
    return bool(np.array_equal(order, np.arange(len(order))))


def _rows(
    vectors: npt.NDArray[np.float32], order: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    if not _is_identity(order):
        return vectors[order]
    # a view of a file would keep all of the file in memory, and may begin at an odd byte
    return np.require(vectors, requirements=("C", "A", "O"))


def _adjacency(
    counts: npt.NDArray[np.int64],
    links: npt.NDArray[np.uint32],
    order: npt.NDArray[np.int64],
    row_of_node: Ids,
) -> Adjacency:
    """Compress the records, taken in `order`, with their ids turned into row ids, in blocks."""
    indptr = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts[order], out=indptr[1:])
    targets = np.empty(indptr[-1], dtype=np.int32)
    for start in range(0, len(order), RECORDS_AT_ONCE):
        watch.rows_read(start, len(order))
        block = order[start : start + RECORDS_AT_ONCE]
        valid = np.arange(links.shape[1]) < counts[block, None]
        end = indptr[start + len(block)]
        targets[indptr[start] : end] = row_of_node[links[block][valid]]
    return Adjacency(indptr, targets)
