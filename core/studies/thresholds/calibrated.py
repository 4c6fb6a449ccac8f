"""The probability that a pair of some score belongs together, and how far it holds."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_rows
from core.distances import Floats, Metric, check_metric
from core.errors import ParameterError
from core.metrics.calibration import (
    IsotonicCalibration,
    LogisticCalibration,
    Reliability,
    WeightedScores,
    binned_scores,
    cllr,
    isotonic_calibration,
    logistic_calibration,
    min_cllr,
    reliability,
    weighted_scores,
)
from core.metrics.judged_scores import JudgedScores
from core.metrics.pair_scores import PairScores
from core.metrics.score_counts import ScoreCounts, ScoreScale
from core.studies.parts.sampling import sample_classes

Labels = npt.NDArray[np.integer[Any]]
ROWS = 2_000


@dataclass(frozen=True, eq=False)
class CalibrationStudy:
    """Calibrations of pairs, and how they do on pairs that they were not fitted on.

    metric: of the scores. pairs: all of them; logistic, isotonic: fitted on them. For the rest the
    pairs are in two halves, of queries or of rows, each calibrated by the other: predicted against
    observed in 10 bins, and Cllr of the logistic; None and NaN where a half misses one kind of
    pair. min_cllr: of all pairs, the least that a rising map can reach. items: queries or rows that
    the pairs come from, halved with `seed`. of_labels: whether classes, not judgments, say which
    pairs are genuine.
    """

    metric: Metric
    pairs: WeightedScores
    logistic: LogisticCalibration
    isotonic: IsotonicCalibration
    logistic_reliability: Reliability | None
    isotonic_reliability: Reliability | None
    cllr: float
    min_cllr: float
    items: int
    of_labels: bool
    seed: int

    @property
    def base_rate(self) -> float:
        """Share of the pairs that is genuine; the probabilities hold where it is the same."""
        return self.pairs.n_genuine / float(self.pairs.weight.sum())


def judged_calibration(scores: JudgedScores, *, seed: int = 0) -> CalibrationStudy:
    """Calibrate the scores of judged pairs; halves are of queries, whose pairs stay together.

    Raises ParameterError where there are not pairs of both kinds.
    """
    if not scores.has_both:
        raise ParameterError("judged pairs must be of both kinds, same and different.")
    names, place = np.unique(scores.queries, return_inverse=True)
    first = _half(len(names), seed)[place]
    halves = [
        _both(scores.scores[part & scores.same], scores.scores[part & ~scores.same])
        for part in (first, ~first)
    ]
    return _study(scores.metric, scores.weighted, halves, len(names), of_labels=False, seed=seed)


def label_calibration(
    vectors: Floats,
    labels: Labels,
    *,
    metric: Metric = "cosine",
    rows: int = ROWS,
    seed: int = 0,
) -> CalibrationStudy:
    """Calibrate the scores of all pairs of about `rows` rows, genuine where they share a label.

    labels: (n,) codes, below 0 for a missing label. Whole classes are drawn (`sample_classes`), so
    that the share of genuine pairs follows from the sample. Halves are of the rows of each class;
    pairs across them are in neither. Raises ParameterError where no two rows share a label, or all.
    """
    given, metric = check_rows(vectors, "vectors"), check_metric(metric)
    codes = check_labels(labels, len(given))
    chosen = sample_classes(codes, rows, seed=seed)
    kinds = codes[chosen]
    places = np.arange(len(chosen))
    products = PairScores(np.ascontiguousarray(given[chosen]), metric)
    one, other = np.triu_indices(len(chosen), 1)
    scores = products.between(places, places)[one, other]
    same = kinds[one] == kinds[other]
    if not same.any() or same.all():
        raise ParameterError("labels must name at least two classes, one of two members or more.")
    first = _class_halves(kinds, seed)
    margin = max(1e-9, 1e-6 * float(np.abs(scores).max()))
    scale = ScoreScale(metric, float(scores.min()) - margin, float(scores.max()) + margin)

    def binned(part: npt.NDArray[np.bool_]) -> WeightedScores | None:
        genuine, impostor = scores[part & same], scores[part & ~same]
        if not len(genuine) or not len(impostor):
            return None
        return binned_scores(ScoreCounts(scale, scale.count(genuine), scale.count(impostor)))

    pairs = binned(np.ones(len(one), dtype=bool))
    assert pairs is not None
    halves = [binned(side[one] & side[other]) for side in (first, ~first)]
    return _study(metric, pairs, halves, len(chosen), of_labels=True, seed=seed)


def _study(
    metric: Metric,
    pairs: WeightedScores,
    halves: list[WeightedScores | None],
    items: int,
    *,
    of_labels: bool,
    seed: int,
) -> CalibrationStudy:
    by_logistic = by_isotonic = None
    cost = float("nan")
    one, other = halves
    if one is not None and other is not None:
        held = _joined(one, other)
        logistic = [logistic_calibration(other), logistic_calibration(one)]
        isotonic = [isotonic_calibration(other), isotonic_calibration(one)]
        lines = list(zip(logistic, isotonic, (one, other), strict=True))
        by_logistic = reliability(
            np.concatenate([fit.probability(half.scores) for fit, _, half in lines]), held
        )
        by_isotonic = reliability(
            np.concatenate([fit.probability(half.scores) for _, fit, half in lines]), held
        )
        ratios = [fit.log_likelihood_ratio(half.scores) for fit, _, half in lines]
        cost = cllr(np.concatenate(ratios), held)
    return CalibrationStudy(
        metric=metric,
        pairs=pairs,
        logistic=logistic_calibration(pairs),
        isotonic=isotonic_calibration(pairs),
        logistic_reliability=by_logistic,
        isotonic_reliability=by_isotonic,
        cllr=cost,
        min_cllr=min_cllr(pairs),
        items=items,
        of_labels=of_labels,
        seed=seed,
    )


def _joined(one: WeightedScores, other: WeightedScores) -> WeightedScores:
    """Both halves as they stand, so that a score of each keeps a probability of its own."""
    return WeightedScores(
        np.concatenate([one.scores, other.scores]),
        np.concatenate([one.genuine, other.genuine]),
        np.concatenate([one.impostor, other.impostor]),
    )


def _both(
    genuine: npt.NDArray[np.float64], impostor: npt.NDArray[np.float64]
) -> WeightedScores | None:
    if not len(genuine) or not len(impostor):
        return None
    return weighted_scores(genuine, impostor)


def _half(count: int, seed: int) -> npt.NDArray[np.bool_]:
    """Whether each of `count` items is in the first half."""
    return np.asarray(np.random.default_rng(seed).permutation(count) < count // 2)


def _class_halves(kinds: Labels, seed: int) -> npt.NDArray[np.bool_]:
    """Whether each row is in the first half of its class, (m,)."""
    random = np.random.default_rng(seed)
    order = np.lexsort((random.random(len(kinds)), kinds))
    _, counts = np.unique(kinds, return_counts=True)
    rank = np.arange(len(kinds)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = np.empty(len(kinds), dtype=bool)
    first[order] = rank < np.repeat(counts, counts) // 2
    return first
