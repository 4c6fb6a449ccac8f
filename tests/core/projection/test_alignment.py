"""Layouts are turned and mirrored onto one another, and never bent or scaled."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial.distance import pdist

from core.errors import ParameterError
from core.projection import aligned


def cloud(n: int = 60, axes: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, axes)) * np.arange(1, axes + 1)


@pytest.mark.parametrize("axes", [2, 3])
def test_a_turned_mirrored_and_moved_copy_comes_back(axes: int) -> None:
    reference = cloud(axes=axes)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(axes, axes)))
    mirror = np.diag([-1.0, *[1.0] * (axes - 1)])
    found = aligned(reference @ turn @ mirror + 7, reference)
    np.testing.assert_allclose(found, reference, atol=1e-5)
    assert not found.flags.writeable
    assert found.dtype == np.float32


def test_it_is_the_turn_that_scipy_finds() -> None:
    moved, reference = cloud(seed=2) * 3 + 1, cloud(seed=3)
    about = moved - moved.mean(axis=0)
    turn, _ = orthogonal_procrustes(about, reference - reference.mean(axis=0))
    expected = about @ turn + reference.mean(axis=0)
    np.testing.assert_allclose(aligned(moved, reference), expected, atol=1e-5)


def test_all_distances_stay() -> None:
    moved = cloud(seed=4) * 20
    np.testing.assert_allclose(pdist(aligned(moved, cloud())), pdist(moved), rtol=1e-5)


def test_points_in_one_place_have_no_turn() -> None:
    np.testing.assert_array_equal(aligned(np.ones((4, 2)), np.zeros((4, 2))), np.zeros((4, 2)))


def test_both_must_have_the_same_rows_and_axes() -> None:
    with pytest.raises(ParameterError, match=r"got \(60, 2\) and \(60, 3\)"):
        aligned(cloud(), cloud(axes=3))
