"""One search, hop by hop."""

from dataclasses import dataclass

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
    """

    layer: int
    expanded: int
    expanded_distance: float
    visited: Ids
    visited_distances: Distances
    entered: npt.NDArray[np.bool_]
    beam: Ids
    beam_distances: Distances

    @property
    def worst(self) -> float:
        """Distance of the farthest row in the beam."""
        return float(self.beam_distances[-1])


@dataclass(frozen=True, eq=False)
class SearchTrace:
    """Every hop of one search, and its answer.

    query: (stored dimensions,) as the graph compares it. ids, distances: (k,) as `search` gives
    them. distance_computations: distances evaluated, that of the entry point included.
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
    )


def _check_query(graph: HnswGraph, query: Floats) -> npt.NDArray[np.float32]:
    given = as_array(query, "query")
    if given.ndim > 1 and len(given) != 1:
        raise ParameterError(
            f"query must be one vector, (d,) = ({graph.dim:,},); got {got(given)}."
        )
    row: npt.NDArray[np.float32] = check_queries(graph, np.atleast_2d(given), "query")[0]
    return row


class _Recorder:
    """Drives the kernels of `search` one hop at a time and reads their memory in between."""

    def __init__(self, graph: HnswGraph, query: npt.NDArray[np.float32], width: int) -> None:
        self.graph, self.query, self.width = graph, query, width
        self.arrays: Graph = kernel_graph(graph)
        self.scratch: Scratch = new_scratch(graph, width)
        self.hops: list[Hop] = []

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
        more = True
        while more:
            before, hops_before = self._beam(), state[HOPS]
            expanded = self._first_open()
            more = advance(self.arrays, self.scratch, record, self.width, 1)
            if state[HOPS] > hops_before:
                self._note_expansion(expanded, before)

    def answer(self, k: int, exclude: int) -> tuple[Ids, Distances]:
        from core.index.kernels.answers import write_answer

        ids, distances = np.full(k, -1), np.full(k, np.nan)
        write_answer(self.arrays, self.scratch, self.query, exclude, ids, distances)
        return ids, distances

    def true_distance(self, row: int) -> float:
        return float(self._true_distances(np.array([row]))[0])

    def _true_distances(self, rows: Ids) -> Distances:
        from core.index.kernels.answers import true_distances

        arrays, out = self.arrays, np.empty(len(rows))
        true_distances(arrays.vectors, rows, self.query, arrays.squared, arrays.unit, out)
        return out

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
        self._append(layer, origin, visited, entered, np.array([nearest], dtype=np.int64))

    def _note_expansion(self, expanded: int, before: Ids) -> None:
        visited = self.scratch.fresh[: self.scratch.state[VISITED]].astype(np.int64)
        beam = self._beam()
        entered = np.isin(visited, np.setdiff1d(beam, before))
        self._append(0, expanded, visited, entered, beam)

    def _append(
        self,
        layer: int,
        expanded: int,
        visited: Ids,
        entered: npt.NDArray[np.bool_],
        beam: Ids,
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
            )
        )
