"""The links of a graph as files that other tools read: CSR arrays, CSV, GraphML.

Everything is written to a binary file object, in blocks of links, so that the memory it takes does
not grow with the graph (one layer's CSR arrays aside).
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import scipy.sparse

from core.index.graph import Adjacency, HnswGraph, Ids

LINKS_PER_BLOCK = 200_000


def write_csr(graph: HnswGraph, file: BinaryIO, *, layer: int | None = None) -> None:
    """Write the links as compressed sparse rows, an `.npz` that loads with allow_pickle=False.

    One layer: an (n, n) matrix of ones for `scipy.sparse.load_npz`, a row per row of the graph
    (empty where the row is not on the layer), its columns in the index's own order of the links.
    layer None: plain arrays `layer_<l>_indptr` (n + 1,) and `layer_<l>_indices` of every layer,
    `labels`, `levels`, `deleted` (n,), and `entry_point`, `metric`, `m`.

    Raises ParameterError where the graph has no such layer.
    """
    if layer is None:
        _write_layers(graph, file)
        return
    links = layer_rows(graph, layer)
    ones = np.ones(len(links.targets), dtype=np.int8)
    matrix = scipy.sparse.csr_array(
        (ones, links.targets, links.indptr), shape=(graph.n, graph.n), copy=False
    )
    scipy.sparse.save_npz(file, matrix, compressed=False)  # zip: a quarter, 100 times as long


def layer_rows(graph: HnswGraph, layer: int) -> Adjacency:
    """The links of one layer with a row for each of the n rows, empty for those not on it."""
    graph.nodes(layer)  # names the layers there are where this is none
    if layer == 0:
        return graph.base
    sources, targets = graph.links(layer)
    indptr = np.zeros(graph.n + 1, dtype=np.int64)
    np.cumsum(np.bincount(sources, minlength=graph.n), out=indptr[1:])
    return Adjacency(indptr, targets)


def _write_layers(graph: HnswGraph, file: BinaryIO) -> None:
    arrays: dict[str, npt.NDArray[Any]] = {
        "labels": graph.labels,
        "levels": graph.levels,
        "deleted": graph.deleted,
        "entry_point": np.array(graph.entry_point),
        "metric": np.array(graph.metric),
        "m": np.array(graph.m),
    }
    for layer in range(graph.max_level + 1):
        links = layer_rows(graph, layer)
        arrays[f"layer_{layer}_indptr"] = links.indptr
        arrays[f"layer_{layer}_indices"] = links.targets
    np.savez(file, allow_pickle=False, **arrays)


def _link_blocks(graph: HnswGraph, layer: int) -> Iterator[tuple[Ids, Ids]]:
    """(sources, targets) of at most `LINKS_PER_BLOCK` links at a time, grouped by source."""
    links = layer_rows(graph, layer)
    total = len(links.targets)
    for start in range(0, total, LINKS_PER_BLOCK):
        places = np.arange(start, min(start + LINKS_PER_BLOCK, total))
        sources = np.searchsorted(links.indptr, places, side="right") - 1
        yield sources.astype(np.int32), links.targets[places[0] : places[-1] + 1]
