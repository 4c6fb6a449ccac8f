"""Places on the grid of 16 bits, by hand."""

import numpy as np

from core.figures.webgl.grid import STEPS, on_grid


def test_the_longer_side_fills_the_grid_and_the_shorter_is_about_the_middle() -> None:
    # 8 wide, 2 high: the square reaches 3 below and above the points, from (1, -2) on.
    grid = on_grid(np.array([[1.0, 1.0], [9.0, 3.0], [5.0, 2.0]], dtype=np.float32))
    assert (grid.corner, grid.side) == ((1.0, -2.0), 8.0)
    expected = np.rint(np.array([[0, 3 / 8], [1, 5 / 8], [0.5, 0.5]]) * STEPS)
    np.testing.assert_array_equal(grid.places, expected)


def test_equal_points_lie_in_the_middle() -> None:
    grid = on_grid(np.full((3, 2), 7.0))
    assert grid.side == 1.0
    np.testing.assert_array_equal(grid.places, np.full((3, 2), round(STEPS / 2)))


def test_a_place_is_at_most_half_a_step_off() -> None:
    points = np.random.default_rng(0).normal(size=(500, 2))
    grid = on_grid(points)
    back = np.array(grid.corner) + grid.places * (grid.side / STEPS)
    assert np.abs(back - points).max() <= 0.5001 * grid.side / STEPS


def test_three_axes_lie_in_a_cube() -> None:
    # The longest side is the second, 8: the cube is from (-2, 0, 1) on.
    grid = on_grid(np.array([[0.0, 0.0, 4.0], [4.0, 8.0, 6.0]]))
    assert (grid.corner, grid.side) == ((-2.0, 0.0, 1.0), 8.0)
    expected = np.rint(np.array([[2 / 8, 0, 3 / 8], [6 / 8, 1, 5 / 8]]) * STEPS)
    np.testing.assert_array_equal(grid.places, expected)
