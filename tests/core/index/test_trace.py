"""The comparisons of a traced search, against a plain copy of hnswlib's loop and graphs by hand."""

import heapq
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from core.distances import METRICS, Metric, distance_matrix
from core.index import HnswGraph, HnswParams, SearchTrace, build_hnsw, trace_search
from tests.core.index.datasets import DATASETS, clustered, queries_of
from tests.core.index.graphs import hand_graph

K = 5
Step = tuple[int, int]  # the row expanded, the nearest candidate after it


@dataclass
class Plain:
    """What hnswlib's loop did: each expansion, and the comparison that ended it."""

    steps: list[Step]
    candidate: int
    lower_bound: float
    held: int


def plain_search(graph: HnswGraph, distances: npt.NDArray[np.float64], width: int) -> Plain:
    """hnswalg.h, searchBaseLayerST, with its two queues; distances: (n,) to the query."""
    row = descend(graph, distances)
    candidates = [(distances[row], row)]
    kept = [] if graph.deleted[row] else [(-distances[row], row)]
    bound = np.inf if graph.deleted[row] else distances[row]
    seen, steps = {row}, list[Step]()
    while candidates and not (candidates[0][0] > bound and len(kept) == width):
        _, row = heapq.heappop(candidates)
        for link in graph.base.targets[graph.base.indptr[row] : graph.base.indptr[row + 1]]:
            if link in seen:
                continue
            seen.add(link)
            if len(kept) < width or distances[link] < bound:
                heapq.heappush(candidates, (distances[link], int(link)))
                if not graph.deleted[link]:
                    heapq.heappush(kept, (-distances[link], int(link)))
                if len(kept) > width:
                    heapq.heappop(kept)
                if kept:
                    bound = -kept[0][0]
        steps.append((row, candidates[0][1] if candidates else -1))
    return Plain(steps, candidates[0][1] if candidates else -1, bound, len(kept))


def descend(graph: HnswGraph, distances: npt.NDArray[np.float64]) -> int:
    row = graph.entry_point
    for layer in range(graph.max_level, 0, -1):
        sources, targets = graph.links(layer)
        moved = True
        while moved:
            links = targets[sources == row].tolist()
            nearest = min([row, *links], key=lambda place: distances[place])
            moved, row = nearest != row, nearest
    return row


def base_steps(trace: SearchTrace) -> list[Step]:
    return [(hop.expanded, hop.next_row) for hop in trace.hops if hop.layer == 0]


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("excluding", [False, True])
@pytest.mark.parametrize("metric", METRICS)
def test_each_comparison_is_that_of_hnswlib(metric: Metric, excluding: bool, deleted: bool) -> None:
    vectors = clustered(1500)
    graph = build_hnsw(vectors, HnswParams(metric, m=6, ef_construction=40))
    if deleted:
        graph = replace(graph, deleted=np.arange(graph.n) % 3 == 0)
    queries = vectors[1:61:5] if excluding else queries_of(vectors, 12)
    for place, query in enumerate(queries):
        row = 1 + 5 * place if excluding else None
        row = None if row is not None and graph.deleted[row] else row
        distances = distance_matrix(query[None], vectors, metric)[0]
        for ef in (K, 9, 40):
            trace = trace_search(graph, query, K, ef, exclude=row)
            width = ef if row is None else max(ef, K + 1)
            plain = plain_search(graph, distances, width)
            assert base_steps(trace) == plain.steps
            assert (trace.width, trace.stop.width) == (width, width)
            assert (trace.stop.row, trace.stop.held) == (plain.candidate, plain.held)
            assert trace.stop.worst == pytest.approx(plain.lower_bound, rel=1e-4, abs=1e-5)
            assert trace.stop.distance == pytest.approx(
                distances[plain.candidate], rel=1e-4, abs=1e-5
            )
            assert trace.stop.distance > trace.stop.worst
            assert not trace.stop.is_exhausted


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", ["duplicated", "grid"])
def test_with_ties_too_each_hop_goes_on_with_the_candidate_of_the_one_before(
    name: str, metric: Metric
) -> None:
    vectors = DATASETS[name]()
    graph = build_hnsw(vectors, HnswParams(metric, m=4, ef_construction=20))
    for query in queries_of(vectors, 12):
        trace = trace_search(graph, query, K, 12)
        for before, after in pairwise(trace.hops):
            assert (after.expanded, after.expanded_distance) == (
                before.next_row,
                before.next_distance,
            )
        assert trace.stop.held == 12
        if not trace.stop.is_exhausted:  # as among many copies of the query
            tolerance = 1e-6 * (1 + abs(trace.stop.worst))  # it compares in float32
            assert trace.stop.distance > trace.stop.worst - tolerance


# Row i lies at i; the query at 0. The walk starts at 5 and goes down the line.
LINE = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2, 4], 4: [3, 5], 5: [4]}


def test_a_search_ends_where_the_next_candidate_is_farther_than_all_kept() -> None:
    trace = trace_search(hand_graph([LINE], 5), np.zeros(1, np.float32), 1, 2)
    # 5, 4, 3, 2 and 1 lead down to 0. Then the beam is {0, 1} and both are expanded, as is every
    # row above them: no candidate is left although the beam is full.
    assert [hop.expanded for hop in trace.hops] == [5, 4, 3, 2, 1, 0]
    assert (trace.stop.row, trace.stop.held, trace.stop.worst) == (-1, 2, 1.0)
    assert np.isnan(trace.stop.distance)
    assert trace.stop.is_exhausted


def test_the_row_that_ends_a_search_may_have_been_pushed_out_of_the_beam() -> None:
    # From 3, rows 1, 2 and 4 are seen; 4 enters while there is room and is pushed out by no one:
    # links come in the order 4, 1, 2. Beam of 2: {3}, {3, 4}, {1, 3}, {1, 2}. 1 leads to 0: {0, 1}.
    # Open are then 2, 4 (0, then, has no new link): 2 at distance 2 is farther than 1, the worst.
    star = {0: [1], 1: [0], 2: [3], 3: [4, 1, 2], 4: [3]}
    trace = trace_search(hand_graph([star], 3, m=4), np.zeros(1, np.float32), 1, 2)
    assert [(hop.expanded, hop.next_row) for hop in trace.hops] == [(3, 1), (1, 0), (0, 2)]
    assert (trace.stop.row, trace.stop.distance, trace.stop.worst) == (2, 2.0, 1.0)
    assert (trace.stop.held, trace.stop.width) == (2, 2)


def test_a_row_too_far_when_it_was_seen_is_no_candidate() -> None:
    # Links of 0 in the order 1, 2, 3; with a beam of 2 row 2 finds {0, 1} full: it's no candidate.
    star = {0: [1, 2, 3], 1: [0], 2: [0], 3: [0]}
    trace = trace_search(hand_graph([star], 0, m=4), np.zeros(1, np.float32), 1, 2)
    assert trace.stop.is_exhausted
    assert trace.hops[-1].beam.tolist() == [0, 1]


def test_a_beam_with_room_goes_on_until_no_candidate_is_left() -> None:
    graph = hand_graph([LINE], 0, deleted=[0, 1, 2, 3])
    trace = trace_search(graph, np.zeros(1, np.float32), 1, 3)
    assert (trace.stop.row, trace.stop.held, trace.stop.width) == (-1, 2, 3)
    assert trace.stop.worst == 5.0
    nothing = hand_graph([{0: [1], 1: [0], 2: []}], 0, deleted=[0, 1])
    trace = trace_search(nothing, np.zeros(1, np.float32), 1, 3)
    assert (trace.stop.held, trace.stop.is_exhausted) == (0, True)
    assert np.isnan(trace.stop.worst)


def test_above_layer_0_the_walk_goes_on_from_the_nearest_row() -> None:
    graph = hand_graph([LINE, {5: [2], 2: [5]}], 5)
    trace = trace_search(graph, np.zeros(1, np.float32), 1, 2)
    # Layer 1: 5 leads to 2, whose one link is farther; then layer 0 starts at 2.
    assert [(hop.layer, hop.expanded, hop.next_row, hop.next_distance) for hop in trace.hops][
        :3
    ] == [(1, 5, 2, 2.0), (1, 2, 2, 2.0), (0, 2, 1, 1.0)]
