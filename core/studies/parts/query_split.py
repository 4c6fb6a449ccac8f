"""What a study indexes and what it asks: rows held out of every index, or queries from elsewhere.

Rows of an index as its queries flatter it, for each is linked among its own neighbors. So a study
searches for rows that none of the indexes that it builds holds, or for queries that are handed in.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_rows
from core.distances import Floats
from core.errors import ParameterError
from core.studies.parts.held_out import ONE_IN, held_out_rows

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class QuerySplit:
    """The rows that a study indexes, and its queries, which are none of them.

    rows: (n,) ids of the indexed rows in the data, ascending. vectors: (n, d) those rows. queries:
    (q, d). own: whether the queries were handed in; else they are the other rows of the data.
    """

    rows: Rows
    vectors: Floats
    queries: Floats
    own: bool


def split_queries(
    vectors: Floats, query_vectors: Floats | None = None, *, queries: int = 1000, seed: int = 0
) -> QuerySplit:
    """Hold rows of `vectors` (n, d) out as queries, or take `query_vectors` (q, d) and hold none.

    queries: rows that are held out, at most a tenth of all, drawn with `seed`.

    Raises ParameterError for fewer than 10 rows where none are handed in, for queries of another
    dimension, and where an array holds no rows or values that are not finite.

    >>> split = split_queries(np.arange(20.0)[:, None], queries=5)
    >>> split.vectors.shape, split.queries.shape, split.own
    ((18, 1), (2, 1), False)
    """
    count, every = check_count(queries, "queries"), check_rows(vectors, "vectors")
    if query_vectors is not None:
        asked = check_rows(query_vectors, "query_vectors", every.shape[1])
        return QuerySplit(np.arange(len(every)), every, asked, own=True)
    if len(every) < ONE_IN:
        raise ParameterError(
            f"vectors must have at least {ONE_IN} rows, so that a tenth of them can be held out as "
            f"queries; got {len(every)}. Hand in more rows, or queries as query_vectors."
        )
    held = held_out_rows(len(every), at_most=count, seed=seed)
    rows = np.delete(np.arange(len(every)), held)
    return QuerySplit(rows, every[rows], every[held], own=False)
