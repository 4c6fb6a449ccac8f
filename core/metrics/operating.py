"""Figures of an operating point, and of all of them, from counted scores.

Thresholds are borders of the bins, at which every count of pairs is exact; a mean or a variance
takes each pair at the middle of its bin. `core.metrics.rates` has the same figures of scores.
"""

from dataclasses import dataclass

import numpy as np

from core.checks import check_number
from core.distances import Float64s
from core.errors import ParameterError
from core.metrics.rates import EerConvention, rate_where_equal
from core.metrics.score_counts import Counts, ScoreCounts


@dataclass(frozen=True)
class OperatingPoint:
    """What a threshold does.

    score: a pair is accepted iff its score is at least this. place: the border of the bins there.
    far, frr: shares of impostor pairs accepted and of genuine pairs rejected.
    """

    score: float
    place: int
    far: float
    frr: float

    @property
    def tar(self) -> float:
        """Share of genuine pairs accepted."""
        return 1.0 - self.frr

    @property
    def hter(self) -> float:
        """Half total error rate, (FAR + FRR) / 2."""
        return (self.far + self.frr) / 2.0


def point_at(counts: ScoreCounts, score: float) -> OperatingPoint:
    """The operating point at the border nearest to a score."""
    return _point(counts, counts.scale.place(score))


def point_at_far(counts: ScoreCounts, far: float) -> OperatingPoint | None:
    """The point of largest TAR with at most this FAR, and of these the strictest.

    None for 0 < far < 1 / impostor pairs, which so few pairs cannot resolve. Raises ParameterError
    unless far is within [0, 1].
    """
    if not 0 <= check_number(far, "far") <= 1:
        raise ParameterError(f"far must be between 0 and 1; got {far!r}.")
    if is_below_resolution(counts, far):
        return None
    laxest = int(np.argmax(counts.far <= far * (1 + 1e-12)))
    return _point(counts, _strictest_like(counts, laxest))


def is_below_resolution(counts: ScoreCounts, far: float) -> bool:
    """Whether a FAR above 0 is less than that of one pair."""
    return 0 < far * (1 + 1e-12) < 1 / counts.n_impostor


def point_at_tar(counts: ScoreCounts, tar: float) -> OperatingPoint:
    """The strictest point that accepts at least this share of the genuine pairs.

    Raises ParameterError unless tar is within [0, 1].
    """
    if not 0 <= check_number(tar, "tar") <= 1:
        raise ParameterError(f"tar must be between 0 and 1; got {tar!r}.")
    enough = np.flatnonzero(counts.frr <= 1.0 - tar + 1e-12)
    return _point(counts, int(enough[-1]))


def counted_eer(
    counts: ScoreCounts, convention: EerConvention = "interpolated"
) -> tuple[float, float]:
    """Equal error rate and its score; `core.metrics.equal_error_rate` has the conventions."""
    return rate_where_equal(counts.curve, convention)


def counted_tar_at_far(counts: ScoreCounts, far: float) -> float:
    """Largest share of genuine pairs accepted with at most this FAR; NaN below resolution."""
    point = point_at_far(counts, far)
    return float("nan") if point is None else point.tar


def counted_fnmr_at_fmr(counts: ScoreCounts, fmr: float) -> float:
    """False non-match rate at a false match rate, as open-metric-learning has it.

    The threshold is the quantile of the impostor pairs, and a genuine pair fails if it is no nearer
    than that; within a bin pairs are taken as spread evenly. NaN below resolution.
    """
    if is_below_resolution(counts, fmr):
        return float("nan")
    far, frr = counts.far[::-1], counts.frr[::-1]
    upper = int(np.searchsorted(far, fmr, side="left"))
    if upper == 0:  # the nearest impostor pair itself
        return float(frr[np.flatnonzero(far <= 0)[-1]])
    share = (fmr - far[upper - 1]) / (far[upper] - far[upper - 1])
    return float(frr[upper - 1] + share * (frr[upper] - frr[upper - 1]))


def counted_auc(counts: ScoreCounts) -> float:
    """Probability that a genuine pair scores above an impostor pair; one half within a bin."""
    below = np.cumsum(counts.impostor) - counts.impostor
    wins = np.sum(counts.genuine * (below + counts.impostor / 2.0))
    return float(wins / (counts.n_genuine * counts.n_impostor))


def counted_d_prime(counts: ScoreCounts) -> float:
    """(mean_g - mean_i) / sqrt((var_g + var_i) / 2) of the scores; NaN without any variance."""
    centers = counts.scale.centers
    mean_g, var_g = _moments(centers, counts.genuine)
    mean_i, var_i = _moments(centers, counts.impostor)
    spread = float(np.sqrt((var_g + var_i) / 2.0))
    return (mean_g - mean_i) / spread if spread > 0 else float("nan")


@dataclass(frozen=True)
class Gap:
    """Whether one threshold can separate all pairs (UNPG, Jung et al.).

    gap: smallest genuine less largest impostor score, above 0 iff one threshold separates all.
    genuine_below: share of the genuine pairs at or below the largest impostor score.
    impostors_above: share of the impostor pairs at or above the smallest genuine score.
    inner_gap: the 1 % quantile of the genuine less the 99 % quantile of the impostor scores.
    """

    gap: float
    genuine_below: float
    impostors_above: float
    inner_gap: float


def separation_gap(counts: ScoreCounts, smallest_genuine: float, largest_impostor: float) -> Gap:
    """The gap between genuine and impostor pairs, whose extreme scores are given exactly."""
    scale = counts.scale
    low, high = scale.bins_of(smallest_genuine), scale.bins_of(largest_impostor)
    below = np.cumsum(counts.genuine)[high] if smallest_genuine <= largest_impostor else 0.0
    above = counts.accepted_impostor[low] if smallest_genuine <= largest_impostor else 0.0
    return Gap(
        gap=smallest_genuine - largest_impostor,
        genuine_below=float(below / counts.n_genuine),
        impostors_above=float(above / counts.n_impostor),
        inner_gap=score_quantile(counts, "genuine", 0.01)
        - score_quantile(counts, "impostor", 0.99),
    )


def score_quantile(counts: ScoreCounts, kind: str, share: float) -> float:
    """The score below which this share of the pairs of a kind lies, even within a bin."""
    values = counts.genuine if kind == "genuine" else counts.impostor
    below = np.concatenate([[0.0], np.cumsum(values) / values.sum()])
    return float(np.interp(share, below, counts.scale.edges))


def _point(counts: ScoreCounts, place: int) -> OperatingPoint:
    return OperatingPoint(
        score=float(counts.scale.edges[place]),
        place=place,
        far=float(counts.far[place]),
        frr=float(counts.frr[place]),
    )


def _strictest_like(counts: ScoreCounts, place: int) -> int:
    """The strictest border that accepts the same genuine pairs."""
    same = np.flatnonzero(counts.accepted_genuine == counts.accepted_genuine[place])
    return int(same[-1])


def _moments(values: Float64s, weights: Counts) -> tuple[float, float]:
    mean = float(np.average(values, weights=weights))
    return mean, float(np.average((values - mean) ** 2, weights=weights))
