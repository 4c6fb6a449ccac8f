"""Recall by hand, by sets, and where ties and empty places lie in wait."""

from typing import Any

import numpy as np
import pytest

from core.distances import METRICS, Metric, paired_distances
from core.errors import ParameterError
from core.metrics import (
    recall_at_k,
    relative_distance_error,
    score_weighted_recall,
    similarity_scores,
    tie_aware_recall,
    tied_at_k,
)


def test_worked_by_hand() -> None:
    found = np.array([[1, 2, 3], [7, 8, 9], [3, 2, 1], [1, -1, -1], [5, 5, 5]])
    true = np.array([[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, -1, 2], [5, 6, 7]])
    # all; none; all in another order; one, and -1 is no item; one, although named three times
    assert recall_at_k(found, true).tolist() == [1, 0, 1, 1 / 3, 1 / 3]


def test_equals_sets() -> None:
    random = np.random.default_rng(0)
    found = np.array([random.permutation(30)[:8] for _ in range(200)])
    true = np.array([random.permutation(30)[:8] for _ in range(200)])
    expected = [
        len(set(a) & set(b)) / 8 for a, b in zip(found.tolist(), true.tolist(), strict=True)
    ]
    assert recall_at_k(found, true).tolist() == expected


def test_wrong_shapes() -> None:
    with pytest.raises(ParameterError, match=r"got \(1, 2\) and \(1, 3\). Cut both"):
        recall_at_k(np.zeros((1, 2), int), np.zeros((1, 3), int))
    real: Any = np.zeros((1, 2))
    with pytest.raises(ParameterError, match="integers; got float64"):
        recall_at_k(real, np.zeros((1, 2), int))


def test_a_tie_with_the_last_true_neighbor_counts() -> None:
    vectors = np.array([[1.0, 0], [0, 1], [-1, 0], [2, 0]])
    query, true = np.zeros((1, 2)), np.array([[0, 1]])
    # row 2 is as far as rows 0 and 1; row 3 is not
    assert recall_at_k(np.array([[0, 2]]), true).tolist() == [0.5]
    for found, expected in (([0, 2], 1.0), ([0, 3], 0.5), ([2, 2], 0.5), ([2, -1], 0.5)):
        recall = tie_aware_recall(vectors, query, np.array([found]), true, metric="euclidean")
        assert recall.tolist() == [expected]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e5])
def test_tie_aware_recall_equals_a_comparison_of_distances(metric: Metric, scale: float) -> None:
    random = np.random.default_rng(1)
    vectors = random.integers(-2, 3, size=(40, 3)) * scale
    queries = random.integers(-2, 3, size=(25, 3)) * scale
    all_distances = np.stack(
        [paired_distances(np.repeat(q[None], 40, axis=0), vectors, metric) for q in queries]
    )
    true = np.argsort(all_distances, axis=1, kind="stable")[:, :5]
    found = np.array([random.permutation(40)[:5] for _ in queries])
    recall = tie_aware_recall(vectors, queries, found, true, metric=metric)
    for i in range(25):
        limit = all_distances[i, true[i, -1]]
        near = all_distances[i, found[i]] <= limit + 1e-6 * abs(limit) + 1e-12
        assert recall[i] == near.mean()


def test_tied_at_k() -> None:
    distances = np.array([[1.0, 2, 2, 3], [1, 2, 2 * (1 + 1e-9), 3], [1, 2, 2.01, 3]])
    assert tied_at_k(distances, 2).tolist() == [True, True, False]
    assert tied_at_k(distances, 3).tolist() == [False, False, False]
    with pytest.raises(ParameterError, match="Ask for k \\+ 1"):
        tied_at_k(distances, 4)


def test_scores_are_those_that_search_engines_show() -> None:
    # cos 1, 0.5, -1; distances 0, 1, 3; dot 3, 0, -4
    assert similarity_scores([0.0, 0.5, 2.0], "cosine").tolist() == [1, 0.75, 0]
    assert similarity_scores([0.0, 1.0, 3.0], "euclidean").tolist() == [1, 0.5, 0.1]
    assert similarity_scores([-2.0, 1.0, 5.0], "inner_product").tolist() == [4, 1, 0.2]
    assert np.isnan(similarity_scores([np.nan], "cosine")).all()


def test_score_weighted_recall_by_hand() -> None:
    # Scores 1, 0.5 and 0.1 of 1.6: without the last, without the first, none, all but a double.
    true, near = np.array([[1, 2, 3]] * 4), np.array([[0.0, 1.0, 3.0]] * 4)
    found = np.array([[2, 1, 9], [3, 2, 9], [7, 8, -1], [1, 1, 3]])
    weighted = score_weighted_recall(found, true, near, metric="euclidean")
    np.testing.assert_allclose(weighted, [1.5 / 1.6, 0.6 / 1.6, 0, 1.1 / 1.6])
    # A true list with an empty place; one without any.
    some = score_weighted_recall(
        np.array([[1, 5, 6], [1, 2, 3]]),
        np.array([[1, 2, -1], [-1, -1, -1]]),
        np.array([[0.0, 1.0, np.nan], [np.nan] * 3]),
        metric="euclidean",
    )
    np.testing.assert_allclose(some, [1 / 1.5, np.nan])


def test_equal_scores_weigh_as_strict_recall_does() -> None:
    random = np.random.default_rng(5)
    found = np.array([random.permutation(20)[:6] for _ in range(50)])
    true = np.array([random.permutation(20)[:6] for _ in range(50)])
    weighted = score_weighted_recall(found, true, np.full((50, 6), 0.3), metric="cosine")
    np.testing.assert_allclose(weighted, recall_at_k(found, true))


def test_relative_distance_error_by_hand() -> None:
    true = np.array([[1.0, 2.0, 4.0]] * 4 + [[0.0, 2.0, 4.0], [1e-9, 2.0, 4.0]])
    found = np.array(
        [
            [4.0, 1.0, 2.0],  # all of them, in another order
            [1.0, 4.0, 5.0],  # 1 + 2 + 1.25 over 3, less 1: 1.25 / 3
            [2.0, 4.0, 8.0],
            [1.0, 2.0, np.nan],  # a place was left empty
            [3.0, 3.0, 4.0],  # the copy, of distance 0, is left out: (0.5 + 0) / 2
            [3.0, 3.0, 4.0],  # so is one of a distance that is 0 but for rounding
        ]
    )
    error = relative_distance_error(found, true, metric="euclidean")
    np.testing.assert_allclose(error, [0, 1.25 / 3, 1, np.nan, 0.25, 0.25])
    assert np.isnan(relative_distance_error(true[:1] * 0, true[:1] * 0, metric="euclidean")).all()


def test_under_cosine_the_lengths_are_chords() -> None:
    # 1 - cos of 0.08 and 0.18 are chords of 0.4 and 0.6.
    error = relative_distance_error(np.array([[0.18]]), np.array([[0.08]]), metric="cosine")
    assert error[0] == pytest.approx(0.5)
    products = relative_distance_error(
        np.array([[-3.0]]), np.array([[-4.0]]), metric="inner_product"
    )
    assert np.isnan(products).all()


def test_distances_of_another_shape_are_refused() -> None:
    ids = np.array([[1, 2]])
    with pytest.raises(ParameterError, match=r"true_distances must be \(q, k\)"):
        score_weighted_recall(ids, ids, np.array([[0.1]]), metric="cosine")
    with pytest.raises(ParameterError, match="found_distances"):
        relative_distance_error(np.array([0.1, 0.2]), np.array([[0.1, 0.2]]), metric="cosine")
