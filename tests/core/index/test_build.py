"""The graph that `build_hnsw` keeps, against hnswlib's own and against the rules of HNSW."""

import tracemalloc

import hnswlib
import numpy as np
import pytest

from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, exact_neighbors, hnswlib_file, search
from tests.core.index.datasets import clustered, graph_of, native_index


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return build_hnsw(clustered(3000), HnswParams("euclidean", m=6, ef_construction=40))


def test_links_obey_the_rules_of_hnsw(graph: HnswGraph) -> None:
    for layer in range(graph.max_level + 1):
        nodes = graph.nodes(layer)
        sources, targets = graph.links(layer)
        assert np.isin(sources, nodes).all()
        assert np.isin(targets, nodes).all()
        assert (sources != targets).all()
        assert len(np.unique(np.stack([sources, targets]), axis=1).T) == len(sources)
        assert graph.out_degree(layer).max() <= (2 * graph.m if layer == 0 else graph.m)
        assert graph.out_degree(layer).sum() == graph.in_degree(layer).sum() == len(sources)
        assert not graph.out_degree(layer)[graph.levels < layer].any()


def test_levels_and_layers_agree(graph: HnswGraph) -> None:
    assert graph.levels[graph.entry_point] == graph.max_level == graph.levels.max()
    for layer, count in enumerate(graph.nodes_per_layer):
        assert count == len(graph.nodes(layer)) == np.count_nonzero(graph.levels >= layer)
    assert graph.nodes_per_layer[0] == graph.n == 3000


def native_links(index: hnswlib.Index, layer: int, m: int) -> dict[int, list[int]]:
    """The links of one layer, read record by record with plain Python."""
    state = index.__getstate__()[0]
    base, upper = state["data_level0"].tobytes(), state["link_lists"].tobytes()
    size, links, position = state["size_data_per_element"], {}, 0
    for node in range(state["cur_element_count"]):
        level = int(state["element_levels"][node])
        if layer == 0:
            record = base[node * size :]
        elif level >= layer:
            record = upper[position + (layer - 1) * (4 + 4 * m) :]
        position += level * (4 + 4 * m)
        if level >= layer:
            count = int.from_bytes(record[:2], "little")
            links[node] = np.frombuffer(record[4 : 4 + 4 * count], "<u4").tolist()
    return links


def test_parsed_links_equal_a_record_by_record_reading() -> None:
    params = HnswParams("euclidean", m=6, ef_construction=40)
    index = native_index(clustered(1000), params)
    graph = graph_of(index, params)
    assert graph.max_level >= 2
    for layer in range(graph.max_level + 1):
        sources, targets = graph.links(layer)
        for node, expected in native_links(index, layer, 6).items():
            assert targets[sources == node].tolist() == expected


@pytest.mark.parametrize("metric", METRICS)
def test_one_thread_builds_the_same_graph_as_hnswlib_every_time(metric: Metric) -> None:
    vectors, params = clustered(1200), HnswParams(metric)
    graphs = [build_hnsw(vectors, params) for _ in range(2)]
    graphs.append(graph_of(native_index(vectors, params), params))
    for other in graphs[1:]:
        np.testing.assert_array_equal(graphs[0].base.targets, other.base.targets)
        np.testing.assert_array_equal(graphs[0].upper.targets, other.upper.targets)
        np.testing.assert_array_equal(graphs[0].levels, other.levels)
        np.testing.assert_array_equal(graphs[0].vectors, other.vectors)


def test_rows_keep_their_ids_whatever_the_order_of_insertion() -> None:
    vectors, params = clustered(800), HnswParams("euclidean", m=5, ef_construction=30)
    order = np.random.default_rng(1).permutation(800)
    shuffled = build_hnsw(vectors, params, order=order)
    plain = build_hnsw(vectors[order], params)
    np.testing.assert_array_equal(shuffled.vectors, vectors)
    np.testing.assert_array_equal(shuffled.levels[order], plain.levels)
    assert shuffled.entry_point == order[plain.entry_point]
    for layer in range(plain.max_level + 1):
        sources, targets = plain.links(layer)
        expected = set(zip(order[sources].tolist(), order[targets].tolist(), strict=True))
        ours = zip(*(ends.tolist() for ends in shuffled.links(layer)), strict=True)
        assert set(ours) == expected


def test_cosine_keeps_unit_rows_and_the_others_keep_the_vectors() -> None:
    vectors = clustered(300)
    unit = build_hnsw(vectors, HnswParams("cosine")).vectors
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, rtol=1e-6)
    for metric in ("euclidean", "inner_product"):
        kept = build_hnsw(vectors, HnswParams(metric)).vectors
        np.testing.assert_array_equal(kept, vectors)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("threads", [1, 4])
def test_vectors_stand_at_their_row_ids(metric: Metric, threads: int) -> None:
    """Threads insert in another order than the rows have."""
    vectors = clustered(4000, 8)
    vectors.setflags(write=False)
    graph = build_hnsw(vectors, HnswParams(metric, threads=threads))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True) if metric == "cosine" else 1
    np.testing.assert_allclose(graph.vectors, vectors / lengths, rtol=1e-5, atol=1e-7)
    assert (graph.vectors is vectors) == (metric != "cosine")
    nearest = exact_neighbors(vectors, vectors, 2, metric=metric).ids
    found = search(graph, vectors, 2, 50).ids
    assert (found == nearest).mean() > 0.9


def test_arrays_are_read_only(graph: HnswGraph) -> None:
    for array in (graph.vectors, graph.levels, graph.base.targets, graph.upper.indptr):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_progress_reaches_the_end_and_may_stop_the_build() -> None:
    seen: list[tuple[int, int]] = []
    build_hnsw(
        clustered(1300),
        HnswParams(),
        progress=lambda *done: seen.append(done),
        clock=lambda: 0.0,  # nothing takes time: each step is twice the last, 100 rows being first
    )
    assert seen == [(100, 1300), (300, 1300), (700, 1300), (1300, 1300)]

    def stop(_done: int, _total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        build_hnsw(clustered(1300), HnswParams(), progress=stop)


def test_a_layer_that_is_not_there_is_named(graph: HnswGraph) -> None:
    with pytest.raises(ParameterError, match=f"between 0 and {graph.max_level}"):
        graph.links(graph.max_level + 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metric": "manhattan"}, "metric must be one of cosine, euclidean, inner_product"),
        ({"m": 1}, "m must be between 2 and 512; got 1"),
        ({"ef_construction": 0}, "ef_construction must be between 1 and 10,000; got 0"),
        ({"seed": -1}, "seed must be between 0"),
        ({"threads": 0}, "threads must be between 1"),
    ],
)
def test_parameters_are_checked(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        HnswParams(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.zeros(5, np.float32), "2-D array of numbers"),
        (np.zeros((0, 5), np.float32), "at least one row"),
        (np.zeros((5, 0), np.float32), "2-D array of numbers"),
        (np.array([["a"]]), "2-D array of numbers"),
        (np.array([[0.0], [np.nan]]), "finite in float32; 1 rows are not, the first is row 1"),
        (np.array([[0.0], [1e300]]), "finite in float32; 1 rows are not, the first is row 1"),
    ],
)
def test_vectors_are_checked(vectors: np.ndarray, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        build_hnsw(vectors, HnswParams())


@pytest.mark.parametrize("order", [[0, 1], [0, 0, 1], [1, 2, 3], [[0, 1, 2]]])
def test_order_must_be_a_permutation(order: list[int]) -> None:
    with pytest.raises(ParameterError, match="each of the 3 rows exactly once"):
        build_hnsw(np.eye(3), HnswParams(), order=order)


def unit(n: int, dim: int) -> np.ndarray:
    rows = np.random.default_rng(5).normal(size=(n, dim)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows.setflags(write=False)
    return rows


def test_a_cosine_graph_shares_rows_of_length_1_and_answers_as_hnswlib_does() -> None:
    rows, params = unit(2000, 48), HnswParams("cosine", m=6, ef_construction=40)
    graph = build_hnsw(rows, params)
    assert graph.vectors is rows
    own = graph_of(native_index(rows, params), params)  # with the rows as hnswlib scales them
    np.testing.assert_allclose(own.vectors, rows, atol=1e-6)
    np.testing.assert_array_equal(graph.base.targets, own.base.targets)
    queries = rows[:50] + np.float32(0.3)
    found, expected = search(graph, queries, 10, 40), search(own, queries, 10, 40)
    np.testing.assert_allclose(found.distances, expected.distances, atol=2e-6)
    assert (found.ids == expected.ids).mean() > 0.99


def test_a_cosine_graph_scales_rows_of_another_length_and_leaves_those_that_may_change() -> None:
    params = HnswParams("cosine", m=4, ef_construction=20)
    longer = unit(300, 16) * np.float32(1 + 1e-5)
    longer.setflags(write=False)
    last = unit(5000, 4).copy()  # one row, behind the first block
    last[-1] *= 2
    last.setflags(write=False)
    for rows in (longer, last, unit(300, 16).copy()):
        graph = build_hnsw(rows, params)
        assert not np.shares_memory(graph.vectors, rows)
        np.testing.assert_allclose(np.linalg.norm(graph.vectors, axis=1), 1, atol=1e-6)


def test_building_over_rows_of_length_1_never_holds_a_second_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hnswlib_file, "RECORDS_AT_ONCE", 64)
    rows = unit(4000, 256)
    tracemalloc.start()
    try:
        build_hnsw(rows, HnswParams("cosine", m=4, ef_construction=10))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < rows.nbytes / 2  # at the most by numpy: links, blocks of rows, whether finite
