"""The held-out experiment: rows that an index never saw, as the queries of that index.

Rows of an index as its queries flatter it, for each is linked among its own neighbors. Queries of
a user are no rows: recall of held-out rows is nearer to what they get.
"""

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_ids, check_shape
from core.distances import Floats
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw
from core.progress import ROWS_INSERTED, Progress, counted
from core.studies.parts.query_sets import QuerySet, given_queries

Rows = npt.NDArray[np.int64]
AT_MOST = 10_000
ONE_IN = 10


@dataclass(frozen=True, eq=False)
class HeldOut:
    """An index without some rows, and these rows, which are its queries.

    rows: (q,) row ids of the data that were held out, in the order in which they are searched for.
    kept: (n - q,) the others, ascending: row i of the graph is row kept[i] of the data. graph: of
    the rows kept.
    """

    rows: Rows
    kept: Rows
    graph: HnswGraph

    def queries(
        self,
        vectors: Floats,
        places: slice,
        k: int,
        *,
        executor: Executor | None = None,
        progress: Progress | None = None,
    ) -> QuerySet:
        """Some of the rows held out, with their true neighbors among the rows kept.

        vectors: (n, d) the data. places: of the queries in `rows`. The neighbors are row ids of the
        graph; `kept` has the rows of the data. executor: as in `given_queries`. Raises
        ParameterError where fewer than k are kept.
        """
        asked = vectors[self.rows[places]]
        return given_queries(
            self.graph, vectors[self.kept], asked, k, executor=executor, progress=progress
        )


def held_out_rows(n: int, *, at_most: int = AT_MOST, seed: int = 0) -> Rows:
    """A tenth of the rows 0..n-1, no more than `at_most`, in the order drawn with `seed`.

    So the first of them are a sample of the data as well. Raises ParameterError for fewer than 10
    rows, of which a tenth is none.
    """
    at_most = check_count(at_most, "at_most")
    if check_count(n, "n") < ONE_IN:
        raise ParameterError(
            f"n must be at least {ONE_IN}, so that a tenth of the rows can be held out; got {n}. "
            "Use all rows as queries."
        )
    return np.random.default_rng(seed).permutation(n)[: min(at_most, n // ONE_IN)]


def hold_out(
    vectors: Floats,
    rows: npt.ArrayLike,
    params: HnswParams,
    *,
    progress: Progress | None = None,
) -> HeldOut:
    """Build an index of `vectors` (n, d) without `rows`.

    rows: row ids, in any order, such as those of `held_out_rows`; each counts once, where it stands
    first.
    params: of the index.
    progress: called as progress(share done, words); an exception that it raises stops the work.

    Raises ParameterError for ids that are no rows, and where none is held out or none is kept.
    """
    every = check_shape(vectors, "vectors")
    n = len(every)
    held = check_ids(rows, "rows", n, empty=False).astype(np.int64)
    held = held[np.sort(np.unique(held, return_index=True)[1])]
    if not 0 < len(held) < n:
        raise ParameterError(
            f"rows must name some of the {n:,} rows and leave others; got {len(held):,} of them."
        )
    kept = np.delete(np.arange(n), held)
    indexed = every[kept]
    indexed.setflags(write=False)  # so that the graph shares them
    graph = build_hnsw(indexed, params, progress=counted(progress, ROWS_INSERTED))
    for array in (held, kept):
        array.setflags(write=False)
    return HeldOut(held, kept, graph)
