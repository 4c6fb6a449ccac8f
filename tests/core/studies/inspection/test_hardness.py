"""Hard queries: what they need, contrast by hand, and causes by rule."""

import numpy as np

from core.distances import Metric, unit_rows
from core.index import EfCurve, HnswParams, Neighbors, build_hnsw
from core.metrics import local_intrinsic_dimension
from core.studies import EfTradeoff, QuerySet, ef_tradeoff, hardness, sample_queries
from core.studies.inspection.hardness import Hardness, _causes
from core.studies.parts.query_sets import row_queries


def test_the_figures_of_a_query_by_hand() -> None:
    # Rows at 0, 1, ..., 10 on a line; the query at 0 has its second neighbor at 1. Distances to all
    # rows are 0 ... 10, their median 5: contrast 5 / 1.
    rows = np.arange(11, dtype=np.float32)[:, None]
    graph = build_hnsw(rows, HnswParams("euclidean"))
    truth = Neighbors(np.array([[0, 1, 2, 3]]), np.array([[0.0, 1.0, 2.0, 3.0]]))
    queries = QuerySet(np.zeros((1, 1), np.float32), truth, None, None)
    counts = np.array([[1, 2, 2]], np.int32)
    curve = EfCurve(2, np.array([2, 3, 4]), counts, counts, counts, counts)
    found = hardness(graph, rows, EfTradeoff(queries, curve, 11), 1.0)
    assert found.smallest_ef.tolist() == [3]
    assert found.contrast.tolist() == [5.0]
    assert found.nearest.tolist() == [0.0]
    lid = local_intrinsic_dimension(truth.distances, estimator="levina_bickel")
    np.testing.assert_array_equal(found.lid, lid)
    one = EfCurve(1, np.array([1, 2]), counts[:, :2], counts[:, :2], counts[:, :2], counts[:, :2])
    assert np.isnan(hardness(graph, rows, EfTradeoff(queries, one, 11), 1.0).contrast).all()


def test_the_hardest_come_first_and_those_without_an_ef_before_all() -> None:
    rows = np.random.default_rng(0).normal(size=(800, 16)).astype(np.float32)
    graph = build_hnsw(rows, HnswParams("euclidean", m=3, ef_construction=8))
    study = ef_tradeoff(graph, sample_queries(graph, rows, 5, size=200), ef_max=30)
    found = hardness(graph, rows, study, 1.0)
    needs = np.where(found.smallest_ef < 0, np.inf, found.smallest_ef)[found.order]
    assert np.isinf(needs[0])
    assert np.isfinite(needs[-1])
    assert (np.sort(needs)[::-1] == needs).all()
    equal = found.order[needs == needs[-1]]
    assert (np.diff(found.lid[equal]) <= 0).all()


def test_the_cause_is_the_first_extreme_in_which_a_hard_query_stands() -> None:
    # Of 40 queries the last four are hard: 36 others, nine in ten, need ef 10. Contrast, LID and
    # distance are flat but for three queries at most, so that nine tenths lie at the flat value.
    smallest = np.array([10] * 36 + [90, 91, -1, -1])
    contrast, lid, nearest = np.full(40, 2.0), np.full(40, 5.0), np.full(40, 1.0)
    contrast[[3, 36]] = 1.1  # the fourth query is extreme in everything, but not hard
    lid[[3, 36, 37]] = 30.0
    nearest[[3, 36, 38]] = 9.0
    cause = _causes(smallest, contrast, lid, nearest)
    assert cause[:36].tolist() == [""] * 36
    assert cause[36:].tolist() == [
        "low contrast",
        "high LID",
        "far from the data",
        "none of these",
    ]


def test_undefined_measures_are_no_cause() -> None:
    smallest = np.array([10] * 18 + [50, 60])
    missing, nearest = np.full(20, np.nan), np.full(20, 1.0)
    contrast = np.array([2.0] * 18 + [np.nan, 1.1])
    cause = _causes(smallest, contrast, missing, nearest)
    assert cause.tolist() == [""] * 18 + ["none of these", "low contrast"]


def test_equal_needs_are_not_hard_and_a_query_that_no_ef_serves_always_is() -> None:
    flat = np.full(10, 1.0)
    for need, expected in ((10, ""), (-1, "none of these")):
        assert set(_causes(np.full(10, need), flat, flat, flat).tolist()) == {expected}


def test_the_order_by_hand() -> None:
    # No ef first (place 2), then 40 by LID 9, 4 and unknown (3, 0, 4), then 20 (1).
    nan = np.nan
    found = Hardness(
        1.0,
        np.array([40, 20, -1, 40, 40]),
        np.array([4.0, 99.0, 1.0, 9.0, nan]),
        np.ones(5),
        np.ones(5),
        np.array([0.9, 0.2, 0.5, 1.0, 1.0]),
        np.array([""] * 5),
    )
    assert found.order.tolist() == [2, 3, 0, 4, 1]


def test_of_queries_that_no_ef_serves_the_one_of_the_lowest_recall_comes_first() -> None:
    # None of 0 to 3 is served: recall 0.1 (2), then 0.8 with LID 7 and 3 (3, 0), then 0.9 (1).
    found = Hardness(
        1.0,
        np.array([-1, -1, -1, -1, 40]),
        np.array([3.0, 99.0, 1.0, 7.0, 50.0]),
        np.ones(5),
        np.ones(5),
        np.array([0.8, 0.9, 0.1, 0.8, 0.0]),
        np.array([""] * 5),
    )
    assert found.order.tolist() == [2, 3, 0, 1, 4]


def test_few_distances_have_no_dimension() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    graph = build_hnsw(rows, HnswParams("euclidean"))
    study = ef_tradeoff(graph, sample_queries(graph, rows, 2, size=10))
    assert np.isnan(hardness(graph, rows, study, 1.0).lid).all()


def measured(metric: Metric, rows: np.ndarray) -> Hardness:
    """The first 200 of the rows as queries, each left out of its own answer."""
    graph = build_hnsw(rows, HnswParams(metric, m=3, ef_construction=8))
    queries = row_queries(graph, rows, np.arange(200), 12)
    return hardness(graph, rows, ef_tradeoff(graph, queries, ef_max=30), 1.0)


def test_under_cosine_lid_and_contrast_are_those_between_unit_rows() -> None:
    rows = np.random.default_rng(3).normal(size=(600, 8)).astype(np.float32)
    cosine = measured("cosine", rows * np.arange(1, 601, dtype=np.float32)[:, None])
    unit = measured("euclidean", unit_rows(rows).astype(np.float32))
    np.testing.assert_allclose(cosine.lid, unit.lid, rtol=1e-4)
    np.testing.assert_allclose(cosine.contrast, unit.contrast, rtol=1e-4)
    np.testing.assert_allclose(cosine.nearest, unit.nearest**2 / 2, rtol=1e-4)  # the metric's own


def test_under_inner_product_neither_is_defined_and_no_cause_is_named() -> None:
    rows = np.random.default_rng(4).normal(size=(600, 8)).astype(np.float32)
    found = measured("inner_product", rows)
    assert np.isnan(found.lid).all()
    assert np.isnan(found.contrast).all()
    assert set(found.cause.tolist()) == {"", "none of these"}
    assert (found.nearest < 0).any()  # 1 - dot
    assert found.order[0] in np.flatnonzero(found.cause == "none of these")
    graph = build_hnsw(rows, HnswParams("inner_product", m=3, ef_construction=8))
    queries = row_queries(graph, rows, np.arange(200), 12)
    last = ef_tradeoff(graph, queries, ef_max=30).curve.recall[:, -1]
    np.testing.assert_array_equal(found.final_recall, last)
