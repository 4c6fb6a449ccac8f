"""The insertion of one item, replayed by hnswlib's rule on a graph as it stood before."""

from dataclasses import dataclass

import hnswlib
import numpy as np
import numpy.typing as npt

from core.checks import check_whole
from core.distances import Floats, Metric
from core.errors import ParameterError
from core.index.build import SPACES
from core.index.checks import check_vector
from core.index.graph import HnswGraph
from core.index.hnswlib_writer import USUAL_EF_CONSTRUCTION
from core.index.insertion.results import (
    Distances,
    Ids,
    InsertionTrace,
    LayerInsertion,
    ReverseLink,
    Selection,
    Step,
)
from core.index.insertion.room import new_room
from core.index.insertion.sum_order import sum_order
from core.index.kernels.types import Graph, SumOrder
from core.index.kernels.verdicts import KEPT
from core.index.scratch import kernel_graph

Float32s = npt.NDArray[np.float32]
LARGEST_LEVEL = 63  # a uniform double is above 2^-64, and M at least 2
NO_ROW = -1


def trace_insertion(graph: HnswGraph, vector: Floats, level: int) -> InsertionTrace:
    """What hnswlib 0.8.0 does to insert `vector` (d,) with a top layer of `level` into `graph`.

    The graph stays as it is; `with_inserted` gives it with the item. Under "cosine" the vector is
    scaled to length 1 as hnswlib does it. Where the graph does not state its ef_construction, it is
    hnswlib's default of 200. It is `addPoint` of
    https://github.com/nmslib/hnswlib/blob/v0.8.0/hnswlib/hnswalg.h, and gives the links that it
    gives, in its order. Of equally near rows hnswlib takes one by its internal ids, which are taken
    to be the row ids: so it is for an index built of rows in order.

    Raises ParameterError for another length of the vector, for a level that is no whole number
    from 0 to 63, and where all that the search of a layer reaches is deleted: there hnswlib's
    behavior is undefined.

    >>> from core.index import HnswParams, build_hnsw
    >>> line = np.array([[0.0], [1.0], [3.0]], dtype=np.float32)
    >>> graph = build_hnsw(line, HnswParams("euclidean", m=2))
    >>> trace = trace_insertion(graph, np.array([2.5]), 0)
    >>> trace.layers[0].links.tolist(), trace.layers[0].selection.dropped.tolist()
    ([1, 2], [0])
    """
    given = check_vector(vector, "vector", graph.stored_dim)
    top = check_whole(level, "level", 0, LARGEST_LEVEL)
    return _Replay(graph, stored_vector(given[0], graph.metric)).insert(top)


def first_insertion(graph: HnswGraph) -> InsertionTrace:
    """The insertion that made a graph of one row: it is the entry point, and has no links."""
    return InsertionTrace(
        n=0,
        m=graph.m,
        ef_construction=graph.ef_construction or USUAL_EF_CONSTRUCTION,
        vector=graph.vectors[0],
        level=graph.max_level,
        entry_point=NO_ROW,
        entry_distance=np.nan,
        descent=(),
        layers=(),
        becomes_entry=True,
    )


def stored_vector(vector: Float32s, metric: Metric) -> Float32s:
    """A vector (w,) as hnswlib stores it: under "cosine" it is scaled to length 1."""
    if metric != "cosine":
        return vector
    index = hnswlib.Index(space=SPACES[metric], dim=len(vector))
    index.init_index(max_elements=1, M=2, ef_construction=2)
    index.add_items(vector[None], [0], num_threads=1)
    stored: Float32s = np.array(index.get_items([0]), dtype=np.float32)[0]
    return stored


@dataclass(frozen=True, eq=False)
class _Search:
    """What the search of one layer met; the candidates are on the heap of the room."""

    size: int
    expanded: Ids
    ends: Ids
    visited: Ids
    visited_distances: Float32s


class _Replay:
    """One insertion under way."""

    def __init__(self, graph: HnswGraph, vector: Float32s) -> None:
        self.graph, self.vector = graph, vector
        self.arrays: Graph = kernel_graph(graph)
        self.how: SumOrder = sum_order(graph.stored_dim, squared=self.arrays.squared)
        self.ef = max(graph.ef_construction or USUAL_EF_CONSTRUCTION, graph.m)
        self.room = new_room(graph, self.ef)

    def insert(self, level: int) -> InsertionTrace:
        graph = self.graph
        node, distance = graph.entry_point, self._distance(graph.entry_point)
        entry_distance = distance
        descent: list[Step] = []
        for layer in range(graph.max_level, level, -1):
            moved = True
            while moved:
                step, distance = self._step(layer, node, distance)
                descent.append(step)
                moved, node = step.nearest != node, step.nearest
        layers: list[LayerInsertion] = []
        for layer in range(min(level, graph.max_level), -1, -1):
            made = self._connect(layer, node)
            layers.append(made)
            node = int(made.links[-1])
        return InsertionTrace(
            n=graph.n,
            m=graph.m,
            ef_construction=self.ef,
            vector=self.vector,
            level=level,
            entry_point=graph.entry_point,
            entry_distance=self._shown_one(entry_distance),
            descent=tuple(descent),
            layers=tuple(layers),
            becomes_entry=level > graph.max_level,
        )

    def _step(self, layer: int, node: int, distance: float) -> tuple[Step, float]:
        """One step from `node`, and the distance of its nearest as it is compared."""
        from core.index.kernels.insertion import step

        links = _upper_links(self.graph, node, layer)
        distances = np.empty(len(links), np.float32)
        nearest, compared = step(
            self.arrays, layer, node, np.float32(distance), self.vector, self.how, distances
        )
        made = Step(
            layer=layer,
            origin=node,
            origin_distance=self._shown_one(distance),
            visited=links.astype(np.int64),
            visited_distances=self._shown(distances),
            nearest=int(nearest),
            nearest_distance=self._shown_one(compared),
        )
        return made, float(compared)

    def _connect(self, layer: int, start: int) -> LayerInsertion:
        """Search one layer from `start`, choose neighbors there, and link them."""
        found = self._search(layer, start)
        size = self._with_deleted_entry(found.size)
        if size == 0:
            raise ParameterError(
                f"All rows that the search of layer {layer} reaches are deleted; what hnswlib does "
                "then is undefined. Leave the deleted rows out and build the index again."
            )
        rows, distances = self.room.near[:size].copy(), self.room.near_distance[:size].copy()
        selection = self._select(self.graph.n, rows, distances, self.graph.m)
        links = self._drained(selection, rows, distances)
        return LayerInsertion(
            layer=layer,
            start=start,
            start_distance=self._shown_one(self._distance(start)),
            expanded=found.expanded,
            visited=found.visited,
            visited_distances=self._shown(found.visited_distances),
            visited_ends=found.ends,
            selection=selection.shown(self),
            links=links,
            reverse=tuple(self._link_back(layer, int(row)) for row in links),
        )

    def _search(self, layer: int, start: int) -> _Search:
        from core.index.kernels.insertion import search_layer

        room = self.room
        room.seen[:] = False
        size, expanded, visited = search_layer(
            self.arrays, layer, self.vector, start, self.ef, self.how, room
        )
        return _Search(
            size=size,
            expanded=room.expanded[:expanded].copy(),
            ends=room.ends[:expanded].copy(),
            visited=room.visited[:visited].copy(),
            visited_distances=room.visited_distance[:visited].copy(),
        )

    def _with_deleted_entry(self, size: int) -> int:
        """Put a deleted entry point among the candidates, as hnswlib does; the number of them."""
        from core.index.kernels.insertion import pop, push

        entry = self.graph.entry_point
        if not self.graph.deleted[entry]:
            return size
        room = self.room
        push(room.near_distance, room.near, size, np.float32(self._distance(entry)), entry)
        if size + 1 > self.ef:
            pop(room.near_distance, room.near, size + 1)
            return size
        return size + 1

    def _select(self, center: int, rows: Ids, distances: Float32s, limit: int) -> "_Chosen":
        """The rule over candidates in any order."""
        from core.index.kernels.insertion import select

        order = np.lexsort((-rows, distances))  # std::pair: of equal distances the larger id first
        rows, distances = rows[order], distances[order]
        verdict = np.full(len(rows), KEPT, dtype=np.int8)
        against, between = np.full(len(rows), NO_ROW), np.full(len(rows), np.nan, np.float32)
        applied = len(rows) >= limit
        if applied:
            select(
                self.arrays.vectors,
                self.vector,
                rows,
                distances,
                limit,
                self.how,
                self.room,
                verdict,
                against,
                between,
            )
        return _Chosen(center, limit, rows, distances, verdict, against, between, applied)

    def _drained(self, chosen: "_Chosen", rows: Ids, distances: Float32s) -> Ids:
        """The rows kept, in the order in which hnswlib's heap hands them out, the farthest first.

        rows, distances: the heap that the search left, which stays where the rule is not applied.
        """
        from core.index.kernels.insertion import drain, push

        heap, heap_distances = rows.copy(), distances.copy()
        size = len(rows)
        if chosen.applied:
            kept = np.flatnonzero(chosen.verdict == KEPT)
            for place, candidate in enumerate(kept.tolist()):
                push(
                    heap_distances, heap, place, chosen.distances[candidate], chosen.rows[candidate]
                )
            size = len(kept)
        out = np.empty(size, dtype=np.int64)
        drain(heap_distances, heap, size, out)
        return out

    def _link_back(self, layer: int, neighbor: int) -> ReverseLink:
        from core.index.kernels.insertion import distances_to

        graph, new = self.graph, self.graph.n
        before = _links(graph, neighbor, layer).astype(np.int64)
        distance = self._shown_one(self._distance(neighbor))
        limit = 2 * graph.m if layer == 0 else graph.m
        if len(before) < limit:
            return ReverseLink(neighbor, distance, before, np.append(before, new), None)
        rows = np.concatenate([[new], before])
        distances = np.empty(len(rows), np.float32)
        distances_to(
            self.arrays.vectors, self.vector, neighbor, rows, self.how, self.room, distances
        )
        selection = self._select(neighbor, rows, distances, limit)
        links = self._drained(selection, rows, distances)
        return ReverseLink(neighbor, distance, before, links, selection.shown(self))

    def _distance(self, row: int) -> float:
        from core.index.kernels.insertion import distance_as_hnswlib

        return float(distance_as_hnswlib(self.arrays.vectors, row, self.vector, self.how))

    def _shown(self, compared: npt.ArrayLike) -> Distances:
        """Distances of the metric from those that are compared."""
        values = np.asarray(compared, dtype=np.float64)
        return np.sqrt(values) if self.arrays.squared else values

    def _shown_one(self, compared: float) -> float:
        return float(self._shown(compared))


@dataclass(frozen=True, eq=False)
class _Chosen:
    """A `Selection` with distances as they are compared."""

    center: int
    limit: int
    rows: Ids
    distances: Float32s
    verdict: npt.NDArray[np.int8]
    against: Ids
    between: Float32s
    applied: bool

    def shown(self, replay: _Replay) -> Selection:
        return Selection(
            center=self.center,
            limit=self.limit,
            rows=self.rows,
            distances=replay._shown(self.distances),
            verdict=self.verdict,
            against=self.against,
            against_distances=replay._shown(self.between),
            applied=self.applied,
        )


def _links(graph: HnswGraph, node: int, layer: int) -> npt.NDArray[np.int32]:
    if layer > 0:
        return _upper_links(graph, node, layer)
    return graph.base.targets[graph.base.indptr[node] : graph.base.indptr[node + 1]]


def _upper_links(graph: HnswGraph, node: int, layer: int) -> npt.NDArray[np.int32]:
    row = graph.upper_start[node] + layer - 1
    return graph.upper.targets[graph.upper.indptr[row] : graph.upper.indptr[row + 1]]
