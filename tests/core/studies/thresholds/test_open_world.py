"""Searching a gallery that lacks classes: who is asked, who answers, and what comes of it."""

import numpy as np
import pytest

from core.distances import Metric, distance_matrix
from core.errors import ParameterError
from core.studies.thresholds.open_world import bars, open_world

RANDOM = np.random.default_rng(4)
LABELS = np.repeat(np.arange(6), [10, 8, 6, 5, 2, 1])
VECTORS = (RANDOM.normal(size=(6, 5))[LABELS] + 0.6 * RANDOM.normal(size=(32, 5))).astype(
    np.float32
)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_the_answer_is_the_nearest_of_the_gallery(metric: Metric) -> None:
    found = open_world(VECTORS, LABELS, metric=metric, seed=3)
    known = np.isin(LABELS, found.known_classes)
    gallery = np.setdiff1d(np.flatnonzero(known), found.queries)
    assert len(gallery) == found.gallery
    distance = distance_matrix(VECTORS[found.queries], VECTORS[gallery], metric)
    assert found.matches.tolist() == gallery[distance.argmin(axis=1)].tolist()
    least = distance.min(axis=1)
    score = -(least**2) / 2 if metric == "euclidean" else 1 - least
    np.testing.assert_allclose(found.answers.scores, score, atol=1e-6)
    assert found.answers.known.tolist() == known[found.queries].tolist()
    same = LABELS[found.matches] == LABELS[found.queries]
    assert found.answers.correct.tolist() == same.tolist()


def test_classes_held_out_are_asked_for_and_not_stored() -> None:
    found = open_world(VECTORS, LABELS, unknown=0.4, seed=1)
    # Two of the five classes of two members, and the row alone in its class.
    assert len(found.unknown_classes) == 3
    assert 5 in found.unknown_classes
    assert sorted([*found.known_classes, *found.unknown_classes]) == list(range(6))
    assert not set(LABELS[found.matches]) & set(found.unknown_classes)
    unknown = np.isin(LABELS, found.unknown_classes)
    assert found.answers.n_unknown == np.count_nonzero(unknown)
    for code in found.known_classes:  # a fifth of the members, and at least one
        asked = np.count_nonzero(LABELS[found.queries] == code)
        assert asked == max(1, int(0.2 * np.count_nonzero(code == LABELS)))


def test_far_apart_classes_are_all_named() -> None:
    vectors = 100 * np.eye(6)[LABELS] + VECTORS @ np.ones((5, 6)) * 0.01
    found = open_world(vectors, LABELS, metric="euclidean")
    assert found.figures.rank_one == (1.0, 1.0, 1.0)
    assert found.figures.gap == (1.0, 1.0, 1.0)
    assert found.figures.auc == (1.0, 1.0, 1.0)
    (bar,) = bars(found, [0.5])
    assert np.count_nonzero(found.answers.scores[~found.answers.known] >= bar) <= (
        found.answers.n_unknown // 2
    )


def test_a_sample_says_so_and_missing_labels_are_left_out() -> None:
    labels = np.where(np.arange(32) % 7 == 0, -1, LABELS)
    found = open_world(VECTORS, labels, rows=20)
    assert found.is_sample
    assert found.n == np.count_nonzero(labels >= 0)
    assert (labels[found.queries] >= 0).all()
    assert not open_world(VECTORS, LABELS).is_sample


def test_turned_rows_give_the_same_figures() -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))
    here, there = open_world(VECTORS, LABELS), open_world(VECTORS.astype(float) @ turn, LABELS)
    assert here.queries.tolist() == there.queries.tolist()
    assert here.figures.gap == pytest.approx(there.figures.gap)


@pytest.mark.parametrize("unknown", [0.0, 1.0, -0.5, float("nan")])
def test_a_share_that_leaves_nothing_is_refused(unknown: float) -> None:
    with pytest.raises(ParameterError, match="unknown must be above 0 and below 1"):
        open_world(VECTORS, LABELS, unknown=unknown)


def test_classes_without_a_second_are_refused() -> None:
    with pytest.raises(ParameterError, match="got 0 of two members and 32 of one"):
        open_world(VECTORS, np.arange(32))
    with pytest.raises(ParameterError, match="got 1 of two members and 0 of one"):
        open_world(VECTORS, np.zeros(32, dtype=int))
