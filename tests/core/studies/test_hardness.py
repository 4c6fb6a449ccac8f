"""Hard queries: what they need, contrast by hand, and causes by rule."""

import numpy as np

from core.index import EfCurve, HnswParams, Neighbors, build_hnsw
from core.metrics import local_intrinsic_dimension
from core.studies import EfTradeoff, QuerySet, ef_tradeoff, hardness, sample_queries
from core.studies.hardness import _causes


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
    # Of 20 queries only the last four are hard (they need more than nine in ten others, or no ef
    # serves them). Contrast, LID and distance are flat but for one query each.
    smallest = np.array([10] * 16 + [90, 91, -1, -1])
    contrast, lid, nearest = np.full(20, 2.0), np.full(20, 5.0), np.full(20, 1.0)
    contrast[16] = 1.1
    lid[[16, 17]] = 30.0
    nearest[18] = 9.0
    lid[3] = 30.0  # extreme, but not hard
    cause = _causes(smallest, contrast, lid, nearest)
    assert cause[:16].tolist() == [""] * 16
    assert cause[18:].tolist() == ["far from the data", "none of these"]


def test_few_distances_have_no_dimension() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    graph = build_hnsw(rows, HnswParams("euclidean"))
    study = ef_tradeoff(graph, sample_queries(graph, rows, 2, size=10))
    assert np.isnan(hardness(graph, rows, study, 1.0).lid).all()
