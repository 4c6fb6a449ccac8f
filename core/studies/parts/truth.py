"""The true neighbors that a search on a graph is held against."""

import numpy as np
import numpy.typing as npt

from core.index import HnswGraph, Neighbors, exact_neighbors
from core.index.blocks import Progress
from core.spaces import Floats


def live_rows(graph: HnswGraph) -> npt.NDArray[np.int64]:
    """Rows that a search may return: those not marked as deleted."""
    return np.flatnonzero(~graph.deleted)


def true_neighbors(
    graph: HnswGraph,
    vectors: Floats,
    queries: Floats,
    k: int,
    *,
    exclude: npt.ArrayLike | None = None,
    progress: Progress | None = None,
) -> Neighbors:
    """The k exact nearest of `vectors` (n, d), the rows of the graph, for each query (q, d).

    Deleted rows are no answers. exclude: as in `exact_neighbors`; a deleted row or -1 leaves
    nothing out. Raises ParameterError where fewer than k rows are left.
    """
    if not graph.deleted.any():
        return exact_neighbors(
            vectors, queries, k, metric=graph.metric, exclude=exclude, progress=progress
        )
    live = live_rows(graph)
    place = np.full(graph.n + 1, -1)
    place[live] = np.arange(len(live))
    left_out = None if exclude is None else place[np.asarray(exclude)]
    found = exact_neighbors(
        vectors[live], queries, k, metric=graph.metric, exclude=left_out, progress=progress
    )
    return Neighbors(ids=live[found.ids], distances=found.distances)
