"""Floors by hand and against plain counting; what they cost; what is left out."""

import numpy as np
import pytest

from core.distances import METRICS, Metric, paired_distances
from core.errors import ParameterError
from core.metrics import similarity_floor
from core.studies.parts.sampling import sample_rows
from core.studies.thresholds.floor import SHARES, floor_study

RANDOM = np.random.default_rng(3)
ROWS = RANDOM.normal(size=(160, 5))
LEFT, RIGHT = np.triu_indices(160, 1)


def scores_of(left: np.ndarray, right: np.ndarray, metric: Metric) -> np.ndarray:
    away = paired_distances(left, right, metric)
    return np.asarray(-(away**2) / 2 if metric == "euclidean" else 1 - away)


@pytest.mark.parametrize("metric", METRICS)
def test_the_study_equals_plain_counting(metric: Metric) -> None:
    study = floor_study(ROWS, metric=metric, k=3)
    pairs = np.sort(scores_of(ROWS[LEFT], ROWS[RIGHT], metric))[::-1]
    np.testing.assert_allclose(study.unrelated, pairs, atol=1e-4)
    assert (study.n, study.paired_rows, study.near_copies, study.own) == (160, 160, 0, True)
    matrix = np.empty((160, 160))
    for row in range(160):
        matrix[row] = scores_of(np.tile(ROWS[row], (160, 1)), ROWS, metric)
    np.fill_diagonal(matrix, -np.inf)
    nearest = -np.sort(-matrix, axis=1)[:, :3]
    np.testing.assert_allclose(study.nearest, nearest, atol=1e-9)
    for floor, share in zip(study.by_pairs, SHARES, strict=True):
        assert floor.share == share
        if share < 1 / len(pairs):
            assert np.isnan(floor.score.value)
            continue
        at = floor.score.value
        assert at == similarity_floor(study.unrelated, share)
        assert floor.passed == np.mean(study.unrelated >= at) <= share
        assert floor.kept_best.value == np.mean(study.best >= at)
        assert floor.kept_nearest.value == np.mean(study.nearest >= at)
        assert floor.answered is None
        assert floor.score.low <= at <= floor.score.high
        assert floor.kept_best.low <= floor.kept_best.value <= floor.kept_best.high


def test_resampled_floors_are_those_of_repeated_rows() -> None:
    """A resample of rows is a set in which rows stand several times, pairs with themselves left."""
    study = floor_study(ROWS, metric="cosine", k=3, seed=4)
    random = np.random.default_rng(4)
    weights = random.multinomial(160, np.full(160, 1 / 160), size=200)
    pairs = scores_of(ROWS[LEFT], ROWS[RIGHT], "cosine")
    floors = []
    for weight in weights:
        repeated = np.repeat(pairs, weight[LEFT] * weight[RIGHT])
        floors.append(similarity_floor(repeated, 0.01))
    low, high = np.percentile(floors, [2.5, 97.5])
    assert study.by_pairs[1].score.low == pytest.approx(low, abs=1e-5)
    assert study.by_pairs[1].score.high == pytest.approx(high, abs=1e-5)


def test_the_interval_of_the_floor_is_wider_than_if_pairs_were_independent() -> None:
    """12,720 pairs of 160 rows tell less than as many independent ones."""
    study = floor_study(ROWS, metric="cosine", k=3)
    random = np.random.default_rng(0)
    draws = [
        similarity_floor(random.choice(study.unrelated, len(study.unrelated)), 0.01)
        for _ in range(50)
    ]
    found = study.by_pairs[1].score
    assert found.high - found.low > 1.5 * (np.max(draws) - np.min(draws))


@pytest.mark.parametrize("metric", METRICS)
def test_near_copies_are_no_unrelated_pairs(metric: Metric) -> None:
    copies = ROWS[:7] * (1 + 1e-7)
    study = floor_study(np.concatenate([ROWS, copies]), metric=metric)
    assert study.near_copies == 7
    assert len(study.unrelated) == 167 * 166 // 2 - 7
    alone = floor_study(ROWS, metric=metric)
    if metric != "inner_product":  # whose largest products are no near copies
        assert study.unrelated[0] == pytest.approx(alone.unrelated[0], abs=1e-4)
        assert study.best_copies == 14


def test_queries_that_are_handed_in_exclude_nothing() -> None:
    queries = ROWS[:5]
    study = floor_study(ROWS, metric="euclidean", queries=queries, k=4)
    assert not study.own
    assert study.nearest.shape == (5, 4)
    assert study.best.tolist() == [0] * 5
    assert study.best_copies == 5


def test_off_topic_queries_against_their_nearest_row() -> None:
    far = ROWS[:40] + 30.0
    study = floor_study(ROWS, metric="euclidean", off_topic=np.concatenate([far, ROWS[:2]]))
    assert study.off_topic is not None
    assert (len(study.off_topic), study.off_topic_copies) == (40, 2)
    nearest = [scores_of(np.tile(row, (160, 1)), ROWS, "euclidean").max() for row in far]
    np.testing.assert_allclose(study.off_topic, np.sort(nearest)[::-1], rtol=1e-9)
    floor = study.floors("off_topic")[0]  # 1 in 10: 4 of 40 pass
    assert floor.score.value == np.sort(nearest)[::-1][3]
    assert floor.answered is not None
    assert floor.answered.value == floor.passed == 0.1
    assert floor.kept_best.value == 1
    assert np.isnan(study.floors("off_topic")[2].score.value)  # 1 in 1,000 of 40
    assert study.least_error("off_topic").total == 0
    by_pairs = study.floors("pairs")[0]
    assert by_pairs.answered is not None
    assert by_pairs.answered.value == np.mean(study.off_topic >= by_pairs.score.value) == 0


def test_only_copies_are_no_off_topic_queries() -> None:
    study = floor_study(ROWS, metric="cosine", off_topic=ROWS[:9])
    assert (study.off_topic, study.by_off_topic, study.off_topic_copies) == (None, None, 9)
    with pytest.raises(ParameterError, match="needs off-topic queries"):
        study.floors("off_topic")


def test_a_sample_of_many_rows_is_drawn_with_its_seed() -> None:
    rows = np.random.default_rng(1).normal(size=(2_300, 4)).astype(np.float32)
    one = floor_study(rows, k=2)
    assert (one.paired_rows, len(one.unrelated), one.seed) == (2_000, 1_999_000, 0)
    assert one.nearest.shape == (1_000, 2)
    drawn = sample_rows(2_300, 2_000, seed=0)
    left, right = np.triu_indices(2_000, 1)
    pairs = scores_of(rows[drawn[left]], rows[drawn[right]], "cosine")
    np.testing.assert_allclose(one.unrelated, np.sort(pairs)[::-1], atol=1e-5)


def test_another_seed_is_another_sample() -> None:
    one, other, again = (floor_study(ROWS, seed=seed, k=2) for seed in (1, 2, 1))
    assert one.by_pairs[1].score != other.by_pairs[1].score
    assert one.by_pairs[:4] == again.by_pairs[:4]


def test_what_cannot_be_studied_is_refused() -> None:
    with pytest.raises(ParameterError, match="at least three rows; got 2"):
        floor_study(ROWS[:2])
    with pytest.raises(ParameterError, match="all pairs are near copies"):
        floor_study(np.ones((5, 4)))
    with pytest.raises(ParameterError, match="queries must have 5 dimensions"):
        floor_study(ROWS, queries=np.ones((2, 3)))
    with pytest.raises(ParameterError, match="off_topic must have 5 dimensions"):
        floor_study(ROWS, off_topic=np.ones((2, 3)))
    with pytest.raises(ParameterError, match="unrelated must be a non-empty list"):
        similarity_floor([], 0.5)


def test_three_rows_are_enough() -> None:
    study = floor_study(np.eye(3), k=10)
    assert study.nearest.shape == (3, 2)
    assert len(study.unrelated) == 3
