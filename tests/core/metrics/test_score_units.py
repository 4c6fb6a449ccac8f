from typing import get_args

import numpy as np
import pytest
from scipy.spatial import distance

from core.distances import ROWS_AT_ONCE, Metric
from core.errors import ParameterError
from core.metrics.pair_scores import PairScores, score_pairs
from core.metrics.score_units import ScoreUnit, threshold_axis, units_of

METRICS: tuple[Metric, ...] = get_args(Metric)
RANDOM = np.random.default_rng(3)
LEFT, RIGHT = RANDOM.normal(size=(2, 40, 5)) + 0.5
UNIT_LEFT = LEFT / np.linalg.norm(LEFT, axis=1, keepdims=True)
UNIT_RIGHT = RIGHT / np.linalg.norm(RIGHT, axis=1, keepdims=True)
DOTS = np.array([np.dot(a, b) for a, b in zip(LEFT, RIGHT, strict=True)])
LENGTHS = np.array([distance.euclidean(a, b) for a, b in zip(LEFT, RIGHT, strict=True)])
COSINES = np.array([distance.cosine(a, b) for a, b in zip(LEFT, RIGHT, strict=True)])
CHORDS = np.array([distance.euclidean(a, b) for a, b in zip(UNIT_LEFT, UNIT_RIGHT, strict=True)])
EXPECTED: dict[tuple[Metric, str], np.ndarray] = {
    ("cosine", "cosine similarity"): 1 - COSINES,
    ("cosine", "cosine distance"): COSINES,
    ("cosine", "L2 on unit vectors"): CHORDS,
    ("cosine", "squared L2 on unit vectors"): CHORDS**2,
    ("cosine", "(1 + cosine) / 2"): (2 - COSINES) / 2,
    ("euclidean", "L2 distance"): LENGTHS,
    ("euclidean", "squared L2 distance"): LENGTHS**2,
    ("inner_product", "inner product"): DOTS,
    ("inner_product", "negative inner product"): -DOTS,
    ("inner_product", "1 - inner product"): 1 - DOTS,
}
UNITS = [(metric, unit) for metric in METRICS for unit in units_of(metric)]
EACH = pytest.mark.parametrize(
    ("metric", "unit"), UNITS, ids=lambda each: getattr(each, "name", each)
)


def test_no_unit_is_without_an_oracle() -> None:
    assert [(metric, unit.name) for metric, unit in UNITS] == list(EXPECTED)


def test_the_fingerprint_of_a_unit_is_that_of_no_other() -> None:
    assert len({unit.fingerprint for _, unit in UNITS}) == len(UNITS)


@EACH
def test_values_are_those_of_scipy(metric: Metric, unit: ScoreUnit) -> None:
    scores = score_pairs(LEFT, RIGHT, metric)
    np.testing.assert_allclose(unit.of(scores), EXPECTED[metric, unit.name], atol=1e-12)


@EACH
def test_scores_come_back(metric: Metric, unit: ScoreUnit) -> None:
    scores = score_pairs(LEFT, RIGHT, metric).reshape(8, 5)
    np.testing.assert_allclose(unit.to_score(unit.of(scores)), scores, atol=1e-12)


@EACH
def test_the_direction_says_which_pairs_are_accepted(metric: Metric, unit: ScoreUnit) -> None:
    scores = np.sort(score_pairs(LEFT, RIGHT, metric))
    values = unit.of(scores)
    assert np.all(np.diff(values) < 0 if unit.is_distance else np.diff(values) > 0)
    threshold = float(unit.of(scores[17]))
    accepted = values <= threshold if unit.is_distance else values >= threshold
    assert accepted.tolist() == [False] * 17 + [True] * 23
    assert unit.sign == ("<=" if unit.is_distance else ">=")


@pytest.mark.parametrize("unit", [units_of("cosine")[2], units_of("euclidean")[0]])
def test_no_length_is_below_zero(unit: ScoreUnit) -> None:
    above = 1.0 if unit.name.endswith("vectors") else 0.0
    assert unit.of(above + 1e-9) == 0.0


def test_the_axis_of_thresholds_is_a_distance_under_each_metric() -> None:
    named = {metric: threshold_axis(metric).name for metric in METRICS}
    assert named == {
        "cosine": "L2 on unit vectors",
        "euclidean": "L2 distance",
        "inner_product": "negative inner product",
    }
    assert all(threshold_axis(metric).is_distance for metric in METRICS)
    with pytest.raises(ParameterError, match="metric"):
        units_of("manhattan")  # type: ignore[arg-type]


@pytest.mark.parametrize("metric", METRICS)
def test_blocks_hold_the_scores_of_the_pairs(metric: Metric) -> None:
    rows = np.vstack([LEFT + 30.0, np.zeros((1, 5)), RIGHT + 30.0])  # far from the origin
    scores = PairScores(rows, metric)
    assert scores.n == 81
    i, j = (part.ravel() for part in np.mgrid[0:81, 0:81])
    exact = scores.of_pairs(i, j).reshape(81, 81)
    np.testing.assert_allclose(exact, score_pairs(rows[i], rows[j], metric).reshape(81, 81))
    off = 3e-6 if metric == "cosine" else 3e-6 * float((rows**2).sum(axis=1).max())
    np.testing.assert_allclose(scores.between(np.arange(81), np.arange(81)), exact, atol=off)
    room = np.empty(81 * 81, np.float32)
    block = scores.block(slice(3, 10), slice(60, 81), room)
    assert block.base is room
    found = block.astype(np.float64) * scores.unit + scores.offset
    np.testing.assert_allclose(found, exact[3:10, 60:81], atol=off)


@pytest.mark.parametrize("metric", METRICS)
def test_more_rows_than_are_prepared_at_once(metric: Metric) -> None:
    rows = np.random.default_rng(4).normal(size=(ROWS_AT_ONCE + 9, 5)).astype(np.float32)
    rows[ROWS_AT_ONCE + 2] = 0.0
    scores = PairScores(rows, metric)
    some = np.array([0, 3, ROWS_AT_ONCE, ROWS_AT_ONCE + 2, ROWS_AT_ONCE + 8])
    i, j = (some[part.ravel()] for part in np.mgrid[0:5, 0:5])
    exact = score_pairs(rows[i], rows[j], metric).reshape(5, 5)
    off = 3e-6 if metric == "cosine" else 3e-6 * float((rows**2).sum(axis=1).max())
    np.testing.assert_allclose(scores.between(some, some), exact, atol=off)


def test_products_of_long_rows_below_zero_stay_in_range() -> None:
    scores = PairScores(np.array([[-3e30, -4e30], [-1e30, -1e30]]), "inner_product")
    both = np.arange(2)
    np.testing.assert_allclose(scores.between(both, both), [[25e60, 7e60], [7e60, 2e60]], rtol=1e-6)
