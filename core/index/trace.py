"""One search, hop by hop."""

from bisect import insort
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from core.checks import as_array, got
from core.distances import Floats
from core.errors import ParameterError
from core.index.beam_search import check_ef
from core.index.checks import check_k, check_queries, check_returnable
from core.index.graph import HnswGraph
from core.index.kernels.types import (
    COMPUTATIONS,
    EXPANDED,
    FIRST_OPEN,
    HOPS,
    ROW_MASK,
    SIZE,
    VISITED,
    Graph,
    Scratch,
)
from core.index.scratch import kernel_graph, new_scratch, no_record

Ids = npt.NDArray[np.int64]
Distances = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hop:
    """One expansion. Distances are those of the metric, float64.

    layer: where it happens. expanded: row whose links are followed, and its distance.
    visited: (v,) rows whose distance was computed, in the order of the links, and their distances;
    on the upper layers every link, on layer 0 those not seen before. entered: (v,) which of them
    got a place: in the beam on layer 0, as the new nearest above it. beam: (b,) rows held after
    the hop, nearest first, b <= ef, and their distances; above layer 0 the one nearest row.
    next_row, next_distance: the candidate that the search looks at after the hop, and its distance;
    -1 and NaN where none is left. On layer 0 it is the nearest row not yet expanded of those that
    were near enough for the beam when they were visited; above it the row the walk stands on.
    """

    layer: int
    expanded: int
    expanded_distance: float
    visited: Ids
    visited_distances: Distances
    entered: npt.NDArray[np.bool_]
    beam: Ids
    beam_distances: Distances
    next_row: int
    next_distance: float

    @property
    def worst(self) -> float:
        """Distance of the farthest row in the beam."""
        return float(self.beam_distances[-1])


@dataclass(frozen=True)
class Stop:
    """The comparison that ended a search on layer 0.

    row, distance: the nearest candidate not yet expanded; -1 and NaN where none was left.
    worst: distance of the farthest row that the beam keeps; NaN where it keeps none.
    held: rows in the beam; width: rows it has room for.

    The rule is that of hnswlib's `searchBaseLayerST` (hnswlib 0.8, hnswalg.h): stop where no
    candidate is left, or where the nearest is farther than the farthest kept and the beam is full.
    It compares float32 distances; those given here are float64, so that two rows equally far in
    float32 may stand here in the other order.
    """

    row: int
    distance: float
    worst: float
    held: int
    width: int

    @property
    def is_exhausted(self) -> bool:
        """Whether the search ended because no candidate was left."""
        return self.row < 0


@dataclass(frozen=True, eq=False)
class SearchTrace:
    """Every hop of one search, and its answer.

    query: (stored dimensions,) as the graph compares it. ids, distances: (k,) as `search` gives
    them. distance_computations: distances evaluated, that of the entry point included. width: rows
    that the beam has room for: ef, or k + 1 where that is more and a row is left out.
    """

    query: npt.NDArray[np.float32]
    k: int
    ef: int
    entry_point: int
    entry_distance: float
    hops: tuple[Hop, ...]
    ids: Ids
    distances: Distances
    distance_computations: int
    width: int

    @property
    def stop(self) -> Stop:
        """Why the search ended after its last hop."""
        last = self.hops[-1]
        worst = last.worst if len(last.beam) else np.nan
        return Stop(last.next_row, last.next_distance, worst, len(last.beam), self.width)

    @property
    def visited(self) -> Ids:
        """All rows whose distance was computed, each once, in the order of their first visit."""
        rows = np.concatenate([[self.entry_point], *(hop.visited for hop in self.hops)])
        _, first = np.unique(rows, return_index=True)
        return np.asarray(rows[np.sort(first)], dtype=np.int64)


def trace_search(
    graph: HnswGraph, query: Floats, k: int, ef: int, *, exclude: int | None = None
) -> SearchTrace:
    """Search for one query (d,) and record every hop; ids and counts equal those of `search`.

    exclude: row left out of the answer, as in `search`. Raises ParameterError as `search` does.
    """
    k, ef = check_k(k), check_ef(ef, check_k(k))
    row = _check_query(graph, query)
    left_out = check_returnable(graph, k, None if exclude is None else [exclude], 1)[0]
    width = ef if left_out < 0 else max(ef, k + 1)
    recorder = _Recorder(graph, row, width)
    recorder.descend()
    recorder.search_base()
    ids, distances = recorder.answer(k, int(left_out))
    return SearchTrace(
        query=row,
        k=k,
        ef=ef,
        entry_point=graph.entry_point,
        entry_distance=recorder.true_distance(graph.entry_point),
        hops=tuple(recorder.hops),
        ids=ids,
        distances=distances,
        distance_computations=recorder.computations,
        width=width,
    )


def _check_query(graph: HnswGraph, query: Floats) -> npt.NDArray[np.float32]:
    given = as_array(query, "query")
    if given.ndim > 1 and len(given) != 1:
        raise ParameterError(
            f"query must be one vector, (d,) = ({graph.dim:,},); got {got(given)}."
        )
    row: npt.NDArray[np.float32] = check_queries(graph, np.atleast_2d(given), "query")[0]
    return row


class _Candidates:
    """The two queues of hnswlib's `searchBaseLayerST`, in float32 as the kernel compares.

    The kernel drops a row that the beam has pushed out, for it can't be expanded any more; the row
    that ends the search is the nearest of those.
    """

    def __init__(self, width: int, deleted: npt.NDArray[np.bool_]) -> None:
        self.width, self.deleted = width, deleted
        self.kept: list[float] = []
        self.waiting: list[tuple[float, int]] = []
        self.taken_in: dict[int, float] = {}
        self.expanded: set[int] = set()

    def offer(self, row: int, distance: float) -> None:
        """Take in a visited row, where the beam has room or it is nearer than the farthest kept."""
        if len(self.kept) == self.width and distance >= self.kept[-1]:
            return
        heappush(self.waiting, (distance, row))
        self.taken_in[row] = distance
        if not self.deleted[row]:
            insort(self.kept, distance)
            del self.kept[self.width :]

    def take(self, row: int) -> None:
        """Expand a row."""
        self.expanded.add(row)

    def next_row(self, opened: int) -> int:
        """The nearest row not yet expanded, of equally near ones `opened`; -1 where none is left.

        opened: the row that the kernel expands next, or -1 where it has none.
        """
        while self.waiting and self.waiting[0][1] in self.expanded:
            heappop(self.waiting)
        if not self.waiting:
            return -1
        distance, row = self.waiting[0]
        return opened if self.taken_in.get(opened) == distance else row


class _Recorder:
    """Drives the kernels of `search` one hop at a time and reads their memory in between."""

    def __init__(self, graph: HnswGraph, query: npt.NDArray[np.float32], width: int) -> None:
        self.graph, self.query, self.width = graph, query, width
        self.arrays: Graph = kernel_graph(graph)
        self.scratch: Scratch = new_scratch(graph, width)
        self.hops: list[Hop] = []
        self.measured: Distances = np.full(graph.n, np.nan)  # true distances of rows met so far
        self.holds = np.zeros(graph.n, dtype=bool)  # the beam, while a hop is noted

    @property
    def computations(self) -> int:
        return int(self.scratch.state[COMPUTATIONS])

    def descend(self) -> None:
        from core.index.kernels.descent import prepare, start_beam, step_down

        node = self.graph.entry_point
        reduced = prepare(self.arrays, self.scratch, self.query)
        for layer in range(self.graph.max_level, 0, -1):
            moved = True
            while moved:
                origin = node
                node, reduced = step_down(self.arrays, self.scratch, layer, node, reduced)
                self._note_step(layer, origin, node)
                moved = node != origin
        start_beam(self.scratch, node, reduced, self.width + 1)

    def search_base(self) -> None:
        from core.index.kernels.beam import advance

        state, record = self.scratch.state, no_record()
        candidates = _Candidates(self.width, self.graph.deleted)
        candidates.offer(self._first_open(), float(self.scratch.distance[0]))
        more = True
        while more:
            hops_before, expanded = state[HOPS], self._first_open()
            more = advance(self.arrays, self.scratch, record, self.width, 1)
            if state[HOPS] > hops_before:
                candidates.take(expanded)
                self._note_expansion(expanded, candidates)

    def answer(self, k: int, exclude: int) -> tuple[Ids, Distances]:
        from core.index.kernels.answers import write_answer

        ids, distances = np.full(k, -1), np.full(k, np.nan)
        write_answer(self.arrays, self.scratch, self.query, exclude, ids, distances)
        return ids, distances

    def true_distance(self, row: int) -> float:
        return float(self._true_distances(np.array([row]))[0])

    def _true_distances(self, rows: Ids) -> Distances:
        from core.index.kernels.answers import true_distances

        new = rows[np.isnan(self.measured[rows])]
        if len(new):
            arrays, out = self.arrays, np.empty(len(new))
            true_distances(arrays.vectors, new, self.query, arrays.squared, arrays.unit, out)
            self.measured[new] = out
        return self.measured[rows]

    def _first_open(self) -> int:
        entries = self.scratch.entry[: self.scratch.state[SIZE]]
        start = self.scratch.state[FIRST_OPEN]
        open_entries = np.flatnonzero((entries[start:] & EXPANDED) == 0)
        return int(entries[start + open_entries[0]] & ROW_MASK) if len(open_entries) else -1

    def _beam(self) -> Ids:
        rows = self.scratch.entry[: self.scratch.state[SIZE]] & ROW_MASK
        live = rows[~self.graph.deleted[rows]]
        return np.array(live[: self.width], dtype=np.int64)

    def _note_step(self, layer: int, origin: int, nearest: int) -> None:
        start = self.graph.upper.indptr[self.graph.upper_start[origin] + layer - 1]
        end = self.graph.upper.indptr[self.graph.upper_start[origin] + layer]
        visited = self.graph.upper.targets[start:end].astype(np.int64)
        entered = (visited == nearest) & (nearest != origin)
        beam = np.array([nearest], dtype=np.int64)
        self._append(layer, origin, visited, entered, beam, int(nearest))

    def _note_expansion(self, expanded: int, candidates: _Candidates) -> None:
        count = self.scratch.state[VISITED]
        visited = self.scratch.fresh[:count].astype(np.int64)
        for row, distance in zip(visited, self.scratch.fresh_distance[:count], strict=True):
            candidates.offer(int(row), float(distance))
        beam = self._beam()
        self.holds[beam] = True
        entered = self.holds[visited]
        self.holds[beam] = False
        next_row = candidates.next_row(self._first_open())
        self._append(0, expanded, visited, entered, beam, next_row)

    def _append(
        self,
        layer: int,
        expanded: int,
        visited: Ids,
        entered: npt.NDArray[np.bool_],
        beam: Ids,
        next_row: int,
    ) -> None:
        self.hops.append(
            Hop(
                layer=layer,
                expanded=expanded,
                expanded_distance=self.true_distance(expanded),
                visited=visited,
                visited_distances=self._true_distances(visited),
                entered=entered,
                beam=beam,
                beam_distances=self._true_distances(beam),
                next_row=next_row,
                next_distance=self.true_distance(next_row) if next_row >= 0 else np.nan,
            )
        )
