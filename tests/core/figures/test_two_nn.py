"""The line of TwoNN: its points, its slope, and no line where there is none."""

import numpy as np
import pytest

from core.figures import two_nn_line
from core.figures.two_nn import DRAWN_AT_MOST
from core.metrics import two_nn_fit


def lengths(n: int) -> np.ndarray:
    return np.stack([np.ones(n), np.exp(np.linspace(0.01, 1, n))], axis=1)


def test_points_and_line_are_those_of_the_fit() -> None:
    fit = two_nn_fit(lengths(50))
    points, line = two_nn_line(fit).data
    np.testing.assert_allclose(points.x, fit.log_ratios, rtol=1e-6)
    np.testing.assert_allclose(points.y, fit.log_rest, rtol=1e-6)
    assert list(line.x) == [0, fit.log_ratios[-1]]
    assert line.y[1] / line.x[1] == pytest.approx(fit.dimension)
    assert line.name == f"slope {fit.dimension:.3g}"


def test_of_very_many_points_some_are_drawn() -> None:
    (points, _) = two_nn_line(two_nn_fit(lengths(10 * DRAWN_AT_MOST))).data
    assert len(points.x) == DRAWN_AT_MOST  # a tenth is discarded, and every 9th of the rest drawn


def test_equal_distances_have_no_line() -> None:
    assert len(two_nn_line(two_nn_fit(np.ones((9, 2)))).data) == 1
