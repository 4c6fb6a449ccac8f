"""Isotropy by hand, by a naive reference, and what must not change it."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from core.metrics import mean_cosine, partition_score

RANDOM = np.random.default_rng(5)
DATA = RANDOM.normal(size=(300, 6)) + np.array([2, 0, 0, 0, 0, 1])


def test_the_mean_cosine_is_that_of_all_pairs() -> None:
    rows = np.vstack([DATA, np.zeros((2, 6))])  # zero rows have no direction
    units = DATA / np.linalg.norm(DATA, axis=1, keepdims=True)
    pairs = np.triu_indices(300, 1)
    assert mean_cosine(rows) == pytest.approx((units @ units.T)[pairs].mean(), rel=1e-9)


def test_the_mean_cosine_at_its_ends() -> None:
    assert mean_cosine(np.array([[1.0, 1.0], [3.0, 3.0]])) == pytest.approx(1)
    assert mean_cosine(np.array([[1.0, 1.0], [-2.0, -2.0]])) == pytest.approx(-1)
    assert np.isnan(mean_cosine(np.array([[1.0, 1.0], [0.0, 0.0]])))


def test_the_partition_score_by_hand() -> None:
    # (+-1, 0) and (0, +-2): along the first axis Z = e + 1/e + 1 + 1 = 5.086161, along the second
    # e^2 + e^-2 + 2 = 9.524391; opposite signs give the same.
    rows = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    assert partition_score(rows) == pytest.approx(5.0861612696 / 9.5243913822)


def test_the_partition_score_against_a_naive_sum() -> None:
    axes = np.linalg.eigh(DATA.T @ DATA)[1]
    sums = np.exp(np.hstack([DATA @ axes, -DATA @ axes])).sum(axis=0)
    assert partition_score(DATA) == pytest.approx(sums.min() / sums.max(), rel=1e-9)


def test_rotation_changes_neither_and_size_not_the_cosine() -> None:
    turned = DATA @ ortho_group.rvs(6, random_state=2)
    assert partition_score(turned) == pytest.approx(partition_score(DATA), rel=1e-6)
    assert mean_cosine(turned) == pytest.approx(mean_cosine(DATA), rel=1e-9)
    assert mean_cosine(50 * turned) == pytest.approx(mean_cosine(DATA), rel=1e-9)


def test_long_vectors_do_not_overflow() -> None:
    score = partition_score(1e4 * DATA)
    assert 0 <= score < 1e-6
