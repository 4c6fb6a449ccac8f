"""A threshold as each system takes it, in its own unit and direction."""

import re

import pytest

from core.distances import Metric
from core.engines.floor import threshold_lines

EXPECTED: dict[Metric, tuple[float, dict[str, str]]] = {
    "cosine": (
        0.61803398875,
        {
            "pgvector": "WHERE embedding <=> :query <= 0.381966",
            "Qdrant": "score_threshold=0.618034",
            "Milvus": 'search_params={"metric_type": "COSINE", "params": {"radius": 0.618034}}',
            "Weaviate": "near_vector(query, distance=0.381966)",
            "Elasticsearch": '"knn": {"similarity": 0.618034, ...}',
            "faiss, unit vectors": "index_ip.range_search(queries, 0.618034)",
        },
    ),
    # A score of -d^2 / 2 with d = 1.5: squared 2.25.
    "euclidean": (
        -1.125,
        {
            "pgvector": "WHERE embedding <-> :query <= 1.5",
            "Qdrant": "score_threshold=1.5",
            "Milvus": 'search_params={"metric_type": "L2", "params": {"radius": 2.25}}',
            "Weaviate": "near_vector(query, distance=2.25)",
            "Elasticsearch": '"knn": {"similarity": 1.5, ...}',
            "faiss": "index_l2.range_search(queries, 2.25)",
        },
    ),
    "inner_product": (
        12.25,
        {
            "pgvector": "WHERE embedding <#> :query <= -12.25",
            "Qdrant": "score_threshold=12.25",
            "Milvus": 'search_params={"metric_type": "IP", "params": {"radius": 12.25}}',
            "Weaviate": "near_vector(query, distance=-12.25)",
            "faiss": "index_ip.range_search(queries, 12.25)",
        },
    ),
}


@pytest.mark.parametrize("metric", EXPECTED)
def test_lines_of_each_system(metric: Metric) -> None:
    score, lines = EXPECTED[metric]
    assert dict(threshold_lines(metric, score)) == lines


@pytest.mark.parametrize("score", [-3.4567e-9, -0.0345678, -1234.567])
def test_small_and_large_distances_keep_their_digits(score: float) -> None:
    lines = dict(threshold_lines("euclidean", score))
    found = re.search(r"range_search\(queries, (.*)\)", lines["faiss"])
    assert found is not None
    assert float(found[1]) == pytest.approx(-2 * score, rel=1e-5)
