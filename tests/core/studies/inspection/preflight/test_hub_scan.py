"""Hubs over regions: worked by hand, planted, and what their removal does to the other lists."""

import numpy as np
import pytest

from core.data import load_sample
from core.index import Neighbors
from core.metrics import hubness_skewness, k_occurrence
from core.studies import KnnLists, hub_scan, knn_lists, treated
from core.studies.inspection.preflight.hub_scan import _removal, _spread
from tests.core.studies.inspection.preflight.planted import bare


def far_clusters(hubs: int) -> np.ndarray:
    """40 clusters of 30 rows around a center, each in its own direction; the hubs at the center.

    The rows of a cluster are some 9.2 (6.5 times sqrt 2) apart, and 8.2 (sqrt of 6.5^2 + 5^2) from
    the center: so the hubs are nearer to every row than its own cluster is.
    """
    random = np.random.default_rng(0)
    rows = []
    for axis in range(40):
        cluster = random.normal(size=(30, 200))
        cluster *= 6.5 / np.linalg.norm(cluster, axis=1, keepdims=True)
        cluster[:, axis] += 5
        rows.append(cluster)
    return np.vstack([*rows, 0.01 * random.normal(size=(hubs, 200))])


def test_the_spread_by_hand() -> None:
    # Lists of rows 0..5 in regions 0, 0, 1, 1, 2, 2. Row 9 stands in all six, two of each region:
    # 3 regions alike. Row 8 in three of region 0, 0, 1: exp of -(2/3 ln 2/3 + 1/3 ln 1/3) = 1.8899.
    ids = np.array([[9, 8], [9, 8], [9, 8], [9, 7], [9, 6], [9, 5]])
    lists, reached, spread = _spread(ids, np.array([0, 0, 1, 1, 2, 2]), 3, 10)
    assert lists.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 3, 6]
    assert reached.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 2, 3]
    np.testing.assert_allclose(spread, [0] * 5 + [1, 1, 1, 1.8898816, 3], rtol=1e-6)


def test_removal_by_hand() -> None:
    # Row 4 is the hub. Lists of k = 2 with a third known: 0: 4 1 2, 1: 0 4 2, 2: 4 0 1, 3: 2 0 1.
    ids = np.array([[4, 1, 2], [0, 4, 2], [4, 0, 1], [2, 0, 1], [0, 1, 2]])
    near = Neighbors(ids, np.tile([1.0, 2.0, 3.0], (5, 1)))
    found = _removal(KnnLists(np.arange(5), near, "euclidean", 5, 0), np.array([4]), 2)
    assert (found.touched, found.places) == (3 / 4, 3 / 8)
    # Before, rows 0..3 stand in 3, 1, 1, 0 lists; after, 1 2 | 0 2 | 0 1 | 2 0: in 3, 2, 3, 0.
    assert found.skewness_before == pytest.approx(hubness_skewness(np.array([3, 1, 1, 0])))
    assert found.skewness_after == pytest.approx(hubness_skewness(np.array([3, 2, 3, 0])))
    assert (found.largest_before, found.largest_after, found.short) == (3, 3, 0)


def test_rows_that_are_near_to_every_cluster_are_found() -> None:
    items = bare(far_clusters(5))
    lists = knn_lists(items.vectors, 20, "euclidean")
    found = hub_scan(items, lists)
    assert sorted(found.rows) == [1200, 1201, 1202, 1203, 1204]
    assert found.regions == 24
    assert (found.reached == 24).all()
    assert (found.spread > 3 * found.usual).all()
    assert (found.lists == k_occurrence(lists.neighbors.ids[:, :10], 1205)[found.rows]).all()
    assert found.removal is not None
    assert found.removal.touched > 0.99
    assert found.removal.places == pytest.approx(0.5, abs=0.01)  # 5 of 10
    assert found.remedy is not None
    clean = treated(items, found.remedy)
    again = hub_scan(clean, knn_lists(clean.vectors, 20, "euclidean"))
    assert len(again.rows) == 0
    assert again.removal is None
    assert again.remedy is None


def test_the_figures_after_are_those_of_the_data_without_the_hubs() -> None:
    items = bare(far_clusters(5))
    found = hub_scan(items, knn_lists(items.vectors, 20, "euclidean"))
    fresh = knn_lists(items.vectors[:1200], 10, "euclidean")
    occurrence = k_occurrence(fresh.neighbors.ids, 1200)
    assert found.removal is not None
    assert found.removal.skewness_after == pytest.approx(hubness_skewness(occurrence))
    assert found.removal.largest_after == occurrence.max()


def test_an_item_of_many_lists_of_one_place_is_no_hub() -> None:
    items = load_sample("digits")
    found = hub_scan(items, knn_lists(items.vectors, 20, "cosine"))
    assert found.rows.tolist() == []
    assert found.regions == 35
    assert len(found.top) == 20
    assert (np.diff(found.top_spread) <= 0).all()


def test_lists_of_a_sample_find_the_same_hubs() -> None:
    items = bare(far_clusters(5))
    lists = knn_lists(items.vectors, 20, "euclidean", rows_at_most=400, seed=3)
    assert sorted(hub_scan(items, lists).rows) == [1200, 1201, 1202, 1203, 1204]
