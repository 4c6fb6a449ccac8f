"""Figures of counted scores: by hand, against scikit-learn, and against those of raw scores."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import det_curve, roc_auc_score, roc_curve

from core.errors import ParameterError
from core.metrics import auc, d_prime, equal_error_rate, tar_at_far
from core.metrics.operating import (
    counted_auc,
    counted_d_prime,
    counted_eer,
    counted_fnmr_at_fmr,
    counted_tar_at_far,
    is_below_resolution,
    point_at,
    point_at_far,
    point_at_tar,
    score_quantile,
    separation_gap,
)
from core.metrics.rates import EerConvention
from core.metrics.score_counts import ScoreCounts, ScoreScale, accepted

RANDOM = np.random.default_rng(7)
GENUINE, IMPOSTOR = RANDOM.normal(0.6, 0.2, 3_000), RANDOM.normal(0.1, 0.2, 20_000)
SCALE = ScoreScale("inner_product", -1.0, 1.5)
COUNTS = ScoreCounts(SCALE, SCALE.count(GENUINE), SCALE.count(IMPOSTOR))
TRUTH = np.repeat([1, 0], [len(GENUINE), len(IMPOSTOR)])
SCORES = np.concatenate([GENUINE, IMPOSTOR])
BIN = 2.5 / SCALE.bins
CONVENTIONS: tuple[EerConvention, ...] = ("nearest", "interpolated", "convex_hull")

# Ten bins from 0 to 1. Genuine pairs at 0.45, 0.75 (twice) and 0.95; impostors at 0.05 (four
# times), 0.25 (three times), 0.45, 0.55 and 0.75.
TEN = ScoreScale("cosine", 0.0, 1.0, bins=10)
HAND = ScoreCounts(
    TEN,
    TEN.count([0.45, 0.75, 0.75, 0.95]),
    TEN.count([0.05] * 4 + [0.25] * 3 + [0.45, 0.55, 0.75]),
)


def test_bins_and_borders() -> None:
    np.testing.assert_allclose(TEN.edges, np.arange(11) / 10)
    np.testing.assert_allclose(TEN.centers, np.arange(10) / 10 + 0.05)
    assert TEN.bins_of([-3.0, 0.0, 0.11, 0.99, 1.0, 7.0]).tolist() == [0, 0, 1, 9, 9, 9]
    assert [TEN.place(score) for score in (-np.inf, 0.0, 0.14, 0.16, 1.0, np.inf)] == [
        0, 0, 1, 2, 10, 10,
    ]  # fmt: skip
    assert HAND.genuine.tolist() == [0, 0, 0, 0, 1, 0, 0, 2, 0, 1]
    assert HAND.impostor.tolist() == [4, 0, 3, 0, 1, 1, 0, 1, 0, 0]


def test_rates_at_the_borders_by_hand() -> None:
    assert HAND.accepted_genuine.tolist() == [4, 4, 4, 4, 4, 3, 3, 3, 1, 1, 0]
    assert HAND.accepted_impostor.tolist() == [10, 6, 6, 3, 3, 2, 1, 1, 0, 0, 0]
    np.testing.assert_allclose(HAND.far, [1, 0.6, 0.6, 0.3, 0.3, 0.2, 0.1, 0.1, 0, 0, 0])
    np.testing.assert_allclose(HAND.frr, [0, 0, 0, 0, 0, 0.25, 0.25, 0.25, 0.75, 0.75, 1])
    assert accepted(np.array([[1, 2], [0, 5]])).tolist() == [[3, 2, 0], [5, 5, 0]]
    curve = HAND.curve
    np.testing.assert_allclose(curve.thresholds, [1.0, 0.9, 0.7, 0.5, 0.4, 0.2, 0.0])
    np.testing.assert_allclose(curve.far, [0, 0, 0.1, 0.2, 0.3, 0.6, 1])
    np.testing.assert_allclose(curve.frr, [1, 0.75, 0.25, 0.25, 0, 0, 0])


def test_points_by_hand() -> None:
    here = point_at(HAND, 0.52)
    assert (here.score, here.place, here.far, here.frr) == (0.5, 5, 0.2, 0.25)
    assert here.tar == 0.75
    assert here.hter == pytest.approx(0.225)
    # At most 0.25 of the impostors: from 0.5 on. The same genuine pairs pass up to 0.7.
    point = point_at_far(HAND, 0.25)
    assert point is not None
    assert (point.place, point.far, point.tar) == (7, 0.1, 0.75)
    exact = point_at_far(HAND, 0.3)  # a FAR that is met exactly
    assert exact is not None
    assert (exact.place, exact.tar) == (4, 1.0)
    strict = point_at_far(HAND, 0.0)
    assert strict is not None
    assert (strict.place, strict.tar) == (9, 0.25)
    assert point_at_far(HAND, 0.099) is None  # ten impostor pairs show no less than 0.1
    assert point_at_far(HAND, 1.0) == point_at_far(HAND, 0.3)
    assert point_at_tar(HAND, 0.75).place == 7
    assert point_at_tar(HAND, 0.76).place == 4
    assert point_at_tar(HAND, 0.0).place == 10
    assert point_at_tar(HAND, 1.0).place == 4


def test_a_rate_of_less_than_one_pair_is_below_resolution() -> None:
    assert [is_below_resolution(HAND, far) for far in (0.0, 0.0999, 0.1, 0.5)] == [
        False, True, False, False,
    ]  # fmt: skip
    assert np.isnan(counted_tar_at_far(HAND, 0.05))
    assert np.isnan(counted_fnmr_at_fmr(HAND, 0.05))
    assert counted_tar_at_far(HAND, 0.1) == 0.75


def test_figures_by_hand() -> None:
    # Impostors below each genuine pair, a tie as a half: 7.5, 9.5 twice, 10 of 10.
    assert counted_auc(HAND) == pytest.approx((7.5 + 9.5 + 9.5 + 10) / 40)
    # Genuine mean 0.725, variance (0.275^2 + 2 x 0.025^2 + 0.225^2) / 4 = 0.031875; impostor mean
    # (4 x 0.05 + 3 x 0.25 + 0.45 + 0.55 + 0.75) / 10 = 0.27, mean of squares 0.1265, variance
    # 0.0536.
    spread = np.sqrt((0.031875 + 0.0536) / 2)
    assert counted_d_prime(HAND) == pytest.approx((0.725 - 0.27) / spread)
    gap = separation_gap(HAND, 0.45, 0.75)
    assert gap.gap == pytest.approx(-0.3)
    assert (gap.genuine_below, gap.impostors_above) == (0.75, 0.3)
    apart = ScoreCounts(TEN, TEN.count([0.85, 0.95]), TEN.count([0.05, 0.15]))
    wide = separation_gap(apart, 0.85, 0.15)
    assert wide.gap == pytest.approx(0.7)
    assert (wide.genuine_below, wide.impostors_above) == (0.0, 0.0)
    # 1 % of the genuine pairs: 0.02 of the bin from 0.8; 99 % of the impostors: 0.98 of that to
    # 0.2.
    assert wide.inner_gap == pytest.approx(0.802 - 0.198)


def test_quantiles_are_even_within_a_bin() -> None:
    # Genuine: a quarter below 0.5 in [0.4, 0.5], one half in [0.7, 0.8].
    assert score_quantile(HAND, "genuine", 0.125) == pytest.approx(0.45)
    assert score_quantile(HAND, "genuine", 0.5) == pytest.approx(0.75)
    assert score_quantile(HAND, "impostor", 0.9) == pytest.approx(0.7)
    assert score_quantile(HAND, "impostor", 0.95) == pytest.approx(0.75)


def test_fnmr_at_fmr_by_hand() -> None:
    # FAR 0.1 begins at 0.7: of four genuine pairs one is below. Half way from FAR 0.1 (at 0.6) to
    # 0.2 (at 0.5) nothing changes; between 0.2 and 0.3 the pair of 0.45 is passed half.
    assert counted_fnmr_at_fmr(HAND, 0.1) == pytest.approx(0.25)
    assert counted_fnmr_at_fmr(HAND, 0.15) == pytest.approx(0.25)
    assert counted_fnmr_at_fmr(HAND, 0.25) == pytest.approx(0.125)
    # No impostor is below the threshold of 0: the highest lies in [0.7, 0.8].
    assert counted_fnmr_at_fmr(HAND, 0.0) == pytest.approx(0.75)
    assert counted_fnmr_at_fmr(HAND, 1.0) == 0.0


def test_rates_are_those_of_scikit_learn() -> None:
    far, tar, thresholds = roc_curve(TRUTH, SCORES, drop_intermediate=False)
    miss_far, miss, miss_thresholds = det_curve(TRUTH, SCORES)
    for place in range(0, SCALE.bins + 1, 509):
        border = SCALE.edges[place]
        last = int(np.searchsorted(-thresholds, -border, side="right")) - 1
        assert COUNTS.far[place] == pytest.approx(far[last], abs=1e-12)
        assert 1 - COUNTS.frr[place] == pytest.approx(tar[last], abs=1e-12)
        first = int(np.searchsorted(miss_thresholds, border, side="left"))
        if first < len(miss) and miss_thresholds[0] <= border:
            assert COUNTS.far[place] == pytest.approx(miss_far[first], abs=1e-12)
            assert COUNTS.frr[place] == pytest.approx(miss[first], abs=1e-12)


def test_figures_are_those_of_the_raw_scores() -> None:
    # A bin holds at most a few pairs of 20,000: rates move by that much.
    pairs = max(COUNTS.genuine.max() / len(GENUINE), COUNTS.impostor.max() / len(IMPOSTOR))
    assert pairs < 0.004
    assert counted_auc(COUNTS) == pytest.approx(roc_auc_score(TRUTH, SCORES), abs=1e-6)
    assert counted_auc(COUNTS) == pytest.approx(auc(GENUINE, IMPOSTOR), abs=1e-6)
    assert counted_d_prime(COUNTS) == pytest.approx(d_prime(GENUINE, IMPOSTOR), abs=1e-3)
    for convention in CONVENTIONS:
        rate, score = counted_eer(COUNTS, convention)
        known, at = equal_error_rate(GENUINE, IMPOSTOR, convention=convention)
        assert rate == pytest.approx(known, abs=pairs)
        assert score == pytest.approx(at, abs=0.02 if convention == "convex_hull" else 2 * BIN)
    for far in (1e-3, 1e-2, 1e-1):
        known = tar_at_far(GENUINE, IMPOSTOR, far)
        assert known - 2 * pairs <= counted_tar_at_far(COUNTS, far) <= known
        limit = np.quantile(IMPOSTOR, 1 - far)
        fnmr = float((limit >= GENUINE).mean())
        assert counted_fnmr_at_fmr(COUNTS, far) == pytest.approx(fnmr, abs=2 * pairs)


def test_the_point_of_a_far_is_the_laxest_border_below_it() -> None:
    for far in (1e-3, 0.01, 0.2):
        point = point_at_far(COUNTS, far)
        assert point is not None
        tar = max(
            1 - frr for wrong, frr in zip(COUNTS.far, COUNTS.frr, strict=True) if wrong <= far
        )
        assert point.tar == pytest.approx(tar, abs=1e-12)
        beyond = COUNTS.frr[point.place + 1]
        assert 1 - beyond < point.tar, "no stricter border accepts as many"


def test_figures_of_weights_are_those_of_as_many_pairs() -> None:
    twice = ScoreCounts(TEN, HAND.genuine * 2.5, HAND.impostor * 2.5)
    for figure in (counted_auc, counted_d_prime, lambda counts: counted_eer(counts)[0]):
        assert figure(twice) == pytest.approx(figure(HAND))
    assert counted_tar_at_far(twice, 0.1) == counted_tar_at_far(HAND, 0.1)


bins = st.lists(st.integers(0, 9), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(genuine=bins, impostor=bins, steps=st.lists(st.integers(1, 5), min_size=10, max_size=10))
def test_eer_and_auc_depend_on_the_order_alone(
    genuine: list[int], impostor: list[int], steps: list[int]
) -> None:
    """A monotone map of the scores moves them to other bins in the same order."""
    places = np.cumsum(steps) - 1
    wide = ScoreScale("cosine", 0.0, 1.0, bins=64)
    plain = ScoreCounts(
        TEN, np.bincount(genuine, minlength=10), np.bincount(impostor, minlength=10)
    )
    mapped = ScoreCounts(
        wide,
        np.bincount(places[genuine], minlength=64),
        np.bincount(places[impostor], minlength=64),
    )
    for convention in CONVENTIONS:
        one, other = counted_eer(plain, convention)[0], counted_eer(mapped, convention)[0]
        assert one == pytest.approx(other)
    assert counted_auc(plain) == pytest.approx(counted_auc(mapped))
    wins = sum((g > i) + (g == i) / 2 for g in genuine for i in impostor)
    assert counted_auc(plain) == pytest.approx(wins / (len(genuine) * len(impostor)))


@pytest.mark.parametrize("call", [point_at_far, point_at_tar])
@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan, "half"])
def test_shares_outside_are_refused(call: Any, share: Any) -> None:
    with pytest.raises(ParameterError, match=r"far|tar"):
        call(HAND, share)


def test_one_score_has_no_spread() -> None:
    flat = ScoreCounts(TEN, TEN.count([0.5, 0.5]), TEN.count([0.5]))
    assert np.isnan(counted_d_prime(flat))
    assert counted_auc(flat) == 0.5
    assert counted_eer(flat)[0] == pytest.approx(0.5)
