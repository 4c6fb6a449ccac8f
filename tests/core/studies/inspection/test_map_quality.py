"""How far a map can be trusted, worked by hand, the naive way and by scikit-learn."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from core.distances import Metric, distance_matrix
from core.errors import ParameterError
from core.studies import (
    MapQuality,
    compare_maps,
    map_quality,
    quality_by_group,
    threads_of,
)

VECTORS = np.random.default_rng(3).normal(size=(400, 6)).astype(np.float32)
MAP = VECTORS[:, :2]

# The line 0 1 3 7 15. In truth the others of each row stand
#   0: 1 2 3 4   1: 0 2 3 4   2: 1 0 3 4   3: 2 1 0 4   4: 3 2 1 0
# and on the map, where the rows are at 0 10 1 11.5 13.5,
#   0: 2 1 3 4   1: 3 4 2 0   2: 0 1 3 4   3: 1 4 2 0   4: 3 1 2 0
LINE = np.array([[0.0], [1], [3], [7], [15]])
PLACES = np.array([[0.0, 0], [10, 0], [1, 0], [11.5, 0], [13.5, 0]])


def by_hand() -> MapQuality:
    return map_quality(LINE, PLACES, 1, metric="euclidean")


def test_worked_by_hand() -> None:
    # k = 1, n = 5: c = 2 / (1 (10 - 3 - 1)) = 1/3. Beyond rank 1 are: the map's nearest in truth
    # by 1 2 1 1 0, the true nearest on the map by 1 3 1 2 0.
    quality = by_hand()
    np.testing.assert_allclose(quality.trust, [2 / 3, 1 / 3, 2 / 3, 2 / 3, 1])
    np.testing.assert_allclose(quality.continuity, [2 / 3, 0, 2 / 3, 1 / 3, 1], atol=1e-12)
    assert quality.kept.tolist() == [0, 0, 0, 0, 1]
    assert quality.mean("trust") == pytest.approx(10 / 15)
    assert quality.mean("continuity") == pytest.approx(8 / 15)
    assert (quality.half_width("trust"), quality.is_sample) == (0.0, False)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("k", [1, 15, 199])
def test_the_means_are_those_of_scikit_learn(metric: Metric, k: int) -> None:
    quality = map_quality(VECTORS, MAP, k, metric=metric)
    trust = trustworthiness(VECTORS, MAP, n_neighbors=k, metric=metric)
    assert quality.mean("trust") == pytest.approx(trust, abs=1e-12)
    if metric == "euclidean":  # continuity is trustworthiness with the spaces in each other's place
        torn = trustworthiness(MAP, VECTORS, n_neighbors=k)
        assert quality.mean("continuity") == pytest.approx(torn, abs=1e-12)


def test_the_worst_map_has_0_and_the_best_1() -> None:
    # On a line from row 0 the map turns the order around: 0's nearest are the farthest.
    line = np.array([[0.0], [1], [2], [3], [4], [5]])
    turned = np.array([[0.0], [5], [4], [3], [2], [1]])
    worst = map_quality(line, turned, 2, metric="euclidean")
    assert (worst.trust[0], worst.continuity[0], worst.kept[0]) == pytest.approx((0, 0, 0))
    best = map_quality(VECTORS, VECTORS, metric="euclidean")
    assert (best.mean("trust"), best.mean("continuity"), best.mean("kept")) == (1, 1, 1)


def test_the_map_may_be_turned_moved_and_scaled() -> None:
    turned = 8.0 * MAP[:, ::-1].astype(np.float64) * [1, -1]
    first = map_quality(VECTORS, MAP, metric="euclidean")
    second = map_quality(VECTORS, turned, metric="euclidean")
    np.testing.assert_array_equal(first.trust, second.trust)
    np.testing.assert_array_equal(first.continuity, second.continuity)


def test_of_duplicates_the_lower_id_is_the_nearer() -> None:
    # Rows 0 1 2 are one point, 3 4 5 another. Nearest in truth: 1 0 0 4 3 3. The map moves row 1 to
    # the second point: its nearest there is 3, in truth at rank 3 behind 0 and 2; row 0 stands on
    # the map at rank 4, behind 3 4 5. From row 0 it shows 2 (true rank 2), and 1 stands at rank 2.
    twice = np.array([[0.0], [0], [0], [9], [9], [9]])
    places = np.array([[0.0], [9], [0], [9], [9], [9]])
    quality = map_quality(twice, places, 1, metric="euclidean")
    # c = 2 / (12 - 3 - 1) = 1/4. Row 3 shows 1: true rank 4, behind 4 5 0; row 4 the same, behind
    # 3 5 0; row 5 behind 3 4 0. On the map 4 stands behind 1, 3 behind 1.
    np.testing.assert_allclose(quality.trust, [3 / 4, 2 / 4, 1, 1 / 4, 1 / 4, 1 / 4])
    np.testing.assert_allclose(quality.continuity, [3 / 4, 1 / 4, 1, 3 / 4, 3 / 4, 3 / 4])


def test_a_sample_has_the_values_of_its_rows_and_an_interval() -> None:
    whole = map_quality(VECTORS, MAP, metric="cosine")
    some = map_quality(VECTORS, MAP, metric="cosine", rows_at_most=60, seed=2)
    rows = np.sort(np.random.default_rng(2).choice(400, 60, replace=False))
    np.testing.assert_array_equal(some.rows, rows)
    np.testing.assert_array_equal(some.trust, whole.trust[rows])
    np.testing.assert_array_equal(some.continuity, whole.continuity[rows])
    half = 1.959964 * whole.trust[rows].std(ddof=1) / np.sqrt(60)
    assert some.half_width("trust") == pytest.approx(half)
    assert (some.is_sample, some.n, some.seed) == (True, 400, 2)
    np.testing.assert_array_equal(whole.rows, np.arange(400))
    assert not whole.is_sample


def nearest(vectors: np.ndarray, k: int) -> np.ndarray:
    distances = distance_matrix(vectors, vectors, "euclidean")
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1, kind="stable")[:, :k]


@pytest.mark.parametrize("k", [1, 15, 199])
def test_the_share_kept_the_naive_way(k: int) -> None:
    pairs = zip(nearest(VECTORS, k), nearest(MAP, k), strict=True)
    share = [len(set(true) & set(shown)) / k for true, shown in pairs]
    np.testing.assert_allclose(map_quality(VECTORS, MAP, k, metric="euclidean").kept, share)


def test_one_row_of_many_has_no_interval() -> None:
    one = np.array([0.5])
    assert np.isnan(MapQuality(np.array([3]), one, one, one, 15, 400, 0).half_width("kept"))


def test_what_its_report_raises_stops_it() -> None:
    def stop(done: int, _: int) -> None:
        if done > 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        map_quality(VECTORS, MAP, 5, metric="cosine", threads=4, progress=stop)


def test_progress_rises_to_all_rows() -> None:
    seen: list[tuple[int, int]] = []
    map_quality(
        VECTORS,
        MAP,
        5,
        metric="cosine",
        threads=2,
        progress=lambda done, total: seen.append((done, total)),
    )
    # Three passes over two blocks of 200 rows, with 5, 80 and 15 % of the work.
    assert seen == [(each, 400) for each in (10, 20, 180, 340, 370, 400)]


def quality_of(kept: list[float], n: int = 0, k: int = 3) -> MapQuality:
    share = np.array(kept)
    rows = np.arange(len(kept))
    return MapQuality(rows, share, share / 2, 1 - share, k, n or len(kept), 0)


def test_groups_begin_with_the_one_that_keeps_least() -> None:
    quality = quality_of([0.2, 0.4, 0.9, 0.7, 0.8, 0.1])
    found = quality_by_group(quality, np.array([0, 0, 1, 1, 1, 2]), ["a", "b", "c"], fewest=2)
    # c has one row, too few; a keeps (0.2 + 0.4) / 2, b (0.9 + 0.7 + 0.8) / 3.
    assert [(each.name, each.count) for each in found] == [("a", 2), ("b", 3)]
    assert found[0].kept == pytest.approx(0.3)
    assert found[0].trust == pytest.approx(0.15)
    assert found[1].continuity == pytest.approx(0.2)
    assert found[0].half_width == 0
    sampled = quality_by_group(quality_of([0.2, 0.4], n=9), np.zeros(9, np.int64), ["a"], fewest=2)
    assert sampled[0].half_width == pytest.approx(1.959964 * 0.1)  # s = 0.1414, / sqrt(2)


def test_rows_without_a_group_count_in_none() -> None:
    found = quality_by_group(quality_of([0.5] * 4), np.array([-1, -1, 0, -1]), ["a"], fewest=1)
    assert [(each.name, each.count) for each in found] == [("a", 1)]


def test_two_maps_are_compared_row_by_row() -> None:
    left, right = quality_of([0.1, 0.3], n=9), quality_of([0.3, 0.9], n=9)
    kept, trust, continuity = compare_maps(left, right)
    assert (kept.figure, trust.figure, continuity.figure) == ("kept", "trust", "continuity")
    assert (kept.left, kept.right, kept.difference) == pytest.approx((0.2, 0.6, 0.4))
    # Differences 0.2 and 0.6: s = 0.2828, the interval 1.96 x 0.2: 0.39 does not reach 0.4.
    assert kept.half_width == pytest.approx(1.959964 * 0.2)
    assert kept.is_certain
    assert continuity.difference == pytest.approx(-0.4)
    assert compare_maps(quality_of([0.1, 0.3]), quality_of([0.3, 0.9]))[0].half_width == 0
    with pytest.raises(ParameterError, match="on the same rows with the same k; got 2 and 3 rows"):
        compare_maps(left, quality_of([0.3, 0.9, 0.1], n=9))


def test_threads_by_hand() -> None:
    # On the map of the line row 1 has 3 4 2 0; in truth 0 2 3 4. k = 2: 3 and 4 are shown, 0 stands
    # at rank 4 and 2 at rank 3. A tenth of 5 rows is none, so that torn begins beyond k.
    found = threads_of(PLACES, 1, [0, 2], 2)
    assert (found.near.tolist(), found.torn.tolist()) == ([], [0, 2])
    assert found.false.tolist() == [3, 4]
    found = threads_of(PLACES, 1, [0, 2], 2, far=3)
    assert (found.near.tolist(), found.torn.tolist()) == ([2], [0])
    # Whatever a tenth of the rows is, the k nearest on the map are near: 3 has rank 1, 4 rank 2.
    found = threads_of(PLACES, 1, [4, 3], 2)
    assert (found.near.tolist(), found.torn.tolist()) == ([4, 3], [])
    # A longer list says which are far in truth: 3 is the third nearest.
    assert threads_of(PLACES, 1, [0, 2, 3], 2).false.tolist() == [4]


def test_a_thread_is_torn_beyond_ten_k_or_a_tenth_of_the_rows() -> None:
    line = np.column_stack([np.arange(100.0), np.zeros(100)])
    # k = 2: 10 k = 20 and a tenth of 100 = 10: row 10 has rank 10 from row 0, row 11 rank 11.
    found = threads_of(line, 0, [10, 11], 2)
    assert (found.near.tolist(), found.torn.tolist()) == ([10], [11])
    long = np.column_stack([np.arange(500.0), np.zeros(500)])
    found = threads_of(long, 0, [20, 21], 2)
    assert (found.near.tolist(), found.torn.tolist()) == ([20], [21])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ParameterError, match="of the same rows; got 400 and 399"):
        map_quality(VECTORS, MAP[1:], 5, metric="cosine")
    with pytest.raises(ParameterError, match=r"k must be below half of the 10 rows.*; got 5"):
        map_quality(VECTORS[:10], MAP[:10], 5, metric="cosine")
    with pytest.raises(ParameterError, match="metric"):
        map_quality(VECTORS, MAP, 5, metric="other")  # type: ignore[arg-type]
