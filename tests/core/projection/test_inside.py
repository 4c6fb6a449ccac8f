"""Points inside polygons: by hand, and against a ray cast point by point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ParameterError
from core.projection.inside import points_inside

SQUARE = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])


def naive(point: np.ndarray, corners: np.ndarray) -> bool:
    """Crossings of the ray to the right, one edge after the other."""
    x, y = point
    crossings = 0
    for at in range(len(corners)):
        (ax, ay), (bx, by) = corners[at - 1], corners[at]
        if (ay <= y < by or by <= y < ay) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            crossings += 1
    return crossings % 2 == 1


def test_of_edges_the_left_and_the_lower_are_inside() -> None:
    points = np.array([[0, 1], [1, 0], [2, 1], [1, 2], [0, 0], [2, 2]], dtype=np.float32)
    assert points_inside(points, SQUARE).tolist() == [True, True, False, False, True, False]


def test_two_polygons_with_a_common_edge_share_no_point() -> None:
    steps = np.linspace(0, 4, 41)
    points = np.array([(x, y) for x in steps for y in steps])
    left, right = (
        points_inside(points, SQUARE),
        points_inside(points, SQUARE + np.array([2.0, 0.0])),
    )
    assert not (left & right).any()
    assert (left | right).sum() == 40 * 20  # 0 <= x < 4 and 0 <= y < 2


def test_what_a_polygon_goes_around_twice_is_outside() -> None:
    twice = np.array(
        [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0], [1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]
    )
    found = points_inside(np.array([[0.5, 0.5], [2.0, 2.0], [5.0, 5.0]]), twice.astype(float))
    assert found.tolist() == [True, False, False]


@given(st.integers(0, 10_000), st.integers(3, 30))
def test_it_agrees_with_a_ray_cast_point_by_point(seed: int, corners: int) -> None:
    random = np.random.default_rng(seed)
    polygon = random.integers(0, 6, size=(corners, 2)).astype(float)  # edges meet points
    points = random.integers(-1, 7, size=(60, 2)) + random.choice([0.0, 0.3], size=(60, 2))
    expected = [naive(point, polygon) for point in points]
    assert points_inside(points, polygon).tolist() == expected


def test_the_direction_and_the_first_corner_do_not_matter() -> None:
    random = np.random.default_rng(3)
    polygon, points = random.normal(size=(12, 2)), random.normal(size=(400, 2))
    found = points_inside(points, polygon)
    assert 0 < found.sum() < 400
    np.testing.assert_array_equal(found, points_inside(points, polygon[::-1]))
    np.testing.assert_array_equal(found, points_inside(points, np.roll(polygon, 5, axis=0)))


def test_float32_points_are_compared_as_they_are() -> None:
    third = np.float32(1 / 3)
    polygon = np.array([[1 / 3, 0.0], [1.0, 0.0], [1.0, 1.0], [1 / 3, 1.0]])
    assert float(third) > 1 / 3
    assert points_inside(np.array([[third, 0.5]], dtype=np.float32), polygon).tolist() == [True]


@pytest.mark.parametrize(
    ("polygon", "said"),
    [
        (SQUARE[:2], r"polygon must be \(m, 2\) with m >= 3; got shape \(2, 2\)"),
        (np.array([[0, 0], [1, np.nan], [1, 1]]), "polygon must be finite"),
    ],
)
def test_what_is_no_polygon_is_refused(polygon: np.ndarray, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        points_inside(np.zeros((1, 2)), polygon)
