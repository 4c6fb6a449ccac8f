"""A graph as the file that hnswlib loads, whatever the graph came from."""

from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from core.index.graph import HnswGraph
from core.index.hnswlib_file import DELETED_FLAG, HEADER, base_record, upper_record

NODES_AT_ONCE = 16_384
USUAL_EF_CONSTRUCTION = 200


def write_hnswlib(graph: HnswGraph, file: BinaryIO) -> None:
    """Write `graph` so that `hnswlib.Index.load_index` reads it, in blocks of nodes.

    Nodes stand in the order of rows, under the graph's labels; deleted rows stay marked. Where a
    node has more links than M allows, as in files of other libraries, the file allows as many. The
    format is described in `core.index.files.hnswlib`.
    """
    header = _header(graph)
    file.write(header.tobytes())
    record = base_record(header[0], graph.dim)
    for start in range(0, graph.n, NODES_AT_ONCE):
        rows = slice(start, min(start + NODES_AT_ONCE, graph.n))
        file.write(_base_block(graph, record, rows).tobytes())
    upper = upper_record(int(header[0]["max_m"]))
    for start in range(0, graph.n, NODES_AT_ONCE):
        rows = slice(start, min(start + NODES_AT_ONCE, graph.n))
        file.write(_upper_block(graph, upper, rows).tobytes())


def _header(graph: HnswGraph) -> npt.NDArray[np.void]:
    max_m = max(graph.m, int(graph.upper.degrees.max(initial=0)))
    max_m0 = max(2 * graph.m, int(graph.base.degrees.max(initial=0)))
    vector_offset = 4 + 4 * max_m0
    label_offset = vector_offset + 4 * graph.dim
    header = np.zeros(1, HEADER)
    values = {
        "offset_level0": 0,
        "max_elements": graph.n,
        "count": graph.n,
        "record_size": label_offset + 8,
        "label_offset": label_offset,
        "vector_offset": vector_offset,
        "max_level": graph.max_level,
        "entry_point": graph.entry_point,
        "max_m": max_m,
        "max_m0": max_m0,
        "m": graph.m,
        "mult": 1 / np.log(max(graph.m, 2)),
        "ef_construction": graph.ef_construction or USUAL_EF_CONSTRUCTION,
    }
    for name, value in values.items():
        header[name] = value
    return header


def _base_block(graph: HnswGraph, record: "np.dtype[np.void]", rows: slice) -> npt.NDArray[np.void]:
    block = np.zeros(rows.stop - rows.start, record)
    indptr = graph.base.indptr[rows.start : rows.stop + 1]
    block["count"] = np.diff(indptr)
    block["flags"] = np.where(graph.deleted[rows], DELETED_FLAG, 0)
    block["links"] = _padded(indptr, graph.base.targets, block["links"].shape[1])
    block["vector"] = graph.vectors[rows]
    block["label"] = graph.labels[rows].astype(np.uint64)
    return block


def _upper_block(
    graph: HnswGraph, record: "np.dtype[np.void]", rows: slice
) -> npt.NDArray[np.uint32]:
    """For each node the size of its upper links in bytes, and the links of its layers."""
    levels = graph.levels[rows].astype(np.int64)
    first = int(graph.upper_start[rows.start])
    indptr = graph.upper.indptr[first : first + int(levels.sum()) + 1]
    block = np.zeros(len(indptr) - 1, record)
    block["count"] = np.diff(indptr)
    block["links"] = _padded(indptr, graph.upper.targets, block["links"].shape[1])
    words = record.itemsize // 4
    out = np.zeros(len(levels) + words * len(block), np.uint32)
    sizes = np.arange(len(levels)) + words * (np.cumsum(levels) - levels)
    out[sizes] = levels * record.itemsize
    links = np.ones(len(out), dtype=bool)
    links[sizes] = False
    out[links] = block.view(np.uint32)
    return out


def _padded(
    indptr: npt.NDArray[np.int64], targets: npt.NDArray[np.int32], width: int
) -> npt.NDArray[np.uint32]:
    """The links of each node in a row of `width` places, the rest 0."""
    links = np.zeros((len(indptr) - 1, width), np.uint32)
    links[np.arange(width) < np.diff(indptr)[:, None]] = targets[indptr[0] : indptr[-1]]
    return links
