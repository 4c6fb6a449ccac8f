"""Points along a way, and who is nearest to them."""

import numpy as np
import pytest

from core.errors import ParameterError
from core.studies import nearest_along, points_between
from tests.core.index.datasets import clustered

HALF = np.array([0.0, 0.5, 1.0])


def test_straight_and_spherical_halves() -> None:
    a, b = np.array([2.0, 0.0]), np.array([0.0, 4.0])
    np.testing.assert_allclose(points_between(a, b, HALF, "straight"), np.array([a, [1, 2], b]))
    # Half of a right angle at the mean of the lengths, 3.
    round_ = points_between(a, b, HALF, "spherical")
    np.testing.assert_allclose(round_, np.array([a, [3 / np.sqrt(2)] * 2, b]), atol=1e-12)


def test_a_spherical_way_without_an_angle_is_straight() -> None:
    for b in ([-2.0, 0.0], [6.0, 0.0], [0.0, 0.0]):
        way = points_between(np.array([2.0, 0.0]), np.array(b), HALF, "spherical")
        np.testing.assert_allclose(way[1], (np.array([2.0, 0.0]) + b) / 2, atol=1e-12)
    with pytest.raises(ParameterError, match="way must be one of straight, spherical"):
        points_between(np.eye(2)[0], np.eye(2)[1], HALF, "curved")  # type: ignore[arg-type]


def test_who_is_nearest_along_a_line() -> None:
    line = np.array([[0.0], [4.0], [1.1], [2.9], [9.0]], np.float32)
    found = nearest_along(line, 0, 1, steps=5, k=1, metric="euclidean")
    assert found.shares.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.ids.ravel().tolist() == [2, 2, 2, 3, 3]  # at 2: 0.9 to both, the lower row
    with_ends = nearest_along(line, 0, 1, steps=5, k=2, metric="euclidean", ends=True)
    assert with_ends.ids.tolist() == [[0, 2], [2, 0], [2, 3], [3, 1], [1, 3]]


def test_equals_separate_searches_of_many_steps() -> None:
    vectors = clustered(200, 6)
    found = nearest_along(vectors, 3, 9, steps=11, k=4, metric="euclidean", way="spherical")
    points = points_between(vectors[3], vectors[9], found.shares, "spherical")
    for point, ids in zip(points, found.ids, strict=True):
        far = np.linalg.norm(vectors - point, axis=1)
        far[[3, 9]] = np.inf
        assert ids.tolist() == np.argsort(far)[:4].tolist()


def test_an_item_with_itself_is_left_out_once() -> None:
    line = np.arange(6, dtype=np.float32)[:, None]
    assert nearest_along(line, 2, 2, steps=2, k=1, metric="euclidean").ids.tolist() == [[1], [1]]
