"""The held-out experiment: rows that an index never saw, as the queries of that index.

Rows of an index as its queries flatter it, for each is linked among its own neighbors. Queries of
a user are no rows: recall of held-out rows is nearer to what they get.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_ids, check_shape
from core.distances import Floats
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw
from core.progress import ROWS_INSERTED, Progress, counted, part
from core.studies.parts.query_sets import QuerySet, given_queries
from core.studies.parts.sampling import sample_rows

Rows = npt.NDArray[np.int64]
AT_MOST = 2_000
ONE_IN = 10
BUILT = 0.8  # of the progress: the rest are the true neighbors
EXACT = 0.6  # of the progress of a query set without its searches


@dataclass(frozen=True, eq=False)
class HeldOut:
    """An index without some rows, and these rows as its queries.

    rows: (q,) row ids of the data that were held out, ascending. kept: (n - q,) the others,
    ascending: row i of the graph is row kept[i] of the data. graph: of the rows kept. queries: the
    rows held out, with true neighbors among the rows kept, by row id of the graph.
    """

    rows: Rows
    kept: Rows
    graph: HnswGraph
    queries: QuerySet


def held_out_rows(n: int, *, at_most: int = AT_MOST, seed: int = 0) -> Rows:
    """A tenth of the rows 0..n-1, drawn with `seed`, ascending; no more than `at_most`.

    Raises ParameterError for fewer than 10 rows, of which a tenth is none.
    """
    at_most = check_count(at_most, "at_most")
    if check_count(n, "n") < ONE_IN:
        raise ParameterError(
            f"n must be at least {ONE_IN}, so that a tenth of the rows can be held out; got {n}. "
            "Use all rows as queries."
        )
    return sample_rows(n, min(at_most, n // ONE_IN), seed=seed)


def hold_out(
    vectors: Floats,
    rows: npt.ArrayLike,
    params: HnswParams,
    k: int,
    *,
    progress: Progress | None = None,
) -> HeldOut:
    """Build an index of `vectors` (n, d) without `rows`, and find the true neighbors of these.

    rows: row ids, in any order, such as those of `held_out_rows`; each counts once.
    params: of the index.
    k: true neighbors of each query, at most as many as rows are kept.
    progress: called as progress(share done, words); an exception that it raises stops the work.

    Raises ParameterError for ids that are no rows, where none is held out or none is kept, and
    where k is more than the rows kept.
    """
    every = check_shape(vectors, "vectors")
    n = len(every)
    held = np.unique(check_ids(rows, "rows", n, empty=False)).astype(np.int64)
    if not 0 < len(held) < n:
        raise ParameterError(
            f"rows must name some of the {n:,} rows and leave others; got {len(held):,} of them."
        )
    kept = np.delete(np.arange(n), held)
    left = every[kept]
    tell = counted(part(progress, 0.0, BUILT), ROWS_INSERTED)
    graph = build_hnsw(left, params, progress=tell)
    queries = given_queries(
        graph, left, every[held], k, progress=part(progress, BUILT, BUILT + (1 - BUILT) / EXACT)
    )
    return HeldOut(held, kept, graph, queries)
