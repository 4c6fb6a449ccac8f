"""The exact nearest neighbors of the rows of a set, of all of them or of a fair sample."""

from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.distances import Floats, Metric, lengths
from core.index import Neighbors, exact_neighbors
from core.progress import CountProgress, unheard
from core.studies.parts.blocks import neighbors_in_blocks, rows_of_one
from core.studies.parts.sampling import sample_rows

ROWS_AT_MOST = 20_000


@dataclass(frozen=True, eq=False)
class KnnLists:
    """Exact nearest neighbors of rows of the data, each row left out of its own list.

    rows: (q,) row ids, ascending: every row, or a sample drawn without replacement with `seed`.
    neighbors: (q, k) row ids of the data and distances. metric: of the distances. n: number of
    rows of the data.
    """

    rows: npt.NDArray[np.int64]
    neighbors: Neighbors
    metric: Metric
    n: int
    seed: int

    @property
    def k(self) -> int:
        """Number of neighbors of each row."""
        return int(self.neighbors.ids.shape[1])

    @property
    def is_sample(self) -> bool:
        """Whether some rows of the data have no list here."""
        return len(self.rows) < self.n

    def as_lengths(self) -> "KnnLists":
        """The same lists with lengths for distances, as intrinsic dimension takes them.

        Under cosine they are the chords between the unit vectors. Raises ParameterError under inner
        product, whose distances are no lengths: find the nearest by `length_metric`.
        """
        measured = lengths(self.neighbors.distances, self.metric)
        return replace(self, neighbors=Neighbors(self.neighbors.ids, measured))


def knn_lists(
    vectors: Floats,
    k: int,
    metric: Metric,
    *,
    rows_at_most: int = ROWS_AT_MOST,
    seed: int = 0,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: CountProgress | None = None,
) -> KnnLists:
    """The k nearest other rows of every row of `vectors` (n, d), or of rows drawn with `seed`.

    rows_at_most: where the data has more rows, so many are drawn; their neighbors are sought among
    all n.
    threads: default all cores.
    executor: compares with blocks of rows, each on one thread, in place of `threads`.
    progress: called as progress(rows done, rows); an exception that it raises stops the work.

    Raises ParameterError where k is more than n - 1, or the vectors are not finite numbers.

    >>> lists = knn_lists(np.array([[0.0], [1.0], [3.0]]), 1, "euclidean")
    >>> lists.neighbors.ids.tolist(), lists.neighbors.distances.tolist()
    ([[1], [0], [1]], [[1.0], [1.0], [2.0]])
    """
    rows = sample_rows(len(vectors), rows_at_most, seed=seed)
    queries = vectors if len(rows) == len(vectors) else vectors[rows]
    if executor is None:
        near = exact_neighbors(
            vectors, queries, k, metric=metric, exclude=rows, threads=threads, progress=progress
        )
    else:
        n, report = len(vectors), progress or unheard
        near = neighbors_in_blocks(
            vectors,
            queries,
            k,
            metric=metric,
            exclude=rows,
            block_rows=rows_of_one(vectors),
            executor=executor,
            progress=lambda share, _: report(round(share * n), n),
        )
    return KnnLists(rows, near, metric, len(vectors), seed)
