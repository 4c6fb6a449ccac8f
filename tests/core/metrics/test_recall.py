"""Recall by hand, by sets, and where ties and empty places lie in wait."""

from typing import Any

import numpy as np
import pytest

from core.distances import METRICS, Metric, paired_distances
from core.errors import ParameterError
from core.metrics import recall_at_k, tie_aware_recall, tied_at_k


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
