"""Lists under several distances, against formulas worked by hand."""

import numpy as np
import pytest

from core.studies import DISTANCES, by_metric, snr_distances
from tests.core.index.datasets import clustered

# Angles of 0, 45 and 90 degrees to (1, 0); lengths 3, sqrt 2, 1; and one behind.
FOUR = np.array([[3.0, 0.0], [1.0, 1.0], [0.0, 1.0], [-1.0, 0.0]], np.float32)


def test_each_distance_has_its_own_order() -> None:
    found = by_metric(FOUR, np.array([1.0, 0.0], np.float32), 4)
    assert found.ids["cosine"].tolist() == [0, 1, 2, 3]
    # Lengths of the differences: 2, 1, sqrt 2, 2; rows 0 and 3 are level.
    assert found.ids["euclidean"].tolist() == [1, 2, 0, 3]
    assert found.ids["inner_product"].tolist() == [0, 1, 2, 3]
    # Differences (2, 0), (0, 1), (-1, 1), (-2, 0): variances 1, 1/4, 1, 1 by the signal's 1/4.
    assert found.ids["snr"].tolist() == [1, 0, 2, 3]
    assert found.distances["snr"].tolist() == [1.0, 4.0, 4.0, 4.0]
    assert found.rows.tolist() == [0, 1, 2, 3]
    assert found.ranks["euclidean"].tolist() == [3, 1, 2, 4]


def test_what_is_beyond_k_has_rank_0_and_the_item_is_left_out() -> None:
    found = by_metric(FOUR, FOUR[1], 1, exclude=1)
    # From (1, 1): cosines 0.71, 0.71, -0.71; products 3, 1, -1; lengths sqrt 5, 1, sqrt 5.
    assert {name: found.ids[name].tolist() for name in DISTANCES} == {
        "cosine": [0],
        "euclidean": [2],
        "inner_product": [0],
        "snr": [],  # (1, 1) has no variance
    }
    assert found.rows.tolist() == [0, 2]
    assert found.ranks["euclidean"].tolist() == [0, 1]
    assert found.shared("cosine", "inner_product") == 1
    assert found.shared("cosine", "euclidean") == 0


def test_snr_equals_its_formula_and_forgets_a_shift() -> None:
    vectors = clustered(30, 7).astype(np.float64)
    expected = [np.var(vectors[3] - row) / np.var(vectors[3]) for row in vectors]
    np.testing.assert_allclose(snr_distances(vectors[3], vectors), expected, rtol=1e-12)
    shifted = snr_distances(vectors[3], vectors + 5.0)
    np.testing.assert_allclose(shifted, expected, atol=1e-12)
    assert snr_distances(2 * vectors[3], 2 * vectors)[4] == pytest.approx(expected[4])
