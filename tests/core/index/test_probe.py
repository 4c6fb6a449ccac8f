"""What a search knows after its first hops, against traces of the same searches."""

import numpy as np
import pytest

from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import first_hops, search, trace_search
from tests.core.index.test_visited_rows import case

K, HOPS = 5, 4


@pytest.mark.parametrize("metric", METRICS)
def test_it_is_what_a_trace_shows_of_its_first_hops(metric: Metric) -> None:
    graph, queries, exclude = case("clustered", metric)
    found = first_hops(graph, queries, K, HOPS, ef_max=60, exclude=exclude)
    for q, query in enumerate(queries):
        left_out = None if exclude[q] < 0 else int(exclude[q])
        trace = trace_search(graph, query, K, 60, exclude=left_out)
        base = [hop for hop in trace.hops if hop.layer == 0][:HOPS]
        above = [hop for hop in trace.hops if hop.layer > 0]
        assert found.descent[q] == len(above)
        visited = [i for i, row in enumerate(base[0].visited) if row != exclude[q]]
        apart = base[0].visited_distances[visited]
        expected = [apart.min(), apart.mean(), apart.max()]
        np.testing.assert_allclose(found.neighbors[q], expected, atol=2e-6)
        computed = 1 + sum(len(hop.visited) for hop in (*above, *base))
        assert found.distance_computations[q] == computed
        for h, hop in enumerate(base, start=1):
            may = [i for i, row in enumerate(hop.beam) if row != exclude[q]]
            held = hop.beam_distances[may]
            np.testing.assert_allclose(found.nearest[q, h], held[0], atol=2e-6)
            np.testing.assert_allclose(found.kth[q, h], held[min(K, len(held)) - 1], atol=2e-6)


def test_a_search_that_ends_before_keeps_what_it_ended_with() -> None:
    graph, queries, _ = case("clustered", "cosine")
    found = first_hops(graph, queries, K, 300, ef_max=8)
    whole = search(graph, queries, K, 8)
    np.testing.assert_array_equal(found.distance_computations, whole.distance_computations)
    np.testing.assert_allclose(found.nearest[:, -1], whole.distances[:, 0], atol=2e-6)
    np.testing.assert_allclose(found.kth[:, -1], whole.distances[:, -1], atol=2e-6)


def test_what_does_not_fit_is_refused() -> None:
    graph, queries, _ = case("clustered", "cosine")
    with pytest.raises(ParameterError, match="hops must be a whole number of at least 1; got 0"):
        first_hops(graph, queries, K, 0)
    with pytest.raises(ParameterError, match="ef_max"):
        first_hops(graph, queries, K, 2, ef_max=3)
