"""One query: its true neighbors, what the index answers, and why it misses some of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_rows
from core.distances import Floats
from core.index import (
    HnswGraph,
    Neighbors,
    SearchResult,
    SearchTrace,
    search,
    smallest_ef,
    trace_search,
)
from core.studies.inspection.quantization import true_distances
from core.studies.parts.truth import true_neighbors
from core.ties import are_tied, tie_limit

Bools = npt.NDArray[np.bool_]
FOUND, TIE, NEVER_VISITED = "found", "tie", "never visited"
UPPER_LAYER, STORED_FARTHER = "met on an upper layer", "farther as stored"
NEIGHBOR_FATES = {
    FOUND: "The index returns it.",
    TIE: "It is as far as the k-th true neighbor, and so is the last row returned, which took its "
    "place.",
    NEVER_VISITED: "The search does not compute its distance.",
    UPPER_LAYER: "Only the descent through the upper layers computes its distance, and goes on to "
    "a nearer row; on layer 0 nothing visited leads back to it.",
    STORED_FARTHER: "Layer 0 computes its distance. What is visited there and is truly among the k "
    "nearest stays in the beam, unless others are nearer as the index stores them: as codes, "
    "transformed, changed since, or rounded to float32.",
}


@dataclass(frozen=True, eq=False)
class QueryTruth:
    """What a search for one query should return.

    query: (d,). exclude: the row that is left out of the answer, or None. exact: (1, k) true
    neighbors, by the vectors as they were added. smallest_ef: (k,) the least ef that returns each,
    -1 for none up to `ef_max`.
    """

    query: Floats
    exclude: int | None
    exact: Neighbors
    smallest_ef: npt.NDArray[np.int64]
    ef_max: int


@dataclass(frozen=True, eq=False)
class NeighborCheck:
    """The true neighbors of one query beside the index's answer at one ef.

    exact: (1, k). found: (1, k); its distances, too, are those between the vectors as they were
    added, so that both can be compared. fate: (k,) keys of `NEIGHBOR_FATES`, of the true
    neighbors. smallest_ef: (k,) the least ef that returns each, -1 for none up to `ef_max`.
    """

    exact: Neighbors
    found: SearchResult
    fate: npt.NDArray[np.str_]
    smallest_ef: npt.NDArray[np.int64]
    ef: int
    ef_max: int

    @property
    def k(self) -> int:
        """Number of neighbors asked for."""
        return len(self.fate)

    @property
    def n_found(self) -> int:
        """How many of the true neighbors the index returns, strict by id."""
        return int(np.count_nonzero(self.fate == FOUND))


def query_truth(
    graph: HnswGraph,
    vectors: Floats,
    query: Floats,
    k: int,
    *,
    ef_max: int = 512,
    exclude: int | None = None,
) -> QueryTruth:
    """The k true neighbors of a query (d,), and the smallest ef that returns each.

    vectors: (n, d), the rows of the graph as they were added.
    ef_max: the largest ef that is tried.
    exclude: the row that the query is, which is no answer; None for a query from elsewhere.

    Raises ParameterError where fewer than k rows are left, or the query does not fit.
    """
    asked, left_out = _one(query, graph), _row_or_none(exclude)
    exact = true_neighbors(graph, vectors, asked, k, exclude=left_out)
    needed = smallest_ef(graph, asked, exact.ids, ef_max, exclude=left_out)
    return QueryTruth(asked[0], exclude, exact, needed[0], ef_max)


def neighbor_check(graph: HnswGraph, vectors: Floats, truth: QueryTruth, ef: int) -> NeighborCheck:
    """Search for the query at `ef`, and ask of each true neighbor that is missed why.

    vectors: (n, d), the rows of the graph as they were added.
    truth: of `query_truth`; it does not depend on ef.

    Raises ParameterError where ef is below k.
    """
    asked, left_out = truth.query[None], _row_or_none(truth.exclude)
    k = truth.exact.ids.shape[1]
    answer = search(graph, asked, k, ef, exclude=left_out)
    found = SearchResult(
        answer.ids,
        true_distances(graph, vectors, asked, answer),
        answer.distance_computations,
        answer.hops,
    )
    trace = trace_search(graph, truth.query, k, ef, exclude=truth.exclude)
    fate = neighbor_fates(truth.exact, found.distances[0], trace)
    return NeighborCheck(truth.exact, found, fate, truth.smallest_ef, ef, truth.ef_max)


def neighbor_fates(
    exact: Neighbors, found_distances: npt.NDArray[np.float64], trace: SearchTrace
) -> npt.NDArray[np.str_]:
    """What became of each true neighbor (1, k) in a traced search, (k,) keys of `NEIGHBOR_FATES`.

    found_distances: (k,) of the answer, by the vectors as they were added, as those of `exact` are.
    """
    ids = exact.ids[0]
    on_base = [hop for hop in trace.hops if hop.layer == 0]
    started = [hop.expanded for hop in on_base[:1]]  # the descent's end, in the beam from the start
    base = np.concatenate([np.array(started, np.int64), *(hop.visited for hop in on_base)])
    return np.select(
        [
            np.isin(ids, trace.ids),
            _lost_by_a_tie(exact.distances[0], found_distances),
            np.isin(ids, base),
            np.isin(ids, trace.visited),
        ],
        [FOUND, TIE, STORED_FARTHER, UPPER_LAYER],
        default=NEVER_VISITED,
    )


def _lost_by_a_tie(exact: npt.NDArray[np.float64], found: npt.NDArray[np.float64]) -> Bools:
    """True neighbors as far as the k-th, where no answer is farther, (k,).

    Never where a place of the answer is empty: then there was room.
    """
    return np.asarray(are_tied(exact, exact[-1]) & (found.max() <= tie_limit(exact[-1])))


def _one(query: Floats, graph: HnswGraph) -> Floats:
    return check_rows(np.asarray(query)[None], "query", graph.dim)


def _row_or_none(exclude: int | None) -> list[int] | None:
    return None if exclude is None else [exclude]
