"""Several k from one traversal, strict and with ties."""

import numpy as np
import pytest

from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, ef_curve, ef_curves, exact_neighbors, search
from core.metrics.recall import recall_at_k, tie_aware_recall
from tests.core.index.datasets import DATASETS, clustered, queries_of

KS = (1, 4, 10, 25)
EFS = (25, 26, 31, 60, 90)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", DATASETS)
def test_each_k_is_the_curve_of_its_own(name: str, metric: Metric) -> None:
    vectors = DATASETS[name]()
    graph = build_hnsw(vectors, HnswParams(metric, m=6, ef_construction=40))
    queries = queries_of(vectors)
    truth = exact_neighbors(vectors, queries, KS[-1], metric=metric)
    curves = ef_curves(graph, queries, truth, KS, ef_max=90)
    assert list(curves) == list(KS)
    for k, curve in curves.items():
        alone = ef_curve(graph, queries, truth.ids[:, :k], ef_max=90)
        assert curve.k == k
        for field in ("ef", "hits", "tied_hits", "distance_computations", "hops"):
            np.testing.assert_array_equal(getattr(curve, field), getattr(alone, field))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", DATASETS)
def test_hits_and_ties_are_those_of_the_searches(name: str, metric: Metric) -> None:
    vectors = DATASETS[name]()
    graph = build_hnsw(vectors, HnswParams(metric, m=6, ef_construction=40))
    stored = graph.vectors
    queries = queries_of(vectors)
    truth = exact_neighbors(stored, queries, KS[-1], metric=metric).ids
    curves = ef_curves(graph, queries, truth, KS, ef_max=90)
    for k, curve in curves.items():
        for ef in EFS:
            found, true = search(graph, queries, k, ef).ids, truth[:, :k]
            np.testing.assert_allclose(curve.recall[:, ef - k], recall_at_k(found, true))
            with_ties = tie_aware_recall(stored, queries, found, true, metric=metric)
            np.testing.assert_allclose(curve.tie_aware_recall[:, ef - k], with_ties)


def test_left_out_rows_take_the_beam_of_one_more_at_each_k() -> None:
    vectors = clustered(1500)
    graph = build_hnsw(vectors, HnswParams("euclidean", m=6, ef_construction=40))
    rows = np.where(np.arange(60) % 3 == 0, -1, np.arange(60))
    queries = vectors[:60]
    truth = exact_neighbors(vectors, queries, 10, metric="euclidean", exclude=rows)
    curves = ef_curves(graph, queries, truth, (3, 10), ef_max=10, exclude=rows)
    for k, curve in curves.items():
        for ef in range(k, 11):
            found = search(graph, queries, k, ef, exclude=rows)
            expected = recall_at_k(found.ids, truth.ids[:, :k])
            np.testing.assert_allclose(curve.recall[:, ef - k], expected)
            np.testing.assert_array_equal(
                curve.distance_computations[:, ef - k], found.distance_computations
            )


def test_a_copy_of_the_last_true_neighbor_is_a_tie() -> None:
    # Rows at 0, 1, 1, 5 from the query. Of the two at distance 1 the truth names row 1 for k = 2;
    # a search that returns row 2 in its place has 1 hit, and 2 with ties.
    vectors = np.array([[0, 0], [1, 0], [-1, 0], [5, 0]], np.float32)
    graph = build_hnsw(vectors, HnswParams("euclidean"))
    truth = np.array([[0, 1, 2]])
    swapped = np.array([[0, 2, 1]])
    query = np.zeros((1, 2), np.float32)
    for ids in (truth, swapped):
        curves = ef_curves(graph, query, ids, (1, 2, 3), ef_max=3)
        assert curves[1].hits[0, -1] == 1
        assert curves[2].tied_hits[0, -1] == 2
        assert curves[3].hits[0, -1] == 3
    strict = [
        ef_curves(graph, query, ids, (2,), ef_max=3)[2].hits[0, -1] for ids in (truth, swapped)
    ]
    assert sorted(strict) == [1, 2]


def test_missing_true_neighbors_are_never_found() -> None:
    vectors = clustered(300, 8)
    graph = build_hnsw(vectors, HnswParams("euclidean"))
    truth = exact_neighbors(vectors, vectors[:5], 4, metric="euclidean").ids
    truth[:, 2:] = -1
    curves = ef_curves(graph, vectors[:5], truth, (2, 4), ef_max=40)
    assert (curves[4].hits[:, -1] == 2).all()
    assert (curves[2].hits[:, -1] == 2).all()


def test_curves_of_two_halves_join_to_the_whole() -> None:
    vectors = clustered(900, 8)
    graph = build_hnsw(vectors, HnswParams())
    queries = queries_of(vectors)
    truth = exact_neighbors(vectors, queries, 5, metric="cosine").ids
    whole = ef_curve(graph, queries, truth, ef_max=30)
    halves = [
        ef_curve(graph, queries[s], truth[s], ef_max=30) for s in (slice(25), slice(25, None))
    ]
    joined = halves[0].followed_by(halves[1])
    np.testing.assert_array_equal(joined.hits, whole.hits)
    np.testing.assert_array_equal(joined.hops, whole.hops)
    other = ef_curve(graph, queries, truth, ef_max=31)
    with pytest.raises(ParameterError, match="k = 5 up to ef 30 and k = 5 up to ef 31"):
        whole.followed_by(other)


def test_ks_must_fit_the_truth() -> None:
    vectors = clustered(100, 8)
    graph = build_hnsw(vectors, HnswParams())
    with pytest.raises(ParameterError, match=r"at most 3.*got \[1, 5\]"):
        ef_curves(graph, vectors[:1], np.array([[0, 1, 2]]), (1, 5))
    with pytest.raises(ParameterError, match=r"at least one whole number"):
        ef_curves(graph, vectors[:1], np.array([[0, 1, 2]]), ())
