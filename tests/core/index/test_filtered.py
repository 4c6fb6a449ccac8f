"""Filtered search against hnswlib's own, and against the plain search."""

import heapq
from collections.abc import Sequence

import hnswlib
import numpy as np
import numpy.typing as npt
import pytest

from core.distances import METRICS, Metric, paired_distances
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, exact_neighbors, search, search_filtered
from tests.core.index.datasets import (
    clustered,
    duplicated,
    graph_of,
    native_index,
    queries_of,
)
from tests.core.index.graphs import hand_graph

K = 10
Bools = npt.NDArray[np.bool_]
LINE = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2, 4], 4: [3, 5], 5: [4]}


def share(n: int, selectivity: float, seed: int = 3) -> Bools:
    return np.random.default_rng(seed).random(n) < selectivity


def only(n: int, rows: Sequence[int]) -> Bools:
    return np.isin(np.arange(n), rows)


def native_filtered(
    index: hnswlib.Index, queries: np.ndarray, ef: int, allowed: Bools
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    index.set_ef(ef)
    kept = allowed.tolist()
    ids, distances = index.knn_query(queries, K, num_threads=1, filter=lambda label: kept[label])
    return ids.astype(np.int64), distances.astype(np.float64)


@pytest.mark.parametrize("metric", METRICS)
def test_answers_are_those_of_hnswlib(metric: Metric) -> None:
    vectors = clustered(3000, 16)
    params = HnswParams(metric, m=6, ef_construction=40)
    index = native_index(vectors, params)
    graph = graph_of(index, params)
    queries = queries_of(vectors, 30)
    for selectivity in (0.9, 0.5, 0.1, 0.02, 0.006):
        allowed = share(3000, selectivity)
        for ef in (10, 11, 16, 40, 150):
            ids, native = native_filtered(index, queries, ef, allowed)
            found = search_filtered(graph, queries, K, ef, allowed)
            np.testing.assert_array_equal(np.sort(found.ids), np.sort(ids))
            distances = np.sqrt(native) if metric == "euclidean" else native
            np.testing.assert_allclose(found.distances, distances, rtol=1e-4, atol=1e-4)
            assert allowed[found.ids].all()


def test_deleted_rows_are_not_returned_either() -> None:
    vectors = clustered(1500, 16)
    params = HnswParams("euclidean", m=6, ef_construction=40)
    index = native_index(vectors, params)
    for row in range(0, 1500, 3):
        index.mark_deleted(row)
    graph, queries, allowed = graph_of(index, params), queries_of(vectors, 30), share(1500, 0.2)
    for ef in (10, 40):
        ids, _ = native_filtered(index, queries, ef, allowed)
        found = search_filtered(graph, queries, K, ef, allowed)
        np.testing.assert_array_equal(np.sort(found.ids), np.sort(ids))
        assert (found.ids % 3 > 0).all()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("deleted", [(), range(0, 2500, 7)])
def test_with_every_row_allowed_it_is_the_plain_search(
    metric: Metric, deleted: Sequence[int]
) -> None:
    built = build_hnsw(clustered(2500, 16), HnswParams(metric, m=6, ef_construction=40))
    graph = HnswGraph(**{**vars(built), "deleted": only(2500, deleted)})
    rows = np.arange(50)
    for ef in (10, 11, 30, 200):
        for exclude in (None, rows):
            plain = search(graph, graph.vectors[:50], K, ef, exclude=exclude)
            found = search_filtered(
                graph, graph.vectors[:50], K, ef, np.ones(2500, dtype=bool), exclude=exclude
            )
            for name, value in vars(plain).items():
                np.testing.assert_array_equal(vars(found)[name], value, err_msg=name)


def naive(
    graph: HnswGraph, query: np.ndarray, k: int, ef: int, allowed: Bools
) -> tuple[list[int], int, int]:
    """hnswlib's loop on a graph of one layer; returns ids, distances computed, hops."""

    def distance(row: int) -> float:
        return float(paired_distances(graph.vectors[row : row + 1], query[None], graph.metric)[0])

    entry = graph.entry_point
    candidates, seen, hops = [(distance(entry), entry)], {entry}, 0
    beam = [(-distance(entry), entry)] if allowed[entry] else []
    while candidates and (len(beam) < ef or candidates[0][0] <= -beam[0][0]):
        _, node = heapq.heappop(candidates)
        hops += 1
        for link in range(graph.base.indptr[node], graph.base.indptr[node + 1]):
            target = int(graph.base.targets[link])
            if target in seen:
                continue
            seen.add(target)
            if len(beam) < ef or distance(target) < -beam[0][0]:
                heapq.heappush(candidates, (distance(target), target))
                if allowed[target]:
                    heapq.heappush(beam, (-distance(target), target))
                    beam = beam if len(beam) <= ef else (heapq.heappop(beam), beam)[1]
    # The entry point is measured once, and once more for each step of the descent: there is none.
    return [row for _, row in sorted((-d, row) for d, row in beam)][:k], len(seen), hops


def one_layer(vectors: np.ndarray, links: int = 5) -> HnswGraph:
    near = exact_neighbors(
        vectors, vectors, links, metric="euclidean", exclude=np.arange(len(vectors))
    ).ids
    chain = [[*row, (i + 1) % len(vectors)] for i, row in enumerate(near.tolist())]
    return hand_graph([dict(enumerate(chain))], 0, vectors=vectors)


@pytest.mark.parametrize("selectivity", [1.0, 0.3, 0.03, 0.0])
def test_counts_are_those_of_a_plain_loop(selectivity: float) -> None:
    vectors = clustered(400, 6)
    graph, allowed = one_layer(vectors), share(400, selectivity)
    queries = queries_of(vectors, 8)
    for ef in (4, 9, 60):
        found = search_filtered(graph, queries, 4, ef, allowed)
        for i, query in enumerate(queries):
            ids, computed, hops = naive(graph, query, 4, ef, allowed)
            assert found.ids[i].tolist() == ids + [-1] * (4 - len(ids))
            assert (found.distance_computations[i], found.hops[i]) == (computed, hops)


def test_a_line_by_hand() -> None:
    """Rows stand at 0..5 on a line, each linked to its neighbors; the search starts at 0."""
    graph = hand_graph([LINE], 0)
    query = np.array([[1.4]], np.float32)

    # 0 is expanded and shows 1 (0.4 away), 1 shows 2 (0.6), the first that is allowed. The beam of
    # one is full; 2 is expanded, being no farther than the worst, itself; 3 (1.6) does not enter.
    found = search_filtered(graph, query, 1, 1, only(6, [2, 3]))
    assert found.ids.tolist() == [[2]]
    assert found.distances[0, 0] == pytest.approx(0.6, abs=1e-6)
    assert (found.hops.tolist(), found.distance_computations.tolist()) == ([3], [4])

    # Only 5 is allowed: the beam of two is never full, so every row is measured and expanded.
    found = search_filtered(graph, query, 1, 2, only(6, [5]))
    assert (found.ids.tolist(), found.hops.tolist()) == ([[5]], [6])
    assert found.distance_computations.tolist() == [6]


def test_fewer_allowed_than_k_leave_places_empty() -> None:
    graph = hand_graph([LINE], 0)
    found = search_filtered(graph, np.array([[0.1], [4.0]], np.float32), 3, 3, only(6, [1, 4]))
    assert found.ids.tolist() == [[1, 4, -1], [4, 1, -1]]
    np.testing.assert_allclose(found.distances, [[0.9, 3.9, np.nan], [0, 3, np.nan]], rtol=1e-6)
    nothing = search_filtered(graph, np.array([[0.1]], np.float32), 2, 2, only(6, []))
    assert (nothing.ids.tolist(), nothing.hops.tolist()) == ([[-1, -1]], [6])


def test_rows_that_no_link_leads_to_are_not_found() -> None:
    graph = hand_graph([{0: [1], 1: [0], 2: [3], 3: [2]}], 0)
    found = search_filtered(graph, np.array([[3.0]], np.float32), 2, 4, only(4, [1, 2, 3]))
    assert (found.ids.tolist(), found.distance_computations.tolist()) == ([[1, -1]], [2])


def test_an_excluded_row_is_that_of_one_more_answer_taken_out() -> None:
    graph = build_hnsw(clustered(1500, 16), HnswParams("euclidean", m=6, ef_construction=40))
    allowed, rows = share(1500, 0.3), np.arange(40)
    assert 0 < allowed[:40].sum() < 40
    for ef in (10, 11, 25):
        found = search_filtered(graph, graph.vectors[:40], K, ef, allowed, exclude=rows)
        more = search_filtered(graph, graph.vectors[:40], K + 1, max(ef, K + 1), allowed)
        for row, ids, one_more in zip(rows, found.ids, more.ids, strict=True):
            assert ids.tolist() == [i for i in one_more if i != row][:K]
        np.testing.assert_array_equal(found.hops, more.hops)
        np.testing.assert_array_equal(found.distance_computations, more.distance_computations)


def test_among_copies_every_answer_is_allowed_and_in_order() -> None:
    vectors = duplicated()
    graph = build_hnsw(vectors, HnswParams("euclidean", m=8, ef_construction=60))
    allowed = share(len(vectors), 0.5)
    found = search_filtered(graph, vectors[:50], K, 400, allowed)
    truth = exact_neighbors(vectors[allowed], vectors[:50], K, metric="euclidean")
    np.testing.assert_allclose(found.distances, truth.distances, atol=1e-6)
    for ids, distances in zip(found.ids.tolist(), found.distances.tolist(), strict=True):
        assert len(set(ids)) == K
        assert sorted(zip(distances, ids, strict=True)) == list(zip(distances, ids, strict=True))


def test_answers_do_not_depend_on_threads() -> None:
    graph = build_hnsw(clustered(2000, 16), HnswParams())
    queries, allowed = queries_of(graph.vectors, 300), share(2000, 0.05)
    one = search_filtered(graph, queries, 5, 30, allowed, threads=1)
    many = search_filtered(graph, queries, 5, 30, allowed, threads=3)
    for name, value in vars(one).items():
        np.testing.assert_array_equal(vars(many)[name], value, err_msg=name)


@pytest.mark.parametrize(
    "allowed",
    [
        np.ones(5, dtype=bool),
        np.ones(6, dtype=np.int8),
        np.ones((6, 1), dtype=bool),
        np.array([0, 2]),
    ],
)
def test_what_is_no_mask_of_the_rows_is_refused(allowed: np.ndarray) -> None:
    with pytest.raises(ParameterError, match=r"each of the 6 rows.*got shape"):
        search_filtered(hand_graph([LINE], 0), np.zeros((1, 1), np.float32), 1, 1, allowed)


def test_other_arguments_are_checked_as_by_search() -> None:
    graph, allowed = hand_graph([LINE], 0), np.ones(6, dtype=bool)
    with pytest.raises(ParameterError, match="ef must be between k = 3"):
        search_filtered(graph, np.zeros((1, 1), np.float32), 3, 2, allowed)
    with pytest.raises(ParameterError, match="1 dimensions, as the indexed vectors have; got 2"):
        search_filtered(graph, np.zeros((1, 2), np.float32), 1, 2, allowed)


def test_progress_may_stop_the_work() -> None:
    graph, seen = hand_graph([LINE], 0), []

    def stop(done: int, total: int) -> None:
        seen.append((done, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search_filtered(
            graph, np.zeros((9, 1), np.float32), 1, 1, only(6, [2]), threads=1, progress=stop
        )
    assert seen == [(9, 9)]
