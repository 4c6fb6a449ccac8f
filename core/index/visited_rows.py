"""What a search visits on layer 0, whether it returns it or not, and what a wider one returns."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.index.beam_search import check_ef
from core.index.blocks import run_in_blocks
from core.index.checks import (
    check_id_lists,
    check_k,
    check_queries,
    check_returnable,
)
from core.index.graph import HnswGraph
from core.index.scratch import kernel_graph, new_scratch, no_record
from core.progress import CountProgress


@dataclass(frozen=True, eq=False)
class Visits:
    """visited: (q, r) whether layer 0 computed the distance of each of the given rows.

    start: (q,) the row that the descent through the upper layers ended at.
    """

    visited: npt.NDArray[np.bool_]
    start: npt.NDArray[np.int64]


def visits(
    graph: HnswGraph,
    queries: Floats,
    rows: npt.ArrayLike,
    k: int,
    ef: int,
    *,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> Visits:
    """Search as `search` does for queries (q, d), and say which of rows (q, r) it visited.

    rows: row ids, -1 for none. The other arguments and the errors are those of `search`.
    """
    k, ef = check_k(k), check_ef(ef, check_k(k))
    queries = check_queries(graph, queries)
    wanted = check_id_lists(rows, "rows", len(queries), graph.n)
    excluded = check_returnable(graph, k, exclude, len(queries))
    from core.index.kernels.visits import visits_block

    arrays = kernel_graph(graph)
    result = Visits(np.zeros(wanted.shape, dtype=bool), np.zeros(len(queries), dtype=np.int64))

    def run(block: slice) -> None:
        visits_block(
            arrays,
            new_scratch(graph, max(ef, k + 1) + 1),
            no_record(),
            queries[block],
            excluded[block],
            ef,
            k,
            wanted[block],
            result.visited[block],
            result.start[block],
        )

    run_in_blocks(len(queries), run, threads=threads, progress=progress)
    return result


def smallest_ef(
    graph: HnswGraph,
    queries: Floats,
    rows: npt.ArrayLike,
    ef_max: int,
    *,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> npt.NDArray[np.int64]:
    """The first ef at which a search for k rows returns each of rows (q, k), (q, k).

    -1 where no ef from k to `ef_max` does. rows: row ids, no row twice for a query, -1 for none.
    The other arguments and the errors are those of `search`. A row may drop out again at a larger
    ef only where others are exactly as near in float32. One traversal per query, as in `ef_curve`.

    >>> from core.index import HnswParams, build_hnsw
    >>> graph = build_hnsw(np.eye(3, dtype=np.float32), HnswParams("euclidean"))
    >>> smallest_ef(graph, np.float32([[1, 0, 0]]), [[0]], ef_max=3).tolist()
    [[1]]
    """
    queries = check_queries(graph, queries)
    wanted = check_id_lists(rows, "rows", len(queries), graph.n)
    k = check_k(wanted.shape[1])
    ef_max = check_ef(ef_max, k, "ef_max")
    excluded = check_returnable(graph, k, exclude, len(queries))
    from core.index.kernels.visits import smallest_ef_block

    arrays = kernel_graph(graph)
    smallest = np.full(wanted.shape, -1, dtype=np.int64)

    def run(block: slice) -> None:
        smallest_ef_block(
            arrays,
            new_scratch(graph, max(ef_max, k + 1) + 1),
            no_record(),
            np.full(graph.n, -1, np.int32),
            np.empty(k, np.int64),
            queries[block],
            wanted[block],
            excluded[block],
            ef_max,
            smallest[block],
        )

    run_in_blocks(len(queries), run, threads=threads, progress=progress)
    return smallest
