"""Scores of judged pairs, with the rates of a threshold and resamples of their queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_rows, check_whole
from core.data.judged_pairs import JudgedPairs
from core.distances import Float64s, Floats, Metric
from core.errors import ParameterError
from core.metrics.calibration import WeightedScores, weighted_scores
from core.metrics.pair_resamples import Resamples
from core.metrics.pair_scores import score_pairs
from core.metrics.rates import RateCurve, far_frr_curve
from core.metrics.score_counts import BINS, ScoreCounts, ScoreScale

Rows = npt.NDArray[np.int64]
AT_ONCE = 2**14


@dataclass(frozen=True, eq=False)
class JudgedScores:
    """Scores (m,) of judged pairs, whether each is genuine, and its query, the left item.

    Pairs of one query are not independent, so intervals come from resamples of queries.
    """

    metric: Metric
    scores: Float64s
    same: npt.NDArray[np.bool_]
    queries: Rows

    @property
    def genuine(self) -> Float64s:
        """Scores of the pairs that belong together."""
        return self.scores[self.same]

    @property
    def impostor(self) -> Float64s:
        """Scores of the pairs that do not."""
        return self.scores[~self.same]

    @property
    def has_both(self) -> bool:
        """Whether there are pairs of both kinds."""
        return bool(self.same.any() and not self.same.all())

    @property
    def curve(self) -> RateCurve:
        """FAR and FRR at every score; raises ParameterError where one kind is missing."""
        return far_frr_curve(self.genuine, self.impostor)

    @property
    def weighted(self) -> WeightedScores:
        """The scores as `core.metrics.calibration` takes them."""
        return weighted_scores(self.genuine, self.impostor)

    @cached_property
    def scale(self) -> ScoreScale:
        """Fine bins over the range of the scores, which lie within."""
        low, high = float(self.scores.min()), float(self.scores.max())
        margin = max(1e-3 * (high - low), 1e-9 * max(1.0, abs(low), abs(high)))
        return ScoreScale(self.metric, low - margin, high + margin, BINS)

    def counts(self, weights: npt.NDArray[np.int64] | None = None) -> ScoreCounts:
        """The pairs in each bin of `scale`; weights: (m,) how often each pair counts, default 1."""
        of_pairs = np.ones(len(self.scores), np.int64) if weights is None else weights
        bins = self.scale.bins_of(self.scores)
        kinds = [
            np.bincount(bins[kind], weights=of_pairs[kind], minlength=self.scale.bins).astype(
                np.int64
            )
            for kind in (self.same, ~self.same)
        ]
        return ScoreCounts(self.scale, *kinds)

    def resamples(self, count: int = 200, *, seed: int = 0) -> Iterator[npt.NDArray[np.int64]]:
        """How often each pair counts, (m,), in each resample of the queries with replacement.

        A resample without a pair of each kind, of which no rate is defined, is drawn anew. Raises
        ParameterError where one kind is missing.
        """
        count, random = (
            check_count(count, "count"),
            np.random.default_rng(check_whole(seed, "seed", 0)),
        )
        if not self.has_both:
            raise ParameterError("judged pairs must be of both kinds, same and different.")
        _, place = np.unique(self.queries, return_inverse=True)
        size = int(place.max()) + 1
        drawn = 0
        while drawn < count:
            weights = random.multinomial(size, np.full(size, 1 / size))[place]
            if weights[self.same].any() and weights[~self.same].any():
                drawn += 1
                yield np.asarray(weights)


@dataclass(frozen=True, eq=False)
class QueryResamples(Resamples):
    """Judged pairs of `count` resamples of the queries, drawn with `seed`."""

    scores: JudgedScores
    count: int = 200
    seed: int = 0
    over: str = "queries"

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[ScoreCounts]:
        """The pairs of each resample, those of a query as often as it was drawn."""
        for weights in self.scores.resamples(self.count, seed=self.seed):
            yield self.scores.counts(weights)


def score_judged_pairs(
    pairs: JudgedPairs, vectors: Floats, *, metric: Metric = "cosine", queries: Floats | None = None
) -> JudgedScores:
    """The scores of judged pairs of the rows of `vectors` (n, d), in float64.

    queries: (q, d) the left items, where the pairs are `of_queries`; then they must be handed in,
    else a ParameterError is raised.
    """
    rows = check_rows(vectors, "vectors")
    first = rows
    if pairs.of_queries:
        if queries is None:
            raise ParameterError("queries must be given: the first items of these pairs are them.")
        first = check_rows(queries, "queries", rows.shape[1])
    scores = np.empty(pairs.n)
    for start in range(0, pairs.n, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        scores[part] = score_pairs(first[pairs.left[part]], rows[pairs.right[part]], metric)
    return JudgedScores(metric, scores, pairs.same, pairs.left)
