"""Rows of an index that hold other vectors than the data, counted one by one."""

from dataclasses import replace

import faiss
import numpy as np
import pytest

from core.data import EmbeddingSet
from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, read_index
from core.index.storage import FLOAT16
from core.studies import index_items, row_changes
from tests.core.index.index_files import faiss_bytes, hnswlib_bytes, serialized, usearch_bytes

N, DIM = 1_000, 24
RANDOM = np.random.default_rng(4)
VECTORS = RANDOM.normal(size=(N, DIM)).astype(np.float32)


def graph_of(vectors: np.ndarray, metric: Metric = "euclidean") -> HnswGraph:
    return build_hnsw(vectors, HnswParams(metric, m=4, ef_construction=20))


def changed(count: int, by: float = 0.02) -> tuple[np.ndarray, np.ndarray]:
    """The vectors with `count` rows moved by a share of their length, and these rows."""
    rows = np.sort(np.random.default_rng(count).choice(N, count, replace=False))
    moves = np.random.default_rng(1).normal(size=(count, DIM))
    moves /= np.linalg.norm(moves, axis=1, keepdims=True)
    moves *= by * np.linalg.norm(VECTORS[rows], axis=1, keepdims=True)
    vectors = VECTORS.copy()
    vectors[rows] += moves.astype(np.float32)
    return vectors, rows


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("count", [0, 1, 300, 490, 1000])
def test_exactly_the_changed_rows_differ(count: int, metric: Metric) -> None:
    vectors, rows = changed(count)
    found = row_changes(graph_of(VECTORS, metric), vectors)
    assert found.rows.tolist() == rows.tolist()
    assert (found.count, found.n) == (count, N)
    if metric != "cosine" and count:
        # The move is 0.02 of the shorter or the longer row: 0.0196 to 0.02 of the longer one.
        assert found.moved[rows].min() > 0.0196 - 1e-6
        assert found.moved[rows].max() < 0.02 + 1e-6


def test_by_hand() -> None:
    # Lengths 5 and 10: moved by 5 of 10. The other row of length 5 is moved by 0.0004 of 5.0004.
    graph = graph_of(np.array([[3, 4], [3, 4], [0, 0], [0, 0]], dtype=np.float32))
    other = np.array([[6, 8], [3.0002, 4.0003], [0, 0], [0, 1]], dtype=np.float32)
    found = row_changes(graph, other)
    assert found.moved == pytest.approx([0.5, 7.2e-5, 0, 1], rel=0.01)
    assert found.rows.tolist() == [0, 3]
    assert row_changes(graph, other, tolerance=1e-5).rows.tolist() == [0, 1, 3]
    assert row_changes(graph, other, tolerance=0.5).rows.tolist() == [3]


def test_under_cosine_only_directions_count() -> None:
    factors = np.random.default_rng(3).uniform(0.1, 9, size=(N, 1)).astype(np.float32)
    assert row_changes(graph_of(VECTORS, "cosine"), VECTORS * factors).count == 0
    for metric in ("euclidean", "inner_product"):
        assert row_changes(graph_of(VECTORS, metric), VECTORS * factors).count == N
    zero = VECTORS.copy()
    zero[3] = 0
    assert row_changes(graph_of(zero, "cosine"), zero).count == 0
    assert row_changes(graph_of(zero, "cosine"), VECTORS).rows.tolist() == [3]


@pytest.mark.parametrize("count", [0, 1, 490])
@pytest.mark.parametrize("dtype", ["f16", "bf16", "i8"])
@pytest.mark.parametrize("metric", ["cos", "l2sq"])
def test_rounding_of_the_stored_type_is_no_change(dtype: str, metric: str, count: int) -> None:
    graph = read_index(usearch_bytes(VECTORS, metric=metric, dtype=dtype))
    vectors, rows = changed(count, by=0.6)
    assert row_changes(graph, vectors).rows.tolist() == rows.tolist()


@pytest.mark.parametrize("count", [0, 1, 490])
def test_rounding_of_the_loaded_data_is_no_change(count: int) -> None:
    vectors, rows = changed(count)
    half = vectors.astype(np.float16).astype(np.float32)
    assert row_changes(graph_of(VECTORS), half).rows.tolist() == rows.tolist()
    # A float16 file beside float16 data of which some rows were made anew.
    both = replace(graph_of(VECTORS.astype(np.float16).astype(np.float32)), storage=FLOAT16)
    assert row_changes(both, half).rows.tolist() == rows.tolist()


def test_whole_numbers_are_exact() -> None:
    rows = np.rint(VECTORS * 40) + 128
    other = rows.copy()
    other[11, 0] += 1  # 1 of a length of about 630
    assert row_changes(graph_of(rows), other).rows.tolist() == [11]


def test_deleted_rows_are_not_counted() -> None:
    vectors, rows = changed(300)
    deleted = np.zeros(N, dtype=bool)
    deleted[rows[:100]] = True
    found = row_changes(replace(graph_of(VECTORS), deleted=deleted), vectors)
    assert found.rows.tolist() == rows[100:].tolist()
    assert found.n == N - 100


@pytest.mark.parametrize("metric", METRICS)
def test_a_row_that_is_not_finite_differs(metric: Metric) -> None:
    stored = VECTORS.copy()
    stored[3], stored[8, 1], stored[9, 1] = np.nan, np.inf, -np.inf
    graph = replace(graph_of(VECTORS), vectors=stored, metric=metric)
    found = row_changes(graph, VECTORS)
    assert found.rows.tolist() == [3, 8, 9]
    assert found.moved[[3, 8, 9]].tolist() == [1, 1, 1]


def test_labels_in_another_order_name_the_same_rows() -> None:
    labels = np.random.default_rng(2).permutation(N)
    loaded = EmbeddingSet.from_arrays(VECTORS, name="loaded")
    content = hnswlib_bytes(VECTORS[labels], labels=labels)
    graph = read_index(content, metric="euclidean")
    assert index_items(graph, "file", loaded) is loaded
    assert row_changes(graph, VECTORS).count == 0
    # The labels say one thing and the vectors another: all rows but those that stayed differ.
    wrong = read_index(hnswlib_bytes(VECTORS[labels]), metric="euclidean")
    assert row_changes(wrong, VECTORS).count == int((labels != np.arange(N)).sum())


def test_missing_and_additional_labels() -> None:
    kept = np.arange(0, N, 2)
    labels = np.concatenate([kept, [N + 3, N + 4]])
    vectors, rows = changed(490)
    stored = np.concatenate([VECTORS[kept], VECTORS[:2] + 1])
    graph = read_index(faiss_bytes(stored, ids=labels))
    loaded = EmbeddingSet.from_arrays(vectors, name="loaded")
    items = index_items(graph, "file", loaded)
    found = row_changes(graph, items.vectors)
    assert graph.labels[found.rows].tolist() == rows[rows % 2 == 0].tolist()
    assert found.n == 502


def test_another_shape_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"shape of the graph's, \(1000, 24\); got \(999, 24"):
        row_changes(graph_of(VECTORS), VECTORS[1:])


@pytest.mark.parametrize(
    "factory", ["HNSW4,PQ6x4", "HNSW4,SQ4", "PCA8,HNSW4,PQ4x4", "L2norm,HNSW4,PQ6x4"]
)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.49])
def test_rows_of_codes_differ_where_other_rows_are_nearer(factory: str, share: float) -> None:
    index = faiss.index_factory(DIM, factory)
    index.train(VECTORS)
    index.add(VECTORS)
    graph = read_index(serialized(index))
    vectors = VECTORS.copy()
    rows = np.sort(np.random.default_rng(7).choice(N, round(share * N), replace=False))
    vectors[rows] = vectors[np.roll(rows, 1)]  # each of these holds the vector of another
    found = row_changes(graph, vectors)
    assert np.isin(found.rows, rows).all()  # no row that stayed the same is counted
    # 21 others are tried: of 22 rows in random order one is the nearest by chance
    assert found.count >= 0.9 * len(rows)
    assert found.other_code is not None


def test_codes_of_other_data_do_not_pass_for_those_of_the_loaded() -> None:
    index = faiss.index_factory(DIM, "HNSW4,PQ6x4")
    index.train(VECTORS)
    index.add(VECTORS)
    graph = read_index(serialized(index))
    loaded = EmbeddingSet.from_arrays(VECTORS, name="mine")
    assert index_items(graph, "file", loaded) is loaded
    stale = EmbeddingSet.from_arrays(changed(490, by=3.0)[0], name="stale")
    assert index_items(graph, "file", stale) is stale
    other = np.random.default_rng(99).normal(size=(N, DIM)).astype(np.float32)
    others = EmbeddingSet.from_arrays(other, name="others")
    found = index_items(graph, "file", others)
    np.testing.assert_array_equal(found.vectors, graph.vectors)
