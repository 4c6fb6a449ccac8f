"""A threshold of one half of the classes on the other: every count by a naive pair loop."""

from itertools import combinations

import numpy as np
import pytest

from core.distances import Metric
from core.errors import ParameterError
from core.metrics.pair_scores import score_pairs
from core.studies.thresholds.transfer import _bundles, transfer

RANDOM = np.random.default_rng(9)
SIZES = [9, 7, 6, 5, 4, 3]
LABELS = np.repeat(np.arange(6), SIZES)
SPREAD = np.linspace(0.3, 1.5, 6)
VECTORS = (
    RANDOM.normal(size=(6, 5))[LABELS] + RANDOM.normal(size=(34, 5)) * SPREAD[LABELS, None]
).astype(np.float32)


def naive_rates(
    half: tuple[int, ...], thresholds: np.ndarray, metric: Metric
) -> tuple[list[float], list[float], int]:
    """FAR and TAR within a half of the classes at each threshold, and its impostor pairs."""
    rows = np.flatnonzero(np.isin(LABELS, half))
    left, right = (rows[each] for each in np.triu_indices(len(rows), 1))
    scores = score_pairs(VECTORS[left], VECTORS[right], metric)
    same = LABELS[left] == LABELS[right]
    far = [float(np.mean(scores[~same] >= at)) for at in thresholds]
    tar = [float(np.mean(scores[same] >= at)) for at in thresholds]
    return far, tar, int(np.count_nonzero(~same))


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_every_split_has_the_rates_of_a_half_and_of_the_other(metric: Metric) -> None:
    study = transfer(VECTORS, LABELS, metric=metric, splits=8, seed=2)
    assert (study.splits, study.classes, study.rows, study.n) == (8, 6, 34, 34)
    seen = set()
    for split in range(study.splits):
        matching = [
            half
            for half in combinations(range(6), 3)
            if np.allclose(naive_rates(half, study.thresholds, metric)[0], study.far_set[split])
        ]
        assert len(matching) == 1
        half = matching[0]
        seen.add(half)
        other = tuple(set(range(6)) - set(half))
        _, tar, impostors = naive_rates(half, study.thresholds, metric)
        far_met, tar_met, _ = naive_rates(other, study.thresholds, metric)
        np.testing.assert_allclose(study.tar_set[split], tar)
        np.testing.assert_allclose(study.far_met[split], far_met)
        np.testing.assert_allclose(study.tar_met[split], tar_met)
        assert study.impostors[split] == impostors
    assert len(seen) == 8


def test_the_strictest_rule_takes_the_lowest_threshold_within_the_asked_far() -> None:
    study = transfer(VECTORS, LABELS, splits=5)
    at = study.at(0.1)
    for split in range(5):
        place = study.thresholds.tolist().index(at.thresholds[split])
        assert study.far_set[split, place] <= 0.1 < study.far_set[split, place - 1]
        assert at.far_met[split] == study.far_met[split, place]
        assert at.tar_set[split] == study.tar_set[split, place]
    assert at.resolved.all()


def test_a_far_below_one_pair_is_not_told() -> None:
    study = transfer(VECTORS, LABELS, splits=5)
    assert study.finest_far == 1 / study.impostors.min()
    below = study.at(1e-6)
    assert not below.resolved.any()
    assert np.isnan(below.tar_met).all()


def test_few_classes_give_few_splits() -> None:
    four = LABELS < 4
    study = transfer(VECTORS[four], LABELS[four], splits=20)
    assert study.splits == 6  # 4 over 2


def test_classes_are_bundled_whole_and_rows_alone_join_them() -> None:
    labels = np.repeat(np.arange(150), 2)
    labels = np.concatenate([labels, 1000 + np.arange(30)])
    bundles, classes = _bundles(labels, np.random.default_rng(0))
    assert (classes, bundles.max() + 1) == (150, 64)
    for code in range(150):
        assert len(set(bundles[labels == code])) == 1
    assert np.bincount(bundles[:300]).min() >= 4  # 150 classes in 64 bundles: two or three each


def test_turned_rows_give_the_same_rates() -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))
    here = transfer(VECTORS, LABELS, splits=4).at(0.05)
    there = transfer(VECTORS.astype(float) @ turn, LABELS, splits=4).at(0.05)
    np.testing.assert_allclose(here.far_met, there.far_met)
    np.testing.assert_allclose(here.tar_met, there.tar_met)


def test_three_classes_are_too_few() -> None:
    with pytest.raises(ParameterError, match=r"at least 4 classes .* got 3"):
        transfer(VECTORS[LABELS < 3], LABELS[LABELS < 3])


@pytest.mark.parametrize("far", [0.0, 1.5, float("nan")])
def test_a_far_out_of_range_is_refused(far: float) -> None:
    with pytest.raises(ParameterError, match="far must be above 0"):
        transfer(VECTORS, LABELS, splits=2).at(far)
