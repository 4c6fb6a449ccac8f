"""Our kernels against hnswlib itself, query by query."""

import heapq

import numpy as np
import numpy.typing as npt
import pytest

from core.distances import METRICS, Metric, distance_matrix, paired_distances
from core.errors import ParameterError
from core.index import (
    HnswGraph,
    HnswParams,
    build_hnsw,
    ef_curve,
    exact_neighbors,
    search,
    trace_search,
)
from core.index.build import SPACES
from tests.core.index.datasets import (
    DATASETS,
    clustered,
    graph_of,
    native_answers,
    native_index,
    queries_of,
)
from tests.core.index.graphs import hand_graph

K = 10
EFS = (10, 11, 13, 17, 24, 40, 75, 120, 200)
TOLERANCE = {"cosine": 3e-6, "euclidean": 1e-3, "inner_product": 1e-4}
# Share of queries that the exact comparison must not leave out as tied.
CLEAR_AT_LEAST = {
    "clustered": 0.9,
    "duplicated": 0.0,
    "grid": 0.0,
    "high_dimensional": 0.9,
    "uneven_norms": 0.9,
}

Distances = npt.NDArray[np.float64]


def without_tie_at_k(all_distances: Distances, found: Distances) -> npt.NDArray[np.bool_]:
    """Queries whose farthest answer shares its distance with no other row.

    Where it does, either of the rows may be named.
    """
    farthest = found.max(axis=1, keepdims=True)
    near = np.abs(all_distances - farthest) <= 1e-5 * (np.abs(farthest) + 1e-3)
    return np.asarray(near.sum(axis=1) == 1)


def as_metric(native: Distances, metric: Metric) -> Distances:
    return np.asarray(np.sqrt(native)) if metric == "euclidean" else native


def hits(found: npt.NDArray[np.int64], true: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.array([len(np.intersect1d(a, b)) for a, b in zip(found, true, strict=True)])


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", DATASETS)
def test_search_and_curve_equal_hnswlib(name: str, metric: Metric) -> None:
    vectors = DATASETS[name]()
    queries = queries_of(vectors)
    params = HnswParams(metric, m=8, ef_construction=60)
    index = native_index(vectors, params)
    graph = graph_of(index, params)
    truth = exact_neighbors(vectors, queries, K, metric=metric)
    curve = ef_curve(graph, queries, truth, ef_max=max(EFS))
    everything = distance_matrix(queries, vectors, metric)
    compared = 0
    for ef in EFS:
        ids, native = native_answers(index, queries, K, ef)
        found = search(graph, queries, K, ef)
        np.testing.assert_allclose(
            found.distances, as_metric(native, metric), rtol=1e-4, atol=TOLERANCE[metric]
        )
        clear = without_tie_at_k(everything, found.distances)
        compared += int(np.count_nonzero(clear))
        np.testing.assert_array_equal(np.sort(found.ids[clear]), np.sort(ids[clear]))
        np.testing.assert_array_equal(curve.hits[clear, ef - K], hits(ids, truth.ids)[clear])
        np.testing.assert_array_equal(
            curve.distance_computations[:, ef - K], found.distance_computations
        )
        np.testing.assert_array_equal(curve.hops[:, ef - K], found.hops)
    assert compared >= CLEAR_AT_LEAST[name] * len(queries) * len(EFS)


@pytest.mark.parametrize("metric", METRICS)
def test_excluded_rows_equal_asking_for_one_more(metric: Metric) -> None:
    vectors = clustered(1500)
    rows = np.arange(0, 1500, 25)
    params = HnswParams(metric, m=8, ef_construction=60)
    index = native_index(vectors, params)
    graph = graph_of(index, params)
    truth = exact_neighbors(vectors, vectors[rows], K, metric=metric, exclude=rows)
    curve = ef_curve(graph, vectors[rows], truth, ef_max=64, exclude=rows)
    for ef in (K, K + 1, 20, 64):
        ids, _ = native_answers(index, vectors[rows], K + 1, ef)
        found = search(graph, vectors[rows], K, ef, exclude=rows)
        for row, native, ours, found_true, true in zip(
            rows, ids, found.ids, curve.hits[:, ef - K], truth.ids, strict=True
        ):
            kept = [i for i in native if i != row][:K]
            assert sorted(kept) == sorted(ours)
            assert found_true == len(np.intersect1d(kept, true))
        np.testing.assert_array_equal(curve.hops[:, ef - K], found.hops)


def test_deleted_rows_are_walked_through_and_never_returned() -> None:
    vectors = clustered(1200)
    params = HnswParams("euclidean", m=6, ef_construction=40)
    index = native_index(vectors, params)
    gone = np.random.default_rng(0).permutation(1200)[:500]
    for row in gone:
        index.mark_deleted(int(row))
    graph = graph_of(index, params)
    assert graph.n_deleted == 500
    queries = queries_of(vectors)
    kept = np.setdiff1d(np.arange(1200), gone)
    truth = kept[exact_neighbors(vectors[kept], queries, K, metric="euclidean").ids]
    curve = ef_curve(graph, queries, truth, ef_max=100)
    for ef in (10, 12, 30, 100):
        ids, distances = native_answers(index, queries, K, ef)
        found = search(graph, queries, K, ef)
        assert not np.isin(found.ids, gone).any()
        np.testing.assert_array_equal(np.sort(found.ids, axis=1), np.sort(ids, axis=1))
        np.testing.assert_allclose(found.distances, np.sqrt(distances), rtol=1e-5)
        np.testing.assert_array_equal(curve.hits[:, ef - K], hits(ids, truth))


def naive_search(
    graph: HnswGraph, query: np.ndarray, k: int, ef: int
) -> tuple[list[int], int, int]:
    """Two heaps, as in the paper's algorithms 2 and 5; returns ids, distances computed, hops."""

    def distance(row: int) -> float:
        return float(paired_distances(graph.vectors[row : row + 1], query[None], graph.metric)[0])

    def links(row: int, layer: int) -> list[int]:
        sources, targets = graph.links(layer)
        return [int(t) for t in targets[sources == row]]

    node, computed, hops = graph.entry_point, 1, 0
    nearest = distance(node)
    for layer in range(graph.max_level, 0, -1):
        moved = True
        while moved:
            moved, hops = False, hops + 1
            for target in links(node, layer):
                computed += 1
                if distance(target) < nearest:
                    nearest, best, moved = distance(target), target, True
            if moved:
                node = best
    candidates, beam, seen = [(nearest, node)], [(-nearest, node)], {node}
    while candidates and candidates[0][0] <= -beam[0][0]:
        _, node = heapq.heappop(candidates)
        hops += 1
        for target in links(node, 0):
            if target in seen:
                continue
            seen.add(target)
            computed += 1
            if len(beam) < ef or distance(target) < -beam[0][0]:
                heapq.heappush(candidates, (distance(target), target))
                heapq.heappush(beam, (-distance(target), target))
                if len(beam) > ef:
                    heapq.heappop(beam)
    return [row for _, row in sorted((-d, row) for d, row in beam)][:k], computed, hops


@pytest.mark.parametrize("metric", METRICS)
def test_kernel_equals_a_plain_two_heap_search(metric: Metric) -> None:
    vectors = clustered(400, 12)
    graph = build_hnsw(vectors, HnswParams(metric, m=4, ef_construction=30))
    queries = queries_of(vectors, 12)[6:]
    for ef in (5, 20):
        found = search(graph, queries, 5, ef)
        for i, query in enumerate(queries):
            ids, computed, hops = naive_search(graph, query, 5, ef)
            assert found.ids[i].tolist() == ids
            assert found.distance_computations[i] == computed
            assert found.hops[i] == hops


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("metric", METRICS)
def test_as_many_rows_as_k(n: int, metric: Metric) -> None:
    vectors = clustered(n, 8)
    graph = build_hnsw(vectors, HnswParams(metric, m=4))
    found = search(graph, vectors, n, 10)
    assert (np.sort(found.ids, axis=1) == np.arange(n)).all()
    assert not np.isnan(found.distances).any()
    curve = ef_curve(graph, vectors, np.tile(np.arange(n), (n, 1)), ef_max=12)
    assert (curve.hits == n).all()


def test_fewer_reachable_rows_than_k() -> None:
    parts = [{0: [1], 1: [0], 2: [3], 3: [4], 4: [2]}]  # row i lies at i; no link joins the parts
    graph = hand_graph(parts, 0)
    query = np.array([[0.9]], np.float32)
    found = search(graph, query, 4, 10)
    assert found.ids.tolist() == [[1, 0, -1, -1]]
    np.testing.assert_allclose(found.distances, [[0.1, 0.9, np.nan, np.nan]], atol=1e-6)
    curve = ef_curve(graph, query, [[1, 0, 2, -1]], ef_max=12)  # -1: a truth of fewer than k
    assert (curve.hits == 2).all()


def test_answers_do_not_depend_on_threads_or_blocks() -> None:
    vectors = clustered(2000)
    graph = build_hnsw(vectors, HnswParams())
    queries = queries_of(vectors, 700)
    one, many = search(graph, queries, 5, 30, threads=1), search(graph, queries, 5, 30, threads=3)
    np.testing.assert_array_equal(one.ids, many.ids)
    np.testing.assert_array_equal(one.hops, many.hops)
    single = np.concatenate([search(graph, queries[i : i + 1], 5, 30).ids for i in range(40)])
    np.testing.assert_array_equal(one.ids[:40], single)


def test_smallest_ef_is_the_first_that_reaches_the_target() -> None:
    vectors = clustered(2500)
    graph = build_hnsw(vectors, HnswParams(m=4, ef_construction=20))
    queries = queries_of(vectors)
    truth = exact_neighbors(vectors, queries, K, metric="cosine")
    curve = ef_curve(graph, queries, truth, ef_max=80)
    for target in (0.5, 0.9, 1.0):
        expected = [
            next((ef for ef, r in zip(curve.ef, row, strict=True) if r >= target), -1)
            for row in curve.recall
        ]
        assert curve.smallest_ef(target).tolist() == expected
    assert (curve.smallest_ef(0.0) == K).all()


@pytest.mark.parametrize("metric", METRICS)
def test_trace_equals_search(metric: Metric) -> None:
    vectors = clustered(2000)
    graph = build_hnsw(vectors, HnswParams(metric, m=6, ef_construction=40))
    queries = queries_of(vectors, 8)
    for ef in (10, 60, 200):
        found = search(graph, queries, K, ef)
        for i, query in enumerate(queries):
            trace = trace_search(graph, query, K, ef)
            np.testing.assert_array_equal(trace.ids, found.ids[i])
            np.testing.assert_array_equal(trace.distances, found.distances[i])
            assert trace.distance_computations == found.distance_computations[i]
            assert len(trace.hops) == found.hops[i]
            assert 1 + sum(len(hop.visited) for hop in trace.hops) == trace.distance_computations


def test_trace_follows_links_and_keeps_a_sorted_beam() -> None:
    vectors = clustered(2000)
    graph = build_hnsw(vectors, HnswParams("euclidean", m=6))
    trace = trace_search(graph, vectors[7] + np.float32(0.1), K, 25)
    linked = {
        layer: set(zip(*(ends.tolist() for ends in graph.links(layer)), strict=True))
        for layer in range(graph.max_level + 1)
    }
    layers = [hop.layer for hop in trace.hops]
    assert layers == sorted(layers, reverse=True)
    held: set[int] = set()
    for hop in trace.hops:
        assert all((hop.expanded, int(row)) in linked[hop.layer] for row in hop.visited)
        assert (np.diff(hop.beam_distances) >= 0).all()
        assert len(hop.beam) <= 25
        if hop.layer == 0:
            assert set(hop.visited[hop.entered].tolist()) == set(hop.beam.tolist()) - held - {
                hop.expanded
            }
            held |= set(hop.beam.tolist()) | {hop.expanded}
    np.testing.assert_array_equal(trace.hops[-1].beam[:K], trace.ids)


def test_a_row_excluded_from_a_trace_is_left_out_of_the_answer_only() -> None:
    vectors = clustered(500)
    graph = build_hnsw(vectors, HnswParams())
    trace = trace_search(graph, vectors[3], K, K, exclude=3)
    assert 3 in trace.visited
    assert 3 not in trace.ids
    np.testing.assert_array_equal(trace.ids, search(graph, vectors[3:4], K, K, exclude=[3]).ids[0])


def test_wrong_arguments_are_refused_before_any_kernel_runs() -> None:
    graph = build_hnsw(clustered(50, 8), HnswParams())
    query = np.zeros((1, 8), np.float32)
    with pytest.raises(ParameterError, match="ef must be between k = 10"):
        search(graph, query, 10, 9)
    with pytest.raises(ParameterError, match="8 dimensions, as the indexed vectors have; got 7"):
        search(graph, np.zeros((1, 7), np.float32), 1, 5)
    with pytest.raises(ParameterError, match="2-D array"):
        search(graph, np.zeros(8, np.float32), 1, 5)
    with pytest.raises(ParameterError, match="k must be a whole number of at least 1; got 0"):
        search(graph, query, 0, 5)
    with pytest.raises(ParameterError, match="finite"):
        search(graph, np.full((1, 8), np.nan, np.float32), 1, 5)
    with pytest.raises(ParameterError, match="below n = 50"):
        search(graph, query, 1, 5, exclude=[50])
    with pytest.raises(ParameterError, match="ground_truth must hold row ids below n = 50"):
        ef_curve(graph, query, np.array([[50]]))
    with pytest.raises(ParameterError, match="for each of the 1 queries"):
        ef_curve(graph, query, np.array([[1], [2]]))
    with pytest.raises(ParameterError, match="recall must be between 0 and 1"):
        ef_curve(graph, query, np.array([[1]])).smallest_ef(1.5)


def test_progress_counts_all_queries_and_may_stop_the_work() -> None:
    graph = build_hnsw(clustered(300, 8), HnswParams())
    queries = np.zeros((1000, 8), np.float32)
    seen: list[tuple[int, int]] = []
    search(graph, queries, 1, 5, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (1000, 1000)

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(graph, queries, 1, 5, progress=stop)


def test_every_metric_has_a_space() -> None:
    assert set(SPACES) == set(METRICS)
