"""Density of a map: by what a mirror and a scale leave as it is, and by counts."""

import numpy as np
import pytest

from core.errors import ParameterError
from core.projection.density import map_density


@pytest.mark.parametrize("axes", [2, 3])
def test_a_mirrored_map_has_the_same_density(axes: int) -> None:
    ends = np.stack([np.zeros(axes), np.ones(axes)])
    points = np.concatenate([ends, np.random.default_rng(0).beta(2, 5, size=(400, axes))])
    density = map_density(points)
    assert density.max() > 3 * density.min()
    np.testing.assert_allclose(map_density(1 - points), density, rtol=1e-6)
    np.testing.assert_allclose(map_density(8 * points - 2), density, rtol=1e-6)


def test_it_is_in_multiples_of_an_even_spread() -> None:
    # 256 x 256 points, one in the middle of each cell but that the outer ones lie on the border.
    steps = (np.arange(256) + 0.5) / 256
    steps[[0, -1]] = 0, 1
    even = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    inside = (np.abs(even - 0.5) < 0.45).all(axis=1)
    np.testing.assert_allclose(map_density(even)[inside], 1.0, rtol=1e-6)
    twice = np.concatenate([even, even[even[:, 0] < 0.5]])  # 3 halves of the points
    left, right = (inside & (even[:, 0] < 0.45)), (inside & (even[:, 0] > 0.55))
    density = map_density(twice)[: len(even)]
    np.testing.assert_allclose(density[left], 2 / 1.5, rtol=1e-6)
    np.testing.assert_allclose(density[right], 1 / 1.5, rtol=1e-6)


def test_what_is_no_map_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"\(n, 2\) or \(n, 3\) with at least 1 row; got"):
        map_density(np.zeros((0, 2)))
    with pytest.raises(ParameterError, match=r"got \(3, 4\)"):
        map_density(np.zeros((3, 4)))
