"""Recall of approximate search: which of the true neighbors were found."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import as_array, check_count, check_ids, check_numbers, check_rows
from core.distances import Float64s, Floats, Metric, check_metric, paired_distances
from core.errors import ParameterError
from core.ties import tie_limit

Ids = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]


def recall_at_k(found_ids: Ids, true_ids: Ids) -> Float64s:
    """Share of the k true neighbors that were found: |found and true| / k, (q,) float64.

    found_ids, true_ids: (q, k) row ids, in any order. Strict: an id counts only if it stands in
    both lists. A negative id marks an empty place and never counts; an id found twice counts once.
    Raises ParameterError for ids that are not integers or lists that are not of one shape.

    >>> recall_at_k(np.array([[1, 2, 3, 9]]), np.array([[1, 2, 3, 4]]))
    array([0.75])
    """
    found, true = _check_ids(found_ids, true_ids)
    return np.asarray(np.mean(_first_places(found) & _listed(found, true), axis=1))


def tie_aware_recall(
    vectors: Floats, queries: Floats, found_ids: Ids, true_ids: Ids, *, metric: Metric
) -> Float64s:
    """Recall that also counts a found id as near as the k-th true neighbor, (q,) float64.

    vectors: (n, d); queries: (q, d); found_ids, true_ids: (q, k) rows of `vectors`, negative where
    a place is empty. Distances are recomputed in float64 from the vectors; a found id counts if it
    is listed, or if its distance is at most the largest true one times 1 + 1e-6. Raises
    ParameterError for lists of unlike shape or ids outside the vectors.
    """
    found, true = _check_ids(found_ids, true_ids)
    check_metric(metric)
    vectors, queries = check_rows(vectors, "vectors"), check_rows(queries, "queries")
    _check_rows(vectors, queries, found, true)
    farthest = np.fmax.reduce(_distances(vectors, queries, true, metric), axis=1, keepdims=True)
    near = _distances(vectors, queries, found, metric) <= tie_limit(farthest)
    return np.asarray(np.mean(_first_places(found) & (near | _listed(found, true)), axis=1))


def tied_at_k(distances: Floats, k: int) -> Bools:
    """Whether the neighbor after the k-th is as near as the k-th (to 1e-6 relative), (q,) bool.

    distances: (q, more than k) ascending true distances. Its mean is the share of queries whose
    list of k true neighbors is one of several right ones.
    """
    near, k = check_numbers(distances, "distances"), check_count(k, "k")
    if near.ndim != 2 or k >= near.shape[1]:
        raise ParameterError(
            f"distances must be (q, more than k = {k}); got shape {near.shape}. "
            "Ask for k + 1 neighbors."
        )
    last, following = near[:, k - 1], near[:, k]
    return np.asarray(following <= tie_limit(last))


def _check_ids(found_ids: Ids, true_ids: Ids) -> tuple[Ids, Ids]:
    found, true = as_array(found_ids, "found_ids"), as_array(true_ids, "true_ids")
    if found.dtype.kind not in "iu" or true.dtype.kind not in "iu":
        raise ParameterError(
            f"found_ids and true_ids must be integers; got {found.dtype} and {true.dtype}."
        )
    if found.ndim != 2 or found.shape != true.shape or found.shape[1] == 0:
        raise ParameterError(
            "found_ids and true_ids must both be (q, k) with k >= 1; "
            f"got {found.shape} and {true.shape}. Cut both to the same k."
        )
    return found, true


def _check_rows(vectors: Floats, queries: Floats, found: Ids, true: Ids) -> None:
    if vectors.shape[1] != queries.shape[1]:
        raise ParameterError(
            "vectors (n, d) and queries (q, d) must share their dimension; "
            f"got {vectors.shape} and {queries.shape}."
        )
    if len(queries) != len(found):
        raise ParameterError(f"got {len(queries):,} queries for {len(found):,} lists of ids.")
    for ids, name in ((found, "found_ids"), (true, "true_ids")):
        check_ids(np.maximum(ids, -1), name, len(vectors), empty=True)


def _first_places(ids: Ids) -> Bools:
    """Where an id >= 0 stands for the first time in its row, (q, k)."""
    order = np.argsort(ids, axis=1, kind="stable")
    ascending = np.take_along_axis(ids, order, axis=1)
    new = np.ones(ids.shape, dtype=bool)
    new[:, 1:] = ascending[:, 1:] != ascending[:, :-1]
    first = np.empty_like(new)
    np.put_along_axis(first, order, new & (ascending >= 0), axis=1)
    return first


def _listed(found: Ids, true: Ids) -> Bools:
    """Where a found id stands in the same row of `true`, (q, k)."""
    distinct, codes = np.unique(np.concatenate([found, true]), return_inverse=True)
    row = np.arange(len(found), dtype=np.int64)[:, None] * len(distinct)
    found_codes, true_codes = np.split(codes.reshape(-1, found.shape[1]), 2)
    return np.isin(found_codes + row, true_codes + row)


def _distances(vectors: Floats, queries: Floats, ids: Ids, metric: Metric) -> Float64s:
    """Distance of each query to each of its ids, (q, k), column by column to bound memory.

    NaN where a place is empty.
    """
    columns = [paired_distances(queries, vectors[column], metric) for column in ids.T]
    return np.where(ids >= 0, np.stack(columns, axis=1), np.nan)
