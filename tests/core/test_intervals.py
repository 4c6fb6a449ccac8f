"""Intervals: by hand, against scipy, and against one another."""

import numpy as np
import pytest
from scipy import stats

from core.intervals import (
    NORMAL_95,
    bootstrap_interval,
    crossed_bootstrap_interval,
    normal_half_width,
    wilson_interval,
)

RANDOM = np.random.default_rng(1)


def test_half_width_by_hand() -> None:
    # Column 0: mean 3, deviations -2, 0, 2, s = sqrt(8 / 2) = 2; 1.959964 x 2 / sqrt(3) = 2.263172.
    values = np.array([[1.0, 5.0], [3.0, 5.0], [5.0, 5.0]])
    np.testing.assert_allclose(normal_half_width(values), [2.263172, 0.0], atol=1e-6)


def test_half_width_of_one_value_is_unknown() -> None:
    assert np.isnan(normal_half_width(np.array([0.5])))
    assert np.isnan(normal_half_width(np.array([[0.5, 0.7]]))).tolist() == [True, True]


def test_the_normal_point() -> None:
    assert pytest.approx(stats.norm.ppf(0.975), abs=1e-6) == NORMAL_95


@pytest.mark.parametrize(("hits", "count"), [(0, 7), (10, 100), (7, 7), (3, 4000)])
def test_wilson_is_that_of_scipy(hits: int, count: int) -> None:
    expected = stats.binomtest(hits, count).proportion_ci(0.95, method="wilson")
    found = wilson_interval(hits / count, count)
    assert found == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_bootstrap_is_close_to_the_normal_interval() -> None:
    values = RANDOM.normal(size=(400, 2)) * [1.0, 3.0] + [0.0, 10.0]
    low, high = bootstrap_interval(values, resamples=4_000)
    half = normal_half_width(values)
    np.testing.assert_allclose(high - low, 2 * half, rtol=0.1)
    np.testing.assert_allclose((low + high) / 2, values.mean(axis=0), atol=0.1 * half.max())


def test_bootstrap_is_the_naive_one() -> None:
    """The same draws, each resample written out item by item."""
    values = RANDOM.random(5)
    draws = np.random.default_rng(3).multinomial(5, [0.2] * 5, size=50)
    means = [
        np.mean([v for v, times in zip(values, row, strict=True) for _ in range(times)])
        for row in draws
    ]
    low, high = bootstrap_interval(values, resamples=50, seed=3)
    np.testing.assert_allclose([low, high], np.percentile(means, [2.5, 97.5]))


def test_equal_values_have_no_width() -> None:
    low, high = bootstrap_interval(np.full((6, 3), 0.5))
    np.testing.assert_allclose([low, high], np.full((2, 3), 0.5))
    assert crossed_bootstrap_interval(np.full((2, 6), 0.5)) == pytest.approx((0.5, 0.5))


def test_conditions_widen_the_crossed_interval_and_items_alone_do_not_hide_it() -> None:
    """Two conditions 1 apart, items all equal: a resample has 0, 1 or 2 of the second one."""
    values = np.array([[0.0] * 9, [1.0] * 9])
    assert crossed_bootstrap_interval(values) == pytest.approx((0.0, 1.0))
    items = RANDOM.normal(size=300)
    low, high = crossed_bootstrap_interval(np.stack([items, items]), resamples=4_000)
    assert high - low == pytest.approx(2 * float(normal_half_width(items)), rel=0.1)
