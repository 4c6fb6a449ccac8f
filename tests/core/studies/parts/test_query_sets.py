"""Queries with true neighbors: those that a file states, and how far queries are from the rows."""

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from core.distances import Metric, distance_matrix
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, Neighbors, build_hnsw
from core.studies.parts.query_sets import (
    QuerySet,
    agreement,
    distance_shift,
    given_queries,
    row_queries,
    sample_queries,
    stated_queries,
)

RANDOM = np.random.default_rng(0)
# Lengths differ, so that each metric has an order of its own.
VECTORS = (RANDOM.normal(size=(600, 8)) * np.exp(RANDOM.normal(size=(600, 1)))).astype(np.float32)
QUERIES = RANDOM.normal(size=(200, 8)).astype(np.float32)
METRICS: list[Metric] = ["cosine", "euclidean", "inner_product"]
K = 10


def built(metric: Metric) -> HnswGraph:
    return build_hnsw(VECTORS, HnswParams(metric, m=8, ef_construction=40))


@pytest.fixture(scope="module")
def graphs() -> dict[Metric, HnswGraph]:
    return {metric: built(metric) for metric in METRICS}


def naive(metric: Metric) -> np.ndarray:
    """(q, K) ids of the nearest rows."""
    return np.argsort(distance_matrix(QUERIES, VECTORS, metric), axis=1, kind="stable")[:, :K]


def line(positions: list[float]) -> tuple[HnswGraph, np.ndarray]:
    """Rows on a line, and their index."""
    vectors = np.array(positions, dtype=np.float32)[:, None]
    return build_hnsw(vectors, HnswParams("euclidean", m=4, ef_construction=20)), vectors


@pytest.mark.parametrize("metric", METRICS)
def test_stated_neighbors_get_their_distances(
    graphs: dict[Metric, HnswGraph], metric: Metric
) -> None:
    asked = stated_queries(graphs[metric], VECTORS, QUERIES, naive(metric))
    expected = np.sort(distance_matrix(QUERIES, VECTORS, metric), axis=1)[:, :K]
    np.testing.assert_array_equal(asked.truth.ids, naive(metric))
    np.testing.assert_allclose(asked.truth.distances, expected, rtol=1e-9, atol=1e-9)
    assert asked.rows is None
    assert asked.seed is None


@pytest.mark.parametrize(("metric", "other"), list(permutations(METRICS, 2)))
def test_neighbors_of_another_metric_are_refused(
    graphs: dict[Metric, HnswGraph], metric: Metric, other: Metric
) -> None:
    words = metric.replace("_", " ")
    with pytest.raises(ParameterError, match=rf"of 200 queries .* {words} distance.*computed"):
        stated_queries(graphs[metric], VECTORS, QUERIES, naive(other))


def test_neighbors_numbered_from_1_are_refused(graphs: dict[Metric, HnswGraph]) -> None:
    shifted = np.minimum(naive("euclidean") + 1, 599)
    with pytest.raises(ParameterError, match="number other rows"):
        stated_queries(graphs["euclidean"], VECTORS, QUERIES, shifted)


@pytest.mark.parametrize(("swapped", "refused"), [(2, False), (3, True)])
def test_one_query_in_a_hundred_may_be_out_of_order(
    graphs: dict[Metric, HnswGraph], swapped: int, refused: bool
) -> None:
    ids = naive("euclidean")
    ids[:swapped] = ids[:swapped, ::-1]
    if refused:
        with pytest.raises(ParameterError, match="of 3 of 200 queries"):
            stated_queries(graphs["euclidean"], VECTORS, QUERIES, ids)
    else:
        asked = stated_queries(graphs["euclidean"], VECTORS, QUERIES, ids)
        np.testing.assert_array_equal(asked.truth.ids, ids)


def test_rounding_of_the_stated_order_is_forgiven() -> None:
    # Distances 1 and 1.00005 from 0: stated the other way round they fall by 5e-5, less than 1e-4.
    # 1 and 1.01 stated the other way round are out of order.
    graph, vectors = line([0.0, 1.0, 1.00005, 1.01])
    query = np.zeros((1, 1), np.float32)
    near = stated_queries(graph, vectors, query, np.array([[0, 2, 1]]))
    np.testing.assert_allclose(near.truth.distances, [[0, 1.00005, 1]], rtol=1e-6)
    with pytest.raises(ParameterError, match="of 1 of 1 queries"):
        stated_queries(graph, vectors, query, np.array([[0, 3, 1]]))


def test_one_stated_neighbor_cannot_be_out_of_order(graphs: dict[Metric, HnswGraph]) -> None:
    asked = stated_queries(graphs["cosine"], VECTORS, QUERIES, naive("euclidean")[:, :1])
    assert asked.truth.distances.shape == (200, 1)


def test_agreement_by_hand() -> None:
    # Query 0: of 1, 2, 3 the stated 3, 1, 9 hold two; query 1: of 4, 5, 6 none. (2 + 0) / 6.
    computed = Neighbors(np.array([[1, 2, 3], [4, 5, 6]]), np.zeros((2, 3)))
    stated = np.array([[3, 1, 9], [1, 2, 3]])
    assert agreement(computed, stated) == pytest.approx(1 / 3)
    assert agreement(computed, computed.ids[:, ::-1]) == 1.0


def test_agreement_compares_as_many_as_both_have() -> None:
    computed = Neighbors(np.array([[1, 2, 3]]), np.zeros((1, 3)))
    # The first two of each: 1, 2 and 3, 2 have one of two in common; 3 is the third computed.
    assert agreement(computed, np.array([[3, 2]])) == 0.5
    assert agreement(computed, np.array([[2, 7, 8, 1]])) == pytest.approx(1 / 3)


@pytest.mark.parametrize("metric", METRICS)
def test_computed_neighbors_agree_with_a_naive_order(
    graphs: dict[Metric, HnswGraph], metric: Metric
) -> None:
    asked = given_queries(graphs[metric], VECTORS, QUERIES, K + 1)
    assert agreement(asked.truth, naive(metric)) == 1.0


def test_distance_shift_on_a_line_by_hand() -> None:
    # Nearest other rows of 0, 1, 3, 7, 15 are 1, 1, 2, 4, 8 away: median 2. The queries -3, 18 and
    # 31 are 3, 3 and 16 from the nearest row: median 3.
    graph, vectors = line([0.0, 1.0, 3.0, 7.0, 15.0])
    queries = np.array([[-3.0], [18.0], [31.0]], np.float32)
    asked = given_queries(graph, vectors, queries, 2)
    assert distance_shift(graph, vectors, asked) == pytest.approx(3 / 2)


def test_distance_shift_of_the_rows_themselves_is_1(graphs: dict[Metric, HnswGraph]) -> None:
    for metric in ("cosine", "euclidean"):
        graph = graphs[metric]
        drawn = sample_queries(graph, VECTORS, 3, size=500, seed=7)
        assert distance_shift(graph, VECTORS, drawn, seed=7) == 1.0  # the very same rows


def test_distance_shift_of_the_same_distribution_is_about_1() -> None:
    # The median of 500 of 1,000 nearest distances in 8 dimensions, whose spread is a fifth of it,
    # is known to a hundredth; 5 % is five times that.
    random = np.random.default_rng(5)
    rows = random.normal(size=(1000, 8)).astype(np.float32)
    more = random.normal(size=(1000, 8)).astype(np.float32)
    graph = build_hnsw(rows, HnswParams("euclidean", m=8, ef_construction=40))
    alike = given_queries(graph, rows, more, 1)
    assert distance_shift(graph, rows, alike) == pytest.approx(1.0, abs=0.05)
    far = given_queries(graph, rows, more + 100, 1)
    own = float(np.median(np.sort(distance_matrix(rows, rows, "euclidean"), axis=1)[:, 1]))
    away = float(np.median(distance_matrix(more + 100, rows, "euclidean").min(axis=1)))
    assert distance_shift(graph, rows, far) == pytest.approx(away / own, rel=0.05)


def test_distance_shift_under_cosine_is_of_chords_by_hand() -> None:
    # Rows at 0, 60, 120 and 180 degrees: each nearest other row lies 60 away, a chord of 1. The
    # query at 270 lies 90 from its nearest, a chord of sqrt 2; 1 - cos would say 1 / 0.5 = 2.
    angles = np.radians([0, 60, 120, 180])
    rows = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    graph = build_hnsw(rows, HnswParams("cosine", m=4, ef_construction=20))
    asked = given_queries(graph, rows, np.array([[0.0, -3.0]], np.float32), 2)
    assert distance_shift(graph, rows, asked) == pytest.approx(2**0.5)


def test_distance_shift_is_unknown_where_rows_have_copies() -> None:
    graph, vectors = line([0.0, 0.0, 1.0, 1.0, 5.0])
    asked = given_queries(graph, vectors, np.array([[2.0]], np.float32), 1)
    assert math.isnan(distance_shift(graph, vectors, asked))


def test_distance_shift_is_unknown_under_inner_product(graphs: dict[Metric, HnswGraph]) -> None:
    asked = given_queries(graphs["inner_product"], VECTORS, QUERIES, 1)
    assert math.isnan(distance_shift(graphs["inner_product"], VECTORS, asked))


def test_row_queries_leave_themselves_out_even_among_copies() -> None:
    graph, vectors = line([0.0, 0.0, 1.0, 5.0])
    asked = row_queries(graph, vectors, np.array([1, 3]), 3)
    assert asked.truth.ids.tolist() == [[0, 2, 3], [2, 0, 1]]
    assert asked.truth.distances.tolist() == [[0, 1, 5], [4, 5, 5]]
    assert asked.vectors.tolist() == [[0], [5]]
    assert asked.rows is not None
    assert asked.rows.tolist() == [1, 3]


def test_row_queries_do_not_find_deleted_rows() -> None:
    graph, vectors = line([0.0, 1.0, 2.0, 3.0])
    deleted = replace(graph, deleted=np.array([False, True, False, False]))
    asked = row_queries(deleted, vectors, np.array([0]), 2)
    assert asked.truth.ids.tolist() == [[2, 3]]


def test_nearest_cuts_the_truth(graphs: dict[Metric, HnswGraph]) -> None:
    asked = given_queries(graphs["cosine"], VECTORS, QUERIES, 5)
    cut = asked.nearest(2)
    np.testing.assert_array_equal(cut.ids, asked.truth.ids[:, :2])
    np.testing.assert_array_equal(cut.distances, asked.truth.distances[:, :2])


def test_rows_followed_by_rows_are_as_if_asked_at_once(graphs: dict[Metric, HnswGraph]) -> None:
    graph, rows = graphs["euclidean"], np.array([5, 40, 7, 8])
    first = replace(row_queries(graph, VECTORS, rows[:3], 4), seed=9)
    joined = first.followed_by(row_queries(graph, VECTORS, rows[3:], 4))
    at_once = row_queries(graph, VECTORS, rows, 4)
    np.testing.assert_array_equal(joined.vectors, at_once.vectors)
    np.testing.assert_array_equal(joined.truth.ids, at_once.truth.ids)
    np.testing.assert_array_equal(joined.truth.distances, at_once.truth.distances)
    assert joined.rows is not None
    assert joined.rows.tolist() == rows.tolist()
    assert joined.seed == 9


def test_given_queries_followed_by_others_have_no_rows(graphs: dict[Metric, HnswGraph]) -> None:
    first, second = (
        given_queries(graphs["euclidean"], VECTORS, part, 4) for part in (QUERIES[:3], QUERIES[3:8])
    )
    joined = first.followed_by(second)
    assert isinstance(joined, QuerySet)
    assert joined.rows is None
    np.testing.assert_array_equal(joined.vectors, QUERIES[:8])
    np.testing.assert_array_equal(joined.truth.ids, naive("euclidean")[:8, :4])


def test_some_of_the_queries_keep_their_truth(graphs: dict[Metric, HnswGraph]) -> None:
    whole = sample_queries(graphs["euclidean"], VECTORS, 4, size=30, seed=1)
    some = whole.at(np.array([7, 2]))
    assert whole.rows is not None
    assert some.rows is not None
    np.testing.assert_array_equal(some.vectors, VECTORS[some.rows])
    assert some.rows.tolist() == [whole.rows[7], whole.rows[2]]
    np.testing.assert_array_equal(some.truth.ids, whole.truth.ids[[7, 2]])
    np.testing.assert_array_equal(some.truth.distances, whole.truth.distances[[7, 2]])
    assert some.seed is None
    given = given_queries(graphs["euclidean"], VECTORS, QUERIES, 4).at(np.array([0]))
    assert given.rows is None
