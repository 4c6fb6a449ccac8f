"""Hills of maps small enough to see the answer, and of random ones by naive climbing."""

from itertools import product

import numpy as np
import pytest

from core.errors import ParameterError
from core.projection.kernels import hills as kernels
from core.projection.regions_hills import CELLS, REACH, find_hills, gaussian

RANDOM = np.random.default_rng(0)


def cloud(center: tuple[float, ...], n: int, spread: float = 0.2) -> np.ndarray:
    return RANDOM.normal(center, spread, (n, len(center)))


def naive_top(density: np.ndarray) -> np.ndarray:
    """The peak of each cell by going to the best of it and its neighbors, one step at a time."""

    def best(cell: tuple[int, ...]) -> tuple[int, ...]:
        around = product(
            *(
                range(max(at - 1, 0), min(at + 2, along))
                for at, along in zip(cell, density.shape, strict=True)
            )
        )
        return max(around, key=lambda other: (density[other], [-at for at in other]))

    top = np.full(density.shape, -1)
    for cell in np.ndindex(*density.shape):
        if density[cell] > 0:
            here = cell
            while best(here) != here:
                here = best(here)
            top[cell] = np.ravel_multi_index(here, density.shape)
    return top.reshape(-1)


def naive_saddle(density: np.ndarray, low: int, high: int) -> float:
    """The highest level at which a walk from peak `low` to peak `high` is possible."""
    for level in np.unique(density)[::-1]:
        seen, ahead = {low}, [low]
        while ahead:
            cell = np.unravel_index(ahead.pop(), density.shape)
            for step in product((-1, 0, 1), repeat=density.ndim):
                other = tuple(int(a) + b for a, b in zip(cell, step, strict=True))
                if all(0 <= a < b for a, b in zip(other, density.shape, strict=True)):
                    number = int(np.ravel_multi_index(other, density.shape))
                    if number not in seen and density[other] >= level > 0:
                        seen.add(number)
                        ahead.append(number)
        if high in seen and density.reshape(-1)[low] >= level:
            return float(level)
    return 0.0


@pytest.mark.parametrize(("along", "axes"), [(12, 2), (5, 3)])
def test_steepest_ascent_the_naive_way(along: int, axes: int) -> None:
    # Few values, so that many cells are level; a third has no density.
    density = np.maximum(RANDOM.integers(-2, 5, size=(along,) * axes), 0).astype(np.float64)
    uphill, top = np.empty(density.size, np.int64), np.empty(density.size, np.int64)
    kernels.ascend(density.reshape(-1), along, axes, uphill)
    kernels.follow(uphill, top)
    np.testing.assert_array_equal(top, naive_top(density))


@pytest.mark.parametrize(("along", "axes"), [(9, 2), (4, 3)])
def test_a_hill_joins_over_its_highest_pass(along: int, axes: int) -> None:
    density = RANDOM.permutation(along**axes).astype(np.float64).reshape((along,) * axes)
    top = naive_top(density)
    ends = np.unique(top[top >= 0])
    ends = ends[np.argsort(-density.reshape(-1)[ends])]
    number = np.full(density.size, -1)
    number[ends] = np.arange(len(ends))
    hill, peak = np.where(top >= 0, number[top], -1), density.reshape(-1)[ends]
    nothing = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    count = kernels.saddles(density.reshape(-1), hill, along, axes, *nothing)
    left, right, height = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
    assert kernels.saddles(density.reshape(-1), hill, along, axes, left, right, height) == count
    parent, saddle = np.full(len(ends), -1), np.zeros(len(ends))
    order = np.argsort(-height, kind="stable")
    kernels.merge(order, left, right, height, peak, np.arange(len(ends)), parent, saddle)
    # A hill dies at the highest pass from which any higher peak can be reached.
    expected = [
        max(naive_saddle(density, int(ends[i]), int(ends[j])) for j in range(i))
        for i in range(1, len(ends))
    ]
    np.testing.assert_array_equal(saddle[1:], expected)
    assert parent[0] == -1
    assert (parent[1:] < np.arange(1, len(ends))).all()


def test_smoothing_weighs_along_each_axis() -> None:
    values, out = np.zeros(25), np.zeros(25)
    values[[12, 4]] = 4.0, 8.0  # the middle of 5 x 5, and the end of the first row
    kernels.smooth(values, 1, 5, np.array([0.5, 0.25]), out)
    expected = np.zeros((5, 5))
    expected[2, 1:4] = [1, 2, 1]
    expected[0, 3:] = [2, 4]
    np.testing.assert_allclose(out.reshape(5, 5), expected)
    kernels.smooth(values, 5, 5, np.array([0.5, 0.25]), out)
    expected = np.zeros((5, 5))
    expected[1:4, 2] = [1, 2, 1]
    expected[:2, 4] = [4, 2]
    np.testing.assert_allclose(out.reshape(5, 5), expected)


def test_the_weights_add_up_to_1_and_narrow_with_the_points() -> None:
    # 5,000 points in the plane: 256 x 0.05 x 5000^(-1/6) = 3.10 cells, cut off behind 3 of these.
    weights = gaussian(5_000, 2)
    assert len(weights) == 1 + int(np.ceil(REACH * 3.0954))
    assert 2 * weights.sum() - weights[0] == pytest.approx(1)
    assert weights[5] / weights[0] == pytest.approx(np.exp(-0.5 * (5 / 3.0954) ** 2), rel=1e-3)
    assert len(gaussian(10**9, 2)) == 4  # never narrower than one cell


@pytest.mark.parametrize("axes", [2, 3])
def test_planted_clouds_are_hills(axes: int) -> None:
    centers = [(0.0,) * axes, (9.0,) * axes, (0.0,) * (axes - 1) + (9.0,)]
    groups = [cloud(center, n) for center, n in zip(centers, (600, 400, 200), strict=True)]
    hills = find_hills(np.concatenate(groups))
    of_group = np.split(hills.of, [600, 1000])
    for own, center in zip(of_group, centers, strict=True):
        main = np.bincount(own).argmax()
        assert np.linalg.norm(hills.places[main] - center) < 0.5
        assert not np.isin(own, np.setdiff1d(hills.of, own)).any()
    assert (np.diff(hills.peak) <= 0).all()
    np.testing.assert_array_equal(hills.size, np.bincount(hills.of))
    # Clouds far apart share no pass: three hills have none.
    assert (hills.parent == -1).sum() == 3
    assert np.isinf(hills.standing[hills.parent == -1]).all()


def test_the_order_and_the_type_of_points_do_not_matter() -> None:
    points = np.concatenate([cloud((0, 0), 500, 1.0), cloud((3, 3), 500, 1.0)]).astype(np.float32)
    order = RANDOM.permutation(1000)
    first, again = find_hills(points), find_hills(points[order])
    np.testing.assert_array_equal(first.of[order], again.of)
    np.testing.assert_array_equal(first.places, again.places)
    np.testing.assert_array_equal(first.saddle, again.saddle)
    wide = find_hills(points.astype(np.float64))
    np.testing.assert_array_equal(first.of, wide.of)


def test_level_points_and_one_point_are_one_hill() -> None:
    assert find_hills(np.ones((50, 2))).of.tolist() == [0] * 50
    assert find_hills(np.array([[3.0, 4.0]])).size.tolist() == [1]
    line = np.column_stack([np.linspace(0, 1, 1000), np.zeros(1000)])
    assert find_hills(line).size.sum() == 1000


def test_a_point_lies_in_the_cell_that_holds_it() -> None:
    along = CELLS[2]
    points = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.25]])
    cells, counts = np.empty(3, np.int64), np.zeros(along**2)
    kernels.count_cells(points, np.zeros(2), np.full(2, 1 / along), along, cells, counts)
    assert cells.tolist() == [0, along**2 - 1, along // 2 * along + along // 4]
    assert counts.sum() == 3


def test_places_that_are_none_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"\(n, 2\) or \(n, 3\) with at least 1 row; got"):
        find_hills(np.zeros((0, 2)))
    with pytest.raises(ParameterError, match=r"got \(3, 4\)"):
        find_hills(np.zeros((3, 4)))
