"""The true neighbors that a search on a graph is compared with."""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from core.distances import Floats, unit_rows
from core.index import HnswGraph, Neighbors, exact_neighbors
from core.progress import CountProgress


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
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> Neighbors:
    """The k exact nearest of `vectors` (n, d), the rows of the graph, for each query (q, d).

    vectors: as they were added, of `graph.dim` dimensions, for a truth that what the index does to
    them (its transform, its codes) is compared with; where its transform normalizes them, their
    lengths count for nothing. Deleted rows are no answers.
    exclude: as in `exact_neighbors`; a deleted row or -1 leaves nothing out.
    threads, progress: as in `exact_neighbors`.

    Raises ParameterError where fewer than k rows are left.
    """
    vectors, queries = as_meant(graph, vectors), as_meant(graph, queries)
    nearest = partial(exact_neighbors, metric=graph.metric, threads=threads, progress=progress)
    return of_live_rows(graph, vectors, queries, k, exclude, nearest)


def of_live_rows(
    graph: HnswGraph,
    vectors: Floats,
    queries: Floats,
    k: int,
    exclude: npt.ArrayLike | None,
    nearest: Callable[..., Neighbors],
) -> Neighbors:
    """What `nearest` finds, called with rows, queries, k and `exclude`, among the live rows."""
    if not graph.deleted.any():
        return nearest(vectors, queries, k, exclude=exclude)
    live = live_rows(graph)
    place = np.full(graph.n + 1, -1)
    place[live] = np.arange(len(live))
    left_out = None if exclude is None else place[np.asarray(exclude)]
    found = nearest(vectors[live], queries, k, exclude=left_out)
    return Neighbors(ids=live[found.ids], distances=found.distances)


def as_meant(graph: HnswGraph, rows: Floats) -> Floats:
    """Rows (n, d) as they were added, of length 1 where the graph's transform normalizes them."""
    normalizes = graph.transform is not None and graph.transform.normalizes
    return unit_rows(rows) if normalizes else rows
