"""The health of an index: its figures are those of search, of the truth and of the census."""

import importlib
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from core.distances import METRICS, Metric
from core.index import HnswGraph, HnswParams, build_hnsw, census, exact_neighbors, search
from core.studies import QuerySet, given_queries, health, sample_queries, true_neighbors
from tests.core.index.datasets import clustered, queries_of
from tests.core.index.graphs import broken, hand_graph

VECTORS = broken(600, 12)
GRAPH = build_hnsw(VECTORS, HnswParams("euclidean", m=3, ef_construction=10))
# Row i stands at i; nothing leads from 0 - 1 - 2 - 3 to 4 - 5.
ISLANDS = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2], 4: [5], 5: [4]}


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
    np.testing.assert_array_equal(queries.rows, [0, 1, 3])


def rows_as_queries(graph: HnswGraph, rows: list[int], k: int) -> QuerySet:
    """Rows of a hand-made graph, each left out of its own answer."""
    own = np.array(rows)
    vectors = graph.vectors[own]
    truth = true_neighbors(graph, graph.vectors, vectors, k, exclude=own)
    return QuerySet(vectors, truth, own, None)


def test_two_islands_by_hand() -> None:
    # k = ef = 2, so the beam holds 3 rows. Row 1: the search computes rows 0, 1, 2 and, from 2,
    # row 3, which is too far; it answers 0 and 2, as it should. Row 4: it computes 0, 1, 2, 3 and
    # answers 3 and 2; the truth is 3 and 5.
    graph = hand_graph([ISLANDS], entry=0)
    result = health(graph, rows_as_queries(graph, [1, 4], 2), 2)
    assert result.recall.tolist() == [1.0, 0.5]
    assert result.distance_computations.tolist() == [4, 4]
    assert (result.k, result.ef, result.n) == (2, 2, 6)
    assert result.unreachable == 2
    assert result.unfindable_share == pytest.approx(2 / 6)


def weak(metric: Metric) -> tuple[HnswGraph, npt.NDArray[np.float32]]:
    """A graph of few links, every sixth row deleted."""
    vectors = clustered(1500, 16)
    graph = build_hnsw(vectors, HnswParams(metric, m=4, ef_construction=20))
    return replace(graph, deleted=np.arange(graph.n) % 6 == 2), vectors


@pytest.mark.parametrize("metric", METRICS)
def test_recall_and_cost_are_those_of_search_and_truth(metric: Metric) -> None:
    graph, vectors = weak(metric)
    live = np.flatnonzero(~graph.deleted)
    asked = queries_of(vectors, 30)
    result = health(graph, given_queries(graph, vectors, asked, 5), 10)
    found = search(graph, asked, 5, 10)
    true = live[exact_neighbors(vectors[live], asked, 5, metric=metric).ids]
    by_hand = [len({*a} & {*b}) / 5 for a, b in zip(found.ids.tolist(), true.tolist(), strict=True)]
    assert result.recall.tolist() == by_hand
    assert min(by_hand) < max(by_hand)
    np.testing.assert_array_equal(result.distance_computations, found.distance_computations)


def test_a_large_index_is_sampled_with_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        importlib.import_module("core.studies.inspection.health"), "SEARCHED_AT_MOST", 200
    )
    sampled = health(GRAPH, sample_queries(GRAPH, VECTORS, 5, size=10), 10, seed=7)
    expected = census(GRAPH, ef=10, sample=200, seed=7)
    assert sampled.census.checked.tolist() == expected.checked.tolist()
    assert sampled.unfindable_share == expected.unfindable_share
    # Reach is walked over all rows.
    assert sampled.unreachable == len(census(GRAPH, ef=10).unreachable) > 0
