"""The health of an index in a few figures, to hold one against another."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index import Census, HnswGraph, census, search
from core.metrics import recall_at_k
from core.studies.parts.query_sets import QuerySet

SEARCHED_AT_MOST = 20_000


@dataclass(frozen=True, eq=False)
class Health:
    """A graph at one k and ef.

    recall: (q,) recall@k of each query, strict by id. distance_computations: (q,). census: of all
    rows, or of 20,000 drawn with the seed, at the same ef.
    """

    graph: HnswGraph
    k: int
    ef: int
    recall: npt.NDArray[np.float64]
    distance_computations: npt.NDArray[np.int64]
    census: Census

    @property
    def n(self) -> int:
        """Number of rows that a search may return."""
        return self.graph.n - self.graph.n_deleted

    @property
    def unreachable(self) -> int:
        """Rows that no search can visit."""
        return len(self.census.unreachable)

    @property
    def unfindable_share(self) -> float:
        """Share of the rows searched for that their own vector does not find."""
        return self.census.unfindable_share


def health(
    graph: HnswGraph,
    queries: QuerySet,
    ef: int,
    *,
    seed: int = 0,
    threads: int | None = None,
) -> Health:
    """Search for a query set and take the census; `queries.truth` gives k.

    threads: of the searches; default all cores.
    """
    k = queries.truth.ids.shape[1]
    found = search(graph, queries.vectors, k, ef, exclude=queries.rows, threads=threads)
    taken = census(graph, ef=ef, sample=SEARCHED_AT_MOST, seed=seed, threads=threads)
    recall = recall_at_k(found.ids, queries.truth.ids)
    return Health(graph, k, ef, recall, found.distance_computations, taken)
