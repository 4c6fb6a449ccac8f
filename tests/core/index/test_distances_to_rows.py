"""Distances to every row, against the library's own matrix and the distances of a trace."""

import numpy as np
import pytest

from core.distances import METRICS, Metric, distance_matrix
from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, row_distances, trace_search
from tests.core.index.datasets import clustered, queries_of


@pytest.mark.parametrize("metric", METRICS)
def test_all_rows_are_measured_as_a_trace_measures_those_it_visits(metric: Metric) -> None:
    vectors = clustered(700)
    graph = build_hnsw(vectors, HnswParams(metric))
    for query in queries_of(vectors, 3):
        distances = row_distances(graph, query)
        expected = distance_matrix(query[None], vectors, metric)[0]
        np.testing.assert_allclose(distances, expected, rtol=1e-5, atol=1e-6)
        for hop in trace_search(graph, query, 5, 20).hops:
            np.testing.assert_array_equal(distances[hop.visited], hop.visited_distances)


def test_a_query_of_another_length_is_refused() -> None:
    graph = build_hnsw(clustered(50, 8), HnswParams())
    with pytest.raises(ParameterError, match="8 dimensions, as the indexed vectors have; got 7"):
        row_distances(graph, np.zeros(7, np.float32))
