"""How near misses are, against searches of their own and a loop over queries."""

import numpy as np
import pytest

from core.distances import METRICS, Metric
from core.index import HnswParams, build_hnsw, search
from core.metrics import recall_at_k, similarity_scores
from core.studies import answer_quality, given_queries, sample_queries

RNG = np.random.default_rng(0)
VECTORS = RNG.normal(size=(300, 8)).astype(np.float32)
K = 4


@pytest.mark.parametrize("metric", METRICS)
def test_each_column_is_that_of_a_search(metric: Metric) -> None:
    graph = build_hnsw(VECTORS[:260], HnswParams(metric, m=3, ef_construction=6))
    queries = given_queries(graph, VECTORS[:260], VECTORS[260:], K + 2)
    quality = answer_quality(graph, VECTORS[:260], queries, K, [12, 2, 6])
    assert quality.ef.tolist() == [4, 6, 12]  # no beam is smaller than k
    for place, ef in enumerate(quality.ef.tolist()):
        found = search(graph, VECTORS[260:], K, ef)
        true = queries.nearest(K)
        recall = recall_at_k(found.ids, true.ids)
        np.testing.assert_array_equal(quality.recall[:, place], recall)
        scores = similarity_scores(true.distances, metric)
        weighted = [
            sum(s for i, s in zip(ids, line, strict=True) if i in set(got)) / sum(line)
            for got, ids, line in zip(found.ids.tolist(), true.ids.tolist(), scores, strict=True)
        ]
        np.testing.assert_allclose(quality.score_weighted[:, place], weighted, rtol=1e-6)
        if metric == "inner_product":
            continue
        near, far = true.distances, found.distances
        if metric == "cosine":
            near, far = np.sqrt(2 * near), np.sqrt(2 * far)
        error = (far / near).mean(axis=1) - 1
        np.testing.assert_allclose(quality.relative_error[:, place], error, atol=1e-6)
    assert 0.3 < quality.mean_recall[0] < 0.95  # else nothing is shown
    if metric == "inner_product":
        assert np.isnan(quality.mean_error).all()
        assert quality.undefined == 40
        return
    assert (np.diff(quality.mean_error) < 0).all()
    assert quality.undefined == 0
    high = np.percentile(quality.relative_error, 95, axis=0)
    np.testing.assert_allclose(quality.high_error, high)


def test_rows_of_the_index_leave_themselves_out_and_copies_have_no_ratio() -> None:
    twice = np.repeat(VECTORS[:100], 2, axis=0)
    graph = build_hnsw(twice, HnswParams("euclidean", m=6))
    queries = sample_queries(graph, twice, 1, size=30)
    quality = answer_quality(graph, twice, queries, 1, [20])
    assert quality.undefined == quality.queries == 30  # the nearest is the copy, at distance 0
    assert np.isnan(quality.mean_error[0])
    assert quality.mean_score_weighted[0] == quality.mean_recall[0]
