"""The fit of TwoNN by hand, and against scikit-dimension."""

import numpy as np
import pytest
import skdim

from core.index import exact_neighbors
from core.metrics import two_nn_fit

PLANE = np.random.default_rng(0).uniform(size=(2000, 2)) @ np.random.default_rng(1).normal(
    size=(2, 10)
)


def two_nearest(rows: np.ndarray) -> np.ndarray:
    n = len(rows)
    return exact_neighbors(rows, rows, 2, metric="euclidean", exclude=np.arange(n)).distances


def test_three_ratios_by_hand() -> None:
    # Ratios e, e^2, e^3 of 4 items, the last e^4 discarded: F = 1/4, 2/4, 3/4, so the points are
    # (1, 0.287682), (2, 0.693147), (3, 1.386294): slope = (0.287682 + 1.386294 + 4.158883) / 14.
    distances = np.array([[1.0, np.exp(i)] for i in (3, 1, 4, 2)])
    found = two_nn_fit(np.vstack([distances, [[0.0, 1.0]]]))
    np.testing.assert_allclose(found.log_ratios, [1, 2, 3])
    np.testing.assert_allclose(found.log_rest, [0.2876821, 0.6931472, 1.3862944], rtol=1e-6)
    assert found.dimension == pytest.approx(5.8328593 / 14)
    assert (found.n, found.left_out, found.discarded) == (4, 1, 1)
    # The line leaves -0.128951, -0.140118 and 0.136396: squares of 0.054865 of 2.485026 in all.
    assert found.r_squared == pytest.approx(1 - 0.054865 / 2.485026, abs=1e-5)


def test_the_slope_is_that_of_scikit_dimension() -> None:
    theirs = skdim.id.TwoNN(discard_fraction=0.1).fit(PLANE)
    found = two_nn_fit(two_nearest(PLANE))
    assert found.dimension == pytest.approx(theirs.dimension_, rel=2e-3)
    assert found.dimension == pytest.approx(2, abs=0.15)
    assert found.r_squared > 0.99


def test_scale_does_not_count() -> None:
    near = two_nearest(PLANE)
    assert two_nn_fit(1000 * near).dimension == pytest.approx(two_nn_fit(near).dimension)


def test_where_there_is_no_line() -> None:
    assert np.isnan(two_nn_fit(np.array([[1.0, 2.0], [1.0, 3.0]])).dimension)
    assert np.isnan(two_nn_fit(np.zeros((5, 2))).dimension)
    assert two_nn_fit(np.ones((5, 2))).dimension == np.inf
