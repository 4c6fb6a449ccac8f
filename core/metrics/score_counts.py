"""Scores of genuine and impostor pairs, counted in fine bins, and the rates at any threshold.

A score is the larger, the nearer; a pair is accepted at a threshold iff its score is at least that.
Thresholds are the borders of the bins, of which there are thousands, so that a count of pairs is
exact at every one of them, and no pair has to be kept.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Metric
from core.metrics.rates import RateCurve

Counts = npt.NDArray[Any]  # whole numbers, or weights
BINS = 1 << 14


@dataclass(frozen=True)
class ScoreScale:
    """`bins` bins of equal width from `low` to `high`; the first and the last take what is beyond.

    metric: of the scores.
    """

    metric: Metric
    low: float
    high: float
    bins: int = BINS

    @cached_property
    def edges(self) -> Float64s:
        """Borders of the bins, (bins + 1,), ascending."""
        return np.linspace(self.low, self.high, self.bins + 1)

    @cached_property
    def centers(self) -> Float64s:
        """Middle of each bin, (bins,)."""
        return np.asarray((self.edges[:-1] + self.edges[1:]) / 2.0)

    def place(self, score: float) -> int:
        """Index of the border that is nearest to a score."""
        share = (score - self.low) / (self.high - self.low)
        return round(min(max(share, 0.0), 1.0) * self.bins)

    def bins_of(self, scores: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """The bin of each score, of any shape."""
        values = np.asarray(scores, dtype=np.float64)
        share = (values - self.low) / (self.high - self.low)
        return np.asarray(np.clip(np.floor(share * self.bins), 0, self.bins - 1), dtype=np.int64)

    def count(self, scores: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """How many scores lie in each bin, (bins,)."""
        return np.bincount(self.bins_of(scores).ravel(), minlength=self.bins)


@dataclass(frozen=True, eq=False)
class ScoreCounts:
    """Pairs in each bin of `scale`: genuine and impostor, both (bins,).

    The counts are whole numbers where pairs were counted, and any numbers >= 0 where pairs have
    weights, as in a resample.
    """

    scale: ScoreScale
    genuine: Counts
    impostor: Counts

    @property
    def n_genuine(self) -> float:
        """Number of genuine pairs, or their weight."""
        return float(self.genuine.sum())

    @property
    def n_impostor(self) -> float:
        """Number of impostor pairs, or their weight."""
        return float(self.impostor.sum())

    @cached_property
    def accepted_genuine(self) -> Counts:
        """Genuine pairs accepted at each border of `scale.edges`, (bins + 1,)."""
        return accepted(self.genuine)

    @cached_property
    def accepted_impostor(self) -> Counts:
        """Impostor pairs accepted at each border of `scale.edges`, (bins + 1,)."""
        return accepted(self.impostor)

    @cached_property
    def far(self) -> Float64s:
        """Share of the impostor pairs accepted at each border, (bins + 1,)."""
        return np.asarray(self.accepted_impostor / self.n_impostor)

    @cached_property
    def frr(self) -> Float64s:
        """Share of the genuine pairs rejected at each border, (bins + 1,)."""
        return np.asarray(1.0 - self.accepted_genuine / self.n_genuine)

    @cached_property
    def curve(self) -> RateCurve:
        """FAR and FRR where one of them changes, from the strictest threshold to the laxest.

        The strictest accepts no pair, as the curve of `far_frr_curve` begins.
        """
        filled = np.flatnonzero(np.asarray(self.genuine + self.impostor) > 0)
        kept = np.append(filled, self.scale.bins)[::-1]
        return RateCurve(self.scale.edges[kept], self.far[kept], self.frr[kept])


def accepted(counts: Counts) -> Counts:
    """Pairs at or above each border, (..., bins + 1), of pairs in each bin (..., bins)."""
    above = np.flip(np.cumsum(np.flip(counts, -1), axis=-1), -1)
    return np.concatenate([above, np.zeros((*counts.shape[:-1], 1), counts.dtype)], axis=-1)
