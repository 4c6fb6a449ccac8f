"""A threshold in another space: by hand, by naive loops, and where the answer is known."""

import numpy as np
import pytest

from core.errors import ParameterError
from core.metrics.pair_scores import score_pairs
from core.studies.thresholds.translation import Translation, _threshold, translation

RANDOM = np.random.default_rng(8)
LABELS = np.repeat(np.arange(4), [8, 7, 6, 5])
FIRST = RANDOM.normal(size=(4, 6))[LABELS] + RANDOM.normal(size=(26, 6))
SECOND = FIRST[:, :3]
LEFT, RIGHT = np.triu_indices(26, 1)
SAME = LABELS[LEFT] == LABELS[RIGHT]
A = score_pairs(FIRST[LEFT], FIRST[RIGHT], "cosine")
B = score_pairs(SECOND[LEFT], SECOND[RIGHT], "cosine")


@pytest.fixture(scope="module")
def study() -> Translation:
    return translation(FIRST, SECOND, labels=LABELS, resamples=50)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5])
def test_the_same_far_stands_in_both_spaces(study: Translation, rate: float) -> None:
    told = study.at(study.at_rate(rate))
    kept = int(np.floor(rate * np.count_nonzero(~SAME)))
    assert told.rate == kept / np.count_nonzero(~SAME)
    a, b = np.sort(A[~SAME])[-kept], np.sort(B[~SAME])[-kept]
    assert (told.in_a, told.in_b) == pytest.approx((a, b), abs=1e-6)
    by_a, by_b = a - 1e-6 <= A, b - 1e-6 <= B
    assert told.genuine is not None
    assert told.impostor is not None
    for change, kind in ((told.every, SAME | ~SAME), (told.genuine, SAME), (told.impostor, ~SAME)):
        assert (change.pairs, change.by_a, change.by_b, change.only_a, change.only_b) == (
            np.count_nonzero(kind),
            np.count_nonzero(by_a & kind),
            np.count_nonzero(by_b & kind),
            np.count_nonzero(by_a & ~by_b & kind),
            np.count_nonzero(by_b & ~by_a & kind),
        )
    assert told.tar_a == pytest.approx(by_a[SAME].mean())
    assert told.tar_b == pytest.approx(by_b[SAME].mean())
    assert told.impostor.by_a == told.impostor.by_b == kept


def test_without_labels_the_share_of_all_pairs_is_kept() -> None:
    study = translation(FIRST, SECOND, resamples=20)
    told = study.at(study.at_rate(0.1))
    assert (study.has_labels, study.counted) == (False, 325)
    assert told.every.by_a == told.every.by_b == 32
    assert told.genuine is None
    assert told.impostor is None
    assert np.isnan(told.tar_a)
    assert told.in_b == pytest.approx(np.sort(B)[-32], abs=1e-6)


def test_the_same_space_changes_nothing() -> None:
    study = translation(FIRST, 2 * FIRST, labels=LABELS, resamples=30)
    for rate in (0.1, 0.4):
        told = study.at(study.at_rate(rate))
        assert told.in_b == pytest.approx(told.in_a, abs=1e-6)
        assert (told.every.only_a, told.every.only_b) == (0, 0)
        low, high = told.interval
        # Where a pair at the threshold is not drawn, the next one above stands for it.
        assert told.in_a - 2e-3 < low <= high < told.in_a + 0.1


def test_another_metric_on_unit_vectors_is_its_formula() -> None:
    # On vectors of length 2, the score -d^2 / 2 is 4 cos - 4.
    unit = FIRST / np.linalg.norm(FIRST, axis=1, keepdims=True)
    study = translation(FIRST, 2 * unit, metric_b="euclidean", resamples=10)
    told = study.at(study.at_rate(0.2))
    assert told.in_b == pytest.approx(4 * told.in_a - 4, abs=1e-5)
    assert told.every.only_a == told.every.only_b == 0


def test_intervals_are_those_of_rows_drawn_again(study: Translation) -> None:
    at = study.at_rate(0.1)
    random = np.random.default_rng(0)
    weights = random.multinomial(26, np.full(26, 1 / 26), size=50)
    found = []
    for each in weights:
        times = (each[LEFT] * each[RIGHT])[~SAME]
        a, b = np.repeat(A[~SAME], times), np.sort(np.repeat(B[~SAME], times))
        kept = np.count_nonzero(a >= at - 1e-6)
        found.append(b[len(b) - kept])
    low, high = np.percentile(found, (2.5, 97.5))
    # The study reads its resamples from 4,096 bins, between which the nearest pairs lie apart.
    step = np.diff(np.sort(B[~SAME]))[-40:].max()
    assert study.at(at).interval == pytest.approx((low, high), abs=step)


def test_the_curve_rises_and_holds_the_threshold(study: Translation) -> None:
    curve = study.curve
    assert (np.diff(curve.rate) > 0).all()
    assert (np.diff(curve.in_a) <= 0).all()
    assert (np.diff(curve.in_b) <= 0).all()
    assert (curve.low <= curve.high).all()
    place = np.argmin(np.abs(curve.rate - 0.1))
    told = study.at(float(curve.in_a[place]))
    assert told.in_b == pytest.approx(curve.in_b[place])
    assert told.interval == pytest.approx((curve.low[place], curve.high[place]))


def test_flipped_pairs_are_those_of_one_space_alone(study: Translation) -> None:
    told = study.at(study.at_rate(0.1))
    only_a = np.flatnonzero((told.in_a - 1e-6 <= A) & (told.in_b - 1e-6 > B))
    pairs = study.flipped(told, "A")
    clearest = only_a[np.argsort(B[only_a])]
    assert pairs.left.tolist() == LEFT[clearest].tolist()
    assert pairs.right.tolist() == RIGHT[clearest].tolist()
    np.testing.assert_allclose(pairs.a, A[clearest], atol=1e-6)
    assert pairs.same is not None
    assert pairs.same.tolist() == SAME[clearest].tolist()
    assert len(study.flipped(told, "B", 2).left) == 2


def test_drawn_pairs_stand_in_their_quarter(study: Translation) -> None:
    told = study.at(study.at_rate(0.1))
    places, quarter = study.drawn_pairs(told, each=20)
    by_a, by_b = study.a[places] >= np.float32(told.in_a), study.b[places] >= np.float32(told.in_b)
    assert quarter.tolist() == np.select([by_a & by_b, by_a, by_b], [0, 1, 2], 3).tolist()
    assert np.bincount(quarter).max() == 20
    assert len(set(places)) == len(places)


def test_equal_scores_pass_together_or_not_at_all() -> None:
    scores = np.array([0.1, 0.5, 0.5, 0.5, 0.9], dtype=np.float32)
    assert [_threshold(scores, kept) for kept in (1, 4, 5)] == pytest.approx([0.9, 0.5, 0.1])
    assert _threshold(scores, 3) == pytest.approx(0.9)
    assert _threshold(scores, 0) > 0.9
    assert _threshold(np.full(3, 0.5, np.float32), 1) > 0.5


def test_a_threshold_above_all_pairs_keeps_none(study: Translation) -> None:
    told = study.at(1.5)
    assert (told.rate, told.every.by_a) == (0.0, 0)
    assert told.impostor is not None
    assert told.impostor.by_b == 0  # genuine pairs above all impostors pass
    assert np.isnan(told.every.share_of_accepted)


def test_a_sample_says_so() -> None:
    study = translation(FIRST, SECOND, rows=20, resamples=5)
    assert study.is_sample
    assert (len(study.rows), study.n) == (20, 26)
    labels = np.where(np.arange(26) < 3, -1, LABELS)
    assert translation(FIRST, SECOND, labels=labels, resamples=5).n == 23


def test_spaces_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ParameterError, match="got 26 and 25 rows"):
        translation(FIRST, SECOND[:25])
    with pytest.raises(ParameterError, match="26 rows of one class"):
        translation(FIRST, SECOND, labels=np.zeros(26, dtype=int))
    with pytest.raises(ParameterError, match="at least three rows"):
        translation(FIRST[:2], SECOND[:2])
    with pytest.raises(ParameterError, match="rate must be above 0"):
        translation(FIRST, SECOND, resamples=2).at_rate(0.0)
    with pytest.raises(ParameterError, match="threshold must be finite"):
        translation(FIRST, SECOND, resamples=2).at(float("nan"))
