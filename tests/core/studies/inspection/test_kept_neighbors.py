"""What a map keeps of the true neighbors, worked by hand and the naive way."""

import math

import numpy as np
import pytest

from core.distances import distance_matrix
from core.errors import ParameterError
from core.studies import KeptNeighbors, kept_neighbors, knn_lists

VECTORS = np.random.default_rng(3).normal(size=(400, 6)).astype(np.float32)


def nearest(vectors: np.ndarray, k: int) -> np.ndarray:
    distances = distance_matrix(vectors, vectors, "euclidean")
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1, kind="stable")[:, :k]


def naive(k: int) -> np.ndarray:
    """(n,) share of the k nearest of all axes among the k nearest of the first two."""
    pairs = zip(nearest(VECTORS, k), nearest(VECTORS[:, :2], k), strict=True)
    return np.array([len(set(true) & set(shown)) / k for true, shown in pairs])


def test_worked_by_hand() -> None:
    # On the line 0 1 3 7 the nearest of each row are 1, 0, 1, 2. The map puts row 0 at 6.5, so
    # that the nearest there are: 3 to row 0, 2 to row 1, 1 to row 2, 0 to row 3.
    line = np.array([[0.0], [1], [3], [7]])
    lists = knn_lists(line, 1, "euclidean")
    places = np.array([[6.5, 0], [1, 0], [3, 0], [7, 0]], np.float32)
    kept = kept_neighbors(places, lists, 1)
    assert kept.share.tolist() == [0, 0, 1, 0]
    assert kept.mean_share == 0.25
    # Two nearest: true 12, 02, 10, 21; shown 32, 20, 10, 02. Shares 1/2, 1, 1, 1/2.
    kept = kept_neighbors(places, knn_lists(line, 2, "euclidean"), 2)
    assert kept.share.tolist() == [0.5, 1, 1, 0.5]


def test_the_map_of_all_axes_keeps_all() -> None:
    kept = kept_neighbors(VECTORS, knn_lists(VECTORS, 15, "euclidean"))
    assert (kept.share == 1).all()
    assert (kept.k, kept.n, kept.is_sample, kept.half_width) == (15, 400, False, 0.0)


def test_all_rows_the_naive_way_by_longer_lists() -> None:
    kept = kept_neighbors(VECTORS[:, :2], knn_lists(VECTORS, 20, "euclidean"), 15)
    np.testing.assert_array_equal(kept.rows, np.arange(400))
    np.testing.assert_allclose(kept.share, naive(15))
    assert kept.mean_share == pytest.approx(naive(15).mean())


def test_a_sample_has_an_interval() -> None:
    kept = kept_neighbors(
        VECTORS[:, :2], knn_lists(VECTORS, 15, "euclidean"), 15, rows_at_most=60, seed=2
    )
    rows = np.sort(np.random.default_rng(2).choice(400, 60, replace=False))
    each = naive(15)[rows]
    np.testing.assert_array_equal(kept.rows, rows)
    np.testing.assert_allclose(kept.share, each)
    assert (kept.is_sample, kept.n, kept.seed) == (True, 400, 2)
    half = 1.959964 * each.std(ddof=1) / np.sqrt(60)
    assert kept.half_width == pytest.approx(half)


def test_lists_of_a_sample_make_a_sample() -> None:
    lists = knn_lists(VECTORS, 15, "euclidean", rows_at_most=100, seed=4)
    kept = kept_neighbors(VECTORS[:, :2], lists)
    np.testing.assert_array_equal(kept.rows, lists.rows)
    np.testing.assert_allclose(kept.share, naive(15)[lists.rows])
    assert kept.is_sample
    assert kept.half_width > 0


def test_one_row_of_many_has_no_interval() -> None:
    assert math.isnan(KeptNeighbors(np.array([3]), np.array([0.5]), 15, 400, 0).half_width)


def test_a_map_of_other_data_and_short_lists_are_refused() -> None:
    lists = knn_lists(VECTORS, 5, "euclidean")
    with pytest.raises(ParameterError, match=r"each of the 400 rows .* got 399"):
        kept_neighbors(VECTORS[1:, :2], lists, 5)
    with pytest.raises(ParameterError, match="at most 5, the length of the lists; got 15"):
        kept_neighbors(VECTORS[:, :2], lists)
