"""The shortest walks to rows, by hand and against a search through scipy's matrix of hops."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, link_paths
from tests.core.index.datasets import clustered
from tests.core.index.graphs import hand_graph

# Two ways from 0 to 5, over 1 and 3 or over 2 and 4; 6 and 7 lead in and are not led to.
FORK = {0: [1, 2], 1: [3], 2: [4], 3: [5], 4: [5], 5: [0], 6: [5], 7: [6]}
GRAPH = hand_graph([FORK], 0)


def paths(sources: list[int], targets: list[int], distances: list[float]) -> list[list[int]]:
    found = link_paths(GRAPH, sources, targets, np.array(distances))
    return [path.tolist() for path in found]


def test_of_equal_walks_the_one_over_the_nearest_rows_is_taken() -> None:
    over_four = [9.0, 1, 8, 7, 2, 0, 0, 0]  # 4 is nearer than 3, whatever comes before
    over_three = [9.0, 8, 1, 2, 7, 0, 0, 0]
    assert paths([0], [5], over_four) == [[0, 2, 4, 5]]
    assert paths([0], [5], over_three) == [[0, 1, 3, 5]]


def test_the_walk_starts_at_the_source_with_the_fewest_links_to_go() -> None:
    assert paths([0, 7], [5], [0.0] * 8) == [[7, 6, 5]]
    assert paths([0, 7, 3], [5, 3, 4], [0.0] * 8) == [[3, 5], [3], [0, 2, 4]]


def test_where_no_walk_leads_it_is_empty() -> None:
    assert paths([0], [7, 5], [0.0, 1, 0, 1, 0, 0, 0, 0]) == [[], [0, 2, 4, 5]]
    none = link_paths(GRAPH, np.empty(0, np.int64), [5], np.zeros(8))
    assert [path.tolist() for path in none] == [[]]


def test_what_is_no_row_is_refused() -> None:
    for sources, targets in (([8], [5]), ([0], [-1]), ([0], [8])):
        with pytest.raises(ParameterError, match="must hold row ids below n = 8; got values from"):
            link_paths(GRAPH, sources, targets, np.zeros(8))
    with pytest.raises(ParameterError, match="one number for each of the 8 rows; got"):
        link_paths(GRAPH, [0], [5], np.zeros(7))


@pytest.mark.parametrize("seed", range(3))
def test_no_walk_is_shorter(seed: int) -> None:
    random = np.random.default_rng(seed)
    graph = build_hnsw(clustered(800), HnswParams(m=3, ef_construction=10))
    sources, targets = random.choice(graph.n, 5, replace=False), random.choice(graph.n, 40)
    distances = random.random(graph.n)
    ones = np.ones(len(graph.base.targets))
    links = csr_array((ones, graph.base.targets, graph.base.indptr), shape=(graph.n, graph.n))
    hops = dijkstra(links, indices=sources, unweighted=True).min(axis=0)
    pairs = set(zip(*(ends.tolist() for ends in graph.links(0)), strict=True))
    for target, path in zip(targets, link_paths(graph, sources, targets, distances), strict=True):
        assert len(path) == (0 if np.isinf(hops[target]) else hops[target] + 1)
        if len(path):
            assert path[0] in sources
            assert path[-1] == target
            assert set(zip(path[:-1].tolist(), path[1:].tolist(), strict=True)) <= pairs
