"""What can be reached along links, and the parts of a layer."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from core.distances import METRICS, Metric
from core.index import HnswGraph, HnswParams, build_hnsw, reachable_from, reachable_rows
from core.index.reach import layer_adjacency, reciprocity, strong_parts, weak_parts
from tests.core.index.graphs import broken, hand_graph

# Layer 1: 0 -> 3. Layer 0: 0 <-> 1, 1 -> 2, 3 -> 4; nothing leads to 3 on layer 0, nor to 5 and 6,
# which link to each other and to 0.
HAND = hand_graph(
    [{0: [1], 1: [0, 2], 2: [], 3: [4], 4: [], 5: [6, 0], 6: [5]}, {0: [3], 3: []}], entry=0
)
BROKEN = build_hnsw(broken(), HnswParams("euclidean", m=4, ef_construction=20))


def naive_reach(graph: HnswGraph) -> set[int]:
    reached = {graph.entry_point}
    for layer in range(graph.max_level, -1, -1):
        links: dict[int, list[int]] = {}
        for a, b in zip(*(ends.tolist() for ends in graph.links(layer)), strict=True):
            links.setdefault(a, []).append(b)
        waiting = list(reached)
        while waiting:
            for target in links.get(waiting.pop(), []):
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
    return reached


def test_a_node_may_be_reached_from_the_layer_above_only() -> None:
    assert np.flatnonzero(reachable_rows(HAND)).tolist() == [0, 1, 2, 3, 4]
    assert np.flatnonzero(reachable_from(HAND, 0)).tolist() == [0, 1, 2]
    assert np.flatnonzero(reachable_from(HAND, 5)).tolist() == [0, 1, 2, 5, 6]
    assert np.flatnonzero(reachable_from(HAND, 4)).tolist() == [4]


def test_reach_equals_a_walk_of_sets() -> None:
    assert set(np.flatnonzero(reachable_rows(BROKEN))) == naive_reach(BROKEN)
    assert not reachable_rows(BROKEN).all()  # else this would show little


@pytest.mark.parametrize("metric", METRICS)
def test_reach_under_every_metric(metric: Metric) -> None:
    graph = build_hnsw(broken(1000), HnswParams(metric, m=3, ef_construction=10))
    assert set(np.flatnonzero(reachable_rows(graph))) == naive_reach(graph)
    flat = replace(graph, levels=np.zeros(graph.n, dtype=np.int32))  # layer 0 alone
    for row in range(0, graph.n, 97):
        reached = set(np.flatnonzero(reachable_from(graph, row)))
        assert reached == naive_reach(replace(flat, entry_point=row))


def test_parts_by_hand() -> None:
    # Each way: {0, 1}, {5, 6} and three nodes alone; without direction only {3, 4} stands apart.
    strong, weak = strong_parts(HAND.base), weak_parts(HAND.base)
    assert (strong.count, strong.largest) == (5, 2)
    assert (weak.count, weak.largest) == (2, 5)
    assert strong.labels[0] == strong.labels[1] != strong.labels[2]
    assert weak.labels[3] == weak.labels[4] != weak.labels[0] == weak.labels[6]


@pytest.mark.parametrize("layer", range(BROKEN.max_level + 1))
def test_parts_equal_scipy_s(layer: int) -> None:
    links = layer_adjacency(BROKEN, layer)
    nodes = len(links.indptr) - 1
    ones = np.ones(len(links.targets))
    matrix = csr_matrix((ones, links.targets, links.indptr), shape=(nodes, nodes))
    compared: list[tuple[Any, Literal["weak", "strong"]]] = [
        (strong_parts(links), "strong"),
        (weak_parts(links), "weak"),
    ]
    for parts, connection in compared:
        count, labels = connected_components(matrix, connection=connection)
        assert parts.count == count
        pairs = set(zip(parts.labels.tolist(), labels.tolist(), strict=True))
        assert len(pairs) == count  # one name of ours for each of theirs


def test_the_links_of_a_layer_between_its_own_nodes() -> None:
    for layer in range(BROKEN.max_level + 1):
        nodes, links = BROKEN.nodes(layer), layer_adjacency(BROKEN, layer)
        sources, targets = BROKEN.links(layer)
        assert nodes[links.targets].tolist() == targets.tolist()
        assert np.repeat(nodes, links.degrees).tolist() == sources.tolist()


def test_reciprocity() -> None:
    # 0 <-> 1 and 5 <-> 6 go both ways: 4 of the 7 links.
    assert reciprocity(HAND.base) == pytest.approx(4 / 7)
    both = set(zip(*(ends.tolist() for ends in BROKEN.links(0)), strict=True))
    expected = sum((b, a) in both for a, b in both) / len(both)
    assert reciprocity(BROKEN.base) == pytest.approx(expected)
    assert np.isnan(reciprocity(layer_adjacency(hand_graph([{0: []}], entry=0), 0)))
