"""Search that returns only rows that a filter allows, exactly as hnswlib would."""

import numpy as np
import numpy.typing as npt

from core.checks import as_array
from core.distances import Floats
from core.errors import ParameterError
from core.index.beam_search import SearchResult, check_ef, no_answers
from core.index.blocks import run_in_blocks
from core.index.checks import check_k, check_queries, check_returnable
from core.index.graph import HnswGraph
from core.index.scratch import kernel_graph, new_scratch
from core.progress import CountProgress

Bools = npt.NDArray[np.bool_]


def search_filtered(
    graph: HnswGraph,
    queries: Floats,
    k: int,
    ef: int,
    allowed: Bools,
    *,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> SearchResult:
    """The k nearest allowed rows that a beam of `ef` finds for each of the queries (q, d).

    allowed: (n,) whether a row may be returned. The traversal walks through the others; only
    allowed rows that are not deleted enter the beam, and it goes on until the beam is full of them
    and nothing that is open is nearer. Where fewer than ef can be reached it walks through
    everything. The other arguments and the result are those of `search`; an excluded row fills a
    place of the beam if it is allowed. k is held against the rows that are not deleted, as in
    `search`, not against the filter: where it allows fewer than k, the row ends with -1.

    >>> from core.index import HnswParams, build_hnsw
    >>> graph = build_hnsw(np.eye(3, dtype=np.float32), HnswParams("euclidean"))
    >>> odd = np.array([False, True, False])
    >>> search_filtered(graph, np.float32([[1, 0, 0]]), 2, 3, odd).ids.tolist()
    [[1, -1]]
    """
    k, ef = check_k(k), check_ef(ef, k)
    rows = check_queries(graph, queries)
    excluded = check_returnable(graph, k, exclude, len(rows))
    returned = _check_allowed(allowed, graph.n) & ~graph.deleted
    from core.index.kernels.filtered import Heap, filtered_block

    arrays = kernel_graph(graph)
    result = no_answers(len(rows), k)

    def heap(room: int) -> Heap:
        return Heap(np.empty(room, np.float32), np.empty(room, np.int32))

    def run(block: slice) -> None:
        filtered_block(
            arrays,
            new_scratch(graph, ef + 1),
            heap(graph.n),
            heap(min(ef + 1, graph.n)),
            returned,
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


def _check_allowed(allowed: Bools, n: int) -> Bools:
    mask = as_array(allowed, "allowed")
    if mask.shape != (n,) or mask.dtype != np.bool_:
        raise ParameterError(
            f"allowed must hold True or False for each of the {n:,} rows of the graph; got shape "
            f"{mask.shape} of {mask.dtype}. For row ids, start from zeros and set those to True."
        )
    return mask
