"""Search the graph exactly as hnswlib would."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.errors import ParameterError
from core.index.blocks import run_in_blocks
from core.index.checks import check_k, check_queries, check_returnable
from core.index.graph import HnswGraph
from core.index.scratch import kernel_graph, new_scratch, no_record
from core.progress import CountProgress

LARGEST_EF = 100_000


@dataclass(frozen=True, eq=False)
class SearchResult:
    """Answers of a search, one row per query.

    ids: (q, k) row ids, nearest first, ties by id; -1 at the end of a row where fewer were
    reachable. distances: (q, k) float64 distances of the metric; NaN where the id is -1.
    distance_computations: (q,) distances evaluated, all layers together. hops: (q,) nodes
    expanded, all layers together.
    """

    ids: npt.NDArray[np.int64]
    distances: npt.NDArray[np.float64]
    distance_computations: npt.NDArray[np.int64]
    hops: npt.NDArray[np.int64]


def search(
    graph: HnswGraph,
    queries: Floats,
    k: int,
    ef: int,
    *,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> SearchResult:
    """The k nearest rows that a beam of `ef` finds for each of the queries (q, d).

    exclude: (q,) row ids that are left out of the answer, -1 for none. An excluded row is walked
    through and fills a place of the beam: the answer is that of a search for k + 1 rows with the
    same ef, the row taken out. So at ef = k the beam holds k + 1 rows, as in hnswlib.
    threads: default all cores. progress: called as progress(queries done, q).

    Raises ParameterError where ef < k, where k exceeds the number of rows that can be returned
    (those that are not deleted, less one where one of them is excluded), or where the queries do
    not fit the graph. That the graph reaches fewer than k of them is no error.

    >>> from core.index import HnswParams, build_hnsw
    >>> graph = build_hnsw(np.eye(3, dtype=np.float32), HnswParams("euclidean"))
    >>> result = search(graph, np.float32([[1, 0, 0]]), k=1, ef=3)
    >>> result.ids.tolist(), result.distances.tolist()
    ([[0]], [[0.0]])
    """
    k, ef = check_k(k), check_ef(ef, k)
    rows = check_queries(graph, queries)
    excluded = check_returnable(graph, k, exclude, len(rows))
    from core.index.kernels.answers import search_block

    arrays = kernel_graph(graph)
    result = no_answers(len(rows), k)

    def run(block: slice) -> None:
        search_block(
            arrays,
            new_scratch(graph, ef + 1),
            no_record(),
            rows[block],
            excluded[block],
            ef,
            result.ids[block],
            result.distances[block],
            result.distance_computations[block],
            result.hops[block],
        )

    run_in_blocks(len(rows), run, threads=threads, progress=progress)
    return result


def check_ef(ef: int, k: int, name: str = "ef") -> int:
    """`ef` as an int of at least k."""
    ef = check_k(ef, name)
    if not k <= ef <= LARGEST_EF:
        raise ParameterError(
            f"{name} must be between k = {k:,} and {LARGEST_EF:,}; got {ef:,}. A beam smaller than "
            "k cannot hold k answers."
        )
    return ef


def no_answers(queries: int, k: int) -> SearchResult:
    """The result of a search before its first query, for the kernels to fill."""
    return SearchResult(
        ids=np.full((queries, k), -1, dtype=np.int64),
        distances=np.full((queries, k), np.nan),
        distance_computations=np.zeros(queries, dtype=np.int64),
        hops=np.zeros(queries, dtype=np.int64),
    )
