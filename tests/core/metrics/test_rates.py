"""Rates by hand, against scikit-learn and plain counting, and what must not change them."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.errors import ParameterError
from core.metrics import auc, d_prime, equal_error_rate, far_frr_curve, tar_at_far

GENUINE = np.array([0.9, 0.8, 0.6, 0.4])
IMPOSTOR = np.array([0.7, 0.5, 0.3, 0.2, 0.1])


def random_scores(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(1, 1, 300).round(1), random.normal(0, 1, 500).round(1)


def test_curve_equals_counting_at_each_threshold() -> None:
    genuine, impostor = random_scores()
    curve = far_frr_curve(genuine, impostor)
    assert curve.thresholds[0] == np.inf
    assert (curve.far[0], curve.frr[0], curve.far[-1], curve.frr[-1]) == (0, 1, 1, 0)
    for t, far, frr in zip(curve.thresholds, curve.far, curve.frr, strict=True):
        assert far == np.mean(impostor >= t)
        assert frr == np.mean(genuine < t)
    distances = far_frr_curve(genuine, impostor, similarity=False)
    for t, far, frr in zip(distances.thresholds, distances.far, distances.frr, strict=True):
        assert far == np.mean(impostor <= t)
        assert frr == np.mean(genuine > t)


def test_equal_error_rate_worked_by_hand() -> None:
    # thresholds .9 .8 .7 .6 .5: FAR 0 0 .2 .2 .4, FRR .75 .5 .5 .25 .25: |FAR - FRR| least at .6
    rate, threshold = equal_error_rate(GENUINE, IMPOSTOR, convention="nearest")
    assert (rate, threshold) == (pytest.approx((0.2 + 0.25) / 2), 0.6)
    # from (.2, .25) at .6 to (.4, .25) at .5: FAR = .25 after a quarter of the way
    rate, threshold = equal_error_rate(GENUINE, IMPOSTOR)
    assert (rate, threshold) == (pytest.approx(0.25), pytest.approx(0.575))
    # hull of (0, 1) (0, .5) (.2, .25) (.4, 0) (1, 0); on its piece from (.2, .25) to (.4, 0)
    # .25 - 1.25 x = .2 + x
    rate, _ = equal_error_rate(GENUINE, IMPOSTOR, convention="convex_hull")
    assert rate == pytest.approx(0.2 + 0.05 / 2.25)


def test_tar_at_far_takes_no_step_beyond() -> None:
    assert tar_at_far(GENUINE, IMPOSTOR, 0.0) == 0.5
    assert tar_at_far(GENUINE, IMPOSTOR, 0.2) == 0.75
    assert tar_at_far(GENUINE, IMPOSTOR, 0.39) == 0.75
    assert tar_at_far(GENUINE, IMPOSTOR, 0.4) == 1.0
    assert np.isnan(tar_at_far(GENUINE, IMPOSTOR, 0.19))
    assert tar_at_far(GENUINE, IMPOSTOR, 1.0) == 1.0


def test_perfect_and_useless_scores() -> None:
    apart = np.array([5.0, 6.0]), np.array([1.0, 2.0])
    assert equal_error_rate(*apart)[0] == 0
    assert auc(*apart) == 1
    same = np.ones(3), np.ones(4)
    assert equal_error_rate(*same)[0] == pytest.approx(0.5)
    assert auc(*same) == 0.5
    assert np.isnan(d_prime(*same))


def test_auc_equals_scikit_learn() -> None:
    genuine, impostor = random_scores(3)
    truth = np.repeat([1, 0], [len(genuine), len(impostor)])
    assert auc(genuine, impostor) == pytest.approx(
        roc_auc_score(truth, np.concatenate([genuine, impostor])), abs=1e-12
    )


def test_d_prime_worked_by_hand() -> None:
    # means 3 and 1, population variances 1 and 1
    assert d_prime(np.array([2.0, 4.0]), np.array([0.0, 2.0])) == 2.0
    assert d_prime(np.array([2.0, 4.0]), np.array([0.0, 2.0]), similarity=False) == -2.0


@pytest.mark.parametrize("change", [lambda s: 3 * s + 7, np.exp, lambda s: s**3])
@pytest.mark.parametrize("convention", ["nearest", "interpolated", "convex_hull"])
def test_a_rising_transform_changes_no_rate(
    change: Callable[[np.ndarray], np.ndarray], convention: str
) -> None:
    genuine, impostor = random_scores(1)
    before = equal_error_rate(genuine, impostor, convention=convention)[0]  # type: ignore[arg-type]
    after = equal_error_rate(change(genuine), change(impostor), convention=convention)[0]  # type: ignore[arg-type]
    assert after == pytest.approx(before, abs=1e-12)
    assert tar_at_far(change(genuine), change(impostor), 0.1) == tar_at_far(genuine, impostor, 0.1)


def test_a_turned_sign_is_the_other_kind_of_score() -> None:
    genuine, impostor = random_scores(2)
    a, b = far_frr_curve(genuine, impostor), far_frr_curve(-genuine, -impostor, similarity=False)
    np.testing.assert_array_equal(a.far, b.far)
    np.testing.assert_array_equal(a.frr, b.frr)
    np.testing.assert_array_equal(a.thresholds, -b.thresholds)


def test_scores_that_cannot_be_used() -> None:
    with pytest.raises(ParameterError, match="genuine must be a non-empty one-dimensional"):
        far_frr_curve(np.empty(0), IMPOSTOR)
    with pytest.raises(ParameterError, match="impostor must be finite; got 1 NaN"):
        far_frr_curve(GENUINE, np.array([1.0, np.nan]))
    with pytest.raises(ParameterError, match="far must be between 0 and 1; got 2"):
        tar_at_far(GENUINE, IMPOSTOR, 2)
    with pytest.raises(ParameterError, match="convention must be one of nearest, interpolated"):
        equal_error_rate(GENUINE, IMPOSTOR, convention="mean")  # type: ignore[arg-type]
