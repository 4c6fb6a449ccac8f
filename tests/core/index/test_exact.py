"""Exact neighbors against a full sort of float64 distances, where other libraries go wrong too."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import faiss
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.blas import one_blas_thread
from core.distances import METRICS, Metric, paired_distances
from core.errors import ParameterError
from core.index import exact_neighbors
from core.index.exact import FEW_QUERIES
from tests.core.index.datasets import DATASETS, clustered, queries_of
from tests.core.test_blas import threads as blas_threads

module = import_module("core.index.exact")


def naive(
    vectors: npt.NDArray[np.floating],
    queries: npt.NDArray[np.floating],
    k: int,
    metric: Metric,
    exclude: npt.NDArray[np.int64] | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    n, ids, distances = len(vectors), [], []
    for i, query in enumerate(queries):
        all_distances = paired_distances(np.repeat(query[None], n, axis=0), vectors, metric)
        if exclude is not None:
            all_distances[exclude[i]] = np.inf
        order = np.lexsort((np.arange(n), all_distances))[:k]
        ids.append(order)
        distances.append(all_distances[order])
    return np.array(ids), np.array(distances)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", DATASETS)
def test_equals_a_full_sort(name: str, metric: Metric) -> None:
    vectors = DATASETS[name]()
    queries = queries_of(vectors, 30)
    ids, distances = naive(vectors, queries, 12, metric)
    found = exact_neighbors(vectors, queries, 12, metric=metric)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-12, atol=1e-13)
    if name != "grid" or metric == "euclidean":  # sums of small whole numbers: ties are exact
        np.testing.assert_array_equal(found.ids, ids)


@pytest.mark.parametrize("metric", METRICS)
def test_a_row_is_left_out_of_its_own_list_by_id(metric: Metric) -> None:
    vectors = DATASETS["duplicated"]()
    rows = np.arange(0, len(vectors), 97)
    ids, _ = naive(vectors, vectors[rows], 5, metric, rows)
    found = exact_neighbors(vectors, vectors[rows], 5, metric=metric, exclude=rows)
    np.testing.assert_array_equal(found.ids, ids)
    mixed = np.where(rows % 2 == 0, rows, -1)
    partly = exact_neighbors(vectors, vectors[rows], 5, metric=metric, exclude=mixed)
    np.testing.assert_array_equal(partly.ids[mixed >= 0], found.ids[mixed >= 0])
    if metric == "euclidean":
        assert (partly.distances[mixed < 0, 0] == 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_from_the_origin_where_a_float32_product_fails(dtype: npt.DTypeLike) -> None:
    vectors = (np.random.default_rng(0).normal(size=(2000, 16)) + 1e5).astype(dtype)
    ids, distances = naive(vectors, vectors[:40], 10, "euclidean")
    found = exact_neighbors(vectors, vectors[:40], 10, metric="euclidean")
    np.testing.assert_array_equal(found.ids, ids)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-12)
    products = np.einsum("ij,kj->ik", vectors[:40].astype(np.float32), vectors.astype(np.float32))
    lengths = np.einsum("ij,ij->i", vectors.astype(np.float32), vectors.astype(np.float32))
    wrong = np.argsort(lengths - 2 * products, axis=1)[:, :10]
    assert (wrong != ids).any()


def test_two_clusters_too_far_apart_for_float32() -> None:
    random = np.random.default_rng(3)
    near, far = random.normal(size=(1500, 4)), random.normal(size=(1500, 4)) + 1e9
    vectors = np.concatenate([near, far])
    found = exact_neighbors(vectors, near[:10], 6, metric="euclidean")
    ids, _ = naive(vectors, near[:10], 6, "euclidean")
    np.testing.assert_array_equal(found.ids, ids)


def test_more_ties_than_there_is_room_for_candidates() -> None:
    vectors = np.zeros((5000, 3), np.float32)
    found = exact_neighbors(vectors, vectors[:3], 4, metric="euclidean", exclude=[0, 1, 2])
    assert found.ids.tolist() == [[1, 2, 3, 4], [0, 2, 3, 4], [0, 1, 3, 4]]
    assert (found.distances == 0).all()


@pytest.mark.parametrize("queries", [3, FEW_QUERIES, FEW_QUERIES + 1, 20])
@pytest.mark.parametrize("k", [1, 10, 100, 1000])
@pytest.mark.parametrize("metric", METRICS)
def test_every_k_for_few_queries_and_for_many(metric: Metric, k: int, queries: int) -> None:
    vectors = clustered(2500, 6).astype(np.float64)
    vectors[1000:1200] = vectors[:200]  # 200 pairs of copies: ties by id
    asked, rows = vectors[:queries], np.arange(queries)
    for exclude in (None, rows):
        ids, distances = naive(vectors, asked, k, metric, exclude)
        found = exact_neighbors(vectors, asked, k, metric=metric, exclude=exclude)
        np.testing.assert_allclose(found.distances, distances, rtol=1e-12, atol=1e-13)
        np.testing.assert_array_equal(found.ids, ids)


@pytest.mark.parametrize("k", [4, 700])
def test_many_queries_among_more_ties_than_there_is_room_for(k: int) -> None:
    vectors = np.zeros((5000, 3), np.float32)
    rows = np.arange(FEW_QUERIES + 4)
    found = exact_neighbors(vectors, vectors[rows], k, metric="euclidean", exclude=rows)
    expected = [[i for i in range(k + 1) if i != row][:k] for row in rows]
    assert found.ids.tolist() == expected
    assert (found.distances == 0).all()


def test_rows_that_come_ever_nearer_replace_all_candidates() -> None:
    line = np.arange(6000, 0, -1, dtype=np.float32)[:, None]  # row i lies at 6000 - i
    asked = np.full((FEW_QUERIES + 1, 1), 0, np.float32)
    found = exact_neighbors(line, asked, 300, metric="euclidean")
    assert found.ids.tolist() == [list(range(5999, 5699, -1))] * len(asked)
    assert found.distances[0].tolist() == list(range(1, 301))


@pytest.mark.parametrize("queries", [1, FEW_QUERIES + 1])
def test_a_query_too_far_away_for_float32(queries: int) -> None:
    vectors = np.array([[2e-3, 0], [1e-3, 0], [0, 1e-3]])
    asked = np.tile([[1e40, 0.0]], (queries, 1))
    found = exact_neighbors(vectors, asked, 3, metric="euclidean")
    assert found.ids.tolist() == [[0, 1, 2]] * queries  # all as far in float64: by id
    beyond = exact_neighbors(vectors, np.tile([[1e300, 0.0]], (queries, 1)), 2, metric="euclidean")
    assert beyond.ids.tolist() == [[0, 1]] * queries  # infinitely far, all of them
    near = exact_neighbors(vectors, np.tile([[1e9, 0.0]], (queries, 1)), 1, metric="euclidean")
    assert near.ids.tolist() == [[0]] * queries


def test_blas_has_its_threads_back_afterwards() -> None:
    def fail(*_: int) -> None:
        seen.append(blas_threads())
        raise InterruptedError

    before, vectors, seen = blas_threads(), clustered(600, 4), list[list[int]]()
    with one_blas_thread(), one_blas_thread(), pytest.raises(InterruptedError):
        exact_neighbors(vectors, vectors, 1, metric="euclidean", progress=fail)
    assert set(seen[0]) == {1}
    assert blas_threads() == before


@pytest.mark.parametrize("queries", [FEW_QUERIES, 300])
def test_threads_are_as_many_as_asked_for_and_change_nothing(
    monkeypatch: pytest.MonkeyPatch, queries: int
) -> None:
    vectors = DATASETS["duplicated"]()
    asked = queries_of(vectors, queries)
    expected = exact_neighbors(vectors, asked, 12, metric="euclidean")
    pools: list[int] = []

    def pool(workers: int) -> ThreadPoolExecutor:
        pools.append(workers)
        return ThreadPoolExecutor(workers)

    monkeypatch.setattr(module, "ThreadPoolExecutor", pool)
    for threads in (1, 3):
        found = exact_neighbors(vectors, asked, 12, metric="euclidean", threads=threads)
        np.testing.assert_array_equal(found.ids, expected.ids)
        np.testing.assert_array_equal(found.distances, expected.distances)
    assert pools == [1, 3]
    with pytest.raises(ParameterError, match="threads must be"):
        exact_neighbors(vectors, asked, 12, metric="euclidean", threads=0)


def test_agrees_with_faiss_on_plain_data() -> None:
    vectors = clustered(4000, 48)
    index = faiss.IndexFlatL2(48)
    index.add(vectors)
    squared, ids = index.search(vectors[:200], 10)
    found = exact_neighbors(vectors, vectors[:200], 10, metric="euclidean")
    np.testing.assert_array_equal(found.ids, ids)
    np.testing.assert_allclose(found.distances, np.sqrt(np.maximum(squared, 0)), atol=2e-2)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 60),
    dim=st.integers(1, 6),
    k=st.integers(1, 60),
    metric=st.sampled_from(METRICS),
    values=st.sampled_from([2, 5, 1000]),
    seed=st.integers(0, 10_000),
)
def test_any_small_data(n: int, dim: int, k: int, metric: Metric, values: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.integers(-values, values, size=(n, dim)).astype(np.float64)
    k = min(k, n)
    _, distances = naive(vectors, vectors, k, metric)
    found = exact_neighbors(vectors, vectors, k, metric=metric)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-12, atol=1e-12)
    assert all(len(set(row)) == k for row in found.ids.tolist())


def test_scale_rotation_and_order_of_rows_change_nothing() -> None:
    vectors = clustered(800, 8).astype(np.float64)
    random = np.random.default_rng(0)
    rotation, _ = np.linalg.qr(random.normal(size=(8, 8)))
    order = random.permutation(800)
    plain = exact_neighbors(vectors, vectors[:50], 7, metric="euclidean")
    for changed, factor in ((vectors * 1000, 1000), (vectors @ rotation, 1)):
        found = exact_neighbors(changed, changed[:50], 7, metric="euclidean")
        np.testing.assert_array_equal(found.ids, plain.ids)
        np.testing.assert_allclose(found.distances, factor * plain.distances, atol=1e-9)
    shuffled = exact_neighbors(vectors[order], vectors[:50], 7, metric="euclidean")
    np.testing.assert_array_equal(order[shuffled.ids], plain.ids)


def test_zero_vectors_are_at_distance_one_under_cosine() -> None:
    vectors = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    found = exact_neighbors(vectors, vectors[:1], 3, metric="cosine")
    assert found.ids.tolist() == [[0, 1, 2]]
    assert found.distances.tolist() == [[1.0, 1.0, 1.0]]


def test_too_few_rows_is_an_error() -> None:
    with pytest.raises(ParameterError, match="k must be at most 3: there are 3 rows; got 4"):
        exact_neighbors(np.eye(3), np.eye(3), 4, metric="cosine")
    with pytest.raises(ParameterError, match="at most 2: there are 3 rows, one of them excluded"):
        exact_neighbors(np.eye(3), np.eye(3), 3, metric="cosine", exclude=[0, 1, 2])
    with pytest.raises(ParameterError, match="metric must be one of"):
        exact_neighbors(np.eye(3), np.eye(3), 1, metric="l2")  # type: ignore[arg-type]


def test_progress_may_stop_the_work() -> None:
    vectors = clustered(600, 4)
    seen: list[tuple[int, int]] = []
    exact_neighbors(vectors, vectors, 1, metric="cosine", progress=lambda *done: seen.append(done))
    done = [count for count, _ in seen]
    assert done == sorted(set(done))
    assert seen[-1] == (600, 600)

    def stop(*_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        exact_neighbors(vectors, vectors, 1, metric="cosine", progress=stop)
