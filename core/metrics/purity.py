"""Label purity: what share of an item's neighbors carries its own label?"""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_ids, check_labels, got
from core.distances import Float64s
from core.errors import ParameterError

Integers = npt.NDArray[np.integer[Any]]


def label_purity(
    neighbor_ids: Integers, labels: Integers, *, query_labels: Integers | None = None
) -> Float64s:
    """Share of each query's labeled neighbors that carry the query's label, (q,) float64.

    neighbor_ids: (q, k) row ids, -1 where a search left a place empty.
    labels: (n,) codes, negative where missing.
    query_labels: (q,) codes; left out, query i is row i and q must be n.
    Neighbors without a label say nothing and are not counted. NaN where the query has no label, or
    none of its neighbors has. Raises ParameterError where the shapes do not fit, or an id is no row
    of the labels.
    """
    codes = check_labels(labels, None)
    ids = check_ids(neighbor_ids, "neighbor_ids", len(codes), empty=True)
    if ids.ndim != 2:
        raise ParameterError(f"neighbor_ids must be (q, k) row ids; got {got(ids)}.")
    own = codes
    if query_labels is not None:
        own = check_labels(query_labels, len(ids), "query_labels")
    if len(own) != len(ids):
        raise ParameterError(
            f"each of the {len(ids):,} neighbor lists needs its query's label; "
            f"got {len(own):,}. Give query_labels where the queries are not all the rows."
        )
    around = np.where(ids >= 0, codes[ids], -1)
    known = (around >= 0) & (own >= 0)[:, None]
    same = (around == own[:, None]) & known
    result = np.full(len(own), np.nan)
    count = known.sum(axis=1)
    np.divide(same.sum(axis=1), count, out=result, where=count > 0)
    return result
