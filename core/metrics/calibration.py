"""From scores to probabilities: calibration, how far it holds, and what decisions cost.

A score is the larger, the nearer. Genuine pairs should be accepted, impostor pairs rejected. All
functions take `WeightedScores`: distinct scores with the weight of the genuine and of the impostor
pairs at each, made of arrays of scores (`weighted_scores`) or of counts in bins (`binned_scores`).

A log likelihood ratio l(s) is ln(density of genuine scores / density of impostor scores) at s: the
log odds of a calibrated probability less the log odds of the pairs that it was fitted on. Unlike
the probability, it does not depend on how many of the pairs are genuine.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from core.checks import as_array, check_count, check_number, check_numbers
from core.distances import Float64s
from core.errors import ParameterError
from core.metrics.rates import RateCurve
from core.metrics.score_counts import ScoreCounts

RIDGE = 1e-6  # of the total weight, on the slope per standard deviation, where classes separate
STEPS, CONVERGED = 200, 1e-10
PRIOR = 0.01
BINS = 10


@dataclass(frozen=True, eq=False)
class WeightedScores:
    """Distinct scores, ascending, (m,), with the weight of the pairs of each kind at each, (m,)."""

    scores: Float64s
    genuine: Float64s
    impostor: Float64s

    @property
    def n_genuine(self) -> float:
        """Weight of the genuine pairs."""
        return float(self.genuine.sum())

    @property
    def n_impostor(self) -> float:
        """Weight of the impostor pairs."""
        return float(self.impostor.sum())

    @property
    def weight(self) -> Float64s:
        """Weight of all pairs at each score, (m,)."""
        return self.genuine + self.impostor

    @property
    def log_odds(self) -> float:
        """ln(genuine / impostor) of the weights."""
        return float(np.log(self.n_genuine / self.n_impostor))

    @cached_property
    def curve(self) -> RateCurve:
        """FAR and FRR at every score, from the strictest threshold, which accepts nothing."""
        far = np.append(0.0, np.cumsum(self.impostor[::-1])) / self.n_impostor
        frr = 1.0 - np.append(0.0, np.cumsum(self.genuine[::-1])) / self.n_genuine
        return RateCurve(np.append(np.inf, self.scores[::-1]), far, frr)


def weighted_scores(
    genuine: npt.ArrayLike,
    impostor: npt.ArrayLike,
    *,
    genuine_weights: npt.ArrayLike | None = None,
    impostor_weights: npt.ArrayLike | None = None,
) -> WeightedScores:
    """Scores of the genuine pairs (g,) and of the impostor pairs (i,); a weight is 1 by default.

    Raises ParameterError for scores that are not finite, weights below 0 or of another number, and
    where one kind has no weight.

    >>> found = weighted_scores([0.9, 0.5], [0.5, 0.1, 0.1])
    >>> found.scores.tolist(), found.genuine.tolist(), found.impostor.tolist()
    ([0.1, 0.5, 0.9], [0.0, 1.0, 1.0], [2.0, 1.0, 0.0])
    """
    one, own = _checked(genuine, genuine_weights, "genuine")
    other, others = _checked(impostor, impostor_weights, "impostor")
    scores, place = np.unique(np.concatenate([one, other]), return_inverse=True)
    size, first = len(scores), len(one)
    return WeightedScores(
        scores,
        _summed(place[:first], own, size),
        _summed(place[first:], others, size),
    )


def binned_scores(counts: ScoreCounts) -> WeightedScores:
    """Counted pairs, each at the middle of its bin; bins without pairs are left out."""
    _check_weight("genuine", counts.n_genuine)
    _check_weight("impostor", counts.n_impostor)
    filled = np.flatnonzero(np.asarray(counts.genuine + counts.impostor) > 0)
    return WeightedScores(
        counts.scale.centers[filled],
        np.asarray(counts.genuine[filled], dtype=np.float64),
        np.asarray(counts.impostor[filled], dtype=np.float64),
    )


@dataclass(frozen=True)
class LogisticCalibration:
    """The probability that a pair of score s is genuine: sigma(slope s + intercept).

    log_odds: ln(genuine / impostor) of the pairs it was fitted on. separated: whether some score
    separates the two kinds, so that a ridge kept the slope finite.
    """

    slope: float
    intercept: float
    log_odds: float
    separated: bool

    def probability(self, scores: npt.ArrayLike) -> Float64s:
        """Of scores of any shape, where genuine pairs are as frequent as in the fitted ones."""
        return np.asarray(expit(self.slope * np.asarray(scores, np.float64) + self.intercept))

    def log_likelihood_ratio(self, scores: npt.ArrayLike) -> Float64s:
        """Of scores of any shape."""
        line = self.slope * np.asarray(scores, np.float64) + self.intercept
        return np.asarray(line - self.log_odds)

    def score_at(self, probability: float) -> float:
        """The score whose probability this is; NaN where the line is flat."""
        if self.slope == 0:
            return float("nan")
        return float((logit(probability) - self.intercept) / self.slope)


def logistic_calibration(pairs: WeightedScores) -> LogisticCalibration:
    """Fit sigma(a s + b) by maximum likelihood: Newton's steps, halved where one goes too far.

    Scores are brought to mean 0 and standard deviation 1 for the fit. Where a score separates the
    two kinds, no finite slope is the best: half of 1e-6 of the total weight times the squared slope
    per standard deviation is then taken off the log likelihood. Equal scores give slope 0.
    """
    weight, total = pairs.weight, float(pairs.weight.sum())
    middle = float(weight @ pairs.scores) / total
    spread = float(np.sqrt(weight @ (pairs.scores - middle) ** 2 / total))
    if spread == 0 or len(pairs.scores) == 1:
        return LogisticCalibration(0.0, pairs.log_odds, pairs.log_odds, separated=False)
    separated = _separated(pairs)
    ridge = RIDGE * total if separated else 0.0
    slope, intercept = _newton((pairs.scores - middle) / spread, pairs, ridge)
    return LogisticCalibration(
        slope / spread, intercept - slope * middle / spread, pairs.log_odds, separated
    )


@dataclass(frozen=True, eq=False)
class IsotonicCalibration:
    """A probability that never falls as the score rises; known at scores (m,), ascending.

    Between two of them it is interpolated, beyond the ends it stays. log_odds: ln(genuine /
    impostor) of the pairs it was fitted on.
    """

    scores: Float64s
    probabilities: Float64s
    log_odds: float

    def probability(self, scores: npt.ArrayLike) -> Float64s:
        """Of scores of any shape, where genuine pairs are as frequent as in the fitted ones."""
        return np.interp(np.asarray(scores, np.float64), self.scores, self.probabilities)

    def log_likelihood_ratio(self, scores: npt.ArrayLike) -> Float64s:
        """Of scores of any shape; infinite where the probability is 0 or 1."""
        with np.errstate(divide="ignore"):
            return np.asarray(logit(self.probability(scores)) - self.log_odds)


def isotonic_calibration(pairs: WeightedScores) -> IsotonicCalibration:
    """Pool adjacent violators: the rising step function nearest to the shares of genuine pairs.

    Nearest by weighted squares, which is also the most likely (Ayer et al. 1955).
    """
    from scipy.optimize import isotonic_regression  # takes most of a second: not at the app's start

    weight = pairs.weight
    pooled = isotonic_regression(pairs.genuine / weight, weights=weight).x
    return IsotonicCalibration(pairs.scores, np.clip(pooled, 0.0, 1.0), pairs.log_odds)


class Reliability(NamedTuple):
    """Predicted against observed in b bins of about equal weight, by rising probability.

    predicted, observed: (b,) mean probability and share of genuine pairs. weight: (b,) of pairs.
    error: the expected calibration error (ECE), mean |observed - predicted| by weight. bins: that
    were asked for; equal probabilities stay together, so that there may be fewer.
    """

    predicted: Float64s
    observed: Float64s
    weight: Float64s
    error: float
    bins: int


def reliability(
    probabilities: npt.ArrayLike, pairs: WeightedScores, *, bins: int = BINS
) -> Reliability:
    """Compare probabilities (m,), one for each score of `pairs`, with the shares observed.

    bins: of equal weight in the order of the probabilities; ECE depends on how many (Naeini et al.
    2015). Raises ParameterError for probabilities outside [0, 1].
    """
    bins, given = check_count(bins, "bins"), _per_score(probabilities, pairs, "probabilities")
    if not ((given >= 0) & (given <= 1)).all():
        raise ParameterError("probabilities must be between 0 and 1.")
    values, place = np.unique(given, return_inverse=True)
    genuine = _summed(place, pairs.genuine, len(values))
    weight = _summed(place, pairs.weight, len(values))
    middle = (np.cumsum(weight) - weight / 2) / weight.sum()
    slot = np.minimum((middle * bins).astype(np.int64), bins - 1)
    in_bin = _summed(slot, weight, bins)
    kept = in_bin > 0
    predicted = _summed(slot, weight * values, bins)[kept] / in_bin[kept]
    observed = _summed(slot, genuine, bins)[kept] / in_bin[kept]
    error = float(in_bin[kept] @ np.abs(observed - predicted) / weight.sum())
    return Reliability(predicted, observed, in_bin[kept], error, bins)


def cllr(ratios: npt.ArrayLike, pairs: WeightedScores) -> float:
    """Cost of log likelihood ratios (m,), one for each score of `pairs`, in bits.

    [mean over genuine ln(1 + e^-l) + mean over impostor ln(1 + e^l)] / (2 ln 2) (Brummer and du
    Preez 2006). 0 is perfect, 1 is what l = 0 costs, which says nothing.

    >>> cllr([0.0, 0.0], weighted_scores([0.9], [0.1]))
    1.0
    """
    values = _per_score(ratios, pairs, "ratios")
    missed = _mean(np.logaddexp(0.0, -values), pairs.genuine)
    alarmed = _mean(np.logaddexp(0.0, values), pairs.impostor)
    return float((missed + alarmed) / (2 * np.log(2)))


def min_cllr(pairs: WeightedScores) -> float:
    """Cllr of the best rising map of the scores to log likelihood ratios (isotonic)."""
    return cllr(isotonic_calibration(pairs).log_likelihood_ratio(pairs.scores), pairs)


def detection_cost(
    far: npt.ArrayLike,
    frr: npt.ArrayLike,
    *,
    prior: float = PRIOR,
    miss_cost: float = 1.0,
    false_alarm_cost: float = 1.0,
) -> Float64s:
    """DCF of rates of any shape: [C_miss FRR pi + C_fa FAR (1 - pi)] / min(C_miss pi, C_fa (1-pi)).

    prior: pi, the share of genuine pairs that is expected in use. The divisor is the cost of the
    better of accepting all and accepting none (NIST speaker recognition evaluations).

    >>> float(detection_cost(0.01, 0.1))  # (.1 * .01 + .01 * .99) / .01
    1.09
    """
    miss, alarm = _costs(prior, miss_cost, false_alarm_cost)
    values = miss * np.asarray(frr, np.float64) + alarm * np.asarray(far, np.float64)
    return np.asarray(values / min(miss, alarm))


def min_detection_cost(
    curve: RateCurve,
    *,
    prior: float = PRIOR,
    miss_cost: float = 1.0,
    false_alarm_cost: float = 1.0,
) -> tuple[float, float]:
    """minDCF, the least DCF over all thresholds, and the strictest threshold that has it."""
    costs = detection_cost(
        curve.far, curve.frr, prior=prior, miss_cost=miss_cost, false_alarm_cost=false_alarm_cost
    )
    best = int(np.argmin(costs))
    return float(costs[best]), float(curve.thresholds[best])


def actual_detection_cost(
    ratios: npt.ArrayLike,
    pairs: WeightedScores,
    *,
    prior: float = PRIOR,
    miss_cost: float = 1.0,
    false_alarm_cost: float = 1.0,
) -> float:
    """actDCF: the DCF of accepting l >= ln[C_fa (1 - pi) / (C_miss pi)], as Bayes would.

    ratios: (m,) log likelihood ratios, one for each score of `pairs`.
    """
    miss, alarm = _costs(prior, miss_cost, false_alarm_cost)
    accepted = _per_score(ratios, pairs, "ratios") >= np.log(alarm / miss)
    far = float(pairs.impostor[accepted].sum()) / pairs.n_impostor
    frr = float(pairs.genuine[~accepted].sum()) / pairs.n_genuine
    return float(
        detection_cost(
            far, frr, prior=prior, miss_cost=miss_cost, false_alarm_cost=false_alarm_cost
        )
    )


def _summed(place: npt.NDArray[np.int64], weights: Float64s, size: int) -> Float64s:
    """The weights at each of `size` places together."""
    return np.asarray(np.bincount(place, weights=weights, minlength=size), dtype=np.float64)


def _newton(places: Float64s, pairs: WeightedScores, ridge: float) -> tuple[float, float]:
    """Slope and intercept of the most likely line in standardized scores."""
    line = np.array([0.0, pairs.log_odds])
    value = _likelihood(line, places, pairs, ridge)
    total = float(pairs.weight.sum())
    for _ in range(STEPS):
        probability = expit(line[0] * places + line[1])
        residual = pairs.genuine - pairs.weight * probability
        bend = pairs.weight * probability * (1.0 - probability)
        gradient = np.array([residual @ places - ridge * line[0], residual.sum()])
        if np.abs(gradient).max() <= CONVERGED * total:
            break
        across = bend @ places
        curvature = np.array([[bend @ places**2 + ridge, across], [across, bend.sum()]])
        step = np.linalg.solve(curvature + np.eye(2) * 1e-14 * total, gradient)
        while True:
            tried = _likelihood(line + step, places, pairs, ridge)
            if tried >= value or np.abs(step).max() < CONVERGED:
                break
            step /= 2
        if tried <= value:
            break
        line, value = line + step, tried
    return float(line[0]), float(line[1])


def _likelihood(line: Float64s, places: Float64s, pairs: WeightedScores, ridge: float) -> float:
    values = line[0] * places + line[1]
    lost = pairs.genuine @ np.logaddexp(0.0, -values) + pairs.impostor @ np.logaddexp(0.0, values)
    return float(-lost - ridge * line[0] ** 2 / 2)


def _separated(pairs: WeightedScores) -> bool:
    """Whether a threshold separates the kinds, either way round; a common score may be its own."""
    one, other = np.flatnonzero(pairs.genuine > 0), np.flatnonzero(pairs.impostor > 0)
    return bool(one[0] >= other[-1] or one[-1] <= other[0])


def _mean(values: Float64s, weights: Float64s) -> float:
    """The mean by weights; a value without weight may be infinite."""
    used = weights > 0
    return float(values[used] @ weights[used] / weights.sum())


def _costs(prior: float, miss_cost: float, false_alarm_cost: float) -> tuple[float, float]:
    """Cost of a miss and of a false alarm, each by how often it can happen."""
    if not 0 < check_number(prior, "prior") < 1:
        raise ParameterError(f"prior must lie between 0 and 1, both excluded; got {prior!r}.")
    for name, cost in (("miss_cost", miss_cost), ("false_alarm_cost", false_alarm_cost)):
        if not 0 < check_number(cost, name) < np.inf:
            raise ParameterError(f"{name} must be above 0 and finite; got {cost!r}.")
    return miss_cost * prior, false_alarm_cost * (1.0 - prior)


def _per_score(values: npt.ArrayLike, pairs: WeightedScores, name: str) -> Float64s:
    given = check_numbers(values, name)
    if given.shape != pairs.scores.shape or np.isnan(given).any():
        raise ParameterError(
            f"{name} must be {len(pairs.scores):,} numbers, one for each score; got shape "
            f"{given.shape}{' with NaN' if np.isnan(given).any() else ''}."
        )
    return given


def _checked(
    scores: npt.ArrayLike, weights: npt.ArrayLike | None, name: str
) -> tuple[Float64s, Float64s]:
    values = check_numbers(scores, name)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ParameterError(
            f"{name} must be a non-empty list of finite scores; got shape {values.shape}. Leave "
            "NaN and infinity out."
        )
    if weights is None:
        return values, np.ones(len(values))
    given = check_numbers(as_array(weights, f"{name}_weights"), f"{name}_weights")
    if given.shape != values.shape or not (np.isfinite(given) & (given >= 0)).all():
        raise ParameterError(
            f"{name}_weights must be {len(values):,} finite numbers of at least 0; got shape "
            f"{given.shape}."
        )
    _check_weight(name, float(given.sum()))
    used = given > 0
    return values[used], given[used]


def _check_weight(name: str, weight: float) -> None:
    if not weight > 0:
        raise ParameterError(f"there must be {name} pairs of a weight above 0; got none.")
