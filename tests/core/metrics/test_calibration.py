"""Calibration and costs by hand, against scikit-learn, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from core.errors import ParameterError
from core.metrics import far_frr_curve
from core.metrics.calibration import (
    IsotonicCalibration,
    WeightedScores,
    actual_detection_cost,
    binned_scores,
    cllr,
    detection_cost,
    isotonic_calibration,
    logistic_calibration,
    min_cllr,
    min_detection_cost,
    reliability,
    weighted_scores,
)
from core.metrics.score_counts import ScoreCounts, ScoreScale

NUMBERS = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=30)


def normal_scores(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(1, 1, 300).round(2), random.normal(0, 1, 500).round(2)


def test_scores_are_gathered_with_their_weights() -> None:
    found = weighted_scores([0.9, 0.5], [0.5, 0.1], genuine_weights=[2, 3], impostor_weights=[1, 4])
    assert found.scores.tolist() == [0.1, 0.5, 0.9]
    assert found.genuine.tolist() == [0, 3, 2]
    assert found.impostor.tolist() == [4, 1, 0]
    assert (found.n_genuine, found.n_impostor, found.log_odds) == (5, 5, 0)
    assert found.weight.tolist() == [4, 4, 2]


def test_bins_stand_at_their_middles() -> None:
    scale = ScoreScale("cosine", 0.0, 1.0, 4)
    counts = ScoreCounts(scale, np.array([0, 1, 0, 2]), np.array([3, 0, 0, 1]))
    found = binned_scores(counts)
    assert found.scores.tolist() == [0.125, 0.375, 0.875]
    assert (found.genuine.tolist(), found.impostor.tolist()) == ([0, 1, 2], [3, 0, 1])
    with pytest.raises(ParameterError, match="there must be genuine pairs"):
        binned_scores(ScoreCounts(scale, np.zeros(4, np.int64), np.array([3, 0, 0, 1])))


def test_the_curve_is_that_of_the_scores() -> None:
    genuine, impostor = normal_scores()
    found, expected = weighted_scores(genuine, impostor).curve, far_frr_curve(genuine, impostor)
    np.testing.assert_allclose(found.thresholds, expected.thresholds)
    np.testing.assert_allclose(found.far, expected.far)
    np.testing.assert_allclose(found.frr, expected.frr, atol=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1e4])
@pytest.mark.parametrize("scale", [1.0, -3.0, 1e-3])
def test_the_logistic_is_that_of_scikit_learn(shift: float, scale: float) -> None:
    genuine, impostor = normal_scores()
    found = logistic_calibration(weighted_scores(scale * genuine + shift, scale * impostor + shift))
    known = np.concatenate([genuine, impostor])
    kind = np.repeat([1, 0], [300, 500])
    oracle = LogisticRegression(C=1e12, tol=1e-12, max_iter=1000).fit(known[:, None], kind)
    expected = oracle.predict_proba(known[:, None])[:, 1]
    np.testing.assert_allclose(found.probability(scale * known + shift), expected, atol=1e-6)
    assert not found.separated
    assert found.slope * scale == pytest.approx(oracle.coef_[0, 0], rel=1e-5)


def test_a_logistic_by_hand() -> None:
    # Two scores: at 0 one of four is genuine, at 1 three of four. The line meets both shares:
    # b = ln(1/3), a + b = ln 3. The pairs are half genuine, so their log odds are 0.
    found = logistic_calibration(weighted_scores([0, 1, 1, 1], [0, 0, 0, 1]))
    assert found.intercept == pytest.approx(-np.log(3))
    assert found.slope == pytest.approx(2 * np.log(3))
    assert found.probability([0, 1]) == pytest.approx([0.25, 0.75])
    assert found.log_likelihood_ratio(1) == pytest.approx(np.log(3))
    assert found.score_at(0.5) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("genuine", "impostor", "sign"),
    [([3, 4], [1, 2], 1), ([2, 3], [1, 2], 1), ([1, 2], [3, 4], -1)],
)
def test_separate_kinds_keep_a_finite_slope(
    genuine: list[float], impostor: list[float], sign: int
) -> None:
    pairs = weighted_scores(genuine, impostor)
    found = logistic_calibration(pairs)
    assert found.separated
    assert 1 < sign * found.slope < 100
    # At the optimum the gradient is 0: sum of (kind - p) z = ridge * slope per deviation.
    middle = np.average(pairs.scores, weights=pairs.weight)
    spread = np.sqrt(np.average((pairs.scores - middle) ** 2, weights=pairs.weight))
    place = (pairs.scores - middle) / spread
    residual = pairs.genuine - pairs.weight * found.probability(pairs.scores)
    assert residual @ place == pytest.approx(1e-6 * 4 * found.slope * spread, rel=1e-3)


def test_equal_scores_say_nothing() -> None:
    found = logistic_calibration(weighted_scores([2, 2], [2]))
    assert (found.slope, found.intercept) == (0, pytest.approx(np.log(2)))
    assert np.isnan(found.score_at(0.5))
    assert isotonic_calibration(weighted_scores([2, 2], [2])).probability(7) == pytest.approx(2 / 3)


def test_the_isotonic_is_that_of_scikit_learn() -> None:
    genuine, impostor = normal_scores()
    found = isotonic_calibration(weighted_scores(genuine, impostor))
    known = np.concatenate([genuine, impostor])
    kind = np.repeat([1.0, 0.0], [300, 500])
    oracle = IsotonicRegression(out_of_bounds="clip").fit(known, kind)
    between = np.linspace(-6, 6, 999)
    np.testing.assert_allclose(found.probability(between), oracle.predict(between), atol=1e-12)


def naive_isotonic(pairs: WeightedScores) -> list[float]:
    """At each place the largest mean from any place before, of the least to any place behind."""
    weight, m = pairs.weight, len(pairs.scores)

    def mean(i: int, j: int) -> float:
        return float(pairs.genuine[i : j + 1].sum() / weight[i : j + 1].sum())

    return [
        max(min(mean(i, j) for j in range(place, m)) for i in range(place + 1))
        for place in range(m)
    ]


@given(NUMBERS, NUMBERS)
def test_the_isotonic_is_the_max_min_of_means(genuine: list[float], impostor: list[float]) -> None:
    pairs = weighted_scores(genuine, impostor)
    found = isotonic_calibration(pairs).probabilities
    np.testing.assert_allclose(found, naive_isotonic(pairs), atol=1e-12)


@given(NUMBERS, NUMBERS, st.integers(1, 4))
def test_a_weight_is_a_repetition(genuine: list[float], impostor: list[float], times: int) -> None:
    once = weighted_scores(
        genuine,
        impostor,
        genuine_weights=[times] * len(genuine),
        impostor_weights=[2] * len(impostor),
    )
    repeated = weighted_scores(genuine * times, impostor * 2)
    np.testing.assert_allclose(once.genuine, repeated.genuine)
    one, other = logistic_calibration(once), logistic_calibration(repeated)
    at = np.array([-30.0, 0.0, 5.0])
    np.testing.assert_allclose(one.probability(at), other.probability(at), atol=1e-9)
    assert min_cllr(once) == pytest.approx(min_cllr(repeated))
    assert min_detection_cost(once.curve) == pytest.approx(min_detection_cost(repeated.curve))


@given(NUMBERS, NUMBERS)
def test_no_map_beats_the_least_cllr(genuine: list[float], impostor: list[float]) -> None:
    pairs = weighted_scores(genuine, impostor)
    least = min_cllr(pairs)
    assert -1e-12 <= least <= 1 + 1e-12
    assert cllr(pairs.scores, pairs) >= least - 1e-9  # the scores themselves, taken as ratios
    fitted = logistic_calibration(pairs)
    if fitted.slope >= 0:
        assert cllr(fitted.log_likelihood_ratio(pairs.scores), pairs) >= least - 1e-9
    assert min_cllr(weighted_scores(np.exp(np.array(genuine) / 9), np.exp(np.array(impostor) / 9)))\
        == pytest.approx(least)  # fmt: skip


def test_cllr_by_hand() -> None:
    # Genuine l = ln 3: ln(1 + 1/3) = ln 4/3. Impostor l = -ln 3 the same; l = 0: ln 2.
    # [ln 4/3 + (ln 4/3 + ln 2) / 2] / (2 ln 2) = [1.5 * .287682 + .346574] / 1.386294 = .561278
    pairs = weighted_scores([3.0], [1.0, 2.0])
    assert cllr([-np.log(3), 0, np.log(3)], pairs) == pytest.approx(0.561278, abs=1e-6)
    # infinite where no pair of the other kind is: costs nothing
    assert cllr([-np.inf, -np.inf, np.inf], pairs) == 0
    assert cllr([np.inf, -np.inf, np.inf], pairs) == np.inf


def test_the_least_cllr_by_hand() -> None:
    # Scores 1 i, 2 g, 3 i, 4 g. Pooled: 0, 1/2 at 2 and 3, 1. Log odds of the pairs 0, so l is
    # -inf, 0, 0, inf: genuine mean (ln 2 + 0) / 2, impostor the same: [ln 2] / (2 ln 2) = 1/2.
    assert min_cllr(weighted_scores([2, 4], [1, 3])) == pytest.approx(0.5)
    assert min_cllr(weighted_scores([3, 4], [1, 2])) == 0
    assert min_cllr(weighted_scores([1, 2], [3, 4])) == pytest.approx(1)


def test_costs_by_hand() -> None:
    # prior .01: (.01 * .1 + .99 * .01) / .01 = .1 + .99
    assert detection_cost(0.01, 0.1) == pytest.approx(1.09)
    # prior .5, a miss costs 3: (1.5 * .1 + .5 * .2) / .5 = .3 + .2
    assert detection_cost(0.2, 0.1, prior=0.5, miss_cost=3) == pytest.approx(0.5)
    # Thresholds inf 4 3 2 1: FAR 0 0 .5 .5 1, FRR 1 .5 .5 0 0; at prior .5 DCF = FAR + FRR:
    # 1 .5 1 .5 1: the least is .5, and 4 is the strictest threshold that has it.
    pairs = weighted_scores([2, 4], [1, 3])
    assert min_detection_cost(pairs.curve, prior=0.5) == (pytest.approx(0.5), 4)
    # accept l >= ln(.99 / .01) = 4.595: only the last passes: FAR 0, FRR .5
    assert actual_detection_cost([0, 1, 4.5, 4.6], pairs) == pytest.approx(0.5)
    # at prior .5 accept l >= 0: all: FAR 1, FRR 0
    assert actual_detection_cost([0, 1, 4.5, 4.6], pairs, prior=0.5) == pytest.approx(1)


@given(NUMBERS, NUMBERS, st.sampled_from([0.01, 0.3, 0.5, 0.9]))
def test_no_decision_beats_the_least_cost(
    genuine: list[float], impostor: list[float], prior: float
) -> None:
    pairs = weighted_scores(genuine, impostor)
    least, at = min_detection_cost(pairs.curve, prior=prior)
    assert least <= actual_detection_cost(pairs.scores, pairs, prior=prior) + 1e-9
    assert least <= 1 + 1e-12  # accepting all, or none
    far, frr = np.mean(np.array(impostor) >= at), np.mean(np.array(genuine) < at)
    assert detection_cost(far, frr, prior=prior) == pytest.approx(least)


def test_reliability_by_hand() -> None:
    # Sorted by probability: .1 (2 pairs, 0 genuine), .3 (2, 1), .8 (4, 4). In two bins of 4:
    # predicted .2 observed .25, predicted .8 observed 1: ECE (4 * .05 + 4 * .2) / 8 = .125.
    pairs = WeightedScores(
        np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 4.0]), np.array([2.0, 1.0, 0.0])
    )
    found = reliability([0.1, 0.3, 0.8], pairs, bins=2)
    assert found.predicted == pytest.approx([0.2, 0.8])
    assert found.observed == pytest.approx([0.25, 1])
    assert found.weight.tolist() == [4, 4]
    assert (found.error, found.bins) == (pytest.approx(0.125), 2)


def test_equal_probabilities_share_a_bin_and_the_isotonic_is_reliable() -> None:
    pairs = weighted_scores(*normal_scores())
    flat = reliability(np.full(len(pairs.scores), 0.5), pairs)
    assert len(flat.predicted) == 1
    assert flat.error == pytest.approx(abs(300 / 800 - 0.5))
    fitted = isotonic_calibration(pairs)
    assert reliability(fitted.probability(pairs.scores), pairs).error < 1e-12


def test_an_isotonic_ratio_may_be_infinite() -> None:
    fitted = IsotonicCalibration(np.array([1.0, 2.0]), np.array([0.0, 1.0]), 0.0)
    assert fitted.log_likelihood_ratio([0, 1.5, 3]).tolist() == [-np.inf, 0, np.inf]


PAIRS = weighted_scores([2, 4], [1, 3])
BAD = [
    (lambda: weighted_scores([], [1]), "genuine must be a non-empty list"),
    (lambda: weighted_scores([1], [np.nan]), "impostor must be a non-empty list"),
    (lambda: weighted_scores([1], [2], genuine_weights=[-1]), "genuine_weights must be 1 finite"),
    (lambda: weighted_scores([1], [2], impostor_weights=[1, 2]), "impostor_weights must be 1"),
    (lambda: weighted_scores([1], [2], genuine_weights=[0]), "there must be genuine pairs"),
    (lambda: weighted_scores(["a"], [2]), "genuine must be numbers"),
    (lambda: cllr([0, 0], PAIRS), "ratios must be 4 numbers"),
    (lambda: cllr([0, 0, 0, np.nan], PAIRS), "with NaN"),
    (lambda: reliability([0, 0, 0, 1.5], PAIRS), "probabilities must be between 0 and 1"),
    (lambda: reliability([0, 0, 0, 1], PAIRS, bins=0), "bins must be a whole number"),
    (lambda: detection_cost(0, 0, prior=1.0), "prior must lie between 0 and 1"),
    (lambda: detection_cost(0, 0, miss_cost=0), "miss_cost must be above 0"),
    (lambda: min_detection_cost(PAIRS.curve, false_alarm_cost=np.inf), "false_alarm_cost must be"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_what_cannot_be_used_is_named(call: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()  # type: ignore[operator]
