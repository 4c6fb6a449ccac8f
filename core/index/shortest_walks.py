"""The shortest walks along links of layer 0 that would have led to rows."""

import numpy as np
import numpy.typing as npt

from core.checks import check_ids, got
from core.distances import Floats
from core.errors import ParameterError
from core.index.graph import HnswGraph

Ids = npt.NDArray[np.int64]


def link_paths(
    graph: HnswGraph, sources: npt.ArrayLike, targets: npt.ArrayLike, distances: Floats
) -> list[Ids]:
    """The shortest walk on layer 0 from any of the rows `sources` (s,) to each of `targets` (t,).

    distances: (n,) to the query; of walks equally short, the one whose rows are nearest to the
    query is taken, the last of them first. Each walk names its rows, both ends included; it is
    empty where no walk leads to the target, and the target alone where that is a source. Raises
    ParameterError for what is no row of the graph, and for another number of distances.
    """
    wanted = check_ids(targets, "targets", graph.n, empty=False).astype(np.int64)
    first = check_ids(sources, "sources", graph.n, empty=False).astype(np.int64)
    if np.shape(distances) != (graph.n,):
        raise ParameterError(
            f"distances must be one number for each of the {graph.n:,} rows; got {got(distances)}."
        )
    came_from = np.full(graph.n, -1, dtype=np.int64)
    frontier = np.unique(first)
    came_from[frontier] = frontier
    while len(frontier) and (came_from[wanted] < 0).any():
        # The nearest comes last, so that its link is the one that stays.
        frontier = frontier[np.argsort(-distances[frontier], kind="stable")]
        origins, reached = _links_of(graph, frontier)
        new = came_from[reached] < 0
        came_from[reached[new]] = origins[new]
        frontier = np.unique(reached[new])
    return [_walk_to(int(row), came_from) for row in wanted]


def _links_of(graph: HnswGraph, rows: Ids) -> tuple[Ids, Ids]:
    """Both ends of all links that leave `rows` on layer 0, in the order of `rows`."""
    indptr = graph.base.indptr
    counts = indptr[rows + 1] - indptr[rows]
    first = np.cumsum(counts) - counts
    places = np.arange(counts.sum()) + np.repeat(indptr[rows] - first, counts)
    return np.repeat(rows, counts), graph.base.targets[places].astype(np.int64)


def _walk_to(row: int, came_from: Ids) -> Ids:
    if came_from[row] < 0:
        return np.empty(0, dtype=np.int64)
    walk = [row]
    while came_from[walk[-1]] != walk[-1]:
        walk.append(int(came_from[walk[-1]]))
    return np.array(walk[::-1], dtype=np.int64)
