"""Alignment and uniformity by hand, against every pair, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from core.metrics import alignment, uniformity
from core.metrics.pair_sums import pair_resamples


def units(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_alignment_by_hand() -> None:
    # Directions: class 0: x, y, x: squared distances 2, 0, 2. Class 1: x, -x: 4. Class 2 is alone.
    vectors = np.array([[1.0, 0], [0, 2], [3, 0], [5, 0], [-1, 0], [0, 1]])
    found = alignment(vectors, np.array([0, 0, 0, 1, 1, 2]))
    assert found.classes.tolist() == [0, 1]
    assert found.by_class.tolist() == pytest.approx([4 / 3, 4])
    assert found.value == pytest.approx((2 + 0 + 2 + 4) / 4)
    assert found.pairs == 4


@given(st.integers(0, 1000))
def test_alignment_is_the_mean_over_every_pair(seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors, labels = random.normal(size=(30, 3)) + 5, random.integers(-1, 5, 30)
    vectors[4] = 0  # no direction
    found = alignment(vectors, labels)
    kept = (labels >= 0) & (np.arange(30) != 4)
    pairs = [
        np.sum((units(vectors[[i]]) - units(vectors[[j]])) ** 2)
        for i in range(30)
        for j in range(i + 1, 30)
        if kept[i] and kept[j] and labels[i] == labels[j]
    ]
    assert found.pairs == len(pairs)
    assert found.value == pytest.approx(np.mean(pairs) if pairs else np.nan, nan_ok=True)


def test_alignment_of_no_pair_is_not_defined() -> None:
    for labels in (np.array([0, 1, 2]), np.full(3, -1)):
        found = alignment(np.eye(3), labels)
        assert np.isnan(found.value)
        assert (found.pairs, len(found.by_class)) == (0, 0)


def test_uniformity_by_hand() -> None:
    # x, y, -x: squared distances 2, 4, 2.
    found = uniformity(np.array([[2.0, 0], [0, 1], [-1, 0], [0, 0]]))
    assert found.value == pytest.approx(np.log((2 * np.exp(-4) + np.exp(-8)) / 3))
    assert found.rows == 3


@pytest.mark.parametrize("shift", [0.0, 100.0])
def test_uniformity_is_of_every_pair_of_rows(shift: float) -> None:
    vectors = np.random.default_rng(1).normal(size=(700, 4)) + shift  # more than one block
    expected = np.log(np.mean(np.exp(-2 * pdist(units(vectors), "sqeuclidean"))))
    assert uniformity(vectors).value == pytest.approx(expected, abs=1e-9)


def test_uniformity_of_equal_directions_is_zero_and_of_one_row_undefined() -> None:
    assert uniformity(np.array([[1.0, 1], [2, 2], [3, 3]])).value == pytest.approx(0, abs=1e-12)
    assert np.isnan(uniformity(np.ones((1, 2))).value)


def test_rotation_and_scale_change_neither() -> None:
    random = np.random.default_rng(2)
    vectors, labels = random.normal(size=(60, 5)), random.integers(0, 4, 60)
    rotation, _ = np.linalg.qr(random.normal(size=(5, 5)))
    turned = 9 * vectors @ rotation
    assert alignment(turned, labels).value == pytest.approx(alignment(vectors, labels).value)
    assert uniformity(turned).value == pytest.approx(uniformity(vectors).value)


def test_the_interval_of_uniformity_is_that_of_drawn_rows() -> None:
    """Its width against the spread of the figure over fresh samples of the same distribution."""
    random = np.random.default_rng(3)
    center = np.array([1.5, 0, 0])
    draws = [uniformity(center + random.normal(size=(150, 3))).value for _ in range(150)]
    low, high = uniformity(center + random.normal(size=(150, 3))).interval
    assert high - low == pytest.approx(2 * 1.96 * np.std(draws), rel=0.35)


def test_resamples_of_pairs_have_the_mean_and_spread_of_true_ones() -> None:
    random = np.random.default_rng(4)
    x = random.random(80)
    table = np.add.outer(x, x)
    np.fill_diagonal(table, 0)
    draws = pair_resamples(table.sum(axis=1)[:, None], resamples=4_000)[:, 0]
    weights = random.multinomial(80, np.full(80, 1 / 80), size=4_000)
    true = np.einsum("ri,ij,rj->r", weights, table, weights) / 2
    assert draws.mean() == pytest.approx(table.sum() / 2, rel=0.01)
    assert draws.std() == pytest.approx(true.std(), rel=0.1)
