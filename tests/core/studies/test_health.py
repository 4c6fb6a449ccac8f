"""The health of an index: its figures are those of search, of the truth and of the census."""

import numpy as np
import pytest

from core.index import HnswParams, build_hnsw, census, exact_neighbors, search
from core.studies import health, sample_queries
from tests.core.index.graphs import broken, hand_graph

VECTORS = broken(600, 12)
GRAPH = build_hnsw(VECTORS, HnswParams("euclidean", m=3, ef_construction=10))


@pytest.mark.parametrize("ef", [5, 30])
def test_figures_are_those_of_search_and_census(ef: int) -> None:
    queries = sample_queries(GRAPH, VECTORS, 5, size=100, seed=2)
    figures = health(GRAPH, queries, ef)
    rows = queries.rows
    found = search(GRAPH, VECTORS[rows], 5, ef, exclude=rows)
    exact = exact_neighbors(VECTORS, VECTORS[rows], 5, metric="euclidean", exclude=rows)
    hits = [
        len(set(a) & set(b)) for a, b in zip(found.ids.tolist(), exact.ids.tolist(), strict=True)
    ]
    assert figures.recall.tolist() == [hit / 5 for hit in hits]
    assert figures.distance_computations.tolist() == found.distance_computations.tolist()
    counted = census(GRAPH, ef=ef)
    assert figures.unreachable == len(counted.unreachable) > 0
    assert figures.unfindable_share == counted.unfindable_share > 0
    assert (figures.n, figures.k, figures.ef) == (GRAPH.n, 5, ef)


def test_deleted_rows_are_not_counted() -> None:
    graph = hand_graph([{0: [1], 1: [0, 2], 2: [1], 3: [2]}], entry=0, deleted=[2])
    queries = sample_queries(graph, graph.vectors, 1, size=10)
    figures = health(graph, queries, 3)
    assert figures.n == 3
    assert figures.unreachable == 1
    assert figures.unfindable_share == pytest.approx(1 / 3)
    # Of 0, 1 and 3 the nearest live others are 1, 0 and 1; all are found.
    assert figures.recall.tolist() == [1.0, 1.0, 1.0]
    assert np.array_equal(queries.rows, [0, 1, 3])
