"""Figures of a spectrum by hand, against another library, and what must not change them."""

import numpy as np
import pytest
import skdim
from scipy.stats import ortho_group

from core.metrics import (
    covariance_eigenvalues,
    effective_rank,
    iso_score,
    participation_ratio,
    pca_dimension,
    spectral_entropy,
)

RANDOM = np.random.default_rng(3)
SCALES = np.array([5.0, 3.0, 2.0, 1.0, 0.5])
DATA = RANDOM.normal(size=(2000, 5)) * SCALES
ROTATED = DATA @ ortho_group.rvs(5, random_state=1) + 40


def test_eigenvalues_are_squared_singular_values_over_n() -> None:
    singular = np.linalg.svd(ROTATED - ROTATED.mean(axis=0), compute_uv=False)
    np.testing.assert_allclose(covariance_eigenvalues(ROTATED), singular**2 / 2000, rtol=1e-9)
    few = ROTATED[:3]  # 3 rows have 2 directions at most: the others are 0, not rounding
    assert (covariance_eigenvalues(few) > 0).sum() == 2


def test_eigenvalues_of_four_points_by_hand() -> None:
    # +-1, +-3 and a constant: the variance along the first axis is (1 + 1 + 9 + 9) / 4.
    points = np.array([[1.0, 7.0], [-1.0, 7.0], [3.0, 7.0], [-3.0, 7.0]])
    np.testing.assert_allclose(covariance_eigenvalues(points), [5.0, 0.0], atol=1e-12)


@pytest.mark.parametrize(
    ("eigenvalues", "ratio", "entropy"),
    [
        ([2.0, 2.0, 2.0, 2.0], 4.0, np.log(4)),
        ([5.0, 0.0, 0.0], 1.0, 0.0),
        # 3, 1: (3 + 1)^2 / (9 + 1) = 1.6; -(3/4 ln 3/4 + 1/4 ln 1/4) = 0.562335
        ([3.0, 1.0], 1.6, 0.5623351446188083),
    ],
)
def test_ratio_and_entropy_by_hand(eigenvalues: list[float], ratio: float, entropy: float) -> None:
    assert participation_ratio(eigenvalues) == pytest.approx(ratio)
    assert spectral_entropy(eigenvalues) == pytest.approx(entropy, abs=1e-12)
    assert effective_rank(eigenvalues) == pytest.approx(np.exp(entropy))
    scaled = 1e6 * np.array(eigenvalues)[::-1]
    assert participation_ratio(scaled) == pytest.approx(ratio)
    assert spectral_entropy(scaled) == pytest.approx(entropy, abs=1e-12)


def test_the_participation_ratio_is_that_of_scikit_dimension() -> None:
    theirs = skdim.id.lPCA(ver="participation_ratio").fit_transform(ROTATED)
    assert participation_ratio(covariance_eigenvalues(ROTATED)) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize(
    ("share", "dimension"), [(0.5, 1), (0.6, 1), (0.601, 2), (0.9, 2), (0.99, 3), (1.0, 3)]
)
def test_the_pca_dimension_by_hand(share: float, dimension: int) -> None:
    """Of 6, 3, 1 the first holds 60 %, two 90 %, three all."""
    assert pca_dimension([3.0, 6.0, 1.0], share) == dimension


def test_the_iso_score_by_hand() -> None:
    assert iso_score([4.0, 4.0, 4.0]) == pytest.approx(1)
    assert iso_score([4.0, 0.0, 0.0, 0.0]) == pytest.approx(0, abs=1e-12)
    # d = 4, two equal and two zero: v = (sqrt 2, sqrt 2, 0, 0); ||v - 1||^2 = 2 (0.414214^2) + 2
    # = 2.343146; defect^2 = 2.343146 / (2 (4 - 2)) = 0.585786; kept = 4 - 0.585786 * 2 = 2.828427;
    # (8 - 4) / (4 * 3) = 1/3.
    assert iso_score([1.0, 1.0, 0.0, 0.0]) == pytest.approx(1 / 3)
    assert np.isnan(iso_score([4.0]))


def test_the_iso_score_of_k_of_d_equal_variances() -> None:
    """Rudman et al., theorem 2: if k of d dimensions are used alike, it is (k - 1) / (d - 1)."""
    for d, k in [(10, 3), (10, 7), (384, 100)]:
        used = np.where(np.arange(d) < k, 2.5, 0.0)
        assert iso_score(used) == pytest.approx((k - 1) / (d - 1))


@pytest.mark.parametrize("figure", [participation_ratio, effective_rank, iso_score, pca_dimension])
def test_figures_do_not_change_with_rotation_scale_and_place(figure: object) -> None:
    assert callable(figure)
    plain, moved = covariance_eigenvalues(DATA), covariance_eigenvalues(7 * ROTATED)
    assert figure(moved) == pytest.approx(figure(plain), rel=1e-6)


@pytest.mark.parametrize("figure", [participation_ratio, effective_rank, pca_dimension, iso_score])
def test_nothing_to_share_out_is_not_defined(figure: object) -> None:
    assert callable(figure)
    assert np.isnan(figure([0.0, 0.0]))
