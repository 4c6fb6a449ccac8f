"""Recall of approximate search: which of the true neighbors were found."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import as_array, check_count, check_ids, check_numbers, check_rows
from core.distances import Float64s, Floats, Metric, check_metric, lengths, paired_distances
from core.errors import ParameterError
from core.ties import tie_limit

Ids = npt.NDArray[np.integer[Any]]
ZERO = 1e-6  # of the length to the last true neighbor: what rounding makes of 0 stays below
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


def similarity_scores(distances: npt.ArrayLike, metric: Metric) -> Float64s:
    """The score that search engines show for a distance, in (0, 1] where it can be bounded.

    distances: of the metric, any shape; NaN stays. cosine: (1 + cos) / 2. euclidean: 1 / (1 + d^2).
    inner_product: 1 + dot where it is 0 or more, else 1 / (1 - dot). These are the scores of
    Lucene's `VectorSimilarityFunction` (COSINE, EUCLIDEAN, MAXIMUM_INNER_PRODUCT), which
    Elasticsearch and OpenSearch return.

    >>> similarity_scores([0.0, 1.0, 2.0], "cosine").tolist()
    [1.0, 0.5, 0.0]
    >>> similarity_scores([0.0, 1.0], "euclidean").tolist()
    [1.0, 0.5]
    >>> similarity_scores([-1.0, 2.0], "inner_product").tolist()  # dot 2 and -1
    [3.0, 0.5]
    """
    values = check_numbers(distances, "distances")
    if check_metric(metric) == "cosine":
        return np.asarray(1 - values / 2)
    if metric == "euclidean":
        return np.asarray(1 / (1 + values**2))
    dot = 1 - values
    return np.where(dot >= 0, 1 + dot, 1 / (1 + np.abs(dot)))


def score_weighted_recall(
    found_ids: Ids, true_ids: Ids, true_distances: Floats, *, metric: Metric
) -> Float64s:
    """Recall that weighs each true neighbor by its score, (q,) float64.

    The scores of the true neighbors that were found over the scores of all of them, by
    `similarity_scores`: to miss the nearest costs more than to miss the k-th. With equal scores it
    is `recall_at_k`.
    found_ids, true_ids: (q, k), as there. true_distances: (q, k) of `true_ids`. NaN where the
    scores of a query add up to 0. Raises ParameterError for lists or distances of unlike shape.

    >>> true, near = np.array([[7, 8]]), np.array([[0.0, 1.0]])  # scores 1 and 0.5
    >>> score_weighted_recall(np.array([[7, 9]]), true, near, metric="euclidean").tolist()
    [0.6666666666666666]
    """
    found, true = _check_ids(found_ids, true_ids)
    scores = similarity_scores(_check_distances(true_distances, "true_distances", true), metric)
    scores = np.where(true >= 0, scores, 0.0)
    total = scores.sum(axis=1)
    hit = (scores * (_first_places(true) & _listed(true, found))).sum(axis=1)
    share = np.full(len(true), np.nan)
    np.divide(hit, total, out=share, where=total > 0)
    return share


def relative_distance_error(
    found_distances: Floats, true_distances: Floats, *, metric: Metric
) -> Float64s:
    """How much farther the rows found are than the true neighbors, (q,) float64, 0 is best.

    found_distances, true_distances: (q, k) by the metric, NaN where a place is empty. Both are
    sorted, and the mean over the places i of d(found_i) / d(true_i) - 1 is taken, of lengths (under
    cosine the chord between unit vectors). It is the effective error of Gionis, Indyk & Motwani
    (Similarity Search in High Dimensions via Hashing, VLDB 1999), over k places the "overall ratio"
    less 1; a row that is missed for one as near costs nothing.
    Places whose true neighbor has distance 0, or below 1e-6 of the last one, are left out, for no
    ratio is defined there. NaN where none is left, or a place was left empty. Under inner product
    distances are no lengths: all NaN. Raises ParameterError for arrays of unlike shape.

    >>> error = relative_distance_error(
    ...     np.array([[1.0, 3.0]]), np.array([[1.0, 2.0]]), metric="euclidean"
    ... )
    >>> error.tolist()  # (0 + 0.5) / 2
    [0.25]
    """
    true = np.asarray(true_distances)
    found = _check_distances(found_distances, "found_distances", true)
    if check_metric(metric) == "inner_product":
        return np.full(len(found), np.nan)
    near = np.sort(
        lengths(_check_distances(true_distances, "true_distances", true), metric), axis=1
    )
    far = np.sort(lengths(found, metric), axis=1)
    ratios = np.full(far.shape, np.nan)
    known = near > ZERO * near[:, -1:]
    np.divide(far, near, out=ratios, where=known)
    counted = known.sum(axis=1)
    error = np.full(len(far), np.nan)
    sums = np.where(known, ratios - 1, 0.0).sum(axis=1)
    np.divide(sums, counted, out=error, where=counted > 0)
    return np.where(np.isnan(far).any(axis=1), np.nan, error)


def _check_distances(values: Floats, name: str, like: npt.NDArray[Any]) -> Float64s:
    distances = check_numbers(values, name)
    if distances.ndim != 2 or distances.shape != like.shape:
        raise ParameterError(
            f"{name} must be (q, k), one for each place of the lists, {like.shape}; "
            f"got shape {distances.shape}."
        )
    return distances


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
