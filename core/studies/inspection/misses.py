"""The true neighbors of one traced search: the fate of each, and what would have led to it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.index import HnswGraph, SearchResult, SearchTrace, link_paths
from core.studies.inspection.neighbor_check import FOUND, QueryTruth, neighbor_fates
from core.studies.inspection.quantization import true_distances

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Misses:
    """What became of each true neighbor of a search, and what would have led to those missed.

    fate: (k,) keys of `NEIGHBOR_FATES`. smallest_ef: (k,) the least ef that returns each, -1 for
    none up to `ef_max`. paths: k walks along links of layer 0, from a row that the search expanded
    to the neighbor, both ends included; empty where it is found or no walk leads to it.
    """

    fate: npt.NDArray[np.str_]
    smallest_ef: Ids
    ef_max: int
    paths: tuple[Ids, ...]


def explain_misses(
    graph: HnswGraph, vectors: Floats, truth: QueryTruth, trace: SearchTrace, distances: Floats
) -> Misses:
    """Why `trace` returned some of the true neighbors of a query and missed others.

    vectors: (n, d), the rows of the graph as they were added. truth: of `query_truth`. trace: of
    the same query. distances: (n,) of the query to all rows, as `row_distances` gives them; of
    walks equally short, the one over the nearest rows is taken (see `link_paths`).
    """
    exact = truth.exact
    answer = SearchResult(
        trace.ids[None],
        trace.distances[None],
        np.array([trace.distance_computations]),
        np.array([len(trace.hops)]),
    )
    found_distances = true_distances(graph, vectors, truth.query[None], answer)[0]
    fate = neighbor_fates(exact, found_distances, trace)
    expanded = [hop.expanded for hop in trace.hops if hop.layer == 0]
    missed = np.flatnonzero(fate != FOUND)
    paths = [np.empty(0, dtype=np.int64)] * len(fate)
    for place, path in zip(
        missed, link_paths(graph, expanded, exact.ids[0][missed], distances), strict=True
    ):
        paths[place] = path
    return Misses(fate, truth.smallest_ef, truth.ef_max, tuple(paths))
