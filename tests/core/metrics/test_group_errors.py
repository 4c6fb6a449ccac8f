"""Errors of groups by hand, and the summaries over groups."""

import math

import numpy as np
import pytest

from core.errors import ParameterError
from core.intervals import wilson_interval, wilson_intervals
from core.metrics.group_errors import (
    GroupErrors,
    errors_by_group,
    fairness_discrepancy,
    garbe,
    gini,
    inequity_rate,
    max_over_geometric_mean,
    nearest_level,
)
from core.metrics.pair_counts import count_pairs
from tests.core.metrics.naive_pairs import naive_pairs

FMR, FNMR = np.array([0.01, 0.02, 0.04]), np.array([0.10, 0.10, 0.40])


def made(
    accepted: list[list[int]], pairs: list[list[int]], target: float, far: float = 0.05
) -> GroupErrors:
    return GroupErrors(
        score=0.5,
        far=far,
        target=target,
        accepted=np.array(accepted),
        pairs=np.array(pairs),
        rejected=np.array([1, 0, 0]),
        genuine=np.array([4, 10, 0]),
    )


HAND = made([[2, 30, 0], [30, 10, 0], [0, 0, 0]], [[10, 100, 50], [100, 200, 0], [50, 0, 0]], 0.1)


def test_rates_of_three_groups_by_hand() -> None:
    np.testing.assert_array_equal(
        HAND.fmr, [[0.2, 0.3, 0.0], [0.3, 0.05, np.nan], [0.0, np.nan, np.nan]]
    )
    np.testing.assert_array_equal(HAND.fnmr, [0.25, 0.0, np.nan])
    # Of group 0: (2 + 30 + 0) of (10 + 100 + 50); of group 1: 40 of 300; of group 2: 0 of 50.
    np.testing.assert_allclose(HAND.group_fmr, [0.2, 40 / 300, 0.0])


def test_cells_that_cannot_be_told_from_the_target() -> None:
    # Target 0.1: fewer than 30 pairs tell nothing. 30 of 100: 95 % 0.219 to 0.396, above. 10 of
    # 200: 0.027 to 0.090, below. 0 of 50: 0 to 0.071, below.
    assert HAND.is_untold.tolist() == [
        [True, False, False],
        [False, False, True],
        [False, True, True],
    ]
    # At 0.08 the 10 of 200 may be the target (0.027 to 0.0896); 38 pairs are enough, 37 are not.
    near = made([[6, 6, 10], [0, 0, 0], [0, 0, 0]], [[37, 38, 200], [0, 0, 0], [0, 0, 0]], 0.08)
    assert near.is_untold[0].tolist() == [True, True, True]
    far = made([[30, 30, 10], [0, 0, 0], [0, 0, 0]], [[37, 38, 200], [0, 0, 0], [0, 0, 0]], 0.08)
    assert far.is_untold[0].tolist() == [True, False, True]


def test_wilson_by_hand() -> None:
    # 30 of 100, z = 1.959964: z^2 = 3.841459; middle (0.3 + 0.019207) / 1.038415 = 0.307399; half
    # 1.959964 / 1.038415 x sqrt(0.0021 + 0.000096036) = 0.088451.
    low, high = wilson_intervals(np.array([0.3, 0.0, 1.0, np.nan]), np.array([100, 50, 50, 0]))
    assert (low[0], high[0]) == pytest.approx((0.218948, 0.395850), abs=2e-6)
    # 0 of 50: 0 to z^2 / (50 + z^2) = 0.071348; 50 of 50 is its mirror.
    assert (low[1], high[1]) == pytest.approx((0.0, 0.071348), abs=1e-6)
    assert (low[2], high[2]) == pytest.approx((1 - 0.071348, 1.0), abs=1e-6)
    assert np.isnan([low[3], high[3]]).all()
    for share, count in ((0.3, 100), (0.017, 1_234)):
        one = tuple(float(end[0]) for end in wilson_intervals(np.array([share]), np.array([count])))
        assert one == pytest.approx(wilson_interval(share, count))


def test_summaries_by_hand() -> None:
    # 1 - [0.5 x 0.03 + 0.5 x 0.3]; sqrt(4) x sqrt(4).
    assert fairness_discrepancy(FMR, FNMR) == pytest.approx(1 - 0.5 * 0.03 - 0.5 * 0.3)
    assert fairness_discrepancy(FMR, FNMR, 1.0) == pytest.approx(0.97)
    assert inequity_rate(FMR, FNMR) == pytest.approx(4.0)
    assert inequity_rate(FMR, FNMR, 0.25) == pytest.approx(4.0)
    assert inequity_rate(FMR, np.array([0.1, 0.2, 0.1]), 0.25) == pytest.approx(4**0.25 * 2**0.75)
    # G(FMR): sum over pairs both ways 2 (1 + 3 + 2) = 12 hundredths; 3/2 x 12 / (2 x 9 x 7/3).
    assert gini(FMR) == pytest.approx(3 / 7)
    # G(FNMR): 2 (0 + 3 + 3) = 12 tenths; 3/2 x 12 / (18 x 2) = 1/2.
    assert gini(FNMR) == pytest.approx(0.5)
    assert garbe(FMR, FNMR) == pytest.approx(0.5 * 3 / 7 + 0.25)
    assert garbe(FMR, FNMR, 0.2) == pytest.approx(0.2 * 3 / 7 + 0.4)
    assert max_over_geometric_mean(FMR, np.full(3, 100)) == (pytest.approx(2.0), 0)


def test_summaries_where_a_rate_is_zero_or_missing() -> None:
    none = np.array([0.0, 0.02, np.nan, 0.04])
    assert math.isnan(inequity_rate(none, FNMR))
    assert math.isnan(inequity_rate(FMR, np.array([0.0, 0.1])))
    # The zero is taken as 1 / 100: the case (0.01, 0.02, 0.04) again.
    ratio, zeros = max_over_geometric_mean(none, np.array([100, 7, 7, 7]))
    assert (ratio, zeros) == (pytest.approx(2.0), 1)
    assert fairness_discrepancy(none, FNMR) == pytest.approx(1 - 0.02 - 0.15)
    assert gini(np.zeros(3)) == 0.0
    assert gini(np.array([0.3])) == 0.0
    assert gini(np.full(4, 0.3)) == 0.0
    assert math.isnan(max_over_geometric_mean(np.array([np.nan]), np.array([0]))[0])
    for summary in (fairness_discrepancy, inequity_rate, garbe):
        with pytest.raises(ParameterError, match="no group has a rate"):
            summary(np.array([np.nan]), FNMR)
        with pytest.raises(ParameterError, match=r"a must be between 0 and 1; got 1\.5"):
            summary(FMR, FNMR, 1.5)


RANDOM = np.random.default_rng(12)
LABELS = np.repeat(np.arange(6), 20)
VECTORS = RANDOM.normal(size=(6, 5))[LABELS] + RANDOM.normal(size=(120, 5)) * 0.9
GROUPS = RANDOM.integers(-1, 3, 120)


def test_errors_of_groups_are_those_of_a_loop() -> None:
    counts = count_pairs(VECTORS, LABELS, groups=GROUPS)
    pairs = naive_pairs(VECTORS, LABELS, "cosine")
    errors = errors_by_group(counts, 0.6)
    assert abs(errors.score - 0.6) < 0.02
    wrong = ~pairs.genuine & (pairs.score >= errors.score)
    assert errors.far == pytest.approx(wrong.sum() / np.count_nonzero(~pairs.genuine))
    assert errors.target == errors.far
    one, other = GROUPS[pairs.left], GROUPS[pairs.right]
    for g in range(3):
        for h in range(3):
            between = ((one == g) & (other == h)) | ((one == h) & (other == g))
            assert errors.accepted[g, h] == np.count_nonzero(between & wrong)
            assert errors.pairs[g, h] == np.count_nonzero(between & ~pairs.genuine)
        inside = pairs.genuine & (one == g) & (other == g)
        assert errors.genuine[g] == np.count_nonzero(inside)
        assert errors.rejected[g] == np.count_nonzero(inside & (pairs.score < errors.score))


@pytest.mark.parametrize("score", [-0.5, 0.2, 0.5, 0.8, 0.97])
def test_the_margins_of_the_matrix_are_the_far_of_each_class(score: float) -> None:
    counts = count_pairs(VECTORS, LABELS)
    errors = errors_by_group(counts, score)
    sensitivity, specificity = (each[:, 0] for each in counts.class_rates([errors.score]))
    np.testing.assert_allclose(errors.group_fmr, 1 - specificity, atol=1e-12)
    np.testing.assert_allclose(errors.fnmr, 1 - sensitivity, atol=1e-12)
    np.testing.assert_array_equal(errors.accepted, errors.accepted.T)
    assert errors.accepted.sum() == 2 * round(errors.far * counts.totals.n_impostor)


def test_the_level_is_the_nearest() -> None:
    counts = count_pairs(VECTORS, LABELS)
    ends = np.concatenate([counts.scale.edges[:1], counts.scale.edges[counts.level_edges]])
    for score in np.linspace(-1.5, 1.5, 41):
        level = nearest_level(counts, score)
        assert abs(ends[level] - score) == np.abs(ends - score).min()
    everything = errors_by_group(counts, -9.0)
    assert everything.far == 1.0
    np.testing.assert_array_equal(everything.accepted, everything.pairs)
    assert everything.rejected.tolist() == [0] * 6


def test_what_has_no_groups_is_refused() -> None:
    many = count_pairs(RANDOM.normal(size=(404, 3)), np.repeat(np.arange(202), 2))
    with pytest.raises(ParameterError, match="without groups"):
        errors_by_group(many, 0.5)
    with pytest.raises(ParameterError, match=r"target must be between 0 and 1; got 1\.5"):
        errors_by_group(count_pairs(VECTORS, LABELS), 0.5, target=1.5)
    assert errors_by_group(count_pairs(VECTORS, LABELS), 0.5, target=0.25).target == 0.25
