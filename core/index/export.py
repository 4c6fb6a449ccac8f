"""The links of a graph as files that other tools read: CSR arrays, CSV, GraphML.

Everything is written to a binary file object, in blocks of links, so that the memory it takes does
not grow with the graph (one layer's CSR arrays aside).
"""

from collections.abc import Iterator, Sequence
from operator import methodcaller
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse
from pyarrow import csv

from core.distances import Float64s, paired_distances
from core.errors import ParameterError
from core.index.blocks import run_in_blocks
from core.index.graph import Adjacency, HnswGraph, Ids

LINKS_PER_BLOCK = 200_000
EDGE_COLUMNS = pa.schema(
    [
        ("layer", pa.int32()),
        ("source", pa.int32()),
        ("target", pa.int32()),
        ("source_label", pa.int64()),
        ("target_label", pa.int64()),
        ("distance", pa.float64()),
    ]
)

GRAPHML_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="label" for="node" attr.name="label" attr.type="long"/>
<key id="level" for="node" attr.name="level" attr.type="int"/>
<key id="deleted" for="node" attr.name="deleted" attr.type="boolean"/>
<key id="name" for="node" attr.name="name" attr.type="string"/>
<key id="layer" for="edge" attr.name="layer" attr.type="int"/>
<graph edgedefault="directed">
"""
GRAPHML_TAIL = "</graph>\n</graphml>\n"
XML_FORBIDS = [*range(0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)]  # in XML 1.0, section 2.2
XML_TEXT: dict[int, str | None] = {
    **dict.fromkeys(XML_FORBIDS),
    ord("\t"): "\t",
    ord("\n"): "\n",
    ord("\r"): "&#13;",
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
}


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


def write_edges_csv(graph: HnswGraph, file: BinaryIO, *, layer: int | None = None) -> None:
    """Write one line per link: layer, source, target, source_label, target_label, distance.

    source and target are row ids; distance is that of the metric in float64, digits enough to
    read it back unchanged. layer None: all layers, the base first. Lines are grouped by source.

    Raises ParameterError where the graph has no such layer.
    """
    with csv.CSVWriter(file, EDGE_COLUMNS) as lines:
        for on_layer in _layers(graph, layer):
            for sources, targets in _link_blocks(graph, on_layer):
                columns = [
                    np.full(len(sources), on_layer, dtype=np.int32),
                    sources,
                    targets,
                    graph.labels[sources],
                    graph.labels[targets],
                    link_distances(graph, sources, targets),
                ]
                lines.write_table(pa.table(columns, schema=EDGE_COLUMNS))


def write_graphml(
    graph: HnswGraph,
    file: BinaryIO,
    *,
    layer: int | None = None,
    names: Sequence[str] | None = None,
) -> None:
    """Write the graph as GraphML (http://graphml.graphdrawing.org/specification.html).

    Nodes are `n<row>` with label, level, deleted and, where `names` (n,) are given, name; edges
    are directed and carry their layer. Characters that XML 1.0 forbids are left out of names.
    layer None: all nodes, and the links of all layers, the base first.

    Raises ParameterError where the graph has no such layer or `names` is not one per row.
    """
    layers = _layers(graph, layer)
    texts = _names_of_rows(graph, names)
    file.write(GRAPHML_HEAD.encode())
    nodes = graph.nodes(layers[0])
    for start in range(0, len(nodes), LINKS_PER_BLOCK):
        file.write(_node_lines(graph, nodes[start : start + LINKS_PER_BLOCK], texts))
    for on_layer in layers:
        end = f'"><data key="layer">{on_layer}</data></edge>\n'
        for sources, targets in _link_blocks(graph, on_layer):
            file.write(_joined('<edge source="n', sources, '" target="n', targets, end))
    file.write(GRAPHML_TAIL.encode())


def link_distances(graph: HnswGraph, sources: Ids, targets: Ids) -> Float64s:
    """Distance of the metric between the rows of each link, (links,) float64."""
    distances = np.empty(len(sources))

    def run(block: slice) -> None:
        left, right = graph.vectors[sources[block]], graph.vectors[targets[block]]
        distances[block] = paired_distances(left, right, graph.metric)

    run_in_blocks(len(sources), run)
    return distances


def layer_rows(graph: HnswGraph, layer: int) -> Adjacency:
    """The links of one layer with a row for each of the n rows, empty for those not on it."""
    graph.nodes(layer)  # raises where there is no such layer
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


def _layers(graph: HnswGraph, layer: int | None) -> range:
    """The layers to write: one, or all where `layer` is None."""
    if layer is None:
        return range(graph.max_level + 1)
    graph.nodes(layer)  # raises where there is no such layer
    return range(layer, layer + 1)


def _names_of_rows(graph: HnswGraph, names: Sequence[str] | None) -> npt.NDArray[np.object_] | None:
    if names is None:
        return None
    if len(names) != graph.n:
        raise ParameterError(
            f"names must hold one name for each of the {graph.n:,} rows; got {len(names):,}."
        )
    return np.array(names, dtype=object)


def _node_lines(
    graph: HnswGraph, rows: npt.NDArray[np.int64], names: npt.NDArray[np.object_] | None
) -> bytes:
    parts: list[str | npt.NDArray[Any]] = ['<node id="n', rows]
    parts += ['"><data key="label">', graph.labels[rows]]
    parts += ['</data><data key="level">', graph.levels[rows]]
    parts += ['</data><data key="deleted">', graph.deleted[rows]]
    if names is not None:
        texts = list(map(methodcaller("translate", XML_TEXT), names[rows]))
        parts += ['</data><data key="name">', np.array(texts, dtype=object)]
    return _joined(*parts, "</data></node>\n")


def _joined(*parts: str | npt.NDArray[Any]) -> bytes:
    """Texts and columns joined line by line, all lines one after the other, in UTF-8."""
    text = pa.large_string()
    columns = [
        pa.scalar(part, text) if isinstance(part, str) else pa.array(part).cast(text)
        for part in parts
    ]
    lines = pc.binary_join_element_wise(*columns, pa.scalar("", text))
    _, ends, characters = lines.buffers()
    return bytes(characters)[: np.frombuffer(ends, dtype=np.int64)[len(lines)]]


def _link_blocks(graph: HnswGraph, layer: int) -> Iterator[tuple[Ids, Ids]]:
    """(sources, targets) of at most `LINKS_PER_BLOCK` links at a time, grouped by source."""
    links = layer_rows(graph, layer)
    total = len(links.targets)
    for start in range(0, total, LINKS_PER_BLOCK):
        places = np.arange(start, min(start + LINKS_PER_BLOCK, total))
        sources = np.searchsorted(links.indptr, places, side="right") - 1
        yield sources.astype(np.int32), links.targets[places[0] : places[-1] + 1]
