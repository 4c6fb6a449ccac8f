"""Which rows a search can visit, and the parts of a layer along its links."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index.blocks import run_in_blocks
from core.index.graph import Adjacency, HnswGraph

Ids = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts of a layer: labels (nodes,) 0..count - 1 in no order, and how many there are."""

    labels: Ids
    count: int

    @property
    def largest(self) -> int:
        """Nodes of the largest part."""
        return int(np.bincount(self.labels).max(initial=0))


def reachable_rows(graph: HnswGraph) -> npt.NDArray[np.bool_]:
    """Rows that some search could visit on layer 0, however large its ef, (n,).

    Links are followed from the entry point on the top layer; all that is reached there starts the
    walk on the layer below, and so on down to layer 0.
    """
    from core.index.kernels.walks import spread

    reached = np.zeros(graph.n, dtype=bool)
    queue = np.empty(graph.n, dtype=np.int32)
    reached[graph.entry_point], queue[0], count = True, graph.entry_point, 1
    for layer in range(graph.max_level, -1, -1):
        links = graph.upper if layer else graph.base
        count = spread(layer, graph.upper_start, links.indptr, links.targets, reached, queue, count)
    return reached


def reachable_from(graph: HnswGraph, row: int) -> npt.NDArray[np.bool_]:
    """Rows that a walk on layer 0 reaches from `row`, itself included, (n,)."""
    from core.index.kernels.walks import spread

    reached = np.zeros(graph.n, dtype=bool)
    queue = np.empty(graph.n, dtype=np.int32)
    reached[row], queue[0] = True, row
    spread(0, graph.upper_start, graph.base.indptr, graph.base.targets, reached, queue, 1)
    return reached


def layer_adjacency(graph: HnswGraph, layer: int) -> Adjacency:
    """The links of a layer between places 0..nodes - 1 in its nodes, ascending."""
    if layer == 0:
        return graph.base
    nodes = graph.nodes(layer)
    place = np.full(graph.n, -1, dtype=np.int32)
    place[nodes] = np.arange(len(nodes), dtype=np.int32)
    sources, targets = graph.links(layer)
    indptr = np.zeros(len(nodes) + 1, dtype=np.int64)
    np.cumsum(np.bincount(place[sources], minlength=len(nodes)), out=indptr[1:])
    return Adjacency(indptr, place[targets])


def strong_parts(links: Adjacency) -> Parts:
    """Strongly connected components: nodes that reach one another along links.

    Tarjan's algorithm (SIAM Journal on Computing 1(2), 1972).
    """
    from core.index.kernels.walks import strong_components

    n = len(links.indptr) - 1
    labels, order = (np.full(n, -1, dtype=np.int32) for _ in range(2))
    low, stack, call = (np.empty(n, dtype=np.int32) for _ in range(3))
    place = np.empty(n, dtype=np.int64)
    count = strong_components(links.indptr, links.targets, labels, order, low, stack, call, place)
    return Parts(labels, int(count))


def weak_parts(links: Adjacency) -> Parts:
    """Weakly connected components: nodes joined by links of either direction."""
    from core.index.kernels.walks import weak_components

    n = len(links.indptr) - 1
    parent = np.arange(n, dtype=np.int32)
    count = weak_components(links.indptr, links.targets, parent)
    return Parts(np.unique(parent, return_inverse=True)[1].astype(np.int32), int(count))


def reciprocity(links: Adjacency) -> float:
    """Share of links whose reverse exists; NaN without links."""
    from core.index.kernels.walks import count_reciprocal

    if len(links.targets) == 0:
        return float("nan")
    counts: list[int] = []

    def run(block: slice) -> None:
        counts.append(count_reciprocal(links.indptr, links.targets, block.start, block.stop))

    run_in_blocks(len(links.indptr) - 1, run)
    return sum(counts) / len(links.targets)
