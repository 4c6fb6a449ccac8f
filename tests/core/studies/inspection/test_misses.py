"""The fate of each true neighbor of a traced search, and the walk that would have led to it."""

import numpy as np

from core.index import HnswParams, build_hnsw, row_distances, trace_search
from core.studies import Misses, explain_misses, neighbor_check, query_truth
from tests.core.index.datasets import clustered
from tests.core.index.graphs import hand_graph

# Rows on a line; the query at 0. The true neighbors are the rows 0 to 3, of which 3 ties with 4.
AT = np.array([1, 2, 3, 4, 4, -4, -4, 20, 30], dtype=np.float32)[:, None]
LINKS = {7: [0], 0: [4, 5, 6, 8], 4: [3], 8: [2], 1: [0], 2: [], 3: [], 5: [], 6: []}
GRAPH = hand_graph([LINKS], 7, vectors=AT)


def explained(k: int, ef: int) -> Misses:
    query = np.zeros(1, np.float32)
    truth = query_truth(GRAPH, AT, query, k, ef_max=9)
    trace = trace_search(GRAPH, query, k, ef)
    return explain_misses(GRAPH, AT, truth, trace, row_distances(GRAPH, query))


def test_each_miss_has_its_fate_its_ef_and_its_walk() -> None:
    # Expanded: 7, 0, then of the equals 4, 5, 6 (see the test of the neighbor check). No link leads
    # to row 1; row 2 is led to by row 8, which was visited and did not enter; row 3 was visited.
    found = explained(4, 4)
    assert found.fate.tolist() == ["found", "never visited", "never visited", "tie"]
    assert found.smallest_ef.tolist() == [4, -1, 7, -1]
    assert found.ef_max == 9
    assert [path.tolist() for path in found.paths] == [[], [], [0, 8, 2], [4, 3]]


def test_at_a_larger_ef_the_walk_is_not_needed() -> None:
    found = explained(4, 7)
    assert found.fate.tolist()[2] == "found"
    assert found.paths[2].tolist() == []


def test_fates_are_those_of_the_neighbor_check() -> None:
    vectors = clustered(1500)
    graph = build_hnsw(vectors, HnswParams(m=4, ef_construction=20))
    missed = 0
    for row in range(0, 1500, 150):
        truth = query_truth(graph, vectors, vectors[row], 10, exclude=row)
        trace = trace_search(graph, vectors[row], 10, 10, exclude=row)
        distances = row_distances(graph, vectors[row])
        found = explain_misses(graph, vectors, truth, trace, distances)
        check = neighbor_check(graph, vectors, truth, 10)
        assert found.fate.tolist() == check.fate.tolist()
        assert found.smallest_ef.tolist() == check.smallest_ef.tolist()
        expanded = {hop.expanded for hop in trace.hops if hop.layer == 0}
        for fate, path, target in zip(found.fate, found.paths, truth.exact.ids[0], strict=True):
            if len(path):
                assert path[0] in expanded
                assert path[-1] == target
                assert not set(path[1:].tolist()) & expanded
            missed += fate == "never visited"
    assert missed > 0
