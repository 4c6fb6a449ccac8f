"""Calibration of judged pairs and of labels: halves, reliability, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from core.data.judged_pairs import JudgedPairs
from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.metrics.calibration import (
    cllr,
    isotonic_calibration,
    logistic_calibration,
    min_cllr,
    weighted_scores,
)
from core.metrics.judged_scores import JudgedScores
from core.metrics.pair_scores import score_pairs
from core.studies.thresholds.calibrated import judged_calibration, label_calibration

RANDOM = np.random.default_rng(8)
QUERIES = np.repeat(np.arange(40), 10)
SAME = RANDOM.random(400) < 0.4
SCORES = RANDOM.normal(size=400) + SAME


def judged(same: np.ndarray = SAME, queries: np.ndarray = QUERIES) -> JudgedScores:
    return JudgedScores("cosine", SCORES, same, queries)


def test_judged_pairs_are_calibrated_by_the_other_half_of_the_queries() -> None:
    found = judged_calibration(judged(), seed=5)
    first = np.random.default_rng(5).permutation(40)[QUERIES] < 20
    assert found.base_rate == pytest.approx(SAME.mean())
    assert (found.items, found.of_labels, found.seed) == (40, False, 5)
    pairs = weighted_scores(SCORES[SAME], SCORES[~SAME])
    assert found.logistic == logistic_calibration(pairs)
    assert found.min_cllr == min_cllr(pairs)
    predicted, ratios = np.empty(400), np.empty(400)
    for held in (first, ~first):
        fitted = weighted_scores(SCORES[~held & SAME], SCORES[~held & ~SAME])
        predicted[held] = logistic_calibration(fitted).probability(SCORES[held])
        ratios[held] = logistic_calibration(fitted).log_likelihood_ratio(SCORES[held])
    cost = np.logaddexp(0, -ratios[SAME]).mean() + np.logaddexp(0, ratios[~SAME]).mean()
    assert found.cllr == pytest.approx(cost / (2 * np.log(2)))
    assert found.logistic_reliability is not None
    order = np.argsort(predicted)
    parts = [order[i * 40 : (i + 1) * 40] for i in range(10)]
    error = np.mean([abs(SAME[p].mean() - predicted[p].mean()) for p in parts])
    assert found.logistic_reliability.error == pytest.approx(error)
    assert found.logistic_reliability.weight.tolist() == [40] * 10


def test_what_is_fitted_on_itself_would_be_too_good() -> None:
    found = judged_calibration(judged())
    pairs = weighted_scores(SCORES[SAME], SCORES[~SAME])
    own = isotonic_calibration(pairs)
    assert cllr(own.log_likelihood_ratio(pairs.scores), pairs) < found.cllr
    assert found.isotonic_reliability is not None
    assert found.isotonic_reliability.error > 0.01


def test_too_few_pairs_have_no_reliability() -> None:
    same = np.zeros(400, dtype=bool)
    same[:10] = True  # all of one query
    found = judged_calibration(judged(same))
    assert (found.logistic_reliability, found.isotonic_reliability) == (None, None)
    assert np.isnan(found.cllr)
    with pytest.raises(ParameterError, match="must be of both kinds"):
        judged_calibration(judged(np.zeros(400, dtype=bool)))


@pytest.mark.parametrize("metric", METRICS)
def test_pairs_of_labeled_rows(metric: Metric) -> None:
    labels = np.repeat([0, 1, 2, -1], [12, 10, 8, 5])
    rows = 2 * RANDOM.normal(size=(4, 6))[labels] + RANDOM.normal(size=(35, 6))
    found = label_calibration(rows, labels, metric=metric)
    left, right = np.triu_indices(30, 1)
    scores = score_pairs(rows[left], rows[right], metric)
    same = labels[left] == labels[right]
    assert (found.items, found.of_labels) == (30, True)
    assert found.pairs.n_genuine == same.sum() == 66 + 45 + 28
    assert found.pairs.n_impostor == (~same).sum()
    expected = logistic_calibration(weighted_scores(scores[same], scores[~same]))
    at = np.quantile(scores, [0.1, 0.5, 0.9])
    np.testing.assert_allclose(found.logistic.probability(at), expected.probability(at), atol=2e-3)
    assert found.logistic_reliability is not None
    # 6 + 5 + 4 rows are in each half: 105 pairs, twice
    assert found.logistic_reliability.weight.sum() == 210


def test_labels_that_are_no_classes_are_refused() -> None:
    with pytest.raises(ParameterError, match="at least two classes"):
        label_calibration(np.eye(4), np.arange(4))
    with pytest.raises(ParameterError, match="at least two classes"):
        label_calibration(np.eye(4), np.zeros(4, dtype=np.int64))


def test_a_pair_list_is_named_by_its_content() -> None:
    one = JudgedPairs(QUERIES, QUERIES + 1, SAME, False, "a", (), pd.DataFrame())
    other = JudgedPairs(QUERIES, QUERIES + 1, SAME, False, "b", ("read",), pd.DataFrame())
    assert one.fingerprint == other.fingerprint
    queries = JudgedPairs(QUERIES, QUERIES + 1, SAME, True, "a", (), pd.DataFrame())
    assert queries.fingerprint != one.fingerprint
