"""Ranks by counting, against whole orders."""

import numpy as np
import pytest

from core.distances import METRICS, Metric, paired_distances
from core.errors import ParameterError
from core.index import exact_neighbors, exact_ranks, neighbors_and_ranks

N = 300


def crowded(dtype: type, offset: float) -> np.ndarray:
    """Rows on a lattice of 27 places: most distances are shared by many rows, and many are 0."""
    rows = np.random.default_rng(0).integers(0, 3, size=(N, 3)) + offset
    return rows.astype(dtype)


def naive(vectors: np.ndarray, targets: np.ndarray, metric: Metric) -> np.ndarray:
    """Places in the full order of each row by (distance, id), the row itself left out."""
    order = exact_neighbors(vectors, vectors, N - 1, metric=metric, exclude=np.arange(N)).ids
    place = np.zeros((N, N), np.int64)
    np.put_along_axis(place, order, np.arange(1, N)[None], axis=1)
    return np.where(targets < 0, 0, np.take_along_axis(place, np.maximum(targets, 0), axis=1))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_ties_and_duplicates_stand_in_the_order_of_their_ids(
    metric: Metric, dtype: type, offset: float
) -> None:
    vectors = crowded(dtype, offset)
    targets = np.random.default_rng(1).integers(0, N, (N, 6))
    targets[targets == np.arange(N)[:, None]] = -1
    ranks = exact_ranks(vectors, vectors, targets, metric=metric, exclude=np.arange(N))
    np.testing.assert_array_equal(ranks, naive(vectors, targets, metric))


@pytest.mark.parametrize("threads", [1, 3])
def test_more_rows_than_a_tile_and_queries_of_their_own(threads: int) -> None:
    random = np.random.default_rng(2)
    vectors, queries = random.normal(size=(2_500, 5)), random.normal(size=(7, 5))
    targets = random.integers(0, 2_500, (7, 3))
    seen: list[tuple[int, int]] = []
    ranks = exact_ranks(
        vectors,
        queries,
        targets,
        metric="euclidean",
        threads=threads,
        progress=lambda done, total: seen.append((done, total)),
    )
    for query, row, found in zip(queries, targets, ranks, strict=True):
        apart = paired_distances(vectors, np.broadcast_to(query, vectors.shape), "euclidean")
        assert found.tolist() == [1 + int((apart < apart[each]).sum()) for each in row]
    assert seen[-1] == (7, 7)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [1, 7, N - 1])
def test_one_pass_gives_neighbors_and_ranks_also_among_ties(metric: Metric, k: int) -> None:
    vectors, rows = crowded(np.float32, 100.0), np.arange(N)
    targets = np.random.default_rng(1).integers(0, N, (N, 6))
    targets[targets == rows[:, None]] = -1
    near, ranks = neighbors_and_ranks(vectors, vectors, k, targets, metric=metric, exclude=rows)
    alone = exact_neighbors(vectors, vectors, k, metric=metric, exclude=rows)
    np.testing.assert_array_equal(near.ids, alone.ids)
    np.testing.assert_array_equal(near.distances, alone.distances)
    np.testing.assert_array_equal(ranks, naive(vectors, targets, metric))


def test_one_pass_over_several_tiles_with_queries_of_their_own() -> None:
    random = np.random.default_rng(2)
    vectors, queries = random.normal(size=(2_500, 5)), random.normal(size=(300, 5))
    queries[0] = 1e35  # too far for float32: its neighbors are measured
    targets = random.integers(0, 2_500, (300, 3))
    seen: list[tuple[int, int]] = []
    near, ranks = neighbors_and_ranks(
        vectors,
        queries,
        4,
        targets,
        metric="euclidean",
        threads=2,
        progress=lambda done, total: seen.append((done, total)),
    )
    alone = exact_neighbors(vectors, queries, 4, metric="euclidean")
    np.testing.assert_array_equal(near.ids, alone.ids)
    np.testing.assert_array_equal(ranks, exact_ranks(vectors, queries, targets, metric="euclidean"))
    assert seen == [(150, 300), (300, 300)]
    with pytest.raises(ParameterError, match="k must be"):
        neighbors_and_ranks(vectors, queries, 0, targets, metric="euclidean")


def test_a_query_too_far_for_float32_is_measured() -> None:
    line = np.array([[0.0], [1.0], [2.0], [3.0]])
    # From 1e35 the four are level in float64 too: 1e35 - 3 is 1e35. The ids decide.
    assert exact_ranks(line, np.array([[1e35]]), [[3, 0]], metric="euclidean").tolist() == [[4, 1]]
    # From 1e12 they are told apart: 3 is the nearest.
    assert exact_ranks(line, np.array([[1e12]]), [[3, 0]], metric="euclidean").tolist() == [[1, 4]]


def test_targets_that_are_none_or_excluded_are_refused() -> None:
    line = np.array([[0.0], [1.0], [3.0]])
    with pytest.raises(ParameterError, match=r"targets must be \(3, m\), a line of row ids"):
        exact_ranks(line, line, [[0]], metric="euclidean")
    with pytest.raises(ParameterError, match="targets must hold row ids below n = 3"):
        exact_ranks(line, line[:1], [[3]], metric="euclidean")
    with pytest.raises(ParameterError, match="must not hold the row that is excluded"):
        exact_ranks(line, line[:1], [[1]], metric="euclidean", exclude=[1])
