"""What a search visits, and the first ef that returns a row, against traces and a loop over ef."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import (
    HnswGraph,
    HnswParams,
    build_hnsw,
    exact_neighbors,
    search,
    smallest_ef,
    trace_search,
    visits,
)
from tests.core.index.datasets import DATASETS, queries_of

K, EF, EF_MAX, QUERIES = 5, 8, 60, 24
PARAMS = HnswParams(m=4, ef_construction=20)
Ids = npt.NDArray[np.int64]


def case(name: str, metric: Metric) -> tuple[HnswGraph, npt.NDArray[np.float32], Ids]:
    """A weak graph with every seventh row deleted, queries, and the row each of them leaves out."""
    vectors = DATASETS[name]()
    graph = build_hnsw(vectors, replace(PARAMS, metric=metric))
    graph = replace(graph, deleted=np.arange(graph.n) % 7 == 3)
    queries = queries_of(vectors, QUERIES)
    nearest = exact_neighbors(vectors, queries, 1, metric=metric).ids[:, 0]
    return graph, queries, np.where(np.arange(QUERIES) % 3 == 0, -1, nearest)


def wanted_rows(graph: HnswGraph, queries: npt.NDArray[np.float32], exclude: Ids) -> Ids:
    """The K live rows that are nearest, the excluded one left out."""
    live = np.flatnonzero(~graph.deleted)
    place = np.full(graph.n + 1, -1)
    place[live] = np.arange(len(live))
    found = exact_neighbors(
        graph.vectors[live], queries, K, metric=graph.metric, exclude=place[exclude]
    )
    return live[found.ids]


def by_search(graph: HnswGraph, queries: npt.NDArray[np.float32], rows: Ids, exclude: Ids) -> Ids:
    """The first ef whose answer holds each row, by a search for every ef."""
    first = np.full(rows.shape, -1)
    for ef in range(K, EF_MAX + 1):
        found = search(graph, queries, K, ef, exclude=exclude).ids
        listed = (rows[:, :, None] == found[:, None, :]).any(axis=2)
        first[listed & (first < 0)] = ef
    return first


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", ["clustered", "duplicated", "grid", "uneven_norms"])
def test_the_smallest_ef_is_that_of_a_loop_over_every_ef(name: str, metric: Metric) -> None:
    graph, queries, exclude = case(name, metric)
    rows = wanted_rows(graph, queries, exclude)
    first = smallest_ef(graph, queries, rows, EF_MAX, exclude=exclude)
    np.testing.assert_array_equal(first, by_search(graph, queries, rows, exclude))


@pytest.mark.parametrize("ef", [K, EF])
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", ["clustered", "grid"])
def test_a_walk_visits_what_its_trace_shows_on_layer_0(name: str, metric: Metric, ef: int) -> None:
    graph, queries, exclude = case(name, metric)
    rows = np.tile(np.arange(graph.n), (QUERIES, 1))
    walk = visits(graph, queries, rows, K, ef, exclude=exclude)
    for q, query in enumerate(queries):
        left_out = int(exclude[q]) if exclude[q] >= 0 else None
        trace = trace_search(graph, query, K, ef, exclude=left_out)
        base = [hop for hop in trace.hops if hop.layer == 0]
        assert walk.start[q] == base[0].expanded
        seen = np.concatenate([[walk.start[q]], *(hop.visited for hop in base)])
        np.testing.assert_array_equal(np.flatnonzero(walk.visited[q]), np.sort(seen))


def test_no_row_is_neither_visited_nor_returned() -> None:
    graph, queries, _ = case("clustered", "euclidean")
    none = np.full((QUERIES, K), -1)
    assert not visits(graph, queries, none, K, EF).visited.any()
    assert (smallest_ef(graph, queries, none, EF_MAX) == -1).all()


def test_other_rows_of_the_list_change_nothing_but_k() -> None:
    graph, queries, exclude = case("duplicated", "euclidean")
    rows = wanted_rows(graph, queries, exclude)
    whole = smallest_ef(graph, queries, rows, EF_MAX, exclude=exclude)
    for place in range(K):
        alone = np.where(np.arange(K) == place, rows, -1)
        first = smallest_ef(graph, queries, alone, EF_MAX, exclude=exclude, threads=1)
        np.testing.assert_array_equal(first[:, place], whole[:, place])


def test_rows_that_do_not_fit_are_refused() -> None:
    graph, queries, _ = case("clustered", "euclidean")
    with pytest.raises(ParameterError, match=r"below n = 3,000 \(or -1 for none\); got .* 3000"):
        visits(graph, queries, np.full((QUERIES, 1), 3000), K, EF)
    with pytest.raises(ParameterError, match=r"each of the 24 queries, \(q, k\); got shape \(3, 2"):
        visits(graph, queries, np.zeros((3, 2), dtype=int), K, EF)
    with pytest.raises(ParameterError, match="ef_max must be between k = 5 and"):
        smallest_ef(graph, queries, np.zeros((QUERIES, K), dtype=int), K - 1)
