"""Exact neighbor lists of all rows or of a sample, against a naive search."""

import numpy as np
import pytest

from core.distances import METRICS, Metric, distance_matrix
from core.errors import ParameterError
from core.studies import knn_lists

RANDOM = np.random.default_rng(0)
VECTORS = (RANDOM.normal(size=(300, 8)) * np.exp(RANDOM.normal(size=(300, 1)))).astype(np.float32)


def naive(metric: Metric) -> np.ndarray:
    """(n, n) distances, infinite from each row to itself."""
    distances = distance_matrix(VECTORS, VECTORS, metric)
    np.fill_diagonal(distances, np.inf)
    return distances


@pytest.mark.parametrize("metric", METRICS)
def test_all_rows_have_the_naive_neighbors(metric: Metric) -> None:
    lists = knn_lists(VECTORS, 7, metric)
    distances = naive(metric)
    order = np.argsort(distances, axis=1, kind="stable")[:, :7]
    np.testing.assert_array_equal(lists.rows, np.arange(300))
    np.testing.assert_array_equal(lists.neighbors.ids, order)
    np.testing.assert_allclose(
        lists.neighbors.distances, np.take_along_axis(distances, order, 1), rtol=1e-9, atol=1e-9
    )
    assert (lists.k, lists.n, lists.metric, lists.is_sample) == (7, 300, metric, False)


def test_a_sample_is_drawn_with_its_seed_and_asks_all_rows() -> None:
    whole = knn_lists(VECTORS, 3, "euclidean")
    lists = knn_lists(VECTORS, 3, "euclidean", rows_at_most=40, seed=5)
    expected = np.sort(np.random.default_rng(5).choice(300, 40, replace=False))
    np.testing.assert_array_equal(lists.rows, expected)
    np.testing.assert_array_equal(lists.neighbors.ids, whole.neighbors.ids[expected])
    assert (lists.is_sample, lists.n, lists.seed) == (True, 300, 5)
    assert not np.isin(lists.neighbors.ids, expected).all()


def test_a_copy_is_a_neighbor_and_the_row_itself_is_none() -> None:
    # Rows 0 and 1 are equal: each is the other's nearest, at distance 0.
    rows = np.array([[1.0, 0], [1, 0], [4, 4]])
    lists = knn_lists(rows, 2, "euclidean")
    assert lists.neighbors.ids.tolist() == [[1, 2], [0, 2], [0, 1]]
    np.testing.assert_allclose(lists.neighbors.distances, [[0, 5], [0, 5], [5, 5]])


def test_lengths_under_cosine_are_chords() -> None:
    # Right angles: 1 - cos = 1, the chord between the unit vectors is sqrt(2); opposite: 2 and 2.
    rows = np.array([[2.0, 0], [0, 3], [-1, 0]])
    lists = knn_lists(rows, 2, "cosine")
    np.testing.assert_allclose(lists.neighbors.distances[0], [1, 2])
    chords = lists.as_lengths()
    np.testing.assert_allclose(chords.neighbors.distances[0], [np.sqrt(2), 2])
    np.testing.assert_array_equal(chords.neighbors.ids, lists.neighbors.ids)
    with pytest.raises(ParameterError, match="no lengths"):
        knn_lists(rows, 1, "inner_product").as_lengths()


def test_more_neighbors_than_other_rows_are_refused() -> None:
    with pytest.raises(ParameterError, match="got 3"):
        knn_lists(np.eye(3), 3, "euclidean")


def test_progress_counts_the_rows_and_may_stop_the_work() -> None:
    told: list[tuple[int, int]] = []
    knn_lists(VECTORS, 3, "euclidean", progress=lambda *done: told.append(done))
    assert told[-1] == (300, 300)

    def stop(_done: int, _total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        knn_lists(VECTORS, 3, "euclidean", progress=stop)
