"""Judged pairs as what an operating point is chosen on, in place of classes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.data import EmbeddingSet
from core.data.judged_pairs import JudgedPairs
from core.distances import Metric
from core.metrics import Gap, ScoreCounts, ScoredPairs, score_judged_pairs, separation_gap
from core.metrics.judged_scores import JudgedScores, QueryResamples
from core.studies import Estimate, Estimates, calibrated_estimates, estimates_of
from pages.thresholds import judged
from pages.ui import jobs
from pages.ui.display.text import count
from pages.ui.jobs import Progress
from pages.ui.jobs.cache import cached
from pages.ui.session.workspace import Workspace


@dataclass(frozen=True, eq=False)
class JudgedLab:
    """Items with pairs that were judged, and their scores."""

    embeddings: EmbeddingSet
    metric: Metric
    pairs: JudgedPairs
    scores: JudgedScores

    @property
    def fingerprint(self) -> str:
        """Names the pairs, for the keys of jobs and caches."""
        return f"{self.embeddings.bare.fingerprint} {self.metric} {self.pairs.fingerprint}"

    @cached_property
    def totals(self) -> ScoreCounts:
        """The judged pairs by score."""
        return self.scores.counts()

    @property
    def gap(self) -> Gap:
        """Whether one threshold could separate the judged pairs."""
        smallest, largest = self.scores.genuine.min(), self.scores.impostor.max()
        return separation_gap(self.totals, float(smallest), float(largest))

    @property
    def basis(self) -> str:
        """Which pairs were judged, in words."""
        same = int(self.pairs.same.sum())
        queries = len(np.unique(self.pairs.left))
        return (
            f"The pairs are those of {self.pairs.name}: {same:,} judged the same (genuine) and "
            f"{self.pairs.n - same:,} judged different (impostor), of "
            f"{count(queries, 'first item')}. Intervals by drawing these."
        )

    def wrong(self, score: float, *, accepted: bool) -> ScoredPairs:
        """The pairs that a threshold gets wrong, the most striking first: impostors accepted, or
        genuine ones rejected."""
        scores, same = self.scores.scores, self.pairs.same
        chosen = np.flatnonzero(~same & (scores >= score) if accepted else same & (scores < score))
        order = chosen[np.argsort(-scores[chosen] if accepted else scores[chosen], kind="stable")]
        return ScoredPairs(self.pairs.left[order], self.pairs.right[order], scores[order])


def held(work: Workspace) -> JudgedLab | None:
    """The judged pairs of the session; None without any, or without one of each kind."""
    pairs = judged.held(work)
    if pairs is None or not pairs.same.any() or pairs.same.all():
        return None
    return _lab(work.embeddings, work.params.metric, pairs, work.queries)


def estimated(lab: JudgedLab) -> Estimates | None:
    """The figures with their intervals, as a job."""
    return _estimated.need(lab)


def calibrated(lab: JudgedLab) -> dict[str, Estimate] | None:
    """The figures of a calibration with their intervals, as a job."""
    return _calibrated.need(lab)


@cached
def _lab(
    embeddings: EmbeddingSet, metric: Metric, pairs: JudgedPairs, queries: EmbeddingSet | None
) -> JudgedLab:
    asked = queries.vectors if queries is not None and pairs.of_queries else None
    scores = score_judged_pairs(pairs, embeddings.vectors, metric=metric, queries=asked)
    return JudgedLab(embeddings, metric, pairs, scores)


@jobs.job("Drawing queries for the intervals")
def _estimated(progress: Progress, lab: JudgedLab) -> Estimates:
    return estimates_of(lab.totals, QueryResamples(lab.scores), progress=progress)


@jobs.job("Calibrating judged pairs for the costs")
def _calibrated(progress: Progress, lab: JudgedLab) -> dict[str, Estimate]:
    return calibrated_estimates(lab.totals, QueryResamples(lab.scores), progress=progress)
