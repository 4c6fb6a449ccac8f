"""A graph as the file that hnswlib loads, whatever the graph came from."""

import math
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError
from core.index.graph import HnswGraph, Offsets, ranges
from core.index.hnswlib_file import DELETED_FLAG, HEADER, base_record, upper_record

BYTES_AT_ONCE = 2**24
LARGEST_DEGREE = 2**16 - 1  # a count of links is a u16
USUAL_EF_CONSTRUCTION = 200


def write_hnswlib(graph: HnswGraph, file: BinaryIO) -> None:
    """Write `graph` so that `hnswlib.Index.load_index` and `read_index` read it.

    hnswlib's internal ids are the row ids, its labels the graph's; deleted rows stay marked. M in
    the file is the graph's, or as much more as its longest lists need: other libraries allow more
    links on a layer. Where the graph's ef_construction is not known, hnswlib's default of 200 is
    written: the format has no other way, and adding to an index with 0 would end the process.
    Written in blocks of rows, so that memory does not grow with the graph. The
    format is described in `core.index.files.hnswlib`.

    Raises ParameterError where a row has more links than the format can count.
    """
    header = _header(graph)[0]
    file.write(header.tobytes())
    base, upper = base_record(header, graph.stored_dim), upper_record(int(header["max_m"]))
    for rows in _blocks(graph.n, base.itemsize):
        file.write(_base_block(graph, base, rows).view(np.uint8).data)
    for rows in _blocks(graph.n, 4 + upper.itemsize * int(graph.levels.max())):
        file.write(_upper_block(graph, upper, rows).view(np.uint8).data)


def hnswlib_bytes(graph: HnswGraph) -> int:
    """The size of the file that `write_hnswlib` writes, and `save_index` of the same graph.

    hnswlib's own bytes: the records of layer 0 with room for 2 M links, and of the layers above
    with room for M, whether used or not. An index in memory takes about 100 bytes per vector more
    (locks, pointers and tables).
    """
    header = _header(graph)[0]
    base, upper = base_record(header, graph.stored_dim), upper_record(int(header["max_m"]))
    layers = int(graph.levels.sum(dtype=np.int64))
    return HEADER.itemsize + graph.n * (base.itemsize + 4) + layers * upper.itemsize


def _header(graph: HnswGraph) -> npt.NDArray[np.void]:
    m = _links_per_layer(graph)
    vector_offset = 4 + 4 * 2 * m
    label_offset = vector_offset + 4 * graph.stored_dim
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
        "max_m": m,
        "max_m0": 2 * m,
        "m": m,
        "mult": 1 / math.log(max(m, 2)),
        "ef_construction": graph.ef_construction or USUAL_EF_CONSTRUCTION,
    }
    for name, value in values.items():
        header[name] = value
    return header


def _links_per_layer(graph: HnswGraph) -> int:
    """The M that leaves room for M links on the upper layers and 2 M on layer 0."""
    base, upper = (int(layer.degrees.max(initial=0)) for layer in (graph.base, graph.upper))
    if max(base, upper) > LARGEST_DEGREE:
        raise ParameterError(
            f"hnswlib's file counts at most {LARGEST_DEGREE:,} links of a row; this graph has a "
            f"row with {max(base, upper):,}. Build it with a smaller M."
        )
    return max(graph.m, upper, -(-base // 2), 1)


def _blocks(n: int, bytes_per_row: int) -> Iterator[npt.NDArray[np.int64]]:
    """Row ids 0..n-1 in blocks of about `BYTES_AT_ONCE`."""
    step = max(1, BYTES_AT_ONCE // bytes_per_row)
    for start in range(0, n, step):
        yield np.arange(start, min(start + step, n))


def _base_block(
    graph: HnswGraph, record: "np.dtype[np.void]", rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.void]:
    block = np.zeros(len(rows), record)
    first, end = int(rows[0]), int(rows[-1]) + 1
    _fill_links(block, graph.base.indptr[first : end + 1], graph.base.targets)
    block["flags"] = np.where(graph.deleted[first:end], DELETED_FLAG, 0)
    block["vector"] = graph.vectors[first:end]
    block["label"] = graph.labels[first:end].astype(np.uint64)
    return block


def _upper_block(
    graph: HnswGraph, record: "np.dtype[np.void]", rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint32]:
    """Of each row the size of its upper links in bytes, and the records of its layers, as words."""
    levels = graph.levels[rows].astype(np.int64)
    places = ranges(graph.upper_start[rows], levels)
    starts = graph.upper.indptr[places]
    degrees = graph.upper.indptr[places + 1] - starts
    block = np.zeros(len(places), record)
    indptr = np.concatenate([[0], np.cumsum(degrees)])
    _fill_links(block, indptr, graph.upper.targets[ranges(starts, degrees)])
    words = record.itemsize // 4
    out = np.zeros(len(rows) + words * len(places), np.uint32)
    sizes = np.arange(len(rows)) + words * (np.cumsum(levels) - levels)
    out[sizes] = levels * record.itemsize
    is_link = np.ones(len(out), dtype=bool)
    is_link[sizes] = False
    out[is_link] = block.view(np.uint32)
    return out


def _fill_links(
    block: npt.NDArray[np.void], indptr: Offsets, targets: npt.NDArray[np.int32]
) -> None:
    """Set count and links of the records; links beyond the count stay 0."""
    degrees = np.diff(indptr)
    block["count"] = degrees
    used = np.arange(block["links"].shape[1]) < degrees[:, None]
    block["links"][used] = targets[indptr[0] : indptr[-1]]
