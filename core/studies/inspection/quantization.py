"""What an index loses by its codes and transforms, and what its graph loses in addition."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.distances import Floats, paired_distances
from core.errors import ParameterError
from core.index import HnswGraph, SearchResult
from core.index.checks import check_k, check_queries
from core.metrics import recall_at_k
from core.progress import CountProgress
from core.studies.parts.query_sets import QuerySet
from core.studies.parts.truth import as_meant, true_neighbors

COMPARED = 1_000


@dataclass(frozen=True, eq=False)
class QuantizationLoss:
    """The best that the stored vectors allow.

    codes: the kind of codes that they are decoded from, "PQ 8 x 4 bit", or None.
    transform: what was done to them before, "PCA to 16 dimensions", or None.
    k: neighbors of each query.
    ids: (q, k) the exact nearest of the stored rows; of rows that are equally near, the first.
    best: (q,) their recall@k against the true neighbors of the query set.
    """

    codes: str | None
    transform: str | None
    k: int
    ids: npt.NDArray[np.int64]
    best: npt.NDArray[np.float64]

    @cached_property
    def best_recall(self) -> float:
        """Mean recall of an exact search of the stored vectors."""
        return float(self.best.mean())

    def graph_part(self, recall: float) -> float:
        """Mean recall that the graph loses in addition; below 0 only by chance."""
        return self.best_recall - recall


def quantization_loss(
    graph: HnswGraph, queries: QuerySet, k: int, *, progress: CountProgress | None = None
) -> QuantizationLoss:
    """Search the stored vectors of `graph` exactly, and compare that with the true neighbors.

    queries: with at least k true neighbors each, of the vectors as they were added. progress: as in
    `exact_neighbors`.

    Raises ParameterError where the index stores the vectors as they were added, or k is too large.
    """
    if graph.codes is None and graph.transform is None:
        raise ParameterError(
            "graph must be one that stores codes or transformed vectors; this one stores the "
            "vectors as they were added, so that nothing but its links can lose a neighbor."
        )
    k, known = check_k(k), queries.truth.ids.shape[1]
    if k > known:
        raise ParameterError(
            f"k must be at most {known:,}, the number of true neighbors that the queries come "
            f"with; got {k:,}."
        )
    vectors, own = check_queries(graph, queries.vectors), graph.in_own_space()
    near = true_neighbors(own, own.vectors, vectors, k, exclude=queries.rows, progress=progress)
    best = recall_at_k(near.ids, queries.truth.ids[:, :k])
    through = None if graph.transform is None else graph.transform.name
    return QuantizationLoss(graph.codes, through, k, near.ids, best)


def holds_stored_vectors(graph: HnswGraph, vectors: Floats) -> bool:
    """Whether `vectors` (n, d) are those that the graph stores, by 1,000 rows spread over all."""
    if vectors.shape != graph.vectors.shape:
        return False
    some = np.unique(np.linspace(0, graph.n - 1, min(graph.n, COMPARED)).astype(np.int64))
    return bool(np.array_equal(vectors[some], graph.vectors[some]))


def true_distances(
    graph: HnswGraph, vectors: Floats, queries: Floats, found: SearchResult
) -> npt.NDArray[np.float64]:
    """Distances of a search's answers measured from `vectors` (n, d): (q, k), NaN for id -1.

    A search knows only the distances to what the index stores: under cosine those are unit vectors
    rounded to float32, and there may be codes, or a transform.
    """
    queries = as_meant(graph, queries)
    columns = [
        np.where(
            ids >= 0,
            paired_distances(queries, as_meant(graph, vectors[ids]), graph.metric),
            np.nan,
        )
        for ids in found.ids.T
    ]
    return np.stack(columns, axis=1)
